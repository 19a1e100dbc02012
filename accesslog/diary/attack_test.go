package diary

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// rewrite plays an administrator with the signing key and the reading key: he replaces the body of an entry, and computes
// and signs everything anew.
func (r *rig) rewrite(t *testing.T, victim int64) {
	t.Helper()
	d, err := newDiary(r.options(), r.options().Path)
	must(t, err)
	must(t, d.load(t.Context()))
	raw, l, err := readLeaf(t.Context(), d.read, d.Head(), victim)
	must(t, err)
	body, err := proof.EncodeBody(proof.Body{Salt: proof.NewSalt(), Note: "nothing of note"})
	must(t, err)
	l.Body = proof.HashBody(body)
	forged, err := proof.EncodeLeaf(l)
	must(t, err)
	if len(raw) == 0 {
		t.Fatal("no entry")
	}
	o := d.Opener(keyring.Identity{r.reading})
	var key int64
	must(t, d.read.QueryRow(`SELECT key FROM diary_bodies WHERE i = ?`, victim).Scan(&key))
	k, origin, err := o.keyOf(t.Context(), d.read, victim, key)
	must(t, err)
	sealed := k.seal(bodyPart, origin, victim, proof.HashLeaf(forged), body)
	_, err = d.w.db.Exec(`UPDATE diary_leaves SET leaf = ? WHERE i = ?`, string(forged), victim)
	must(t, err)
	_, err = d.w.db.Exec(`UPDATE diary_bodies SET body = ? WHERE i = ?`, sealed, victim)
	must(t, err)
	must(t, r.resign(t, d))
	must(t, errors.Join(d.read.Close(), d.w.db.Close()))
}

// resign computes all stored hashes and the checkpoint anew.
func (r *rig) resign(t *testing.T, d *Diary) error {
	t.Helper()
	_, err := d.w.db.Exec(`DELETE FROM diary_hashes`)
	must(t, err)
	var f proof.Frontier
	var last int64
	must(t, d.w.db.QueryRow(`SELECT max(i) + 1 FROM diary_leaves`).Scan(&last))
	var nodes []storedNode
	for raw, err := range leaves(t.Context(), d.w.db, 0, last) {
		must(t, err)
		nodes = append(nodes, grow(&f, proof.HashLeaf(raw))...)
	}
	for _, n := range nodes {
		_, err := d.w.db.Exec(`INSERT INTO diary_hashes (id, hash) VALUES (?, ?)`, n.id, n.hash[:])
		must(t, err)
	}
	c, err := proof.SignCheckpoint(proof.Checkpoint{Origin: d.w.origin, Size: f.Size(), Root: f.Root()}, []note.Signer{d.w.signer}...)
	must(t, err)
	_, err = d.w.db.Exec(`UPDATE diary_head SET size = ?, checkpoint = ?`, f.Size(), string(c))
	return err
}

// Root rewrites an entry and signs everything anew. With no checkpoint outside of the database nothing can tell; with
// one, wherever it was kept, it is found.
func TestRewrittenEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 300)
	held, err := d.Checkpoint(t.Context())
	must(t, err)
	appendAll(t, d, 5)
	shut(t, d)
	r.rewrite(t, 40)

	noted := r.open(t)
	if f := noted.Fault(); f == nil || f.Kind != FaultRewritten || !strings.Contains(f.String(), "rewritten") {
		t.Errorf("against the note: %v", f)
	}
	shut(t, noted)
	must(t, os.Remove(filepath.Join(r.dir, "keys", noteFile)))
	r.tamper(t, `UPDATE diary_faults SET accepted = 0`) // he hides what was found
	d = r.open(t)
	if report := r.verify(t, d, held); report.Complete.State != proof.No {
		t.Errorf("against a checkpoint that was held: %+v", report)
	}
	c, err := proof.ReadCheckpoint(held)
	must(t, err)
	f, err := d.Saw(t.Context(), Seen{By: "witness.example", Origin: c.Origin, Size: c.Size, Root: &c.Root})
	if err != nil || f == nil || f.Kind != FaultRewritten || f.There != c.Size {
		t.Errorf("against a witness: %v, %v", f, err)
	}
	if _, err := d.Append(t.Context(), viewing(1), nil); !errors.Is(err, ErrFault) {
		t.Errorf("access after that: %v", err)
	}
}

// backup copies the database as a backup does, and restore puts it back.
func (r *rig) backup(t *testing.T) (restore func()) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	return func() {
		t.Helper()
		for _, name := range []string{"varuh.db-wal", "varuh.db-shm"} {
			if err := os.Remove(filepath.Join(r.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		must(t, os.WriteFile(filepath.Join(r.dir, "varuh.db"), b, 0o600))
	}
}

func TestOldDatabaseIsPutBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 10)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 10)
	held, err := d.Checkpoint(t.Context())
	must(t, err)
	origin := d.Head().Origin
	shut(t, d)

	restore()
	d = r.open(t)
	f := d.Fault()
	if f == nil || f.Kind != FaultRollback || f.There != 21 || f.Here != 11 {
		t.Fatalf("against the note: %v", f)
	}
	if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); err != nil {
		t.Errorf("recording was refused: %v", err)
	}
	e, change := person("x")
	for name, err := range map[string]error{
		"a viewing": second(d.Append(t.Context(), viewing(0), nil)), "a change of state": second(d.Append(t.Context(), e, change)),
		"one person":   second(d.Accept(t.Context(), *ana(), *ana(), "disk failed")),
		"no reason":    second(d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "")),
		"a new party":  second(d.AddParty(t.Context(), Party{Name: "w", Kind: "witness", Key: "k"}, proof.Body{})),
		"an empty one": second(d.Accept(t.Context(), proof.Actor{}, proof.Actor{ID: "p2"}, "x")),
		"a blank one":  second(d.Accept(t.Context(), *ana(), proof.Actor{ID: " \t"}, "x")),
		"one, spaced":  second(d.Accept(t.Context(), *ana(), proof.Actor{ID: " P1 "}, "x")),
		"spaces":       second(d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, " \n ")),
	} {
		if err == nil {
			t.Errorf("%s was accepted after the diary went back", name)
		}
	}
	if report := r.verify(t, d, held); report.Complete.State == proof.Yes { // it may be an older export
		t.Errorf("against a checkpoint that was held: %+v", report)
	}
	got, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2", Name: "Bor"}, "the disk failed, a copy of the evening before was put back")
	must(t, err)
	if h := d.Head(); h.Origin == origin || d.Fault() != nil {
		t.Errorf("after two persons accepted: %+v, %v", h, d.Fault())
	}
	raw, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), got.Index)
	must(t, err)
	if body, err := proof.ParseBody(raw); err != nil || body.Data["old_origin"] != origin || body.Data["there"] != int64(21) || body.Data["here"] != int64(11) {
		t.Errorf("the entry of the new origin is %+v, %v", body, err)
	}
	appendAll(t, d, 3)
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
	shut(t, d)
	d = r.open(t)
	if f, err := d.Saw(t.Context(), Seen{By: "the key ring", Origin: origin, Size: 21}); f != nil || err != nil {
		t.Errorf("a key ring that still remembers the old origin: %v, %v", f, err)
	}
	if d.Fault() != nil {
		t.Errorf("after a restart: %v", d.Fault())
	}
	for i := range d.Head().Size {
		if _, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), i); err != nil {
			t.Error(err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A WAL that is cut back to an earlier commit leaves a whole, older diary.
func TestTruncatedWAL(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 20)
	wal := filepath.Join(r.dir, "varuh.db-wal")
	st, err := os.Stat(wal)
	must(t, err)
	size := d.Head().Size
	image := t.TempDir() // as the disk is without a shutdown
	for _, name := range []string{"varuh.db", "varuh.db-wal", "keys/" + signingFile} {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		must(t, err)
		if name == "varuh.db-wal" {
			b = b[:st.Size()/2]
		}
		must(t, os.MkdirAll(filepath.Join(image, "keys"), 0o700))
		must(t, os.WriteFile(filepath.Join(image, name), b, 0o600))
	}
	o := r.options()
	o.Path, o.Keys = filepath.Join(image, "varuh.db"), filepath.Join(image, "keys")
	back, err := Open(t.Context(), o)
	must(t, err)
	defer shut(t, back)
	_, err = back.Saw(t.Context(), Seen{By: "the index of footage", Size: size})
	must(t, err)
	if f := back.Fault(); f == nil || f.Kind != FaultRollback || f.By != "the index of footage" || f.There != size {
		t.Errorf("%v", f)
	}
}

func TestOldRowsArePutBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	for _, id := range []string{"a", "b"} {
		e, change := person(id)
		if _, err := d.Append(t.Context(), e, change); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, d)
	r.tamper(t, `DELETE FROM people WHERE id = 'b'`)
	d = r.open(t)
	if f := d.Fault(); f == nil || f.Kind != FaultState || !strings.Contains(f.String(), "people changed without an entry") {
		t.Fatalf("%v", f)
	}
	shut(t, d)
	d = r.open(t) // a restart does not forget it
	if d.Fault() == nil {
		t.Error("forgotten")
	}
	if _, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at the list"); err != nil {
		t.Fatal(err)
	}
	shut(t, d)
	if d = r.open(t); d.Fault() != nil {
		t.Errorf("after it was accepted: %v", d.Fault())
	}
}

// Rows that are changed under a running diary are found before the next change goes on top of them.
func TestRowsChangeUnderARunningDiary(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`)
	e, change := person("a")
	if _, err := d.Append(t.Context(), e, change); !errors.Is(err, ErrFault) || !strings.Contains(fmt.Sprint(err), "people") {
		t.Errorf("a change on top of it: %v", err)
	}
	shut(t, d)
	if d = r.open(t); d.Fault() == nil {
		t.Error("forgotten")
	}
}

// While rows are not as they were, what lies ready to leave can still be ended, and nothing new begins; what was put back is
// not taken for what the diary knows.
func TestClosingsInSpiteOfFault(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	e, change := person("a")
	if _, err := d.Append(t.Context(), e, change); err != nil {
		t.Fatal(err)
	}
	r.tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`)
	closes := func(op string) error {
		_, err := d.AppendKeeping(t.Context(), Entry{Op: op}, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO people (id, name) VALUES (?1, ?1)`, op)
			return err
		})
		return err
	}
	for _, op := range closings {
		if err := closes(op); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
	for _, op := range []string{"package.order", "package.stage", "package.link", "package.link.use", "handover", "request.built"} {
		if err := closes(op); err == nil {
			t.Errorf("%s was entered past a fault", op)
		}
		if _, err := d.Append(t.Context(), Entry{Op: op}, change); !errors.Is(err, ErrFault) {
			t.Errorf("%s: %v", op, err)
		}
	}
	if f := d.Fault(); f == nil || f.Kind != FaultState {
		t.Fatalf("%v", f)
	}
	shut(t, d)
	if d = r.open(t); d.Fault() == nil {
		t.Error("after a restart it is forgotten")
	}
	if report := r.verify(t, d); report.Bad() {
		t.Errorf("%+v", report.Findings)
	}
}

// The same, by another process, which is how root would do it.
func TestAnotherProcessChangesRows(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("DIARY_TAMPER"); path != "" {
		(&rig{dir: path}).tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`)
		return
	}
	r := newRig(t)
	d := r.create(t)
	e, change := person("a")
	if _, err := d.Append(t.Context(), e, change); err != nil {
		t.Fatal(err)
	}
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAnotherProcessChangesRows$")
	other.Env = append(os.Environ(), "DIARY_TAMPER="+r.dir)
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if d.Fault() != nil {
		t.Error("found before anything was written")
	}
	e, change = person("b")
	if _, err := d.Append(t.Context(), e, change); !errors.Is(err, ErrFault) || !strings.Contains(fmt.Sprint(err), "people changed without an entry") {
		t.Errorf("the next change: %v", err)
	}
	if d.Head().Size != 3 {
		t.Errorf("%d entries, want the incident to be the third", d.Head().Size)
	}
}

// A damaged diary is not opened, and the error names what is damaged.
func TestDamage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		statement string
		want      error
		text      string
	}{
		"a leaf is gone":      {`DELETE FROM diary_leaves WHERE i = 7`, ErrDamaged, "entry 7 is missing"},
		"the last is gone":    {`DELETE FROM diary_leaves WHERE i = 20`, ErrDamaged, "entry 20 is missing"},
		"a leaf too many":     {`INSERT INTO diary_leaves SELECT 21, leaf FROM diary_leaves WHERE i = 20`, ErrDamaged, "entry 21"},
		"a letter of a leaf":  {`UPDATE diary_leaves SET leaf = replace(leaf, 'view.start', 'view.stars') WHERE i = 7`, ErrDamaged, "its 21 entries"},
		"odd JSON":            {`UPDATE diary_leaves SET leaf = replace(leaf, '"v":1', '"v": 1') WHERE i = 7`, ErrDamaged, "entry 7"},
		"leaves swapped":      {`UPDATE diary_leaves SET leaf = (SELECT leaf FROM diary_leaves WHERE i = 8) WHERE i = 7`, ErrDamaged, "entry 8"},
		"the checkpoint":      {`UPDATE diary_head SET checkpoint = replace(checkpoint, 'sola', 'bola')`, ErrDamaged, "checkpoint"},
		"the size":            {`UPDATE diary_head SET size = 20`, ErrDamaged, "20"},
		"a cut below zero":    {`UPDATE diary_head SET cut = -3`, ErrDamaged, "first -3 of 21"},
		"a cut beyond all":    {`UPDATE diary_head SET cut = 1 << 50`, ErrDamaged, "of 21 entries"},
		"a cut of what is":    {`UPDATE diary_head SET cut = 21`, ErrDamaged, "no hash says what they were"},
		"a cut with hashes":   {`UPDATE diary_head SET cut = 8`, ErrDamaged, "no hash says what they were"},
		"no head":             {`DELETE FROM diary_head`, ErrDamaged, "head"},
		"another key":         {`UPDATE diary_signers SET vkey = 'sola.example+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'`, nil, "key"},
		"another origin":      {`UPDATE diary_origins SET origin = 'other.example/varuh/1/dnevnik'`, ErrDamaged, "other.example"},
		"a newer version":     {`PRAGMA user_version = 2`, ErrVersion, "update"},
		"another application": {`PRAGMA application_id = 1`, ErrDamaged, "not one"},
		"a table is gone":     {`DROP TABLE diary_pinned`, ErrDamaged, "tables"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			appendAll(t, d, 20)
			shut(t, d)
			r.tamper(t, tt.statement)
			_, err := Open(t.Context(), r.options())
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestDamagedBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 5)
	shut(t, d)
	r.tamper(t,
		`UPDATE diary_bodies SET body = (SELECT body FROM diary_bodies WHERE i = 2) WHERE i = 1`,
		`DELETE FROM diary_bodies WHERE i = 3`,
		`INSERT INTO diary_keys (id, name, year) VALUES (9, x'00', 2026)`,
		`UPDATE diary_bodies SET key = 9 WHERE i = 4`,
		`UPDATE diary_bodies SET key = 99 WHERE i = 5`)
	d = r.open(t)
	for i, want := range map[int64]error{1: ErrDamaged, 2: nil, 3: ErrDamaged, 4: ErrNoKey, 5: ErrDamaged} {
		_, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), i)
		if !errors.Is(err, want) || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("entry %d", i)) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

func TestKeyFileIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	name := filepath.Join(r.dir, "keys", signingFile)
	good, err := os.ReadFile(name)
	must(t, err)
	must(t, os.Chmod(name, 0o644))
	if _, err := Open(t.Context(), r.options()); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a lax mode: %v", err)
	}
	must(t, os.Chmod(name, 0o600))
	other := newRig(t)
	shut(t, other.create(t))
	wrong, err := os.ReadFile(filepath.Join(other.dir, "keys", signingFile))
	must(t, err)
	for _, text := range [][]byte{good[:len(good)/2], wrong[:len(wrong)-9], nil} {
		must(t, os.WriteFile(name, text, 0o600))
		if _, err := Open(t.Context(), r.options()); !errors.Is(err, ErrKey) || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	must(t, os.WriteFile(name, wrong, 0o600))
	d := r.open(t)
	if f := d.Fault(); f == nil || f.Kind != FaultKey || !strings.Contains(f.String(), "the keys of another appliance") {
		t.Errorf("the key of another diary: %v", f)
	}
	if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); !errors.Is(err, ErrKey) {
		t.Errorf("an entry that nobody can sign: %v", err)
	}
	shut(t, d)
	must(t, os.Remove(name))
	if _, err := Open(t.Context(), r.options()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no key file: %v", err)
	}
}
