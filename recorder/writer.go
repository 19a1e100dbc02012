package recorder

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/internal/spare"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// writer turns the queue of one stream into segments. For each new one, in this order:
//
//  1. the key slot is durable in both twins;
//  2. the index has the row, durably, so that recovery finds the file without a search;
//  3. the file has its header and the init segment.
//
// A crash after 1 leaves a slot without a row, which nobody refers to; after 2 a row without a file, which
// recovery destroys together with its key; after 3 a torn file, which recovery cuts and seals.
type writer struct {
	rec    *Recorder
	stream *stream
	camera string
	name   string
	hole   hole
	end    time.Time // of the last record stored
	cur    *file
	run    *run // of cur
	redo   time.Duration
	ticket *ticket
	skip   bool // fragments were thrown away: what comes before the next key frame could not be decoded
}

// file is a segment being written. Its writer owns it until close hands it to the disk.
type file struct {
	*segment.Writer
	disk  *disk
	row   footage.Segment
	path  string
	until time.Time // a key frame from here on begins the next segment
}

// ticket is a durable key slot without a segment, since the index failed when it was to get its row. The
// next try takes it, so that an index that fails for long does not cost a slot each time.
type ticket struct {
	disk *disk
	id   keyring.ID
	key  keyring.Key
	slot uint32
}

// errFull means that every store is full up to its reserve.
var errFull = errors.New("the disk is full up to its reserve")

// work writes until the queue is closed and empty, or until ctx ends in the middle of a failing disk.
func (w *writer) work(ctx context.Context) {
	for !w.stream.queue.drained() {
		it, ok := w.stream.queue.take()
		if !ok {
			<-w.stream.queue.wake
			continue
		}
		w.stream.takes(it)
		w.handle(ctx, it)
		w.stream.took()
		spare.Return(it.data)
	}
	w.close(false)
}

func (w *writer) handle(ctx context.Context, it item) {
	if it.run == nil {
		w.close(false)
		w.because(it.cause, it.at)
		return
	}
	for {
		err := w.write(ctx, it)
		switch {
		case err == nil:
			w.redo = 0
			return
		case errors.Is(err, errFull):
			w.close(false)
			w.skip = true
			w.because(CauseReserve, it.record.Start)
			w.stream.notWriting("full", err.Error()+": free space, shorten the terms or add a disk")
			return
		}
		w.fail(err)
		w.stream.notWriting("stalled", "what the camera sends waits in memory, since it can't be written: see the lines of the stores, and the log")
		if w.because(CauseDisk, it.record.Start); ctx.Err() != nil {
			return // what the broken disk does not take now is lost, and the gap says so
		}
		w.redo = min(max(2*w.redo, 250*time.Millisecond), 10*time.Second)
		pause(ctx, w.redo)
	}
}

// write puts one fragment into the segment where it belongs.
func (w *writer) write(ctx context.Context, it item) error {
	if w.cur != nil {
		if w.cur.disk.full.Load() {
			if _, err := w.rec.pick(); err != nil {
				return err
			}
			w.close(true) // another store takes what follows, the rest of this group of pictures too
			return w.write(ctx, it)
		}
		if due, hard := w.due(it); due {
			w.close(hard)
		}
	}
	if w.cur == nil {
		if w.skip && !begins(it.record) {
			return nil
		}
		if err := w.open(ctx, it); err != nil {
			return err
		}
		w.skip = false
	}
	rec := it.record
	if rec.Kind == segment.Video && w.cur.Records() > 1 && rec.Start.Sub(w.end) > minGap {
		rec.Flags |= segment.GapBefore
	}
	err := w.cur.Append(rec, it.data)
	switch {
	case errors.Is(err, segment.ErrFull) && w.cur.Records() > 1:
		w.close(true)
		return w.write(ctx, it)
	case err != nil && w.cur.Err() == nil: // refused for what it is: trying again would not help
		w.stream.spoilt()
		w.stream.event(EventLoss, "a fragment could not be stored and was left out", err)
		return nil
	case err != nil:
		return err
	}
	if rec.Kind == segment.Video || w.end.IsZero() {
		w.end = later(w.end, rec.Start.Add(rec.Duration))
	}
	w.cur.disk.stored(len(it.data))
	w.stream.stored(rec, len(it.data))
	if w.rec.Stored != nil {
		w.rec.Stored(w.camera, w.name, w.cur.row.ID, int(w.cur.Records())-1)
	}
	return nil
}

// due tells whether the fragment begins a new segment, and whether the old one ends hard, that is
// without a key frame to follow.
func (w *writer) due(it item) (due, hard bool) {
	if it.run != w.run || w.cur.Err() != nil {
		return true, false
	}
	until, most := w.cur.until, w.cur.row.Start.Add(2*w.rec.SegmentDuration)
	if cut := time.Unix(0, w.stream.cut.Load()); cut.After(w.cur.row.Start) {
		until, most = earlier(until, cut), earlier(most, cut.Add(cutPatience))
	}
	if begins(it.record) && !it.record.Start.Before(until) {
		return true, false
	}
	hard = !it.record.Start.Before(most)
	return hard, hard
}

// begins tells whether decoding can begin with the fragment.
func begins(rec segment.Record) bool {
	return rec.Kind == segment.Video && rec.Flags&segment.KeyFrame != 0
}

// boundary is the first instant after t at which segments of the camera change: a multiple of d in
// UTC, shifted by a hash of the camera's id, so that not all cameras change at once.
func boundary(t time.Time, d time.Duration, camera string) time.Time {
	h := fnv.New64a()
	h.Write([]byte(camera))
	shift := time.Duration(h.Sum64() % uint64(d))
	return t.Add(-shift).Truncate(d).Add(d + shift)
}

// open begins a segment with the fragment as its first.
func (w *writer) open(ctx context.Context, it item) error {
	d, err := w.rec.pick()
	if err != nil {
		return err
	}
	if err := d.takes(); err != nil {
		return err
	}
	if err := w.takeTicket(ctx, d); err != nil {
		return err
	}
	start := it.record.Start
	gaps := w.hole.fill(w.end, start)
	h := segment.Header{
		ID: w.ticket.id, Slot: w.ticket.slot, Store: d.ID, Camera: w.camera, Stream: w.name, Run: it.run.id,
		Boot: w.rec.Boot.ID(), BootTime: start.Sub(it.run.booted),
		Start: start, Clock: it.run.clock, Format: it.run.format, Gaps: gaps,
	}
	row := footage.NewSegment(h)
	path := d.Path(h.Camera, h.ID)
	if err := w.rec.Index.Begin(row, gaps...); err != nil {
		return w.rec.indexFailed(err)
	}
	key := w.ticket.key
	w.ticket = nil
	var out *segment.Writer
	if err = durable.MkdirAll(w.rec.FS, filepath.Dir(path), 0o700); err == nil {
		out, err = segment.Create(w.rec.FS, path, h, key, w.rec.Cipher)
	}
	if err != nil {
		d.broken(torn{row: row})
		return d.failed("begin a segment", err)
	}
	f := &file{Writer: out, disk: d, row: row, path: path, until: boundary(start, w.rec.SegmentDuration, w.camera)}
	if err := out.Append(segment.Record{Kind: segment.Init, Start: start}, it.run.init); err != nil {
		d.abandon(f, err)
		return d.failed("begin a segment", err)
	}
	d.works()
	d.writing(f)
	w.hole = hole{ran: true}
	w.cur, w.run = f, it.run
	w.stream.opened(len(gaps))
	for _, g := range w.rows(h) {
		w.rec.event(Event{Kind: EventGap, Camera: w.camera, Stream: w.name, Gap: &g,
			Sentence: fmt.Sprintf("nothing was recorded for %v: %s", g.To.Sub(g.From).Round(time.Millisecond), g.Cause)})
	}
	return nil
}

// takeTicket makes sure that there is a slot on the disk for the segment to come.
func (w *writer) takeTicket(ctx context.Context, d *disk) error {
	if w.ticket != nil && w.ticket.disk == d {
		return nil
	}
	id := keyring.NewID(w.rec.Boot.Now())
	key, slot, err := d.Ring.Create(context.WithoutCancel(ctx), id, keyring.KindSegment)
	if err != nil {
		return d.failed("write a key", err)
	}
	w.ticket = &ticket{d, id, key, slot}
	return nil
}

// rows are the gaps of a header as rows of the index.
func (w *writer) rows(h segment.Header) []footage.Gap {
	var rows []footage.Gap
	for _, g := range h.Gaps {
		rows = append(rows, footage.Gap{Camera: w.camera, Stream: w.name, Gap: g, Boot: h.Boot, Clock: h.Clock, Carrier: h.ID})
	}
	return rows
}

// close seals the segment being written and leaves making it durable to the disk.
func (w *writer) close(hard bool) {
	f := w.cur
	if f == nil {
		return
	}
	w.cur = nil
	seal, err := f.Seal(hard)
	if err != nil {
		f.disk.abandon(f, err)
		f.disk.failed("seal a segment", err)
		return
	}
	f.row = f.row.WithSeal(seal, f.Size())
	f.disk.finished(f)
}

// fail gives the segment being written up; recovery will cut and seal it.
func (w *writer) fail(err error) {
	if w.cur == nil {
		return
	}
	w.cur.disk.failed("write to a segment", err)
	w.cur.disk.abandon(w.cur, err)
	w.cur = nil
}

// because notes why nothing is recorded from at on, in the index too, so that a restart knows it.
func (w *writer) because(cause string, at time.Time) {
	if !w.end.IsZero() {
		at = later(at, w.end)
	}
	for _, g := range w.hole.because(cause, at) {
		row := footage.Gap{Camera: w.camera, Stream: w.name, Gap: g, Boot: w.rec.Boot.ID(), Clock: w.rec.clockState()}
		if err := w.rec.Index.AddGap(row); err != nil {
			w.rec.indexFailed(err)
		}
	}
}
