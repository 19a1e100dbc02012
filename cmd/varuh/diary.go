package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder"
	"varuh/recorder/keyring"
)

// reader is who reads the diary and why. Both are entered in it before anything is shown.
type reader struct {
	who
	Reason string `help:"Why you read the diary. It is entered, too." placeholder:"TEXT"`
	Words  bool   `help:"Open the entries with the recovery words; only while varuh is stopped."`
}

func (r reader) order() diaryOrder { return diaryOrder{who: r.who, Reason: r.Reason} }

// onDesk has the diary of a state folder handed out, by an order whose person is filled in: here, or by the daemon that holds
// it.
func onDesk(ctx context.Context, cli *cli, term terminal, words bool, here func(desk) error, path string, o *diaryOrder, there func(io.Reader) error) error {
	return loggedIn(cli, term, path, o, func() error {
		return onSite(ctx, cli, term, func(s *site) error {
			return s.withDeskFor(ctx, words, term, path, o, here)
		}, func(state string) error {
			if words {
				return errors.New("the recovery words are not sent to a running program: stop varuh first")
			}
			answer, err := askDesk(ctx, state, path, *o)
			if err != nil {
				return err
			}
			defer answer.Close() // only read
			return there(answer)
		})
	})
}

// withDeskFor opens the diary of a site for an order, once it is known who asks.
func (s *site) withDeskFor(ctx context.Context, words bool, term terminal, path string, order any, use func(desk) error) error {
	return s.withDesk(ctx, words, term, func(k desk) error {
		return s.forWhom(ctx, k.diary, path, order, func() error {
			if !words { // a log-in may have opened it
				k.keys, k.closed = s.diaryIdentity()
			}
			return use(k)
		})
	})
}

// forWhom carries an order about an open diary out, once it is known who asks.
func (s *site) forWhom(ctx context.Context, d *diary.Diary, path string, order any, do func() error) error {
	boot, err := recorder.ThisBoot()
	if err != nil {
		return err
	}
	return s.inOffice(ctx, boot, nil, d, func(of *office) error { return of.foundOut(ctx, path, order, "", do) })
}

// withDesk opens the diary of a site for one use, by nobody in particular.
func (s *site) withDesk(ctx context.Context, words bool, term terminal, use func(desk) error) (err error) {
	d, err := s.openDiary(ctx, term.err)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	k := desk{diary: d}
	if words {
		key, err := askWords(term, "The recovery words open the diary, too.")
		if err != nil {
			return err
		}
		if err := s.knowsDiary(key); err != nil {
			return err
		}
		k.keys = keyring.Identity{key}
		s.pinUnlooked(ctx, d, k.keys, term.err)
	} else {
		k.keys, k.closed = s.diaryIdentity()
	}
	return use(k)
}

// readLines reads what answerRead sent.
func readLines(r io.Reader, each func(diaryLine) error) error {
	dec := json.NewDecoder(r)
	for {
		var l diaryLine
		if err := dec.Decode(&l); err != nil {
			return fmt.Errorf("the daemon ended in the middle of the diary, or nobody read on for a minute, as in a pager: send it to a file: %w", err)
		}
		switch {
		case l.Error != "":
			return errors.New(l.Error)
		case l.End:
			return nil
		}
		if err := each(l); err != nil {
			return err
		}
	}
}

type diaryListCmd struct {
	reader
	From int64  `help:"First entry." placeholder:"N"`
	To   int64  `help:"Entry before which to stop. Default: all." placeholder:"N"`
	Last *int64 `help:"Only the last so many; 0: all. Default: 50, or all that --from and --to say." placeholder:"N"`
	Op   string `help:"Only entries of this operation, such as collect." placeholder:"OP"`
	JSON bool   `name:"json" help:"Print each entry as JSON: leaf, body and manifest, in the bytes that are hashed."`
}

// lastShown is how many entries a list has that is for none in particular.
const lastShown = 50

// Run lists entries, one a line.
func (c diaryListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := c.order()
	o.From, o.To, o.Op = c.From, c.To, c.Op
	switch {
	case c.Last != nil:
		o.Last = *c.Last
	case o.From == 0 && o.To == 0:
		o.Last = lastShown
	}
	o, err := o.checked()
	if err != nil {
		return err
	}
	table, unread, of, shown := newEntryTable(term.out), 0, int64(0), 0
	each := func(l diaryLine) error {
		term.warn(l.Fault)
		of = max(of, l.Of)
		term.closed("What the entries say stays closed", l.Closed)
		if l.Unreadable != "" {
			unread++
		}
		shown++
		if c.JSON {
			return json.NewEncoder(term.out).Encode(l)
		}
		return table.add(l)
	}
	err = onDesk(ctx, cli, term, c.Words, func(k desk) error { return k.read(ctx, o, each) },
		"/diary/read", &o, func(r io.Reader) error { return readLines(r, each) })
	err = table.end(err, unread)
	if of > 0 {
		what := "entries"
		if o.Op != "" {
			what = "such entries"
		}
		fmt.Fprintf(term.err, "The last %d of %d %s. All: --last 0; some: --from N --to N.\n", shown, of, what)
	}
	return err
}

// closed says why what was asked for is not shown, "" for nothing.
func (t terminal) closed(what, why string) {
	if why != "" {
		fmt.Fprint(t.err, fold(what+": "+why+".", 79))
	}
}

// unreadable is the error in which something ends that went on past entries that can't be opened.
func unreadable(n int) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be opened: varuh diary verify looks at all of them", count(n, "entry", "entries"))
}

type diaryShowCmd struct {
	reader
	Entry int64 `arg:"" help:"Number of the entry."`
}

// Run shows one entry whole.
func (c diaryShowCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := c.order()
	o.From, o.To = c.Entry, c.Entry+1
	o, err := o.checked()
	if err != nil {
		return err
	}
	unread := 0
	each := func(l diaryLine) error {
		term.warn(l.Fault)
		if err := showParts(term.out, l); err != nil {
			return err
		}
		term.closed("What the entry says stays closed", l.Closed)
		if l.Unreadable != "" {
			unread++
			_, err := fmt.Fprintln(term.out, "! cannot be opened:", proof.Printable(l.Unreadable))
			return err
		}
		return nil
	}
	err = onDesk(ctx, cli, term, c.Words, func(k desk) error { return k.read(ctx, o, each) },
		"/diary/read", &o, func(r io.Reader) error { return readLines(r, each) })
	return errors.Join(err, unreadable(unread))
}

// showParts prints leaf, body and manifest, laid out, each with the hash of the bytes that were signed.
func showParts(w io.Writer, l diaryLine) error {
	for _, part := range []struct{ name, text string }{{"leaf", l.Leaf}, {"body", l.Body}, {"manifest", l.Manifest}} {
		if part.text == "" {
			continue
		}
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(part.text), "", "  "); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s (SHA-256 %v)\n%s\n\n", part.name, proof.HashBody([]byte(part.text)), plain(b.String())); err != nil {
			return err
		}
	}
	return nil
}
