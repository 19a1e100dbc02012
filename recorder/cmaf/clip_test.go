package cmaf_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// dawn is when the test runs begin.
var dawn = time.Date(2026, 11, 21, 6, 30, 0, 0, time.UTC)

// read gives a clip as a camera's run: its tracks and its units.
func read(t testing.TB, c clips.Clip) ([]cmaf.Track, []cmaf.Unit) {
	t.Helper()
	file, err := clips.Files.ReadFile(c.File)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case c.Video == "MJPEG":
		return motion(c, file)
	case c.Video == "":
		return sound(c, file)
	}
	return transport(t, c, file)
}

func motion(c clips.Clip, file []byte) ([]cmaf.Track, []cmaf.Unit) {
	track := cmaf.Track{Codec: cmaf.MJPEG, Timescale: 90000, Width: c.Width, Height: c.Height}
	var units []cmaf.Unit
	for i, picture := range bytes.SplitAfter(file, []byte{0xff, 0xd9}) {
		if len(picture) > 0 {
			ticks := int64(i) * 90000 / int64(c.Rate)
			units = append(units, cmaf.Unit{PTS: ticks, DTS: ticks, Wall: at(ticks, 90000), Key: true, Data: picture})
		}
	}
	return []cmaf.Track{track}, units
}

// sound cuts G.711 into units of 20 ms, as cameras do.
func sound(c clips.Clip, file []byte) ([]cmaf.Track, []cmaf.Unit) {
	track := cmaf.Track{Codec: cmaf.Codec(c.Audio), Timescale: uint32(c.Hz), Channels: c.Channels}
	var units []cmaf.Unit
	for i := 0; i < len(file); i += 160 {
		units = append(units, cmaf.Unit{PTS: int64(i), DTS: int64(i), Wall: at(int64(i), c.Hz), Key: true, Data: file[i : i+160]})
	}
	return []cmaf.Track{track}, units
}

func at(ticks int64, rate int) time.Time {
	return dawn.Add(time.Duration(ticks) * time.Second / time.Duration(rate))
}

// transport reads an MPEG-TS clip.
func transport(t testing.TB, c clips.Clip, file []byte) ([]cmaf.Track, []cmaf.Unit) {
	t.Helper()
	r := &mpegts.Reader{R: bytes.NewReader(file)}
	if err := r.Initialize(); err != nil {
		t.Fatal(err)
	}
	var tracks []cmaf.Track
	var units []cmaf.Unit
	for _, track := range r.Tracks() {
		n := len(tracks)
		picture := func(pts, dts int64, nals [][]byte) error {
			key := tracks[n].Codec == cmaf.H264 && h264.IsRandomAccess(nals) || tracks[n].Codec == cmaf.H265 && h265.IsRandomAccess(nals)
			units = append(units, cmaf.Unit{Track: n, PTS: pts, DTS: dts, Wall: at(pts, 90000), Key: key,
				Data: prefixed(&tracks[n], nals)})
			return nil
		}
		// sounds turns the 90-kHz time of a PES packet into ticks of the sound's own clock.
		sounds := func(frames [][]byte, pts int64, step int64) error {
			ticks := (pts*int64(c.Hz) + 45000) / 90000
			for _, frame := range frames {
				units = append(units, cmaf.Unit{Track: n, PTS: ticks, DTS: ticks, Wall: at(ticks, c.Hz), Key: true, Data: frame})
				ticks += step
			}
			return nil
		}
		switch codec := track.Codec.(type) {
		case *codecs.H264:
			tracks = append(tracks, cmaf.Track{Codec: cmaf.H264, Timescale: 90000})
			r.OnDataH264(track, picture)
		case *codecs.H265:
			tracks = append(tracks, cmaf.Track{Codec: cmaf.H265, Timescale: 90000})
			r.OnDataH265(track, picture)
		case *codecs.MPEG4Audio:
			config, err := codec.Config.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			tracks = append(tracks, cmaf.Track{Codec: cmaf.AAC, Timescale: uint32(c.Hz), Config: config, Channels: c.Channels})
			r.OnDataMPEG4Audio(track, func(pts int64, frames [][]byte) error {
				return sounds(frames, pts, mpeg4audio.SamplesPerAccessUnit)
			})
		case *codecs.Opus:
			tracks = append(tracks, cmaf.Track{Codec: cmaf.Opus, Timescale: 48000, Channels: c.Channels})
			r.OnDataOpus(track, func(pts int64, frames [][]byte) error { return sounds(frames, pts, 960) })
		default:
			t.Fatalf("%s has a %T", c.File, codec)
		}
	}
	for {
		if err := r.Read(); err != nil {
			return tracks, units
		}
	}
}

// prefixed puts its length before each NAL unit, and notes parameter sets in the track.
func prefixed(track *cmaf.Track, nals [][]byte) []byte {
	var data []byte
	for _, nal := range nals {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(nal))), nal...)
		if track.Codec == cmaf.H264 {
			switch h264.NALUType(nal[0] & 0x1f) {
			case h264.NALUTypeSPS:
				track.SPS = nal
			case h264.NALUTypePPS:
				track.PPS = nal
			}
			continue
		}
		switch h265.NALUType(nal[0] >> 1 & 0x3f) {
		case h265.NALUType_VPS_NUT:
			track.VPS = nal
		case h265.NALUType_SPS_NUT:
			track.SPS = nal
		case h265.NALUType_PPS_NUT:
			track.PPS = nal
		}
	}
	return data
}
