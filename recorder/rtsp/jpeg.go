package rtsp

import (
	"bytes"
	"errors"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/pion/rtp"

	"varuh/recorder/cmaf"
)

// stills takes MJPEG packets (RFC 2435).
type stills struct {
	pictures
	dec     *rtpmjpeg.Decoder
	seq     sequence
	size    int // bytes of the picture so far
	loss    bool
	arrived time.Time
	ts      uint32
}

func newStills(r *receiver, track cmaf.Track, dec *rtpmjpeg.Decoder) *stills {
	s := &stills{pictures: pictures{r: r}, dec: dec}
	s.shape = shape{track: track, frame: int64(track.Timescale) / slow}
	s.ticks.rate = int64(track.Timescale)
	return s
}

// packet takes the next packet.
func (s *stills) packet(p *packet, arrived time.Time) error {
	take, lost, fresh := s.r.follow(&s.seq, p)
	if !take {
		s.r.stats.Garbage.Add(1)
		return nil
	}
	s.ticks.fresh = s.ticks.fresh || fresh
	s.loss = s.loss || lost
	if s.size == 0 || p.ts != s.ts {
		s.arrived, s.ts, s.size = arrived, p.ts, 0
	}
	if s.size += len(p.payload); s.size > maxUnit {
		return s.spoilt()
	}
	// the decoder keeps fragments, and our buffer will be read into again
	img, err := s.dec.Decode(&rtp.Packet{
		Header:  rtp.Header{Marker: p.marker, Timestamp: p.ts, SequenceNumber: p.seq},
		Payload: bytes.Clone(p.payload),
	})
	if errors.Is(err, rtpmjpeg.ErrMorePacketsNeeded) {
		return nil
	}
	if err != nil {
		return s.spoilt()
	}
	u := picture{data: img, ts: p.ts, arrived: s.arrived, key: true, loss: s.loss, shape: s.resized(img)}
	s.loss, s.size = false, 0
	return s.take(u)
}

// spoilt gives the picture up; the next one tells.
func (s *stills) spoilt() error {
	s.r.stats.Garbage.Add(1)
	s.loss, s.size = true, 0
	return nil
}

// resized is the stream's shape if the picture has another size than the last.
func (s *stills) resized(img []byte) *shape {
	w, h := jpegSize(img)
	if w == 0 || s.known && w == s.shape.track.Width && h == s.shape.track.Height {
		return nil
	}
	n := s.shape
	n.track.Width, n.track.Height = w, h
	return &n
}

// jpegSize finds the frame header (ITU-T T.81 B.2.2). It returns 0 if there is none.
func jpegSize(b []byte) (w, h int) {
	for i := 2; i+9 <= len(b) && b[i] == 0xff; {
		if m := b[i+1]; m == 0xc0 || m == 0xc1 || m == 0xc2 {
			return int(b[i+7])<<8 | int(b[i+8]), int(b[i+5])<<8 | int(b[i+6])
		}
		i += 2 + int(b[i+2])<<8 + int(b[i+3])
	}
	return 0, 0
}
