package unseal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is one store, and keys that are locked.
type rig struct {
	store   footage.Store
	reading keyring.PrivateKey
	keys    *Keys
	mu      sync.Mutex
	now     time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	r := &rig{now: noon, store: footage.Store{ID: keyring.NewID(noon), Dir: filepath.Join(dir, "store")}}
	for _, d := range []string{"store", "state", "twin"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o700))
	}
	var err error
	r.reading, err = keyring.GenerateKey()
	must(t, err)
	r.store.Ring, err = keyring.Open(durable.OS, filepath.Join(dir, "state"), filepath.Join(dir, "twin"), r.store.ID, []keyring.PublicKey{r.reading.Public()})
	must(t, err)
	r.keys = New(Options{FS: durable.OS, Idle: time.Hour, Now: r.clock,
		Store: func(id keyring.ID) (footage.Store, bool) { return r.store, id == r.store.ID },
		InUse: func(people.Which) keyring.KeyID { return r.reading.Public().ID() }})
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// payload is what record n of every segment holds.
func payload(n int) []byte {
	return append([]byte{0, 0, 0, 20, 'm', 'd', 'a', 't'}, bytes.Repeat([]byte{byte(n)}, 12)...)
}

// segment writes a segment of so many records, and leaves it open unless it is to be sealed.
func (r *rig) segment(t *testing.T, records int, seal bool) (footage.Segment, *segment.Writer) {
	t.Helper()
	id := keyring.NewID(noon)
	key, slot, err := r.store.Ring.Create(t.Context(), id, keyring.KindSegment)
	must(t, err)
	h := segment.Header{ID: id, Store: r.store.ID, Slot: slot, Camera: "hall", Stream: "main", Run: keyring.NewID(noon), Start: noon, Format: "H264"}
	name := r.store.Path("hall", id)
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	w, err := segment.Create(durable.OS, name, h, key, segment.PreferredCipher())
	must(t, err)
	must(t, w.Append(segment.Record{Kind: segment.Init, Start: noon}, []byte("init")))
	for n := 1; n < records; n++ {
		must(t, w.Append(segment.Record{Kind: segment.Video, Flags: segment.KeyFrame, Start: noon.Add(time.Duration(n) * time.Second), Duration: time.Second}, payload(n)))
	}
	s := footage.NewSegment(h)
	if !seal {
		t.Cleanup(func() { must(t, w.Close()) })
		return s, w
	}
	done, err := w.Seal(false)
	must(t, err)
	size := w.Size()
	must(t, w.Close())
	must(t, r.store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: id, Slot: slot}, Records: done.Records, Root: done.Root}}))
	return s.WithSeal(done, size), nil
}

func (r *rig) unlock() { r.keys.UnlockAuto(people.FootageKey, keyring.Identity{r.reading}) }

func TestRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s, _ := r.segment(t, 4, true)
	if list, err := r.keys.Entries(s); err != nil || len(list) != 4 {
		t.Errorf("locked, the list of records has %d: %v", len(list), err)
	}
	if _, err := r.keys.Read(s, 1, nil); !errors.Is(err, people.ErrLocked) {
		t.Errorf("read while locked: %v", err)
	}
	r.unlock()
	for n := 1; n < 4; n++ {
		plain, err := r.keys.Read(s, n, nil)
		must(t, err)
		if !bytes.Equal(plain, payload(n)) {
			t.Errorf("record %d is %q", n, plain)
		}
	}
	if _, err := r.keys.Read(s, 4, nil); !errors.Is(err, io.EOF) {
		t.Errorf("a record behind the last: %v", err)
	}
	elsewhere := s
	elsewhere.ID, elsewhere.Store = keyring.NewID(noon), keyring.NewID(noon)
	if _, err := r.keys.Read(elsewhere, 1, nil); !errors.Is(err, ErrAway) {
		t.Errorf("a store that is not here: %v", err)
	}
	if !r.keys.Lock() {
		t.Error("there was nothing to lock")
	}
	if _, err := r.keys.Read(s, 1, nil); !errors.Is(err, people.ErrLocked) {
		t.Errorf("read after the lock: %v", err)
	}
}

// A segment that is being written is read as it grows, and anew once it is sealed.
func TestReadGrowing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.unlock()
	s, w := r.segment(t, 3, false)
	if list, err := r.keys.Entries(s); err != nil || len(list) != 3 {
		t.Fatalf("%d records: %v", len(list), err)
	}
	must(t, w.Append(segment.Record{Kind: segment.Video, Start: noon.Add(3 * time.Second), Duration: time.Second}, payload(3)))
	plain, err := r.keys.Read(s, 3, nil)
	must(t, err)
	if !bytes.Equal(plain, payload(3)) {
		t.Errorf("the new record is %q", plain)
	}
	done, err := w.Seal(false)
	must(t, err)
	s = s.WithSeal(done, w.Size())
	if list, err := r.keys.Entries(s); err != nil || len(list) != 4 || !r.keys.open[s.ID].sealed() {
		t.Errorf("sealed, it has %d records: %v", len(list), err)
	}
}

// An erased segment is not read, however recently it was, and its file need not be gone.
func TestErased(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.unlock()
	s, _ := r.segment(t, 3, true)
	_, err := r.keys.Read(s, 1, nil)
	must(t, err)
	must(t, r.store.Ring.Erase(t.Context(), []keyring.Ref{{ID: s.ID, Slot: s.Slot}}))
	if _, err := r.keys.Read(s, 2, nil); !errors.Is(err, ErrErased) {
		t.Errorf("read after its key was destroyed: %v", err)
	}
	if r.keys.open[s.ID] != nil {
		t.Error("its reader, which has the key, is still there")
	}
	must(t, os.Remove(r.store.Path(s.Camera, s.ID)))
	if _, err := r.keys.Entries(s); !errors.Is(err, ErrErased) {
		t.Errorf("without its file: %v", err)
	}
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.unlock()
	s, _ := r.segment(t, 3, true)
	name := r.store.Path(s.Camera, s.ID)
	b, err := os.ReadFile(name)
	must(t, err)
	list, err := r.keys.Entries(s)
	must(t, err)
	b[list[1].Offset+list[1].Size/2] ^= 1
	must(t, os.WriteFile(name, b, 0o600))
	if _, err := r.keys.Read(s, 1, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("a changed record: %v", err)
	}
	if _, err := r.keys.Read(s, 2, nil); err != nil {
		t.Errorf("the one after it: %v", err)
	}
}

// The number of open segments is bounded, and those in use longest ago go first.
func TestBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.unlock()
	var all []footage.Segment
	for range MaxOpen + 5 {
		s, _ := r.segment(t, 2, true)
		all = append(all, s)
	}
	for range 2 {
		for _, s := range all {
			_, err := r.keys.Read(s, 1, nil)
			must(t, err)
			_, err = r.keys.Read(all[0], 1, nil)
			must(t, err)
		}
	}
	if n := len(r.keys.open); n != MaxOpen {
		t.Errorf("%d segments are open, want %d", n, MaxOpen)
	}
	if r.keys.open[all[0].ID] == nil {
		t.Error("the one in use all the time was closed")
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s, _ := r.segment(t, 3, true)
	wrap := r.wrap(t, "p1")
	must(t, r.keys.Unlock(people.FootageKey, wrapKey, "p1", wrap))
	for range 3 {
		r.pass(50 * time.Minute)
		_, err := r.keys.Read(s, 1, nil)
		must(t, err)
	}
	r.pass(time.Hour)
	if _, err := r.keys.Read(s, 1, nil); !errors.Is(err, people.ErrLocked) {
		t.Errorf("read after an idle hour: %v", err)
	}
	if len(r.keys.open)+len(r.keys.held) > 0 {
		t.Error("something is still in memory")
	}
	if !r.keys.Idled() || r.keys.Idled() {
		t.Error("that it was locked for idleness is told once")
	}
	r.unlock()
	r.pass(24 * time.Hour)
	if r.keys.Locked(people.FootageKey) {
		t.Error("a key that lies in a file all the same was locked away")
	}
}

// Many read while others lock and unlock: nobody gets bytes after the lock, and nothing breaks.
func TestLockWhileReading(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s, _ := r.segment(t, 3, true)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 300 {
				plain, err := r.keys.Read(s, 1, nil)
				if err == nil && !bytes.Equal(plain, payload(1)) || err != nil && !errors.Is(err, people.ErrLocked) {
					t.Errorf("%q, %v", plain, err)
				}
			}
		})
	}
	for range 100 {
		r.unlock()
		r.keys.Lock()
		if len(r.keys.held) > 0 {
			t.Error("a key is there after the lock")
		}
	}
	readers.Wait()
	if _, err := r.keys.Read(s, 1, nil); !errors.Is(err, people.ErrLocked) {
		t.Errorf("read after the lock: %v", err)
	}
}
