package recorder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

const (
	shareSync = 4        // with more files than this, one syncfs is cheaper than an fdatasync each
	slack     = 64 << 20 // free bytes above the reserve before a full store takes footage again
	grudge    = 30 * time.Second
)

// disk is a store at work. Its one syncer makes durable what the writers of all streams put there, so
// that no camera's path ever waits for a sync.
type disk struct {
	footage.Store
	rec  *Recorder
	full atomic.Bool

	mending chan struct{} // holds a token while one torn segment is read back

	mu      sync.Mutex
	open    map[*file]struct{} // being written
	done    []*file            // sealed by their writers, not yet durable
	torn    []torn             // left open by a fault, to be recovered
	bad     error              // why it does not work; nil: it does
	blind   bool               // its free space cannot be told now
	known   bool               // it could be once
	badAt   time.Time
	free    uint64 // as it was measured; while that is impossible, less what was written since
	written int64  // bytes since the free space was measured
}

// torn is a segment to be recovered. Its bytes are doubtful after a write or sync that failed: the
// kernel may take them for written out although they are not.
type torn struct {
	row      footage.Segment
	doubtful bool
}

// pick chooses the store for a new segment: of those that are not full, one that works, with the most free space.
func (r *Recorder) pick() (*disk, error) {
	var best *disk
	for _, d := range r.disks {
		if !d.full.Load() && (best == nil || d.betterThan(best)) {
			best = d
		}
	}
	if best == nil {
		return nil, errFull
	}
	return best, nil
}

func (d *disk) betterThan(o *disk) bool {
	dOK, dFree := d.health()
	oOK, oFree := o.health()
	if dOK != oOK {
		return dOK
	}
	return dFree > oFree
}

// health tells whether the store may be chosen first, and its free bytes. A fault is held against a
// store for a while, so that a second disk gets the footage meanwhile.
func (d *disk) health() (bool, uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bad == nil || time.Since(d.badAt) > grudge, d.free
}

// present tells that something may be recovered or sealed on the store: its own disk is there, and
// its free space is known. On a disk that went away files seem to be gone, and their keys must not be
// destroyed for it.
func (d *disk) present() error {
	d.mu.Lock()
	blind := d.blind
	d.mu.Unlock()
	if blind {
		return d.failed("tell the free space", errBlind)
	}
	return d.there()
}

// takes tells that something may be begun on the store: its own disk is there, and its free space was known once.
// Recording goes on while it can't be told, for as long as there is room by what was known and written since.
func (d *disk) takes() error {
	d.mu.Lock()
	known := d.known
	d.mu.Unlock()
	if !known {
		return d.failed("tell the free space", errBlind)
	}
	return d.there()
}

// there tells that the store's own disk is there.
func (d *disk) there() error {
	if d.rec.Present == nil {
		return nil
	}
	if err := d.rec.Present(d.Store); err != nil {
		return d.failed("find the disk of the store", err)
	}
	return nil
}

var errBlind = errors.New("its file system does not answer")

// failed notes a fault, tells it once, and returns it with what was being done.
func (d *disk) failed(doing string, err error) error {
	d.mu.Lock()
	first := d.bad == nil
	d.bad, d.badAt = err, time.Now()
	d.mu.Unlock()
	if first {
		d.rec.diskEvent(d, doing, err)
	}
	return fmt.Errorf("couldn't %s in store %s: %w", doing, d.Dir, err)
}

// works notes that the store took what it was given. One that does not tell its free space is not well yet.
func (d *disk) works() {
	d.mu.Lock()
	if d.blind {
		d.mu.Unlock()
		return
	}
	was := d.bad
	d.bad = nil
	d.mu.Unlock()
	if was != nil {
		d.rec.event(Event{Kind: EventDisk, Sentence: fmt.Sprintf("the disk %s works again", d.Dir)})
	}
}

// writing takes a new file under the syncer's care.
func (d *disk) writing(f *file) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[f] = struct{}{}
}

// finished takes over a sealed file. Its slot and row follow once its bytes are durable.
func (d *disk) finished(f *file) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, f)
	d.done = append(d.done, f)
}

// abandon gives up a file after a fault. What is whole in it is recovered when the disk works again.
func (d *disk) abandon(f *file, cause error) {
	f.Fail(cause)
	if err := f.Close(); err != nil {
		d.rec.Log.Debug("closing a broken segment", "path", f.path, "err", err)
	}
	d.mu.Lock()
	delete(d.open, f)
	d.mu.Unlock()
	d.broken(torn{f.row, true})
}

func (d *disk) broken(t torn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.torn = append(d.torn, t)
}

// keep runs the syncer, and beside it what recovers torn segments, until ctx ends.
func (d *disk) keep(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { d.every(ctx, func() { d.sync(); d.measure() }) })
	wg.Go(func() { d.every(ctx, func() { d.mendTorn(ctx) }) })
	wg.Wait()
}

func (d *disk) every(ctx context.Context, work func()) {
	tick := time.NewTicker(d.rec.SyncInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			work()
		}
	}
}

// sync makes durable what was written, in this order: the bytes and names of all files, then the slots
// of those that are sealed, then their rows. A crash in between finds a sealed file with an open slot,
// which recovery seals again without a change.
func (d *disk) sync() {
	d.mu.Lock()
	open := make([]*file, 0, len(d.open))
	for f := range d.open {
		open = append(open, f)
	}
	done := d.done
	d.done = nil
	d.mu.Unlock()

	sync := (*file).Sync
	if len(open)+len(done) > shareSync {
		err := d.rec.FS.SyncFS(d.Dir)
		sync = func(f *file) error {
			if err != nil {
				f.Fail(err)
			}
			return f.Err()
		}
	}
	for _, f := range open { // a file that fails is only marked: its writer may be at work on it
		if err := sync(f); err != nil {
			d.failed("sync", err)
		}
	}
	d.seal(slices.DeleteFunc(done, func(f *file) bool {
		err := sync(f)
		if err != nil { // now or while it was written: nobody knows which of its bytes reached the disk
			d.failed("sync", err)
			d.abandon(f, err)
		}
		return err != nil
	}))
}

// seal closes the slots of files that are durable, then their rows. What could not be written is tried
// again with the next sync.
func (d *disk) seal(done []*file) {
	if len(done) == 0 {
		return
	}
	var refs []keyring.Sealing
	var rows []footage.Segment
	for _, f := range done {
		refs = append(refs, keyring.Sealing{Ref: keyring.Ref{ID: f.row.ID, Slot: f.row.Slot}, Records: f.row.Records, Root: f.row.Root})
		rows = append(rows, f.row)
	}
	err := d.present()
	if err == nil {
		err = d.Ring.Seal(context.Background(), refs)
	}
	if err != nil {
		d.failed("write keys", err)
		d.again(done)
		return
	}
	if err := d.rec.Index.Sealed(rows...); err != nil {
		d.rec.indexFailed(err)
		d.again(done)
		return
	}
	for i, f := range done {
		if err := f.Close(); err != nil {
			d.failed("close a segment", err)
		}
		d.rec.event(Event{Kind: EventSealed, Camera: f.row.Camera, Stream: f.row.Stream, Segment: &rows[i], Sentence: "sealed a segment"})
	}
}

// again leaves files to the next sync.
func (d *disk) again(done []*file) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(done, d.done...)
}

// measure compares free space with the reserve: running into that would stop the purge. While a store does not tell
// its free space, it has what it had less what was written since; one that never told takes nothing.
func (d *disk) measure() {
	free, err := d.rec.FS.Free(d.Dir)
	d.mu.Lock()
	was := d.blind
	d.blind = err != nil
	if d.blind {
		free = d.free - min(d.free, uint64(d.written))
	}
	d.free, d.known = free, d.known || !d.blind
	soon, known := uint64(2*d.written), d.known
	d.written = 0
	d.mu.Unlock()
	switch {
	case err != nil:
		d.failed("measure free space", err)
	case was:
		d.works()
	}
	if known {
		d.compare(free, soon)
	}
}

// compare stops footage at the reserve, and lets it go on. soon is what may be written until the next measurement.
func (d *disk) compare(free, soon uint64) {
	switch was := d.full.Load(); {
	case !was && free < d.rec.Reserve+soon:
		d.full.Store(true)
		d.rec.event(Event{Kind: EventFull, Sentence: fmt.Sprintf("the disk %s is full: %d MiB are free and %d MiB are kept for keys and the diary; footage stops there. Free space, shorten the terms or add a disk", d.Dir, free>>20, d.rec.Reserve>>20)})
	case was && free >= d.rec.Reserve+slack:
		d.full.Store(false)
		d.rec.event(Event{Kind: EventFull, Sentence: fmt.Sprintf("the disk %s has room again", d.Dir)})
	}
}

// stored counts bytes for the next measurement.
func (d *disk) stored(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written += int64(n)
}

// mendTorn recovers what faults left open. It stops at the first that still does not work.
func (d *disk) mendTorn(ctx context.Context) {
	d.mu.Lock()
	left := d.torn
	d.torn = nil
	d.mu.Unlock()
	for i, t := range left {
		if err := d.mendOne(ctx, t); err != nil {
			d.failed("recover a segment", err)
			d.mu.Lock()
			d.torn = append(d.torn, left[i:]...)
			d.mu.Unlock()
			return
		}
	}
}

func (d *disk) status() StoreStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := StoreStatus{ID: d.ID, Dir: d.Dir, Free: d.free}
	switch {
	case d.bad != nil:
		s.Sentence = "the disk fails: check that it is mounted, writable and healthy; the log says more"
	case d.full.Load():
		s.Sentence = "the disk is full up to its reserve: free space, shorten the terms or add a disk"
	}
	return s
}
