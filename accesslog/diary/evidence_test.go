package diary

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// wentBack leaves a diary whose older copy was put back, with the incident in it.
func (r *rig) wentBack(t *testing.T) (incident int64) {
	t.Helper()
	d := r.create(t)
	appendAll(t, d, 10)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 10)
	shut(t, d)
	restore()
	d = r.open(t)
	if f := d.Fault(); f == nil || f.Kind != FaultRollback {
		t.Fatalf("%v", f)
	}
	incident = d.Head().Size - 1
	shut(t, d)
	return incident
}

// What the log says went back, root can't make unsaid: neither by emptying the table of faults, nor by marking
// them as accepted, nor by rows of his own. That the table changed is itself found, and entered once.
func TestFaultsOutlastTheirTable(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"emptied":  `DELETE FROM diary_faults`,
		"accepted": `UPDATE diary_faults SET accepted = 0`,
		"moved":    `UPDATE diary_faults SET i = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			incident := r.wentBack(t)
			must(t, os.Remove(filepath.Join(r.dir, "keys", noteFile)))
			r.tamper(t, statement)
			var size int64
			for range 3 {
				d := r.open(t)
				f := d.Fault()
				if f == nil || !strings.Contains(f.String(), fmt.Sprintf("entry %d", incident)) && f.Kind != FaultState {
					t.Fatalf("%v", f)
				}
				if _, err := d.Append(t.Context(), viewing(1), nil); !errors.Is(err, ErrFault) {
					t.Errorf("access: %v", err)
				}
				said := append(d.Complaints(), f.String())
				for _, want := range []string{"diary_faults changed without an entry", fmt.Sprintf("entry %d says that something went back", incident)} {
					if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) {
						t.Errorf("%q is not in %q", want, said)
					}
				}
				if size == 0 {
					size = d.Head().Size
				}
				if d.Head().Size != size || size != incident+3 { // the note is gone, and the state differs
					t.Errorf("%d entries, then %d: it is to be entered once", size, d.Head().Size)
				}
				shut(t, d)
			}
			d := r.open(t)
			_, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
			must(t, err)
			shut(t, d)
			if d = r.open(t); d.Fault() != nil {
				t.Errorf("after it was accepted: %v", d.Fault())
			}
			appendAll(t, d, 1)
		})
	}
}

// A row that no incident of the log backs makes no fault, and is named.
func TestFaultOutOfNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 2)
	shut(t, d)
	r.tamper(t, `INSERT INTO diary_faults (i, kind, seen_by, there, here) VALUES (1, 'rollback', 'nobody', 99, 3)`)
	d = r.open(t)
	if f := d.Fault(); f == nil || f.Kind != FaultState || f.By != "diary_faults" {
		t.Errorf("%v", f)
	}
	if !complains(d, "entry 1, which is no open incident") {
		t.Errorf("%q", d.Complaints())
	}
}

func complains(d *Diary, text string) bool {
	return slices.ContainsFunc(d.Complaints(), func(s string) bool { return strings.Contains(s, text) })
}

// The note beside the signing key stays while it tells of a diary that is gone, over every stop and every
// checkpoint that leaves, until two persons accept.
func TestNoteIsEvidence(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wentBack(t)
	name := filepath.Join(r.dir, "keys", noteFile)
	was, err := os.ReadFile(name)
	must(t, err)
	for range 2 {
		d := r.open(t)
		_, err := d.Checkpoint(t.Context())
		must(t, err)
		shut(t, d)
		if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, was) {
			t.Fatalf("%s, %v", now, err)
		}
	}
	d := r.open(t)
	if f := d.Fault(); f == nil || f.There != 21 {
		t.Errorf("%v", f)
	}
	_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
	must(t, err)
	if c, err := proof.ReadCheckpoint(second1(os.ReadFile(name))); err != nil || c.Origin != d.Head().Origin {
		t.Errorf("after it was accepted: %v, %v", c, err)
	}
	shut(t, d)
}

// A note that is gone, or of no checkpoint of the diary, is entered once, though the next start comes after a crash:
// a new one is written at once. Junk stays for a person to look at, and is named until he took it away.
func TestNoteTellsNothing(t *testing.T) {
	t.Parallel()
	for result, spoil := range map[string]func(name string) error{
		"note missing": os.Remove,
		"note strange": func(name string) error { return os.WriteFile(name, []byte("junk"), 0o600) },
	} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			appendAll(t, d, 3)
			shut(t, d)
			name := filepath.Join(r.dir, "keys", noteFile)
			must(t, spoil(name))
			d = r.open(t)
			if d.Fault() != nil || !complains(d, name) || d.Head().Size != 5 {
				t.Errorf("%v, %d entries, %q", d.Fault(), d.Head().Size, d.Complaints())
			}
			if body, _, err := d.Opener(r.identity()).Open(t.Context(), 4); err != nil || !bytes.Contains(body, []byte(result)) {
				t.Errorf("%s, %v", body, err)
			}
			if c, err := proof.ReadCheckpoint(second1(os.ReadFile(name))); err != nil || c.Size != 5 {
				t.Errorf("the new note, before the diary is closed: %+v, %v", c, err)
			}
			kept := name + ".strange"
			for range 2 {
				shut(t, d)
				if d = r.open(t); d.Head().Size != 5 || complains(d, kept) != (result == "note strange") {
					t.Errorf("%d entries, %q", d.Head().Size, d.Complaints())
				}
			}
			shut(t, d)
			if result == "note missing" {
				return
			}
			if now, err := os.ReadFile(kept); err != nil || string(now) != "junk" {
				t.Errorf("it did not stay for a person to look at: %s, %v", now, err)
			}
			must(t, os.Remove(kept))
			if d = r.open(t); len(d.Complaints()) > 0 {
				t.Errorf("%q", d.Complaints())
			}
		})
	}
}

func second1[T any](v T, _ error) T { return v }

// A varuh.db from before a change of keys is put back: nothing is signed with a key that is not the diary's, what is
// others wish waits, and two persons go on.
func TestOldDatabaseBeforeARotation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 10)
	shut(t, d)
	restore := r.backup(t)
	oldKey, err := os.ReadFile(filepath.Join(r.dir, "keys", signingFile))
	must(t, err)
	d = r.open(t)
	_, err = d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly")
	must(t, err)
	appendAll(t, d, 4)
	shut(t, d)
	newer := r.backup(t)
	newKey, err := os.ReadFile(filepath.Join(r.dir, "keys", signingFile))
	must(t, err)

	restore()
	d = r.open(t)
	f := d.Fault()
	if f == nil || f.Kind != FaultKey || f.There != 16 || f.Here != 11 || !strings.Contains(f.String(), "an older varuh.db was put back") {
		t.Fatalf("%+v: %v", f, f)
	}
	e, change := person("x")
	for name, err := range map[string]error{
		"an entry": second(d.Append(t.Context(), Entry{Op: "collect"}, nil)), "a change of state": second(d.Append(t.Context(), e, change)),
		"a rotation": second(d.RotateSigningKey(t.Context(), proof.Body{}, "yearly")),
	} {
		if !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "older varuh.db") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.bundle(t, d) // what is there can be handed out for the search
	if _, err := d.Saw(t.Context(), Seen{By: "a witness", Origin: d.Head().Origin, Size: 15}); err != nil || !complains(d, "a witness remembers 15") {
		t.Errorf("%v, %q", err, d.Complaints())
	}
	if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); !errors.Is(err, ErrKey) {
		t.Errorf("without the key: %v", err)
	}
	if d.Head().Size != 11 {
		t.Errorf("%d entries", d.Head().Size)
	}
	if now, err := os.ReadFile(filepath.Join(r.dir, "keys", signingFile)); err != nil || !bytes.Equal(now, newKey) {
		t.Errorf("the newer key was touched: %v", err)
	}
	shut(t, d)

	newer() // with the newer database back, nothing is wrong
	if d = r.open(t); d.Fault() != nil {
		t.Error(d.Fault())
	}
	shut(t, d)
	must(t, os.WriteFile(filepath.Join(r.dir, "keys", signingFile), oldKey, 0o600))
	if d = r.open(t); d.Fault() == nil || !strings.Contains(d.Fault().String(), "an old folder of keys was put back") {
		t.Errorf("an old key: %v", d.Fault())
	}
	shut(t, d)
	must(t, os.WriteFile(filepath.Join(r.dir, "keys", signingFile), newKey, 0o600))

	restore()
	d = r.open(t)
	origin := d.Head().Origin
	got, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "the newer disk is lost")
	must(t, err)
	if d.Fault() != nil || d.Head().Origin == origin || got.Index != 11 {
		t.Errorf("%v, %+v", d.Fault(), d.Head())
	}
	raw, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), got.Index)
	must(t, err)
	if body, err := proof.ParseBody(raw); err != nil || body.Data["kind"] != FaultKey || body.Data["there"] != int64(16) {
		t.Errorf("%+v, %v", body, err)
	}
	appendAll(t, d, 3)
	shut(t, d)
	if d = r.open(t); d.Fault() != nil || len(d.Complaints()) > 0 {
		t.Errorf("after a restart: %v, %q", d.Fault(), d.Complaints())
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes || !tells(report, "the signing key was not the diary's") {
		t.Errorf("%+v", report)
	}
}

func tells(r *proof.Report, text string) bool {
	return slices.ContainsFunc(r.Findings, func(f proof.Finding) bool { return strings.Contains(f.Sentence.EN, text) })
}
