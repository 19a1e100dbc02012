package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

type clockConfirmCmd struct {
	Time   string `help:"The date and time by your watch, such as 2026-11-22T05:00Z; without it you are shown the machine's and asked." placeholder:"TIME"`
	Reason string `help:"How you know that the clock is right. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Help is what "varuh clock confirm --help" says beside that.
func (clockConfirmCmd) Help() string {
	return "Terms are counted by a moment that two parties say has come: the machine's clock, and a witness, a time-stamping authority or a person. All persons " +
		"count as one. What is said must be what the machine's clock shows, within five minutes."
}

// Run takes the word of a person that the machine's clock is right.
func (c clockConfirmCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	now, err := askClock.ask(ctx, cli, term, struct{}{})
	if err != nil {
		return err
	}
	o := clockOrder{who: c.who, Reason: c.Reason, Time: now.Wall}
	if c.Time != "" {
		o.Time, err = now.parse("--time", c.Time)
	} else {
		err = now.agreed(term)
	}
	if err != nil {
		return err
	}
	a, err := askConfirmClock.ask(ctx, cli, term, o)
	if err != nil {
		return err
	}
	return a.tell(term)
}

// zone is that of the site.
func (a clockAnswer) zone() *time.Location { return zoneOf(a.Zone) }

// zoneOf is a zone by its name, UTC where there is none.
func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.UTC
}

// shown is what the machine's clock shows, as people read it.
func (a clockAnswer) shown() string {
	const day = "  Monday, 2 January 2006, 15:04:05 MST\n"
	text, here := a.Wall.UTC().Format(day), a.Wall.In(a.zone())
	if _, offset := here.Zone(); offset != 0 {
		text = here.Format(day) + text
	}
	return text
}

// parse reads a time with minutes too, and with its zone.
func (a clockAnswer) parse(what, text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse("2006-01-02T15:04Z07:00", text); err == nil {
		return at, nil
	}
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return time.Time{}, fmt.Errorf("%s %q: give the time as well, such as 2026-11-22T05:00Z", what, text)
	}
	return moment(what, text, a.zone(), false)
}

// errNotAgreed is returned where a person does not say that the clock is right.
var errNotAgreed = errors.New("nothing was entered. If the machine's clock is wrong, set it first: by a time server (timedatectl set-ntp true), " +
	"or by hand (timedatectl set-ntp false; timedatectl set-time 'YYYY-MM-DD HH:MM:SS'). In a script say the time: --time 2026-11-22T05:00Z")

// agreed shows the clock, and asks whether it is right.
func (a clockAnswer) agreed(term terminal) error {
	if _, err := fmt.Fprintf(term.out, "The machine's clock shows\n\n%s\nCompare that with a watch or the radio. Is it right? [y/N] ", a.shown()); err != nil {
		return err
	}
	text, err := term.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(text)); answer != "y" && answer != "yes" {
		return errNotAgreed
	}
	return nil
}

// tell says what came of it.
func (a clockAnswer) tell(term terminal) (err error) {
	fmt.Fprintf(term.out, "Entered as entry %d: it was %s UTC.\n", a.Entry, stamp(a.Said))
	if a.Present.Held {
		_, err = fmt.Fprintf(term.out, "! That does not make it certain: %s\n", a.Present.Why)
	} else {
		_, err = fmt.Fprintf(term.out, "Terms are counted by %s UTC, which is certain.\n", stamp(a.Present.Certain))
	}
	return err
}

type clockSetBackCmd struct {
	To     string `help:"The date and time that it is, such as 2026-11-22T05:00Z." required:"" placeholder:"TIME"`
	Reason string `help:"What was wrong, and how you know the time. It is entered." required:"" placeholder:"TEXT"`
	who
	second
}

// Help is what "varuh clock set-back --help" says beside that.
func (clockSetBackCmd) Help() string {
	return "For the one mistake that nothing else undoes: two parties said that a time had come that had not, and footage went, or is about to go, too early by it. " +
		"Set the machine's clock right first. What outside parties and persons have said of the time is forgotten, and what is gone stays gone."
}

// Run takes back a present that was wrong, once the time was typed a second time.
func (c clockSetBackCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	now, err := askClock.ask(ctx, cli, term, struct{}{})
	if err != nil {
		return err
	}
	to, err := now.parse("--to", c.To)
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "The machine's clock shows\n\n%s\nOf the present, %s UTC counts as certain. It is to be\n\n  %s UTC\n\n"+
		"from which all terms are counted then. What outside parties have said of the time\nis forgotten. Type the date and time once more, to confirm: ",
		now.shown(), stamp(now.Present.Certain), stamp(to))
	text, err := term.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if again, err := now.parse("what was typed", text); err != nil || !again.Equal(to) {
		return fmt.Errorf("that is not %s: nothing was entered, and nothing was changed", c.To)
	}
	a, err := askSetBackClock.ask(ctx, cli, term, backOrder{clockOrder{who: c.who, Reason: c.Reason, Time: to}, c.second})
	if err != nil {
		return err
	}
	return a.tell(term)
}

// firstClock asks the installer, who sees the clock, whether it is right, so that a new appliance asks nobody later. No
// answer is no error: the status asks again. first is the log-in name of the first person, who says so then, "" if nobody is there.
func firstClock(ctx context.Context, cli *cli, term terminal, first string) error {
	later := "\n" + paragraph("That can be said later, with varuh clock confirm: recording goes on without, and no footage goes at its term before.")
	text := "Footage goes at its term, which is counted by a date that two parties vouch for: the clock of this machine, and you, this once."
	if first != "" {
		text += " It is entered in your name, so you log in for it."
	}
	fmt.Fprint(term.out, "\n"+paragraph(text))
	now, err := askClock.ask(ctx, cli, term, struct{}{})
	if err == nil {
		err = now.agreed(term)
	}
	if errors.Is(err, errNotAgreed) {
		_, err = fmt.Fprint(term.out, later)
		return err
	}
	if err != nil {
		return err
	}
	by := who{signIn: signIn{As: first}}
	if first == "" {
		if by.Actor, err = askName(term); err != nil {
			return err
		}
		if by.Actor == "" {
			_, err = fmt.Fprint(term.out, later)
			return err
		}
	}
	a, err := askConfirmClock.ask(ctx, cli, term, clockOrder{who: by, Reason: "seen at the installation", Time: now.Wall})
	if err != nil {
		_, err = fmt.Fprintf(term.out, "\nwarning: that did not work: %s\n%s", plain(err.Error()), later)
		return err
	}
	return a.tell(term)
}

// askName asks who it is, "" for no answer.
func askName(term terminal) (string, error) {
	if _, err := fmt.Fprint(term.out, "Who says so? Your name is entered in the diary: "); err != nil {
		return "", err
	}
	name, err := term.line()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(name), err
}
