// Package recordertest guards that tests of what is behind the recorder have footage such as it writes: test clips with
// numbers burned in, in segments and at times that a test chooses.
package recordertest

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// Film is what a camera sends: a track and its pictures, timed from 0.
type Film struct {
	Track  cmaf.Track
	Units  []cmaf.Unit
	Length time.Duration
}

// Load reads the pictures of an H.264 or H.265 clip, or of a Motion JPEG one, to be played so many times.
func Load(t testing.TB, c clips.Clip, loops int) Film {
	t.Helper()
	file, err := clips.Files.ReadFile(c.File)
	must(t, err)
	f := Film{Track: cmaf.Track{Codec: cmaf.Codec(c.Video), Timescale: 90000, Width: c.Width, Height: c.Height}, Length: c.Duration()}
	if c.Video == "MJPEG" {
		for i, picture := range bytes.SplitAfter(file, []byte{0xff, 0xd9}) {
			if ticks := int64(i) * 90000 / int64(c.Rate); len(picture) > 0 {
				f.Units = append(f.Units, cmaf.Unit{PTS: ticks, DTS: ticks, Key: true, Data: picture})
			}
		}
		return f.loop(loops)
	}
	r := &mpegts.Reader{R: bytes.NewReader(file)}
	must(t, r.Initialize())
	for _, track := range r.Tracks() {
		switch track.Codec.(type) {
		case *codecs.H264:
			r.OnDataH264(track, func(pts, dts int64, nals [][]byte) error {
				f.Units = append(f.Units, cmaf.Unit{PTS: pts, DTS: dts, Key: h264.IsRandomAccess(nals), Data: f.prefixed(nals)})
				return nil
			})
		case *codecs.H265:
			r.OnDataH265(track, func(pts, dts int64, nals [][]byte) error {
				f.Units = append(f.Units, cmaf.Unit{PTS: pts, DTS: dts, Key: h265.IsRandomAccess(nals), Data: f.prefixed(nals)})
				return nil
			})
		}
	}
	for r.Read() == nil {
	}
	if len(f.Units) != c.Frames {
		t.Fatalf("%s has %d pictures that can be read, want %d", c.File, len(f.Units), c.Frames)
	}
	origin := f.Units[0].PTS
	for i := range f.Units {
		f.Units[i].PTS -= origin
		f.Units[i].DTS -= origin
	}
	return f.loop(loops)
}

// prefixed puts its length before each NAL unit, and notes parameter sets.
func (f *Film) prefixed(nals [][]byte) (data []byte) {
	for _, nal := range nals {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(nal))), nal...)
		f.note(nal)
	}
	return data
}

// note keeps a NAL unit if it is a parameter set.
func (f *Film) note(nal []byte) {
	set := map[h264.NALUType]*[]byte{h264.NALUTypeSPS: &f.Track.SPS, h264.NALUTypePPS: &f.Track.PPS}[h264.NALUType(nal[0]&0x1f)]
	if f.Track.Codec == cmaf.H265 {
		set = map[h265.NALUType]*[]byte{h265.NALUType_VPS_NUT: &f.Track.VPS, h265.NALUType_SPS_NUT: &f.Track.SPS, h265.NALUType_PPS_NUT: &f.Track.PPS}[h265.NALUType(nal[0]>>1&0x3f)]
	}
	if set != nil {
		*set = nal
	}
}

func (f Film) loop(n int) Film {
	once := f.Units
	f.Units = nil
	for i := range n {
		shift := int64(f.Length) * int64(i) * 9 / 1e5
		for _, u := range once {
			u.PTS, u.DTS = u.PTS+shift, u.DTS+shift
			f.Units = append(f.Units, u)
		}
	}
	f.Length *= time.Duration(n)
	return f
}

// Groups makes groups of pictures so much longer: only every nth key frame is told of as one. Decoders do not mind.
func (f Film) Groups(n int) Film {
	keys := 0
	for i := range f.Units {
		if f.Units[i].Key {
			f.Units[i].Key = keys%n == 0
			keys++
		}
	}
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
