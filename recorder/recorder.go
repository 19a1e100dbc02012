package recorder

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
	"varuh/recorder/segment"
)

// Camera is what the recorder must know of one camera.
type Camera struct {
	ID       string       // names its folder and rows
	Main     rtsp.Source  // always recorded
	Sub      *rtsp.Source // recorded as well, if given
	Schedule Schedule     // nil: always
}

// Schedule says when a camera is recorded. Two schedules are the same if they are deeply equal.
type Schedule interface {
	// Recording tells whether to record at t, and when the answer changes next (zero: never).
	Recording(t time.Time) (record bool, until time.Time)
}

// Options are the parts a recorder is made of. They do not change while it runs.
type Options struct {
	FS              durable.FS
	Stores          []footage.Store
	Index           *footage.Index
	Boot            Boot
	Cipher          segment.Cipher                                                   // 0 means the faster one on this machine
	Connect         func(context.Context, rtsp.Source, rtsp.Sink, *rtsp.Stats) error // nil means that of the zero rtsp.Client
	SegmentDuration time.Duration                                                    // about how much one segment holds; 0 means 10 min
	SyncInterval    time.Duration                                                    // a power cut costs at most this much more than a kill; 0 means 5 s
	Reserve         uint64                                                           // bytes left free on each store; 0 means 256 MiB
	Present         func(footage.Store) error                                        // tells that the disk at the store's path is the store's own; asked before anything is begun, recovered or erased there; nil means it always is
	Silence         time.Duration                                                    // a stream without a picture for this long is an event; 0 means 10 s
	Events          func(Event)                                                      // told of everything a diary, a metric or a person may want to know; never blocks
	Stored          func(camera, stream string, id keyring.ID, record int)           // told of each fragment once it can be read in its segment; never blocks
	Log             *slog.Logger                                                     // nil means none
}

// Recorder records cameras into stores.
type Recorder struct {
	Options
	disks      []*disk
	clockEpoch atomic.Uint64 // rises when the machine's clock is synchronised; every stream then begins a new run
	synced     atomic.Bool
	beat       atomic.Int64 // of the supervisor, Unix ns
	redating   sync.WaitGroup
	patience   atomic.Int64 // bytes that the queues may still take beyond their own

	mu      sync.Mutex
	left    map[streamKey][]footage.Segment // what a crash left open; each stream takes its own
	wanted  map[streamKey]Camera            // what Apply asked for
	streams map[streamKey]*stream
	leaving map[streamKey]*stream // no longer wanted, may still be at work; one that comes back waits for it
	changed chan struct{}
}

type streamKey struct{ camera, name string }

// New makes a recorder. Run starts it.
func New(o Options) *Recorder {
	if o.Connect == nil {
		o.Connect = new(rtsp.Client).Run
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.Cipher, segment.PreferredCipher())
	setDefault(&o.SegmentDuration, 10*time.Minute)
	setDefault(&o.SyncInterval, 5*time.Second)
	setDefault(&o.Reserve, 256<<20)
	setDefault(&o.Silence, 10*time.Second)
	r := &Recorder{Options: o, left: map[streamKey][]footage.Segment{}, wanted: map[streamKey]Camera{}, streams: map[streamKey]*stream{}, leaving: map[streamKey]*stream{}, changed: make(chan struct{}, 1)}
	r.patience.Store(patience)
	for _, s := range o.Stores {
		r.disks = append(r.disks, &disk{Store: s, rec: r, open: map[*file]struct{}{}, mending: make(chan struct{}, 1)})
	}
	return r
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// Apply sets the cameras. Streams whose camera did not change are not touched.
func (r *Recorder) Apply(cameras []Camera) {
	wanted := map[streamKey]Camera{}
	for _, c := range cameras {
		wanted[streamKey{c.ID, "main"}] = c
		if c.Sub != nil {
			wanted[streamKey{c.ID, "sub"}] = c
		}
	}
	r.mu.Lock()
	r.wanted = wanted
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// source is what the stream of that name connects to.
func (c Camera) source(name string) rtsp.Source {
	if name == "sub" {
		return *c.Sub
	}
	return c.Main
}

// sameStream tells that nothing of a stream changed from one configuration to the next.
func sameStream(a, b Camera, name string) bool {
	return a.source(name) == b.source(name) && reflect.DeepEqual(a.Schedule, b.Schedule)
}

// Run recovers what a crash left, records until ctx ends, then seals all open segments with one shared
// sync. The error says why it could not begin, or that a disk kept segments from being sealed.
func (r *Recorder) Run(ctx context.Context) error {
	r.synced.Store(r.Boot.Clock() == segment.Synchronised)
	if err := r.leftOpen(); err != nil {
		return err
	}
	for _, d := range r.disks {
		d.measure()
		d.mendKeys(ctx)
	}
	syncing, stopSyncing := context.WithCancel(context.WithoutCancel(ctx))
	var syncers sync.WaitGroup
	for _, d := range r.disks {
		syncers.Go(func() { d.keep(syncing) })
	}
	r.supervise(ctx)
	r.stopAll()
	r.redating.Wait()
	stopSyncing()
	syncers.Wait()
	var last sync.WaitGroup
	for _, d := range r.disks {
		last.Go(d.sync)
	}
	last.Wait()
	return r.unfinished()
}

// unfinished tells what a failing disk kept from being sealed at the end.
func (r *Recorder) unfinished() error {
	n := 0
	for _, d := range r.disks {
		d.mu.Lock()
		n += len(d.open) + len(d.done) + len(d.torn)
		d.mu.Unlock()
	}
	if n > 0 {
		return fmt.Errorf("%d segments could not be finished, since their disk or the index failed: the next start recovers what is whole in them", n)
	}
	return nil
}

// supervise starts and stops streams as Apply asks, and watches the machine's clock, until ctx ends.
func (r *Recorder) supervise(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		r.beat.Store(time.Now().UnixNano())
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
			r.reconcile()
			r.mendOthers()
		case <-tick.C:
			r.watchClock(ctx)
		}
	}
}

// Alive is when the supervisor last came round; it does so every second.
func (r *Recorder) Alive() time.Time { return time.Unix(0, r.beat.Load()) }

// reconcile makes the streams that run those that are wanted.
func (r *Recorder) reconcile() {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.leaving, func(_ streamKey, s *stream) bool { return s.isDone() })
	for key, s := range r.streams {
		c, ok := r.wanted[key]
		switch {
		case !ok:
			s.stop(errEnded(CauseRemoved))
			delete(r.streams, key)
			r.leaving[key] = s
		case !sameStream(s.camera, c, key.name):
			s.stop(errEnded(CauseChanged))
			r.streams[key] = r.start(c, key.name, s)
		}
	}
	for key, c := range r.wanted {
		if r.streams[key] == nil {
			r.streams[key] = r.start(c, key.name, r.leaving[key])
			delete(r.leaving, key)
		}
	}
}

// mendOthers leaves to the disks what a crash left open of streams that are no longer wanted.
func (r *Recorder) mendOthers() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, rows := range r.left {
		for _, row := range rows {
			if d := r.diskOf(row.Store); d != nil {
				d.broken(torn{row: row})
			}
		}
		delete(r.left, key)
	}
}

// start begins a stream once the one before, if any, has handed everything over.
func (r *Recorder) start(c Camera, name string, before *stream) *stream {
	ctx, stop := context.WithCancelCause(context.Background())
	s := &stream{rec: r, camera: c, name: name, source: c.source(name), queue: newQueue(&r.patience), stop: stop, done: make(chan struct{})}
	s.status = StreamStatus{Camera: c.ID, Stream: name, State: "connecting"}
	key := streamKey{c.ID, name}
	left := r.left[key]
	delete(r.left, key)
	go func() {
		defer close(s.done)
		if before != nil {
			<-before.done
		}
		go s.keep(ctx)
		r.mendStream(ctx, left)
		w := r.newWriter(s)
		s.queue.begin()
		if before != nil { // the index learns the end of its last segment only after a sync
			w.end = later(w.end, before.last)
		}
		w.work(ctx)
		s.last = w.end
	}()
	return s
}

// newWriter makes the writer of a stream, which goes on from what the index knows.
func (r *Recorder) newWriter(s *stream) *writer {
	w := &writer{rec: r, stream: s, camera: s.camera.ID, name: s.name}
	if last, err := r.Index.Last(w.camera, w.name); err == nil {
		w.end = last.End
	} else if !isUnknown(err) {
		r.indexFailed(err)
	}
	gaps, err := r.Index.Pending(w.camera, w.name)
	if err != nil {
		r.indexFailed(err)
	}
	for _, g := range gaps {
		w.hole.parts = append(w.hole.parts, g.Gap)
	}
	return w
}

// stopAll ends every stream and waits until each has handed its footage over.
func (r *Recorder) stopAll() {
	r.mu.Lock()
	streams := slices.AppendSeq(slices.Collect(maps.Values(r.streams)), maps.Values(r.leaving))
	r.mu.Unlock()
	for _, s := range streams {
		s.stop(errEnded(CauseStopped))
	}
	for _, s := range streams {
		<-s.done
	}
}

func (r *Recorder) clockState() segment.ClockState {
	if r.synced.Load() {
		return segment.Synchronised
	}
	return segment.Unsynchronised
}

// watchClock notices when the machine's clock is set for the first time in this boot: what was
// recorded before is re-dated in the index, and every stream begins a run with the time now known.
func (r *Recorder) watchClock(ctx context.Context) {
	if r.synced.Load() || r.Boot.Clock() != segment.Synchronised {
		return
	}
	r.synced.Store(true)
	r.clockEpoch.Add(1)
	origin := r.Boot.Now().Add(-r.Boot.Uptime()).UTC()
	r.redating.Go(func() { // beside the supervisor: a disk that stalls must not look like a program that hangs
		for {
			err := r.Index.Redate(r.Boot.ID(), origin)
			if err == nil || ctx.Err() != nil {
				return
			}
			r.indexFailed(err)
			pause(ctx, 10*time.Second)
		}
	})
	r.event(Event{Kind: EventClock, Sentence: fmt.Sprintf("the clock was synchronised; footage since the boot is dated by it (boot at %s)", origin.Format(time.RFC3339))})
}

// indexFailed tells that the index could not be written, and returns it with what to do.
func (r *Recorder) indexFailed(err error) error {
	err = fmt.Errorf("couldn't write the index of footage: %w", err)
	r.event(Event{Kind: EventIndex, Err: err, Sentence: "the index of footage can't be written: check the disk of the state folder; if the index is damaged, stop varuh and run varuh footage rebuild"})
	return err
}
