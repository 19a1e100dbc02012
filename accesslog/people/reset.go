package people

import (
	"context"
	"database/sql"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// ResetPassword gives another person a new password, which he must change at the next log-in, where he is told who did
// it. Second factor, one-time codes, wraps and sessions go; wraps are made anew of what is open. Whoever asks needs
// [Persons], and nobody does it for himself: see [Register.ChangePassword].
func (r *Register) ResetPassword(ctx context.Context, s Session, person, password, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	by, now, end, err := r.under(ctx, s, Persons)
	if err != nil {
		return err
	}
	defer end()
	p, err := now.person(person)
	if err != nil {
		return err
	}
	if p.ID == by.ID {
		return ErrSelf
	}
	if err := checkPassword(password, p.Person); err != nil {
		return err
	}
	v, pw, err := r.hasher.make(ctx, password)
	if err != nil {
		return err
	}
	wraps, err := r.seal(p, pw.wrap, func(Which) bool { return true })
	if err != nil {
		return err
	}
	body := proof.Body{Actor: &by, Note: reason, Data: about(p.Person, map[string]any{"keys": names(keysOf(wraps))})}
	_, err = r.change(ctx, diary.Entry{Op: opReset, Body: body}, func(tx *sql.Tx, i int64) error {
		if err := r.forget(ctx, tx, p.ID, v, true); err != nil {
			return err
		}
		if err := newWraps(ctx, tx, p.ID, wraps); err != nil {
			return err
		}
		if err := r.made(ctx, tx, p.ID, by, i); err != nil {
			return err
		}
		return exec(ctx, tx, `UPDATE persons SET reset = ?, reset_at = ?, reset_by = ? WHERE id = ?`, i, r.o.Now().UnixNano(), by.Name, p.ID)
	})
	if err != nil {
		return err
	}
	r.endSessions(p.ID, "", "the password was reset", r.o.Now())
	return r.enterEnds(ctx)
}

// forget sets a password and takes the second factor and its codes away.
func (r *Register) forget(ctx context.Context, tx *sql.Tx, person string, v verifier, renew bool) error {
	if err := setPassword(ctx, tx, person, v, renew, nil); err != nil {
		return err
	}
	return dropCodes(ctx, tx, person)
}
