package rtsptest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"

	"varuh/recorder/cmaf"
)

// outlet turns the frames of one lane into RTP packets.
type outlet struct {
	media  *description.Media
	rate   uint32
	base   uint32 // timestamp of time 0
	encode func(parts [][]byte) ([]*rtp.Packet, error)
}

// newOutlet describes the lane and makes its packetizer. Without sets the description has no
// parameter sets.
func newOutlet(l *lane, sets bool) (*outlet, error) {
	o := &outlet{rate: l.track.Timescale, base: rand.Uint32()}
	f, err := o.format(l, sets)
	if err != nil {
		return nil, fmt.Errorf("couldn't make a packetizer: %w", err)
	}
	o.media = &description.Media{Type: description.MediaTypeAudio, Formats: []format.Format{f}}
	switch l.track.Codec {
	case cmaf.H264, cmaf.H265, cmaf.MJPEG:
		o.media.Type = description.MediaTypeVideo
	}
	return o, nil
}

func (o *outlet) format(l *lane, sets bool) (format.Format, error) {
	switch l.track.Codec {
	case cmaf.H264:
		f := &format.H264{PayloadTyp: 96, PacketizationMode: 1}
		if sets {
			f.SPS, f.PPS = l.track.SPS, l.track.PPS
		}
		e, err := f.CreateEncoder()
		if err == nil {
			o.encode = e.Encode
		}
		return f, err
	case cmaf.H265:
		f := &format.H265{PayloadTyp: 96}
		if sets {
			f.VPS, f.SPS, f.PPS = l.track.VPS, l.track.SPS, l.track.PPS
		}
		e, err := f.CreateEncoder()
		if err == nil {
			o.encode = e.Encode
		}
		return f, err
	case cmaf.MJPEG:
		f := &format.MJPEG{}
		e, err := f.CreateEncoder()
		if err == nil {
			o.encode = func(p [][]byte) ([]*rtp.Packet, error) { return e.Encode(p[0]) }
		}
		return f, err
	}
	return o.soundFormat(l)
}

func (o *outlet) soundFormat(l *lane) (format.Format, error) {
	if l.track.Codec == cmaf.AAC {
		f := &format.MPEG4Audio{PayloadTyp: 97, Config: l.aac, SizeLength: 13, IndexLength: 3, IndexDeltaLength: 3}
		e, err := f.CreateEncoder()
		if err == nil {
			o.encode = e.Encode
		}
		return f, err
	}
	pt, f := uint8(97), format.Format(&format.Opus{PayloadTyp: 97, ChannelCount: l.track.Channels})
	switch l.track.Codec {
	case cmaf.PCMA:
		pt, f = 8, &format.G711{PayloadTyp: 8, SampleRate: 8000, ChannelCount: 1}
	case cmaf.PCMU:
		pt, f = 0, &format.G711{PayloadTyp: 0, MULaw: true, SampleRate: 8000, ChannelCount: 1}
	}
	seq, ssrc := uint16(rand.Uint32()), rand.Uint32()
	o.encode = func(p [][]byte) ([]*rtp.Packet, error) {
		seq++
		return []*rtp.Packet{{
			Header:  rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: seq, SSRC: ssrc},
			Payload: p[0],
		}}, nil
	}
	return f, nil
}

// packets are those of f, shown at pts.
func (o *outlet) packets(f frame, pts time.Duration) ([]*rtp.Packet, error) {
	list, err := o.encode(f.parts)
	if err != nil {
		return nil, err
	}
	ticks := uint32(int64(pts/time.Microsecond) * int64(o.rate) / 1e6)
	for _, p := range list {
		p.Timestamp += o.base + ticks // AAC: the packetizer counts within the call
	}
	return list, nil
}
