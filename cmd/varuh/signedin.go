package main

import (
	"context"
	"errors"
	"fmt"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// signed is a person who has logged in on the console for one thing. close ends the session.
type signed struct {
	Session people.Session
	Actor   proof.Actor // with the authorisation by which it is done
	people  *people.Register
}

// signedIn logs a person in for something that takes a role; an empty action takes none, and camera is one that must be in
// scope, if any. Where "unlock: login" is configured, that opens the keys that the person can open: those of the daemon,
// or of this process alone. The error says what to do; then nobody is logged in. The caller closes what is returned.
func (o *office) signedIn(ctx context.Context, in signIn, a people.Action, camera string) (*signed, error) {
	return o.signedFor(ctx, in, need{action: a}, camera)
}

// signedFor is signedIn for what an order takes.
func (o *office) signedFor(ctx context.Context, in signIn, n need, camera string) (_ *signed, err error) {
	r, err := o.persons(ctx)
	if err != nil {
		return nil, err
	}
	s, err := r.Login(ctx, people.Attempt{Login: in.As, Password: in.Password, Code: in.Code})
	if errors.Is(err, people.ErrCodeMissing) {
		err = fmt.Errorf("%w: --code CODE", err)
	}
	if err != nil {
		return nil, dutiful(err, in.As)
	}
	who := &signed{Session: s, Actor: s.Actor(), people: r}
	if n.action == "" {
		return who, nil
	}
	as := s
	if n.due {
		as.Duty = people.DutyNone
	}
	by, err := as.May(n.action, camera, o.boot.Now())
	if err != nil {
		return nil, errors.Join(dutiful(err, s.Person.Login), who.close(ctx))
	}
	who.Actor = s.As(by)
	return who, nil
}

// close logs out. A caller who leaves does not keep that from being entered.
func (s *signed) close(ctx context.Context) error {
	return s.people.Logout(context.WithoutCancel(ctx), s.Session)
}

// dutiful says how to do what comes first for a person.
func dutiful(err error, login string) error {
	switch {
	case errors.Is(err, people.ErrPasswordFirst):
		return fmt.Errorf("%w: varuh person password --as %s", err, login)
	case errors.Is(err, people.ErrSecondFirst):
		return fmt.Errorf("%w: varuh person second --as %s", err, login)
	case errors.Is(err, people.ErrUnsigned):
		return fmt.Errorf("%w; once it is signed, whoever may authorise enters that day: varuh person sign ID --paper DAY (the ID is in varuh person list)", err)
	case errors.Is(err, people.ErrNotYet):
		return fmt.Errorf("%w; varuh person list says from when it is", err)
	}
	return err
}
