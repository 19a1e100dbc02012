package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/notice"
	"varuh/configs"
)

type noticeExampleCmd struct{}

// Run prints a notice to begin with.
func (noticeExampleCmd) Run(term terminal) error {
	_, err := io.WriteString(term.out, configs.ExampleNotice)
	return err
}

type noticeListCmd struct{}

// Run lists the notices, and says what is missing.
func (noticeListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askNotices.ask(ctx, cli, term, struct{}{})
	if err != nil {
		return err
	}
	return a.write(term.out)
}

type noticeAddCmd struct {
	File   string   `arg:"" help:"The notice; varuh notice example prints one to begin with." type:"path"`
	Camera []string `help:"Id of a camera that it is for; may be given more than once." required:"" placeholder:"ID"`
	From   string   `help:"From when on it hangs, such as 2026-09-01 or 2026-09-01T07:30 by the clock of the site. Default: now." placeholder:"TIME"`
	Stated string   `help:"If it has hung before now: who says so, and how he knows." placeholder:"TEXT"`
	Note   string   `help:"A remark." placeholder:"TEXT"`
	who
}

// Run enters a notice.
func (c noticeAddCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	n, err := configs.ReadNotice(c.File)
	if err != nil {
		return err
	}
	got, err := askAddNotice.ask(ctx, cli, term, noticeOrder{who: c.who, Content: contentOf(n), Cameras: c.Camera, At: c.From, Stated: c.Stated, Said: c.Note})
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, got.text(strings.Join(c.Camera, ", ")))
	return err
}

// contentOf is a file's notice as it is entered.
func contentOf(n configs.Notice) notice.Content {
	c := notice.Content{Controller: notice.Party(n.Controller), Officer: notice.Officer(n.Officer), Area: notice.Text(n.Area),
		Recipients: notice.Text(n.Recipients), Kept: notice.Text(n.Kept), Effects: notice.Text(n.Effects), Live: n.Live, Speaks: n.Speaks,
		Countries: notice.Text(n.Countries), Other: notice.Text(n.Other), Audio: n.Audio, AudioReason: notice.Text(n.AudioReason)}
	for _, p := range n.Purposes {
		c.Purposes = append(c.Purposes, notice.Purpose(p))
	}
	return c
}

type noticeEndCmd struct {
	ID     string   `arg:"" help:"The notice, as varuh notice list shows it."`
	Camera []string `help:"Id of a camera for which it ends; may be given more than once." required:"" placeholder:"ID"`
	At     string   `help:"When. Default: now. Its own beginning, if that is yet to come, withdraws it." placeholder:"TIME"`
	Reason string   `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run ends a notice.
func (c noticeEndCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askEndNotice.ask(ctx, cli, term, noticeOrder{who: c.who, ID: c.ID, Cameras: c.Camera, At: c.At, Said: c.Reason})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Notice %s ends for %s; entry %d says so. Without another one they are recorded, and nobody may look at what is recorded then.\n",
		c.ID, strings.Join(c.Camera, ", "), got.Index)
	return err
}

type noticeInformCmd struct {
	ID    string `arg:"" help:"The notice, as varuh notice list shows it."`
	Names string `help:"File with the names of those who signed, one a line; - for the input." placeholder:"FILE"`
	All   bool   `help:"With these, all who work in the area are informed; without names: nobody works there."`
	Day   string `help:"Day of the last signature." required:"" placeholder:"DAY"`
	Note  string `help:"A remark." placeholder:"TEXT"`
	who
}

// Run enters which employees were informed in writing.
func (c noticeInformCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	var got diary.Receipt
	o := informedOrder{who: c.who, ID: c.ID, Day: c.Day, All: c.All, Note: c.Note}
	err := loggedIn(cli, term, askInformed.path, &o, func() (err error) {
		if o.Names == nil { // behind the password, where both come from the input
			if o.Names, err = readNames(c.Names, term); err != nil {
				return err
			}
		}
		got, err = askInformed.carry(ctx, cli, term, o)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "%s who signed: entry %d. The names are in it alone, encrypted.\n", count(len(o.Names), "employee", "employees"), got.Index)
	return err
}

// readNames reads names, one a line.
func readNames(file string, term terminal) (names []string, err error) {
	if file == "" {
		return nil, nil
	}
	in := term.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("couldn't read the names: %w", err)
		}
		defer f.Close() // only read
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxConsulted))
	if err != nil {
		return nil, fmt.Errorf("couldn't read the names: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			names = append(names, line)
		}
	}
	return names, nil
}
