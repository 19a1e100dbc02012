package people

import (
	"context"
	"database/sql"
	"fmt"
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
	Role     Role   // one of TokenRoles
	Cameras  []string
	From, To time.Time
	Outside  bool  // also from outside the premises
	Entry    int64 // that issued it

	hash    [32]byte
	present *present
}

// authorisation is what a token stands for. Its paper is the request on which it was issued.
func (t AuthorityToken) authorisation() Authorisation {
	return Authorisation{ID: t.ID, Role: t.Role, Cameras: t.Cameras, From: t.From, To: t.To, Paper: t.From, Outside: t.Outside, Entry: t.Entry, present: t.present}
}

func (t AuthorityToken) check() error {
	switch {
	case blank(t.Name) || blank(t.Holder):
		return incomplete("say which authority the token is for, and who answers for its use")
	case len(t.Name) > 4*maxName || len(t.Holder) > 4*maxName:
		return incomplete("the names have more than %d bytes", 4*maxName)
	case !slices.Contains(TokenRoles, t.Role):
		return incomplete("a token is for an auditor, an inspector or an applicant")
	case t.To.IsZero() || t.To.After(t.From.AddDate(0, 0, MaxInspection)):
		return incomplete("a token has an end, at most %d days after its beginning", MaxInspection)
	}
	return t.authorisation().checkTerms()
}

// Issue issues a token to an authority, and returns the text that is shown this once. Whoever asks needs [Tokens], by an
// authorisation that reaches as far.
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
	if by, err = r.reaching(ctx, s, Tokens, func(own Authorisation) error { return own.grants(t.authorisation()) }); err != nil {
		return AuthorityToken{}, "", err
	}
	token := newToken()
	t.ID, t.hash, t.Cameras = newID(), token.hash(), slices.Clone(t.Cameras)
	body := proof.Body{Actor: &by, Basis: basis, Recipient: t.Name, Data: t.data()}
	_, err = r.change(ctx, diary.Entry{Op: opIssue, Body: body}, func(tx *sql.Tx, i int64) error {
		t.Entry = i
		if err := r.made(ctx, tx, sessionOf(t), by, i); err != nil {
			return err
		}
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
		t := AuthorityToken{present: s.present}
		var hash []byte
		var cameras sql.NullString
		var from, to int64
		err := rows.Scan(&t.ID, &t.Name, &t.Holder, &hash, &t.Role, &cameras, &from, &to, &t.Outside, &t.Entry)
		if err != nil {
			return err
		}
		t.Cameras, t.From, t.To = scope(cameras), moment(from), moment(to)
		t.hash, err = hashOf(hash)
		s.tokens = append(s.tokens, t)
		return err
	}, `SELECT id, name, holder, hash, role, cameras, "from", "to", outside, entry FROM tokens ORDER BY entry`)
}
