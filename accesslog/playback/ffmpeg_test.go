package playback_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// TestFFmpegPlays has ffmpeg play playlists from a server, and compares every access unit that it reads with what
// was recorded: over segments, runs, gaps, and groups of pictures of 2, 10 and 60 s.
func TestFFmpegPlays(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	hole := func(since time.Duration) bool { return since >= 6*time.Second && since < 16*time.Second }
	for _, tt := range []struct {
		name   string
		record func(testing.TB, *box)
		sound  bool
		breaks int
	}{
		{"2-s groups with sound over segments", func(t testing.TB, b *box) {
			b.record(t, load(t, clips.Entrance, 3), dawn, 20*time.Second, nil)
		}, true, 0},
		{"the same without sound", func(t testing.TB, b *box) {
			b.record(t, load(t, clips.Entrance, 1), dawn, 20*time.Second, nil)
		}, false, 0},
		{"10-s groups", func(t testing.TB, b *box) { b.record(t, load(t, clips.Stairs, 3), dawn, 15*time.Second, nil) }, true, 0},
		{"60-s groups", func(t testing.TB, b *box) { b.record(t, minutes(t), dawn, 50*time.Second, nil) }, true, 0},
		{"H.265", func(t testing.TB, b *box) { b.record(t, load(t, clips.Yard, 2), dawn, 15*time.Second, nil) }, true, 0},
		{"B-frames", func(t testing.TB, b *box) { b.record(t, load(t, clips.Hall, 2), dawn, 15*time.Second, nil) }, true, 0},
		{"Motion JPEG", func(t testing.TB, b *box) { b.record(t, load(t, clips.Motion, 4), dawn, 15*time.Second, nil) }, true, 0},
		{"a gap in a run", func(t testing.TB, b *box) { b.record(t, load(t, clips.Entrance, 2), dawn, time.Minute, hole) }, false, 1},
		{"a gap in H.265", func(t testing.TB, b *box) { b.record(t, load(t, clips.Yard, 1), dawn, time.Minute, hole) }, false, 1},
		{"a gap in Motion JPEG", func(t testing.TB, b *box) { b.record(t, load(t, clips.Motion, 5), dawn, 9*time.Second, hole) }, false, 1},
		{"a gap in 60-s groups", func(t testing.TB, b *box) {
			b.record(t, minutes(t), dawn, 50*time.Second, func(since time.Duration) bool { return since >= 40*time.Second && since < time.Minute })
		}, false, 1},
		{"two runs and a gap between", func(t testing.TB, b *box) {
			b.record(t, load(t, clips.Hall, 1), dawn, time.Minute, nil)
			b.record(t, load(t, clips.Hall, 1), dawn.Add(time.Minute), time.Minute, nil)
		}, false, 1},
		{"two runs of other formats", func(t testing.TB, b *box) {
			b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil)
			b.record(t, load(t, clips.Stairs, 1), dawn.Add(20*time.Second), time.Minute, nil)
		}, false, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBox()
			tt.record(t, b)
			last := b.pieces[len(b.pieces)-1].End()
			url, list := serve(t, b, playback.Window{From: dawn, To: last.Add(time.Second), First: true, Last: true}, tt.sound)
			if got := strings.Count(list, "#EXT-X-DISCONTINUITY\n"); got != tt.breaks {
				t.Errorf("%d discontinuities, want %d", got, tt.breaks)
			}
			same(t, "pictures", coded(t, url, "v"), sums(b.samples(t, b.pieces, segment.Video)))
			want := slices.DeleteFunc(slices.Clone(b.pieces), func(p accesslog.Piece) bool {
				return p.Kind == segment.Audio && (!tt.sound || p.Start.Before(dawn)) // that began before the first picture
			})
			if !tt.sound {
				wantNoSound(t, url)
			} else if sounds := sums(b.samples(t, want, segment.Audio)); len(sounds) > 0 {
				same(t, "sounds", coded(t, url, "a"), sounds)
			}
			if left := b.left(); len(left) != len(want) {
				t.Errorf("%d pieces left, of %d", len(left), len(want))
			}
			decode(t, url, tt.breaks == 0)
		})
	}
}

// serve offers a window as the web will, until the test ends.
func serve(t testing.TB, v playback.Viewing, w playback.Window, sound bool) (url, list string) {
	t.Helper()
	p := &playback.Player{Viewing: v, Names: playback.NewNames(), Scope: playback.Scope{Viewing: "v", Camera: "hall", Stream: "main"}}
	answer := func(w http.ResponseWriter, mime string, content []byte, err error) {
		if err != nil {
			t.Error(err)
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", mime)
		if _, err := w.Write(content); err != nil {
			t.Log(err) // a reader that probes hangs up
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/index.m3u8", func(out http.ResponseWriter, r *http.Request) {
		content, err := p.Playlist(r.Context(), w, sound)
		answer(out, playback.PlaylistType, content.Text, err)
	})
	mux.HandleFunc("/init/{name}", func(out http.ResponseWriter, r *http.Request) {
		content, err := p.Init(r.Context(), r.PathValue("name"))
		answer(out, playback.PartType, content, err)
	})
	mux.HandleFunc("/part/{name}", func(out http.ResponseWriter, r *http.Request) {
		part, err := p.Part(r.Context(), r.PathValue("name"))
		var content bytes.Buffer
		if err == nil {
			err = p.Send(r.Context(), part, &content)
		}
		if err == nil && int64(content.Len()) != part.Size() {
			t.Errorf("a part of %d bytes says %d", content.Len(), part.Size())
		}
		if errors.Is(err, accesslog.ErrDamaged) { // what there is was sent
			err = nil
		}
		answer(out, playback.PartType, content.Bytes(), err)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	content, err := p.Playlist(context.Background(), w, sound)
	check(t, err)
	return s.URL + "/index.m3u8", string(content.Text)
}

// minutes is a film of 130 s with a key frame every 60 s.
func minutes(t testing.TB) film {
	t.Helper()
	name := filepath.Join(t.TempDir(), "minutes.ts")
	run(t, "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=5:duration=130", "-c:v", "libx264",
		"-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "300", "-keyint_min", "300", "-sc_threshold", "0", "-muxdelay", "0", name)
	content, err := os.ReadFile(name)
	check(t, err)
	f := film{length: 130 * time.Second}
	f.read(t, bytes.NewReader(content), 0)
	return f
}

// coded are the sums of the access units that ffmpeg reads of one kind.
func coded(t testing.TB, url, kind string) (list []string) {
	t.Helper()
	out := run(t, "ffmpeg", "-nostdin", "-v", "error", "-i", url, "-map", "0:"+kind, "-c", "copy", "-copyts", "-f", "framemd5", "-")
	for line := range strings.Lines(out) {
		if column := strings.Split(line, ","); len(column) > 5 && line[0] != '#' {
			list = append(list, strings.TrimSpace(column[5]))
		}
	}
	return list
}

func sums(units [][]byte) []string {
	list := make([]string, len(units))
	for i, u := range units {
		list[i] = fmt.Sprintf("%x", md5.Sum(u))
	}
	return list
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%d %s, want %d", len(got), what, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: number %d of %d is another", what, i, len(want))
		}
	}
}

func wantNoSound(t *testing.T, url string) {
	t.Helper()
	if out := run(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", url); strings.Contains(out, "audio") {
		t.Errorf("there is sound: %s", out)
	}
}

// decode has ffmpeg decode everything, in silence unless time goes back in the playlist: its writer minds.
func decode(t *testing.T, url string, silent bool) {
	t.Helper()
	if _, said := output(t, "ffmpeg", "-nostdin", "-v", "warning", "-i", url, "-fps_mode", "passthrough", "-f", "null", "-"); silent && said != "" {
		t.Errorf("ffmpeg says: %s", said)
	}
}

// run runs a program and fails if it fails.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, _ := output(t, name, args...)
	return out
}

func output(t testing.TB, name string, args ...string) (out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), stderr.String()
}
