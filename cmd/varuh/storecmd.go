package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"varuh/recorder/keyring"
)

type storeLostCmd struct {
	Store  string `arg:"" help:"Folder or id of the store."`
	Reason string `help:"What became of the disk. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Help is what "varuh store lost --help" says beside that.
func (storeLostCmd) Help() string {
	return "For a disk that was stolen, or that is broken for good. What the state folder has of its keys is destroyed, so that whoever has the disk gets nothing from " +
		"here; its footage leaves the index, and erasures that wait for it end. It cannot be undone: should the disk come back, it is refused."
}

// Run gives a store up that is not here.
func (c storeLostCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if _, err := keyring.ParseID(c.Store); err != nil {
		if c.Store, err = filepath.Abs(c.Store); err != nil {
			return err
		}
	}
	o := storeOrder{who: c.who, Store: c.Store, Reason: c.Reason}
	a, err := askLostStore.askAnyway(ctx, cli, term, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "The store %v in %s has %s of footage, %s,\n", a.Store, a.Dir, count(a.Segments, "segment", "segments"), footageSize(a.Segments, a.Bytes))
	if a.Segments > 0 {
		fmt.Fprintf(term.out, "from %s to %s UTC.\n", stamp(a.Oldest), stamp(a.Newest))
	}
	if a.Held > 0 {
		fmt.Fprintf(term.out, "! Of these %s: tell whoever the hold is for.\n", count(a.Held, "segment is held", "segments are held"))
	}
	fmt.Fprint(term.out, "All that is given up, and cannot be had back. Is the disk gone for good? [y/N] ")
	text, err := term.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(text)); answer != "y" && answer != "yes" {
		return errors.New("nothing was entered, and nothing was changed")
	}
	o.Confirm = true
	if a, err = askLostStore.askAnyway(ctx, cli, term, o); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, `Entered as entry %d. What the state folder had of its keys is destroyed.

What the disk still holds: its files, which are encrypted, and a copy of its key
slots. Nobody opens them without the private reading key or the recovery words. If
one of these may be in the same hands, the footage on it is in danger: that is a
breach to be reported (GDPR art. 33). Copies made before (varuh backup list) hold
these keys as well, until their date. For all that is recorded from now on,
varuh keys rotate makes new keys.

Take %s out of store: in varuh.yml, or make a new
store there with varuh init --store.
`, a.Entry, a.Dir)
	return err
}
