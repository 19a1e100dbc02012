package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder"
)

type diaryCheckpointCmd struct {
	Out  string `help:"File to write the checkpoint to. Default: print it." type:"path" placeholder:"FILE"`
	Page string `help:"File to write a page for printing to (HTML, with a QR code)." type:"path" placeholder:"FILE"`
}

// Help is what "varuh diary checkpoint --help" says beside that.
func (diaryCheckpointCmd) Help() string {
	return "A checkpoint is a short signed text: how many entries the diary has, and a hash over all of them. It names nobody. Whoever keeps one " +
		"out of reach of this machine's administrator can tell later whether any of them was changed (varuh diary verify --held FILE, or varuh-verify). " +
		"That a page was made is entered. varuh status counts pages, but still says what root could rewrite, for it can't know where a sheet is kept."
}

// Run hands out the last checkpoint. It names nobody.
func (c diaryCheckpointCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if c.Out != "" && c.Out == c.Page {
		return fmt.Errorf("--out and --page are both %s: give two names", c.Out)
	}
	for _, name := range []string{c.Out, c.Page} {
		if err := isFree(name); err != nil {
			return err
		}
	}
	var a checkpointAnswer
	o := diaryOrder{Page: c.Page != ""}
	err := onDesk(ctx, cli, term, false, func(k desk) (err error) {
		a, err = k.checkpoint(ctx, o.Page)
		return err
	}, "/diary/checkpoint", &o, func(r io.Reader) error { return decodeAnswer(r, &a) })
	if err != nil {
		return err
	}
	term.warn(a.Fault)
	if c.Page != "" {
		err := c.page(cli, a)
		if err == nil {
			_, err = fmt.Fprintf(term.out, "Wrote %s.\nPrint it, and keep the sheet where this machine's administrator can't reach it.\n", c.Page)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case c.Out != "":
		err = writeWhole(c.Out, func(w io.Writer) error {
			_, err := io.WriteString(w, a.Note)
			return err
		})
		if err == nil {
			_, err = fmt.Fprintf(term.out, "Wrote %s.\nKeep it where this machine's administrator can't change it; later:\n  varuh-verify --held %[1]s BUNDLE\n", c.Out)
		}
	case c.Page == "":
		_, err = io.WriteString(term.out, a.Note)
	}
	return err
}

// page writes the page for printing.
func (c diaryCheckpointCmd) page(cli *cli, a checkpointAnswer) error {
	cfg, err := configs.Load(cli.dir())
	if err != nil {
		return err
	}
	var keys []proof.Key
	for _, text := range a.Keys {
		k, err := proof.ParseKey(text)
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	signed, err := proof.OpenCheckpoint([]byte(a.Note), keys...)
	if err != nil {
		return err
	}
	controller := cfg.Controller
	if controller == "" {
		controller, _, _ = strings.Cut(signed.Origin, "/")
	}
	return writeWhole(c.Page, anchor.Page{Controller: controller, Checkpoint: signed, Made: time.Now().In(cfg.Zone)}.HTML)
}

type diaryAcceptCmd struct {
	who
	second
	Words  bool   `help:"The recovery words of the sealed envelope in the place of the first log-in, where nobody who may accept can log in: who opened it is --actor, and --second is a name alone, unless somebody here has it as log-in name."`
	Reason string `help:"What happened, such as: disk restored from the copy of 3 May." required:"" placeholder:"TEXT"`
}

// Help is what "varuh diary accept --help" says beside that.
func (diaryAcceptCmd) Help() string {
	return "See first what was found: varuh diary verify. Then stop varuh. Nothing comes back by this: the diary goes on from what is there, " +
		"and says from then on what was found, who accepted it, and why. Who has to choose another password accepts first: until then none can be chosen. " +
		"Where an approver can't log in any more, the recovery words stand for one of the two (--words --actor NAME)."
}

// acceptOrder is what two persons accept.
type acceptOrder struct {
	who
	second
}

// Run accepts what went back. It is done while varuh is stopped, so that both persons stand before it.
func (c diaryAcceptCmd) Run(ctx context.Context, cli *cli, term terminal) (err error) {
	if c.Reason, err = why(c.Reason); err != nil {
		return err
	}
	o := acceptOrder{c.who, c.second}
	if c.Words {
		return c.byEnvelope(ctx, cli, term, &o)
	}
	return loggedIn(cli, term, acceptPath, &o, func() error {
		return c.onDesk(ctx, cli, term, func(s *site, k desk) error { return c.acceptFor(ctx, s, k, &o, term) })
	})
}

// onDesk lends the diary of a varuh that is stopped.
func (c diaryAcceptCmd) onDesk(ctx context.Context, cli *cli, term terminal, use func(*site, desk) error) error {
	return onSite(ctx, cli, term, func(s *site) error {
		return s.withDesk(ctx, false, term, func(k desk) error { return use(s, k) })
	}, func(string) error {
		return errors.New("that is accepted while varuh is stopped, with both persons before the machine: stop it first")
	})
}

// byEnvelope accepts by the recovery words and another person. It is the way out where the only approver is gone, or has
// forgotten the password: until it is accepted nobody gets another one, and no second person comes in.
func (c diaryAcceptCmd) byEnvelope(ctx context.Context, cli *cli, term terminal, o *acceptOrder) (err error) {
	if o.Actor, err = said("--actor", c.Actor); err != nil {
		return err
	}
	if o.Actor == "" || o.As != "" {
		return errors.New("with the recovery words nobody logs in first: give --words --actor NAME, who opened the envelope")
	}
	return c.onDesk(ctx, cli, term, func(s *site, k desk) error {
		if err := s.byWordsFor(term, &o.who, "The recovery words of the sealed envelope are needed."); err != nil {
			return err
		}
		boot, err := recorder.ThisBoot()
		if err != nil {
			return err
		}
		err = s.inOffice(ctx, boot, nil, k.diary, func(of *office) error { return of.beside(ctx, term, &o.second) })
		if err != nil {
			return err
		}
		if err := c.accept(ctx, k, *o, term); err != nil {
			return err
		}
		return s.renewed(ctx, k.diary)
	})
}

// acceptPath is what stands for it in the table of what orders take; there is no such path on the socket.
const acceptPath = "/diary/accept"

// acceptFor has the diary go on once it is known who says so. Where it takes not even a log-in, the recovery words do.
func (c diaryAcceptCmd) acceptFor(ctx context.Context, s *site, k desk, o *acceptOrder, term terminal) error {
	known := false
	err := s.forWhom(ctx, k.diary, acceptPath, o, func() error {
		known = true
		return c.accept(ctx, k, *o, term)
	})
	switch {
	case err == nil:
		return s.renewed(ctx, k.diary)
	case known || !errors.Is(err, diary.ErrKey):
		return err
	}
	if err := s.byWords(term, &o.who); err != nil {
		return err
	}
	if o.other.Name, err = said("--second", o.Second); err != nil {
		return err
	}
	o.other.Proof = claimedProof
	if err := c.accept(ctx, k, *o, term); err != nil {
		return err
	}
	return s.renewed(ctx, k.diary)
}

// accept has the diary go on.
func (c diaryAcceptCmd) accept(ctx context.Context, k desk, o acceptOrder, term terminal) error {
	if f := k.diary.Fault(); f != nil {
		fmt.Fprint(term.err, fold("what is accepted: "+proof.Printable(f.String()), 79))
	}
	for _, more := range k.diary.Complaints() {
		fmt.Fprint(term.err, fold("and: "+proof.Printable(more), 79))
	}
	first, err := o.known()
	if err != nil {
		return err
	}
	for _, a := range []*proof.Actor{&first, &o.other} {
		if a.ID == "" { // a name is all that is known
			a.ID = a.Name
		}
	}
	if _, err := k.diary.Accept(ctx, first, o.other, c.Reason); err != nil {
		return err
	}
	h := k.diary.Head()
	key, err := proof.ParseKey(h.VKey)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "The diary goes on as\n\n  %s\n\nIts new key has the fingerprint\n\n  %s\n\nWrite both on the paper with the recovery words, and tell\nthose who check the diary.\n", h.Origin, key.Fingerprint())
	return err
}

// pages says how many checkpoints were taken out to be printed, "" for none.
func pages(ctx context.Context, d *diary.Diary) string {
	p, err := d.Printed(ctx)
	switch {
	case err != nil:
		return " " + err.Error() + "."
	case p.Count == 0:
		return ""
	}
	return fmt.Sprintf(" %s printed, the last over %s at %s UTC; they count where they are kept out of root's reach.",
		count(int(p.Count), "page was", "pages were"), count(int(p.Size), "entry", "entries"), p.Time.Format("2006-01-02 15:04"))
}
