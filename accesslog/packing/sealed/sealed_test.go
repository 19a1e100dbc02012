package sealed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"testing/synctest"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]content{
		"nothing": {}, "small": small(), "a chunk": {{"a", pattern(chunkSize)}}, "a chunk with its list": {{"a", pattern(chunkSize - 70)}},
		"chunks": {{"a/b/c", pattern(chunkSize + 1)}, {"a/b/d", pattern(2*chunkSize - 1)}, {"a/e", pattern(5)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, d := newBox(t), disk(t)
			s := b.shelf(t, d, "/")
			p, err := c.write(t, s)
			must(t, err)
			c.check(t, s, p)
			if again, err := ParsePlace(p.String()); err != nil || again != p {
				t.Errorf("%v is read as %v: %v", p, again, err)
			}
			o, err := s.Open(p)
			must(t, err)
			var names []string
			for _, f := range c {
				names = append(names, f.name)
			}
			if len(c) > 0 {
				must(t, fstest.TestFS(o, names...))
			}
			must(t, o.Close())
			destroyed, stays, err := s.Sweep(t.Context(), func(other Place) bool { return other == p })
			if err != nil || len(destroyed)+len(stays) != 0 {
				t.Errorf("swept %v: %v", destroyed, err)
			}
			must(t, s.Destroy(t.Context(), p))
			must(t, s.Destroy(t.Context(), p))
			if gone, err := s.Gone(p); !gone || err != nil {
				t.Errorf("it is not gone: %v", err)
			}
			if keys, files := left(t, s, d); keys+files > 0 {
				t.Errorf("%d keys and %d files are left", keys, files)
			}
			if _, err := s.Open(p); !errors.Is(err, ErrGone) {
				t.Errorf("opened after its end: %v", err)
			}
		})
	}
}

func TestParsePlaceRefuses(t *testing.T) {
	t.Parallel()
	good := Place{ID: keyring.NewID(noon), Store: keyring.NewID(noon), Slot: 7}.String()
	for _, text := range []string{"", good + " ", good[1:], good + "x", good[:66], good[:66] + "07", "../../" + good} {
		if p, err := ParsePlace(text); err == nil {
			t.Errorf("%q is read as %v", text, p)
		}
	}
}

// Nothing that was put in is on the disk.
func TestNoPlaintextOnDisk(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	c := small()
	_, err := c.write(t, b.shelf(t, d, "/"))
	must(t, err)
	for _, name := range d.Files("/") {
		bytesOf, err := durable.ReadFile(d, name, 1<<24)
		must(t, err)
		for _, f := range c {
			if len(f.data) > 0 && bytes.Contains(bytesOf, f.data) || bytes.Contains(bytesOf, []byte(f.name)) {
				t.Errorf("%s has %s in the clear", name, f.name)
			}
		}
	}
}

// What reads an object ends when that is destroyed, or the appliance locked.
func TestReadingEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]struct {
		do   func(t *testing.T, b *box, s *Shelf, p Place)
		want error
	}{
		"locked":    {func(_ *testing.T, b *box, _ *Shelf, _ Place) { b.locked = true }, errLocked},
		"destroyed": {func(t *testing.T, _ *box, s *Shelf, p Place) { must(t, s.Destroy(t.Context(), p)) }, ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dirs(t, durable.OS, root)
			b := newBox(t)
			s := b.shelf(t, durable.OS, root)
			p, err := content{{"a", pattern(3 * chunkSize)}}.write(t, s)
			must(t, err)
			o, err := s.Open(p)
			must(t, err)
			f, err := o.Open("a")
			must(t, err)
			_, err = io.ReadFull(f, make([]byte, 10))
			must(t, err)
			end.do(t, b, s, p)
			if n, err := io.Copy(io.Discard, f); !errors.Is(err, end.want) || n >= chunkSize {
				t.Errorf("%d bytes came, and %v", n, err)
			}
			if _, err := s.Open(p); !errors.Is(err, end.want) {
				t.Errorf("opened: %v", err)
			}
			must(t, errors.Join(f.Close(), o.Close()))
		})
	}
}

// Each bit of the file matters.
func TestChangedBytes(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dirs(t, durable.OS, root)
	b := newBox(t)
	s := b.shelf(t, durable.OS, root)
	c := small()
	p, err := c.write(t, s)
	must(t, err)
	name := s.nameOf(s.o.Stores()[0], p.ID)
	good, err := os.ReadFile(name)
	must(t, err)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		c.refused(t, s, p, name, bad)
	}
	for n := 0; n < len(good); n += 5 {
		c.refused(t, s, p, name, good[:n])
	}
	c.refused(t, s, p, name, append(bytes.Clone(good), 0))
	must(t, os.WriteFile(name, good, 0o600))
	c.check(t, s, p)
	other, err := c.write(t, s)
	must(t, err)
	swapped, err := os.ReadFile(s.nameOf(s.o.Stores()[0], other.ID))
	must(t, err)
	c.refused(t, s, p, name, swapped)
}

// refused sees that a file with other bytes gives nothing.
func (c content) refused(t *testing.T, s *Shelf, p Place, name string, bad []byte) {
	t.Helper()
	must(t, os.WriteFile(name, bad, 0o600))
	o, err := s.Open(p)
	if err == nil {
		_, err = fs.ReadFile(o, c[0].name)
		err = errors.Join(err, o.Close())
	}
	if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrVersion) {
		t.Fatalf("%d bytes, changed: %v", len(bad), err)
	}
}

// TestCrash tries every fault at every operation of making an object and of destroying it: after the next start it is there as
// a whole, or there is neither key nor file.
func TestCrash(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	c := small()
	for _, ends := range []bool{false, true} {
		var made Place
		n := durabletest.Sweep(t, durabletest.Story{
			Before: func(t *testing.T, d *durabletest.Disk) { dirs(t, d, "/") },
			Do: func(d *durabletest.Disk) (err error) {
				s := b.shelf(t, d, "/")
				if made, err = c.write(t, s); err == nil && ends {
					err = s.Destroy(t.Context(), made)
				}
				return err
			},
			Check: func(t *testing.T, d *durabletest.Disk, did error) {
				s := b.shelf(t, d, "/")
				_, err := s.o.Stores()[0].Ring.Mend(t.Context(), time.Time{})
				must(t, err)
				kept := 0
				destroyed, stays, err := s.Sweep(t.Context(), func(p Place) bool {
					c.check(t, s, p) // what is sealed is whole
					kept++
					return !ends
				})
				must(t, err)
				if len(stays) > 0 || did == nil && !ends && kept != 1 || kept > 1 || did == nil && ends && len(destroyed) > 0 {
					t.Errorf("after %v %d are kept, %d destroyed", did, kept, len(destroyed))
				}
				if ends {
					kept = 0
				}
				if keys, files := left(t, s, d); keys != kept || files != kept {
					t.Errorf("after %v %d keys and %d files are left of %d", did, keys, files, kept)
				}
			},
		})
		t.Logf("%d operations", n)
	}
}

// What nobody knows goes at the next start, but not what is being written.
func TestSweep(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	s := b.shelf(t, d, "/")
	other := b.shelf(t, d, "/")
	other.o.Folder = "scans"
	scan, err := small().write(t, other)
	must(t, err)
	known, err := small().write(t, s)
	must(t, err)
	unknown, err := small().write(t, s)
	must(t, err)
	w, err := s.Begin(t.Context(), 0)
	must(t, err)
	destroyed, stays, err := s.Sweep(t.Context(), func(p Place) bool { return p == known })
	must(t, err)
	if len(destroyed) != 1 || destroyed[0] != unknown || len(stays) > 0 {
		t.Errorf("destroyed: %v, left: %v", destroyed, stays)
	}
	must(t, small().into(w))
	p, err := w.Finish(t.Context())
	must(t, err)
	small().check(t, s, p)
	small().check(t, s, known)
	small().check(t, other, scan)
}

// What a newer varuh wrote is left as it is, and keeps nothing else from going; a head that is not whole opens for nobody, and goes.
func TestSweepLeavesNewer(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	s := b.shelf(t, d, "/")
	newer, err := small().write(t, s)
	must(t, err)
	torn, err := small().write(t, s)
	must(t, err)
	unknown, err := small().write(t, s)
	must(t, err)
	store := s.o.Stores()[0]
	for p, head := range map[Place][]byte{newer: binary.BigEndian.AppendUint32([]byte(magic), version+1), torn: []byte("nothing of ours")} {
		must(t, d.Remove(s.nameOf(store, p.ID)))
		f, err := d.Create(s.nameOf(store, p.ID), 0o600)
		must(t, err)
		_, err = f.Write(append(head, make([]byte, headerSize)...))
		must(t, errors.Join(err, f.Close()))
	}
	for range 2 {
		_, stays, err := s.Sweep(t.Context(), func(Place) bool { return false })
		must(t, err)
		if len(stays) != 1 || stays[0].Name != s.nameOf(store, newer.ID) || !errors.Is(stays[0].Err, ErrVersion) {
			t.Errorf("left: %v", stays)
		}
	}
	for p, want := range map[Place]bool{newer: false, torn: true, unknown: true} {
		if gone, err := s.Gone(p); gone != want || err != nil {
			t.Errorf("%v is gone: %v, %v", p, gone, err)
		}
	}
	must(t, s.Destroy(t.Context(), newer)) // by whoever knows it
}

// A full disk, a real one, is a clear error that leaves nothing, and what is there stays.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	root := durabletest.Image(t, 64)
	dirs(t, durable.OS, root)
	b := newBox(t)
	s := b.shelf(t, durable.OS, root)
	kept, err := small().write(t, s)
	must(t, err)
	if _, err := (content{{"a", make([]byte, 80<<20)}}).write(t, s); !errors.Is(err, ErrFull) {
		t.Errorf("80 MiB on 64: %v", err)
	}
	if keys, files := left(t, s, durable.OS); keys != 1 || files != 1 {
		t.Errorf("%d keys, %d files are left", keys, files)
	}
	empty := durabletest.Fill(t, root)
	s.o.Floor = func(footage.Store) uint64 { return 0 }
	if _, err := s.Begin(t.Context(), 0); !errors.Is(err, ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	empty()
	small().check(t, s, kept)
}

// Where footage makes room, an object waits for that.
func TestWaitsForRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, d := newBox(t), disk(t)
		s := b.shelf(t, d, "/")
		floor, asked, helps := uint64(1<<50), 0, true
		s.o.Floor = func(footage.Store) uint64 { return floor }
		s.o.Wanted = func(footage.Store) {
			if asked++; helps && asked == 3 {
				floor = 0
			}
		}
		start := time.Now()
		_, err := small().write(t, s)
		must(t, err)
		if waited := time.Since(start); waited != 3*waitEach {
			t.Errorf("waited %v", waited)
		}
		floor, helps, start = 1<<50, false, time.Now()
		if _, err := small().write(t, s); !errors.Is(err, ErrFull) || time.Since(start) != s.o.Patience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := s.Begin(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestPut(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	s := b.shelf(t, d, "/")
	scan := pattern(2*chunkSize + 5)
	b.locked = true // papers are entered while all is locked
	k, err := s.Put(t.Context(), iotest.HalfReader(bytes.NewReader(scan)), int64(len(scan)))
	must(t, err)
	if k.Size != int64(len(scan)) || k.Hash != sha256.Sum256(scan) {
		t.Errorf("kept %+v", k)
	}
	if _, err := s.Take(k.Place); !errors.Is(err, errLocked) {
		t.Errorf("taken while locked: %v", err)
	}
	b.locked = false
	f, err := s.Take(k.Place)
	must(t, err)
	got, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	if !bytes.Equal(got, scan) {
		t.Error("other bytes came back")
	}
	for name, r := range map[string]io.Reader{"too large": bytes.NewReader(append(scan, 0)), "broken off": io.MultiReader(bytes.NewReader(scan[:10]), iotest.ErrReader(io.ErrUnexpectedEOF))} {
		if _, err := s.Put(t.Context(), r, int64(len(scan))); err == nil || name == "too large" && !errors.Is(err, ErrLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if keys, files := left(t, s, d); keys != 1 || files != 1 {
		t.Errorf("%d keys, %d files are left", keys, files)
	}
}

// All shelves of a store count, and nothing else on it.
func TestTaken(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	s := b.shelf(t, d, "/")
	store := s.Stores()[0]
	taken := func() int64 {
		t.Helper()
		n, err := Taken(d, store)
		must(t, err)
		return n
	}
	if n := taken(); n != 0 {
		t.Errorf("%d bytes before there was any", n)
	}
	p, err := small().write(t, s)
	must(t, err)
	one := taken()
	s.o.Folder = "scans"
	_, err = small().write(t, s)
	must(t, err)
	if info, err := d.Stat(s.nameOf(store, p.ID)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: %v", info, err)
	}
	if n := taken(); one == 0 || n != 2*one {
		t.Errorf("%d bytes, one has %d", n, one)
	}
}

// A store that is away is told as that.
func TestAway(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	s := b.shelf(t, d, "/")
	p, err := small().write(t, s)
	must(t, err)
	s.o.Stores = func() []footage.Store { return nil }
	_, open := s.Open(p)
	_, begin := s.Begin(t.Context(), 0)
	for _, err := range []error{open, begin, s.Destroy(t.Context(), p)} {
		if !errors.Is(err, ErrAway) {
			t.Error(err)
		}
	}
}

// What fits on no disk is refused at once, with how much it needs and how much there is, and nothing makes room for it. What
// fits once footage has given up some is begun on the disk where it does.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	b, d := newBox(t), disk(t)
	s := b.shelf(t, d, "/")
	free, err := d.Free("/store")
	must(t, err)
	room := int64(free) - 1<<20
	gives := int64(0)
	s.o.Wanted = func(footage.Store) { t.Error("it has footage make room") }
	s.o.Yields = func(_ context.Context, _ footage.Store, need int64) (int64, error) { return min(gives, need), nil }
	for _, need := range []int64{room + 1, 1 << 50} {
		_, err := s.Begin(t.Context(), need)
		if want := fmt.Sprintf("about %d MiB are needed, and there is room for %d MiB", need>>20, room>>20); !errors.Is(err, ErrFull) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%d bytes where %d are free: %v", need, room, err)
		}
	}
	if keys, files := left(t, s, d); keys+files > 0 {
		t.Errorf("%d keys, %d files are left", keys, files)
	}
	gives = 1 << 20
	for _, need := range []int64{0, 1, room, room + gives} {
		w, err := s.Begin(t.Context(), need)
		must(t, err)
		must(t, w.Discard(t.Context()))
	}
	if _, err := s.Begin(t.Context(), room+gives+1); !errors.Is(err, ErrFull) {
		t.Errorf("more than footage can give up: %v", err)
	}
	broken := errors.New("the footage can't be counted")
	s.o.Yields = func(context.Context, footage.Store, int64) (int64, error) { return 0, broken }
	if _, err := s.Begin(t.Context(), room+1); !errors.Is(err, broken) {
		t.Errorf("where nobody can tell what it gives up: %v", err)
	}
}
