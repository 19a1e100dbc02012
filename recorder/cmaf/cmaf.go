package cmaf

import (
	"fmt"
	"time"

	"varuh/recorder/segment"
)

// Codec names a coding the recorder can store.
type Codec string

// The codings. Every other is refused by package rtsp with a sentence that names it.
const (
	H264  Codec = "H264"
	H265  Codec = "H265"
	MJPEG Codec = "MJPEG"
	AAC   Codec = "AAC"
	Opus  Codec = "Opus"
	PCMA  Codec = "PCMA" // G.711 A-law
	PCMU  Codec = "PCMU" // G.711 mu-law
)

// Track is one elementary stream of a run. Its ID in the file is its place in the list, from 1.
type Track struct {
	Codec         Codec
	Timescale     uint32 // ticks a second, the RTP clock rate
	VPS, SPS, PPS []byte // H.264, H.265: the parameter sets the run began with, without start code
	Config        []byte // AAC: AudioSpecificConfig (ISO/IEC 14496-3)
	Width, Height int    // picture, in pixels
	Channels      int    // sound
}

// Kind is the kind of record that the track's fragments become.
func (t Track) Kind() segment.Kind {
	switch t.Codec {
	case H264, H265, MJPEG:
		return segment.Video
	}
	return segment.Audio
}

func (t Track) sound() bool { return t.Kind() == segment.Audio }

// intra says whether every unit of the track can be decoded alone.
func (t Track) intra() bool { return t.sound() || t.Codec == MJPEG }

// checkClock refuses clock rates that no camera has and with which ticks could overflow.
func (t Track) checkClock() error {
	if t.Timescale == 0 || t.Timescale > 1_000_000 {
		return fmt.Errorf("a clock rate of %d ticks a second, want 1 to 1000000", t.Timescale)
	}
	return nil
}

// Unit is one access unit: a coded picture with everything that belongs to it, or one frame of
// sound. Bytes are those of the camera; for H.264 and H.265 each NAL unit is preceded by its length
// in 4 bytes (ISO/IEC 14496-15) instead of a start code.
type Unit struct {
	Track int       // index into the run's tracks
	PTS   int64     // presentation time in ticks of the track, unwrapped, from any origin
	DTS   int64     // decoding time in the same ticks; strictly rising within a run and track
	Wall  time.Time // recorder's UTC of PTS
	Key   bool      // decoding can start here; true for every unit of sound and of MJPEG
	Loss  bool      // RTP packets were missing in or before this unit
	Data  []byte    // valid until the call returns
}

// Fragment is a run of access units of one track, ready to be stored as one record.
type Fragment struct {
	segment.Record
	Data []byte // prft + moof + mdat
}
