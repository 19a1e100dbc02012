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

	"golang.org/x/mod/sumdb/tlog"

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

// The first entries are deleted as a prune would, but no prune says so.
func TestCutWithoutPrune(t *testing.T) {
	t.Parallel()
	for _, cut := range []int64{1, 7, 256, 300} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			e, change := person("a")
			_, err := d.Append(t.Context(), e, change)
			must(t, err)
			appendAll(t, d, 3)
			_, err = d.Checkpoint(t.Context())
			must(t, err)
			appendAll(t, d, 320)
			r.cutAway(t, d, cut)
			shut(t, d)

			d = r.open(t)
			f := d.Fault()
			if f == nil || f.Kind != FaultCut || f.There != cut || !strings.Contains(f.String(), fmt.Sprintf("the first %d entries", cut)) {
				t.Fatalf("%v", f)
			}
			if more := d.moreFaults(); len(more) > 0 {
				t.Errorf("a wrong alarm: %q", more)
			}
			var b bytes.Buffer
			z := proof.NewZip(&b)
			must(t, d.Export(t.Context(), z, Export{}))
			if cut > 5 && !complains(d, "the checkpoint of 5 entries, which left, can't be joined") {
				t.Errorf("%q", d.Complaints())
			}
			_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "known")
			must(t, err)
			shut(t, d)
			d = r.open(t) // what was accepted is not found again, and nothing more than that
			if d.Fault() != nil {
				t.Errorf("after it was accepted: %v", d.Fault())
			}
			if !tells(r.verify(t, d), "the first entries are gone, and no prune took them") {
				t.Error("an export does not tell it")
			}
			r.cutAway(t, d, cut+1)
			shut(t, d)
			if d = r.open(t); d.Fault() == nil || d.Fault().Kind != FaultCut {
				t.Errorf("one more: %v", d.Fault())
			}
		})
	}
}

// cutAway deletes the entries before the cut, and leaves only the hashes that the rest is computed with.
func (r *rig) cutAway(t *testing.T, d *Diary, cut int64) {
	t.Helper()
	ids := frontierIDs(cut)
	hashes, err := reader{t.Context(), d.read, d.Head().Cut}.ReadHashes(ids)
	must(t, err)
	r.tamper(t, fmt.Sprintf(`DELETE FROM diary_leaves WHERE i < %d`, cut), fmt.Sprintf(`DELETE FROM diary_bodies WHERE i < %d`, cut),
		fmt.Sprintf(`UPDATE diary_head SET cut = %d`, cut))
	for i, id := range ids {
		r.tamper(t, fmt.Sprintf(`INSERT OR REPLACE INTO diary_hashes VALUES (%d, x'%x')`, id, hashes[i][:]))
	}
}

// A cut beyond that of the prune that is entered is found, too.
func TestCutBeyondPrune(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.years(t, d, 20)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	cut := d.Head().Cut
	shut(t, d)
	if d = r.open(t); d.Fault() != nil || len(d.Complaints()) > 0 {
		t.Errorf("what a prune took: %v, %q", d.Fault(), d.Complaints())
	}
	r.cutAway(t, d, cut+3)
	shut(t, d)
	if d = r.open(t); d.Fault() == nil || d.Fault().Kind != FaultCut || d.Fault().There != cut+3 {
		t.Errorf("%v", d.Fault())
	}
}

// A prune that nobody entered is not done, though the table of the one under way says so; and rows of junk
// keep none that is due from being done.
func TestForgedPrune(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.years(t, d, 20)
	shut(t, d)
	for _, i := range []int64{3, 999, -1} {
		r.tamper(t, fmt.Sprintf(`INSERT INTO diary_prune VALUES (1, %d, 10, 0)`, i))
		d = r.open(t)
		must(t, d.FinishPrune(t.Context()))
		if d.Head().Cut != 0 || !complains(d, fmt.Sprintf("entry %d does not: somebody put it there", i)) {
			t.Errorf("cut at %d, %q", d.Head().Cut, d.Complaints())
		}
		shut(t, d)
	}
	d = r.open(t)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	first := d.Head().Cut
	r.tamper(t, `INSERT INTO diary_released VALUES (5, 'junk')`, `INSERT INTO diary_released VALUES (-5, 'junk')`)
	r.at(2030, 3, 1)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	if err != nil || d.Head().Cut <= first {
		t.Errorf("cut at %d, before at %d: %v", d.Head().Cut, first, err)
	}
}

// Rows of junk in what outside parties gave stop nothing: each is named and left out, and what is right stays.
func TestJunkRows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	w := cosigner(t, d.o.Now)
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	appendAll(t, d, 4)
	anchor(t, d, w, noon) // entry 6, over 6 entries
	appendAll(t, d, 4)
	anchor(t, d, w, noon) // entry 11, over 11 entries
	anchor(t, d, w, noon) // entry 12, over 12 entries
	shut(t, d)
	r.tamper(t,
		`INSERT INTO diary_anchors VALUES (-1, 6, 'witness', 'junk', 0, x'00')`,
		`INSERT INTO diary_anchors VALUES (2, 6, 'tsa', 'junk', 0, x'00')`,
		`INSERT INTO diary_anchors VALUES (99, 77, 'print', 'junk', 0, x'')`,
		`UPDATE diary_anchors SET data = x'6a756e6b' WHERE i = 11`,
		`UPDATE diary_anchors SET kind = 'pigeon' WHERE i = 12`,
		`INSERT INTO diary_released VALUES (4, 'junk')`,
		`INSERT INTO diary_released VALUES (-4, '')`,
		`INSERT INTO diary_released SELECT 5, checkpoint FROM diary_released WHERE size = 6`,
		`INSERT INTO diary_signers (first, vkey) VALUES (3, 'sola.example+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')`,
		`INSERT INTO diary_origins VALUES (4, 'other.example/varuh/1/dnevnik')`)
	d = r.open(t)
	if d.Fault() != nil {
		t.Error(d.Fault())
	}
	check := func(d *Diary) {
		t.Helper()
		for _, want := range []string{"entry -1 in diary_anchors", "entry 2 in diary_anchors", "entry 99 in diary_anchors", "entry 11 in diary_anchors",
			`"pigeon"`, "checkpoint of 4 entries", "checkpoint of -4 entries", "checkpoint of 5 entries", "is one of 6",
			"holds no key", "diary_signers is of entry 3", "diary_origins is of entry 4"} {
			if !complains(d, want) {
				t.Errorf("nothing says %q: %q", want, d.Complaints())
			}
		}
	}
	check(d)
	before := len(d.Complaints())
	report := r.verify(t, d)
	if report.Intact.State != proof.Yes || report.Origin == "" {
		t.Errorf("%+v", report)
	}
	if len(d.Complaints()) != before {
		t.Errorf("after an export: %q", d.Complaints())
	}
	shut(t, d)
	r.tamper(t, `DELETE FROM diary_anchors WHERE i >= 11`)
	if d = r.open(t); !complains(d, "entry 11 says that somebody outside anchored") || !complains(d, "entry 12") {
		t.Errorf("anchors that were deleted: %q", d.Complaints())
	}
}

// Rows of junk at the indexes of entries to come stand in the way of none.
func TestJunkAhead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wentBack(t)
	for i := 12; i < 20; i++ {
		r.tamper(t,
			fmt.Sprintf(`INSERT INTO diary_origins VALUES (%d, 'a%[1]d')`, i),
			fmt.Sprintf(`INSERT INTO diary_signers (first, vkey) VALUES (%d, 'a%[1]d')`, i),
			fmt.Sprintf(`INSERT INTO diary_bodies VALUES (%d, 1, x'', NULL, 0)`, i),
			fmt.Sprintf(`INSERT INTO diary_anchors VALUES (%d, 1, 'print', '', 0, x'')`, i))
	}
	r.tamper(t, fmt.Sprintf(`INSERT INTO diary_hashes VALUES (%d, x'00')`, tlog.StoredHashIndex(blockLevel, 0)))
	d := r.open(t)
	_, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
	must(t, err)
	_, err = d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly")
	must(t, err)
	appendAll(t, d, 2)
	anchor(t, d, cosigner(t, d.o.Now), noon)
	appendAll(t, d, 260)
	shut(t, d)
	d = r.open(t)
	if d.Fault() != nil || len(r.readAll(t, d)) < 19 {
		t.Error(d.Fault())
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// What can't be accepted for want of a row leaves nothing, and no checkpoint that nobody signed.
func TestAcceptFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	shut(t, d)
	other := newRig(t)
	shut(t, other.create(t))
	wrong, err := os.ReadFile(filepath.Join(other.dir, "keys", signingFile))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(r.dir, "keys", signingFile), wrong, 0o600))
	r.tamper(t, `DROP TABLE people`)
	o := r.options()
	o.Schema = nil // else it would be made again
	d, err = Open(t.Context(), o)
	must(t, err)
	if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); !errors.Is(err, ErrKey) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "x"); err == nil || !strings.Contains(err.Error(), "people") {
		t.Errorf("without a governed table: %v", err)
	}
	if f := d.Fault(); f == nil || f.Kind != FaultKey || d.Head().Size != 1 {
		t.Errorf("%v, %d entries", f, d.Head().Size)
	}
}

// A checkpoint of more entries than there are, signed by the diary, is named wherever it lies.
func TestReleasedIsAhead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 4)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 4)
	ahead, err := d.Checkpoint(t.Context())
	must(t, err)
	shut(t, d)
	restore()
	must(t, os.Remove(filepath.Join(r.dir, "keys", noteFile)))
	r.tamper(t, `INSERT INTO diary_released VALUES (9, '`+string(ahead)+`')`)
	d = r.open(t)
	if !complains(d, "a checkpoint of 9 entries that this diary signed, which has 5") {
		t.Errorf("%q", d.Complaints())
	}
	r.bundle(t, d)
}

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

// Digests of tables that are at fault stay what they should be, those of others go on: a fault of another kind
// does not make a change of state good.
func TestStateIsNotLaundered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wentBack(t)
	r.tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`)
	for range 2 {
		d := r.open(t)
		if f := d.Fault(); f == nil || f.Kind != FaultRollback || !complains(d, "people changed without an entry") {
			t.Fatalf("%v, %q", f, d.Complaints())
		}
		_, err := d.Saw(t.Context(), Seen{By: "one more witness", Size: 1000}) // a governed entry
		must(t, err)
		shut(t, d)
	}
	r.tamper(t, `DELETE FROM people WHERE id = 'm'`)
	d := r.open(t)
	if len(d.w.askew) > 0 {
		t.Errorf("after it was put right: %v", d.w.askew)
	}
	rows, err := d.Query(t.Context(), `SELECT count(*) FROM diary_faults`)
	must(t, err)
	var n int
	for rows.Next() {
		must(t, rows.Scan(&n))
	}
	must(t, errors.Join(rows.Err(), rows.Close()))
	if n != 3 {
		t.Errorf("%d incidents", n)
	}
}

// Whoever takes an entry out of a hold by the table alone does not have it pruned.
func TestUnpinnedByTheTable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	_, err := d.Pin(t.Context(), "hold 1", []int64{1, 2}, keyring.Identity{r.reading}, proof.Body{Actor: ana()}, nil)
	must(t, err)
	shut(t, d)
	if d = r.open(t); d.Fault() != nil {
		t.Error(d.Fault())
	}
	r.tamper(t, `DELETE FROM diary_pinned WHERE i = 2`)
	e, change := person("a")
	if _, err := d.Append(t.Context(), e, change); !errors.Is(err, ErrFault) {
		t.Errorf("the next change: %v", err)
	}
	if f := d.Fault(); f == nil || f.By != "diary_pinned" {
		t.Errorf("%v", f)
	}
}

// A trigger would change the state inside of an entry, on whatever table it is and however that is spelt: nothing is
// written on top of it, neither by a diary that is open nor after a start, until it is removed as the error says.
func TestTriggers(t *testing.T) {
	t.Parallel()
	const insert = ` BEGIN INSERT INTO people VALUES ('m', 'Mallory'); END`
	for name, statements := range map[string][]string{
		"state":      {`CREATE TRIGGER quiet AFTER INSERT ON people WHEN new.id <> 'm'` + insert},
		"own":        {`CREATE TRIGGER quiet AFTER INSERT ON diary_leaves` + insert},
		"other case": {`CREATE TRIGGER quiet AFTER INSERT ON Diary_Leaves` + insert},
		"a conflict": {`CREATE TRIGGER quiet AFTER INSERT ON diary_leaves BEGIN INSERT INTO diary_leaves VALUES (new.i, 'x'); END`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			r.schemaTamper(t, statements...)
			refused := func(err error) {
				t.Helper()
				if !errors.Is(err, ErrDamaged) || !strings.Contains(fmt.Sprint(err), `DROP TRIGGER "quiet"`) {
					t.Errorf("%v", err)
				}
			}
			e, change := person("a")
			for range 2 {
				_, err := d.Append(t.Context(), e, change)
				refused(err)
				_, err = d.Append(t.Context(), viewing(1), nil)
				refused(err)
			}
			if d.Head().Size != 1 || d.Fault() != nil {
				t.Errorf("%d entries, %v", d.Head().Size, d.Fault())
			}
			shut(t, d)
			_, err := Open(t.Context(), r.options())
			refused(err)
			r.tamper(t, `DROP TRIGGER "quiet"`)
			d = r.open(t)
			if _, err := d.Append(t.Context(), e, change); err != nil || d.Fault() != nil {
				t.Errorf("after it was removed: %v, %v", err, d.Fault())
			}
		})
	}
}

// A view in the place of a table shows what it likes.
func TestViewForTable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	r.tamper(t, `ALTER TABLE people RENAME TO persons`, `CREATE VIEW people AS SELECT id, name FROM persons`)
	if d := r.open(t); d.Fault() == nil || d.Fault().By != "people" {
		t.Errorf("a view: %v", d.Fault())
	}
}
