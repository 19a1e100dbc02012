package people

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// ChangePassword gives the person of a session another password. Wraps and second factor go over to it in the same
// transaction, and all other sessions of the person end. What goes wrong with opening the keys is in the session
// returned, which has one duty less.
func (r *Register) ChangePassword(ctx context.Context, s Session, old, next string) (Session, error) {
	s, p, was, err := r.again(ctx, s, old)
	if err != nil {
		return Session{}, err
	}
	if old == next {
		return Session{}, incomplete("the new password is the old one")
	}
	if err := checkPassword(next, p.Person); err != nil {
		return Session{}, err
	}
	v, pw, err := r.hasher.make(ctx, next)
	if err != nil {
		return Session{}, err
	}
	lost, err := r.replacePassword(ctx, s, was, pw, v)
	if err != nil {
		return Session{}, err
	}
	r.endSessions(p.ID, s.ID, "the password was changed", r.o.Now())
	session, err := r.onward(ctx, s, pw)
	if len(lost) > 0 {
		session.Closed = errors.Join(session.Closed, fmt.Errorf("the old password didn't open your wrap of a key (%s): log in while the keys are open, and a new one is made", names(lost)))
	}
	return session, err
}

// again lets the person of a session prove the password once more, which a stolen session can't. The tries count as
// those of a log-in. It returns the session as it is now.
func (r *Register) again(ctx context.Context, s Session, password string) (Session, *account, secrets, error) {
	s, err := r.Still(ctx, s)
	if err != nil {
		return s, nil, secrets{}, err
	}
	if s.Proof == byToken || len(password) > maxPasswordText {
		return s, nil, secrets{}, ErrNotAllowed
	}
	now, err := r.state(ctx)
	if err != nil {
		return s, nil, secrets{}, err
	}
	p, err := now.person(s.Person.ID)
	if err != nil {
		return s, nil, secrets{}, err
	}
	pw, err := r.provePassword(ctx, s, p, password)
	return s, p, pw, err
}

// provePassword is again for a person that is known.
func (r *Register) provePassword(ctx context.Context, s Session, p *account, password string) (secrets, error) {
	try, wait := r.throttle.begin(p.Login, s.Address, r.o.Now())
	if try == nil {
		return secrets{}, waitFor(wait)
	}
	pw, right, err := r.hasher.verify(ctx, password, &p.verifier)
	switch {
	case err != nil:
		try.undo()
		return secrets{}, err
	case !right:
		r.failures.add(r.failure(s.Address).of(p))
		return secrets{}, ErrRefused
	}
	try.succeeded()
	return pw, nil
}

// replacePassword writes the new verifier with all that hangs on the password, and returns of which keys the wrap was
// lost.
func (r *Register) replacePassword(ctx context.Context, s Session, was, pw secrets, v verifier) (lost []Which, err error) {
	end, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	s, p, err := r.stillProven(ctx, s, was)
	if err != nil {
		return nil, err
	}
	second, err := reseal(p, was, pw)
	if err != nil {
		return nil, err
	}
	wraps, lost, err := r.rewrap(p, was.wrap, pw.wrap)
	if err != nil {
		return nil, err
	}
	actor := s.Actor()
	body := proof.Body{Actor: &actor, Data: about(p.Person, map[string]any{"keys": names(keysOf(wraps))})}
	if len(lost) > 0 {
		body.Data["keys_lost"], body.Note = names(lost), "a wrap that the old password didn't open was taken away"
	}
	_, err = r.change(ctx, diary.Entry{Op: opPassword, Ref: &s.Entry, Body: body}, func(tx *sql.Tx, _ int64) error {
		if err := setPassword(ctx, tx, p.ID, v, false, second); err != nil {
			return err
		}
		return newWraps(ctx, tx, p.ID, wraps)
	})
	return lost, err
}

// stillProven is a session and its person as they are by now, if the session goes on and the password is still the one
// that gave the secrets. The caller holds the lock.
func (r *Register) stillProven(ctx context.Context, s Session, pw secrets) (Session, *account, error) {
	s, err := r.Still(ctx, s)
	if err != nil {
		return Session{}, nil, err
	}
	now, err := r.state(ctx)
	if err != nil {
		return Session{}, nil, err
	}
	if p := now.persons[s.Person.ID]; p != nil && subtle.ConstantTimeCompare(p.verifier.hash, pw.verifier[:]) == 1 {
		return s, p, nil
	}
	return Session{}, nil, ErrRefused
}

// reseal encrypts the second factor under the key of a new password.
func reseal(p *account, was, pw secrets) ([]byte, error) {
	if p.second == nil {
		return nil, nil
	}
	secret, err := openSecond(p.second, was.second, p.ID)
	if err != nil {
		return nil, err
	}
	return sealSecond(secret, pw.second, p.ID)
}

// setPassword writes a verifier. Whatever reset there was has been seen to.
func setPassword(ctx context.Context, tx *sql.Tx, person string, v verifier, renew bool, second []byte) error {
	return exec(ctx, tx, `UPDATE persons SET salt = ?, memory = ?, passes = ?, lanes = ?, verifier = ?, renew = ?, second = ?,
		reset = NULL, reset_at = NULL, reset_by = NULL WHERE id = ?`, v.salt, v.Memory, v.Passes, v.Lanes, v.hash, renew, second, person)
}

// onward is a session after a duty was done. With the last one done the keys are opened.
func (r *Register) onward(ctx context.Context, s Session, pw secrets) (Session, error) {
	next, err := r.Still(ctx, s)
	if err != nil {
		return Session{}, err
	}
	if next.Duty == DutyNone {
		next.Closed = r.openKeys(ctx, next, pw)
	}
	return next, r.enterEnds(ctx)
}
