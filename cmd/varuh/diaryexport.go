package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/aeszip"
)

type diaryExportCmd struct {
	reader
	Out     string `help:"File to write, a ZIP that varuh-verify checks." required:"" type:"path" placeholder:"FILE"`
	From    int64  `help:"First entry." placeholder:"N"`
	To      int64  `help:"Entry before which to stop. Default: all." placeholder:"N"`
	Redact  bool   `help:"Leave out what entries say: whom they name and why. The rest verifies all the same."`
	Encrypt bool   `help:"Encrypt the file (AES-256, as 7-Zip opens it); the passphrase is printed once."`
}

// Run writes a bundle.
func (c diaryExportCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := c.order()
	o.From, o.To, o.Redact = c.From, c.To, c.Redact
	o, err := o.checked()
	if err != nil {
		return err
	}
	if c.Encrypt {
		o.Passphrase = aeszip.NewPassphrase()
	}
	var out outcome
	err = writeWhole(c.Out, func(w io.Writer) error {
		return onDesk(ctx, cli, term, c.Words, func(k desk) (err error) {
			out, err = k.export(ctx, o, w)
			return err
		}, "/diary/export", &o, func(r io.Reader) error {
			if _, err := io.Copy(w, r); err != nil {
				return fmt.Errorf("the daemon ended in the middle of the export, or the disk took nothing for a minute; nothing of it is left here: %w", err)
			}
			return out.read(r)
		})
	})
	if err != nil {
		return err
	}
	term.warn(out.Fault)
	if !out.Failed { // else that is the error
		term.closed("What the entries say is not in it", out.Closed)
	}
	if c.Encrypt {
		_, err = fmt.Fprintf(term.out, "Passphrase, shown this once: %s\nHand it over by another way than the file.\n", o.Passphrase)
	}
	_, said := fmt.Fprintf(term.out, "Wrote %s.\nAnybody can check it: varuh-verify %[1]s\n", c.Out)
	return errors.Join(err, said, out.err())
}
