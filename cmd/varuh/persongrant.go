package main

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/people"
)

// grant authorises a person.
func (o *office) grant(ctx context.Context, order personOrder) (done personDone, err error) {
	list, err := o.asked(order)
	if err == nil && len(list) == 0 {
		err = errors.New("say what the person is to be: --role ROLE")
	}
	if err != nil {
		return done, err
	}
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) error {
		p, err := personOf(ctx, r, order.Login)
		if err != nil {
			return err
		}
		done.Person = p.Person
		if list, err = withDeputy(ctx, r, list, order.DeputyOf); err != nil {
			return err
		}
		for _, a := range list {
			a.Person = p.ID
			a, err := r.Authorise(ctx, s, a)
			if err != nil {
				return err
			}
			done.granted(a)
		}
		return nil
	})
	return done, err
}

// granted notes authorisations.
func (d *personDone) granted(list ...people.Authorisation) {
	for _, a := range list {
		d.IDs = append(d.IDs, a.ID)
		if a.Paper.IsZero() {
			d.Unsigned = append(d.Unsigned, a.ID)
		}
	}
}

// asked are the authorisations of an order, one for each role.
func (o *office) asked(order personOrder) (list []people.Authorisation, err error) {
	a := people.Authorisation{Outside: order.Outside}
	if a.Cameras, err = o.inScope(order.Cameras); err != nil {
		return nil, err
	}
	for _, t := range []struct {
		flag, text string
		at         *time.Time
	}{{"--from", order.From, &a.From}, {"--to", order.To, &a.To}, {"--paper", order.Paper, &a.Paper}} {
		if *t.at, err = momentOf(o.zone(), t.flag, t.text); err != nil {
			return nil, err
		}
	}
	if a.From.IsZero() {
		a.From = o.boot.Now()
	}
	for _, role := range order.Roles {
		a.Role, a.Back = role, order.Back
		if role != people.Guard && slices.Contains(order.Roles, people.Guard) {
			a.Back = 0 // it is the guard's
		}
		list = append(list, a)
	}
	return list, nil
}

// firstPassword draws a password of 100 random bits.
func firstPassword() string {
	t := strings.ToLower(rand.Text())
	return strings.Join([]string{t[:4], t[4:8], t[8:12], t[12:16], t[16:20]}, "-")
}

// withDeputy says in authorisations for whom a deputy acts, "" for nobody.
func withDeputy(ctx context.Context, r *people.Register, list []people.Authorisation, login string) ([]people.Authorisation, error) {
	if login == "" {
		return list, nil
	}
	of, err := personOf(ctx, r, login)
	for i := range list {
		list[i].DeputyOf = of.ID
	}
	return list, err
}
