package main

import (
	"context"
	"fmt"
)

type personResetCmd struct {
	Login  string `arg:"" help:"Log-in name of the person."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	signIn
}

// Run gives a person another first password.
func (c personResetCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := c.prove(term); err != nil {
		return err
	}
	got, err := askResetPassword.ask(ctx, cli, term, personOrder{signIn: c.signIn, Login: c.Login, Reason: c.Reason})
	return term.told(got, err, fmt.Sprintf("%s has another password, and no second factor any more; at the next log-in it says who did it.", got.Person.Name))
}

type personRemoveCmd struct {
	Login  string `arg:"" help:"Log-in name of the person."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	signIn
}

// Run removes a person.
func (c personRemoveCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := c.prove(term); err != nil {
		return err
	}
	got, err := askRemovePerson.ask(ctx, cli, term, personOrder{signIn: c.signIn, Login: c.Login, Reason: c.Reason})
	return term.told(got, err, "Removed "+got.Person.Name+". What the diary says of the person stays there for its term.")
}

type personPasswordCmd struct{ signIn }

// Run changes the password of who asks.
func (c personPasswordCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := c.prove(term); err != nil {
		return err
	}
	next, err := askNew(term, c.As)
	if err != nil {
		return err
	}
	got, err := askNewPassword.ask(ctx, cli, term, personOrder{signIn: c.signIn, Next: next})
	return term.told(got, err, "The password of "+c.As+" is changed.")
}
