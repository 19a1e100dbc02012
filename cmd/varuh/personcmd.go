package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/people"
)

// askNew asks twice for the password that a person chooses.
func askNew(term terminal, login string) (string, error) {
	one, err := askPassword(term, login+", a new one")
	if err != nil {
		return "", err
	}
	two, err := askPassword(term, login+", once more")
	if err == nil && one != two {
		err = errors.New("the two differ, so nothing was changed")
	}
	return one, err
}

// scope is what a person is to be, for what and for how long.
type scope struct {
	Role     []people.Role `help:"administrator, approver, caretaker, auditor, maintainer, guard or inspector; may be given more than once. varuh person sets shows who is what." placeholder:"ROLE"`
	Camera   []string      `help:"Id of a camera in scope; may be given more than once. Default: all, those to come included." placeholder:"ID"`
	From     string        `help:"From when. Default: now." placeholder:"TIME"`
	To       string        `help:"Until when. Default: without end." placeholder:"TIME"`
	Paper    string        `help:"Day on which the person signed it and the statement of confidentiality. Without it the authorisation waits: varuh person sign." placeholder:"DAY"`
	Outside  bool          `help:"Also from outside the premises."`
	Back     time.Duration `help:"How far back a guard sees, such as 15m." placeholder:"TIME"`
	DeputyOf string        `help:"Log-in name of the approver for whom a deputy acts." placeholder:"LOGIN"`
}

func (s scope) order(by who, login string) personOrder {
	return personOrder{who: by, Login: login, Roles: s.Role, Cameras: s.Camera, From: s.From, To: s.To, Paper: s.Paper, Outside: s.Outside,
		Back: s.Back, DeputyOf: s.DeputyOf}
}

type personAddCmd struct {
	Login    string `arg:"" help:"Name to log in with: 2 to 32 of a-z, 0-9, dot, dash and underscore."`
	Name     string `help:"Name of the person." required:"" placeholder:"NAME"`
	Language string `help:"sl or en." enum:"sl,en" default:"sl"`
	scope
	who
}

// Run adds a person.
func (c personAddCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := c.order(c.who, c.Login)
	o.Name, o.Language = c.Name, c.Language
	got, err := askAddPerson.ask(ctx, cli, term, o)
	return term.told(got, err, "Added "+got.Person.Name+".")
}

type personGrantCmd struct {
	Login string `arg:"" help:"Log-in name of the person."`
	scope
	who
}

// Run authorises a person.
func (c personGrantCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askGrant.ask(ctx, cli, term, c.order(c.who, c.Login))
	return term.told(got, err, "Authorised "+got.Person.Name+".")
}

type personSignCmd struct {
	ID    string `arg:"" help:"The authorisation, as varuh person list shows it."`
	Paper string `help:"Day on which the person signed it." required:"" placeholder:"DAY"`
	who
}

// Run says on what day an authorisation was signed.
func (c personSignCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askSigned.ask(ctx, cli, term, personOrder{who: c.who, ID: c.ID, Paper: c.Paper})
	return term.told(got, err, "Authorisation "+c.ID+" is signed.")
}

type personEndCmd struct {
	ID     string `arg:"" help:"The authorisation, as varuh person list shows it."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run ends an authorisation.
func (c personEndCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askEndGrant.ask(ctx, cli, term, personOrder{who: c.who, ID: c.ID, Reason: c.Reason})
	return term.told(got, err, "Authorisation "+c.ID+" ended.")
}

type personPaperCmd struct {
	ID  string `arg:"" help:"The authorisation, as varuh person list shows it."`
	Out string `arg:"" help:"File to write (HTML, A4)." type:"path"`
	who
}

// Run writes the page that a person signs.
func (c personPaperCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := isFree(c.Out); err != nil {
		return err
	}
	page, err := askPaper.ask(ctx, cli, term, personOrder{who: c.who, ID: c.ID})
	if err != nil {
		return err
	}
	if err := writeWhole(c.Out, func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Wrote %s. Once it is signed: varuh person sign %s --paper DAY\n", c.Out, c.ID)
	return err
}
