package keyring

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// noon is when the objects of the tests are made.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	stateDir = "/state/keys/s"
	storeDir = "/store/keys"
)

// box is an appliance with one store: what stays the same while its disk goes through crashes.
type box struct {
	store             ID
	reading, recovery PrivateKey
}

func newBox(t testing.TB) box {
	t.Helper()
	return box{NewID(noon), generate(t), generate(t)}
}

func generate(t testing.TB) PrivateKey {
	t.Helper()
	k, err := GenerateKey()
	must(t, err)
	return k
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// dirs makes the folders that are there before a ring is opened.
func (b box) dirs(t testing.TB, fsys durable.FS) {
	t.Helper()
	must(t, durable.MkdirAll(fsys, stateDir, 0o700))
	must(t, durable.MkdirAll(fsys, storeDir, 0o700))
}

func (b box) pubs() []PublicKey { return []PublicKey{b.reading.Public(), b.recovery.Public()} }

func (b box) open(t testing.TB, fsys durable.FS) *Ring {
	t.Helper()
	r, err := Open(fsys, stateDir, storeDir, b.store, b.pubs())
	must(t, err)
	return r
}

// disk is a simulated disk with the folders, and its ring.
func (b box) disk(t testing.TB) (*durabletest.Disk, *Ring) {
	t.Helper()
	d := durabletest.New()
	b.dirs(t, d)
	return d, b.open(t, d)
}

// object is a slot as its maker knows it.
type object struct {
	Ref
	key Key
}

func create(t testing.TB, r *Ring) object {
	t.Helper()
	o := object{Ref: Ref{ID: NewID(noon)}}
	var err error
	o.key, o.Slot, err = r.Create(t.Context(), o.ID, KindSegment)
	must(t, err)
	return o
}

func (o object) sealing() []Sealing {
	return []Sealing{{Ref: o.Ref, Records: 601, Root: [32]byte{1, 2, 3}}}
}

// opens checks that a slot gives the object's key to whoever may have it.
func (o object) opens(t *testing.T, r *Ring, who ...PrivateKey) Slot {
	t.Helper()
	s, err := r.Slot(o.Ref)
	must(t, err)
	for _, k := range who {
		got, err := Identity{k}.Open(r.Store(), s)
		must(t, err)
		if got != o.key {
			t.Fatalf("%v opened to another key", o.Ref)
		}
	}
	return s
}

// files reads every file of a file system under dir.
func files(t testing.TB, fsys durable.FS, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := fsys.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			for k, v := range files(t, fsys, name) {
				all[k] = v
			}
			continue
		}
		all[name], err = durable.ReadFile(fsys, name, 1<<30)
		must(t, err)
	}
	return all
}

// nowhere fails if the bytes are in any file.
func nowhere(t testing.TB, fsys durable.FS, dir, what string, secret []byte) {
	t.Helper()
	for name, b := range files(t, fsys, dir) {
		if bytes.Contains(b, secret) {
			t.Errorf("%s is in %s", what, name)
		}
	}
}

// twinFile is the slot file of the tests' day.
func twinFile(dir string) string { return filepath.Join(dir, "slots", "2026-11-21.slots") }

// sameTwins fails unless both twins have the same bytes.
func sameTwins(t testing.TB, fsys durable.FS) {
	t.Helper()
	all := files(t, fsys, "/")
	if state, store := all[twinFile(stateDir)], all[twinFile(storeDir)]; !bytes.Equal(state, store) {
		t.Errorf("the twins differ: %d and %d bytes", len(state), len(store))
	}
}

// overwrite puts bytes into a file behind the ring's back.
func overwrite(t testing.TB, fsys durable.FS, name string, b []byte, off int64) {
	t.Helper()
	f, err := fsys.OpenRW(name)
	must(t, err)
	_, err = f.WriteAt(b, off)
	must(t, err)
	must(t, f.Close())
}

// replace puts an old copy in the place of a file.
func replace(t testing.TB, fsys durable.FS, name string, b []byte) {
	t.Helper()
	if err := fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	must(t, durable.WriteFile(fsys, name, b, 0o600))
}
