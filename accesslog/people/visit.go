package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Session finds the session of a token, as things are now, and counts as its use. The error is [ErrNoSession]; or, for a
// person of whom no authorisation is in force any more, why.
func (r *Register) Session(ctx context.Context, token string) (Session, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Session{}, err
	}
	l, ok := r.sessions.byToken(t, r.o.Now(), r.bounds())
	return r.picture(ctx, l, ok)
}

// Still takes the picture of a session anew, without counting as its use: for what goes on for a while, such as a
// viewing. The errors are those of Session.
func (r *Register) Still(ctx context.Context, s Session) (Session, error) {
	if s.Proof == byToken {
		return r.stillAuthority(ctx, s)
	}
	l, ok := r.sessions.byID(s.ID, r.o.Now(), r.bounds())
	return r.picture(ctx, l, ok)
}

func (r *Register) bounds() bounds { return bounds{r.o.Idle, r.o.Absolute} }

// picture is a session with its person as he is now.
func (r *Register) picture(ctx context.Context, l live, ok bool) (Session, error) {
	if !ok {
		return Session{}, ErrNoSession
	}
	now, err := r.state(ctx)
	if err != nil {
		return Session{}, err
	}
	p := now.persons[l.who.ID]
	if p == nil {
		return Session{}, ErrNoSession
	}
	if err := p.inForce(r.o.Now()); err != nil {
		return Session{}, err
	}
	return Session{ID: l.id, Person: p.Person, Authorisations: slices.Clone(p.auths), Proof: l.proof, Address: l.address, Began: l.began,
		Ends: l.began.Add(r.o.Absolute), Duty: r.duty(p), Reset: l.reset, Entry: l.entry}, nil
}

// duty is what comes first for a person.
func (r *Register) duty(p *account) Duty {
	switch {
	case p.renew:
		return DutyPassword
	case p.second == nil && r.asksSecond(p):
		return DutySecond
	}
	return DutyNone
}

// AsksSecond tells whether a role asks for a second factor.
func (r *Register) AsksSecond(role Role) bool { return r.o.Second(role) }

// asksSecond tells whether any role of a person asks for a second factor.
func (r *Register) asksSecond(p *account) bool {
	return slices.ContainsFunc(p.auths, func(a Authorisation) bool { return a.InForce(r.o.Now()) && r.AsksSecond(a.Role) })
}

// Logout ends a session, and enters it. Where the entry can't be written, [Register.Sweep] writes it later.
func (r *Register) Logout(ctx context.Context, s Session) error {
	r.sessions.endAll(r.o.Now(), func(l *live) string { return when(l.id == s.ID, "asked for") })
	return r.enterEnds(ctx)
}

// Elsewhere is a session that somebody has open at another device.
type Elsewhere struct {
	Address     netip.Addr // of the log-in; the zero value is the console
	Began, Used time.Time
}

// Elsewhere are the other sessions of a session's person, that used last the first.
func (r *Register) Elsewhere(s Session) (list []Elsewhere) {
	now := r.o.Now()
	r.sessions.endAll(now, func(l *live) string { return when(l.who.ID == s.Person.ID, r.bounds().past(l, now)) })
	r.sessions.mu.Lock()
	defer r.sessions.mu.Unlock()
	for _, l := range r.sessions.open {
		if l.who.ID == s.Person.ID && l.id != s.ID {
			list = append(list, Elsewhere{l.address, l.began, l.used})
		}
	}
	slices.SortFunc(list, func(a, b Elsewhere) int { return cmp.Or(b.Used.Compare(a.Used), b.Began.Compare(a.Began)) })
	return list
}

// EndElsewhere ends the other sessions of a session's person, and enters it as Logout does.
func (r *Register) EndElsewhere(ctx context.Context, s Session) error {
	r.endSessions(s.Person.ID, s.ID, "asked for elsewhere", r.o.Now())
	return r.enterEnds(ctx)
}

// Sessions counts those that are open.
func (r *Register) Sessions() int {
	r.sessions.mu.Lock()
	defer r.sessions.mu.Unlock()
	return len(r.sessions.open)
}

// Sweep ends what is over and enters what happened since the last time: sessions that ended, log-ins that failed, wraps of
// persons whose authorisation has expired. Wraps that were taken away it takes from the disk, too. It is to be called once a minute, and before the program stops. It returns
// what failed. Somebody who was asked for the code has a minute to enter it before that is a failure.
func (r *Register) Sweep(ctx context.Context) ([]Failure, error) {
	now := r.o.Now()
	r.sessions.endAll(now, func(l *live) string { return r.bounds().past(l, now) })
	failed, err := r.enterFailures(ctx, func(f Failure) bool { return f.due(now) })
	return failed, errors.Join(err, r.enterEnds(ctx), r.dropOver(ctx), r.clean(ctx))
}

// enterEnds writes the entries of sessions that have ended.
func (r *Register) enterEnds(ctx context.Context) error {
	list := r.sessions.take()
	for i, o := range list {
		actor := o.actor()
		body := proof.Body{Actor: &actor, Result: o.why, Data: map[string]any{"ended": clock(o.at)}}
		if _, err := r.o.Diary.Append(ctx, diary.Entry{Op: opLogout, Ref: &o.entry, Body: body}, nil); err != nil {
			r.sessions.giveBack(list[i:])
			return fmt.Errorf("couldn't enter that a session ended: %w", err)
		}
	}
	return nil
}

// endSessions ends those of a person but for one, when something about the person has changed.
func (r *Register) endSessions(person, but, why string, now time.Time) {
	r.sessions.endAll(now, func(l *live) string { return when(l.who.ID == person && l.id != but, why) })
}

// actor is who has a session.
func (l live) actor() proof.Actor {
	return Session{ID: l.id, Person: l.who, Proof: l.proof, Address: l.address}.Actor()
}

func when(is bool, why string) string {
	if is {
		return why
	}
	return ""
}
