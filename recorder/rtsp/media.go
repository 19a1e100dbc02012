package rtsp

import (
	"fmt"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/headers"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"varuh/recorder/cmaf"
)

// choice is a media that is taken, in the one format that is.
type choice struct {
	media  *description.Media
	format format.Format
	in     inlet
}

// chooseVideo picks the first video format that can be recorded. If there is none, other names the
// first that cannot; it is "" if there is no video at all.
func chooseVideo(r *receiver, desc *description.Session) (c *choice, other string) {
	for _, m := range desc.Medias {
		if m.Type != description.MediaTypeVideo || m.IsBackChannel {
			continue
		}
		for _, f := range m.Formats {
			in, name := videoInlet(r, f)
			if in != nil {
				return &choice{m, f, in}, ""
			}
			if other == "" {
				other = name
			}
		}
	}
	return nil, other
}

// videoInlet makes the inlet for f, or names what cannot be recorded.
func videoInlet(r *receiver, f format.Format) (inlet, string) {
	rate := uint32(f.ClockRate())
	switch f := f.(type) {
	case *format.H264:
		if f.PacketizationMode > 1 {
			return nil, "H264 in interleaved packets (packetization-mode 2)"
		}
		return newCoded(r, cmaf.Track{Codec: cmaf.H264, Timescale: rate, SPS: f.SPS, PPS: f.PPS}), ""
	case *format.H265:
		if f.MaxDONDiff != 0 {
			return nil, "H265 in interleaved packets (sprop-max-don-diff)"
		}
		return newCoded(r, cmaf.Track{Codec: cmaf.H265, Timescale: rate, VPS: f.VPS, SPS: f.SPS, PPS: f.PPS}), ""
	case *format.MJPEG:
		dec, err := f.CreateDecoder()
		if err != nil {
			return nil, codingOf(f)
		}
		return newStills(r, cmaf.Track{Codec: cmaf.MJPEG, Timescale: rate}, dec), ""
	}
	return nil, codingOf(f)
}

// codingOf names the coding of a format that is not recorded. The words are ours and not the
// camera's, see [Error].
func codingOf(f format.Format) string {
	switch f.(type) {
	case *format.AV1:
		return "AV1"
	case *format.MJPEG:
		return "MJPEG"
	case *format.MPEG1Video:
		return "MPEG-1/2 video"
	case *format.MPEG4Video:
		return "MPEG-4 video"
	case *format.MPEGTS:
		return "MPEG-TS"
	case *format.VP8:
		return "VP8"
	case *format.VP9:
		return "VP9"
	}
	return fmt.Sprintf("a coding that it calls payload type %d", f.PayloadType())
}

// chooseSound picks the first audio format that can be recorded; nil if there is none.
func chooseSound(r *receiver, desc *description.Session) *choice {
	for _, m := range desc.Medias {
		if m.Type != description.MediaTypeAudio || m.IsBackChannel {
			continue
		}
		for _, f := range m.Formats {
			if s := soundInlet(r, f); s != nil {
				r.sound = s
				return &choice{m, f, s}
			}
		}
	}
	return nil
}

func soundInlet(r *receiver, f format.Format) *sound {
	s := &sound{r: r, track: cmaf.Track{Timescale: uint32(f.ClockRate())}}
	s.ticks.rate = int64(f.ClockRate())
	switch f := f.(type) {
	case *format.MPEG4Audio:
		return s.asAAC(f)
	case *format.Opus:
		s.track.Codec, s.track.Channels = cmaf.Opus, f.ChannelCount
	case *format.G711:
		s.track.Codec, s.track.Channels = cmaf.PCMA, f.ChannelCount
		if f.MULaw {
			s.track.Codec = cmaf.PCMU
		}
	default:
		return nil
	}
	return s
}

func (s *sound) asAAC(f *format.MPEG4Audio) *sound {
	if f.Config == nil {
		return nil
	}
	config, err := f.Config.Marshal()
	if err != nil {
		return nil
	}
	if s.aac, err = f.CreateDecoder(); err != nil {
		return nil
	}
	s.frame = mpeg4audio.SamplesPerAccessUnit
	s.track.Codec, s.track.Config = cmaf.AAC, config
	s.track.Channels = int(f.Config.ChannelConfig)
	if s.track.Channels == 7 {
		s.track.Channels = 8 // ISO/IEC 14496-3 table 1.19
	}
	return s
}

// plain says whether the media's packets come unencrypted (inside TLS or not), so that they can be
// taken off below gortsplib.
func plain(desc *description.Session, m *description.Media) bool {
	return m.Profile == headers.TransportProfileAVP &&
		m.KeyMgmtMikey == nil && m.KeyMgmtSDES == nil && desc.KeyMgmtMikey == nil
}
