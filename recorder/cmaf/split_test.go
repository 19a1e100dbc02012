package cmaf_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// TestRotation cuts runs before each of their key frames, as segments are, and has ffmpeg decode
// every piece by itself: no warning, and the same pictures as in the whole.
func TestRotation(t *testing.T) {
	outside.NeedsFFmpeg(t)
	for _, c := range []clips.Clip{clips.Hall, clips.BFramesH265, clips.Entrance} {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			tracks, units := read(t, c)
			whole := mux(t, tracks, units)
			var pieces []frame
			for _, r := range whole.rotated() {
				pieces = append(pieces, framemd5(t, "v", []string{"-v", "warning", "-i", r.file(t)})...)
			}
			same(t, "pieces", pieces, framemd5(t, "v", []string{"-v", "warning", "-i", whole.file(t)}))
		})
	}
}

// rotated are the run's pieces, each beginning at a key frame.
func (r run) rotated() []run {
	var pieces []run
	for _, f := range r.fragments {
		if len(pieces) == 0 || f.Kind == segment.Video && f.Flags&segment.KeyFrame != 0 {
			pieces = append(pieces, run{init: r.init})
		}
		last := &pieces[len(pieces)-1]
		last.fragments = append(last.fragments, f)
	}
	if pieces[0].fragments[0].Kind == segment.Audio && len(pieces) > 1 { // sound before the first picture
		pieces[1].fragments = append(pieces[0].fragments, pieces[1].fragments...)
		pieces = pieces[1:]
	}
	return pieces
}

// TestPresentation has players begin where the run does: the first unit is decoded at 0, and tracks
// stand to each other as in the clip. No edit list is there to be misread.
func TestPresentation(t *testing.T) {
	outside.NeedsFFmpeg(t)
	for _, c := range []clips.Clip{clips.Entrance, clips.Hall, clips.Yard, clips.BFramesH265, clips.OpusSound} {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			tracks, units := read(t, c)
			starts := starts(t, mux(t, tracks, units).file(t))
			decoded := units[0].Wall.Add(-at(units[0].PTS-units[0].DTS, int(tracks[0].Timescale)).Sub(dawn))
			seen := make([]bool, len(tracks))
			for _, u := range units {
				if seen[u.Track] {
					continue
				}
				seen[u.Track] = true
				if want := u.Wall.Sub(decoded).Seconds(); math.Abs(starts[u.Track]-want) > 0.001 {
					t.Errorf("track %d starts at %v s, want %v", u.Track+1, starts[u.Track], want)
				}
			}
		})
	}
}

// starts are the presentation times of each stream's first packet.
func starts(t *testing.T, name string) []float64 {
	t.Helper()
	var probe struct {
		Streams []struct {
			Start string `json:"start_time"`
		}
	}
	if err := json.Unmarshal([]byte(output(t, "ffprobe", "-v", "warning", "-show_streams", "-of", "json", name)), &probe); err != nil {
		t.Fatal(err)
	}
	var starts []float64
	for _, s := range probe.Streams {
		seconds, err := strconv.ParseFloat(s.Start, 64)
		if err != nil {
			t.Fatal(err)
		}
		starts = append(starts, seconds)
	}
	return starts
}

// TestFirstUnitOfEveryKeyFragment has key frames begin fragments, be flagged there, and lie nowhere else.
func TestFirstUnitOfEveryKeyFragment(t *testing.T) {
	t.Parallel()
	for _, c := range clips.All {
		tracks, units := read(t, c)
		r := mux(t, tracks, units)
		for i, f := range r.fragments {
			first := true
			for s, err := range cmaf.Samples(r.init, f.Data) {
				if err != nil {
					t.Fatal(err)
				}
				if first && s.Key != (f.Flags&segment.KeyFrame != 0) {
					t.Errorf("%s: fragment %d begins with key %v, flags %b", c.File, i, s.Key, f.Flags)
				}
				if !first && s.Key && f.Kind == segment.Video && c.GOP > 1 {
					t.Errorf("%s: fragment %d has a key frame inside", c.File, i)
				}
				first = false
			}
		}
	}
}
