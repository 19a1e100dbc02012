package recorder

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/rtsp"
)

// A cut seals what was recorded before it within a key frame and a sync, on all streams of the camera and no other; nothing
// is lost by it.
func TestCut(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		gop  uint32
		most time.Duration
	}{
		"a key frame each 2 s": {50, 8 * time.Second},
		"one in half a minute": {750, 18 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cameras := map[string]*aCamera{"hall": newCamera(), "yard": newCamera()}
				cameras["hall"].gop = tt.gop
				g := newRig(t, func(ctx context.Context, from rtsp.Source, to rtsp.Sink, s *rtsp.Stats) error {
					return cameras[from.URL].forever(ctx, from, to, s)
				})
				r, stop := g.record(Camera{ID: "hall", Main: rtsp.Source{URL: "hall"}}, Camera{ID: "yard", Main: rtsp.Source{URL: "yard"}})
				wait(35 * time.Second)
				began := time.Now()
				at, err := r.Cut(t.Context(), "hall")
				must(t, err)
				if took := time.Since(began); took > tt.most || !at.Equal(began) {
					t.Errorf("it took %v, and is of %v", took, at)
				}
				list, _, err := r.Index.Span("hall", "main", began.Add(-time.Hour), began.Add(time.Hour))
				must(t, err)
				if len(list) != 2 || !list[0].Sealed || list[1].Sealed || list[1].Start.Before(at) {
					t.Errorf("segments %+v", list)
				}
				if other, err := r.Index.Last("yard", "main"); err != nil || other.Sealed || !other.Start.Before(at) {
					t.Errorf("of the other camera %+v, %v", other, err)
				}
				wait(20 * time.Second)
				stop()
				if list, _ := g.look("hall", "main"); len(list) != 2 {
					t.Errorf("%d segments: it was cut again", len(list))
				}
				g.wantAll(cameras["hall"], "hall")
			})
		})
	}
}

// What can't be sealed is told, and a camera that records nothing takes no time.
func TestCutEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCamera()
		g := newRig(t, c.forever)
		r, stop := g.record(Camera{ID: "hall"})
		wait(5 * time.Second)
		began := time.Now()
		if _, err := r.Cut(t.Context(), "yard"); err != nil || time.Since(began) > 0 {
			t.Errorf("of no camera: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Cut(ctx, "hall"); !errors.Is(err, errWriting) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("within a second: %v", err)
		}
		wait(5 * time.Second)
		stop()
		g.wantAll(c, "hall")
	})
}
