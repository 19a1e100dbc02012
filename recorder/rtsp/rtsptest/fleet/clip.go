package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
)

// H.264 NAL unit types, ITU-T H.264 table 7-1.
const (
	nalSPS       = 7
	nalPPS       = 8
	nalDelimiter = 9
)

const (
	clockRate   = 90000 // of RTP for H.264, RFC 6184 section 8.2.1
	payloadType = 96
	maxPayload  = 1400 // bytes of RTP payload, so that a packet fits an Ethernet frame
	frameHeader = 4    // bytes before each packet on the connection, RFC 2326 section 10.12
	rtpHeader   = 12   // bytes before its payload, RFC 3550 section 5.1
)

// Clip is a loop of H.264 pictures as RTP packets, made once and shared by all cameras.
type Clip struct {
	pictures []picture
	rate     int
	sdp      []byte
}

// picture is one access unit as it goes on the connection, but for the fields that stamp fills in.
type picture struct {
	wire    []byte
	packets []span
}

// span is one packet in a picture's wire, with its headers.
type span struct{ from, to int }

// NewClip splits an Annex B byte stream of H.264 into packets. Every access unit must begin with a
// delimiter (AUD), which is not sent; there must be no B-frames, since timestamps follow the order
// of decoding. rate is in pictures per second.
func NewClip(stream []byte, rate int) (*Clip, error) {
	encoder := rtph264.Encoder{PayloadType: payloadType, PayloadMaxSize: maxPayload, PacketizationMode: 1}
	if err := encoder.Init(); err != nil {
		return nil, err
	}
	c := &Clip{rate: rate}
	h := &format.H264{PayloadTyp: payloadType, PacketizationMode: 1}
	for unit := range accessUnits(stream) {
		for _, nal := range unit {
			switch nal[0] & 0x1f {
			case nalSPS:
				h.SPS = nal
			case nalPPS:
				h.PPS = nal
			}
		}
		p, err := pack(&encoder, unit)
		if err != nil {
			return nil, fmt.Errorf("picture %d: %w", len(c.pictures), err)
		}
		c.pictures = append(c.pictures, p)
	}
	if len(c.pictures) == 0 || h.SPS == nil || h.PPS == nil {
		return nil, errors.New("the clip needs access unit delimiters, an SPS and a PPS")
	}
	media := &description.Media{Type: description.MediaTypeVideo, Control: "trackID=0", Formats: []format.Format{h}}
	var err error
	c.sdp, err = description.Session{Title: "fleet", Medias: []*description.Media{media}}.Marshal()
	return c, err
}

// accessUnits yields the NAL units between one delimiter and the next.
func accessUnits(stream []byte) func(yield func([][]byte) bool) {
	return func(yield func([][]byte) bool) {
		var unit [][]byte
		for nal := range bytes.SplitSeq(stream, []byte{0, 0, 1}) {
			// The byte 0 of a four-byte start code belongs to no NAL unit, nor may one end in 0.
			nal = bytes.TrimRight(nal, "\x00")
			switch {
			case len(nal) == 0:
			case nal[0]&0x1f != nalDelimiter:
				unit = append(unit, nal)
			case len(unit) > 0:
				if !yield(unit) {
					return
				}
				unit = nil
			}
		}
		if len(unit) > 0 {
			yield(unit)
		}
	}
}

func pack(encoder *rtph264.Encoder, unit [][]byte) (picture, error) {
	var p picture
	packets, err := encoder.Encode(unit)
	if err != nil {
		return p, err
	}
	for _, packet := range packets {
		body, err := packet.Marshal()
		if err != nil {
			return p, err
		}
		from := len(p.wire)
		p.wire = append(p.wire, '$', 0, byte(len(body)>>8), byte(len(body)))
		p.wire = append(p.wire, body...)
		p.packets = append(p.packets, span{from, len(p.wire)})
	}
	return p, nil
}

func (c *Clip) interval() time.Duration { return time.Second / time.Duration(c.rate) }

// Duration is how long one loop lasts.
func (c *Clip) Duration() time.Duration { return time.Duration(len(c.pictures)) * c.interval() }

// Bitrate is what one camera puts on its connection, headers included, in bit/s.
func (c *Clip) Bitrate() float64 {
	var n int
	for _, p := range c.pictures {
		n += len(p.wire)
	}
	return float64(n) * 8 / c.Duration().Seconds()
}
