package diary

import (
	"database/sql"
	"testing"

	"varuh/accesslog/diary/proof"
)

// A diary that an older version made gets the governed tables that it lacks, with an entry over their digest, and
// goes on; the next start finds nothing to do.
func TestGovernedTablesAreAdded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	shut(t, d)
	o := r.options()
	o.State = append(o.State, "holds", "grounds")
	o.Schema = append(o.Schema, `CREATE TABLE holds (id TEXT PRIMARY KEY) STRICT; CREATE INDEX holds_by ON holds (id);
		CREATE TABLE grounds (id TEXT PRIMARY KEY, hold TEXT NOT NULL REFERENCES holds) STRICT`)
	for i := range 2 {
		d, err := Open(t.Context(), o)
		must(t, err)
		if f := d.Fault(); f != nil {
			t.Fatal(f)
		}
		known, err := tablesIn(d.w.state)
		must(t, err)
		if known["holds"] == nil || known["grounds"] == nil || known["people"] == nil {
			t.Errorf("start %d: the state covers %v", i, known)
		}
		if d.Head().Size != int64(5+i) {
			t.Errorf("start %d: %d entries, the digest was written anew", i, d.Head().Size)
		}
		_, err = d.Append(t.Context(), Entry{Op: "hold.set", Body: proof.Body{Actor: ana()}}, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO holds (id) VALUES (?)`, i)
			return err
		})
		must(t, err)
		shut(t, d)
	}
}

// A governed table that somebody removed is a fault, and does not keep the diary from being opened.
func TestRemovedTableIsAFault(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	e, change := person("p2")
	_, err := d.Append(t.Context(), e, change)
	must(t, err)
	shut(t, d)
	db, err := connect(r.options().Path, 1, false)
	must(t, err)
	_, err = db.Exec(`DROP TABLE people`)
	must(t, err)
	must(t, db.Close())
	d = r.open(t)
	f := d.Fault()
	if f == nil || f.Kind != FaultState || f.By != "people" {
		t.Fatalf("the fault is %v", f)
	}
}
