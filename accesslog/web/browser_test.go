package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// A real browser logs in, opens a viewing and plays it through hls.js, over HTTPS and under the policy of varuh's pages.
// It jumps to moments across a border of segments and a gap, and shows each time the picture whose number was burned in
// then.
func TestBrowserPlays(t *testing.T) {
	outside.NeedsFFmpeg(t)
	outside.Needs(t, "chromium", "chromium", "--version")
	gap := func(since time.Duration) bool { return since >= 30*time.Second && since < 34*time.Second }
	s := newStage(t)
	s.serve(s.pages())
	at := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
	b := s.browser()
	for _, tt := range []struct {
		name    string
		clip    clips.Clip
		film    film
		skip    func(time.Duration) bool
		moments []time.Duration
	}{
		{"2-s groups", clips.Entrance, load(t, clips.Entrance, 3), gap, []time.Duration{at(12.34), at(21.06), at(45.5), at(19.9)}},
		{"10-s groups", clips.Stairs, load(t, clips.Stairs, 3), nil, []time.Duration{at(3.3), at(25.5), at(47.7)}},
		{"60-s groups", clips.Stairs, load(t, clips.Stairs, 6).Groups(6), nil, []time.Duration{at(5.5), at(59.3), at(77.1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := dawn.Add(-time.Duration(len(tt.name)+int(tt.film.Length/time.Second)) * time.Minute)
			s.record(t, reel{Camera: "hall", Stream: "main", Film: tt.film, Start: from, Segment: 20 * time.Second, Skip: tt.skip})
			o := evaluate[openedViewing](b, fmt.Sprintf("open(%s, %s)", script(t, Credentials{Login: "vida.head", Password: headPassword}), script(t, asks("hall", from, 2*time.Minute))))
			evaluate[int](b, fmt.Sprintf("attach(%q)", o.Windows[0].Playlist))
			numbers := corners(t, tt.clip)
			for _, moment := range tt.moments {
				pixels := evaluate[string](b, fmt.Sprintf("jump(%d)", from.Add(moment).UnixMilli()))
				want := int(moment.Seconds()*float64(tt.clip.Rate)) % tt.clip.Frames
				if got := number(t, numbers, pixels); got != want {
					t.Errorf("at %v frame %d is shown, want %d", moment, got, want)
				}
			}
			if tt.skip == nil {
				return
			}
			// The player's time has no gap: 36 s of it are 40 s of the day.
			end := evaluate[struct {
				Time   float64 `json:"time"`
				Pixels string  `json:"pixels"`
			}](b, "play(36, 8)")
			want := int(math.Round((end.Time+4)*float64(tt.clip.Rate))) % tt.clip.Frames
			if got := number(t, numbers, end.Pixels); got != want {
				t.Errorf("having played over the gap frame %d is shown, want %d", got, want)
			}
		})
	}
}

// pages are the site, and beside it the page that the test drives, under the policy of varuh's own.
func (s *stage) pages() http.Handler {
	site := s.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, "/test/")
		if !ok {
			site.ServeHTTP(w, r)
			return
		}
		s.harden(w.Header(), r)
		folder := "testdata/browser"
		if strings.HasPrefix(name, "hls.") {
			folder = "static"
		}
		http.ServeFile(w, r, filepath.Join(folder, name))
	})
}

// browser is a real one, with the test's page open.
type browser struct {
	t   testing.TB
	ctx context.Context
}

func (s *stage) browser() browser {
	t := s.t
	t.Helper()
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath("chromium"), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-dev-shm-usage", "mute-audio", "ignore-certificate-errors"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, gone := chromedp.NewContext(ctx)
	t.Cleanup(gone)
	_, err := chromedp.Run(ctx, chromedp.Navigate(s.server.URL+"/test/play.html"))
	must(t, err)
	return browser{t, ctx}
}

// evaluate runs a script of the page, waits for what it promises, and reads that.
func evaluate[T any](b browser, what string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](what, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return out
}

// script is a value as it stands in a script.
func script(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// The corner of a picture in which its number is burned in: 240 × 48 pixels from (0, 296).
const corner = 240 * 48

// corners are those of all pictures of a clip, by their numbers, as ffmpeg decodes them: brightness by pixel.
func corners(t *testing.T, c clips.Clip) []byte {
	t.Helper()
	file, err := clips.Files.ReadFile(c.File)
	must(t, err)
	name := filepath.Join(t.TempDir(), c.File)
	must(t, os.WriteFile(name, file, 0o600))
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", name, "-map", "0:v", "-vf", "crop=240:48:0:296,format=rgb24,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-").Output()
	must(t, err)
	if len(out) != c.Frames*corner {
		t.Fatalf("%d bytes of pictures", len(out))
	}
	return out
}

// number is that of the picture whose corner is most like what is shown.
func number(t *testing.T, numbers []byte, shown string) (best int) {
	t.Helper()
	pixels, err := base64.StdEncoding.DecodeString(shown)
	must(t, err)
	if len(pixels) != corner || bytes.Count(pixels, []byte{0}) == corner {
		t.Fatalf("nothing is shown")
	}
	least := 1 << 62
	for n := range len(numbers) / corner {
		apart := 0
		for i, p := range pixels {
			d := int(p) - int(numbers[n*corner+i])
			apart += d * d
		}
		if apart < least {
			best, least = n, apart
		}
	}
	if least > corner*900 {
		t.Errorf("the picture most like what is shown is %d, and it is another one", best)
	}
	return best
}
