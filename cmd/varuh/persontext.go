package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/people"
)

// told prints what came of an order about persons.
func (t terminal) told(d personDone, err error, says string) error {
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintln(&b, says)
	if d.Password != "" {
		fmt.Fprintf(&b, "\n  first password: %s\n\nIt is shown this once. Its owner logs in with it and has to choose another: varuh person password --as %s\n", d.Password, d.Person.Login)
	}
	if len(d.IDs) > 0 {
		fmt.Fprintf(&b, "%s: %s\n", count(len(d.IDs), "authorisation", "authorisations"), strings.Join(d.IDs, ", "))
	}
	for _, id := range d.Unsigned {
		fmt.Fprintf(&b, "! %s waits for its signed paper: varuh person paper %[1]s FILE, then varuh person sign %[1]s --paper DAY\n", id)
	}
	if d.Reset != nil {
		fmt.Fprintf(&b, "! Your password was set by %s on %s UTC: entry %d.\n", d.Reset.By, stamp(d.Reset.At), d.Reset.Entry)
	}
	_, err = fmt.Fprint(t.out, plain(b.String()))
	return err
}

type personListCmd struct{ who }

// Run lists the persons.
func (c personListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	list, err := askPersons.ask(ctx, cli, term, personOrder{who: c.who})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(term.out, "Nobody is here yet: varuh person first")
		return err
	}
	names := map[string]string{"": "console"}
	for _, p := range list {
		names[p.ID] = p.Login
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOGIN\tNAME\tROLE\tCAMERAS\tFROM\tTO\tSIGNED\tBY\tAUTHORISATION")
	for _, p := range list {
		if len(p.Authorisations) == 0 {
			fmt.Fprintf(w, "%s\t%s\tnone\n", p.Login, p.Name)
		}
		for _, a := range p.Authorisations {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Login, p.Name, roleText(a, names), camerasText(a), stamp(a.From), dayText(a.To, "-"),
				dayText(a.Paper, "not yet"), names[a.GrantedBy], a.ID)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range list {
		if p.Renew {
			fmt.Fprintf(term.out, "! %s has to choose another password: varuh person password --as %[1]s\n", p.Login)
		}
	}
	return nil
}

// roleText is a role with what narrows it.
func roleText(a people.Authorisation, names map[string]string) string {
	text := string(a.Role)
	if a.DeputyOf != "" {
		text += ", deputy of " + names[a.DeputyOf]
	}
	if a.Role == people.Guard {
		text += fmt.Sprintf(", last %v", a.Back)
	}
	if a.Outside {
		text += ", outside too"
	}
	return text
}

func camerasText(a people.Authorisation) string {
	if a.Cameras == nil {
		return everyCamera
	}
	return strings.Join(a.Cameras, ",")
}

// dayText is a moment, or what stands for none.
func dayText(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return stamp(t)
}

type personSetsCmd struct{}

// Run shows the ready-made sets.
func (personSetsCmd) Run(term terminal) error {
	var b strings.Builder
	for _, set := range people.Sets {
		fmt.Fprintf(&b, "%s (%s)\n", set.En, set.Sl)
		for _, p := range set.Posts {
			var flags []string
			for _, r := range p.Roles {
				flags = append(flags, "--role "+string(r))
			}
			if p.Outside {
				flags = append(flags, "--outside")
			}
			if p.Back > 0 {
				flags = append(flags, "--back "+p.Back.String())
			}
			fmt.Fprintf(&b, "  %s (%s): %s\n", p.En, p.Sl, strings.Join(flags, " "))
			if p.External {
				b.WriteString("    of another organisation: a contract comes before the paper\n")
			}
		}
	}
	_, err := fmt.Fprint(term.out, b.String())
	return err
}
