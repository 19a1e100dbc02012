package main

import (
	"context"
	"fmt"
	"io"
)

// askRecord is the handover record of a package, as PDF.
var askRecord = asking[packageOrder, []byte]{"/package/record", "diary.read", false, (*eraser).packageRecord}

// packageRecord gives the record to be printed and signed.
func (e *eraser) packageRecord(ctx context.Context, o packageOrder) ([]byte, error) {
	jobs, err := e.packages()
	if err != nil {
		return nil, err
	}
	paper, err := jobs.Paper(ctx, o.session, o.Request, "sl")
	return paper, forCommand(err, o.Request)
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
