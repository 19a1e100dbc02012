package diary

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

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
