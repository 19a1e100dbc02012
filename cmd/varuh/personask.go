package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/people"
)

// signIn is what somebody logs in with.
type signIn struct {
	As       string `help:"Your log-in name. The password is asked for, and a code if one is needed." env:"VARUH_AS" placeholder:"LOGIN"`
	Code     string `help:"That code, of your second factor or a one-time code." placeholder:"CODE"`
	Password string `kong:"-"`
}

// Format prints no password.
func (s signIn) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.As) }

// personOrder is what is asked about a person. A command fills in what it is about.
type personOrder struct {
	who
	Login, Name, Language string // of whom it is about
	Next                  string // password that is to be in force
	Roles                 []people.Role
	Cameras               []string
	From, To, Paper       string // by the clock of the site
	Outside               bool
	Back                  time.Duration
	DeputyOf              string         // log-in name
	ID                    string         // of the authorisation
	Reading               readingSecrets // from the envelope, for the first person; nil: that one gets no keys
	Reason                string
}

// personDone is what came of it.
type personDone struct {
	Person   people.Person
	IDs      []string      // of authorisations that were granted
	Unsigned []string      // those of them that wait for their paper
	Password string        // the first one, shown this once
	Reset    *people.Reset // somebody else has set the password of who asks
}

var (
	askPersons       = consulting[personOrder, []people.Record]{"/person/list", "", (*office).listPersons}
	askAddPerson     = consulting[personOrder, personDone]{"/person/add", "person.add", (*office).addPerson}
	askGrant         = consulting[personOrder, personDone]{"/person/grant", "authorise", (*office).grant}
	askSigned        = consulting[personOrder, personDone]{"/person/sign", "authorise.sign", (*office).signed}
	askEndGrant      = consulting[personOrder, personDone]{"/person/end", "authorise.end", (*office).endGrant}
	askRemovePerson  = consulting[personOrder, personDone]{"/person/remove", "person.remove", (*office).removePerson}
	askResetPassword = consulting[personOrder, personDone]{"/person/reset", "person.reset", (*office).resetPassword}
	askNewPassword   = consulting[personOrder, personDone]{"/person/password", "person.password", (*office).newPassword}
	askPaper         = consulting[personOrder, []byte]{"/person/paper", "", (*office).paper}
)

func (o *office) listPersons(ctx context.Context, _ personOrder) ([]people.Record, error) {
	r, err := o.persons(ctx)
	if err != nil {
		return nil, err
	}
	return r.Persons(ctx)
}

// as does something to persons in the session of whoever asks. A name alone is not believed here, even while nobody is
// there: nobody grants himself anything.
func (o *office) as(ctx context.Context, by who, done *personDone, do func(*people.Register, people.Session) error) error {
	r, err := o.persons(ctx)
	if err != nil {
		return err
	}
	if by.session.ID == "" {
		return errors.New("nobody is here yet who could do this: varuh person first")
	}
	done.Reset = by.session.Reset
	return dutiful(do(r, by.session), by.As)
}

// addPerson adds one with a first password, and with the authorisations of the roles asked for.
func (o *office) addPerson(ctx context.Context, order personOrder) (done personDone, err error) {
	list, err := o.asked(order)
	if err != nil {
		return done, err
	}
	first := firstPassword()
	err = o.as(ctx, order.who, &done, func(r *people.Register, s people.Session) (err error) {
		if list, err = withDeputy(ctx, r, list, order.DeputyOf); err != nil {
			return err
		}
		done.Person, err = r.Add(ctx, s, people.Person{Login: order.Login, Name: order.Name, Language: order.Language}, first, list...)
		if err != nil {
			return err
		}
		done.Password = first
		p, err := personOf(ctx, r, done.Person.Login)
		done.granted(p.Authorisations...)
		return err
	})
	return done, err
}
