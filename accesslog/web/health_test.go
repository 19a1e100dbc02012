package web

import (
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// The bitrate of a stream is told by the hour, and no finer, with the gaps.
func TestHealth(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	r.recorded(t, noon.Add(-125*time.Minute), noon.Add(-20*time.Minute)) // ten minutes each, of a mebibyte
	must(t, r.index.AddGap(footage.Gap{Camera: "hall", Stream: "main", Gap: segment.Gap{From: noon.Add(-10 * time.Minute), To: noon.Add(-5 * time.Minute), Cause: "unreachable"}}))
	r.set(noon.Add(time.Minute))
	var h Health
	head.api("GET", "/cameras/hall/health?hours=4", nil, &h)
	const rate = 8 << 20 / 600
	want := []Hour{{moment{noon.Add(-3 * time.Hour)}, 300, rate, false}, {moment{noon.Add(-2 * time.Hour)}, 300, rate, false},
		{moment{noon.Add(-time.Hour)}, 600, rate, false}, {moment{noon}, 0, 0, false}}
	if len(h.Hours) != len(want) || len(h.Gaps) != 1 {
		t.Fatalf("%+v", h)
	}
	for i, w := range want {
		if g := h.Hours[i]; !g.From.Equal(w.From.Time) || g.Recorded != w.Recorded || g.Bitrate != w.Bitrate {
			t.Errorf("hour %d is %+v, want %+v", i, g, w)
		}
	}
	open := footage.NewSegment(segment.Header{ID: keyring.NewID(noon), Camera: "hall", Stream: "main", Start: noon.Add(-5 * time.Minute), Clock: segment.Synchronised})
	open.Store, open.End, open.Bytes = r.store.ID, noon, 9<<20
	must(t, r.index.Begin(open))
	head.api("GET", "/cameras/hall/health?hours=2", nil, &h)
	if h.Hours[0].Bitrate != 0 || h.Hours[0].Recorded == 0 {
		t.Errorf("while a segment grows, the hour that it began in has the bitrate %d", h.Hours[0].Bitrate)
	}
	for query, want := range map[string]string{"?hours=169": "request", "?stream=x": "request"} {
		if id, _ := head.refused("GET", "/cameras/hall/health"+query, nil); id != want {
			t.Errorf("%s: %s", query, id)
		}
	}
	if id, _ := head.refused("GET", "/cameras/attic/health", nil); id != "no-camera" {
		t.Error(id)
	}
}
