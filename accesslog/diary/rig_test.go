package diary

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// peopleTable stands for governed state.
const peopleTable = `CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT`

// rig is an appliance with a diary.
type rig struct {
	dir               string
	reading, recovery keyring.PrivateKey
	clock             atomic.Int64 // nanoseconds after noon
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), reading: generate(t), recovery: generate(t)}
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	return r
}

func generate(t testing.TB) keyring.PrivateKey {
	t.Helper()
	k, err := keyring.GenerateKey()
	must(t, err)
	return k
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) options() Options {
	return Options{
		Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"),
		Public: []keyring.PublicKey{r.reading.Public(), r.recovery.Public()},
		State:  []string{"people"}, Schema: []string{peopleTable}, Software: "varuh test",
		Now: func() time.Time { return noon.Add(time.Duration(r.clock.Load())) },
	}
}

// create makes the diary and leaves it open until the test ends.
func (r *rig) create(t testing.TB) *Diary {
	t.Helper()
	d, err := Create(t.Context(), r.options(), "sola.example", Entry{Body: proof.Body{Actor: ana(), Note: "first start"}})
	must(t, err)
	t.Cleanup(func() { shut(t, d) })
	return d
}

// open opens the diary that is there.
func (r *rig) open(t testing.TB) *Diary {
	t.Helper()
	d, err := Open(t.Context(), r.options())
	must(t, err)
	t.Cleanup(func() { shut(t, d) })
	return d
}

func shut(t testing.TB, d *Diary) {
	t.Helper()
	if err := d.Close(); err != nil && !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func ana() *proof.Actor {
	return &proof.Actor{ID: "p1", Name: "Ana Kovač", Role: "head", Proof: "password"}
}

// viewing is an entry with names in its body.
func viewing(n int) Entry {
	return Entry{Op: "view.start", Body: proof.Body{Actor: ana(), Purpose: fmt.Sprintf("purpose %d", n),
		Objects: []proof.Object{{Camera: "gate", From: noon, To: noon.Add(5 * time.Minute)}}}}
}

// person is a change of governed state with its entry.
func person(id string) (Entry, Change) {
	return Entry{Op: "person.add", Body: proof.Body{Actor: ana(), Data: map[string]any{"id": id}}},
		func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO people (id, name) VALUES (?, ?)`, id, "person "+id)
			return err
		}
}

func appendAll(t testing.TB, d *Diary, n int) {
	t.Helper()
	for i := range n {
		if _, err := d.Append(t.Context(), viewing(i), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// bundle exports all of the diary with its bodies.
func (r *rig) bundle(t testing.TB, d *Diary) *zip.Reader {
	t.Helper()
	var b bytes.Buffer
	z := proof.NewZip(&b)
	must(t, d.Export(t.Context(), z, Export{Opener: d.Opener(keyring.Identity{r.reading})}))
	must(t, z.Close())
	out, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	return out
}

// verify exports the diary and has it verified, against checkpoints that were held.
func (r *rig) verify(t testing.TB, d *Diary, held ...[]byte) *proof.Report {
	t.Helper()
	keys, err := d.Keys(t.Context())
	must(t, err)
	report, err := proof.VerifyBundle(context.Background(), r.bundle(t, d), proof.VerifyOptions{Keys: keys, Held: held})
	must(t, err)
	return report
}

// tamper runs statements on the database as an administrator without varuh can.
func (r *rig) tamper(t testing.TB, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	must(t, db.Close())
}

// identity is who can read.
func (r *rig) identity() keyring.Identity { return keyring.Identity{r.reading} }
