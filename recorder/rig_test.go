package recorder

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
	"varuh/recorder/segment"
)

// rig is a recorder on a real folder with cameras that are functions.
type rig struct {
	t       *testing.T
	opts    Options
	reading keyring.PrivateKey
	store   footage.Store
	state   string
	dying   bool // the disk fails at the stop, which must say so

	mu     sync.Mutex
	events []Event
}

// rigKeys are made once: the tests are not about them.
var rigKeys = sync.OnceValues(func() ([2]keyring.PrivateKey, error) {
	a, err := keyring.GenerateKey()
	b, err2 := keyring.GenerateKey()
	return [2]keyring.PrivateKey{a, b}, errors.Join(err, err2)
})

func newRig(t *testing.T, cameras func(context.Context, rtsp.Source, rtsp.Sink, *rtsp.Stats) error) *rig {
	t.Helper()
	keys, err := rigKeys()
	must(t, err)
	dir := t.TempDir()
	g := &rig{t: t, reading: keys[0], state: filepath.Join(dir, "state")}
	g.store = footage.Store{ID: keyring.NewID(time.Now()), Dir: filepath.Join(dir, "store")}
	for _, d := range []string{filepath.Join(g.state, "keys"), filepath.Join(g.store.Dir, "keys")} {
		must(t, os.MkdirAll(d, 0o700))
	}
	g.opts = Options{
		FS: durable.OS, Boot: testBoot{clock: segment.Synchronised, began: time.Now().Add(-time.Hour)}, Connect: cameras,
		Events: func(e Event) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.events = append(g.events, e)
		},
		Reserve: 1,
	}
	return g
}

// open makes the recorder's parts on the rig's folders, as a start of the program does.
func (g *rig) open() *Recorder {
	g.t.Helper()
	keys, err := rigKeys()
	must(g.t, err)
	fsys := g.opts.FS
	g.store.Ring, err = keyring.Open(fsys, filepath.Join(g.state, "keys"), filepath.Join(g.store.Dir, "keys"), g.store.ID,
		[]keyring.PublicKey{keys[0].Public(), keys[1].Public()})
	must(g.t, err)
	g.opts.Stores = []footage.Store{g.store}
	g.opts.Index, _, err = footage.OpenOrRebuild(g.t.Context(), fsys, filepath.Join(g.state, "footage.db"), g.opts.Stores)
	must(g.t, err)
	return New(g.opts)
}

// record runs a recorder with these cameras until the function returned is called.
func (g *rig) record(cameras ...Camera) (r *Recorder, stop func()) {
	g.t.Helper()
	r = g.open()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	r.Apply(cameras)
	go func() { ended <- r.Run(ctx) }()
	return r, func() {
		g.t.Helper()
		cancel()
		if err := <-ended; (err != nil) != g.dying {
			g.t.Errorf("the stop says %v", err)
		}
		must(g.t, g.opts.Index.Close())
	}
}

// kinds counts the events of a kind.
func (g *rig) kinds(kind string) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, e := range g.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// look opens the index for a while and gives what it has of a stream.
func (g *rig) look(camera, stream string) (segments []footage.Segment, gaps []footage.Gap) {
	g.t.Helper()
	g.open()
	defer func() { must(g.t, g.opts.Index.Close()) }()
	segments, gaps, err := g.opts.Index.Span(camera, stream, time.Unix(0, 0), time.Now().AddDate(100, 0, 0))
	must(g.t, err)
	return segments, gaps
}

// numbers reads back the number in every unit of picture that is stored of a camera, in order.
func (g *rig) numbers(camera, stream string) (list []uint32) {
	g.t.Helper()
	segments, _ := g.look(camera, stream)
	for _, s := range segments {
		list = append(list, g.unitsOf(s)...)
	}
	return list
}

func (g *rig) unitsOf(s footage.Segment) (list []uint32) {
	g.t.Helper()
	slot, err := g.store.Ring.Slot(keyring.Ref{ID: s.ID, Slot: s.Slot})
	must(g.t, err)
	key, err := keyring.Identity{g.reading}.Open(g.store.ID, slot)
	must(g.t, err)
	in, err := segment.Open(g.opts.FS, g.store.Path(s.Camera, s.ID))
	must(g.t, err)
	defer in.Close()
	must(g.t, in.Unlock(key))
	_, init, err := in.Read(0, nil)
	must(g.t, err)
	for n := 1; n < int(s.Records); n++ {
		_, fragment, err := in.Read(n, nil)
		must(g.t, err)
		for sample, err := range cmaf.Samples(init, fragment) {
			must(g.t, err)
			list = append(list, binary.BigEndian.Uint32(sample.Data[5:]))
		}
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testBoot is a machine whose clock a test sets.
type testBoot struct {
	clock segment.ClockState
	began time.Time
}

func (testBoot) ID() [16]byte                { return [16]byte{1, 2, 3} }
func (b testBoot) Now() time.Time            { return time.Now() }
func (b testBoot) Uptime() time.Duration     { return time.Since(b.began) }
func (b testBoot) Clock() segment.ClockState { return b.clock }

// aCamera sends pictures with numbers in them, each once, whatever the session.
type aCamera struct {
	every time.Duration // between two pictures
	gop   uint32        // pictures from key frame to key frame
	size  int           // bytes of a picture
	sent  atomic.Uint32 // pictures sent
}

func newCamera() *aCamera { return &aCamera{every: 40 * time.Millisecond, gop: 50, size: 400} }

var testTrack = cmaf.Track{Codec: cmaf.H264, Timescale: 90000, Width: 1280, Height: 720,
	SPS: unbase64("Z2QAH6zZQFAFuhAAAAMAEAAAAwPI8YMZYA=="), PPS: unbase64("aOvjyyLA")}

func unbase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// play sends until ctx ends or more pictures are sent than it may.
func (c *aCamera) play(ctx context.Context, sink rtsp.Sink, most uint32) error {
	if err := sink.Begin([]cmaf.Track{testTrack}); err != nil {
		return err
	}
	for c.sent.Load()%c.gop != 0 { // as rtsp does: what cannot be decoded is skipped
		c.sent.Add(1)
	}
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for pts := int64(0); ; pts += int64(c.every * 90000 / time.Second) {
		n := c.sent.Load()
		if n >= most {
			return &rtsp.Error{Reason: rtsp.ErrClosed, Host: "camera.test", Sentence: "the camera ended the session"}
		}
		data := make([]byte, 4+max(c.size, 5))
		binary.BigEndian.PutUint32(data, uint32(len(data)-4))
		data[4] = 1
		binary.BigEndian.PutUint32(data[5:], n)
		u := cmaf.Unit{PTS: pts, DTS: pts, Key: n%c.gop == 0, Data: data}
		if err := sink.Unit(u, time.Now()); err != nil {
			return err
		}
		c.sent.Add(1)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// forever is a camera that never ends a session.
func (c *aCamera) forever(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
	return c.play(ctx, sink, 1<<31)
}

// wait lets simulated time pass.
func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// counted is 0, 1, … n-1.
func counted(n uint32) (list []uint32) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

// wantAll fails unless every picture that the camera sent is stored once, in order.
func (g *rig) wantAll(c *aCamera, camera string) {
	g.t.Helper()
	got, want := g.numbers(camera, "main"), counted(c.sent.Load())
	if !slices.Equal(got, want) {
		g.t.Errorf("%s: stored %d pictures, want all %d; first differing at %d", camera, len(got), len(want), firstDifference(got, want))
	}
}

func firstDifference(a, b []uint32) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
