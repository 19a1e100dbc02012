package recorder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
)

// moodyDisk is the real file system with moods: it stalls, it is slow, it fails, it is full. Only
// files below dir are concerned.
type moodyDisk struct {
	durable.FS
	dir  string
	sync time.Duration // what a sync takes

	mu    sync.Mutex
	stall chan struct{} // writes wait until it closes
	fail  error         // what writes and syncs return
	slow  time.Duration // what a sync of the whole file system takes besides
	share error         // what that returns
	free  func() (uint64, error)
	room  map[string]uint64 // free space by folder, before free
}

func (d *moodyDisk) set(f func(*moodyDisk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d)
}

func (d *moodyDisk) mood(name string) error {
	if !strings.HasPrefix(name, d.dir) {
		return nil
	}
	d.mu.Lock()
	stall, fail := d.stall, d.fail
	d.mu.Unlock()
	if stall != nil {
		<-stall
	}
	return fail
}

func (d *moodyDisk) OpenRW(name string) (durable.File, error) { return d.wrap(name, d.FS.OpenRW) }

func (d *moodyDisk) Create(name string, perm fs.FileMode) (durable.File, error) {
	if err := d.mood(name); err != nil {
		return nil, err
	}
	return d.wrap(name, func(name string) (durable.File, error) { return d.FS.Create(name, perm) })
}

func (d *moodyDisk) SyncFS(name string) error {
	<-time.After(d.sync)
	d.mu.Lock()
	slow, share := d.slow, d.share
	d.mu.Unlock()
	<-time.After(slow)
	return errors.Join(share, d.mood(name), d.FS.SyncFS(name))
}

func (d *moodyDisk) SyncDir(name string) error {
	<-time.After(d.sync)
	return errors.Join(d.mood(name), d.FS.SyncDir(name))
}

func (d *moodyDisk) Free(name string) (uint64, error) {
	d.mu.Lock()
	free := d.free
	room, ok := d.room[name]
	d.mu.Unlock()
	if ok {
		return room, nil
	}
	if free == nil {
		return d.FS.Free(name)
	}
	return free()
}

func (d *moodyDisk) wrap(name string, open func(string) (durable.File, error)) (durable.File, error) {
	f, err := open(name)
	if err != nil {
		return nil, err
	}
	return &moodyFile{f, d, name}, nil
}

type moodyFile struct {
	durable.File
	disk *moodyDisk
	name string
}

func (f *moodyFile) Write(b []byte) (int, error) {
	if err := f.disk.mood(f.name); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

// WriteAt is how key slots are written.
func (f *moodyFile) WriteAt(b []byte, off int64) (int, error) {
	if err := f.disk.mood(f.name); err != nil {
		return 0, err
	}
	return f.File.WriteAt(b, off)
}

func (f *moodyFile) Truncate(size int64) error {
	if err := f.disk.mood(f.name); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *moodyFile) Sync() error {
	<-time.After(f.disk.sync)
	if err := f.disk.mood(f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

// newMoody makes a rig whose whole disk has moods.
func newMoody(t *testing.T, cameras func(context.Context, rtsp.Source, rtsp.Sink, *rtsp.Stats) error) (*rig, *moodyDisk) {
	g := newRig(t, cameras)
	d := &moodyDisk{FS: durable.OS, dir: g.store.Dir}
	g.opts.FS = d
	return g, d
}

// A disk that stalls for 3 s loses no picture of a camera of 16 Mbit/s.
func TestStalledDiskLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		c.size = 16e6 / 8 / 25
		g, d := newMoody(t, c.forever)
		r, stop := g.record(door)
		waited := func(least, most time.Duration) {
			t.Helper()
			if got := r.Status().Streams[0].Waited; got < least || got > most {
				t.Errorf("a fragment waited for %v, want %v to %v", got, least, most)
			}
		}
		wait(10 * time.Second)
		waited(0, time.Second)
		stalled := make(chan struct{})
		d.set(func(d *moodyDisk) { d.stall = stalled })
		wait(3 * time.Second)
		waited(time.Second, 3*time.Second)
		d.set(func(d *moodyDisk) { d.stall = nil })
		close(stalled)
		wait(10 * time.Second)
		waited(2*time.Second, 3*time.Second)
		stop()
		g.wantAll(c, "door")
		if n := g.kinds(EventOverload); n != 0 {
			t.Errorf("%d overloads", n)
		}
	})
}

// A disk that stalls for 3 s just when 32 cameras of 4 Mbit/s begin segments, so that their key slots stall
// too, loses no picture of any.
func TestStalledDiskLosesNothingOf32(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cameras []Camera
		sources := map[string]*aCamera{}
		for i := range 32 {
			id := fmt.Sprintf("cam%02d", i)
			cameras = append(cameras, Camera{ID: id, Main: rtsp.Source{URL: id}})
			sources[id] = newCamera()
			sources[id].size = 4e6 / 8 / 25
		}
		g, d := newMoody(t, func(ctx context.Context, src rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return sources[src.URL].play(ctx, sink, 1<<31)
		})
		g.opts.SegmentDuration = 2 * time.Second // each of them begins one or two in the stall
		_, stop := g.record(cameras...)
		wait(5 * time.Second)
		stalled := make(chan struct{})
		d.set(func(d *moodyDisk) { d.stall = stalled })
		wait(3 * time.Second)
		d.set(func(d *moodyDisk) { d.stall = nil })
		close(stalled)
		wait(5 * time.Second)
		stop()
		for id, c := range sources {
			g.wantAll(c, id)
		}
		if n := g.kinds(EventOverload); n != 0 {
			t.Errorf("%d overloads", n)
		}
	})
}

// Past the queue's bound pictures are lost with an event and a gap, and recording goes on.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		c.size = 16e6 / 8 / 25
		g, d := newMoody(t, c.forever)
		_, stop := g.record(door)
		wait(10 * time.Second)
		stalled := make(chan struct{})
		d.set(func(d *moodyDisk) { d.stall = stalled })
		wait(30 * time.Second)
		d.set(func(d *moodyDisk) { d.stall = nil })
		close(stalled)
		wait(10 * time.Second)
		stop()
		numbers := g.numbers("door", "main")
		if n := len(numbers); n < 300 || numbers[n-1] != c.sent.Load()-1 {
			t.Errorf("%d pictures stored, the last is %d of %d: recording did not go on", n, numbers[n-1], c.sent.Load())
		}
		_, gaps := g.look("door", "main")
		if g.kinds(EventOverload) != 1 || len(gaps) == 0 || gaps[0].Cause != CauseDisk {
			t.Errorf("%d overloads, gaps %+v", g.kinds(EventOverload), gaps)
		}
	})
}

// A disk that fails for a while: what is written before and after is there and sealed, the torn
// segment is recovered without a restart, and nothing but the time of the failure is missing.
func TestFailingDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g, d := newMoody(t, c.forever)
		_, stop := g.record(door)
		wait(20 * time.Second)
		d.set(func(d *moodyDisk) { d.fail = errors.New("input/output error") })
		wait(8 * time.Second)
		d.set(func(d *moodyDisk) { d.fail = nil })
		wait(time.Minute)
		stop()
		g.wantAll(c, "door")
		segments, _ := g.look("door", "main")
		for _, s := range segments {
			if !s.Sealed {
				t.Errorf("segment %s is still open", s.ID)
			}
		}
		if g.kinds(EventDisk) < 2 || g.kinds(EventRecovered) != 1 {
			t.Errorf("%d events of the disk, %d recoveries", g.kinds(EventDisk), g.kinds(EventRecovered))
		}
	})
}

// While the disk does not tell its free space recording goes on, into new segments too, for as long as there is room by
// what was known and written since, and that is told once. What was finished meanwhile is sealed when the disk tells again.
func TestReserveBlind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera() // of 10 kB a second
		g, d := newMoody(t, c.forever)
		g.opts.Reserve, g.opts.SegmentDuration = 300<<20, time.Minute
		free := func() (uint64, error) { return 300<<20 + 3<<20, nil }
		d.set(func(d *moodyDisk) { d.free = free })
		r, stop := g.record(door)
		wait(30 * time.Second)
		d.set(func(d *moodyDisk) { d.free = func() (uint64, error) { return 0, errors.New("input/output error") } })
		wait(3 * time.Minute)
		st := r.Status()
		if st.Streams[0].State != "recording" || st.Streams[0].Segments < 3 || st.Stores[0].Sentence == "" || g.kinds(EventDisk) != 1 || g.kinds(EventSealed) > 1 {
			t.Errorf("the status is %+v; %d events of the disk, %d segments sealed", st, g.kinds(EventDisk), g.kinds(EventSealed))
		}
		wait(5 * time.Minute)
		if s := r.Status().Streams[0]; s.State != "full" {
			t.Errorf("3 MiB are written, and the status is %+v", s)
		}
		d.set(func(d *moodyDisk) { d.free = func() (uint64, error) { return 1 << 40, nil } })
		wait(time.Minute)
		if st := r.Status(); st.Streams[0].State != "recording" || st.Stores[0].Sentence != "" || g.kinds(EventSealed) < 3 {
			t.Errorf("afterwards the status is %+v; %d segments sealed", st, g.kinds(EventSealed))
		}
		stop()
	})
}

// At the reserve footage stops with a gap, and goes on when there is room.
func TestReserve(t *testing.T) {
	for name, free := range map[string]func() (uint64, error){
		"full": func() (uint64, error) { return 300 << 20, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCamera()
				g, d := newMoody(t, c.forever)
				g.opts.Reserve = 300<<20 + 1
				r, stop := g.record(door)
				wait(time.Minute)
				d.set(func(d *moodyDisk) { d.free = free })
				wait(10 * time.Minute)
				if s := r.Status().Streams[0]; s.State != "full" || s.Sentence == "" {
					t.Errorf("the status is %+v, want it to say that the disk is full", s)
				}
				d.set(func(d *moodyDisk) { d.free = nil })
				wait(time.Minute)
				stop()
				segments, gaps := g.look("door", "main")
				if first := g.unitsOf(segments[len(segments)-1])[0]; first%c.gop != 0 {
					t.Errorf("recording goes on with picture %d, which is no key frame", first)
				}
				if len(gaps) == 0 || gaps[0].Cause != CauseReserve || gaps[0].To.Sub(gaps[0].From).Round(time.Minute) != 10*time.Minute {
					t.Errorf("gaps are %+v, want 10 minutes of %q", gaps, CauseReserve)
				}
			})
		})
	}
}

// A clean stop takes less than 5 s with 32 cameras on a disk that takes 200 ms a sync, and seals all.
func TestStopOnSlowDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cameras []Camera
		sources := map[string]*aCamera{}
		for i := range 32 {
			id := fmt.Sprintf("cam%02d", i)
			cameras = append(cameras, Camera{ID: id, Main: rtsp.Source{URL: id}})
			sources[id] = newCamera()
		}
		g, d := newMoody(t, func(ctx context.Context, src rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return sources[src.URL].play(ctx, sink, 1<<31)
		})
		d.sync = 200 * time.Millisecond
		_, stop := g.record(cameras...)
		wait(15 * time.Minute)
		began := time.Now()
		stop()
		took := time.Since(began)
		t.Logf("stopped in %v", took)
		if took > 5*time.Second {
			t.Errorf("the stop took %v, want ≤ 5s", took)
		}
		for id, c := range sources {
			g.wantAll(c, id)
		}
	})
}

// A sync of the whole file system that fails while a writer finishes a segment: that segment is doubtful
// too. It is recovered, and not taken for durable with the next sync that works.
func TestSharedSyncFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cameras []Camera
		sources := map[string]*aCamera{}
		for i := range shareSync + 2 {
			id := fmt.Sprintf("cam%d", i)
			cameras = append(cameras, Camera{ID: id, Main: rtsp.Source{URL: id}})
			sources[id] = newCamera()
		}
		g, d := newMoody(t, func(ctx context.Context, src rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return sources[src.URL].play(ctx, sink, 1<<31)
		})
		g.opts.SegmentDuration = 4 * time.Second
		g.opts.SyncInterval = time.Second
		_, stop := g.record(cameras...)
		wait(20 * time.Second)
		d.set(func(d *moodyDisk) { d.slow, d.share = 6*time.Second, errors.New("input/output error") })
		wait(8 * time.Second)
		d.set(func(d *moodyDisk) { d.slow, d.share = 0, nil })
		wait(time.Minute)
		stop()
		ended := map[keyring.ID]int{}
		for _, e := range g.events {
			if e.Kind == EventSealed || e.Kind == EventRecovered {
				ended[e.Segment.ID]++
			}
		}
		for id, n := range ended {
			if n != 1 {
				t.Errorf("segment %s was ended %d times", id, n)
			}
		}
		if g.kinds(EventRecovered) <= len(cameras) {
			t.Errorf("%d segments were recovered, want those that were being written and those finished meanwhile", g.kinds(EventRecovered))
		}
		for id, c := range sources {
			g.wantAll(c, id)
		}
	})
}

// When the store that is written to gets full and another has room, that one takes what follows: no
// picture is lost and no gap told.
func TestFullStoreHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g, d := newMoody(t, c.forever)
		first := g.store
		second := first
		second.ID, second.Dir = keyring.NewID(time.Now()), filepath.Join(filepath.Dir(g.state), "second")
		keys := []string{filepath.Join(g.state, "keys", "second"), filepath.Join(second.Dir, "keys")}
		for _, dir := range keys {
			must(t, os.MkdirAll(dir, 0o700))
		}
		private, err := rigKeys()
		must(t, err)
		second.Ring, err = keyring.Open(d, keys[0], keys[1], second.ID, []keyring.PublicKey{private[0].Public(), private[1].Public()})
		must(t, err)
		d.room = map[string]uint64{first.Dir: 2 << 40, second.Dir: 1 << 40}
		g.opts.Reserve = 1 << 30
		g.open()
		g.opts.Stores = append(g.opts.Stores, second)
		r := New(g.opts)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		r.Apply([]Camera{door})
		go func() { ended <- r.Run(ctx) }()
		wait(65*time.Second + 500*time.Millisecond)
		d.set(func(d *moodyDisk) { d.room[first.Dir] = 0 })
		wait(time.Minute)
		cancel()
		must(t, <-ended)
		segments, gaps, err := g.opts.Index.Span("door", "main", time.Unix(0, 0), time.Now().AddDate(1, 0, 0))
		must(t, err)
		if len(segments) != 2 || segments[1].Store != second.ID || !segments[0].End.Equal(segments[1].Start) || len(gaps) != 1 {
			t.Errorf("segments are %+v, gaps %+v, want two that join, the second on the second store", segments, gaps)
		}
		if n := r.Status().Streams[0].Dropped; n != 0 || g.kinds(EventFull) != 1 {
			t.Errorf("%d fragments dropped, %d events of full stores", n, g.kinds(EventFull))
		}
		must(t, g.opts.Index.Close())
	})
}
