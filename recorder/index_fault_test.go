package recorder

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/rtsp"

	"varuh/recorder/keyring"
)

// spoil runs statements on the index behind the recorder's back. A trigger that raises an error is a state
// disk that fails just where one wants it to.
func (g *rig) spoil(statements string) {
	g.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(g.state, "footage.db")) // package footage brings the driver
	must(g.t, err)
	_, err = db.Exec(statements)
	must(g.t, errors.Join(err, db.Close()))
}

// shaky is a camera that ends its session after 32 s and is away for a while.
func shaky(c *aCamera) func(context.Context, rtsp.Source, rtsp.Sink, *rtsp.Stats) error {
	return func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
		if c.sent.Load() == 0 {
			return c.play(ctx, sink, 800)
		}
		pause(ctx, 5*time.Second)
		return c.play(ctx, sink, 1<<31)
	}
}

// wantStory fails unless all pictures are there and the time that the shaky camera was away is a gap with its
// cause: by the index as it is, and by one rebuilt from the files.
func (g *rig) wantStory(c *aCamera) {
	g.t.Helper()
	for _, rebuilt := range []bool{false, true} {
		if rebuilt {
			must(g.t, os.Remove(filepath.Join(g.state, "footage.db")))
		}
		g.wantAll(c, "door")
		segments, gaps := g.look("door", "main")
		for _, s := range segments {
			if !s.Sealed {
				g.t.Errorf("rebuilt %v: segment %s is open", rebuilt, s.ID)
			}
		}
		if len(gaps) == 0 || gaps[0].Cause != CauseUnreachable || gaps[0].To.Sub(gaps[0].From) < 5*time.Second || gaps[0].To.Sub(gaps[0].From) > 7*time.Second {
			g.t.Errorf("rebuilt %v: gaps are %+v, want first that of the camera", rebuilt, gaps)
		}
	}
}

// An index that cannot be written for a while is told of and costs nothing: no picture, no gap, no seal,
// whichever of its changes fails.
func TestIndexFailsForAWhile(t *testing.T) {
	for name, trigger := range map[string]string{
		"begin": `BEFORE INSERT ON segments WHEN NEW.sealed = 0`,
		"seal":  `BEFORE INSERT ON segments WHEN NEW.sealed = 1`,
		"gap":   `BEFORE INSERT ON gaps WHEN NEW.carrier IS NULL`,
		"all":   `BEFORE INSERT ON gaps BEGIN SELECT RAISE(FAIL, 'disk full'); END; CREATE TRIGGER fault2 BEFORE INSERT ON segments`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCamera()
				g := newRig(t, shaky(c))
				g.opts.SegmentDuration = 20 * time.Second
				_, stop := g.record(door)
				wait(25 * time.Second)
				g.spoil(`CREATE TRIGGER fault ` + trigger + ` BEGIN SELECT RAISE(FAIL, 'disk full'); END`)
				wait(50 * time.Second)
				if g.kinds(EventIndex) == 0 {
					t.Error("nobody was told")
				}
				g.spoil(`DROP TRIGGER fault; DROP TRIGGER IF EXISTS fault2`)
				wait(time.Minute)
				stop()
				g.wantStory(c)
			})
		})
	}
}

// An index that is gone for good in the middle: what was being written is sealed all the same, and the next
// start, be the index there or to be rebuilt, finds everything.
func TestIndexFailsUntilTheRestart(t *testing.T) {
	for name, rebuilt := range map[string]bool{"as it was": false, "rebuilt": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCamera()
				g := newRig(t, c.forever)
				g.opts.SegmentDuration = 20 * time.Second
				_, stop := g.record(door)
				wait(25 * time.Second)
				must(t, g.opts.Index.Close())
				before := c.sent.Load()
				wait(time.Minute)
				g.dying = true
				stop()
				g.dying = false
				if n := len(slots(t, g)); n > 4 {
					t.Errorf("%d key slots were made for 2 segments", n)
				}
				if g.kinds(EventIndex) == 0 {
					t.Error("nobody was told")
				}
				if rebuilt {
					must(t, os.Remove(filepath.Join(g.state, "footage.db")))
				}
				_, stop = g.record(door)
				wait(30 * time.Second)
				stop()
				numbers := g.numbers("door", "main")
				if d := firstDifference(numbers, counted(c.sent.Load())); d < int(before) {
					t.Errorf("picture %d is not stored, want all of the first %d", d, before)
				}
				if last := numbers[len(numbers)-1]; last != c.sent.Load()-1 {
					t.Errorf("the last picture stored is %d of %d", last, c.sent.Load())
				}
				segments, _ := g.look("door", "main")
				for _, s := range segments {
					if !s.Sealed {
						t.Errorf("segment %s is open", s.ID)
					}
				}
			})
		})
	}
}

// Where the index does not take the correction of the boot's clock, the segments that follow bring it.
func TestIndexFailsToRedate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		began := time.Now()
		boot := &lateBoot{testBoot: testBoot{began: began.Add(-time.Minute)}, behind: began.Sub(time.Unix(60, 0))}
		g := newRig(t, func(ctx context.Context, _ rtsp.Source, sink rtsp.Sink, _ *rtsp.Stats) error {
			return c.play(ctx, shifted{sink, boot}, 1<<31)
		})
		g.opts.Boot = boot
		_, stop := g.record(door)
		wait(time.Minute)
		g.spoil(`CREATE TRIGGER fault BEFORE UPDATE ON boots WHEN NEW.origin IS NOT NULL AND NEW.origin_age IS NULL
			BEGIN SELECT RAISE(FAIL, 'disk full'); END`)
		boot.set.Store(true)
		wait(time.Minute)
		if g.kinds(EventIndex) == 0 {
			t.Error("nobody was told")
		}
		g.spoil(`DROP TRIGGER fault`)
		wait(time.Minute)
		stop()
		g.wantAll(c, "door")
		segments, _ := g.look("door", "main")
		if err := segments[0].Start.Sub(began).Abs(); len(segments) != 2 || err > 200*time.Millisecond {
			t.Errorf("%d segments, the first begins %v off", len(segments), err)
		}
	})
}

// slots are all key slots of the rig's store.
func slots(t *testing.T, g *rig) (list []keyring.Slot) {
	t.Helper()
	for slot, err := range g.store.Ring.All(time.Unix(0, 0)) {
		must(t, err)
		list = append(list, slot)
	}
	return list
}
