package recorder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
)

// slowReading is a disk on which reading a segment back takes its time.
type slowReading struct {
	durable.FS
	takes time.Duration
}

func (d slowReading) OpenRW(name string) (durable.File, error) {
	if strings.HasSuffix(name, ".seg") {
		<-time.After(d.takes)
	}
	return d.FS.OpenRW(name)
}

// After a crash every camera is recorded from its first picture on, while the torn segments of all
// cameras are read back one after the other: here for 40 s each, far longer than a queue holds.
func TestRecoveryCostsNoPicture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now atomic.Pointer[map[string]*aCamera]
		cameras := []Camera{door, {ID: "yard", Main: rtsp.Source{URL: "yard"}}, {ID: "hall", Main: rtsp.Source{URL: "hall"}}}
		fresh := func() map[string]*aCamera {
			m := map[string]*aCamera{}
			for _, c := range cameras {
				m[c.Main.URL] = newCamera()
				m[c.Main.URL].size = 4e6 / 8 / 25
			}
			now.Store(&m)
			return m
		}
		play := func(ctx context.Context, src rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return (*now.Load())[src.URL].play(ctx, sink, 1<<31)
		}
		before := fresh()
		g := newRig(t, play)
		_, stop := g.record(cameras...)
		wait(20 * time.Second)
		after := newRig(t, play) // finds what a kill at this moment leaves
		after.store.ID = g.store.ID
		must(t, os.CopyFS(filepath.Join(after.state, "copy"), os.DirFS(g.state)))
		must(t, os.RemoveAll(filepath.Join(after.state, "keys")))
		for _, e := range []string{"keys", "footage.db", "footage.db-wal"} {
			must(t, os.Rename(filepath.Join(after.state, "copy", e), filepath.Join(after.state, e)))
		}
		must(t, os.RemoveAll(after.store.Dir))
		must(t, os.CopyFS(after.store.Dir, os.DirFS(g.store.Dir)))
		stop()

		second := fresh()
		after.opts.FS = slowReading{durable.OS, 40 * time.Second}
		_, stop = after.record(cameras...)
		wait(4 * time.Minute)
		stop()
		if n := after.kinds(EventRecovered); n != len(cameras) {
			t.Errorf("%d segments were recovered, want %d", n, len(cameras))
		}
		for _, c := range cameras {
			got := after.numbers(c.ID, "main")
			old := len(got) - int(second[c.Main.URL].sent.Load())
			if old < 0 || !slices.Equal(got[old:], counted(second[c.Main.URL].sent.Load())) {
				t.Errorf("%s: %d pictures stored, want the last %d to be all of those sent after the crash; first differing is %d", c.ID, len(got),
					second[c.Main.URL].sent.Load(), firstDifference(got[max(old, 0):], counted(second[c.Main.URL].sent.Load())))
				segments, _ := after.look(c.ID, "main")
				for _, seg := range segments {
					u := after.unitsOf(seg)
					t.Logf("%s to %s recovered %v: %d to %d", seg.Start, seg.End, seg.Recovered, u[0], u[len(u)-1])
				}
				continue
			}
			if most := int(before[c.Main.URL].sent.Load()); old < 19*25 || old > most || !slices.Equal(got[:old], counted(uint32(old))) {
				t.Errorf("%s: %d pictures from before the crash, want at least %d", c.ID, old, 19*25)
			}
		}
	})
}

// What a line sends after it was abandoned is not taken, even if it was on its way.
func TestAbandonedLineIsNotHeard(t *testing.T) {
	q := newQueue(new(atomic.Int64))
	line := &session{}
	q.put(item{run: &run{}, data: []byte{1}, line: line})
	q.abandon(line)
	q.put(item{run: &run{}, data: []byte{2}, line: line})
	if it, ok := q.take(); !ok || it.data[0] != 1 {
		t.Errorf("took %v, want the fragment from before", it.data)
	}
	if it, ok := q.take(); ok {
		t.Errorf("took %v of an abandoned line", it.data)
	}
}

// A key that nothing refers to is destroyed at a start, but not one whose file is there and only the
// index does not know it.
func TestOrphanedKeys(t *testing.T) {
	g := newRig(t, nil)
	r := g.open()
	defer func() { must(t, g.opts.Index.Close()) }()
	var refs [2]keyring.Ref
	for i := range refs {
		refs[i].ID = keyring.NewID(r.Boot.Now())
		_, slot, err := g.store.Ring.Create(t.Context(), refs[i].ID, keyring.KindSegment)
		must(t, err)
		refs[i].Slot = slot
	}
	unreadable := g.store.Path("door", refs[1].ID)
	must(t, os.MkdirAll(filepath.Dir(unreadable), 0o700))
	must(t, os.WriteFile(unreadable, []byte("damaged"), 0o600))
	r.disks[0].mendKeys(t.Context())
	for i, want := range []keyring.State{keyring.StateErased, keyring.StateOpen} {
		slot, err := g.store.Ring.Slot(refs[i])
		if err != nil && !errors.Is(err, keyring.ErrErased) || slot.State != want {
			t.Errorf("slot %d is %v (%v), want %v", i, slot.State, err, want)
		}
	}
}

// An index that was put back from an old copy, or lost its last commits, gets back what it no longer
// knows, and no key is destroyed for it.
func TestOldIndexIsCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		_, stop := g.record(door)
		wait(20 * time.Second)
		stop()
		old, err := os.ReadFile(filepath.Join(g.state, "footage.db"))
		must(t, err)
		_, stop = g.record(door)
		wait(15 * time.Minute)
		stop()
		must(t, os.WriteFile(filepath.Join(g.state, "footage.db"), old, 0o600))
		_, stop = g.record(door)
		wait(time.Minute)
		stop()
		g.wantSomeOfEach(c)
		segments, _ := g.look("door", "main")
		if len(segments) < 4 {
			t.Errorf("%d segments, want those of three recordings", len(segments))
		}
	})
}

// wantSomeOfEach fails unless all pictures but those skipped at a restart are stored.
func (g *rig) wantSomeOfEach(c *aCamera) {
	g.t.Helper()
	got := g.numbers("door", "main")
	if missing := int(c.sent.Load()) - len(got); missing > 2*int(c.gop) || !slices.IsSorted(got) {
		g.t.Errorf("%d of %d pictures are stored", len(got), c.sent.Load())
	}
}

// A disk that went away keeps the keys of what is on it: its files only seem to be gone.
func TestAbsentDiskKeepsItsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		g.opts.Present = func(s footage.Store) error {
			_, err := os.Stat(filepath.Join(s.Dir, "keys"))
			return err
		}
		_, stop := g.record(door)
		wait(30 * time.Second)
		must(t, os.Rename(g.store.Dir, g.store.Dir+".away"))
		must(t, os.Mkdir(g.store.Dir, 0o700)) // the mount point
		c.sent.Add(-c.sent.Load() % c.gop)
		wait(20 * time.Second)
		must(t, os.Remove(g.store.Dir))
		must(t, os.Rename(g.store.Dir+".away", g.store.Dir))
		wait(time.Minute)
		stop()
		for slot, err := range g.store.Ring.All(time.Unix(0, 0)) {
			if err != nil || slot.State == keyring.StateErased {
				t.Errorf("slot %d: %v, %v", slot.Slot, slot.State, err)
			}
		}
	})
}

// A segment that was promised and whose file is gone is told as such, not as a failing disk.
func TestPromisedFileIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		_, stop := g.record(door)
		wait(20 * time.Second)
		stop()
		segments, _ := g.look("door", "main")
		must(t, os.Remove(g.store.Path("door", segments[0].ID)))
		r := g.open()
		defer func() { must(t, g.opts.Index.Close()) }()
		d := r.disks[0]
		d.broken(torn{row: segments[0]})
		d.mendTorn(t.Context())
		if n := g.kinds(EventDamaged); n != 1 || len(d.torn) != 0 || d.bad != nil {
			t.Errorf("%d told, %d left, the disk: %v", n, len(d.torn), d.bad)
		}
	})
}

// What waited while the writer was not at work does not make the queue refuse what comes while it is
// being written; only then is the queue's own bound in force.
func TestPatienceLastsUntilWritten(t *testing.T) {
	var pool atomic.Int64
	pool.Store(patience)
	q := newQueue(&pool)
	megabyte := item{run: &run{}, data: make([]byte, 1<<20)}
	for range 20 {
		if !q.put(megabyte) {
			t.Fatal("refused although the writer is not at work")
		}
	}
	q.begin()
	if !q.put(megabyte) {
		t.Error("refused although what waited is being written")
	}
	for range 21 {
		q.take()
	}
	if pool.Load() != patience {
		t.Errorf("%d bytes of patience were not given back", patience-pool.Load())
	}
	taken := 0
	for q.put(megabyte) {
		taken++
	}
	if taken != queueBytes>>20 {
		t.Errorf("took %d MiB, want the queue's own %d", taken, queueBytes>>20)
	}
}
