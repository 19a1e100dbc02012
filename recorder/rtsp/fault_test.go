package rtsp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

func TestParameterSetsChange(t *testing.T) {
	t.Parallel()
	var all sent
	s := serve(t, rtsptest.Camera{Clip: "opus.ts", Sent: all.add, Faults: rtsptest.Faults{Then: "slices-h264.ts"}}, rtsptest.Options{})
	k := &taker{enough: 70} // the first clip has 60 pictures
	stats, err := take(t, new(rtsp.Client), rtsp.Source{URL: s.URL("cam")}, k)
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	s.Close()
	if len(k.runs) != 2 || string(k.runs[0][0].SPS) == string(k.runs[1][0].SPS) {
		t.Errorf("%d runs", len(k.runs))
	}
	if !k.pictures()[60].Key || stats.Skipped.Load() > 0 {
		t.Errorf("the new run must begin with its key frame; %d units skipped", stats.Skipped.Load())
	}
	compare(t, k.pictures(), all.units)
}

func TestClockJumps(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{time.Hour, -time.Hour, -3 * time.Second} {
		t.Run(fmt.Sprint(jump), func(t *testing.T) {
			t.Parallel()
			var all sent
			s := serve(t, rtsptest.Camera{Clip: "entrance.ts", Sent: all.add,
				Faults: rtsptest.Faults{JumpAfter: time.Second, Jump: jump}}, rtsptest.Options{})
			k := &taker{enough: 60}
			_, err := take(t, new(rtsp.Client), rtsp.Source{URL: s.URL("cam")}, k)
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			s.Close()
			compare(t, k.pictures(), all.units)
			times(t, k.pictures()[:50])
			if len(k.runs) != 2 {
				t.Errorf("%d runs, want a new one at the key frame after the jump", len(k.runs))
			}
			if d := k.pictures()[25].DTS - k.pictures()[24].DTS; d < 1 || d > 90000/2 {
				t.Errorf("time went on by %d ticks over the jump", d)
			}
		})
	}
}

func TestLossIsMarked(t *testing.T) {
	t.Parallel()
	s := serve(t, rtsptest.Camera{Clip: "entrance.ts", Faults: rtsptest.Faults{DropEvery: 20}}, rtsptest.Options{})
	k := &taker{enough: 40}
	stats, err := take(t, new(rtsp.Client), rtsp.Source{URL: s.URL("cam")}, k)
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	marked := 0
	for _, u := range k.units {
		if u.Loss {
			marked++
		}
	}
	if n := int(stats.Lost.Load()); n == 0 || marked == 0 || marked > 2*n {
		t.Errorf("%d packets lost, %d units marked", n, marked)
	}
}

func TestSound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		camera rtsptest.Camera
		want   cmaf.Codec
		rate   int64
		step   int64
	}{
		{rtsptest.Camera{Clip: "entrance.ts"}, cmaf.AAC, 48000, 1024},
		{rtsptest.Camera{Clip: "opus.ts"}, cmaf.Opus, 48000, 960},
		{rtsptest.Camera{Clip: "opus.ts", Sound: "sound.alaw"}, cmaf.PCMA, 8000, 320},
		{rtsptest.Camera{Clip: "opus.ts", Sound: "sound.mulaw"}, cmaf.PCMU, 8000, 320},
	} {
		t.Run(string(test.want), func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.camera, rtsptest.Options{})
			for _, asked := range []bool{true, false} {
				k := &taker{enough: 25}
				_, err := take(t, new(rtsp.Client), rtsp.Source{URL: s.URL("cam"), Audio: asked}, k)
				if !errors.Is(err, errEnough) {
					t.Fatal(err)
				}
				if !asked {
					if k.sounds > 0 || len(k.runs[0]) != 1 {
						t.Errorf("%d units of sound though none was asked for", k.sounds)
					}
					continue
				}
				if len(k.runs[0]) != 2 || k.runs[0][1].Codec != test.want || int64(k.runs[0][1].Timescale) != test.rate {
					t.Fatalf("tracks %+v", k.runs[0])
				}
				steps(t, k, test.step)
			}
		})
	}
}

// steps checks that sound came, evenly.
func steps(t *testing.T, k *taker, step int64) {
	t.Helper()
	var last int64
	n := 0
	for _, u := range k.units {
		if u.Track != 1 {
			continue
		}
		if d := u.PTS - last; n > 0 && (d < step-2 || d > step+2) {
			t.Fatalf("unit %d of sound after %d ticks, want %d", n, d, step)
		}
		last = u.PTS
		n++
	}
	if n < 20 {
		t.Errorf("%d units of sound", n)
	}
}

func TestStills(t *testing.T) {
	t.Parallel()
	s := serve(t, rtsptest.Camera{Clip: "motion.mjpeg"}, rtsptest.Options{})
	k := &taker{enough: 10}
	if _, err := take(t, new(rtsp.Client), rtsp.Source{URL: s.URL("cam")}, k); !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	if r := k.runs[0][0]; len(k.runs) != 1 || r.Codec != cmaf.MJPEG || r.Width != 320 || r.Height != 176 {
		t.Errorf("%d runs, the first %+v", len(k.runs), r)
	}
	for _, u := range k.units {
		if !u.Key || u.Data[0] != 0xff || u.Data[1] != 0xd8 {
			t.Fatalf("a unit is no picture: % x", u.Data[:2])
		}
	}
}

// deaf accepts connections and answers nothing.
func deaf(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestReasonsApartAndWithoutCredentials(t *testing.T) {
	t.Parallel()
	const user, pass = "kanarcek-ime", "kanarcek-geslo"
	o := rtsptest.Options{User: user, Pass: pass}
	good := serve(t, rtsptest.Camera{Clip: "entrance.ts"}, o)
	quiet := serve(t, rtsptest.Camera{Clip: "entrance.ts", Faults: rtsptest.Faults{SilentAfter: time.Second}}, o)
	ends := serve(t, rtsptest.Camera{Clip: "entrance.ts", Faults: rtsptest.Faults{CloseAfter: time.Second}}, o)
	tls := serve(t, rtsptest.Camera{Clip: "entrance.ts"}, rtsptest.Options{User: user, Pass: pass, TLS: true})
	udp := serve(t, rtsptest.Camera{Clip: "entrance.ts"}, rtsptest.Options{User: user, Pass: pass, UDP: true, RefuseTCP: true})
	at := func(host string) string { return "rtsp://" + user + ":" + pass + "@" + host + "/cam" }
	wrong := strings.Replace(good.SignedURL("cam"), pass, pass+"-ne", 1)
	for _, test := range []struct {
		name, url string
		want      error
	}{
		{"no address", "rtsp://" + user + ":" + pass + "@/cam", rtsp.ErrURL},
		{"odd address", "http://" + user + ":" + pass + "@127.0.0.1/cam", rtsp.ErrURL},
		{"broken address", "rtsp://" + user + ":" + pass + "/%zz@127.0.0.1/cam", rtsp.ErrURL},
		{"host unknown", at("no-such-camera.invalid"), rtsp.ErrNoRoute},
		{"nobody listens", at(closed(t)), rtsp.ErrRefused},
		{"nobody answers", at(deaf(t)), rtsp.ErrTimeout},
		{"nobody shakes hands", strings.Replace(at(deaf(t)), "rtsp:", "rtsps:", 1), rtsp.ErrProtocol},
		{"password missing", good.URL("cam"), rtsp.ErrUnauthorized},
		{"password wrong", wrong, rtsp.ErrUnauthorized},
		{"path wrong", good.SignedURL("other"), rtsp.ErrNotFound},
		{"falls silent", quiet.SignedURL("cam"), rtsp.ErrSilent},
		{"hangs up", ends.SignedURL("cam"), rtsp.ErrClosed},
		{"TLS where none is", strings.Replace(good.SignedURL("cam"), "rtsp:", "rtsps:", 1), rtsp.ErrProtocol},
		{"TLS pinned", tls.SignedURL("cam"), rtsp.ErrPin},
		{"TCP asked, UDP only", udp.SignedURL("cam"), rtsp.ErrProtocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &rtsp.Client{Connect: 5 * time.Second, Silence: 3 * time.Second, Pins: &pins{known: [32]byte{1}, ok: true},
				Notes: func(n rtsp.Note) { noCanary(t, n.Sentence+n.Host, user, pass) }}
			src := rtsp.Source{URL: test.url, Transport: rtsp.TCP}
			_, err := take(t, c, src, &taker{enough: 1000})
			var e *rtsp.Error
			if !errors.Is(err, test.want) || !errors.As(err, &e) {
				t.Fatalf("%v, want %v", err, test.want)
			}
			noCanary(t, fmt.Sprintf("%v %+v %#v %v %+v %#v %s", err, err, e, src, src, src, errors.Unwrap(err)), user, pass)
			if strings.Count(e.Sentence, " ") < 5 {
				t.Errorf("no sentence that says what to do: %q", e.Sentence)
			}
		})
	}
}

func noCanary(t *testing.T, text string, canaries ...string) {
	t.Helper()
	if slices.ContainsFunc(canaries, func(c string) bool { return strings.Contains(text, c) }) {
		t.Errorf("a credential is in %q", text)
	}
}

// pins keeps one key in memory.
type pins struct {
	known [32]byte
	ok    bool
}

func (p *pins) Pinned(string) ([32]byte, bool) { return p.known, p.ok }

func (p *pins) Pin(_ string, sum [32]byte) error {
	p.known, p.ok = sum, true
	return nil
}

func TestPinOnFirstUse(t *testing.T) {
	t.Parallel()
	p := new(pins)
	c := &rtsp.Client{Pins: p}
	first := serve(t, rtsptest.Camera{Clip: "entrance.ts"}, rtsptest.Options{TLS: true})
	for range 2 {
		if _, err := take(t, c, rtsp.Source{URL: first.URL("cam")}, &taker{enough: 1}); !errors.Is(err, errEnough) {
			t.Fatal(err)
		}
	}
	other := serve(t, rtsptest.Camera{Clip: "entrance.ts"}, rtsptest.Options{TLS: true})
	if _, err := take(t, c, rtsp.Source{URL: other.URL("cam")}, &taker{enough: 1}); !errors.Is(err, rtsp.ErrPin) {
		t.Fatalf("%v, want ErrPin", err)
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	s := serve(t, rtsptest.Camera{Clip: "entrance.ts"}, rtsptest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	k := &cancelling{cancel: cancel}
	if err := rtsp.Run(ctx, rtsp.Source{URL: s.URL("cam")}, k); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cancel()
	if err := rtsp.Run(ctx, rtsp.Source{URL: "rtsp://" + deaf(t)}, k); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

type cancelling struct{ cancel func() }

func (c *cancelling) Begin([]cmaf.Track) error { return nil }

func (c *cancelling) Unit(cmaf.Unit, time.Time) error {
	c.cancel()
	return nil
}

func TestProbe(t *testing.T) {
	t.Parallel()
	s, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{
		{Path: "b", FS: clips.Files, Clip: "bframes-h265.ts", Wait: true},
		{Path: "long", FS: clips.Files, Clip: "stairs.ts"},
	}, rtsptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r, err := new(rtsp.Client).Probe(t.Context(), rtsp.Source{URL: s.URL("b")}, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	k := r.Tracks[0]
	if k.Codec != cmaf.H265 || k.Width != 320 || k.Height != 180 || !r.Reordered || r.KeyInterval != 2*time.Second ||
		r.FrameRate < 24 || r.FrameRate > 26 || r.Bitrate < 1000 || len(r.Advice) != 1 || r.Transport != rtsp.TCP {
		t.Errorf("%+v", r)
	}
	if r, err = new(rtsp.Client).Probe(t.Context(), rtsp.Source{URL: s.URL("none")}, time.Second); !errors.Is(err, rtsp.ErrNotFound) || len(r.Tracks) > 0 {
		t.Errorf("%+v %v", r, err)
	}
}
