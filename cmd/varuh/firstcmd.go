package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/people"
	"varuh/configs"
)

// linkDone is the one-time link by which the first person comes in.
type linkDone struct {
	URL  string
	Till time.Time
	Open bool // the keys are in memory, for whoever comes in by it
}

var (
	askFirst = consulting[personOrder, personDone]{"/person/first", "person.add", (*office).firstPerson}
	askLink  = consulting[personOrder, linkDone]{"/person/link", "person.link", (*office).firstLink}
)

// firstPerson adds the first one, who is an administrator by what is said on the console. With what the recovery words opened
// that one gets the keys; their use is entered before.
func (o *office) firstPerson(ctx context.Context, order personOrder) (done personDone, err error) {
	f := people.First{Person: people.Person{Login: order.Login, Name: order.Name, Language: order.Language}, Password: order.Next, Roles: order.Roles}
	if f.Paper, err = momentOf(o.zone(), "--paper", order.Paper); err != nil {
		return done, err
	}
	err = o.asFirst(ctx, order.Reading, order.Name, f.Check, func(r *people.Register, keys readingKeys) (err error) {
		if keys != nil {
			f.Keys = o.own(keys)
		}
		done.Person, err = r.First(ctx, f)
		return err
	})
	return done, err
}

// firstLink makes the link for the first person. With what the recovery words opened the keys are in memory, until nobody
// has used them for a while, so that whoever comes in by it gets them.
func (o *office) firstLink(ctx context.Context, order personOrder) (done linkDone, err error) {
	base := ""
	if o.address != nil {
		base = o.address()
	}
	if base == "" {
		return done, errors.New("no pages are served to which a link could lead: set https: in varuh.yml and start varuh, or name the person here")
	}
	err = o.asFirst(ctx, order.Reading, order.Name, func() error { return nil }, func(r *people.Register, keys readingKeys) error {
		token, till, err := r.Link(ctx)
		if err != nil {
			return err
		}
		o.take(keys)
		done = linkDone{URL: base + "/first#" + token.Text(), Till: till, Open: len(o.locked()) == 0}
		return nil
	})
	return done, err
}

// asFirst does something while nobody is there yet, with the keys that the envelope opened, if any. by is who says so.
func (o *office) asFirst(ctx context.Context, reading readingSecrets, by string, check func() error, do func(*people.Register, readingKeys) error) error {
	r, err := o.persons(ctx)
	if err != nil {
		return err
	}
	list, err := r.Persons(ctx)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return people.ErrNotFirst
	}
	if err := check(); err != nil {
		return err
	}
	if reading == nil {
		return do(r, nil)
	}
	keys, err := reading.keys(o.inUse)
	if err != nil {
		return err
	}
	if by, err = said("--name", by); err != nil {
		return err
	}
	use := people.Recovery{By: by, Reason: "the first person gets the keys"}
	return o.recoverWith(ctx, keys, use, func(r *people.Register) error { return do(r, keys) })
}

type personFirstCmd struct {
	Login    string        `arg:"" optional:"" help:"Name to log in with: 2 to 32 of a-z, 0-9, dot, dash and underscore."`
	Name     string        `help:"Name of the person." placeholder:"NAME"`
	Language string        `help:"sl or en." enum:"sl,en" default:"sl"`
	Role     []people.Role `help:"Roles, administrator among them. Default: those of a head in a school of three." default:"administrator,approver,caretaker" placeholder:"ROLE"`
	Paper    string        `help:"Day on which the person signed the authorisation and the statement of confidentiality." placeholder:"DAY"`
	Link     bool          `help:"Print a link to the pages instead, by which the person enters all that; it is good once, and for an hour."`
}

// Run adds the first person, who chooses the password at once; or prints a link.
func (c personFirstCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if c.Name == "" || !c.Link && (c.Login == "" || c.Paper == "") {
		return errors.New("the first person takes LOGIN, --name NAME and --paper DAY; a link takes --name NAME alone")
	}
	cfg, err := configs.Load(cli.dir())
	if err != nil {
		return err
	}
	o := personOrder{Login: c.Login, Name: c.Name, Language: c.Language, Roles: c.Role, Paper: c.Paper}
	if !c.Link {
		if o.Next, err = askNew(term, c.Login); err != nil {
			return err
		}
	}
	if cfg.Unlock == configs.UnlockLogin {
		if o.Reading, err = givenKeys(cfg, c.Name, term); err != nil {
			return err
		}
	}
	if c.Link {
		return c.link(ctx, cli, o, term)
	}
	got, err := askFirst.ask(ctx, cli, term, o)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s is the first person here, and adds the others: varuh person add --as %s\n", got.Person.Name, got.Person.Login)
	if cfg.Unlock == configs.UnlockLogin && o.Reading == nil {
		text += paragraph("! NOBODY can open footage or diary by logging in yet. Once varuh runs and all are there who may look: varuh unlock --envelope; each gets the keys at the next log-in.")
	}
	_, err = fmt.Fprint(term.out, text)
	return err
}

// givenKeys asks for the recovery words, by which the first person gets the keys; nil without them.
func givenKeys(cfg *configs.Config, name string, term terminal) (readingSecrets, error) {
	if _, err := fmt.Fprint(term.out, paragraph(fmt.Sprintf("The recovery words give %s the keys of footage and diary. Type the 17 words, then an empty line; "+
		"an empty line alone goes on without them, and then only the words open anything:", name))); err != nil {
		return nil, err
	}
	k, given, err := typedWords(term)
	if err != nil || !given {
		return nil, err
	}
	keys, err := (&site{cfg: cfg}).unseal(k)
	return keys.secrets(), err
}

// link prints the link.
func (c personFirstCmd) link(ctx context.Context, cli *cli, o personOrder, term terminal) error {
	got, err := askLink.running(ctx, cli, term, o)
	if err != nil {
		return err
	}
	text := "It is good once, until " + stamp(got.Till) + "; a new one takes its place."
	if !got.Open {
		text += " The keys are locked, so that whoever comes in by it opens nothing until they are open (varuh unlock --envelope)."
	}
	_, err = fmt.Fprintf(term.out, "\n  %s\n\n%s", got.URL, paragraph(text))
	return err
}
