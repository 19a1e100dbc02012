package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"varuh/accesslog/diary/proof"
	"varuh/configs"
)

// cheat plays an administrator who takes an entry out of the diary, and an auditor who finds it, with nothing
// but a checkpoint that was kept outside before. It uses what he has: the files and keys of the appliance.
func (d *demo) cheat(ctx context.Context, cfg *configs.Config) (err error) {
	s, err := openSite(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	held := filepath.Join(filepath.Dir(d.keyFile), "checkpoint.txt")
	bundle := filepath.Join(d.dir, "cheated.zip")
	var victim int64
	var behind []diaryLine
	var paper string // the fingerprint of the key, as init prints it for the envelope
	if err := s.withDesk(ctx, false, d.term, func(k desk) error {
		key, err := proof.ParseKey(k.diary.Head().VKey)
		if paper = key.Fingerprint(); err != nil {
			return err
		}
		if err := d.before(ctx, k, held, &victim); err != nil {
			return err
		}
		return k.lines(ctx, k.opener(diaryOrder{}), victim+1, k.diary.Head().Size, func(l diaryLine) error {
			behind = append(behind, l)
			return nil
		})
	}); err != nil {
		return err
	}
	if err := d.delete(ctx, s, victim, behind); err != nil {
		return err
	}
	if err := s.withDesk(ctx, false, d.term, func(k desk) error { return d.after(ctx, k, bundle, victim) }); err != nil {
		return err
	}
	if err := d.audit(ctx, bundle, held, paper); err != nil {
		return err
	}
	return d.say(`
So a checkpoint has to leave the appliance before somebody wants to cheat:
varuh sends it to witnesses every hour (diary: in varuh.yml), has it
time-stamped, and prints it (varuh diary checkpoint --page). What was written
since the last one that left, root can still rewrite; "varuh status" says how
much that is.

%s
`, d.leftovers())
}

func (d *demo) say(format string, args ...any) error {
	_, err := fmt.Fprintf(d.term.out, format, args...)
	return err
}

// before has the administrator do what he will regret, shows the diary, and keeps a checkpoint outside.
func (d *demo) before(ctx context.Context, k desk, held string, victim *int64) error {
	*victim = k.diary.Head().Size
	o := diaryOrder{who: played("administrator"), Reason: "looking up who watched whom"}
	if _, err := k.enter(ctx, "diary.read", o, 0, *victim); err != nil {
		return err
	}
	last := diaryOrder{who: played("auditor"), Reason: "yearly check"}
	if err := d.say("\n1. Everything that happens is an entry of the diary, reading it included. The\n   last ones:\n\n"); err != nil {
		return err
	}
	if err := d.table(ctx, k, last); err != nil {
		return err
	}
	a, err := k.checkpoint(ctx, false)
	if err != nil {
		return err
	}
	if err := os.WriteFile(held, []byte(a.Note), 0o600); err != nil {
		return err
	}
	lines := strings.SplitN(a.Note, "\n", 4)
	return d.say("\n2. Somebody outside keeps the checkpoint: a witness, an auditor, a sheet of\n   paper. It is three lines, and a signature:\n\n"+
		"    %s\n    %s entries\n    %s\n", lines[0], lines[1], lines[2])
}

// bareTable lists entries without heads.
func (d *demo) bareTable() *entryTable {
	t := newEntryTable(d.term.out)
	t.indent, t.bare = "  ", true
	return t
}

// lastEntries is how many entries fit on a screen beside what is said of them.
const lastEntries = 9

// table lists the last entries of the diary, with the entry that this is.
func (d *demo) table(ctx context.Context, k desk, o diaryOrder) error {
	if _, err := k.enter(ctx, "diary.read", o, 0, k.diary.Head().Size); err != nil {
		return err
	}
	w := d.bareTable()
	return w.end(k.lines(ctx, k.opener(o), max(0, k.diary.Head().Size-lastEntries), k.diary.Head().Size, w.add), 0)
}

// delete is the cheat.
func (d *demo) delete(ctx context.Context, s *site, victim int64, behind []diaryLine) error {
	o, err := diaryOptions(s.cfg.State)
	if err != nil {
		return err
	}
	if err := playRoot(ctx, o, victim, behind); err != nil {
		return err
	}
	return d.say("\n3. The administrator is root. He takes entry %d out, numbers what follows anew,\n"+
		"   and signs everything with the appliance's own key. The appliance opens this\n   diary without a complaint:\n\n", victim)
}

// after shows the diary as the cheat left it, and takes it out for the auditor.
func (d *demo) after(ctx context.Context, k desk, bundle string, victim int64) error {
	if f := k.diary.Fault(); f != nil {
		return fmt.Errorf("the cheat was found by the appliance itself: %v", f)
	}
	w := d.bareTable()
	if err := w.end(k.lines(ctx, k.opener(diaryOrder{}), max(0, victim-2), k.diary.Head().Size, w.add), 0); err != nil {
		return err
	}
	if err := os.Remove(bundle); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // of a cheat before, in the same folder
	}
	return writeWhole(bundle, func(w io.Writer) error {
		out, err := k.export(ctx, diaryOrder{who: played("auditor"), Reason: "yearly check"}, w)
		return errors.Join(err, out.err())
	})
}

// audit verifies what the appliance handed out, without and with what was kept outside.
func (d *demo) audit(ctx context.Context, bundle, held, paper string) error {
	z, err := os.ReadFile(bundle)
	if err != nil {
		return err
	}
	kept, err := os.ReadFile(held)
	if err != nil {
		return err
	}
	key := proof.VerifyOptions{Fingerprints: []string{paper}}
	with := key
	with.Held = [][]byte{kept}
	for _, try := range []struct {
		text string
		o    proof.VerifyOptions
	}{
		{fmt.Sprintf("\n4. An auditor gets what the appliance hands out. Every signature is right;\n   nothing tells him of the cheat:\n\n   varuh-verify --key %q %s", paper, bundle), key},
		{fmt.Sprintf("\n5. Held against the checkpoint that was kept outside, it is found:\n\n   varuh-verify --key %q --held %s %s", paper, held, bundle), with},
	} {
		report, err := verifyBundle(ctx, z, try.o)
		if err != nil {
			return err
		}
		text := bytes.ReplaceAll([]byte(reportText(report)), []byte("\n"), []byte("\n   "))
		if err := d.say("%s\n\n   %s\n", try.text, bytes.TrimSpace(text)); err != nil {
			return err
		}
		if try.o.Held != nil && !report.Bad() {
			return errors.New("the cheat was not found")
		}
	}
	return nil
}

// played is somebody whom the demo plays.
func played(name string) who {
	return who{by: proof.Actor{Name: name, Proof: "claimed on the console"}}
}
