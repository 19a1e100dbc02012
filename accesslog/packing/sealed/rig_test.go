package sealed

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// box is an appliance with a store: what stays the same while its disk goes through crashes.
type box struct {
	id      keyring.ID
	reading keyring.PrivateKey
	locked  bool
}

var errLocked = errors.New("all is locked")

func newBox(t testing.TB) *box {
	t.Helper()
	k, err := keyring.GenerateKey()
	must(t, err)
	return &box{id: keyring.NewID(noon), reading: k}
}

// dirs makes the folders that are there before a shelf.
func dirs(t testing.TB, fsys durable.FS, root string) {
	t.Helper()
	must(t, durable.MkdirAll(fsys, filepath.Join(root, "state"), 0o700))
	must(t, durable.MkdirAll(fsys, filepath.Join(root, "store", "keys"), 0o700))
}

// shelf opens the shelf of a disk, as a start does.
func (b *box) shelf(t testing.TB, fsys durable.FS, root string) *Shelf {
	t.Helper()
	ring, err := keyring.Open(fsys, filepath.Join(root, "state"), filepath.Join(root, "store", "keys"), b.id, []keyring.PublicKey{b.reading.Public()})
	must(t, err)
	store := footage.Store{ID: b.id, Dir: filepath.Join(root, "store"), Ring: ring}
	return NewShelf(Options{FS: fsys, Folder: "packages", Stores: func() []footage.Store { return []footage.Store{store} }, Now: func() time.Time { return noon },
		Floor: func(footage.Store) uint64 { return 1 << 20 }, Key: b.key})
}

func (b *box) key(ring *keyring.Ring, ref keyring.Ref) (keyring.Key, error) {
	if b.locked {
		return keyring.Key{}, errLocked
	}
	slot, err := ring.Slot(ref)
	if err != nil {
		return keyring.Key{}, err
	}
	return keyring.Identity{b.reading}.Open(ring.Store(), slot)
}

// content is what is put into an object, by name and in order.
type content []struct {
	name string
	data []byte
}

// write makes an object.
func (c content) write(t testing.TB, s *Shelf) (Place, error) {
	w, err := s.Begin(t.Context(), 0)
	if err != nil {
		return Place{}, err
	}
	err = c.into(w)
	var p Place
	if err == nil {
		p, err = w.Finish(t.Context())
	}
	if err != nil {
		return p, errors.Join(err, w.Discard(t.Context()))
	}
	return p, nil
}

func (c content) into(w *Writer) error {
	for _, f := range c {
		to, err := w.Create(f.name)
		if err != nil {
			return err
		}
		for piece := range slices.Chunk(f.data, 300_000) {
			if _, err := to.Write(piece); err != nil {
				return err
			}
		}
		if err := to.Close(); err != nil {
			return err
		}
	}
	return nil
}

// check reads an object and compares it.
func (c content) check(t testing.TB, s *Shelf, p Place) {
	t.Helper()
	o, err := s.Open(p)
	must(t, err)
	defer func() { must(t, o.Close()) }()
	for i, f := range c {
		got, err := fs.ReadFile(o, f.name)
		must(t, err)
		if !bytes.Equal(got, f.data) || o.Names()[i] != f.name {
			t.Errorf("%s has %d bytes, want %d", f.name, len(got), len(f.data))
		}
	}
}

// pattern is bytes that differ from place to place.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i>>16 ^ i>>8 ^ i)
	}
	return b
}

func small() content {
	return content{{"posnetki/0001.mp4", pattern(100)}, {"prazna", nil}, {"proof/clips/0001.jsonl", []byte("plaintext that nobody may find")}}
}

// left are the keys that still open something, and the files.
func left(t testing.TB, s *Shelf, fsys durable.FS) (keys, files int) {
	t.Helper()
	for _, store := range s.o.Stores() {
		for slot, err := range store.Ring.All(time.Time{}) {
			must(t, err)
			if slot.State < keyring.StateErased || slot.Fault != nil {
				keys++
			}
		}
		list, err := fsys.ReadDir(s.dirOf(store))
		if !errors.Is(err, fs.ErrNotExist) {
			must(t, err)
		}
		files += len(list)
	}
	return keys, files
}

func disk(t testing.TB) *durabletest.Disk {
	t.Helper()
	d := durabletest.New()
	dirs(t, d, "/")
	return d
}
