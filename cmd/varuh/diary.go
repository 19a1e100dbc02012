package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// reader is who reads the diary and why. Both are entered in it before anything is shown.
type reader struct {
	Actor  string `help:"Who you are, as a person. It is entered as claimed on the console." placeholder:"NAME"`
	Reason string `help:"Why you read the diary. It is entered, too." placeholder:"TEXT"`
	Words  bool   `help:"Open the entries with the recovery words; only while varuh is stopped."`
}

func (r reader) order() diaryOrder { return diaryOrder{Actor: r.Actor, Reason: r.Reason} }

func (r reader) check() error {
	if r.Actor == "" || r.Reason == "" {
		return errors.New("who reads the diary, and why, is entered in it: give --actor NAME and --reason TEXT")
	}
	return nil
}

// onDesk has the diary of a state folder handed out: here, or by the daemon that holds it.
func (r reader) onDesk(ctx context.Context, cli *cli, term terminal, here func(desk) error, path string, o diaryOrder, there func(io.Reader) error) error {
	return onSite(ctx, cli, term, func(s *site) error {
		return s.withDesk(ctx, r.Words, term, here)
	}, func(state string) error {
		if r.Words {
			return errors.New("the recovery words are not sent to a running program: stop varuh first")
		}
		answer, err := askDesk(ctx, state, path, o)
		if err != nil {
			return err
		}
		defer answer.Close() // only read
		return there(answer)
	})
}

// withDesk opens the diary of a site for one use.
func (s *site) withDesk(ctx context.Context, words bool, term terminal, use func(desk) error) (err error) {
	d, err := openDiary(ctx, s.cfg.State, s.appliance)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if f := d.Fault(); f != nil {
		fmt.Fprintln(term.err, "warning:", f)
	}
	k := desk{diary: d}
	if words {
		key, err := askWords(term, "The recovery words open the diary, too.")
		if err != nil {
			return err
		}
		if err := s.knows(key); err != nil {
			return err
		}
		k.keys = keyring.Identity{key}
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
			return fmt.Errorf("the daemon ended in the middle of the diary: %w", err)
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
	Last int64  `help:"Only so many, from the end; 0: all." default:"50" placeholder:"N"`
	Op   string `help:"Only entries of this operation, such as collect." placeholder:"OP"`
	JSON bool   `name:"json" help:"Print each entry as JSON: leaf, body and manifest, in the bytes that are hashed."`
}

// Run lists entries, one a line.
func (c diaryListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	o := c.order()
	o.From, o.To, o.Last, o.Op = c.From, c.To, c.Last, c.Op
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	begun := false
	each := func(l diaryLine) error {
		if l.Closed != "" {
			fmt.Fprintln(term.err, "what the entries say stays closed:", l.Closed)
		}
		if !begun {
			begun = true
			fmt.Fprintln(w, "ENTRY\tTIME (UTC)\tOPERATION\tWHO\tWHAT")
		}
		return listLine(w, l)
	}
	if c.JSON {
		each = func(l diaryLine) error { return json.NewEncoder(term.out).Encode(l) }
	}
	err := c.onDesk(ctx, cli, term, func(k desk) error { return k.read(ctx, o, each) },
		"/diary/read", o, func(r io.Reader) error { return readLines(r, each) })
	return errors.Join(err, w.Flush())
}

// listLine is an entry in one line.
func listLine(w io.Writer, l diaryLine) error {
	leaf, err := proof.ParseLeaf([]byte(l.Leaf))
	if err != nil {
		return err
	}
	who, what := "", ""
	if l.Body != "" {
		b, err := proof.ParseBody([]byte(l.Body))
		if err != nil {
			return fmt.Errorf("entry %d: %w", leaf.Index, err)
		}
		if b.Actor != nil {
			who = b.Actor.Name
		}
		what = summary(b)
	}
	if leaf.Ref != nil {
		what = strings.TrimSpace(fmt.Sprintf("to entry %d; %s", *leaf.Ref, what))
	}
	_, err = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", leaf.Index, leaf.Time.Format("2006-01-02 15:04:05"), leaf.Op, printable(who), printable(what))
	return err
}

// summary is what a body says, in short.
func summary(b proof.Body) string {
	var parts []string
	for _, o := range b.Objects {
		parts = append(parts, fmt.Sprintf("%s %s to %s", o.Camera, o.From.Format("2006-01-02 15:04:05"), o.To.Format("15:04:05")))
	}
	for _, text := range []string{b.Purpose, b.Basis, b.Case, b.Recipient, b.Result, b.Note} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if sum, ok := b.Data["sha256"].(string); ok {
		parts = append(parts, "SHA-256 "+sum[:min(16, len(sum))]+"…")
	}
	if n, ok := b.Data["segments"].(int64); ok {
		parts = append(parts, count(int(n), "segment", "segments"))
	}
	if n, ok := b.Data["gaps"].(int64); ok {
		parts = append(parts, count(int(n), "gap", "gaps"))
	}
	return strings.Join(parts, "; ")
}

// printable is a text without what could move a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

type diaryShowCmd struct {
	reader
	Entry int64 `arg:"" help:"Number of the entry."`
}

// Run shows one entry whole.
func (c diaryShowCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	o := c.order()
	o.From, o.To = c.Entry, c.Entry+1
	each := func(l diaryLine) error {
		for _, part := range []struct{ name, text string }{{"leaf", l.Leaf}, {"body", l.Body}, {"manifest", l.Manifest}} {
			if part.text == "" {
				continue
			}
			var b bytes.Buffer
			if err := json.Indent(&b, []byte(part.text), "", "  "); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(term.out, "%s (SHA-256 %v)\n%s\n\n", part.name, proof.HashBody([]byte(part.text)), b.Bytes()); err != nil {
				return err
			}
		}
		if l.Closed != "" {
			fmt.Fprintln(term.err, "what the entry says stays closed:", l.Closed)
		}
		return nil
	}
	return c.onDesk(ctx, cli, term, func(k desk) error { return k.read(ctx, o, each) },
		"/diary/read", o, func(r io.Reader) error { return readLines(r, each) })
}

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
	if err := c.check(); err != nil {
		return err
	}
	o := c.order()
	o.From, o.To, o.Redact = c.From, c.To, c.Redact
	if c.Encrypt {
		o.Passphrase = aeszip.NewPassphrase()
	}
	closed := error(nil)
	err := writeWhole(c.Out, func(w io.Writer) error {
		return c.onDesk(ctx, cli, term, func(k desk) error {
			if k.keys == nil {
				closed = k.closed
			}
			return k.export(ctx, o, w)
		}, "/diary/export", o, func(r io.Reader) error {
			_, err := io.Copy(w, r)
			return err
		})
	})
	if err != nil {
		return err
	}
	if closed != nil && !c.Redact {
		fmt.Fprintln(term.err, "what the entries say is not in it:", closed)
	}
	if c.Encrypt {
		_, err = fmt.Fprintf(term.out, "Passphrase, shown this once: %s\nHand it over by another way than the file.\n", o.Passphrase)
	}
	_, said := fmt.Fprintf(term.out, "Wrote %s. Anybody can check it: varuh-verify %[1]s\n", c.Out)
	return errors.Join(err, said)
}

// writeWhole writes a file that gets its name only when it is whole. It never takes the place of another:
// a name mistyped must not cost a key or the diary itself.
func writeWhole(name string, write func(io.Writer) error) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("there is a file %s already, and it stays: choose another name", name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, name); err != nil {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	return durable.OS.SyncDir(filepath.Dir(name))
}

type diaryVerifyCmd struct {
	Held []string `help:"File with a checkpoint that was kept outside the appliance; may be given several times." type:"existingfile" placeholder:"FILE"`
	JSON bool     `name:"json" help:"Print the report as JSON."`
}

// Run checks the diary as varuh-verify does, here. Whoever does not trust this machine exports it and checks
// it elsewhere.
func (c diaryVerifyCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	var held [][]byte
	for _, name := range c.Held {
		b, err := durable.ReadFile(durable.OS, name, 1<<20)
		if err != nil {
			return fmt.Errorf("couldn't read a checkpoint that was kept: %w", err)
		}
		held = append(held, b)
	}
	var leaves bytes.Buffer // without a body; a hundred bytes an entry
	err := reader{}.onDesk(ctx, cli, term, func(k desk) error { return k.bundle(ctx, &leaves, "", diary.Export{}) },
		"/diary/leaves", diaryOrder{}, func(r io.Reader) error {
			_, err := io.Copy(&leaves, r)
			return err
		})
	if err != nil {
		return err
	}
	report, err := verifyBundle(ctx, leaves.Bytes(), proof.VerifyOptions{Held: held})
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(term.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		_, err = io.WriteString(term.out, reportText(report))
	}
	if err == nil && report.Bad() {
		return errSaid
	}
	return err
}

// verifyBundle checks a bundle in memory.
func verifyBundle(ctx context.Context, bundle []byte, o proof.VerifyOptions) (*proof.Report, error) {
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		return nil, err
	}
	return proof.VerifyBundle(ctx, z, o)
}

// reportText is the three verdicts, then what was found.
func reportText(r *proof.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Origin, count(int(r.Size), "entry", "entries"))
	for _, v := range []proof.Verdict{r.Intact, r.Complete, r.Anchored} {
		b.WriteString(fold(fmt.Sprintf("[%s] %s", map[proof.State]string{proof.Yes: "✓", proof.No: "✗", proof.Unknown: "?"}[v.State], v.EN), 100))
	}
	for _, f := range r.Findings {
		b.WriteString(fold(map[bool]string{true: " ✗  ", false: " ·  "}[f.Bad]+f.EN, 100))
	}
	return b.String()
}

type diaryCheckpointCmd struct {
	Out  string `help:"File to write the checkpoint to. Default: print it." type:"path" placeholder:"FILE"`
	Page string `help:"File to write a page for printing to (HTML, with a QR code)." type:"path" placeholder:"FILE"`
}

// Run hands out the last checkpoint. It names nobody.
func (c diaryCheckpointCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	var a checkpointAnswer
	err := reader{}.onDesk(ctx, cli, term, func(k desk) (err error) {
		a, err = k.checkpoint(ctx)
		return err
	}, "/diary/checkpoint", diaryOrder{}, func(r io.Reader) error { return decodeAnswer(r, &a) })
	if err != nil {
		return err
	}
	if c.Page != "" {
		if err := c.page(cli, a); err != nil {
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
			_, err = fmt.Fprintf(term.out, "Wrote %s. Keep it where this machine's administrator can't change it; later:\n  varuh-verify --held %[1]s BUNDLE\n", c.Out)
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
	Actor  string `help:"Who approves, as a person." required:"" placeholder:"NAME"`
	Second string `help:"Another person who says so, too." required:"" placeholder:"NAME"`
	Reason string `help:"What happened, such as: disk restored from the copy of 3 May." required:"" placeholder:"TEXT"`
}

// Run accepts what went back. It is done while varuh is stopped, so that both persons stand before it.
func (c diaryAcceptCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return onSite(ctx, cli, term, func(s *site) error {
		return s.withDesk(ctx, false, term, func(k desk) error {
			person := func(name string) proof.Actor {
				return proof.Actor{ID: name, Name: name, Proof: "claimed on the console"}
			}
			if _, err := k.diary.Accept(ctx, person(c.Actor), person(c.Second), c.Reason); err != nil {
				return err
			}
			h := k.diary.Head()
			key, err := proof.ParseKey(h.VKey)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(term.out, "The diary goes on as\n\n  %s\n\nIts new key has the fingerprint\n\n  %s\n\nWrite both on the paper with the recovery words, and tell those who check the diary.\n", h.Origin, key.Fingerprint())
			return err
		})
	}, func(string) error {
		return errors.New("that is accepted while varuh is stopped, with both persons before the machine: stop it first")
	})
}
