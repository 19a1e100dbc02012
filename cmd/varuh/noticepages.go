package main

import (
	"context"
	"fmt"
	"io"
)

type noticeDecideCmd struct {
	Camera  []string `help:"Id of a camera that it is about; may be given more than once." required:"" placeholder:"ID"`
	Number  string   `help:"Number of the decision." required:"" placeholder:"NUMBER"`
	Day     string   `help:"Day on which it was taken." required:"" placeholder:"DAY"`
	Reasons string   `help:"Why video surveillance is needed." required:"" placeholder:"TEXT"`
	Note    string   `help:"A remark." placeholder:"TEXT"`
	who
}

// Run enters the head's written decision to introduce video surveillance.
func (c noticeDecideCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askDecided.ask(ctx, cli, term, decidedOrder{who: c.who, Cameras: c.Camera, Number: c.Number, Day: c.Day, Reasons: c.Reasons, Note: c.Note})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Decision %s is entry %d.\n", c.Number, got.Index)
	return err
}

type noticePrintCmd struct {
	ID       string `arg:"" help:"The notice, as varuh notice list shows it."`
	Out      string `arg:"" help:"File to write (HTML)." type:"path"`
	As       string `help:"The sign for the wall (A4), the text for the web site, the list that employees sign, or the head's decision to sign: sign, web, informed or decision." enum:"sign,web,informed,decision" default:"sign"`
	Language string `help:"sl or en." enum:"sl,en" default:"sl"`
}

// Run writes a page about a notice.
func (c noticePrintCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := isFree(c.Out); err != nil {
		return err
	}
	page, err := askNoticePage.ask(ctx, cli, term, noticePrintOrder{ID: c.ID, As: c.As, Language: c.Language})
	if err != nil {
		return err
	}
	if err := writeWhole(c.Out, func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Wrote %s.\n", c.Out)
	return err
}
