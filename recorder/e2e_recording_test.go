package recorder_test

import (
	"context"
	"testing"
	"time"

	"varuh/recorder"
)

// recording is a recorder at work in this process, and the events it tells.
type recording struct {
	t      *testing.T
	name   string
	box    *box
	events chan recorder.Event
	cancel context.CancelFunc
	ended  chan error
	opts   recorder.Options
	told   map[told]int
}

// told is what an event is counted by.
type told struct{ kind, camera, stream string }

// record starts a recorder in a box of its own, with segments so short that there are many.
func record(t *testing.T, name string, cameras []recorder.Camera) *recording {
	t.Helper()
	b := newBox(t)
	o, err := b.open(t.Context())
	check(t, err)
	g := &recording{t: t, name: name, box: b, events: make(chan recorder.Event, 1<<16), ended: make(chan error, 1), told: map[told]int{}}
	o.SegmentDuration, o.SyncInterval = 2*time.Second, 250*time.Millisecond
	o.Events = func(e recorder.Event) { g.events <- e }
	g.opts = o
	ctx, cancel := context.WithCancel(context.Background())
	g.cancel = cancel
	r := recorder.New(o)
	r.Apply(cameras)
	go func() { g.ended <- r.Run(ctx) }()
	return g
}

// until waits until an event came so many times from each stream.
func (g *recording) until(kind string, times int, streams ...programme) {
	g.t.Helper()
	over := time.NewTimer(patience)
	defer over.Stop()
	for !g.all(kind, times, streams) {
		select {
		case e := <-g.events:
			g.told[told{e.Kind, e.Camera, e.Stream}]++
			switch e.Kind {
			case recorder.EventLost, recorder.EventLoss, recorder.EventStuck, recorder.EventOverload, recorder.EventDisk, recorder.EventFull, recorder.EventIndex, recorder.EventVanished:
				g.t.Errorf("%s %s: %s (%v)", e.Camera, e.Stream, e.Sentence, e.Err)
			}
		case <-over.C:
			g.t.Fatalf("not every stream told %q %d times within %v: %v", kind, times, patience, g.told)
		}
	}
}

func (g *recording) all(kind string, times int, streams []programme) bool {
	for _, p := range streams {
		if g.told[told{kind, p.camera, p.stream}] < times {
			return false
		}
	}
	return true
}

// stop ends the recorder cleanly. The index stays open for the test to look at.
func (g *recording) stop() {
	g.t.Helper()
	g.cancel()
	check(g.t, <-g.ended)
	g.t.Cleanup(func() { check(g.t, g.opts.Index.Close()) })
}
