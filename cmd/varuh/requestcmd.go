package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"varuh/accesslog/disclosure"
)

// example is the help of a command that a person logs in for.
func example(command string) string { return "Example:\n\n  varuh " + command + " --as LOGIN" }

type requestListCmd struct{}

// Run lists the requests. They name nobody.
func (requestListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askRequests.ask(ctx, cli, term, requestOrder{})
	if err != nil {
		return err
	}
	if len(a.Requests) == 0 {
		_, err := fmt.Fprintln(term.out, "There is no request. varuh request example prints one to fill in, and varuh request add enters it.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REQUEST\tKIND\tSTATE\tRECEIVED\tDECIDE BY\tDUE\tENTRY")
	for _, q := range a.Requests {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", q.ID, q.Kind, stateOf(q), a.day(q.Received), orDash(a.decideBy(q) == "", a.decideBy(q)), a.dueOf(q.ID), q.Entry)
	}
	return w.Flush()
}

type requestShowCmd struct {
	ID string `arg:"" help:"The request, as varuh request list shows it."`
}

// Run shows how far a request has come. What its entries say is read in the diary.
func (c requestShowCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askRequests.ask(ctx, cli, term, requestOrder{ID: c.ID})
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, a.text(a.Requests[0], cli.typing("")))
	return err
}

type requestViewingsCmd struct {
	ID string `arg:"" help:"The request, as varuh request list shows it."`
	who
}

// Help has an example.
func (requestViewingsCmd) Help() string { return example("request viewings 4be0a217") }

// Run lists the viewings by which whoever asks can have shown the footage of a request.
func (c requestViewingsCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	list, err := askViewings.askDaemon(ctx, cli, term, requestOrder{who: c.who, ID: c.ID})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(term.out, "You have shown nothing for this request yet: on the pages, open the footage from the page of the request.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ENTRY\tFROM (UTC)\tSHOWED")
	for _, v := range list {
		saw := count(len(v.Saw), "stretch of footage", "stretches of footage")
		if why := v.Usable(); why != nil {
			saw = plain(why.Error())
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", v.Entry, stamp(v.At), saw)
	}
	return w.Flush()
}

//go:embed request.example.json
var exampleRequest string

type requestExampleCmd struct{}

// Help has an example.
func (requestExampleCmd) Help() string {
	return "Example:\n\n  varuh request example > request.json"
}

// Run prints a request to begin with.
func (requestExampleCmd) Run(term terminal) error {
	_, err := io.WriteString(term.out, exampleRequest)
	return err
}

// readRequest reads the file of a request.
func readRequest(file string) (f requestForm, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return f, fmt.Errorf("couldn't read the request: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("%s is no request (varuh request example prints one to begin with): %w", file, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, fmt.Errorf("%s has something behind the request", file)
	}
	if bytes.Contains(text, []byte(`"..."`)) {
		return f, fmt.Errorf("%s has places that are not filled in: write what the paper says in the place of each \"...\", or \"\" where it says nothing", file)
	}
	f.Way = cmp.Or(f.Way, disclosure.Paper)
	for i, w := range f.Content.Wanted {
		switch w.Camera {
		case "":
			return f, fmt.Errorf("%s: say of which camera each stretch of footage is; * is all of them", file)
		case everyCamera:
			f.Content.Wanted[i].Camera = ""
		}
	}
	return f, nil
}

type requestAddCmd struct {
	File string `arg:"" help:"The request; varuh request example prints one to begin with." type:"path"`
	Scan string `help:"Scan of its paper: PDF, JPEG or PNG. A request on paper is incomplete without it." type:"path" placeholder:"FILE"`
	who
}

// Help has an example.
func (requestAddCmd) Help() string { return example("request add request.json --scan listina.pdf") }

// Run enters a request.
func (c requestAddCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return enterRequest(ctx, cli, term, askAddRequest, requestOrder{who: c.who}, c.File, c.Scan)
}

type requestSupplementCmd struct {
	ID   string `arg:"" help:"The request, as varuh request list shows it."`
	File string `arg:"" help:"All that it says from now on, as for varuh request add." type:"path"`
	Scan string `help:"Scan of the paper that brought it: PDF, JPEG or PNG." type:"path" placeholder:"FILE"`
	who
}

// Help has an example.
func (requestSupplementCmd) Help() string {
	return example("request supplement 4be0a217 request.json --scan dopolnitev.pdf")
}

// Run enters what was missing.
func (c requestSupplementCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return enterRequest(ctx, cli, term, askSupplement, requestOrder{who: c.who, ID: c.ID}, c.File, c.Scan)
}

// enterRequest enters what a file says, with the scan of its paper.
func enterRequest(ctx context.Context, cli *cli, term terminal, q stepAsked, o requestOrder, file, scan string) (err error) {
	if o.Form, err = readRequest(file); err != nil {
		return err
	}
	if o.enclosure, err = enclose(scan); err != nil {
		return err
	}
	got, err := q.askEnclosed(ctx, cli, term, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, got.text(cli.typing(o.As)))
	return err
}
