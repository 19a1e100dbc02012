package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/people"
	"varuh/configs"
)

// demoPersons are the persons of the demo, by the posts of the set of a school. Nobody is invented: they bear the names of
// their posts.
var demoPersons = []struct{ login, name string }{
	{"ravnatelj", "Ravnatelj (demo)"},
	{"hisnik", "Hišnik (demo)"},
	{"dpo", "Pooblaščena oseba (demo)"},
}

// demoPosts are those posts: the head, the caretaker, and the data protection officer from outside.
func demoPosts() []people.Post {
	i := slices.IndexFunc(people.Sets, func(s people.Set) bool { return s.ID == "school" })
	return people.Sets[i].Posts
}

// errLogInsLost is told by a demo whose file of log-ins does not open its register any more.
var errLogInsLost = errors.New("the passwords in " + demoPersonsName + " are not those of this demo any more, so that nobody and no notice could be " +
	"added; for a demo with new ones take a new folder, or leave --dir out")

// enrol sees to it that the persons of the demo are in its registers, and that notices are in force. What was done before
// stays as it is. The site must be free.
func (d *demo) enrol(ctx context.Context, cfg *configs.Config) (err error) {
	s, err := openSite(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.withOffice(ctx, d.term.err, func(o *office) error { return d.school(ctx, o) })
}

// school enters what is missing of the school. The passwords are in their file before any of them is good for anything:
// after a crash in between the next start goes on.
func (d *demo) school(ctx context.Context, o *office) error {
	r, err := o.persons(ctx)
	if err != nil {
		return err
	}
	known, err := r.Persons(ctx)
	if err != nil {
		return err
	}
	if d.persons, err = d.passwords(known); err != nil {
		return err
	}
	today := o.boot.Now().In(o.zone())
	today = time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, today.Location())
	if len(known) == 0 {
		_, err := r.First(ctx, people.First{Person: people.Person{Login: demoPersons[0].login, Name: demoPersons[0].name, Language: "sl"},
			Password: d.passwordOf(demoPersons[0].login), Roles: demoPosts()[0].Roles, Paper: today})
		if err != nil {
			return err
		}
	}
	head, err := o.signedIn(ctx, signIn{As: demoPersons[0].login, Password: d.passwordOf(demoPersons[0].login)}, people.Persons, "")
	if errors.Is(err, people.ErrRefused) {
		return errLogInsLost
	}
	if err != nil {
		return err
	}
	for i := range demoPersons[1:] {
		if err = d.colleague(ctx, r, head.Session, known, i+1, today); err != nil {
			break
		}
	}
	if err == nil {
		err = d.putUp(ctx, o, head)
	}
	return errors.Join(err, head.close(ctx))
}

// passwords are the log-ins of all persons. Those that nobody has yet are drawn, and kept.
func (d *demo) passwords(known []people.Record) ([]credential, error) {
	list, err := readCredentials(d.dir, "")
	if err != nil {
		return nil, err
	}
	before := len(list)
	for i, p := range demoPersons {
		has := func(c credential) bool { return c.Login == p.login }
		if slices.ContainsFunc(list, has) {
			continue
		}
		if i == 0 && len(known) > 0 {
			return nil, errLogInsLost
		}
		list = append(list, credential{p.login, firstPassword()})
	}
	if len(list) == before {
		return list, nil
	}
	return list, writeJSON(filepath.Join(d.dir, demoPersonsName), credentials{markerVersion, list})
}

// colleague adds one of the others, with all that the post has. A password that somebody else has set is good for its own
// change alone, so the person changes it at once.
func (d *demo) colleague(ctx context.Context, r *people.Register, head people.Session, known []people.Record, i int, today time.Time) error {
	who, post, first := demoPersons[i], demoPosts()[i], firstPassword()
	switch at := slices.IndexFunc(known, func(p people.Record) bool { return p.Login == who.login }); {
	case at < 0:
		var list []people.Authorisation
		for _, role := range post.Roles {
			list = append(list, people.Authorisation{Role: role, From: today, Paper: today, Outside: post.Outside, Back: post.Back})
		}
		if _, err := r.Add(ctx, head, people.Person{Login: who.login, Name: who.name, Language: "sl"}, first, list...); err != nil {
			return err
		}
	case known[at].Renew: // the demo ended in between
		if err := r.ResetPassword(ctx, head, known[at].ID, first, "the demo ended before the first password was changed"); err != nil {
			return err
		}
	default:
		return nil
	}
	s, err := r.Login(ctx, people.Attempt{Login: who.login, Password: first})
	if err != nil {
		return err
	}
	s, err = r.ChangePassword(ctx, s, first, d.passwordOf(who.login))
	return errors.Join(err, r.Logout(ctx, s))
}

// passwordOf is that of a person, "" if it is not known.
func (d *demo) passwordOf(login string) string {
	for _, c := range d.persons {
		if c.Login == login {
			return c.Password
		}
	}
	return ""
}

// roster is who may log in, for people to copy.
func (d *demo) roster() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Who may log in (the passwords are kept in %s there):\n\n", demoPersonsName)
	for i, p := range demoPersons {
		post := demoPosts()[i]
		var roles []string
		for _, role := range post.Roles {
			roles = append(roles, string(role))
		}
		what := strings.Join(roles, ", ")
		if what != post.En {
			what = post.En + ": " + what
		}
		fmt.Fprintf(&b, "  %-9s  %s  %s\n", p.login, d.passwordOf(p.login), what)
	}
	return b.String()
}

// trouble is what keeps the demo from showing persons and pages, for people; "" for nothing.
func (d *demo) trouble() string {
	if d.wrong == nil {
		return ""
	}
	return fold("! "+d.wrong.Error(), 80)
}

// quietLog is for what the screen tells.
var quietLog = slog.New(slog.DiscardHandler)
