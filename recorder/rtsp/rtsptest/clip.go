package rtsptest

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"varuh/recorder/cmaf"
)

// frame is one access unit of a clip, as NAL units, or one packet of sound or one picture alone.
type frame struct {
	pts, dts time.Duration // since the clip's first decoding time
	parts    [][]byte
}

// lane is one elementary stream of a clip.
type lane struct {
	track  cmaf.Track
	aac    *mpeg4audio.AudioSpecificConfig
	frames []frame
}

// clip is what a camera loops over.
type clip struct {
	video, sound *lane
	length       time.Duration // after which it begins anew
}

// load reads a clip and, if named, another file with its sound.
func load(fsys fs.FS, name, sound string) (*clip, error) {
	c, err := loadOne(fsys, name)
	if err != nil {
		return nil, err
	}
	if sound != "" {
		s, err := loadOne(fsys, sound)
		if err != nil {
			return nil, err
		}
		c.sound = s.sound
	}
	if c.video == nil || len(c.video.frames) < 2 {
		return nil, fmt.Errorf("clip %q has no moving picture", name)
	}
	last, prev := c.video.frames[len(c.video.frames)-1], c.video.frames[len(c.video.frames)-2]
	c.length = 2*last.dts - prev.dts
	return c, nil
}

func loadOne(fsys fs.FS, name string) (*clip, error) {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("couldn't read clip: %w", err)
	}
	switch path.Ext(name) {
	case ".ts":
		c, err := loadTS(b)
		if err != nil {
			return nil, fmt.Errorf("couldn't read clip %q: %w", name, err)
		}
		return c, nil
	case ".mjpeg":
		return &clip{video: stills(b)}, nil
	case ".alaw":
		return &clip{sound: g711(b, cmaf.PCMA)}, nil
	case ".mulaw":
		return &clip{sound: g711(b, cmaf.PCMU)}, nil
	}
	return nil, fmt.Errorf("clip %q is of a kind not known; use .ts, .mjpeg, .alaw or .mulaw", name)
}

// loadTS reads an MPEG transport stream. The first access unit delimiter of each unit is left out,
// as cameras do.
func loadTS(b []byte) (*clip, error) {
	r := &mpegts.Reader{R: bytes.NewReader(b)}
	if err := r.Initialize(); err != nil {
		return nil, err
	}
	var broken error
	r.OnDecodeError(func(err error) { broken = err })
	c := new(clip)
	for _, t := range r.Tracks() {
		c.follow(r, t)
	}
	for broken == nil {
		if err := r.Read(); err == io.EOF {
			c.fromZero()
			return c, nil
		} else if err != nil {
			return nil, err
		}
	}
	return nil, broken
}

// follow collects the frames of a track that cameras have too.
func (c *clip) follow(r *mpegts.Reader, t *mpegts.Track) {
	l := &lane{track: cmaf.Track{Timescale: 90000}}
	units := func(pts, dts int64, au [][]byte) error {
		l.add(pts, dts, au...)
		l.sets(au)
		return nil
	}
	switch codec := t.Codec.(type) {
	case *codecs.H264:
		l.track.Codec, c.video = cmaf.H264, l
		r.OnDataH264(t, units)
	case *codecs.H265:
		l.track.Codec, c.video = cmaf.H265, l
		r.OnDataH265(t, units)
	case *codecs.MPEG4Audio:
		l.aac = &codec.Config
		l.track.Codec, l.track.Timescale, c.sound = cmaf.AAC, uint32(codec.SampleRate), l
		r.OnDataMPEG4Audio(t, func(pts int64, aus [][]byte) error {
			for i, u := range aus {
				at := pts + int64(i)*mpeg4audio.SamplesPerAccessUnit*90000/int64(codec.SampleRate)
				l.add(at, at, u)
			}
			return nil
		})
	case *codecs.Opus:
		l.track.Codec, l.track.Timescale, l.track.Channels, c.sound = cmaf.Opus, 48000, codec.Desc.ChannelCount(), l
		r.OnDataOpus(t, func(pts int64, packets [][]byte) error {
			for i, u := range packets {
				at := pts + int64(i)*1800 // 20 ms, what ffmpeg makes
				l.add(at, at, u)
			}
			return nil
		})
	}
}

func (l *lane) add(pts, dts int64, parts ...[]byte) {
	kept := make([][]byte, len(parts))
	for i, p := range parts {
		kept[i] = bytes.Clone(p)
	}
	l.frames = append(l.frames, frame{at90k(pts), at90k(dts), kept})
}

func at90k(t int64) time.Duration { return time.Duration(t) * time.Second / 90000 }

// sets keeps the first parameter sets.
func (l *lane) sets(au [][]byte) {
	for _, n := range au {
		var set *[]byte
		switch t, t5 := n[0]&0x1f, n[0]>>1; {
		case l.track.Codec == cmaf.H264 && t == 7, l.track.Codec == cmaf.H265 && t5 == 33:
			set = &l.track.SPS
		case l.track.Codec == cmaf.H264 && t == 8, l.track.Codec == cmaf.H265 && t5 == 34:
			set = &l.track.PPS
		case l.track.Codec == cmaf.H265 && t5 == 32:
			set = &l.track.VPS
		}
		if set != nil && *set == nil {
			*set = bytes.Clone(n)
		}
	}
}

// fromZero moves all times so that the first is 0.
func (c *clip) fromZero() {
	var first time.Duration
	if c.video != nil && len(c.video.frames) > 0 {
		first = c.video.frames[0].dts
	}
	for _, l := range []*lane{c.video, c.sound} {
		if l == nil {
			continue
		}
		for i := range l.frames {
			l.frames[i].pts -= first
			l.frames[i].dts -= first
		}
	}
}

// stills splits JPEG pictures that follow each other, 10 a second.
func stills(b []byte) *lane {
	l := &lane{track: cmaf.Track{Codec: cmaf.MJPEG, Timescale: 90000}}
	end := []byte{0xff, 0xd9}
	for i := bytes.Index(b, end); i >= 0; i = bytes.Index(b, end) {
		at := time.Duration(len(l.frames)) * time.Second / 10
		l.frames = append(l.frames, frame{at, at, [][]byte{b[:i+2]}})
		b = b[i+2:]
	}
	return l
}

// g711 cuts samples at 8 kHz into packets of 40 ms.
func g711(b []byte, codec cmaf.Codec) *lane {
	l := &lane{track: cmaf.Track{Codec: codec, Timescale: 8000, Channels: 1}}
	for ; len(b) >= 320; b = b[320:] {
		at := time.Duration(len(l.frames)) * 40 * time.Millisecond
		l.frames = append(l.frames, frame{at, at, [][]byte{b[:320]}})
	}
	return l
}

// Units are a clip's access units of the picture, as a recorder should hand them on: for tests that
// compare with what another server sent.
func Units(fsys fs.FS, name string) ([][]byte, error) {
	c, err := load(fsys, name, "")
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for _, f := range c.video.frames {
		list = append(list, joined(c.video.track.Codec, f.parts))
	}
	return list, nil
}
