package cmaf_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// body is what follows the name of the first such box.
func body(t *testing.T, file []byte, name string) []byte {
	t.Helper()
	i := bytes.Index(file, []byte(name))
	if i < 4 {
		t.Fatalf("no %s box", name)
	}
	size := int(file[i-4])<<24 | int(file[i-3])<<16 | int(file[i-2])<<8 | int(file[i-1])
	return file[i+4 : i-4+size]
}

// TestDecoderConfiguration compares avcC and hvcC with what ffmpeg's own muxer makes of the clip.
func TestDecoderConfiguration(t *testing.T) {
	outside.NeedsFFmpeg(t)
	for _, c := range []clips.Clip{clips.Entrance, clips.Hall, clips.Yard, clips.BFramesH265} {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			tracks, units := read(t, c)
			input := remuxed(t, c, "v", source(t, c))
			file, err := os.ReadFile(input[len(input)-1])
			if err != nil {
				t.Fatal(err)
			}
			head := mux(t, tracks, units).init
			if c.Video == "H264" {
				if got, want := body(t, head, "avcC"), body(t, file, "avcC"); !bytes.Equal(got, want) {
					t.Errorf("avcC is %x, want %x", got, want)
				}
				return
			}
			// Profile, compatibility, constraints and level; then chroma, depths, layers. Between and after
			// them ffmpeg states more of what it found in the stream.
			got, want := body(t, head, "hvcC"), body(t, file, "hvcC")
			if !bytes.Equal(got[:13], want[:13]) || !bytes.Equal(got[16:19], want[16:19]) || got[21]&0x3f != want[21]&0x3f {
				t.Errorf("hvcC is %x, want %x", got[:22], want[:22])
			}
		})
	}
}

func TestTimescales(t *testing.T) {
	t.Parallel()
	tracks, _ := read(t, clips.Entrance)
	head, err := cmaf.InitSegment(tracks)
	if err != nil {
		t.Fatal(err)
	}
	clocks, err := cmaf.Timescales(head)
	if err != nil || len(clocks) != 2 {
		t.Fatalf("got %d, %v", clocks, err)
	}
	for i, track := range tracks {
		if clocks[i] != track.Timescale {
			t.Errorf("track %d has clock %d, want %d", i+1, clocks[i], track.Timescale)
		}
	}
	for i := range head {
		if clocks, err := cmaf.Timescales(head[:i]); err == nil {
			t.Fatalf("%d of %d bytes give clocks %d", i, len(head), clocks)
		}
	}
}

// TestTracksThatCannotBeStored has each answered with a sentence that names what is wrong.
func TestTracksThatCannotBeStored(t *testing.T) {
	t.Parallel()
	h264, _ := read(t, clips.Hall)
	h265, _ := read(t, clips.Yard)
	changed := func(track cmaf.Track, f func(*cmaf.Track)) []cmaf.Track { f(&track); return []cmaf.Track{track} }
	sound := cmaf.Track{Codec: cmaf.PCMU, Timescale: 8000, Channels: 1}
	for want, tracks := range map[string][]cmaf.Track{
		"at least one track":                 nil,
		`"VP8" is none of the codecs`:        {{Codec: "VP8", Timescale: 90000}},
		"clock rate of 0":                    {{Codec: cmaf.H264}},
		"clock rate of 4294967295":           {{Codec: cmaf.PCMA, Timescale: 1<<32 - 1}},
		"track 2 (MJPEG): a picture of 0×16": slices.Concat(h264, []cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Height: 16}}),
		"a picture of 70000×16":              {{Codec: cmaf.MJPEG, Timescale: 90000, Width: 70000, Height: 16}},
		"parameter set is missing":           changed(h264[0], func(t *cmaf.Track) { t.PPS = nil }),
		"couldn't read the sequence":         changed(h264[0], func(t *cmaf.Track) { t.SPS = t.SPS[:5] }),
		"H265): couldn't read the sequence":  changed(h265[0], func(t *cmaf.Track) { t.SPS = nil }),
		"or picture parameter set is":        changed(h265[0], func(t *cmaf.Track) { t.VPS = nil }),
		"too large":                          changed(h265[0], func(t *cmaf.Track) { t.PPS = make([]byte, 1<<16) }),
		"AudioSpecificConfig":                {{Codec: cmaf.AAC, Timescale: 48000, Channels: 1}},
		"0 channels, want 1 or 2":            {{Codec: cmaf.Opus, Timescale: 48000}},
		"9 channels, want 1 to 8":            changed(sound, func(t *cmaf.Track) { t.Channels = 9 }),
	} {
		if _, err := cmaf.InitSegment(tracks); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
	m := cmaf.NewMuxer([]cmaf.Track{{Codec: cmaf.H264}}, nil)
	if err := m.Write(unit(0, true, "a")); err == nil || !strings.Contains(err.Error(), "clock rate") {
		t.Errorf("the muxer says %v", err)
	}
}
