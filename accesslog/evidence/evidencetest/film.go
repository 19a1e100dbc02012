package evidencetest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Film is what a camera sends: tracks and their units, timed from 0.
type Film struct {
	Tracks []cmaf.Track
	Units  []cmaf.Unit
	Length time.Duration
}

// Load reads clips, the tracks of each after those of the one before, and plays them so many times.
func Load(t testing.TB, loops int, list ...clips.Clip) (f Film) {
	t.Helper()
	for _, c := range list {
		b, err := clips.Files.ReadFile(c.File)
		must(t, err)
		from := len(f.Units)
		switch {
		case c.Video == "MJPEG":
			f.pictures(c, b)
		case c.Video == "":
			f.sound(c, b)
		default:
			f.transport(t, c, b)
		}
		f.fromZero(f.Units[from:])
		f.Length = max(f.Length, c.Duration())
	}
	slices.SortStableFunc(f.Units, func(a, b cmaf.Unit) int { return cmp.Compare(f.at(&a), f.at(&b)) })
	return f.loop(loops)
}

// Second is a second of 25 pictures that are none, of so many bytes in all, told to be of a camera that there is.
func Second(t testing.TB, size int) Film {
	t.Helper()
	f := Load(t, 1, clips.YardSub)
	f.Length, f.Units = time.Second, nil
	for n := range int64(25) {
		f.Units = append(f.Units, cmaf.Unit{PTS: n * 3600, DTS: n * 3600, Key: n == 0, Data: bytes.Repeat([]byte{byte(n)}, size/25)})
	}
	return f
}

// at is when a unit is decoded.
func (f *Film) at(u *cmaf.Unit) time.Duration { return f.time(u.Track, u.DTS) }

func (f *Film) time(track int, ticks int64) time.Duration {
	return time.Duration(ticks) * time.Second / time.Duration(f.Tracks[track].Timescale)
}

// fromZero has the first unit of the units shown at 0, and the others as long after it as they were.
func (f *Film) fromZero(units []cmaf.Unit) {
	zero := f.time(units[0].Track, units[0].PTS)
	for i := range units {
		u := &units[i]
		ticks := int64(zero) * int64(f.Tracks[u.Track].Timescale) / int64(time.Second)
		u.PTS, u.DTS = u.PTS-ticks, u.DTS-ticks
	}
}

func (f *Film) pictures(c clips.Clip, b []byte) {
	f.Tracks = append(f.Tracks, cmaf.Track{Codec: cmaf.MJPEG, Timescale: 90000, Width: c.Width, Height: c.Height})
	for i, picture := range bytes.SplitAfter(b, []byte{0xff, 0xd9}) {
		if ticks := int64(i) * 90000 / int64(c.Rate); len(picture) > 0 {
			f.Units = append(f.Units, cmaf.Unit{Track: len(f.Tracks) - 1, PTS: ticks, DTS: ticks, Key: true, Data: picture})
		}
	}
}

// sound cuts G.711 into units of 20 ms.
func (f *Film) sound(c clips.Clip, b []byte) {
	f.Tracks = append(f.Tracks, cmaf.Track{Codec: cmaf.Codec(c.Audio), Timescale: uint32(c.Hz), Channels: c.Channels})
	for i := 0; i+160 <= len(b); i += 160 {
		f.Units = append(f.Units, cmaf.Unit{Track: len(f.Tracks) - 1, PTS: int64(i), DTS: int64(i), Key: true, Data: b[i : i+160]})
	}
}

func (f *Film) transport(t testing.TB, c clips.Clip, b []byte) {
	r := &mpegts.Reader{R: bytes.NewReader(b)}
	must(t, r.Initialize())
	for _, track := range r.Tracks() {
		n := len(f.Tracks)
		picture := func(pts, dts int64, nals [][]byte) error {
			key := f.Tracks[n].Codec == cmaf.H264 && h264.IsRandomAccess(nals) || f.Tracks[n].Codec == cmaf.H265 && h265.IsRandomAccess(nals)
			f.Units = append(f.Units, cmaf.Unit{Track: n, PTS: pts, DTS: dts, Key: key, Data: prefixed(&f.Tracks[n], nals)})
			return nil
		}
		sounds := func(frames [][]byte, pts, step int64) error {
			at := (pts*int64(c.Hz) + 45000) / 90000
			for _, b := range frames {
				f.Units = append(f.Units, cmaf.Unit{Track: n, PTS: at, DTS: at, Key: true, Data: bytes.Clone(b)})
				at += step
			}
			return nil
		}
		switch codec := track.Codec.(type) {
		case *codecs.H264:
			f.Tracks = append(f.Tracks, cmaf.Track{Codec: cmaf.H264, Timescale: 90000})
			r.OnDataH264(track, picture)
		case *codecs.H265:
			f.Tracks = append(f.Tracks, cmaf.Track{Codec: cmaf.H265, Timescale: 90000})
			r.OnDataH265(track, picture)
		case *codecs.MPEG4Audio:
			config, err := codec.Config.Marshal()
			must(t, err)
			f.Tracks = append(f.Tracks, cmaf.Track{Codec: cmaf.AAC, Timescale: uint32(c.Hz), Config: config, Channels: c.Channels})
			r.OnDataMPEG4Audio(track, func(pts int64, frames [][]byte) error {
				return sounds(frames, pts, mpeg4audio.SamplesPerAccessUnit)
			})
		case *codecs.Opus:
			f.Tracks = append(f.Tracks, cmaf.Track{Codec: cmaf.Opus, Timescale: 48000, Channels: c.Channels})
			r.OnDataOpus(track, func(pts int64, frames [][]byte) error { return sounds(frames, pts, 960) })
		default:
			t.Fatalf("%s has a %T", c.File, codec)
		}
	}
	for r.Read() == nil {
	}
}

// prefixed puts its length before each NAL unit, and notes parameter sets in the track.
func prefixed(track *cmaf.Track, nals [][]byte) []byte {
	var data []byte
	for _, nal := range nals {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(nal))), nal...)
		set := map[byte]*[]byte{7: &track.SPS, 8: &track.PPS}[nal[0]&0x1f]
		if track.Codec == cmaf.H265 {
			set = map[byte]*[]byte{32: &track.VPS, 33: &track.SPS, 34: &track.PPS}[nal[0]>>1&0x3f]
		}
		if set != nil {
			*set = bytes.Clone(nal)
		}
	}
	return data
}

func (f Film) loop(n int) Film {
	once := f.Units
	f.Units = nil
	for i := range n {
		for _, u := range once {
			shift := int64(f.Length) * int64(i) / 1000 * int64(f.Tracks[u.Track].Timescale) / 1e6
			u.PTS, u.DTS = u.PTS+shift, u.DTS+shift
			f.Units = append(f.Units, u)
		}
	}
	f.Length *= time.Duration(n)
	return f
}

// Cut is the film in the recorder's fragments, with the init record before them.
func (f Film) Cut(t testing.TB, start time.Time) (init []byte, list []cmaf.Fragment) {
	t.Helper()
	init, err := cmaf.InitSegment(f.Tracks)
	must(t, err)
	m := cmaf.NewMuxer(f.Tracks, func(x cmaf.Fragment) error {
		x.Data = bytes.Clone(x.Data)
		list = append(list, x)
		return nil
	})
	for _, u := range f.Units {
		u.Wall = start.Add(f.time(u.Track, u.PTS))
		must(t, m.Write(u))
	}
	must(t, m.Flush())
	return init, list
}
