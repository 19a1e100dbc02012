package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
)

type requestReadCmd struct {
	ID     string `arg:"" help:"The request, as varuh request list shows it."`
	Reason string `help:"Why you read it. It is entered. Default: that you handle the request." placeholder:"TEXT"`
	who
}

// Help has an example.
func (requestReadCmd) Help() string { return example("request read 4be0a217") }

// Run prints what a request says now, as varuh request add and supplement take it, once it is entered who reads it. The entry in
// which that stands, which an approval names, goes to the other output.
func (c requestReadCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askRequests.ask(ctx, cli, term, requestOrder{ID: c.ID})
	if err != nil {
		return err
	}
	q := a.Requests[0]
	o, err := reader{who: c.who, Reason: cmp.Or(c.Reason, "obravnava zahteve "+q.ID)}.order().checked()
	if err != nil {
		return err
	}
	o.From, o.To = q.Content, q.Content+1
	each := func(l diaryLine) error {
		term.warn(l.Fault)
		form, err := formIn(q, l)
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(form, "", "  ")
		if err == nil {
			_, err = fmt.Fprintln(term.out, plain(string(text)))
		}
		return err
	}
	err = onDesk(ctx, cli, term, false, func(k desk) error { return k.read(ctx, o, each) },
		"/diary/read", &o, func(r io.Reader) error { return readLines(r, each) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.err, "So says entry %d, which an approval names.\n", q.Content)
	return err
}

// formIn is what a request says by the entry that has it.
func formIn(q disclosure.Request, l diaryLine) (f requestForm, err error) {
	switch {
	case l.Closed != "":
		return f, fmt.Errorf("what the request says stays closed: %s (varuh unlock --as LOGIN)", l.Closed)
	case l.Unreadable != "":
		return f, fmt.Errorf("what the request says can't be opened: %s", l.Unreadable)
	case l.Body == "":
		return f, errors.New("what the request said is destroyed: its entry is past its term")
	}
	body, err := proof.ParseBody([]byte(l.Body))
	if err != nil {
		return f, err
	}
	f = requestForm{Kind: q.Kind, Way: q.Way, Received: q.Received}
	if f.Content, err = disclosure.ContentOf(body); err != nil {
		return f, err
	}
	for i, w := range f.Content.Wanted {
		f.Content.Wanted[i].Camera = cmp.Or(w.Camera, everyCamera)
	}
	return f, nil
}
