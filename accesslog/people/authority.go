package people

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// AuthorityToken lets a machine of an authority do what its role may, in its scope and its time. It stands for one
// person, who answers for its use.
type AuthorityToken struct {
	ID       string // eight hexadecimal digits
	Name     string // of the authority
	Holder   string // name of the person
	Role     Role   // Auditor or Inspector
	Cameras  []string
	From, To time.Time
	Outside  bool  // also from outside the premises
	Entry    int64 // that issued it

	hash [32]byte
}

// authorisation is what a token stands for. Its paper is the request on which it was issued.
func (t AuthorityToken) authorisation() Authorisation {
	return Authorisation{ID: t.ID, Role: t.Role, Cameras: t.Cameras, From: t.From, To: t.To, Paper: t.From, Outside: t.Outside, Entry: t.Entry}
}

func (t AuthorityToken) check() error {
	switch {
	case blank(t.Name) || blank(t.Holder):
		return incomplete("say which authority the token is for, and who answers for its use")
	case len(t.Name) > 4*maxName || len(t.Holder) > 4*maxName:
		return incomplete("the names have more than %d bytes", 4*maxName)
	case t.Role != Auditor && t.Role != Inspector:
		return incomplete("a token is for an auditor or an inspector")
	case t.To.IsZero() || t.To.After(t.From.AddDate(0, 0, MaxInspection)):
		return incomplete("a token has an end, at most %d days after its beginning", MaxInspection)
	}
	return t.authorisation().check()
}

// Issue issues a token to an authority, and returns the text that is shown this once. Whoever asks needs [Tokens].
func (r *Register) Issue(ctx context.Context, s Session, t AuthorityToken, basis string) (_ AuthorityToken, text string, err error) {
	t.Name, t.Holder = strings.TrimSpace(t.Name), strings.TrimSpace(t.Holder)
	if err := t.check(); err != nil {
		return AuthorityToken{}, "", err
	}
	if err := checkReason(basis); err != nil {
		return AuthorityToken{}, "", err
	}
	by, _, end, err := r.under(ctx, s, Tokens)
	if err != nil {
		return AuthorityToken{}, "", err
	}
	defer end()
	token := newToken()
	t.ID, t.hash, t.Cameras = newID(), token.hash(), slices.Clone(t.Cameras)
	body := proof.Body{Actor: &by, Basis: basis, Recipient: t.Name, Data: t.data()}
	_, err = r.change(ctx, diary.Entry{Op: opIssue, Body: body}, func(tx *sql.Tx, i int64) error {
		t.Entry = i
		return exec(ctx, tx, `INSERT INTO tokens (id, name, holder, hash, role, cameras, "from", "to", outside, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			t.ID, t.Name, t.Holder, t.hash[:], t.Role, column(t.Cameras), t.From.UnixNano(), t.To.UnixNano(), t.Outside, i)
	})
	return t, tokenPrefix + token.Text(), err
}

// data is a token for an entry.
func (t AuthorityToken) data() map[string]any {
	m := t.authorisation().data()
	delete(m, "authorisation")
	delete(m, "paper")
	m["token"], m["holder"] = t.ID, t.Holder
	return m
}

// EndToken ends a token now. Whoever asks needs [Tokens].
func (r *Register) EndToken(ctx context.Context, s Session, id, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	by, now, end, err := r.under(ctx, s, Tokens)
	if err != nil {
		return err
	}
	defer end()
	t, ok := now.token(func(t AuthorityToken) bool { return t.ID == id })
	if !ok {
		return fmt.Errorf("%w: token %s", ErrUnknown, id)
	}
	body := proof.Body{Actor: &by, Note: reason, Recipient: t.Name, Data: t.data()}
	_, err = r.change(ctx, diary.Entry{Op: opTokenEnd, Ref: &t.Entry, Body: body}, func(tx *sql.Tx, _ int64) error {
		return exec(ctx, tx, `DELETE FROM tokens WHERE id = ?`, id)
	})
	return err
}

// Tokens are those that were issued and not ended, the expired ones included, by their entries.
func (r *Register) Tokens(ctx context.Context) ([]AuthorityToken, error) {
	now, err := r.state(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(now.tokens), nil
}

// Bearer is the session of a token's text, for one request from an address. It opens no keys: what is locked stays so.
func (r *Register) Bearer(ctx context.Context, text string, from netip.Addr) (Session, error) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	token, err := ParseToken(rest)
	if err != nil || !ok {
		return Session{}, ErrNoSession
	}
	hash := token.hash()
	return r.authority(ctx, func(t AuthorityToken) bool { return subtle.ConstantTimeCompare(t.hash[:], hash[:]) == 1 }, from)
}

// stillAuthority is [Register.Still] for the session of a token.
func (r *Register) stillAuthority(ctx context.Context, s Session) (Session, error) {
	return r.authority(ctx, func(t AuthorityToken) bool { return sessionOf(t) == s.ID }, s.Address)
}

// authority is the session of the token that is asked for.
func (r *Register) authority(ctx context.Context, is func(AuthorityToken) bool, from netip.Addr) (Session, error) {
	now, err := r.state(ctx)
	if err != nil {
		return Session{}, err
	}
	t, ok := now.token(is)
	if !ok {
		return Session{}, ErrNoSession
	}
	a := t.authorisation()
	if err := a.standing(r.o.Now()); err != nil {
		return Session{}, err
	}
	return Session{ID: sessionOf(t), Person: Person{ID: sessionOf(t), Name: t.Holder + " (" + t.Name + ")", Language: "sl"}, Authorisations: []Authorisation{a},
		Proof: byToken, Address: from, Began: t.From, Ends: t.To, Entry: t.Entry}, nil
}

// sessionOf names the session of a token, and its person. No session or person of another kind has such a name.
func sessionOf(t AuthorityToken) string { return "token-" + t.ID }

// token finds one.
func (s *state) token(is func(AuthorityToken) bool) (AuthorityToken, bool) {
	i := slices.IndexFunc(s.tokens, is)
	if i < 0 {
		return AuthorityToken{}, false
	}
	return s.tokens[i], true
}

func (s *state) loadTokens(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		var t AuthorityToken
		var hash []byte
		var cameras sql.NullString
		var from, to int64
		err := rows.Scan(&t.ID, &t.Name, &t.Holder, &hash, &t.Role, &cameras, &from, &to, &t.Outside, &t.Entry)
		if err != nil {
			return err
		}
		if len(hash) != 32 {
			return fmt.Errorf("token %s has no hash", t.ID)
		}
		t.Cameras, t.From, t.To, t.hash = scope(cameras), moment(from), moment(to), [32]byte(hash)
		s.tokens = append(s.tokens, t)
		return nil
	}, `SELECT id, name, holder, hash, role, cameras, "from", "to", outside, entry FROM tokens ORDER BY entry`)
}
