package recorder

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
)

var door = Camera{ID: "door", Main: rtsp.Source{URL: "rtsp://door.test/main"}}

// Everything that a camera sends is stored once and in order, over rotations and a restart, and the
// segments of a run join without a gap.
func TestStoresEveryPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		_, stop := g.record(door)
		wait(35 * time.Minute)
		stop()
		g.wantAll(c, "door")
		segments, gaps := g.look("door", "main")
		if len(segments) < 4 || len(gaps) != 1 || !gaps[0].To.IsZero() {
			t.Errorf("%d segments and gaps %+v, want at least 4 and the gap that lasts since the stop", len(segments), gaps)
		}
		for _, s := range segments {
			if !s.Sealed || s.Recovered {
				t.Errorf("segment %s: sealed %v, recovered %v", s.ID, s.Sealed, s.Recovered)
			}
		}
	})
}

// Each fragment is told once, in order, by segments and records, and lies there when it is told.
func TestTellsWhatIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		var list []keyring.ID
		last := map[keyring.ID]int{}
		g.opts.Stored = func(camera, stream string, id keyring.ID, record int) { // by one writer alone
			if camera != "door" || stream != "main" || record != last[id]+1 {
				t.Errorf("record %d of %v was told behind %d, of %s/%s", record, id, last[id], camera, stream)
			}
			if last[id] = record; record == 1 {
				list = append(list, id)
			}
		}
		_, stop := g.record(door)
		wait(25 * time.Minute)
		stop()
		segments, _ := g.look("door", "main")
		if len(segments) < 3 || len(segments) != len(list) {
			t.Fatalf("%d segments, and %d were told", len(segments), len(list))
		}
		for i, s := range segments {
			if s.ID != list[i] || int(s.Records) != last[s.ID]+1 {
				t.Errorf("segment %v has %d records, and told was up to %d of %v", s.ID, s.Records, last[list[i]], list[i])
			}
		}
	})
}

// Every time without recording is a row with its cause: a camera that goes away, a restart.
func TestGapsHaveCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		sessions := atomic.Int32{}
		g := newRig(t, func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			switch sessions.Add(1) {
			case 1:
				return c.play(ctx, sink, 500)
			case 2, 3:
				return &rtsp.Error{Reason: rtsp.ErrUnauthorized, Host: "door.test", Sentence: "wrong password"}
			}
			return c.play(ctx, sink, 1<<31)
		})
		_, stop := g.record(door)
		wait(time.Minute)
		stop()
		wait(time.Hour)
		_, stop = g.record(door)
		wait(time.Minute)
		stop()
		segments, gaps := g.look("door", "main")
		var causes []string
		for _, gap := range gaps {
			if !gap.To.IsZero() {
				causes = append(causes, gap.Cause)
			}
		}
		want := []string{CauseUnreachable, CauseUnauthorized, CauseStopped}
		if len(causes) != 3 || causes[0] != want[0] || causes[1] != want[1] || causes[2] != want[2] {
			t.Fatalf("gaps are due to %v, want %v", causes, want)
		}
		if d := gaps[2].To.Sub(gaps[2].From); (d - time.Hour).Abs() > time.Second {
			t.Errorf("the restart is a gap of %v, want an hour", d)
		}
		if !gaps[0].From.Equal(segments[0].End) || !gaps[0].To.Equal(gaps[1].From) || !gaps[1].To.Equal(segments[1].Start) {
			t.Errorf("the gaps do not tile the time from %v to %v: %v", segments[0].End, segments[1].Start, gaps[:2])
		}
	})
}

// Planned pauses are gaps with the cause schedule.
func TestScheduleIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		planned := door
		planned.Schedule = evenHours{}
		_, stop := g.record(planned)
		wait(150 * time.Minute) // the bubble's clock begins at midnight
		stop()
		_, gaps := g.look("door", "main")
		if len(gaps) == 0 || gaps[0].Cause != CauseSchedule || gaps[0].To.Sub(gaps[0].From).Round(time.Minute) != time.Hour {
			t.Errorf("gaps are %+v, want an hour of %q first", gaps, CauseSchedule)
		}
	})
}

type evenHours struct{}

func (evenHours) Recording(t time.Time) (bool, time.Time) {
	return t.UTC().Hour()%2 == 0, t.Truncate(time.Hour).Add(time.Hour)
}

// A camera whose line panics, hangs or floods never costs another camera a picture.
func TestCamerasDoNotDisturbEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := newCamera()
		release := make(chan struct{})
		hung := atomic.Int32{}
		g := newRig(t, func(ctx context.Context, src rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			switch src.URL {
			case "panics":
				panic("a bug met by a strange camera")
			case "hangs":
				hung.Add(1)
				<-release // not even ctx ends it
				return ctx.Err()
			}
			return good.play(ctx, sink, 1<<31)
		})
		_, stop := g.record(door, Camera{ID: "panics", Main: rtsp.Source{URL: "panics"}}, Camera{ID: "hangs", Main: rtsp.Source{URL: "hangs"}})
		wait(5 * time.Minute)
		stop()
		close(release)
		synctest.Wait()
		g.wantAll(good, "door")
		if n := hung.Load(); n < 2 {
			t.Errorf("the camera that hangs was tried %d times, want it abandoned and tried again", n)
		}
		if g.kinds(EventStuck) == 0 || g.kinds(EventSilent) == 0 {
			t.Errorf("nobody was told of the camera that hangs")
		}
		if _, gaps := g.look("hangs", "main"); len(gaps) == 0 || gaps[0].Cause != CauseStuck {
			t.Errorf("gaps of the camera that hangs are %+v, want the first to be due to %q", gaps, CauseStuck)
		}
	})
}

// A new configuration touches only the cameras that changed.
func TestApplyTouchesOnlyWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := map[string]*atomic.Int32{"a": {}, "b": {}, "b2": {}, "c": {}}
		g := newRig(t, func(ctx context.Context, src rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			lines[src.URL].Add(1)
			return newCamera().play(ctx, sink, 1<<31)
		})
		cam := func(id, url string) Camera { return Camera{ID: id, Main: rtsp.Source{URL: url}} }
		r, stop := g.record(cam("a", "a"), cam("b", "b"), cam("c", "c"))
		wait(time.Minute)
		r.Apply([]Camera{cam("a", "a"), cam("b", "b2")})
		wait(time.Minute)
		if n := len(r.Status().Streams); n != 2 {
			t.Errorf("the status has %d streams, want 2", n)
		}
		stop()
		for url, n := range lines {
			if n.Load() != 1 {
				t.Errorf("camera at %s was connected %d times, want once", url, n.Load())
			}
		}
		if _, gaps := g.look("b", "main"); len(gaps) == 0 || gaps[0].To.Sub(gaps[0].From) > 5*time.Second {
			t.Errorf("gaps of the changed camera: %+v, want first the short one of the change", gaps)
		}
		_, gaps := g.look("c", "main")
		if len(gaps) != 1 || gaps[0].Cause != CauseRemoved {
			t.Errorf("gaps of the removed camera: %+v", gaps)
		}
	})
}

// A camera that sends packets but no key frame for minutes is waited for, with a sentence that says
// so, and recorded from the first one on.
func TestNoKeyFrameForMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		sessions := atomic.Int32{}
		g := newRig(t, func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, stats *rtsp.Stats) error {
			sessions.Add(1)
			tick := time.NewTicker(40 * time.Millisecond)
			defer tick.Stop()
			for range 25 * 180 {
				stats.Packets.Add(1)
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-tick.C:
				}
			}
			return c.play(ctx, sink, 1<<31)
		})
		r, stop := g.record(door)
		wait(time.Minute)
		if s := r.Status().Streams[0]; !strings.Contains(s.Sentence, "key frame") {
			t.Errorf("the status says %q", s.Sentence)
		}
		wait(3 * time.Minute)
		if s := r.Status().Streams[0]; s.State != "recording" || s.Sentence != "" || sessions.Load() != 1 {
			t.Errorf("after %d sessions the status is %+v", sessions.Load(), s)
		}
		stop()
		g.wantAll(c, "door")
	})
}

// A camera that is taken out and put back while its disk stalls begins once what was queued before is
// stored: two writers of one stream would tell a gap where there is none.
func TestRemovedAndBackOnStalledDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g, d := newMoody(t, c.forever)
		r, stop := g.record(door)
		wait(20 * time.Second)
		stalled := make(chan struct{})
		d.set(func(d *moodyDisk) { d.stall = stalled })
		wait(2 * time.Second)
		r.Apply(nil)
		wait(2 * time.Second)
		r.Apply([]Camera{door})
		wait(2 * time.Second)
		d.set(func(d *moodyDisk) { d.stall = nil })
		close(stalled)
		wait(30 * time.Second)
		stop()
		segments, gaps := g.look("door", "main")
		if len(segments) != 2 || len(gaps) != 2 || gaps[0].Cause != CauseRemoved || !gaps[0].From.Equal(segments[0].End) {
			t.Errorf("%d segments, gaps %+v, want one that begins at the end of the first", len(segments), gaps)
		}
	})
}

// A camera that is taken out just before a stop is waited for like the others.
func TestRemovedThenStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g, d := newMoody(t, c.forever)
		r, stop := g.record(door)
		wait(20 * time.Second)
		stalled := make(chan struct{})
		d.set(func(d *moodyDisk) { d.stall = stalled })
		wait(2 * time.Second)
		r.Apply(nil)
		wait(time.Second)
		time.AfterFunc(time.Second, func() {
			d.set(func(d *moodyDisk) { d.stall = nil })
			close(stalled)
		})
		stop()
		g.wantAll(c, "door")
		if segments, _ := g.look("door", "main"); len(segments) != 1 || !segments[0].Sealed {
			t.Errorf("the segments are %+v, want one that is sealed", segments)
		}
	})
}

// A camera that changes its stream all the time does not get a file for each change: after some it is told
// what is wrong, and the pause between two tries limits the rest.
func TestRestlessCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for n := int64(0); ; n++ {
				if err := sink.Begin([]cmaf.Track{testTrack}); err != nil {
					return err
				}
				u := cmaf.Unit{PTS: n * 9000, DTS: n * 9000, Key: true, Data: []byte{0, 0, 0, 1, 5}}
				if err := sink.Unit(u, time.Now()); err != nil {
					return err
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-tick.C:
				}
			}
		})
		r, stop := g.record(door)
		wait(30 * time.Second)
		s := r.Status().Streams[0]
		if s.State != "waiting" || !strings.Contains(s.Sentence, "changed its stream") || s.Segments > 2*runsMost {
			t.Errorf("after half a minute: %+v", s)
		}
		stop()
	})
}
