package recorder_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// A recorder that is killed may lose what was sent in its last second and one frame interval. To that come the
// 100 ms for which the line lets packets gather (package rtsp).
const (
	killWindow = time.Second
	gathering  = 100 * time.Millisecond
)

// quick has key frames so near to each other that a recorder that lives for seconds begins many segments.
var quick = programme{camera: "quick", stream: "main", clip: clips.Clip{File: "quick.ts", Video: "H264", Rate: 25}, sound: clips.Clip{Audio: "AAC"}}

// killed are the programmes whose recorder is killed: key frames at every picture, every 0.4 s and every 2 s,
// sound, a sub stream, B-frames, many slices.
var killed = []programme{quick, programmes[0], programmes[1], programmes[2], programmes[3], programmes[8], programmes[9]}

// makeQuick has ffmpeg make the clip of quick, and returns where it is.
func makeQuick(t *testing.T) fs.FS {
	t.Helper()
	dir := t.TempDir()
	pipe(t, nil, "ffmpeg", "-nostdin", "-v", "error",
		"-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=8", "-f", "lavfi", "-i", "sine=duration=7.9:sample_rate=48000",
		"-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "fast", "-g", "10", "-bf", "2",
		"-x264-params", "log-level=none:scenecut=0:open-gop=0:b-adapt=0", "-c:a", "aac", "-muxdelay", "0", "-muxpreload", "0",
		filepath.Join(dir, quick.clip.File))
	return os.DirFS(dir)
}

// TestKill kills a recorder without mercy at moments of a random generator, some of them while it recovers or
// changes segments. After the last start, without a private key on the machine as ever before:
//
//   - every picture sent before the window of each kill is stored, once, in its place;
//   - every hole between two segments has its gap;
//   - the check, with the private key now, finds nothing at all.
//
// The index is lost, too, before some of the starts.
func TestKill(t *testing.T) {
	t.Parallel()
	kills := 20
	if os.Getenv("VARUH_LONG") == "1" {
		kills = 200
	}
	outside.NeedsFFmpeg(t)
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("VARUH_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		check(t, err)
	}
	t.Logf("VARUH_SEED=%d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))

	secrets := newCanaries()
	logs, server := logged(t, secrets)
	b, late := newBox(t), watchLateness(t)
	secrets.addPrivate(t, b)
	var lives []life
	recovered := 0
	for n := range kills {
		if n%7 == 5 {
			b.loseIndex(t)
		}
		c := startChild(t, b, server)
		c.until(recorder.EventConnected, 2)
		c.kill(time.Duration(chance.Int64N(int64(2 * time.Second))))
		late.about(&c.life)
		lives = append(lives, c.life)
		recovered += c.told[recorder.EventRecovered]
	}
	secrets.wantNone(t, b)
	c := startChild(t, b, server)
	c.until(recorder.EventSealed, 2*len(killed))
	c.terminate()
	recovered += c.told[recorder.EventRecovered]
	server.Close()

	o, err := b.open(t.Context())
	check(t, err)
	defer func() { check(t, o.Index.Close()) }()
	worst, allowed, old, all := time.Duration(0), time.Duration(0), 0, []stored(nil)
	for _, p := range killed {
		got, gaps := b.read(t, o, p.camera, p.stream)
		all = append(all, got...)
		wantGaps(t, p, got, gaps)
		there := logs[p].compare(t, p, got)
		for n, l := range append(lives, c.life) {
			lost, n := logs[p].lost(t, p, n, l, there)
			worst, old = max(worst, lost), old+n
		}
	}
	b.sound(t, o)
	b.wantSecret(t, secrets, all)
	for _, l := range lives {
		allowed = max(allowed, l.lateness)
	}
	t.Logf("%d kills, %d segments recovered, %d pictures from before the windows, at most %v lost; %v were allowed for the machine",
		kills, recovered, old, worst.Round(time.Millisecond), allowed)
	if recovered < kills || old < 30*kills {
		t.Error("most kills came when nothing was being written")
	}
}

// sending is what one camera sent: every picture, and when.
type sending struct {
	mu    sync.Mutex
	sums  []string
	times []time.Time
}

// logged serves the programmes and logs what they send; pieces of it become canaries.
func logged(t *testing.T, secrets *canaries) (map[programme]*sending, *rtsptest.Server) {
	t.Helper()
	logs := map[programme]*sending{}
	var list []rtsptest.Camera
	for _, p := range killed {
		s, files := new(sending), fs.FS(clips.Files)
		if p == quick {
			files = makeQuick(t)
		}
		logs[p] = s
		list = append(list, rtsptest.Camera{Path: p.path(), FS: files, Clip: p.clip.File, Sent: func(unit []byte) {
			if p.clip.Video == "MJPEG" {
				unit = scan(t, unit)
			}
			sum := md5.Sum(unit)
			s.mu.Lock()
			defer s.mu.Unlock()
			secrets.addUnit(unit, "a piece of a picture")
			s.sums, s.times = append(s.sums, hex.EncodeToString(sum[:])), append(s.times, time.Now())
		}})
	}
	server, err := rtsptest.Serve("127.0.0.1:0", list, rtsptest.Options{})
	check(t, err)
	t.Cleanup(server.Close)
	return logs, server
}

// compare finds what is stored in what was sent, and tells which of that is there.
func (s *sending) compare(t *testing.T, p programme, got []stored) []bool {
	t.Helper()
	there := make([]bool, len(s.sums))
	for _, g := range got {
		pictures, _ := units(t, p, []stored{g})
		list := sums(pictures)
		if len(list) == 0 {
			continue
		}
		at := s.find(list[0], g.HeaderStart)
		for i, sum := range list {
			switch n := at + i; {
			case at < 0 || n >= len(s.sums) || s.sums[n] != sum:
				t.Fatalf("%s: picture %d of segment %v was not sent at that place", p.path(), i, g.ID)
			case there[n]:
				t.Fatalf("%s: picture %d of segment %v is stored twice", p.path(), i, g.ID)
			default:
				there[n] = true
			}
		}
	}
	return there
}

// lost checks one life, from the first picture of it that is stored. It returns how long before its end the
// last one was sent, and how many there are from before the window.
func (s *sending) lost(t *testing.T, p programme, n int, l life, there []bool) (lost time.Duration, old int) {
	t.Helper()
	allowed := killWindow + gathering + time.Second/time.Duration(p.clip.Rate) + l.lateness
	since, told := l.recording[p.path()]
	var last time.Time
	for i, at := range s.times {
		if at.Before(l.started) || at.After(l.killed) {
			continue
		}
		recording := !last.IsZero() || told && at.After(since)
		switch age := l.killed.Sub(at); {
		case there[i]:
			last = at
			if age > allowed {
				old++
			}
		case recording && age > allowed:
			t.Errorf("%s: kill %d: a picture sent %v before is missing, %v are allowed", p.path(), n, age, allowed)
		}
	}
	if last.IsZero() {
		return 0, 0
	}
	return l.killed.Sub(last), old
}

// find is the picture with that sum that was sent nearest to a time; -1 if none was.
func (s *sending) find(sum string, near time.Time) int {
	best := -1
	for i := range s.sums {
		if s.sums[i] == sum && (best < 0 || near.Sub(s.times[i]).Abs() < near.Sub(s.times[best]).Abs()) {
			best = i
		}
	}
	return best
}

// wantGaps checks that each hole between two segments is told, from end to end.
func wantGaps(t *testing.T, p programme, got []stored, gaps []footage.Gap) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		from, to := got[i-1].End, got[i].Start
		if to.Sub(from) < time.Second {
			continue
		}
		told := time.Duration(0)
		for _, g := range gaps {
			if !g.To.IsZero() && !g.From.Before(from) && !g.To.After(to) {
				told += g.To.Sub(g.From)
			}
		}
		if told != to.Sub(from) {
			t.Errorf("%s: nothing is stored from %v to %v, gaps tell of %v", p.path(), from, to, told)
		}
	}
}

// loseIndex removes the index, as if its disk had failed.
func (b *box) loseIndex(t *testing.T) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(b.index() + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// lateness watches how late the machine lets this process be, which it shares with other tests: so late may
// the recorder have been, too.
type lateness struct {
	mu    sync.Mutex
	times []time.Time
	late  []time.Duration
}

func watchLateness(t *testing.T) *lateness {
	l := new(lateness)
	tick, over := time.NewTicker(10*time.Millisecond), make(chan struct{})
	t.Cleanup(func() { tick.Stop(); close(over) })
	go func() {
		for last := time.Now(); ; {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			now := time.Now()
			if late := now.Sub(last) - 10*time.Millisecond; late > 20*time.Millisecond {
				l.mu.Lock()
				l.times, l.late = append(l.times, now), append(l.late, late)
				l.mu.Unlock()
			}
			last = now
		}
	}()
	return l
}

// about sets how late the machine was in the last seconds of a life: twice what was seen, and what can be
// expected of any machine.
func (l *lateness) about(c *life) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.lateness = 150 * time.Millisecond
	sum := time.Duration(0)
	for i, at := range l.times {
		if at.After(c.killed.Add(-3 * time.Second)) {
			sum += l.late[i]
		}
	}
	c.lateness += sum
}

func (p programme) String() string { return fmt.Sprint(p.path(), " ", p.clip.File) }
