package cmaf_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// run is a clip after it went through a muxer.
type run struct {
	init      []byte
	fragments []cmaf.Fragment
}

// mux packs units and keeps the fragments.
func mux(t testing.TB, tracks []cmaf.Track, units []cmaf.Unit) run {
	t.Helper()
	head, err := cmaf.InitSegment(tracks)
	if err != nil {
		t.Fatal(err)
	}
	r := run{init: head}
	m := cmaf.NewMuxer(tracks, func(f cmaf.Fragment) error {
		f.Data = bytes.Clone(f.Data)
		r.fragments = append(r.fragments, f)
		return nil
	})
	for _, u := range units {
		if err := m.Write(u); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	return r
}

// file writes the run as one MP4.
func (r run) file(t testing.TB) string {
	t.Helper()
	whole := bytes.Clone(r.init)
	for _, f := range r.fragments {
		whole = append(whole, f.Data...)
	}
	name := filepath.Join(t.TempDir(), "run.mp4")
	if err := os.WriteFile(name, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// source is a clip on disk and the options with which ffmpeg reads it.
func source(t testing.TB, c clips.Clip) []string {
	t.Helper()
	content, err := fs.ReadFile(clips.Files, c.File)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), c.File)
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	switch filepath.Ext(c.File) {
	case ".mjpeg":
		return []string{"-v", "error", "-framerate", strconv.Itoa(c.Rate), "-f", "mjpeg", "-i", name}
	case ".alaw", ".mulaw":
		return []string{"-v", "error", "-f", c.File[len("sound."):], "-ar", strconv.Itoa(c.Hz), "-ac", "1", "-i", name}
	}
	return []string{"-v", "error", "-i", name}
}

// frame is one line of ffmpeg's framemd5.
type frame struct {
	seconds float64 // presentation time
	size    int
	md5     string
}

// framemd5 runs ffmpeg on one kind of stream ("v" or "a").
func framemd5(t testing.TB, kind string, input []string, options ...string) []frame {
	t.Helper()
	args := append([]string{"-nostdin", "-copyts"}, input...)
	args = append(append(args, "-map", "0:"+kind, "-fps_mode", "passthrough"), options...)
	var frames []frame
	base := 1.0
	for line := range strings.Lines(output(t, "ffmpeg", append(args, "-f", "framemd5", "-")...)) {
		if tb, found := strings.CutPrefix(line, "#tb 0: "); found {
			var num, den float64
			if _, err := fmt.Sscanf(tb, "%g/%g", &num, &den); err != nil {
				t.Fatal(err)
			}
			base = num / den
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		column := strings.Split(line, ",")
		pts, err1 := strconv.ParseInt(strings.TrimSpace(column[2]), 10, 64)
		size, err2 := strconv.Atoi(strings.TrimSpace(column[4]))
		if err1 != nil || err2 != nil {
			t.Fatalf("framemd5 line %q", line)
		}
		frames = append(frames, frame{float64(pts) * base, size, strings.TrimSpace(column[5])})
	}
	return frames
}

// output runs a program and fails if it exits with an error or says anything beside its output.
func output(t testing.TB, name string, args ...string) string {
	t.Helper()
	var out, warnings bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &warnings
	err := cmd.Run()
	said := slices.DeleteFunc(slices.Collect(strings.Lines(warnings.String())), func(line string) bool {
		return strings.HasPrefix(line, "Guessed Channel Layout") // said of all G.711 whose container has no layout
	})
	if err != nil || len(said) > 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, warnings.String())
	}
	return out.String()
}

// same compares frames, with presentation times counted from each list's first.
func same(t *testing.T, what string, got, want []frame) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d frames, want %d", what, len(got), len(want))
	}
	if len(want) == 0 {
		t.Fatalf("%s: nothing to compare", what)
	}
	for i := range want {
		g, w := got[i], want[i]
		g.seconds, w.seconds = g.seconds-got[0].seconds, w.seconds-want[0].seconds
		if g.md5 != w.md5 || g.size != w.size || math.Abs(g.seconds-w.seconds) > 0.0015 {
			t.Fatalf("%s: frame %d is %+v, want %+v", what, i, g, w)
		}
	}
}

// TestReference compares what ffmpeg reads from our fragments with what it reads from the clip:
// every access unit, every decoded picture and sample of sound, and their times.
func TestReference(t *testing.T) {
	outside.NeedsFFmpeg(t)
	for _, c := range clips.All {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			tracks, units := read(t, c)
			r := mux(t, tracks, units)
			name := r.file(t)
			output(t, "ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-show_packets", name)

			clip, ours := source(t, c), []string{"-v", "warning", "-i", name}
			for _, kind := range kinds(c) {
				same(t, "decoded "+kind, framemd5(t, kind, ours, regular(c)...), framemd5(t, kind, clip, regular(c)...))
				coded := framemd5(t, kind, ours, "-c", "copy")
				want := sent(units)
				if c.Video != "" { // G.711 has no access units but those it was cut into
					want = framemd5(t, kind, remuxed(t, c, kind, clip), "-c", "copy")
				}
				same(t, "coded "+kind, coded, want)
				same(t, "read back "+kind, readBack(t, tracks, r, kind), coded)
			}
		})
	}
}

// regular are the options that cut decoded G.711 into equal frames: without a container it has none.
func regular(c clips.Clip) []string {
	if c.Video == "" {
		return []string{"-af", "asetnsamples=160"}
	}
	return nil
}

// remuxed has ffmpeg put the clip's stream into an MP4 of its own, for access units with lengths
// instead of start codes, made without a line of ours.
func remuxed(t testing.TB, c clips.Clip, kind string, clip []string) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "remuxed.mp4")
	args := append([]string{"-nostdin"}, clip...)
	args = append(args, "-map", "0:"+kind, "-c", "copy")
	switch {
	case kind == "v" && c.Video == "H264": // mediacommon's reader drops the delimiters that MPEG-TS adds
		args = append(args, "-bsf:v", "filter_units=remove_types=9")
	case kind == "v" && c.Video == "H265":
		args = append(args, "-bsf:v", "filter_units=remove_types=35")
	}
	output(t, "ffmpeg", append(args, "-video_track_timescale", "90000", name)...)
	return []string{"-v", "error", "-i", name}
}

// sent are the units of G.711 as they were written.
func sent(units []cmaf.Unit) []frame {
	frames := make([]frame, len(units))
	for i, u := range units {
		frames[i] = frame{float64(u.PTS) / 8000, len(u.Data), fmt.Sprintf("%x", md5.Sum(u.Data))}
	}
	return frames
}

// readBack is what Samples gives for the tracks of a kind.
func readBack(t testing.TB, tracks []cmaf.Track, r run, kind string) []frame {
	t.Helper()
	var frames []frame
	for _, f := range r.fragments {
		if (f.Kind == segment.Video) != (kind == "v") {
			continue
		}
		for s, err := range cmaf.Samples(r.init, f.Data) {
			if err != nil {
				t.Fatal(err)
			}
			seconds := float64(s.PTS) / float64(tracks[s.Track].Timescale)
			frames = append(frames, frame{seconds, len(s.Data), fmt.Sprintf("%x", md5.Sum(s.Data))})
		}
	}
	return frames
}

func kinds(c clips.Clip) []string {
	var kinds []string
	if c.Video != "" {
		kinds = append(kinds, "v")
	}
	if c.Audio != "" {
		kinds = append(kinds, "a")
	}
	return kinds
}
