package evidence_test

import (
	"bytes"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/pmp4"

	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

// TestPeer reads clips with mediacommon's reader of MP4, which shares no line with the writer: each sample has its bytes,
// lasts until the next, and is shown as long after it is decoded as the camera said.
func TestPeer(t *testing.T) {
	t.Parallel()
	for _, list := range [][]clips.Clip{{clips.Entrance}, {clips.Yard}, {clips.Hall}, {clips.BFramesH265}, {clips.OpusSound}} {
		film := evidencetest.Load(t, 2, list...)
		pkg, m := evidencetest.NewCase(t, "a", true, evidencetest.Segments(t, film, "hall", "main", evidencetest.Dawn, 9)).Written(t)
		var p pmp4.Presentation
		if err := p.Unmarshal(bytes.NewReader(pkg[m.Clips[0].Path].Data)); err != nil || len(p.Tracks) != len(film.Tracks) {
			t.Fatalf("%s: %d tracks, %v", list[0].File, len(p.Tracks), err)
		}
		for n, track := range p.Tracks {
			var raised int32 // by which all offsets are
			at, zero, next := int64(0), int64(0), 0
			for _, u := range film.Units {
				if u.Track != n {
					continue
				}
				s := track.Samples[next]
				if next == 0 {
					raised, zero = s.PTSOffset-int32(u.PTS-u.DTS), u.DTS
				}
				b, err := s.GetPayload()
				if err != nil || !bytes.Equal(b, u.Data) || at != u.DTS-zero || int64(s.PTSOffset-raised) != u.PTS-u.DTS || s.IsNonSyncSample == u.Key {
					t.Fatalf("%s, track %d: sample %d at %d is not the unit at %d: %+v, %v", list[0].File, n+1, next, at, u.DTS-zero, s, err)
				}
				at += int64(s.Duration)
				next++
			}
			if next != len(track.Samples) || track.TimeScale != film.Tracks[n].Timescale || raised < 0 {
				t.Errorf("%s, track %d: %d samples, %d were recorded; raised by %d", list[0].File, n+1, len(track.Samples), next, raised)
			}
		}
	}
}
