package diary

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Root sets the clock ahead and writes rows for a party of his own, whose key has no entry: nothing goes.
func TestPartyOutOfNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 5)
	r.at(2029, time.November, 21)
	appendAll(t, d, 1)
	w := cosigner(t, func() time.Time { return d.o.Now() })
	checkpoint, err := d.Checkpoint(t.Context())
	must(t, err)
	c, err := proof.ReadCheckpoint(checkpoint)
	must(t, err)
	signed, err := note.Sign(&note.Note{Text: c.Text()}, w)
	must(t, err)
	_, line, _ := strings.Cut(string(signed), "\n\n")
	shut(t, d)
	party := fmt.Sprintf(`INSERT INTO diary_parties VALUES ('%s', 'witness', '%s', 0)`, w.Name(), w.Key)
	given := fmt.Sprintf(`INSERT INTO diary_anchors VALUES (2, %d, 'witness', '%s', %d, x'%x')`, c.Size, w.Name(), r.options().Now().UnixMilli(), line)
	r.tamper(t, party, given)
	r.tamper(t, `UPDATE diary_head SET state = '{"state":"","tables":{}}'`)
	d = r.open(t)
	if err := r.refuses(t, d, "with rows of his own", Pruning{Years: 2}); !errors.Is(err, ErrFault) {
		t.Error(err)
	}
	_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "they did not look") // then the rows are signed
	must(t, err)
	if err := r.refuses(t, d, "by a party before entry 0", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) {
		t.Error(err)
	}
}

// What a start leaves out of the anchors is no evidence either.
func TestAnchorWithoutEntryIsNoEvidence(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	w := cosigner(t, func() time.Time { return time.Date(2030, 1, 5, 0, 0, 0, 0, time.UTC) })
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	r.years(t, d, 5)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	r.at(2030, time.January, 5)
	appendAll(t, d, 1)
	anchor(t, d, w, d.o.Now())
	r.tamper(t, `UPDATE diary_anchors SET i = i - 1`)
	if err := r.refuses(t, d, "without its entry", Pruning{Years: 2}); !strings.Contains(err.Error(), "it was deleted") {
		t.Error(err)
	}
	r.tamper(t, `UPDATE diary_anchors SET i = i + 1`)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
}

// A clock is three years ahead, a person confirms, and 31 days pass by it. A witness whose clock is right has said
// since what day it is.
func TestWitnessContradictsClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	right := noon.Add(time.Hour)
	w := cosigner(t, func() time.Time { return right })
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	appendAll(t, d, 5)
	r.at(2029, time.November, 21)
	appendAll(t, d, 1)
	r.confirm(t, d)
	anchor(t, d, w, right)
	err = r.refuses(t, d, "against a witness", Pruning{Years: 2})
	if !errors.Is(err, ErrNotDue) || !strings.Contains(err.Error(), w.Name()+" said at entry") || !strings.Contains(err.Error(), "2026-11-21") {
		t.Error(err)
	}
	right = d.o.Now() // it was the witness that was wrong
	anchor(t, d, w, right)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
}

// A confirmation that a wrong clock dated far ahead keeps no later one from counting.
func TestConfirmationFarAhead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 5)
	r.at(2040, time.January, 1)
	_, err := d.ConfirmPrune(t.Context(), proof.Body{Actor: ana()})
	must(t, err)
	r.at(2029, time.January, 10)
	years, err := d.Prunable(t.Context(), Pruning{Years: 2})
	if err != nil || len(years) != 1 || years[0].Person == nil || !years[0].Person.Ahead {
		t.Errorf("%+v, %v", years, err)
	}
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
}

// What a hold keeps past a cut is deleted, in part or whole: a fault that says which, until two persons accept it.
func TestKeptEntriesAreDeleted(t *testing.T) {
	t.Parallel()
	for name, statements := range map[string][]string{
		"all":    {`DELETE FROM diary_leaves WHERE i IN (3, 5)`, `DELETE FROM diary_bodies WHERE i IN (3, 5)`, `DELETE FROM diary_keys WHERE pin IS NOT NULL`},
		"leaves": {`DELETE FROM diary_leaves WHERE i IN (3, 5)`},
		"bodies": {`DELETE FROM diary_bodies WHERE i IN (3, 5)`},
		"keys":   {`PRAGMA foreign_keys = OFF; DELETE FROM diary_sealed WHERE key IN (SELECT id FROM diary_keys WHERE pin IS NOT NULL)`},
		"other":  {`UPDATE diary_leaves SET leaf = replace(leaf, 'view.start', 'view.stars') WHERE i IN (3, 5)`},
		"junk":   {`UPDATE diary_leaves SET leaf = 'junk' WHERE i IN (3, 5)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			appendAll(t, d, 8)
			_, err := d.Pin(t.Context(), "hold 1", []int64{3, 5}, keyring.Identity{r.reading}, proof.Body{Actor: ana()}, nil)
			must(t, err)
			r.years(t, d, 3)
			r.confirm(t, d)
			_, err = d.Prune(t.Context(), Pruning{Years: 2})
			must(t, err)
			shut(t, d)
			if d = r.open(t); d.Fault() != nil {
				t.Fatal(d.Fault())
			}
			shut(t, d)
			r.tamper(t, statements...)
			for range 2 {
				d = r.open(t)
				if f := d.Fault(); f == nil || f.Kind != FaultPinned || !strings.Contains(f.String(), "each of the entries 3, 5, which a hold") || len(d.moreFaults()) > 0 {
					t.Fatalf("%v, %q", f, d.moreFaults())
				}
				shut(t, d)
			}
			d = r.open(t)
			_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
			must(t, err)
			shut(t, d)
			if d = r.open(t); d.Fault() != nil {
				t.Errorf("after it was accepted: %v", d.Fault())
			}
		})
	}
}

// An older varuh.db is put back and the note that would tell it is taken away: that the note is gone stays said.
func TestNoteIsTakenAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 3)
	shut(t, d)
	restore()
	must(t, os.Remove(filepath.Join(r.dir, "keys", noteFile)))
	d = r.open(t)
	if !complains(d, "diary.checkpoint, is gone") || d.Head().Size != 5 {
		t.Errorf("%d entries, %q", d.Head().Size, d.Complaints())
	}
	shut(t, d)
	d = r.open(t)
	var last Stored
	for e, err := range d.Entries(t.Context(), 4, 1<<40) {
		must(t, err)
		last = e
	}
	if last.Index != 4 || last.Op != "incident.open" || len(d.Complaints()) > 0 {
		t.Errorf("%+v, %q", last.Leaf, d.Complaints())
	}
}

// Rows at the end of what SQLite can count to stop no entry.
func TestIDsAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{
		`UPDATE sqlite_sequence SET seq = 9223372036854775807`,
		`INSERT INTO diary_keys (id, name, year) VALUES (9223372036854775807, x'00', 2026)`,
	} {
		r := newRig(t)
		d := r.create(t)
		appendAll(t, d, 2)
		shut(t, d)
		r.tamper(t, statement)
		d = r.open(t)
		appendAll(t, d, 2)
		_, err := d.Pin(t.Context(), "hold 1", []int64{1}, keyring.Identity{r.reading}, proof.Body{Actor: ana()}, nil)
		must(t, err)
		_, _, err = d.Opener(keyring.Identity{r.reading}).Open(t.Context(), d.Head().Size-1)
		must(t, err)
		shut(t, d)
	}
}

// Two spellings of one name are one person, whoever types them.
func TestOnePersonTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wentBack(t)
	d := r.open(t)
	for one, two := range map[string]string{
		"Ana Kovač": "Ana  Kovač", "Živa": "Z\u030civa", "ana": "ANA", "Bor\u200b": "Bor", "Ana\u00a0Kovač": "ana kovac",
	} {
		for _, p := range [][2]proof.Actor{{{ID: one, Name: one}, {ID: two, Name: two}}, {{ID: "p1", Name: one}, {ID: "p2", Name: two}}} {
			if _, err := d.Accept(t.Context(), p[0], p[1], "known"); err == nil || !strings.Contains(err.Error(), "two persons") {
				t.Errorf("%q and %q: %v", one, two, err)
			}
		}
	}
	_, err := d.Accept(t.Context(), proof.Actor{ID: "Živa"}, proof.Actor{ID: "Žiga"}, "known")
	must(t, err)
}

// A value of a kind that a table does not take was put into the file itself: that is damage, and said as such.
func TestValueOfAnotherKind(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	r.schemaTamper(t, `UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name = 'diary_faults'`)
	r.tamper(t, `INSERT INTO diary_faults VALUES (1, 'rollback', 'nobody', 'nine', 'ten', NULL)`)
	r.schemaTamper(t, `UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = 'diary_faults'`)
	_, err := Open(t.Context(), r.options())
	if !errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "Scan error") {
		t.Error(err)
	}
}
