package people

import (
	"context"
	"database/sql"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// EnrolSecond sets up a second factor for the person of a session, in the place of the one there is, once a code shows
// that the authenticator has it. The secret comes from [NewSecond]. The one-time codes are shown this once; those from
// before are worth nothing any more.
func (r *Register) EnrolSecond(ctx context.Context, s Session, password string, secret Second, code string) (codes []string, _ Session, err error) {
	s, p, pw, err := r.again(ctx, s, password)
	if err != nil {
		return nil, Session{}, err
	}
	used, ok := secret.match(code, r.o.Now())
	if !ok {
		return nil, Session{}, fmt.Errorf("%w: the code does not fit; enter the one that the authenticator shows now, and look whether the clocks agree", ErrIncomplete)
	}
	box, err := sealSecond(secret, pw.second, p.ID)
	if err != nil {
		return nil, Session{}, err
	}
	codes = newCodes()
	err = r.putSecond(ctx, s, pw, "set up", box, func(tx *sql.Tx) error {
		for _, c := range codes {
			hash := hashCode(c)
			if err := exec(ctx, tx, `INSERT INTO person_codes (person, hash) VALUES (?, ?)`, p.ID, hash[:]); err != nil {
				return err
			}
		}
		return exec(ctx, tx, `INSERT OR REPLACE INTO person_steps (person, step) VALUES (?, ?)`, p.ID, used)
	})
	if err != nil {
		return nil, Session{}, err
	}
	next, err := r.onward(ctx, s, pw)
	return codes, next, err
}

// DropSecond takes the second factor of the session's person away, unless a role of his asks for one.
func (r *Register) DropSecond(ctx context.Context, s Session, password string) error {
	s, p, pw, err := r.again(ctx, s, password)
	if err != nil {
		return err
	}
	if p.second == nil {
		return incomplete("there is no second factor")
	}
	if r.asksSecond(p) {
		return fmt.Errorf("%w: a role of yours asks for a second factor", ErrNotAllowed)
	}
	return r.putSecond(ctx, s, pw, "taken away", nil, func(*sql.Tx) error { return nil })
}

// putSecond enters and writes a second factor, sealed, or that there is none.
func (r *Register) putSecond(ctx context.Context, s Session, pw secrets, result string, box []byte, also func(*sql.Tx) error) error {
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	s, p, err := r.stillProven(ctx, s, pw)
	if err != nil {
		return err
	}
	actor := s.Actor()
	body := proof.Body{Actor: &actor, Result: result, Data: about(p.Person, nil)}
	_, err = r.change(ctx, diary.Entry{Op: opSecond, Ref: &s.Entry, Body: body}, func(tx *sql.Tx, _ int64) error {
		if err := exec(ctx, tx, `UPDATE persons SET second = ? WHERE id = ?`, box, p.ID); err != nil {
			return err
		}
		if err := dropCodes(ctx, tx, p.ID); err != nil {
			return err
		}
		return also(tx)
	})
	return err
}

// dropCodes forgets the one-time codes of a person, and which were used.
func dropCodes(ctx context.Context, tx *sql.Tx, person string) error {
	for _, table := range []string{"person_codes", "person_used"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE person = ?`, person); err != nil {
			return fmt.Errorf("couldn't take away one-time codes: %w", err)
		}
	}
	return nil
}
