package people

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Attempt is what somebody enters to log in.
type Attempt struct {
	Login    string
	Password string
	Code     string     // of the second factor, or a one-time code; may be missing
	Address  netip.Addr // from which it comes; the zero value is the console
}

// Format prints no secret.
func (Attempt) Format(s fmt.State, _ rune) { io.WriteString(s, "people.Attempt(secret)") }

// The bounds of what is looked at, in bytes.
const (
	maxLoginText    = 128
	maxPasswordText = 4 * MaxPassword
	maxCodeText     = 64
)

// How it is known who somebody is.
const (
	byPassword = "password"
	bySecond   = "password+totp"
	byCode     = "password+one-time code"
	byToken    = "token"
)

// Login lets a person in. There is an entry before there is a session, and one computation of argon2id whether or not
// there is such a person. Errors: [ErrRefused], [ErrCodeMissing], [ErrWait], [ErrBusy]; with the right password that it is
// not in force, see [Session.Find]; and what keeps the entry from being written.
//
// Where the keys are locked and the person has a wrap, they are opened; where they are open and the person should have
// a wrap and has none, it is made. What goes wrong with that is in [Session.Closed].
func (r *Register) Login(ctx context.Context, a Attempt) (Session, error) {
	if len(a.Login) > maxLoginText || len(a.Password) > maxPasswordText || len(a.Code) > maxCodeText {
		return Session{}, ErrRefused
	}
	login, err := ParseLogin(a.Login)
	if err != nil {
		login = strings.ToLower(strings.TrimSpace(a.Login)) // nobody's, and takes as long as anybody's
	}
	try, wait := r.throttle.begin(login, a.Address, r.o.Now())
	if try == nil {
		return Session{}, waitFor(wait)
	}
	session, s, err := r.prove(ctx, login, a)
	if err != nil {
		if !errors.Is(err, ErrRefused) { // a code that was missing, a disk that was full: no guess
			try.undo()
		}
		return Session{}, err
	}
	try.succeeded()
	if session.Duty == DutyNone {
		session.Closed = r.openKeys(ctx, session, s)
	}
	return session, nil
}

// prove tells who it is, and begins the session.
func (r *Register) prove(ctx context.Context, login string, a Attempt) (Session, secrets, error) {
	failed := r.failure(a.Address)
	p, s, f, err := r.verify(ctx, login, a, &failed)
	if err != nil {
		return Session{}, secrets{}, err
	}
	session, err := r.begin(ctx, p, f, a.Address)
	if errors.Is(err, ErrRefused) { // a code that was used before
		failed.WrongCode = 1
		r.failures.add(failed)
	}
	return session, s, err
}

// verify tells who it is.
func (r *Register) verify(ctx context.Context, login string, a Attempt, failed *Failure) (p *account, s secrets, f factor, err error) {
	now, err := r.state(ctx)
	if err != nil {
		return nil, s, f, err
	}
	kept := now.nobody(login, r.o.Cost)
	if p = now.byLogin(login); p != nil {
		kept, *failed = &p.verifier, failed.of(p)
	}
	s, right, err := r.hasher.verify(ctx, a.Password, kept)
	if err != nil {
		return nil, s, f, err
	}
	if !right {
		r.failures.add(*failed)
		return nil, s, f, ErrRefused
	}
	if f, err = p.factor(a.Code, s, r.o.Now()); err != nil {
		switch err {
		case ErrRefused:
			failed.WrongCode = 1
			r.failures.add(*failed)
		case ErrCodeMissing:
			failed.NoCode = 1
			r.failures.add(*failed)
		}
		return nil, s, f, err
	}
	if err := p.inForce(r.o.Now()); err != nil {
		failed.NotInForce = 1
		r.failures.add(*failed)
		return nil, s, f, fmt.Errorf("%w; the clock here says %s", err, clock(r.o.Now()))
	}
	return p, s, f, nil
}

// begin enters the log-in and begins its session. What failed for the person before is entered before.
func (r *Register) begin(ctx context.Context, p *account, f factor, from netip.Addr) (Session, error) {
	r.failures.excuse(p.ID, neighbours(from))
	if _, err := r.enterFailures(ctx, func(f Failure) bool { return f.Person == p.ID }); err != nil {
		return Session{}, err
	}
	token := newToken()
	one := live{id: newID() + newID(), hash: token.hash(), who: p.Person, proof: f.proof, address: from, began: r.o.Now(), used: r.o.Now(), reset: p.reset}
	actor := one.actor()
	receipt, err := r.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opLogin, Body: proof.Body{Actor: &actor}}, func(tx *sql.Tx) error {
		return f.use(ctx, tx, p.ID)
	})
	if err != nil {
		return Session{}, err
	}
	one.entry = receipt.Index
	if err := r.admit(ctx, p, one); err != nil {
		return Session{}, err
	}
	session, err := r.Session(ctx, token.Text())
	session.Token = token
	return session, err
}

// admit takes a session in, unless what was proven was changed while the log-in was entered.
func (r *Register) admit(ctx context.Context, p *account, one live) error {
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	now, err := r.state(ctx)
	if err != nil {
		return err
	}
	if still := now.persons[p.ID]; still == nil || !bytes.Equal(still.verifier.hash, p.verifier.hash) || !bytes.Equal(still.second, p.second) {
		return ErrRefused
	}
	r.sessions.begin(one)
	return nil
}
