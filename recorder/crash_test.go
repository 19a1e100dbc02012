package recorder

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// crash is one run of a writer on a simulated disk, and what it has promised so far. The index lies
// on the real file system; that it is durable when it says so is SQLite's part.
type crash struct {
	rig      *rig
	rec      *Recorder
	w        *writer
	promised []uint32
	written  []uint32
	next     uint32
	at       time.Time
	run      *run
}

// startCrash makes the parts on the disk, as a start of the program does, and recovers.
func startCrash(g *rig) (*crash, error) {
	keys, err := rigKeys()
	if err != nil {
		return nil, err
	}
	c := &crash{rig: g, at: time.Now()}
	g.store.Ring, err = keyring.Open(g.opts.FS, "/state/keys", "/store/keys", g.store.ID, []keyring.PublicKey{keys[0].Public(), keys[1].Public()})
	if err != nil {
		return nil, err
	}
	g.opts.Stores = []footage.Store{g.store}
	g.opts.Index, _, err = footage.OpenOrRebuild(context.Background(), g.opts.FS, filepath.Join(g.state, "footage.db"), g.opts.Stores)
	if err != nil {
		return nil, err
	}
	c.rec = New(g.opts)
	c.rec.synced.Store(true)
	if err := c.rec.leftOpen(); err != nil {
		return nil, err
	}
	c.rec.disks[0].measure()
	c.rec.disks[0].mendKeys(context.Background())
	c.rec.mendStream(context.Background(), c.rec.left[streamKey{"door", "main"}])
	c.w = c.rec.newWriter(&stream{rec: c.rec, camera: door, name: "main", queue: newQueue(&c.rec.patience)})
	init, err := cmaf.InitSegment([]cmaf.Track{testTrack})
	c.run = &run{id: keyring.NewID(time.Now()), init: init, format: "H264 1280x720", clock: segment.Synchronised, booted: time.Now().Add(-time.Hour)}
	return c, err
}

// write stores one fragment that holds the next number. It gives up when ctx ends.
func (c *crash) write(ctx context.Context) {
	data := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 5, 1}, c.next)
	m := cmaf.NewMuxer([]cmaf.Track{testTrack}, func(f cmaf.Fragment) error {
		c.w.handle(ctx, item{run: c.run, record: f.Record, data: f.Data})
		return nil
	})
	if err := m.Write(cmaf.Unit{Key: true, Wall: c.at, Data: data}); err != nil {
		c.rig.t.Error(err)
	}
	if err := m.Flush(); err != nil {
		c.rig.t.Error(err)
	}
	if c.w.end.After(c.at) { // else the disk did not take it before ctx ended
		c.written = append(c.written, c.next)
	}
	c.next++
	c.at = c.at.Add(time.Second)
}

// sync is one round of the store's syncer. What was written is promised if nothing is left to mend.
func (c *crash) sync() {
	d := c.rec.disks[0]
	d.sync()
	d.mendTorn(context.Background())
	if len(d.torn)+len(d.done) == 0 && (c.w.cur == nil || c.w.cur.Err() == nil) {
		c.promised = slices.Clone(c.written)
	}
}

// story writes three segments, syncing now and then.
func (c *crash) story(ctx context.Context) {
	for range 2 {
		c.write(ctx)
	}
	c.sync()
	c.write(ctx)
	c.w.close(false)
	c.write(ctx)
	c.sync()
	c.write(ctx)
	c.w.close(false)
	c.w.because(CauseStopped, c.at)
	c.at = c.at.Add(time.Minute)
	c.write(ctx)
	c.w.close(false)
	c.sync()
}

// At every operation that the writer, the syncer and the keyring do on the disk, with every fault and
// after every kind of power loss: what was promised is there, all segments are sealed, the check finds no
// incident, and the next start records on. No private key is on the machine. The same with the index lost.
func TestEveryCrashPoint(t *testing.T) {
	t.Parallel()
	var last *crash
	points := durabletest.Sweep(t, durabletest.Story{
		Before: func(t *testing.T, d *durabletest.Disk) {
			for _, dir := range []string{"/state", "/state/keys", "/store", "/store/keys"} {
				must(t, d.Mkdir(dir, 0o700))
			}
		},
		Do: func(d *durabletest.Disk) (err error) {
			state := t.TempDir()
			synctest.Test(t, func(t *testing.T) { last, err = record(t, d, state) })
			return err
		},
		Check: func(t *testing.T, d *durabletest.Disk, _ error) {
			for _, lost := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) { checkAfterCrash(t, d.AfterPowerLoss(durabletest.KeepsAll), last, lost) })
			}
		},
	})
	t.Logf("%d crash points, %d faults, %d kinds of loss, with and without index", points, len(durabletest.Faults), len(durabletest.Losses))
}

// record plays the story on the disk, which may fail. The index lies in state.
func record(t *testing.T, d *durabletest.Disk, state string) (*crash, error) {
	g := crashRig(t, d)
	g.state = state
	c, err := startCrash(g)
	if err != nil {
		return &crash{rig: g}, err
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c.story(ctx)
	return c, g.opts.Index.Close()
}

func crashRig(t *testing.T, d *durabletest.Disk) *rig {
	g := newRig(t, nil)
	g.opts.FS, g.store.Dir = d, "/store"
	g.store.ID = keyring.ID{1, 2, 3}
	return g
}

// checkAfterCrash is the next start on what is left.
func checkAfterCrash(t *testing.T, d *durabletest.Disk, before *crash, indexLost bool) {
	t.Helper()
	g := crashRig(t, d)
	if !indexLost {
		copyIndex(t, before.rig.state, g.state)
	}
	c, err := startCrash(g)
	must(t, err)
	defer func() { must(t, g.opts.Index.Close()) }()
	c.next, c.at = 1000, time.Now().Add(time.Hour)
	c.write(context.Background())
	c.w.close(false)
	c.sync()

	open, err := g.opts.Index.Unsealed()
	must(t, err)
	if len(open) != 0 {
		t.Errorf("index lost %v: %d segments are still open", indexLost, len(open))
	}
	_, err = g.opts.Index.Check(context.Background(), d, g.opts.Stores, footage.CheckOptions{Found: func(f footage.Finding) {
		t.Errorf("index lost %v: %s: %s", indexLost, f.Severity, f.Sentence)
	}})
	must(t, err)
	segments, _, err := g.opts.Index.Span("door", "main", time.Unix(0, 0), time.Now().AddDate(1, 0, 0))
	must(t, err)
	var stored []uint32
	for _, s := range segments {
		stored = append(stored, g.unitsOf(s)...)
	}
	for _, n := range append(slices.Clone(before.promised), 1000) {
		if !slices.Contains(stored, n) {
			t.Errorf("index lost %v: fragment %d was promised and is gone; there are %v", indexLost, n, stored)
		}
	}
	if !slices.IsSorted(stored) {
		t.Errorf("index lost %v: fragments are out of order: %v", indexLost, stored)
	}
}

// copyIndex copies the index's files as a crash leaves them.
func copyIndex(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"footage.db", "footage.db-wal"} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if os.IsNotExist(err) && name != "footage.db" {
			continue // SQLite removes its log when it is closed
		}
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to, name), b, 0o600))
	}
}
