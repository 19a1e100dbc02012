package playback_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// TestStill: the key frame before a moment is shown, as ffmpeg shows it from the recorded fragment.
func TestStill(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	for _, tt := range []struct {
		clip     clips.Clip
		at, want time.Duration
		mime     string
	}{
		{clips.Entrance, 3700 * time.Millisecond, 2 * time.Second, "video/mp4"},
		{clips.Hall, 4 * time.Second, 4 * time.Second, "video/mp4"},
		{clips.Stairs, 19 * time.Second, 10 * time.Second, "video/mp4"},
		{clips.Yard, 3 * time.Second, 2 * time.Second, "video/mp4"},
		{clips.Motion, 1500 * time.Millisecond, time.Second, "image/jpeg"},
	} {
		t.Run(tt.clip.File, func(t *testing.T) {
			t.Parallel()
			b := newBox()
			b.record(t, load(t, tt.clip, 1), dawn, time.Minute, nil)
			var content []byte
			err := player(b).Still(t.Context(), dawn.Add(tt.at), func(s playback.Still) (bool, error) {
				got, mime := s.Bytes()
				content = bytes.Clone(got)
				if since := s.At.Sub(dawn).Round(time.Millisecond); since != tt.want && tt.clip != clips.Hall || mime != tt.mime {
					t.Errorf("%v %s, want %v %s", since, mime, tt.want, tt.mime)
				}
				chunk(t, b, s)
				return true, nil
			})
			check(t, err)
			if len(b.delivered) != 1 {
				t.Errorf("%d pieces are counted", len(b.delivered))
			}
			same(t, "pictures", decoded(t, content), decoded(t, recorded(t, b))[:1])
		})
	}
}

// chunk checks what WebCodecs gets.
func chunk(t *testing.T, b *box, s playback.Still) {
	t.Helper()
	var out bytes.Buffer
	if _, err := s.Chunk().WriteTo(&out); err != nil {
		t.Error(err)
	}
	c := readChunk(t, &out)
	codec, rest, _ := bytes.Cut(c.Payload, []byte{0})
	n := int(rest[0])<<8 | int(rest[1])
	if c.Kind != playback.ChunkStill || string(codec) != s.Track.Codec || !bytes.Equal(rest[2:2+n], s.Track.Description) ||
		!bytes.Equal(rest[2+n:], s.Sample) || !bytes.Equal(s.Sample, keySample(t, b)) {
		t.Errorf("the chunk has %q, %d bytes of description, %d of %d bytes", codec, n, len(rest)-2-n, len(s.Sample))
	}
}

// keySample is the first sample of the piece that was shown last.
func keySample(t *testing.T, b *box) []byte {
	t.Helper()
	return b.samples(t, []accesslog.Piece{b.shown}, segment.Video)[0]
}

// recorded is the fragment of the still that was shown last, with its head.
func recorded(t *testing.T, b *box) []byte {
	t.Helper()
	return append(bytes.Clone(b.inits[b.shown.Segment]), b.data[place{b.shown.Segment, b.shown.Record}]...)
}

// decoded are the sums of the pictures that ffmpeg makes of a file.
func decoded(t *testing.T, content []byte) (list []string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "still")
	check(t, os.WriteFile(name, content, 0o600))
	for line := range strings.Lines(run(t, "ffmpeg", "-nostdin", "-v", "error", "-i", name, "-map", "0:v", "-f", "framemd5", "-")) {
		if column := strings.Split(line, ","); len(column) > 5 && line[0] != '#' {
			list = append(list, strings.TrimSpace(column[5]))
		}
	}
	return list
}

func TestNoStill(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil)
	b.withheld = []accesslog.Withheld{{From: dawn.Add(5 * time.Second), To: dawn.Add(6 * time.Second), Why: accesslog.ErrRestricted}}
	hangsUp := errors.New("the reader hung up")
	for _, tt := range []struct {
		at   time.Duration
		want error
	}{{-time.Second, accesslog.ErrNothing}, {time.Hour, accesslog.ErrNothing}, {5500 * time.Millisecond, accesslog.ErrRestricted}, {0, hangsUp}} {
		err := player(b).Still(t.Context(), dawn.Add(tt.at), func(playback.Still) (bool, error) { return false, hangsUp })
		if !errors.Is(err, tt.want) {
			t.Errorf("at %v: %v, want %v", tt.at, err, tt.want)
		}
	}
}

// TestMIME holds the names of codecs against what ffmpeg says of the clips, and the examples of Apple's HLS
// authoring specification.
func TestMIME(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		clip         clips.Clip
		loud, silent string
	}{
		{clips.Entrance, `video/mp4; codecs="avc1.64001E, mp4a.40.2"`, `video/mp4; codecs="avc1.64001E"`}, // High, level 3.0; AAC-LC
		{clips.YardSub, `video/mp4; codecs="avc1.64000C"`, `video/mp4; codecs="avc1.64000C"`},             // High, level 1.2
		{clips.Yard, `video/mp4; codecs="hvc1.1.6.L63.90"`, `video/mp4; codecs="hvc1.1.6.L63.90"`},        // Main, level 2.1
		{clips.Motion, `video/mp4; codecs="mp4v.6C"`, `video/mp4; codecs="mp4v.6C"`},
	} {
		init, err := cmaf.InitSegment(load(t, tt.clip, 1).tracks)
		check(t, err)
		h, err := playback.ReadHead(init)
		check(t, err)
		if h.MIME(true) != tt.loud || h.MIME(false) != tt.silent {
			t.Errorf("%s: %s, %s", tt.clip.File, h.MIME(true), h.MIME(false))
		}
		if p, ok := h.Picture(); !ok || p.Width != tt.clip.Width || p.Height != tt.clip.Height || p.JPEG() != (tt.clip.Video == "MJPEG") {
			t.Errorf("%s: %+v", tt.clip.File, p)
		}
	}
	for text, want := range map[string]string{
		"01 01 60000000 900000000000 5d": "hvc1.1.6.L93.90",
		"01 02 20000000 b00000000000 7b": "hvc1.2.4.L123.B0",
		"01 61 60000000 900000000001 99": "hvc1.A1.6.H153.90.0.0.0.0.1",
	} {
		hvcC, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		check(t, err)
		if got := playback.HEVC(hvcC); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	law, err := cmaf.InitSegment([]cmaf.Track{load(t, clips.YardSub, 1).tracks[0], {Codec: cmaf.PCMA, Timescale: 8000, Channels: 1}})
	check(t, err)
	h, err := playback.ReadHead(law)
	check(t, err)
	if want := `video/mp4; codecs="avc1.64000C, alaw"`; h.MIME(true) != want {
		t.Errorf("%s, want %s", h.MIME(true), want)
	}
}
