package people

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// First is the first person, an administrator. Nobody is there to grant that, so it is said on the console, and the
// entry tells it.
type First struct {
	Person   Person
	Password string
	Roles    []Role    // Administrator among them; in a school of three, the head's
	Paper    time.Time // beginning of the day on which the paper was signed
	Keys     Sealer    // what the recovery key opened for the person; nil: what is in memory is wrapped, if anything is
}

// Format prints no secret.
func (First) Format(s fmt.State, _ rune) { io.WriteString(s, "people.First(secret)") }

// Check refuses what can be no first person, whoever is there already. What depends on the day of the paper is not looked at.
func (f First) Check() error {
	p, err := f.Person.checked()
	if err == nil {
		err = checkPassword(f.Password, p)
	}
	if err == nil {
		_, err = f.authorisations()
	}
	return err
}

// linkLasts is how long the link for the first person can be used.
const linkLasts = time.Hour

// First adds the first person, whose name is claimed on the console. [ErrNotFirst] refuses a second one.
func (r *Register) First(ctx context.Context, f First) (Person, error) {
	end, err := r.lock(ctx)
	if err != nil {
		return Person{}, err
	}
	defer end()
	return r.first(ctx, f, "claimed on the console")
}

// first adds the first person. The caller holds the lock.
func (r *Register) first(ctx context.Context, f First, how string) (Person, error) {
	p, err := f.Person.checked()
	if err != nil {
		return Person{}, err
	}
	if err := checkPassword(f.Password, p); err != nil {
		return Person{}, err
	}
	now, err := r.state(ctx)
	if err != nil {
		return Person{}, err
	}
	if len(now.persons) > 0 {
		return Person{}, ErrNotFirst
	}
	list, err := f.authorisations()
	if err != nil {
		return Person{}, err
	}
	keys := f.Keys
	if keys == nil {
		keys = r.o.Keys
	}
	return r.add(ctx, now, proof.Actor{Name: p.Name, Proof: how}, p, f.Password, list, false, keys, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM person_link`)
		return err
	})
}

// authorisations are those of the first person, without end, for all cameras. They begin with the day on the paper, which
// a person has read from a calendar: a clock that is ahead at the first start must not lock out the only administrator once it
// is right.
func (f First) authorisations() (list []Authorisation, err error) {
	switch {
	case !slices.Contains(f.Roles, Administrator):
		return nil, incomplete("the first person is an administrator")
	case f.Paper.IsZero():
		return nil, incomplete("say on what day the first person signed the authorisation and the statement of confidentiality")
	}
	for _, role := range Roles {
		if slices.Contains(f.Roles, role) {
			list = append(list, Authorisation{Role: role, From: f.Paper, Paper: f.Paper})
		}
	}
	if len(list) != len(f.Roles) {
		return nil, incomplete("name each role once")
	}
	return list, nil
}

// Link makes the link by which the first person comes in, in the place of an earlier one. It is for the console alone,
// can be used once, and not after the time returned.
func (r *Register) Link(ctx context.Context) (Token, time.Time, error) {
	end, err := r.lock(ctx)
	if err != nil {
		return Token{}, time.Time{}, err
	}
	defer end()
	now, err := r.state(ctx)
	if err != nil {
		return Token{}, time.Time{}, err
	}
	if len(now.persons) > 0 {
		return Token{}, time.Time{}, ErrNotFirst
	}
	token, expires := newToken(), r.o.Now().Add(linkLasts)
	hash := token.hash()
	body := proof.Body{Data: map[string]any{"expires": clock(expires)}}
	_, err = r.change(ctx, diary.Entry{Op: opLink, Body: body}, func(tx *sql.Tx, i int64) error {
		return exec(ctx, tx, `INSERT OR REPLACE INTO person_link (one, hash, expires, entry) VALUES (1, ?, ?, ?)`, hash[:], expires.UnixNano(), i)
	})
	return token, expires, err
}

// Redeem is [Register.First] for whoever has the link's token.
func (r *Register) Redeem(ctx context.Context, token string, f First) (Person, error) {
	end, err := r.lock(ctx)
	if err != nil {
		return Person{}, err
	}
	defer end()
	now, err := r.state(ctx)
	if err != nil {
		return Person{}, err
	}
	t, err := ParseToken(token)
	if err != nil || now.link == nil || !now.link.fits(t, r.o.Now()) {
		return Person{}, ErrLink
	}
	return r.first(ctx, f, fmt.Sprintf("link of entry %d", now.link.entry))
}

// fits tells whether a token is the link's. A clock that was put back makes it last no longer.
func (l link) fits(t Token, now time.Time) bool {
	hash := t.hash()
	return subtle.ConstantTimeCompare(hash[:], l.hash[:]) == 1 && now.Before(l.expires) && !now.Before(l.expires.Add(-2*linkLasts))
}

func (s *state) loadLink(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		var hash []byte
		var expires, entry int64
		if err := rows.Scan(&hash, &expires, &entry); err != nil {
			return err
		}
		h, err := hashOf(hash)
		s.link = &link{h, moment(expires), entry}
		return err
	}, `SELECT hash, expires, entry FROM person_link`)
}
