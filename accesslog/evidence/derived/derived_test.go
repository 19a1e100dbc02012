package derived_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/derived"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool is a program that a test needs; without it the test is skipped, but not in CI.
func tool(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := exec.LookPath(name)
		if err != nil && os.Getenv("CI") == "" {
			t.Skipf("%s is missing: apt-get install ffmpeg", name)
		}
		must(t, err)
	}
}

// built is a package with copies, of the clips' footage, each of a camera of its own.
func built(t testing.TB, m *derived.Maker, list ...[]clips.Clip) (*evidencetest.Case, fstest.MapFS, evidence.Manifest, error) {
	t.Helper()
	var cameras [][]*evidencetest.Segment
	for i, film := range list {
		cameras = append(cameras, evidencetest.Segments(t, evidencetest.Load(t, 1, film...), fmt.Sprint("kamera", i+1), "main", evidencetest.Dawn, 9))
	}
	c := evidencetest.NewCase(t, "a", true, cameras...)
	p := c.Package()
	p.Derive, p.Enclosed = m.Derive, append(p.Enclosed, m.Words())
	files := evidencetest.Memory{}
	manifest, err := evidence.Write(t.Context(), files, p)
	return c, files.FS(), manifest, err
}

// shown is what ffprobe says of the picture of a film, and how many pictures it has.
func shown(t testing.TB, film []byte) (codec string, frames int, title string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.mp4")
	must(t, os.WriteFile(file, film, 0o600))
	out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=codec_name,nb_read_frames:format_tags=title", "-of", "json", file).Output()
	must(t, err)
	var said struct {
		Streams []struct {
			Codec  string `json:"codec_name"`
			Frames string `json:"nb_read_frames"`
		}
		Format struct{ Tags struct{ Title string } }
	}
	must(t, json.Unmarshal(out, &said))
	if complaint, err := exec.Command("ffmpeg", "-nostdin", "-v", "warning", "-i", file, "-f", "null", "-").CombinedOutput(); err != nil || len(complaint) > 0 {
		t.Errorf("%v\n%s", err, complaint)
	}
	if len(said.Streams) != 1 {
		t.Fatalf("%s", out)
	}
	_, err = fmt.Sscan(said.Streams[0].Frames, &frames)
	must(t, err)
	return said.Streams[0].Codec, frames, said.Format.Tags.Title
}

// What browsers don't show gets a copy that they do, with all its pictures; what they show gets none. The package is as good
// as without.
func TestCopies(t *testing.T) {
	t.Parallel()
	tool(t, "ffmpeg", "ffprobe")
	m := &derived.Maker{}
	c, pkg, manifest, err := built(t, m, []clips.Clip{clips.Yard}, []clips.Clip{clips.Entrance}, []clips.Clip{clips.Motion, clips.ALaw}, []clips.Clip{clips.BFramesH265})
	must(t, err)
	var of []string
	for _, f := range manifest.Files {
		if f.Kind == evidence.KindDerived {
			of = append(of, f.Path+" "+f.Of)
		}
	}
	if want := []string{"OGLEDNA_KOPIJA_0001.mp4 posnetki/0001.mp4", "OGLEDNA_KOPIJA_0003.mp4 posnetki/0003.mp4", "OGLEDNA_KOPIJA_0004.mp4 posnetki/0004.mp4"}; !slices.Equal(of, want) {
		t.Fatalf("copies %q\n%+v", of, m.Copies())
	}
	for name, frames := range map[string]int{"OGLEDNA_KOPIJA_0001.mp4": clips.Yard.Frames, "OGLEDNA_KOPIJA_0003.mp4": clips.Motion.Frames, "OGLEDNA_KOPIJA_0004.mp4": clips.BFramesH265.Frames} {
		if codec, n, title := shown(t, pkg[name].Data); codec != "h264" || n < frames-1 || n > frames || !strings.Contains(title, "ni dokaz") {
			t.Errorf("%s: %s, %d pictures of %d, %q", name, codec, n, frames, title)
		}
	}
	words := string(pkg[derived.WordsName].Data)
	if !strings.Contains(words, "niso dokaz") || strings.Count(words, "OGLEDNA_KOPIJA_") != 6 || strings.Contains(words, "NI CELA") {
		t.Errorf("%s", words)
	}
	if r, err := evidence.Verify(t.Context(), pkg, c.Knowing()); err != nil || !r.Good() {
		t.Errorf("%v %+v", err, r)
	}
	bad := pkg["OGLEDNA_KOPIJA_0003.mp4"]
	pkg["OGLEDNA_KOPIJA_0003.mp4"] = &fstest.MapFile{Data: append(slices.Clone(bad.Data[:len(bad.Data)-1]), bad.Data[len(bad.Data)-1]^1)}
	if r, err := evidence.Verify(t.Context(), pkg, c.Knowing()); err != nil || !slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool {
		return f.Bad && f.Code == evidence.CodeChanged && f.File == "OGLEDNA_KOPIJA_0003.mp4"
	}) {
		t.Errorf("a copy was changed: %v %+v", err, r)
	}
	_, without, _, err := built(t, &derived.Maker{Program: "/nonexistent"}, []clips.Clip{clips.Entrance})
	must(t, err)
	if _, there := without[derived.WordsName]; there {
		t.Error("there are words about copies where no clip needs one")
	}
}

// script is a program in the place of ffmpeg.
func script(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ffmpeg")
	must(t, os.WriteFile(name, []byte("#!/bin/sh\n"+text), 0o700))
	return name
}

// Without ffmpeg, or with one that fails in whatever way, the package is whole and good, and says what there is not.
func TestFails(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		program string
		limit   time.Duration
		words   string
		copy    bool // something is there
	}{
		"none":                     {"/nonexistent/ffmpeg", 0, "ni programa ffmpeg", false},
		"no program":               {"/dev/null", 0, "ni programa ffmpeg", false},
		"it dies at once":          {script(t, "echo broken >&2; exit 1"), 0, "ni bilo mogoče narediti", false},
		"it reads and dies":        {script(t, "head -c 100 >/dev/null; exit 1"), 0, "ni bilo mogoče narediti", false},
		"it writes some and dies":  {script(t, "printf začetek; cat >/dev/null; exit 1"), 0, "NI CELA", true},
		"it complains":             {script(t, "echo bad picture >&2; exec cat"), 0, "ffmpeg je pri tem javil napake", true},
		"it writes, and is killed": {script(t, "printf začetek; kill -9 $$"), 0, "NI CELA", true},
		"it hangs":                 {script(t, "exec sleep 1000"), 300 * time.Millisecond, "ni bilo mogoče narediti", false},
		"it never reads":           {script(t, "printf začetek; exec sleep 1000"), 300 * time.Millisecond, "NI CELA", true},
		"it writes a file":         {script(t, "echo plain > "+filepath.Join(t.TempDir(), "a")+"; exit 1"), 0, "ni bilo mogoče narediti", false},
		"it does nothing":          {script(t, "exec cat >/dev/null"), 0, "ni bilo mogoče narediti", false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			m := &derived.Maker{Program: tt.program, Limit: tt.limit}
			c, pkg, _, err := built(t, m, []clips.Clip{clips.BFramesH265})
			must(t, err)
			words := string(pkg[derived.WordsName].Data)
			_, there := pkg["OGLEDNA_KOPIJA_0001.mp4"]
			if !strings.Contains(words, tt.words) || there != tt.copy || len(m.Copies()) != 1 {
				t.Errorf("there is a copy: %v\n%s\n%+v", there, words, m.Copies())
			}
			if r, err := evidence.Verify(t.Context(), pkg, c.Knowing()); err != nil || !r.Good() {
				t.Errorf("%v %+v", err, r)
			}
		})
	}
}

// The program is limited before it reads a byte, and nothing it makes is on a disk.
func TestConfined(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := &derived.Maker{Program: script(t, "head -c 1 >/dev/null; ulimit -f; ulimit -c; ulimit -d; ulimit -n; ulimit -t; cat /proc/self/oom_score_adj; nice; pwd; env; echo plain > "+dir+"/a; cat >/dev/null"), Limit: time.Minute}
	_, pkg, _, err := built(t, m, []clips.Clip{clips.BFramesH265})
	must(t, err)
	said := strings.Fields(string(pkg["OGLEDNA_KOPIJA_0001.mp4"].Data))
	want := []string{"0", "0", fmt.Sprint(640 << 10), "16", "121", "1000", "10", "/"}
	if len(said) < len(want) || !slices.Equal(said[:len(want)], want) || !slices.Contains(said, "LC_ALL=C") || slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "HOME=") }) {
		t.Errorf("%q, want %q", said, want)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "a")); err == nil && len(b) > 0 {
		t.Errorf("it wrote %q to a file", b)
	}
}

// What ends the package is an error: footage that can't be read again, a place that takes no more, a context that is done.
func TestFatal(t *testing.T) {
	t.Parallel()
	reading := script(t, "exec cat")
	list := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.BFramesH265), "yard", "main", evidencetest.Dawn, 9)
	gone := errors.New("the segment was erased")
	opened := 0
	c := evidencetest.NewCase(t, "a", true, list)
	for i := range c.Stretches[0] {
		p, open := &c.Stretches[0][i], c.Stretches[0][i].Open
		p.Open = func(ctx context.Context) (evidence.Records, error) {
			if opened++; opened > 2*len(list) {
				return nil, gone
			}
			return open(ctx)
		}
	}
	p := c.Package()
	p.Derive = (&derived.Maker{Program: reading}).Derive
	if _, err := evidence.Write(t.Context(), evidencetest.Memory{}, p); !errors.Is(err, gone) {
		t.Errorf("footage that is gone: %v", err)
	}
	full := errors.New("no room")
	p = evidencetest.NewCase(t, "a", true, list).Package()
	p.Derive = (&derived.Maker{Program: reading}).Derive
	if _, err := evidence.Write(t.Context(), folder{full}, p); !errors.Is(err, full) {
		t.Errorf("no room: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	p = evidencetest.NewCase(t, "a", true, list).Package()
	p.Derive = (&derived.Maker{Program: script(t, "exec sleep 1000")}).Derive
	derive := p.Derive
	p.Derive = func(c evidence.Clip, film evidence.Film) (evidence.Enclosure, bool) {
		return derive(c, func(to io.Writer) error { cancel(gone); return film(to) })
	}
	if _, err := evidence.Write(ctx, evidencetest.Memory{}, p); !errors.Is(err, gone) && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// folder takes no copies.
type folder struct{ err error }

func (f folder) Create(name string) (io.WriteCloser, error) {
	if strings.HasPrefix(name, "OGLEDNA") {
		return failing(f), nil
	}
	return failing{}, nil
}

type failing struct{ err error }

func (f failing) Write(b []byte) (int, error) { return len(b), f.err }
func (f failing) Close() error                { return nil }

// All copies of a package together have so much time: then no more are made, and the package says so.
func TestTotal(t *testing.T) {
	t.Parallel()
	m := &derived.Maker{Program: script(t, "printf začetek; exec sleep 1000"), Total: 300 * time.Millisecond}
	_, pkg, _, err := built(t, m, []clips.Clip{clips.BFramesH265}, []clips.Clip{clips.Motion})
	must(t, err)
	words := string(pkg[derived.WordsName].Data)
	if len(m.Copies()) != 2 || m.Copies()[1].Size != 0 || !strings.Contains(words, "posnetki/0001.mp4 v zapisu H.264. NI CELA") || !strings.Contains(words, "kopije posnetka posnetki/0002.mp4 ni bilo mogoče") {
		t.Errorf("%s\n%+v", words, m.Copies())
	}
}

// What the program is given is the clip, byte for byte.
func TestGiven(t *testing.T) {
	t.Parallel()
	_, pkg, _, err := built(t, &derived.Maker{Program: script(t, "exec cat")}, []clips.Clip{clips.BFramesH265}, []clips.Clip{clips.Motion, clips.ALaw})
	must(t, err)
	for _, n := range []string{"0001", "0002"} {
		if film, given := pkg["posnetki/"+n+".mp4"].Data, pkg["OGLEDNA_KOPIJA_"+n+".mp4"].Data; !bytes.Equal(film, given) {
			t.Errorf("clip %s: %d bytes were given, of %d", n, len(given), len(film))
		}
	}
}
