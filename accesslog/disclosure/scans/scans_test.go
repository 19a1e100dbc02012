package scans

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
	"varuh/recorder/durable"
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

// rig is a keeper on a real shelf.
type rig struct {
	*Keeper
	dir   string
	shelf *sealed.Shelf
	named []disclosure.Done
	cut   int64 // entries before it are gone
	now   time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), now: noon}
	reading, err := keyring.GenerateKey()
	must(t, err)
	for _, d := range []string{"store", "state", "twin"} {
		must(t, os.Mkdir(filepath.Join(r.dir, d), 0o700))
	}
	store := footage.Store{ID: keyring.NewID(noon), Dir: filepath.Join(r.dir, "store")}
	store.Ring, err = keyring.Open(durable.OS, filepath.Join(r.dir, "state"), filepath.Join(r.dir, "twin"), store.ID, []keyring.PublicKey{reading.Public()})
	must(t, err)
	r.shelf = sealed.NewShelf(sealed.Options{FS: durable.OS, Folder: "scans", Stores: func() []footage.Store { return []footage.Store{store} },
		Now: func() time.Time { return r.now }, Floor: func(footage.Store) uint64 { return 0 },
		Key: func(ring *keyring.Ring, ref keyring.Ref) (keyring.Key, error) {
			slot, err := ring.Slot(ref)
			if err != nil {
				return keyring.Key{}, err
			}
			return keyring.Identity{reading}.Open(ring.Store(), slot)
		}})
	r.restart()
	return r
}

// restart forgets what is in memory.
func (r *rig) restart() {
	r.Keeper = New(Options{Shelf: r.shelf, Now: func() time.Time { return r.now },
		Named: func(context.Context) ([]disclosure.Done, error) { return r.named, nil },
		Lives: func(_ context.Context, i int64) (bool, error) { return i >= r.cut, nil }})
}

// keep puts a scan by, and says where it lies.
func (r *rig) keep(t *testing.T, text string) (hash string, s disclosure.Stored) {
	t.Helper()
	h, size, err := r.Keep(t.Context(), "ana", "application/pdf", strings.NewReader(text), 1<<10)
	must(t, err)
	if size != int64(len(text)) {
		t.Errorf("%d bytes", size)
	}
	hash = hex.EncodeToString(h[:])
	s, ok := r.Waits(hash)
	if !ok || s.Media != "application/pdf" {
		t.Fatalf("%+v does not wait", s)
	}
	return hash, s
}

// files are how many scans are on the disk.
func (r *rig) files(t *testing.T) int {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(r.dir, "store", "_sealed", "scans", "*"))
	must(t, err)
	return len(list)
}

func (r *rig) sweep(t *testing.T, want int) {
	t.Helper()
	if n, err := r.Sweep(t.Context()); err != nil || n != want {
		t.Errorf("%d were destroyed, not %d: %v", n, want, err)
	}
}

// A scan waits for a day for what names it; once it is named it stays, over a restart, as long as the diary has the entry.
func TestScanLives(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, at := r.keep(t, "listina 1")
	_, _ = r.keep(t, "listina 2")
	r.sweep(t, 0)
	r.named = []disclosure.Done{{Entry: 7, Request: "0a1b2c3d", Op: "request.receive", Scan: first, Stored: at}}
	r.now = noon.Add(25*time.Hour + time.Minute)
	if _, waits := r.Waits(first); waits {
		t.Error("it waits for more than a day")
	}
	r.sweep(t, 1)
	r.restart()
	r.sweep(t, 0)
	f, size, err := r.Open(at)
	must(t, err)
	text, err := io.ReadAll(f)
	if must(t, errors.Join(err, f.Close())); string(text) != "listina 1" || size != 9 {
		t.Errorf("%q, %d", text, size)
	}
	r.cut = 8
	r.sweep(t, 1)
	if _, _, err := r.Open(at); !errors.Is(err, sealed.ErrGone) {
		t.Errorf("it is gone, but %v", err)
	}
	if n := r.files(t); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// What a restart finds that nothing names is destroyed: a scan that nobody got round to naming.
func TestScanAfterRestart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.keep(t, "listina")
	r.restart()
	r.sweep(t, 1)
	if n := r.files(t); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// What is too large, or breaks off, leaves nothing; and nobody fills the disk with scans that nothing names.
func TestScanRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, _, err := r.Keep(t.Context(), "ana", "image/png", bytes.NewReader(make([]byte, 1<<11)), 1<<10); !errors.Is(err, sealed.ErrLarge) {
		t.Errorf("too large: %v", err)
	}
	broken := errors.New("the line broke")
	if _, _, err := r.Keep(t.Context(), "ana", "image/png", io.MultiReader(strings.NewReader("x"), failing{broken}), 1<<10); !errors.Is(err, broken) {
		t.Errorf("broken off: %v", err)
	}
	if n := r.files(t); n != 0 {
		t.Errorf("%d files are left", n)
	}
	hash, _ := r.keep(t, "listina")
	for i := range mostKept - 1 {
		r.now = r.now.Add(time.Second)
		if _, waits := r.Waits(hash); waits != (i < mostWait) {
			t.Errorf("after %d more the oldest waits: %v", i, waits)
		}
		r.keep(t, "listina "+strings.Repeat("i", i))
	}
	r.sweep(t, 0)
	if _, _, err := r.Keep(t.Context(), "ana", "image/png", strings.NewReader("x"), 1<<10); !errors.Is(err, ErrMany) {
		t.Errorf("one too many: %v", err)
	}
	_, _, err := r.Keep(t.Context(), "eva", "image/png", strings.NewReader("x"), 1<<10)
	must(t, err) // she has places of her own
	r.now = r.now.Add(spare + time.Second)
	r.keep(t, "listina 2")
	r.sweep(t, mostKept-mostWait)
}

// Whoever names what he uploads may upload as much as he has to.
func TestScanNamedTakesNoPlace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range mostKept + 1 {
		hash, at := r.keep(t, "listina "+strings.Repeat("i", i))
		r.named = append(r.named, disclosure.Done{Entry: int64(i), Scan: hash, Stored: at})
	}
	r.sweep(t, 0)
	if n := r.files(t); n != mostKept+1 {
		t.Errorf("%d files", n)
	}
}

// The same paper comes twice, as after a double click: the place that a request may be about to name stays, and no second copy
// is left. Once more it waits for a day.
func TestScanTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hash, first := r.keep(t, "listina")
	r.now = noon.Add(20 * time.Hour)
	if _, again := r.keep(t, "listina"); again != first {
		t.Errorf("it lies at %+v, and then at %+v", first, again)
	}
	r.sweep(t, 0)
	if n := r.files(t); n != 1 {
		t.Errorf("%d files", n)
	}
	r.now = noon.Add(40 * time.Hour)
	if _, waits := r.Waits(hash); !waits {
		t.Error("it waits no more, a day after it came first")
	}
	r.named = []disclosure.Done{{Entry: 7, Scan: hash, Stored: first}}
	r.restart()
	r.sweep(t, 0)
	f, _, err := r.Open(first)
	must(t, err)
	must(t, f.Close())
}

// Whoever gives up before his scan comes takes no place for it, and keeps nothing from being swept.
func TestScanGivenUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	for range mostWait + 1 {
		if _, _, err := r.Keep(ctx, "ana", "image/png", strings.NewReader("x"), 1<<10); !errors.Is(err, context.Canceled) {
			t.Fatalf("given up: %v", err)
		}
	}
	r.keep(t, "listina")
	r.now = noon.Add(26 * time.Hour)
	r.sweep(t, 1)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
