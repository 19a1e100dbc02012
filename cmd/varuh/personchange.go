package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"varuh/accesslog/notice"
	"varuh/accesslog/people"
)

// personOf finds a person by the log-in name.
func personOf(ctx context.Context, r *people.Register, login string) (none people.Record, err error) {
	name, err := people.ParseLogin(login)
	if err != nil {
		return none, err
	}
	list, err := r.Persons(ctx)
	if err != nil {
		return none, err
	}
	for _, p := range list {
		if p.Login == name {
			return p, nil
		}
	}
	return none, fmt.Errorf("nobody has the log-in name %q; varuh person list shows all", name)
}

func (o *office) signed(ctx context.Context, order personOrder) (done personDone, err error) {
	day, err := momentOf(o.zone(), "--paper", order.Paper)
	if err != nil {
		return done, err
	}
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) error { return r.Sign(ctx, s, order.ID, day) })
	return done, err
}

func (o *office) endGrant(ctx context.Context, order personOrder) (done personDone, err error) {
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) error { return r.End(ctx, s, order.ID, order.Reason) })
	return done, err
}

func (o *office) removePerson(ctx context.Context, order personOrder) (done personDone, err error) {
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) error {
		p, err := personOf(ctx, r, order.Login)
		if err != nil {
			return err
		}
		done.Person = p.Person
		return r.Remove(ctx, s, p.ID, order.Reason)
	})
	return done, err
}

func (o *office) resetPassword(ctx context.Context, order personOrder) (done personDone, err error) {
	next := firstPassword()
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) error {
		p, err := personOf(ctx, r, order.Login)
		if err != nil {
			return err
		}
		if err := r.ResetPassword(ctx, s, p.ID, next, order.Reason); err != nil {
			return err
		}
		done.Person, done.Password = p.Person, next
		return nil
	})
	return done, err
}

func (o *office) newPassword(ctx context.Context, order personOrder) (done personDone, err error) {
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) error {
		done.Person = s.Person
		_, err := r.ChangePassword(ctx, s, order.Password, order.Next)
		return err
	})
	return done, err
}

// paper is what a person signs before an authorisation is in force.
func (o *office) paper(ctx context.Context, order personOrder) ([]byte, error) {
	r, err := o.persons(ctx)
	if err != nil {
		return nil, err
	}
	all, err := r.Persons(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range all {
		names[p.ID] = p.Name
	}
	for _, p := range all {
		for _, a := range p.Authorisations {
			if a.ID != order.ID {
				continue
			}
			controller, err := o.controller(ctx)
			if err != nil {
				return nil, err
			}
			var page bytes.Buffer
			err = people.Paper{Controller: controller, Person: p.Person, Authorisation: a, DeputyOf: names[a.DeputyOf], Language: p.Language, Zone: o.zone()}.Write(&page)
			return page.Bytes(), err
		}
	}
	return nil, fmt.Errorf("%w: %q; varuh person list shows the authorisations", people.ErrUnknown, order.ID)
}

// controller is who is responsible, as a notice in force says, "" where none does.
func (o *office) controller(ctx context.Context) (string, error) {
	r, err := o.notices()
	if err != nil {
		return "", err
	}
	known, err := o.known()
	if err != nil {
		return "", err
	}
	for _, camera := range known {
		n, ok, err := r.At(ctx, camera, r.Now())
		if err != nil || ok {
			return lines(n.Controller), err
		}
	}
	return "", nil
}

// lines are name and address, one below the other.
func lines(p notice.Party) string { return strings.TrimSpace(p.Name + "\n" + p.Address) }
