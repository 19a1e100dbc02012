package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a connection whose client takes so many bytes a second.
type slow struct {
	*httptest.ResponseRecorder
	rate  int
	until time.Time
}

func (s *slow) SetWriteDeadline(t time.Time) error {
	s.until = t
	return nil
}

func (s *slow) Write(b []byte) (int, error) {
	took := time.Duration(len(b)) * time.Second / time.Duration(s.rate)
	if left := time.Until(s.until); left < took {
		time.Sleep(left) // of the bubble's clock
		return 0, os.ErrDeadlineExceeded
	}
	time.Sleep(took)
	return len(b), nil
}

// Whoever reads a whole answer slowly is cut off, though each piece of it leaves in time; who reads at a usual pace is not,
// and no time counts in which nothing was written to him.
func TestWholePace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rate   int
		whole  bool
		pieces int
		idle   time.Duration // between two
		cut    bool
	}{
		"slow":              {100 << 10, true, 1000, 0, true},
		"slow, of footage":  {100 << 10, false, 1000, 0, false},
		"usual":             {512 << 10, true, 1000, 0, false},
		"is made slowly":    {512 << 10, true, 100, time.Minute, false},
		"slow for too long": {260 << 10, true, 4000, 0, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &slow{ResponseRecorder: httptest.NewRecorder(), rate: tt.rate}
			o := &outlet{call: &call{w: &writer{ResponseWriter: w}, site: &Site{pace: usualPace}}, media: "application/zip", size: -1, whole: tt.whole}
			var err error
			began := time.Now()
			for n := 0; n < tt.pieces && err == nil; n++ {
				_, err = o.Write(make([]byte, 64<<10))
				time.Sleep(tt.idle)
			}
			if (err != nil) != tt.cut || tt.cut && time.Since(began) > usualPace.longest+time.Minute {
				t.Errorf("%s: %v after %v", name, err, time.Since(began))
			}
		})
	}
}

// While a bundle is on its way, whoever wants another one is told so before anything is entered.
func TestOneBundle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	leave, err := r.gates.exporting.enter(t.Context(), "somebody else")
	must(t, err)
	r.gates.exporting.patience = 0
	before := r.diary.Head().Size
	if id, p := head.refused("POST", "/diary/bundle", BundleAsked{Reason: "an audit"}); id != "at-once" || p.Wait == 0 || r.diary.Head().Size != before {
		t.Errorf("%s, %+v, %d entries more", id, p, r.diary.Head().Size-before)
	}
	leave()
	for range 2 {
		if w := head.do("POST", prefix+"/diary/bundle", BundleAsked{Reason: "an audit"}); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}
