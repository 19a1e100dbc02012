package main

import (
	"context"
	"fmt"
	"io"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// askRecord is the handover record of a package, as PDF.
var askRecord = asking[packageOrder, []byte]{"/package/record", "diary.read", false, (*eraser).packageRecord}

// packageRecord gives the record to be printed and signed. That it is read is entered before it leaves, since it says what the
// request says.
func (e *eraser) packageRecord(ctx context.Context, o packageOrder) ([]byte, error) {
	jobs, err := e.packages()
	if err != nil {
		return nil, err
	}
	paper, err := jobs.Paper(ctx, o.session, o.Request)
	if err != nil {
		return nil, forCommand(err, o.Request)
	}
	_, d, err := e.books()
	if err != nil {
		return nil, err
	}
	_, err = d.Append(ctx, diary.Entry{Op: "diary.read", Body: proof.Body{Actor: &o.by, Purpose: "zapisnik o predaji paketa zahteve " + o.Request,
		Data: map[string]any{"request": o.Request, "opened": "yes"}}}, nil)
	if err != nil {
		return nil, fmt.Errorf("nothing is handed out, since it could not be entered: %w", err)
	}
	return paper, nil
}

type packageRecordCmd struct {
	Request string `arg:"" help:"Id of the request."`
	Out     string `arg:"" help:"File to write (PDF, A4)." type:"path"`
	who
}

// Help has an example.
func (packageRecordCmd) Help() string { return example("package record 4be0a217 zapisnik.pdf") }

// Run writes the handover record, for the delivery that was entered last if there is one.
func (c packageRecordCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := isFree(c.Out); err != nil {
		return err
	}
	paper, err := askRecord.askDaemon(ctx, cli, term, packageOrder{who: c.who, Request: c.Request})
	if err != nil {
		return err
	}
	if err := writeWhole(c.Out, func(w io.Writer) error {
		_, err := w.Write(paper)
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Wrote %s. Print it twice; both sign it when the package is handed over.\n", c.Out)
	return err
}
