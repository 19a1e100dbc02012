package recorder

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp"
)

// fails is a camera that no session can be had with, each try taking so long.
func fails(reason error, sentence string, after time.Duration) func(context.Context, rtsp.Source, rtsp.Sink, *rtsp.Stats) error {
	return func(ctx context.Context, _ rtsp.Source, _ rtsp.Sink, _ *rtsp.Stats) error {
		pause(ctx, after)
		return &rtsp.Error{Reason: reason, Host: "door.test", Sentence: sentence}
	}
}

// A camera that cannot be recorded is a sentence in the status, as its line gave it, and a gap with a
// cause from the first try on. The lines' own sentences are tested in rtsp.
func TestBadCameras(t *testing.T) {
	for _, test := range []struct {
		name     string
		reason   error
		sentence string
		after    time.Duration
		cause    string
	}{
		{"wrong password", rtsp.ErrUnauthorized, "the camera refuses the password: correct it", time.Millisecond, CauseUnauthorized},
		{"unknown codec", rtsp.ErrCodec, "the camera sends VP8, which is not recorded: choose H.264", time.Millisecond, CauseFormat},
		{"no video", rtsp.ErrNoVideo, "the stream has no picture: check the path", time.Millisecond, CauseFormat},
		{"no route", rtsp.ErrNoRoute, "nothing answered: check the cable", 10 * time.Second, CauseUnreachable},
		{"port closed", rtsp.ErrRefused, "nothing listens there: check the port", time.Millisecond, CauseUnreachable},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t, fails(test.reason, test.sentence, test.after))
				r, stop := g.record(door)
				wait(test.after + 100*time.Millisecond) // into the wait for the second try
				if s := r.Status().Streams[0]; s.State != "waiting" || s.Sentence != "door.test: "+test.sentence {
					t.Errorf("the status is %+v", s)
				}
				wait(10 * time.Minute)
				stop()
				if n := g.kinds(EventLost); n < 10 {
					t.Errorf("it was tried %d times in 10 minutes", n)
				}
				if _, gaps := g.look("door", "main"); len(gaps) == 0 || gaps[0].Cause != test.cause || gaps[0].To.Sub(gaps[0].From).Round(time.Minute) != 10*time.Minute {
					t.Errorf("gaps are %+v, want one of %q until the stop", gaps, test.cause)
				}
			})
		})
	}
}

// swelling is a sink whose camera sends pictures of another size from some instant on.
type swelling struct {
	rtsp.Sink
	from time.Time
	size int
}

func (s swelling) Unit(u cmaf.Unit, arrived time.Time) error {
	if !arrived.Before(s.from) {
		u.Data = append(slices.Clone(u.Data), make([]byte, s.size-len(u.Data))...)
		binary.BigEndian.PutUint32(u.Data, uint32(len(u.Data)-4))
	}
	return s.Sink.Unit(u, arrived)
}

// A camera that suddenly sends ten times its rate is told of, and recorded like any other.
func TestTenTimesTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		c.size = 1e6 / 8 / 25
		g := newRig(t, func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return c.play(ctx, swelling{sink, time.Now().Add(10 * time.Minute), 10 * c.size}, 1<<31)
		})
		r, stop := g.record(door)
		wait(10 * time.Minute)
		if s := r.Status().Streams[0]; s.State != "recording" || s.Sentence != "" {
			t.Errorf("at its usual rate the status is %+v", s)
		}
		wait(40 * time.Second)
		if s := r.Status().Streams[0]; s.State != "recording" || !strings.Contains(s.Sentence, "10 Mbit/s, many times what is usual") {
			t.Errorf("at ten times its rate the status is %+v", s)
		}
		stop()
		if n := g.kinds(EventRate); n != 1 {
			t.Errorf("told %d times, want once", n)
		}
		g.wantAll(c, "door")
		g.wantNoGap("door")
	})
}

// One picture in 5 s is a camera like any other: nobody calls it silent.
func TestOnePictureInFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		c.every, c.gop = 5*time.Second, 2
		g := newRig(t, c.forever)
		r, stop := g.record(door)
		wait(25 * time.Minute)
		if s := r.Status().Streams[0]; s.State != "recording" || s.Sentence != "" || time.Since(s.LastFragment) > 20*time.Second {
			t.Errorf("the status is %+v", s)
		}
		stop()
		if n := g.kinds(EventSilent) + g.kinds(EventLost); n != 0 {
			t.Errorf("%d events of silence", n)
		}
		g.wantAll(c, "door")
		g.wantNoGap("door")
	})
}

// wantNoGap fails if anything but the time since the stop is a gap.
func (g *rig) wantNoGap(camera string) {
	g.t.Helper()
	if _, gaps := g.look(camera, "main"); len(gaps) != 1 || gaps[0].Cause != CauseStopped || !gaps[0].To.IsZero() {
		g.t.Errorf("gaps are %+v, want none but the time since the stop", gaps)
	}
}

// A store that becomes read-only is a sentence in the status and an event. What was recorded before stays;
// what comes is kept as long as it finds room, and the rest is a gap.
func TestReadOnlyStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g, d := newMoody(t, c.forever)
		r, stop := g.record(door)
		wait(20 * time.Second)
		d.set(func(d *moodyDisk) { d.fail = syscall.EROFS })
		wait(20 * time.Second)
		if s := r.Status().Stores[0]; !strings.Contains(s.Sentence, "writable") {
			t.Errorf("the status of the store is %+v", s)
		}
		if s := r.Status().Streams[0]; s.State != "stalled" || s.Sentence == "" {
			t.Errorf("the status of the stream is %+v", s)
		}
		g.dying = true
		stop()
		g.dying = false
		if n := g.kinds(EventDisk); n == 0 {
			t.Error("nobody was told")
		}
		_, gaps := g.look("door", "main")
		if len(gaps) == 0 || gaps[0].Cause != CauseDisk {
			t.Errorf("gaps are %+v, want the first due to %q", gaps, CauseDisk)
		}
		d.set(func(d *moodyDisk) { d.fail = nil })
		before := c.sent.Load()
		_, stop = g.record(door)
		wait(20 * time.Second)
		stop()
		numbers := g.numbers("door", "main")
		if !slices.Contains(numbers, 0) || !slices.Contains(numbers, 400) || !slices.Contains(numbers, before+100) {
			t.Errorf("%d pictures are stored, want those before the fault and those after the restart", len(numbers))
		}
	})
}
