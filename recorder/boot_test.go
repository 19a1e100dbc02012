package recorder

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp"
	"varuh/recorder/segment"
)

// lateBoot is a machine without a battery: its clock begins in 1970 and is set later.
type lateBoot struct {
	testBoot
	behind time.Duration // how far the clock is off before it is set
	set    atomic.Bool
}

func (b *lateBoot) Now() time.Time {
	if b.set.Load() {
		return time.Now()
	}
	return time.Now().Add(-b.behind)
}

func (b *lateBoot) Clock() segment.ClockState {
	if b.set.Load() {
		return segment.Synchronised
	}
	return segment.Unsynchronised
}

// Footage of a boot that began in 1970 is dated right as soon as the clock is set, by the index as it
// is and by one rebuilt from the files.
func TestBootWithoutClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		c.every, c.gop = 500*time.Millisecond, 4
		began := time.Now()
		boot := &lateBoot{testBoot: testBoot{began: began.Add(-time.Minute)}, behind: began.Sub(time.Unix(60, 0))}
		g := newRig(t, func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return c.play(ctx, shifted{sink, boot}, 1<<31)
		})
		g.opts.Boot = boot
		_, stop := g.record(door)
		wait(8 * time.Hour)
		boot.set.Store(true)
		wait(20 * time.Minute)
		stop()
		g.wantAll(c, "door")
		if g.kinds(EventClock) != 1 {
			t.Errorf("%d events of the clock, want 1", g.kinds(EventClock))
		}
		for _, rebuilt := range []bool{false, true} {
			if rebuilt {
				must(t, os.Remove(filepath.Join(g.state, "footage.db")))
			}
			segments, _ := g.look("door", "main")
			if len(segments) < 8*6 {
				t.Errorf("rebuilt %v: %d segments", rebuilt, len(segments))
			}
			for _, s := range segments {
				first := g.unitsOf(s)[0]
				if err := s.Start.Sub(began.Add(time.Duration(first) * c.every)).Abs(); err > 200*time.Millisecond {
					t.Errorf("rebuilt %v: segment %s (%v by its header) begins %v off", rebuilt, s.ID, s.HeaderStart, err)
				}
			}
		}
	})
}

// shifted lets units arrive at the time the machine takes it to be.
type shifted struct {
	rtsp.Sink
	boot *lateBoot
}

func (s shifted) Unit(u cmaf.Unit, _ time.Time) error { return s.Sink.Unit(u, s.boot.Now()) }
