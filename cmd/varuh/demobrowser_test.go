package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
	"varuh/accesslog/web/browsertest"
	"varuh/configs"
	"varuh/recorder/recordertest"
	"varuh/recorder/rtsp/rtsptest"
	tools "varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// showing is a demo that runs in this process.
type showing struct {
	*demo
	t     *testing.T
	sent  *sentTimes
	root  *x509.Certificate // of its authority
	began time.Time
}

// sentTimes are when a camera sent its pictures.
type sentTimes struct {
	mu   sync.Mutex
	list []time.Time // guarded by mu
}

func (s *sentTimes) note([]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, time.Now())
}

// of is when the picture with a number was last sent before a moment; the clip goes round.
func (s *sentTimes) of(t *testing.T, number int, clip clips.Clip, before time.Time) time.Time {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.list) - 1; i >= 0; i-- {
		if i%clip.Frames == number && s.list[i].Before(before) {
			return s.list[i]
		}
	}
	t.Fatalf("picture %d was not sent before %v", number, before)
	return time.Time{}
}

// scene is footage of a camera of the demo that was recorded before it began.
type scene struct {
	name, camera string
	clip         clips.Clip
	film         recordertest.Film
	start        time.Duration // since the beginning of a window of playlists, so that one playlist has it all
	gap          [2]time.Duration
	moments      [][2]time.Duration // what is jumped to, and what is shown then
}

// from is when a scene begins, some hours before now.
func (c scene) from(now time.Time) time.Time {
	return now.Add(-time.Hour).Truncate(playback.MostWindow).Add(c.start)
}

// number is that of the picture that is shown some time after the beginning.
func (c scene) number(since time.Duration) int {
	return int(since*time.Duration(c.clip.Rate)/time.Second) % c.clip.Frames
}

func secs(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// at are moments that are there themselves.
func at(list ...float64) (m [][2]time.Duration) {
	for _, s := range list {
		m = append(m, [2]time.Duration{secs(s), secs(s)})
	}
	return m
}

// scenes have groups of pictures of 2, 10 and 60 s, borders of segments every 20 s or with each group, and a gap each.
// With a gap goes the rest of the group that it is in.
func scenes(t *testing.T) []scene {
	return []scene{
		{"2-s groups", "entrance", clips.Entrance, recordertest.Load(t, clips.Entrance, 3), 5 * time.Minute, [2]time.Duration{secs(30), secs(34)},
			append(at(12.34, 21.06, 19.9, 45.5), [2]time.Duration{secs(31), secs(34)})},
		{"10-s groups", "stairs", clips.Stairs, recordertest.Load(t, clips.Stairs, 4), 15 * time.Minute, [2]time.Duration{secs(35), secs(42)},
			append(at(3.3, 19.9, 25.5, 34.7, 57.7), [2]time.Duration{secs(36), secs(50)})},
		{"60-s groups", "stairs", clips.Stairs, recordertest.Load(t, clips.Stairs, 12).Groups(6), 25 * time.Minute, [2]time.Duration{secs(70), secs(75)},
			append(at(5.5, 59.3, 66.6, 177.1), [2]time.Duration{secs(80), secs(120)})},
	}
}

// showDemo prepares a demo, lays scenes into its store, and runs it until the test ends.
func showDemo(t *testing.T, now time.Time, list []scene) *showing {
	t.Helper()
	s := &showing{t: t, sent: new(sentTimes)}
	cameras := testCameras()
	for i := range cameras {
		if cameras[i].Path == "entrance" {
			cameras[i].Sent = s.sent.note
		}
	}
	server, err := rtsptest.Serve("127.0.0.1:0", cameras, rtsptest.Options{UDP: true})
	must(t, err)
	t.Cleanup(server.Close)
	log := newTap()
	s.demo = &demo{dir: filepath.Join(t.TempDir(), "demo"), term: terminal{strings.NewReader(""), io.Discard, io.Discard}, log: slog.New(slog.NewTextHandler(log, nil))}
	cfg, err := s.prepare(server, freeAddr(t))
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(s.mark.Keys)) })
	must(t, s.staff(t.Context(), cfg))
	s.lay(cfg, now, list)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.record(ctx, cfg) }()
	t.Cleanup(func() {
		stop()
		must(t, <-ended)
	})
	log.await(t, "pages are served")
	s.began = time.Now()
	s.root, err = x509.ParseCertificate(s.authority)
	must(t, err)
	return s
}

// lay records scenes into the store, with notices that hung then.
func (s *showing) lay(cfg *configs.Config, now time.Time, list []scene) {
	t := s.t
	t.Helper()
	site, err := openSite(cfg)
	must(t, err)
	must(t, site.withOffice(t.Context(), io.Discard, func(o *office) error {
		head, err := o.signedIn(t.Context(), signIn{As: "ravnatelj", Password: s.passwordOf("ravnatelj")}, people.Notices, "")
		must(t, err)
		r, err := o.notices()
		must(t, err)
		for i := range demoNotices {
			_, err := r.Add(t.Context(), notice.Asked{Content: demoContent(i), Cameras: demoNotices[i].cameras, From: now.Add(-4 * time.Hour), Stated: "the test", By: head.Actor})
			must(t, err)
		}
		for _, c := range list {
			recordertest.Record(t, site.stores[0], o.index, recordertest.Reel{Camera: c.camera, Stream: "main", Film: c.film, Start: c.from(now), Segment: 20 * time.Second,
				Skip: func(since time.Duration) bool { return since >= c.gap[0] && since < c.gap[1] }})
		}
		return head.close(t.Context())
	}))
	must(t, site.Close())
}

// opened is a viewing as the API opens it.
type opened struct {
	ID      string `json:"id"`
	Windows []struct {
		Playlist string `json:"playlist"`
	} `json:"windows"`
}

// asked is what the caretaker asks for: a scene, or live pictures.
func (c scene) asked(now time.Time) map[string]any {
	from := c.from(now)
	return map[string]any{"purpose": "safety", "camera": c.camera, "from": from, "to": from.Add(c.film.Length)}
}

// A real browser plays the demo over HTTPS: it jumps to moments across borders of segments and a gap, with groups of pictures
// of 2, 10 and 60 s, and shows each time the picture whose number was burned in then; what the gap took is not there, and
// what follows it is shown. ffmpeg plays the same playlist with the session's cookie, picture by picture. What is recorded
// now is shown with sound and across new runs; with VARUH_FIGURES at most 3 s after it was taken.
func TestDemoInBrowser(t *testing.T) {
	tools.NeedsFFmpeg(t)
	now := time.Now()
	list := scenes(t)
	s := showDemo(t, now, list)
	b := browsertest.Open(t, s.site(), s.root)
	browsertest.API[any](b, "POST", "/session", map[string]string{"login": "hisnik", "password": s.passwordOf("hisnik")})
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			numbers := browsertest.NumbersOf(t, c.clip)
			b.Footage(browsertest.API[opened](b, "POST", "/viewings", c.asked(now)).Windows[0].Playlist)
			for _, m := range c.moments {
				shown := b.Jump(c.from(now).Add(m[0]))
				if got, want := numbers.Read(t, shown.Pixels), c.number(m[1]); got != want {
					t.Errorf("at %v picture %d is shown, want %d", m[0], got, want)
				}
			}
			before := c.from(now).Add(c.gap[0] - time.Second)
			b.Jump(before)
			end := b.Play(before.Add(c.moments[len(c.moments)-1][1]-c.gap[0]+2*time.Second), 4)
			since := time.Duration((end.At - float64(c.from(now).UnixMilli())) * float64(time.Millisecond))
			got := numbers.Read(t, end.Pixels) // it may stand between two pictures
			if got != c.number(since-2*time.Millisecond) && got != c.number(since+2*time.Millisecond) || since < c.gap[1] {
				t.Errorf("having played over the gap, until %v, picture %d is shown, want %d", since, got, c.number(since))
			}
		})
	}
	t.Run("ffmpeg", func(t *testing.T) { s.ffmpeg(t, now, list[0]) })
	t.Run("live", func(t *testing.T) { s.live(t, b) })
	t.Run("look.sh", s.look)
	t.Run("refused", func(t *testing.T) { s.refused(t, b, list[0], now) })
}

// refused asks for what is not to be had: a page is told what it is, in words that it can choose by.
func (s *showing) refused(t *testing.T, b *browsertest.Browser, c scene, now time.Time) {
	live := func(camera string) (viewing, path string) {
		t.Helper()
		o := browsertest.API[opened](b, "POST", "/viewings", map[string]any{"purpose": "safety", "camera": camera, "live": true})
		return "/viewings/" + o.ID, "/api/v1/viewings/" + o.ID + "/" + camera + "/main/live"
	}
	says := func(what, got, want string) {
		t.Helper()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: it says %q, want %s", what, got, want)
		}
	}
	_, yard := live("yard")
	b.Live(yard)
	says("H.265 live", b.Ended(), `Unplayable video/mp4; codecs="hvc1`)
	b.Live("/api/v1/viewings/none/hall/main/live")
	says("live without a viewing", b.Ended(), "Refused 404 /api/v1/problems/no-viewing")
	viewing, entrance := live("entrance")
	b.Live(entrance)
	b.Looks(1, 0)
	browsertest.API[any](b, "POST", viewing+"/end", map[string]string{"outcome": "nothing found"})
	says("a viewing that ends", b.Ended(), "ended")

	from := s.began.Add(2 * time.Second)
	o := browsertest.API[opened](b, "POST", "/viewings", map[string]any{"purpose": "safety", "camera": "yard", "from": from, "to": from.Add(10 * time.Second)})
	says("H.265", b.Refused(o.Windows[0].Playlist), "Unplayable")
	o = browsertest.API[opened](b, "POST", "/viewings", c.asked(now))
	b.FootageAt(o.Windows[0].Playlist, c.from(now).Add(c.gap[1]))
	browsertest.API[any](b, "DELETE", "/session", nil)
	says("a part without a session", b.Lost(c.from(now)), "Refused 4") // 410 while the viewing ends, 404 once it has, 401 once the session has
	says("a playlist without a session", b.Refused(o.Windows[0].Playlist), "Refused 401 /api/v1/problems/no-session")
}

// look runs the script that shows how footage is looked at. It gives a picture, and says what is refused.
func (s *showing) look(t *testing.T) {
	tools.Needs(t, "curl", "curl", "--version")
	out, err := exec.Command("sh", filepath.Join(s.dir, demoLook), "entrance").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	picture, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,width,height,nb_read_frames", "-of", "csv=p=0", filepath.Join(s.dir, "entrance.mp4")).Output()
	if got := strings.TrimSpace(string(picture)); err != nil || got != "h264,640,360,1" {
		t.Errorf("the picture is %q: %v", got, err)
	}
	out, err = exec.Command("sh", filepath.Join(s.dir, demoLook), "attic").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no-camera") {
		t.Errorf("of a camera that there is not: %v, %s", err, out)
	}
	for _, left := range []string{"look.cookies", "look.answer", "attic.mp4"} {
		if _, err := os.Stat(filepath.Join(s.dir, left)); err == nil {
			t.Errorf("it leaves %s", left)
		}
	}
}

// ffmpeg plays a scene with the session's cookie and the demo's authority: every picture that was kept, once and in order.
func (s *showing) ffmpeg(t *testing.T, now time.Time, c scene) {
	v := s.visitor(t)
	var o opened
	v.do(t.Context(), "POST", "/viewings", c.asked(now), &o)
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-tls_verify", "1", "-ca_file", filepath.Join(s.dir, demoAuthority), "-headers", "Cookie: "+v.cookie.Name+"="+v.cookie.Value+"\r\n",
		"-i", s.site()+o.Windows[0].Playlist, "-map", "0:v", "-vf", browsertest.Crop, "-fps_mode", "passthrough", "-f", "rawvideo", "-")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	numbers := browsertest.NumbersOf(t, c.clip)
	n, wrong := 0, 0
	for since := time.Duration(0); since < c.film.Length; since += time.Second / time.Duration(c.clip.Rate) {
		if since >= c.gap[0] && since < c.gap[1] {
			continue
		}
		if len(out) < (n+1)*browsertest.Corner {
			t.Fatalf("ffmpeg plays %d pictures, and there are more", n)
		}
		if !numbers.Is(c.number(since), out[n*browsertest.Corner:(n+1)*browsertest.Corner]) {
			wrong++
		}
		n++
	}
	if wrong > 0 || len(out) != n*browsertest.Corner {
		t.Errorf("%d of %d pictures are others than those that were taken then", wrong, len(out)/browsertest.Corner)
	}
}

// visitor is somebody without a browser, who has logged in as the caretaker.
func (s *showing) visitor(t *testing.T) *visitor {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(s.root)
	v := &visitor{t: t, base: s.site() + "/api/v1", client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}}
	t.Cleanup(v.client.CloseIdleConnections)
	var me struct{ Duty string }
	r := v.do(t.Context(), "POST", "/session", map[string]string{"login": "hisnik", "password": s.passwordOf("hisnik")}, &me)
	if len(r.Cookies()) != 1 || me.Duty != "" {
		t.Fatalf("the log-in gave %v, %+v", r.Cookies(), me)
	}
	v.cookie = r.Cookies()[0]
	return v
}

// figures tells whether what depends on the speed of the machine is held to its bound: where nothing else runs beside it. Else
// it is only logged.
var figures = os.Getenv("VARUH_FIGURES") != ""

// mostBehind is what the picture shown may be behind on a stream with groups of 2 s; while a stream begins, a machine that
// does much else may take longer to show the first one.
const (
	mostBehind  = 3 * time.Second
	atBeginning = 2 * time.Second // on top
)

// live watches the entrance, whose groups of pictures last 2 s.
func (s *showing) live(t *testing.T, b *browsertest.Browser) {
	numbers := browsertest.NumbersOf(t, clips.Entrance)
	o := browsertest.API[opened](b, "POST", "/viewings", map[string]any{"purpose": "safety", "camera": "entrance", "live": true})
	watch := func(what string, count int, most time.Duration) {
		t.Helper()
		var behind []time.Duration
		for i, look := range b.Looks(count, 250*time.Millisecond) {
			at := time.UnixMilli(int64(look.Now))
			d := at.Sub(s.sent.of(t, numbers.Read(t, look.Pixels), clips.Entrance, at))
			behind = append(behind, d.Round(time.Millisecond))
			if said := secs(look.Behind); figures && i > 1 && (said-d).Abs() > 500*time.Millisecond { // at first it jumps
				t.Errorf("the page says that it is %v behind, and it is %v", said, d)
			}
		}
		slices.Sort(behind)
		t.Logf("%s: behind by %v in the middle, %v at the most", what, behind[len(behind)/2], behind[len(behind)-1])
		if got := behind[len(behind)-1]; figures && got > most {
			t.Errorf("%s: a picture is %v behind, want at most %v", what, got, most)
		}
	}
	b.Live("/api/v1/viewings/" + o.ID + "/entrance/main/live")
	watch("the first 2 s", 8, mostBehind+atBeginning)
	watch("then", 16, mostBehind)
	if word := b.Leave(); word != "left" {
		t.Errorf("having left it says %q", word)
	}
	b.Live("/api/v1/viewings/" + o.ID + "/entrance/main/live?sound=true")
	watch("the first 2 s with sound", 8, mostBehind+atBeginning)
	watch("then, with sound", 8, mostBehind)
	source := b.Source("")

	// The camera's file changes, and with it what is recorded: another number of codecs, then the same once more.
	name := filepath.Join(s.dir, configs.CameraDir, "entrance.yml")
	text, err := os.ReadFile(name)
	must(t, err)
	silent, _, _ := strings.Cut(string(text), "audio:")
	must(t, os.WriteFile(name, []byte(silent), 0o600))
	source = b.Source(source)
	watch("in a new run without sound", 4, mostBehind+atBeginning)
	must(t, os.WriteFile(name, []byte(silent+"transport: udp\n"), 0o600))
	b.NewRun()
	watch("in another run", 4, mostBehind)
	if b.Source("") != source {
		t.Error("a run with the same codecs made another MediaSource")
	}
	if word := b.Leave(); word != "left" {
		t.Errorf("having left it says %q", word)
	}
}
