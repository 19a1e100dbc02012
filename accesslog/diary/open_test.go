package diary

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// Every connection that the diary opens is as safe as invariant 3 says, and the driver alone would not be.
func TestConnections(t *testing.T) {
	t.Parallel()
	d := newRig(t).create(t)
	for _, db := range []*sql.DB{d.w.db, d.read} {
		for name, want := range settings {
			var got string
			must(t, db.QueryRow("PRAGMA "+name).Scan(&got))
			if got != want {
				t.Errorf("%s is %s", name, got)
			}
		}
	}
	lax, err := dsn(d.o.Path, "immediate")
	must(t, err)
	for _, change := range []string{"_synchronous=NORMAL", "_secure_delete=off", "_journal_mode=DELETE", "_foreign_keys=off"} {
		name, _, _ := strings.Cut(change, "=")
		at := strings.Index(lax, name)
		rest, _, _ := strings.Cut(lax[at:], "&")
		db := sql.OpenDB(connector{strings.Replace(lax, rest, change, 1), false})
		if err := db.Ping(); err == nil || !strings.Contains(err.Error(), "safe only with") && !strings.Contains(err.Error(), "locked") {
			t.Errorf("a connection with %s: %v", change, err)
		}
		must(t, db.Close())
	}
	if _, err := d.read.Exec(`DELETE FROM diary_leaves`); err == nil {
		t.Error("a reader could write")
	}
}

func TestCreateReplacesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	if _, err := Create(t.Context(), r.options(), "sola.example", Entry{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	for _, domain := range []string{"", "a b", "a+b", "a\nb"} {
		o := newRig(t).options()
		if _, err := Create(t.Context(), o, domain, Entry{}); err == nil {
			t.Errorf("%q became a part of an origin", domain)
		}
	}
	o := newRig(t).options()
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrMissing) {
		t.Errorf("a diary that is not there: %v", err)
	}
	o.Public = nil
	if _, err := Create(t.Context(), o, "sola.example", Entry{}); err == nil {
		t.Error("a diary was made that nobody can read")
	}
}

// What a Create that was cut short left behind is replaced by the next.
func TestCreateCutShort(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	must(t, os.WriteFile(filepath.Join(r.dir, "varuh.db.new"), []byte("half a database"), 0o600))
	must(t, os.WriteFile(filepath.Join(r.dir, "keys", signingFile+nextSuffix), []byte("half a key"), 0o600))
	must(t, os.WriteFile(filepath.Join(r.dir, "keys", signingFile), []byte("a key of nothing"), 0o600))
	appendAll(t, r.create(t), 1)
}

// A version with one more governed table goes on, and from then on covers it.
func TestMoreTablesAreGoverned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	r.tamper(t, `CREATE TABLE holds (id TEXT PRIMARY KEY) STRICT`) // as its package does, before
	o := r.options()
	o.State = append(o.State, "holds")
	d, err := Open(t.Context(), o)
	must(t, err)
	if d.Fault() != nil || d.Head().Size != 2 {
		t.Errorf("%d entries, %v", d.Head().Size, d.Fault())
	}
	shut(t, d)
	r.tamper(t, `INSERT INTO holds VALUES ('h1')`)
	d, err = Open(t.Context(), o)
	must(t, err)
	defer shut(t, d)
	if f := d.Fault(); f == nil || !strings.Contains(f.By, "holds") {
		t.Errorf("a row without an entry: %v", f)
	}
}

// Rows of other values never have the same digest, whatever their columns are made of.
func TestTableDigest(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite3", ":memory:")
	must(t, err)
	db.SetMaxOpenConns(1)
	defer func() { must(t, db.Close()) }()
	_, err = db.Exec(`CREATE TABLE t (a ANY, b ANY) STRICT`)
	must(t, err)
	seen := map[string]string{}
	for _, rows := range []string{
		`(NULL, NULL)`, `(1, 2)`, `(2, 1)`, `('1', 2)`, `(x'31', 2)`, `(1.0, 2)`, `('ab', 'c')`, `('a', 'bc')`, `('', NULL)`, `(NULL, '')`, `(0, 0)`,
		`(1, 2), (1, 2)`, `(1, 2), (3, 4)`, `(1, 4), (3, 2)`,
	} {
		_, err := db.Exec(`DELETE FROM t; INSERT INTO t VALUES ` + rows)
		must(t, err)
		digest, err := tableDigest(t.Context(), db, "t")
		must(t, err)
		if other, ok := seen[string(digest)]; ok {
			t.Errorf("%s and %s have one digest", rows, other)
		}
		seen[string(digest)] = rows
	}
	if _, err := stateManifest(t.Context(), db, []string{"no such"}, nil); err == nil {
		t.Error("a table that is not there has a digest")
	}
}

func TestAnchorsAndParties(t *testing.T) {
	t.Parallel()
	d := newRig(t).create(t)
	w := cosigner(t, d.o.Now)
	p := Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}
	got, err := d.AddParty(t.Context(), p, proof.Body{Actor: ana()})
	must(t, err)
	if _, err := d.AddParty(t.Context(), p, proof.Body{Actor: ana()}); err == nil {
		t.Error("a party was replaced")
	}
	p.First = got.Index
	if list, err := d.Parties(t.Context()); err != nil || len(list) != 1 || list[0] != p {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := d.Anchored(t.Context(), Anchor{Kind: "witness", Party: w.Name(), Size: 2}); !errors.Is(err, ErrNotReleased) {
		t.Errorf("an anchor over a checkpoint that never left: %v", err)
	}
	anchor(t, d, w, noon)
	list, err := d.Anchors(t.Context(), 0)
	if err != nil || len(list) != 1 || list[0].Size != 2 || list[0].Index != 2 || !list[0].Time.Equal(noon) {
		t.Errorf("%+v, %v", list, err)
	}
	if left, err := d.Released(t.Context()); err != nil || len(left) != 1 || left[0].Size != 2 {
		t.Errorf("%+v, %v", left, err)
	}
}
