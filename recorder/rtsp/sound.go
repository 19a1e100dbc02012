package rtsp

import (
	"bytes"
	"errors"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmpeg4audio"
	"github.com/pion/rtp"

	"varuh/recorder/cmaf"
)

// sound takes the packets of the audio media. Its units go into the runs that the video begins.
type sound struct {
	r       *receiver
	track   cmaf.Track
	aac     *rtpmpeg4audio.Decoder // nil: a payload is a unit (Opus RFC 7587, G.711 RFC 3551)
	frame   int64                  // AAC: ticks of a unit
	seq     sequence
	ticks   ticks
	last    int64 // time of the last unit
	any     bool  // last is set
	loss    bool
	running bool // a run was begun
}

// packet takes the next packet.
func (s *sound) packet(p *packet, arrived time.Time) error {
	take, lost, fresh := s.r.follow(&s.seq, p)
	if !take {
		s.r.stats.Garbage.Add(1)
		return nil
	}
	s.ticks.fresh = s.ticks.fresh || fresh
	s.loss = s.loss || lost
	if s.aac == nil {
		return s.unit(p.ts, p.payload, arrived)
	}
	// the decoder keeps fragments, and our buffer will be read into again
	units, err := s.aac.Decode(&rtp.Packet{
		Header:  rtp.Header{Marker: p.marker, Timestamp: p.ts, SequenceNumber: p.seq},
		Payload: bytes.Clone(p.payload),
	})
	if err != nil {
		if !errors.Is(err, rtpmpeg4audio.ErrMorePacketsNeeded) {
			s.r.stats.Garbage.Add(1)
			s.loss = true
		}
		return nil
	}
	for i, u := range units {
		if err := s.unit(p.ts+uint32(int64(i)*s.frame), u, arrived); err != nil {
			return err
		}
	}
	return nil
}

// unit hands a unit on. Times that go back go on by one tick instead: sound has no key frames at
// which a run could begin, and the next video run sets all right.
func (s *sound) unit(ts uint32, data []byte, arrived time.Time) error {
	pts, _ := s.ticks.at(ts, arrived)
	if !s.running || len(data) == 0 {
		return nil
	}
	if s.any && pts <= s.last {
		s.ticks.total += s.last + 1 - pts
		pts = s.last + 1
	}
	s.last, s.any = pts, true
	u := cmaf.Unit{Track: 1, PTS: pts, DTS: pts, Key: true, Loss: s.loss, Data: data}
	s.loss = false
	return s.r.unit(u, arrived)
}
