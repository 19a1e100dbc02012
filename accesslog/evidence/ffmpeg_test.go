package evidence_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

// tool is a program that a test needs; without it the test is skipped, but not in CI.
func tool(t testing.TB, name, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: apt-get install %s", name, pkg)
	}
	t.Skipf("%s is missing: apt-get install %s", name, pkg)
}

// unpack writes a package to a folder.
func unpack(t testing.TB, pkg fstest.MapFS) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, pkg))
	return dir
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// decode plays a file, and returns the MD5 of each frame or sound of a stream. Whatever ffmpeg has to say is an error.
func decode(t testing.TB, file, stream string) []string {
	t.Helper()
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "warning", "-i", file, "-map", "0:"+stream, "-fps_mode", "passthrough", "-f", "framemd5", "-")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	if said := unspoken(complaints.Bytes()); err != nil || said != "" {
		t.Errorf("%s, %s: %v\n%s", file, stream, err, said)
	}
	var list []string
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "#") {
			f := strings.Split(strings.TrimSpace(line), ",")
			list = append(list, strings.TrimSpace(f[len(f)-1]))
		}
	}
	return list
}

// Somebody else's decoder reads every clip without a word, and sees and hears what it does in the recorder's own fragments.
func TestDecoders(t *testing.T) {
	t.Parallel()
	tool(t, "ffmpeg", "ffmpeg")
	for what, list := range map[string][]clips.Clip{
		"H.264 and AAC": {clips.Entrance}, "H.265": {clips.Yard}, "B frames": {clips.Hall}, "B frames of H.265": {clips.BFramesH265}, "H.264 and Opus": {clips.OpusSound},
		"Motion JPEG and G.711": {clips.Motion, clips.ALaw}, "H.264 and G.711": {clips.YardSub, clips.MuLaw}, "sound alone": {clips.MuLaw}, "slices": {clips.SlicesH264},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			segments := evidencetest.Segments(t, evidencetest.Load(t, 2, list...), "hall", "main", evidencetest.Dawn, 9)
			pkg, m := evidencetest.NewCase(t, "a", true, segments).Written(t)
			if len(m.Clips) != 1 {
				t.Fatalf("%d clips", len(m.Clips))
			}
			film := filepath.Join(unpack(t, pkg), m.Clips[0].Path)
			var recorded bytes.Buffer
			recorded.Write(segments[0].Plain[0])
			for _, s := range segments {
				for _, f := range s.Plain[1:] {
					recorded.Write(f)
				}
			}
			original := filepath.Join(t.TempDir(), "recorded.mp4")
			must(t, os.WriteFile(original, recorded.Bytes(), 0o600))
			for n := range m.Clips[0].Tracks {
				want, got := decode(t, original, fmt.Sprint(n)), decode(t, film, fmt.Sprint(n))
				if len(want) == 0 || fmt.Sprint(want) != fmt.Sprint(got) {
					t.Errorf("track %d: %d frames, want %d as recorded", n, len(got), len(want))
				}
			}
			probe(t, film)
		})
	}
}

// unspoken leaves out what ffmpeg says of every G.711 there is, in any file: it has no place for where its loudspeaker stands.
func unspoken(said []byte) string { return guessed.ReplaceAllString(string(said), "") }

var guessed = regexp.MustCompile(`(?m)^Guessed Channel Layout for Input Stream #0\.[01] : mono\n`)

var starts = regexp.MustCompile(`"start_time": "([-0-9.]+)"`)

// probe wants ffprobe to say nothing, and the clip to begin at 0.
func probe(t testing.TB, film string) {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "warning", "-show_format", "-of", "json", film).CombinedOutput()
	if m := starts.FindSubmatch(out); err != nil || m == nil || string(m[1]) != "0.000000" || strings.Contains(string(out), "[") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = exec.Command("ffmpeg", "-nostdin", "-v", "warning", "-i", film, "-f", "null", "-").CombinedOutput()
	if err != nil || unspoken(out) != "" {
		t.Errorf("%v\n%s", err, out)
	}
}
