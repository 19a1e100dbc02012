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
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/disclosure"
)

type requestListCmd struct{}

// Run lists the requests. They name nobody.
func (requestListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askRequests.ask(ctx, cli, term, requestOrder{})
	if err != nil {
		return err
	}
	if len(a.Requests) == 0 {
		_, err := fmt.Fprintln(term.out, "There is no request.")
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
	_, err = io.WriteString(term.out, a.text(a.Requests[0]))
	return err
}

//go:embed request.example.json
var exampleRequest string

type requestExampleCmd struct{}

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
	who
}

// Run enters a request. The scan of its paper is attached on the page.
func (c requestAddCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	form, err := readRequest(c.File)
	if err != nil {
		return err
	}
	got, err := askAddRequest.ask(ctx, cli, term, requestOrder{who: c.who, Form: form})
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, got.text())
	return err
}

type requestSupplementCmd struct {
	ID   string `arg:"" help:"The request, as varuh request list shows it."`
	File string `arg:"" help:"All that it says from now on, as for varuh request add." type:"path"`
	who
}

// Run enters what was missing.
func (c requestSupplementCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	form, err := readRequest(c.File)
	if err != nil {
		return err
	}
	got, err := askSupplement.ask(ctx, cli, term, requestOrder{who: c.who, ID: c.ID, Form: form})
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, got.text())
	return err
}

// ofRequest is the request that a step is done with.
type ofRequest struct {
	ID string `arg:"" help:"The request, as varuh request list shows it."`
	who
}

// does has a step done, and tells what has become of the request.
func (c ofRequest) does(ctx context.Context, cli *cli, term terminal, q asking[requestOrder, requestDone], o requestOrder) error {
	o.who, o.ID = c.who, c.ID
	got, err := q.ask(ctx, cli, term, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, got.text())
	return err
}

type requestExtendCmd struct {
	ofRequest
	Day    string `help:"Until when it is decided." required:"" placeholder:"DAY"`
	Agreed string `help:"With whom it was agreed, and how." required:"" placeholder:"TEXT"`
}

// Run gives a request another day.
func (c requestExtendCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askExtend, requestOrder{Day: c.Day, Text: c.Agreed})
}

type requestOwnLawCmd struct {
	ofRequest
	Law string `help:"Which law, with its article." required:"" placeholder:"TEXT"`
	Day string `help:"Day that it gives." placeholder:"DAY"`
}

// Run states that another law counts.
func (c requestOwnLawCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askOwnLaw, requestOrder{Day: c.Day, Text: c.Law})
}

type requestApproveCmd struct {
	ofRequest
	Content int64  `help:"The entry that says what you approve, as varuh request show names it. Read it before (varuh diary show ENTRY)." required:"" placeholder:"ENTRY"`
	Alone   string `help:"Why you alone decide though you entered it: nobody else is authorised, or it is urgent. It is entered as single-handed." placeholder:"TEXT"`
	Note    string `help:"A remark." placeholder:"TEXT"`
}

// Run approves a request.
func (c requestApproveCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askApprove, requestOrder{Content: c.Content, Text: c.Alone, Note: c.Note})
}

type requestRefuseCmd struct {
	ofRequest
	Reasons string `help:"The reasons, which the applicant is told." required:"" placeholder:"TEXT"`
}

// Run refuses a request.
func (c requestRefuseCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askRefuse, requestOrder{Text: c.Reasons})
}

type requestWithdrawCmd struct {
	ofRequest
	Said string `help:"Who withdrew it, and how." required:"" placeholder:"TEXT"`
}

// Run enters that a request was withdrawn.
func (c requestWithdrawCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askWithdraw, requestOrder{Text: c.Said})
}

type requestConfirmCmd struct {
	ofRequest
	How string `help:"How the recipient confirmed it." required:"" placeholder:"TEXT"`
}

// Run enters that the recipient confirmed the receipt.
func (c requestConfirmCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askReceipt, requestOrder{Text: c.How})
}

type requestReleaseCmd struct {
	ofRequest
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
}

// Run closes a request that is over.
func (c requestReleaseCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return c.does(ctx, cli, term, askRelease, requestOrder{Text: c.Reason})
}

// stateOf is how far a request has come, in words for a table.
func stateOf(q disclosure.Request) string {
	state := string(q.State)
	if q.Single {
		state += ", single-handed"
	}
	if q.PaperPending {
		state += ", paper pending"
	}
	if q.Released {
		state += ", closed"
	}
	return state
}

// day is that of a moment on the site.
func (a requestsAnswer) day(t time.Time) string { return t.In(zoneOf(a.Zone)).Format(time.DateOnly) }

// decideBy is until when a request is to be decided: both days, where they differ. It is "" where no law says.
func (a requestsAnswer) decideBy(q disclosure.Request) string {
	d, ok := q.Deadline(zoneOf(a.Zone))
	switch {
	case !ok:
		return ""
	case d.Moved():
		return d.Last.Format(time.DateOnly) + " (the term ends " + d.Ends.Format(time.DateOnly) + ")"
	}
	return d.Last.Format(time.DateOnly)
}

// dueOf is what is due of a request.
func (a requestsAnswer) dueOf(id string) string {
	var list []string
	for _, d := range a.Due {
		switch {
		case d.Request != id:
		case d.Late:
			list = append(list, string(d.What)+" late")
		case d.Soon:
			list = append(list, string(d.What)+" soon")
		}
	}
	return orDash(len(list) == 0, strings.Join(list, ", "))
}

// text is all that is known of a request without reading the diary.
func (a requestsAnswer) text(q disclosure.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Request %s (%s, by %s) is %s.\n", q.ID, q.Kind, q.Way, stateOf(q))
	fmt.Fprintf(&b, "Received %s", a.day(q.Received))
	if by := a.decideBy(q); by != "" {
		fmt.Fprintf(&b, ", to be decided by %s", by)
	}
	b.WriteString(".\n")
	for _, f := range q.Missing {
		fmt.Fprintf(&b, "! Missing: %s.\n", f.In("en"))
	}
	for _, w := range q.Wanted {
		fmt.Fprintf(&b, "Asks for %s from %s to %s UTC.\n", cameraName(w.Camera), stamp(w.From), stamp(w.To))
	}
	for _, w := range q.Delivered {
		fmt.Fprintf(&b, "In the package: %s from %s to %s UTC.\n", cameraName(w.Camera), stamp(w.From), stamp(w.To))
	}
	fmt.Fprintf(&b, "What it says stands in entry %d, which an approval names.\n", q.Content)
	b.WriteString("What was done, and the entry that says who and why (varuh diary show ENTRY):\n")
	for _, d := range a.Course {
		fmt.Fprintf(&b, "  %s  %-18s entry %d\n", stamp(d.At), d.Op, d.Entry)
	}
	return b.String()
}

// text is what a step came to.
func (d requestDone) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Request %s is %s; entry %d says so.\n", d.Request.ID, stateOf(d.Request), d.Entry)
	for _, f := range d.Request.Missing {
		fmt.Fprintf(&b, "! Missing: %s.\n", f.In("en"))
	}
	if d.Gone > 0 {
		fmt.Fprintf(&b, "! Nothing is here of %s that it asks for.\n", count(d.Gone, "stretch of footage", "stretches of footage"))
	}
	return b.String()
}
