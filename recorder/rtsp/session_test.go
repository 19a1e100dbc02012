package rtsp_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

var errEnough = errors.New("enough")

// taker keeps what comes and ends the session after enough pictures.
type taker struct {
	enough int
	runs   [][]cmaf.Track
	units  []cmaf.Unit
	at     []time.Time
	sounds int
	video  int
}

func (k *taker) Begin(tracks []cmaf.Track) error {
	k.runs = append(k.runs, tracks)
	return nil
}

func (k *taker) Unit(u cmaf.Unit, arrived time.Time) error {
	u.Data = bytes.Clone(u.Data)
	k.units = append(k.units, u)
	k.at = append(k.at, arrived)
	if u.Track > 0 {
		k.sounds++
	} else if k.video++; k.video >= k.enough {
		return errEnough
	}
	return nil
}

func (k *taker) pictures() (list []cmaf.Unit) {
	for _, u := range k.units {
		if u.Track == 0 {
			list = append(list, u)
		}
	}
	return list
}

// sent keeps what a camera sends.
type sent struct{ units [][]byte }

func (s *sent) add(b []byte) { s.units = append(s.units, bytes.Clone(b)) }

// serve offers one camera until the test ends.
func serve(t *testing.T, c rtsptest.Camera, o rtsptest.Options) *rtsptest.Server {
	t.Helper()
	if c.FS == nil {
		c.FS = clips.Files
	}
	c.Path, c.Wait = "cam", true
	s, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{c}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// take runs a session until it ends, for at most a minute.
func take(t *testing.T, c *rtsp.Client, src rtsp.Source, k *taker) (*rtsp.Stats, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stats := new(rtsp.Stats)
	return stats, c.Run(ctx, src, k, stats)
}

func TestUnitsUnchanged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		camera rtsptest.Camera
		src    rtsp.Source
		o      rtsptest.Options
		n      int
	}{
		{"H264", rtsptest.Camera{Clip: "entrance.ts"}, rtsp.Source{}, rtsptest.Options{}, 60},
		{"H264 B-frames", rtsptest.Camera{Clip: "hall.ts"}, rtsp.Source{}, rtsptest.Options{}, 60},
		{"H264 30 slices", rtsptest.Camera{Clip: "slices-h264.ts"}, rtsp.Source{}, rtsptest.Options{}, 25},
		{"H265", rtsptest.Camera{Clip: "yard-main.ts"}, rtsp.Source{}, rtsptest.Options{}, 50},
		{"H265 slices", rtsptest.Camera{Clip: "slices-h265.ts"}, rtsp.Source{}, rtsptest.Options{}, 25},
		{"H265 B-frames", rtsptest.Camera{Clip: "bframes-h265.ts"}, rtsp.Source{}, rtsptest.Options{}, 60},
		{"sets in band only", rtsptest.Camera{Clip: "entrance.ts", Faults: rtsptest.Faults{BareSDP: true}}, rtsp.Source{}, rtsptest.Options{}, 30},
		{"sets in SDP only", rtsptest.Camera{Clip: "yard-main.ts", Faults: rtsptest.Faults{NoSets: true}}, rtsp.Source{}, rtsptest.Options{}, 30},
		{"UDP", rtsptest.Camera{Clip: "yard-main.ts"}, rtsp.Source{Transport: rtsp.UDP}, rtsptest.Options{UDP: true}, 50},
		{"TCP refused", rtsptest.Camera{Clip: "entrance.ts"}, rtsp.Source{}, rtsptest.Options{UDP: true, RefuseTCP: true}, 30},
		{"TLS", rtsptest.Camera{Clip: "entrance.ts"}, rtsp.Source{}, rtsptest.Options{TLS: true}, 30},
		{"Digest", rtsptest.Camera{Clip: "entrance.ts"}, rtsp.Source{}, rtsptest.Options{User: "admin", Pass: "kanarcek", Digest: true}, 10},
		{"Basic", rtsptest.Camera{Clip: "entrance.ts"}, rtsp.Source{}, rtsptest.Options{User: "admin", Pass: "kanarcek"}, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var all sent
			test.camera.Sent = all.add
			s := serve(t, test.camera, test.o)
			test.src.URL = s.URL("cam")
			if test.o.User != "" {
				test.src.URL = s.SignedURL("cam")
			}
			k := &taker{enough: test.n}
			stats, err := take(t, new(rtsp.Client), test.src, k)
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			s.Close()
			if len(k.runs) != 1 {
				t.Errorf("%d runs", len(k.runs))
			}
			if n := stats.Lost.Load() + stats.Garbage.Load() + stats.Skipped.Load(); n > 0 {
				t.Errorf("lost %d, garbage %d, skipped %d", stats.Lost.Load(), stats.Garbage.Load(), stats.Skipped.Load())
			}
			compare(t, k.pictures(), all.units)
			times(t, k.pictures())
		})
	}
}

// compare checks that the pictures are the first ones sent.
func compare(t *testing.T, got []cmaf.Unit, want [][]byte) {
	t.Helper()
	if len(got) > len(want) {
		t.Fatalf("%d units came, %d were sent", len(got), len(want))
	}
	for i, u := range got {
		if u.Loss || !bytes.Equal(u.Data, want[i]) {
			t.Fatalf("unit %d: %d bytes, sent %d, loss %v", i, len(u.Data), len(want[i]), u.Loss)
		}
	}
}

// times checks that decoding times rise and are never after the presentation times.
func times(t *testing.T, list []cmaf.Unit) {
	t.Helper()
	for i, u := range list {
		if u.DTS > u.PTS || i > 0 && u.DTS <= list[i-1].DTS {
			t.Fatalf("unit %d: decoding time %d, presentation time %d", i, u.DTS, u.PTS)
		}
	}
}

// brittle is a sink that meets what it cannot bear.
type brittle struct{ taker }

func (*brittle) Unit(cmaf.Unit, time.Time) error { panic("a bug") }

// What panics while a packet is taken panics in the goroutine that called Run, which can recover: the
// library's own could not, and one camera would end the recording of all.
func TestPanicIsTheCallers(t *testing.T) {
	for _, transport := range []rtsp.Transport{rtsp.TCP, rtsp.UDP} {
		s := serve(t, rtsptest.Camera{Path: "cam", FS: clips.Files, Clip: clips.YardSub.File}, rtsptest.Options{UDP: true})
		func() {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "a bug\n") || !strings.Contains(p, "(*brittle).Unit") {
					t.Errorf("%s: Run panicked with %q, want the bug and its trace", transport, p)
				}
			}()
			t.Errorf("%s: Run returned: %v", transport, rtsp.Run(t.Context(), rtsp.Source{URL: s.URL("cam"), Transport: transport}, new(brittle)))
		}()
	}
}
