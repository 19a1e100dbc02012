package diary

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// schemaTamper is tamper for statements that SQLite refuses without being asked to let them.
func (r *rig) schemaTamper(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	db.SetMaxOpenConns(1) // the settings are of the connection
	for _, s := range append([]string{"PRAGMA writable_schema = ON"}, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	must(t, db.Close())
}

// Root changes governed tables, and what the diary remembers of them: emptied, filled with nonsense, or computed anew
// in full. It is a fault, stays one over restarts, no entry signs what he put there, and two persons can end it.
func TestForgedManifest(t *testing.T) {
	t.Parallel()
	for name, forged := range map[string]string{
		"none of the tables": `{"state":"","tables":{}}`,
		"nonsense":           `{"tables":{"the weather, which is fine,":"AAAA"}}`,
		"no JSON":            `no`,
		"nothing":            ``,
		"computed anew":      "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			e, change := person("a")
			_, err := d.Append(t.Context(), e, change)
			must(t, err)
			good := string(d.w.state)
			shut(t, d)
			r.tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`)
			if name == "computed anew" {
				d, err := newDiary(r.options(), r.options().Path)
				must(t, err)
				b, err := stateManifest(t.Context(), d.read, stateTables(r.options().State), nil)
				must(t, errors.Join(err, d.disconnect()))
				forged = string(b)
			}
			r.tamper(t, `UPDATE diary_head SET state = '`+forged+`'`)
			for range 3 {
				d = r.open(t)
				f := d.Fault()
				if f == nil || f.Kind != FaultState || !strings.Contains(f.String(), "people") || strings.Contains(f.String(), "weather") {
					t.Fatalf("%v", f)
				}
				if d.Head().Size != 3 {
					t.Errorf("%d entries: the incident is to be entered once, and nothing else", d.Head().Size)
				}
				e, change := person("b")
				if _, err := d.Append(t.Context(), e, change); !errors.Is(err, ErrFault) {
					t.Errorf("a change on top of it: %v", err)
				}
				for e, err := range d.Entries(t.Context(), 2, 1<<40) {
					must(t, err)
					if e.Obj != nil {
						t.Errorf("entry %d signs what was put there", e.Index)
					}
				}
				shut(t, d)
			}
			r.tamper(t, `UPDATE diary_head SET state = '`+good+`'`) // he puts back what was there
			d = r.open(t)
			if more := append(d.Complaints(), fmt.Sprint(d.Fault())); !slices.ContainsFunc(more, func(s string) bool { return strings.Contains(s, "diary_faults, people changed") }) {
				t.Errorf("%q", more)
			}
			_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at the list")
			must(t, err)
			shut(t, d)
			d = r.open(t)
			e, change = person("b")
			if _, err = d.Append(t.Context(), e, change); err != nil || d.Fault() != nil {
				t.Errorf("after it was accepted: %v, %v", err, d.Fault())
			}
			if report := r.verify(t, d); report.Intact.State != proof.Yes || report.Bad() {
				t.Errorf("%+v", report)
			}
		})
	}
}

// A commit fails while root has changed what the diary remembers of its tables: what is read again is not believed.
func TestForgedManifestIsReadAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 1)
	fails := true
	d.step = func(name string) error {
		if fails && name == "committed" {
			fails = false
			r.tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`, `UPDATE diary_head SET state = '{"state":"","tables":{}}'`)
			return errors.New("the disk hiccuped")
		}
		return nil
	}
	if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); !errors.Is(err, ErrUncertain) {
		t.Fatal(err)
	}
	e, change := person("b")
	if _, err := d.Append(t.Context(), e, change); !errors.Is(err, ErrFault) || !strings.Contains(fmt.Sprint(err), "people") {
		t.Errorf("a change on top of it: %v", err)
	}
}

// Definitions are governed as rows are: one that makes a table refuse or change rows is a fault.
func TestDefinitionsAreGoverned(t *testing.T) {
	t.Parallel()
	for name, statements := range map[string][]string{
		"people":              {`UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY', 'PRIMARY KEY ON CONFLICT IGNORE') WHERE name = 'people'`},
		"people, a reference": {`UPDATE sqlite_schema SET sql = replace(sql, 'name TEXT NOT NULL', 'name TEXT NOT NULL REFERENCES diary_head (one)') WHERE name = 'people'`},
		"people, a column":    {`ALTER TABLE people ADD COLUMN more TEXT GENERATED ALWAYS AS (name) VIRTUAL`},
		"people, an index":    {`CREATE UNIQUE INDEX one_only ON people ((1))`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			shut(t, r.create(t))
			r.schemaTamper(t, statements...)
			d := r.open(t)
			want, _, _ := strings.Cut(name, ",")
			if f := d.Fault(); f == nil || f.Kind != FaultState || !strings.Contains(f.By, want) {
				t.Errorf("%v", f)
			}
		})
	}
}

// A later version may give a governed table an index: it is made with the entry that signs it, all or nothing.
func TestGovernedIndexIsAdded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	e, change := person("a")
	_, err := d.Append(t.Context(), e, change)
	must(t, err)
	shut(t, d)
	o := r.options()
	o.Schema = append(o.Schema, `CREATE INDEX people_by ON people (name)`)
	for range 2 {
		d, err := Open(t.Context(), o)
		must(t, err)
		if d.Fault() != nil || d.Head().Size != 3 {
			t.Errorf("%d entries, %v", d.Head().Size, d.Fault())
		}
		shut(t, d)
	}
	r.tamper(t, `DROP INDEX people_by`)
	d, err = Open(t.Context(), o)
	must(t, err)
	defer shut(t, d)
	if f := d.Fault(); f == nil || f.By != "people" {
		t.Errorf("%v", f)
	}
}

// A table that a later version governs begins empty: rows that are in it before any entry knows it are a fault, and
// not signed.
func TestNewTableBeginsEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	o := r.options()
	o.State, o.Schema = append(o.State, "holds"), append(o.Schema, `CREATE TABLE holds (id TEXT PRIMARY KEY) STRICT`)
	r.tamper(t, o.Schema[1], `INSERT INTO holds VALUES ('forged')`)
	for range 2 {
		d, err := Open(t.Context(), o)
		must(t, err)
		if f := d.Fault(); f == nil || f.By != "holds" {
			t.Errorf("%v", f)
		}
		if known, err := tablesIn(d.w.state); err != nil || known["holds"] != nil || len(d.Complaints()) > 0 {
			t.Errorf("%v, %v, %q", known, err, d.Complaints())
		}
		shut(t, d)
	}
}
