package main

import (
	"context"
	"fmt"
)

type personResetCmd struct {
	Login  string `arg:"" help:"Log-in name of the person."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run gives a person another first password.
func (c personResetCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askResetPassword.ask(ctx, cli, term, personOrder{who: c.who, Login: c.Login, Reason: c.Reason})
	return term.told(got, err, fmt.Sprintf("%s has another password, and no second factor any more; at the next log-in it says who did it.", got.Person.Name))
}

type personRemoveCmd struct {
	Login  string `arg:"" help:"Log-in name of the person."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run removes a person.
func (c personRemoveCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askRemovePerson.ask(ctx, cli, term, personOrder{who: c.who, Login: c.Login, Reason: c.Reason})
	return term.told(got, err, "Removed "+got.Person.Name+". What the diary says of the person stays there for its term.")
}

type personPasswordCmd struct{ who }

// Run changes the password of who asks.
func (c personPasswordCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	var got personDone
	o := personOrder{who: c.who}
	err := loggedIn(cli, term, askNewPassword.path, &o, func() (err error) {
		if o.As == "" {
			return errNoName
		}
		if o.Next == "" { // once, though a code was missing
			if o.Next, err = askNew(term, o.As); err != nil {
				return err
			}
		}
		got, err = askNewPassword.carry(ctx, cli, term, o)
		return err
	})
	return term.told(got, err, "The password of "+o.As+" is changed.")
}
