package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"varuh/accesslog/people"
	"varuh/configs"
)

// secondOrder sets up the second factor of who asks.
type secondOrder struct {
	who
	URI   string // with the secret, as the authenticator has it; "": the second factor goes
	Shown string // code that the authenticator shows
}

// Format prints no secret.
func (o secondOrder) Format(f fmt.State, _ rune) { fmt.Fprint(f, o.As) }

// secondDone are the one-time codes, shown this once.
type secondDone struct{ Codes []string }

var askSecond = consulting[secondOrder, secondDone]{"/person/second", "person.second", (*office).secondFactor}

// secondFactor sets it up or takes it away, as the person of the session asks.
func (o *office) secondFactor(ctx context.Context, order secondOrder) (done secondDone, err error) {
	r, err := o.persons(ctx)
	if err != nil {
		return done, err
	}
	if order.session.ID == "" {
		return done, errors.New("nobody is here yet who could have one: varuh person first")
	}
	if order.URI == "" {
		return done, r.DropSecond(ctx, order.session, order.Password)
	}
	secret, err := people.ParseURI(order.URI)
	if err != nil {
		return done, err
	}
	done.Codes, _, err = r.EnrolSecond(ctx, order.session, order.Password, secret, order.Shown)
	return done, err
}

type personSecondCmd struct {
	who
	Drop bool `help:"Take it away, unless a role of yours asks for one."`
}

// Run sets the second factor up.
func (c personSecondCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := secondOrder{who: c.who}
	if c.As == "" {
		return errNoName // before anybody gives a secret without an owner to a phone
	}
	if !c.Drop {
		cfg, err := configs.Load(cli.dir())
		if err != nil {
			return err
		}
		o.URI = people.NewSecond().URI(issuer(cfg), c.As)
		if _, err := fmt.Fprintf(term.out, "Give this to the authenticator on your phone, by hand or as a QR code of your own; it is shown this once:\n\n  %s\n\n", o.URI); err != nil {
			return err
		}
		if o.Shown, err = askCode(term, c.As); err != nil {
			return err
		}
	}
	got, err := askSecond.ask(ctx, cli, term, o)
	if err != nil {
		return err
	}
	if c.Drop {
		_, err = fmt.Fprintln(term.out, "Your second factor is taken away.")
		return err
	}
	_, err = fmt.Fprintf(term.out, "From now on you log in with a code, too. Each of these one-time codes does once in its place; keep them apart from the phone:\n\n  %s\n", strings.Join(got.Codes, "\n  "))
	return err
}
