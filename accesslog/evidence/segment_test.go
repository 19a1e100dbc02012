package evidence_test

import (
	"fmt"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/recorder/durable/durabletest"
	"varuh/testdata/clips"
)

// What the recorder sealed on its disk is proven by the leaves and salts of its own reader.
func TestSealedSegments(t *testing.T) {
	t.Parallel()
	init, list := evidencetest.Load(t, 1, clips.Entrance).Cut(t, evidencetest.Dawn)
	disk, key := durabletest.New(), [32]byte{1, 2, 3}
	var segments []*evidencetest.Segment
	var files []evidencetest.File
	for n := 0; len(list) > 0; n++ {
		part := list[:min(15, len(list))]
		list = list[len(part):]
		f, s := evidencetest.Sealed(t, disk, fmt.Sprintf("/%d.seg", n), key, init, part)
		files, segments = append(files, f), append(segments, s)
	}
	c := evidencetest.NewCase(t, "a", true, segments)
	c.Stretches = []evidence.Stretch{nil}
	for n, f := range files {
		c.Stretches[0] = append(c.Stretches[0], f.Part(segments[n], 1, 0))
	}
	pkg, m := c.Written(t)
	if r := verified(t, pkg, c.Knowing()); !r.Good() || len(m.Clips) != 1 || r.Fragments < 40 {
		t.Errorf("%d clips, %+v", len(m.Clips), r)
	}
}
