package rtsp

import (
	"fmt"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"varuh/recorder/cmaf"
)

// shape is what the parameter sets say of a stream.
type shape struct {
	track cmaf.Track
	depth int   // pictures that may overtake another, see order
	learn bool  // they do not say, depth is a guess
	frame int64 // ticks between pictures
}

// slow is the frame rate taken where none is told; it only spaces the first decoding times of a run.
const slow = 25

// read fills in what the parameter sets of track say. They are kept, not copied.
func read(track cmaf.Track) (shape, error) {
	if track.Codec == cmaf.H265 {
		return read265(track)
	}
	return read264(track)
}

func read264(track cmaf.Track) (shape, error) {
	s := shape{track: track}
	if len(track.SPS) == 0 || len(track.PPS) == 0 {
		return s, fmt.Errorf("parameter sets are missing")
	}
	var p h264.SPS
	if err := p.Unmarshal(track.SPS); err != nil {
		return s, fmt.Errorf("couldn't read the H.264 sequence parameter set: %w", err)
	}
	s.track.Width, s.track.Height = p.Width(), p.Height()
	if err := s.sane(p.FPS()); err != nil {
		return s, err
	}
	switch {
	case p.PicOrderCntType == 2 || p.ProfileIdc == 66: // output order is decoding order; no B slices in Baseline
	case p.VUI != nil && p.VUI.BitstreamRestriction != nil:
		s.depth = int(p.VUI.BitstreamRestriction.MaxNumReorderFrames)
	default:
		s.learn = true
	}
	return s, nil
}

func read265(track cmaf.Track) (shape, error) {
	s := shape{track: track}
	if len(track.VPS) == 0 || len(track.SPS) == 0 || len(track.PPS) == 0 {
		return s, fmt.Errorf("parameter sets are missing")
	}
	var p h265.SPS
	if err := p.Unmarshal(track.SPS); err != nil {
		return s, fmt.Errorf("couldn't read the H.265 sequence parameter set: %w", err)
	}
	s.track.Width, s.track.Height = p.Width(), p.Height()
	if n := len(p.MaxNumReorderPics); n > 0 {
		s.depth = int(p.MaxNumReorderPics[n-1])
	}
	return s, s.sane(p.FPS())
}

// sane refuses sizes that no decoder takes and sets the distance of frames.
func (s *shape) sane(rate float64) error {
	if w, h := s.track.Width, s.track.Height; w < 1 || h < 1 || w > 1<<14 || h > 1<<14 {
		return fmt.Errorf("a picture of %d×%d cannot be", w, h)
	}
	if !(rate >= 1 && rate <= 240) {
		rate = slow
	}
	s.frame = int64(float64(s.track.Timescale) / rate)
	return nil
}
