package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// What is promised of viewers beside recording: the cameras are those of an erasure beside recording.
const (
	viewers      = 50
	viewersOfOne = 10               // who share one session, as a wall of pictures does
	viewFirst    = 13 * time.Second // of recording before there are viewers: three parts of 4 s
	viewFor      = 12 * time.Second // as a player does, each part in its time
	viewGreedily = 4 * time.Second  // as fast as parts come
	keptUp       = 0.99             // of the cameras' rate, that each viewer gets
	wideRate     = 25               // pictures a second, of wideCameras
)

// BenchmarkViewersWhileRecording has 50 viewers play 16 cameras of 4 Mbit/s over HTTPS, from the program that records
// them meanwhile, in segments of 10 s. Each asks for a part in its time, as a player does, and then all for as many as
// they can get. Cameras and viewers run in the same process, on the same processors.
//
// It reports what a viewer got, the longest that a part took, how many processors all of it kept busy, and what came
// once nobody held back. It fails if a viewer had to wait for a part for longer than it plays, or if a fragment of a
// camera is missing, had to wait for longer than is promised, or is not where the one before ends: what is in the files
// afterwards is counted picture by picture.
func BenchmarkViewersWhileRecording(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		began := time.Now()
		s, address := watched(b)
		crowd := s.crowd(b, address, began)
		b.StartTimer()
		crowd.play(b)
		b.StopTimer()
		crowd.grab(b)
		st, ended := s.status(), time.Now()
		s.end(b)
		s.allThere(b, st, began, ended)
		b.StartTimer()
	}
}

// watched is a daemon that records, whose pages are at an address, with a head and notices for all cameras.
func watched(b *testing.B) (s *smallState, address string) {
	b.Helper()
	return watchedOn(b, func(*smallState) {})
}

// watchedOn is watched on a state folder that was made ready.
func watchedOn(b *testing.B, ready func(*smallState)) (s *smallState, address string) {
	b.Helper()
	cameras, address := wideCameras(b), freeAddr(b)
	keys, err := memoryFolder("test")
	must(b, err)
	b.Cleanup(func() { os.RemoveAll(keys) })
	dir := b.TempDir()
	s = &smallState{disk: dir, turn: 10 * time.Second, box: &box{dir: filepath.Join(dir, "box"), log: newTap()}}
	c := initCmd{Store: []string{filepath.Join(dir, "store")}, Key: filepath.Join(keys, "k"), Controller: "sola.example", YesIWroteDown: true}
	_, err = c.make(s.dir, terminal{strings.NewReader(""), io.Discard, s.log})
	must(b, err)
	text := configs.New(configs.Choice{Store: c.Store, KeyFile: c.Key, Metrics: configs.MetricsOff})
	s.write(b, configs.File, strings.Replace(text, "https: off\n", "https: "+address+"\n", 1))
	var ids []string
	for i := range eraseCameras {
		ids = append(ids, fmt.Sprintf("c%02d", i))
		s.write(b, "cameras.d/"+ids[i]+".yml", camera(ids[i], "rtsp://"+cameras+"/"+ids[i], ""))
	}
	ready(s)
	must(b, s.start(b))
	s.hang(b, ids)
	s.until(b, "not all cameras are recorded", func(st status) bool {
		return len(st.Streams) == eraseCameras && !slices.ContainsFunc(st.Streams, func(s recorder.StreamStatus) bool { return s.LastFragment.IsZero() })
	})
	return s, address
}

// hang enters the head, and notices for cameras.
func (s *smallState) hang(b *testing.B, cameras []string) {
	b.Helper()
	r, err := s.office.persons(b.Context())
	must(b, err)
	_, err = r.First(b.Context(), firstPerson())
	must(b, err)
	n, err := s.office.notices()
	must(b, err)
	c := notice.Usual()
	c.Live = true
	c.Controller = notice.Party{Name: "Osnovna šola Primer", Address: "Šolska ulica 1", Email: "tajnistvo@sola.example"}
	c.Officer = notice.Officer{Email: "dpo@sola.example"}
	c.Area = notice.Text{Sl: "avla", En: "hall"}
	_, err = n.Add(b.Context(), notice.Asked{Content: c, Cameras: cameras, From: time.Now().Add(-time.Hour), Stated: "she put it up",
		By: proof.Actor{Name: "Ana Novak", Proof: "claimed on the console"}})
	must(b, err)
}

// crowd is all who play at once.
type crowd []*spectator

// crowd opens a viewing for each viewer, once there is enough to play of each camera.
func (s *smallState) crowd(b *testing.B, address string, began time.Time) (all crowd) {
	b.Helper()
	<-time.After(time.Until(began.Add(viewFirst)))
	s.log.await(b, "pages are served")
	roots := x509.NewCertPool()
	s.entrance.mu.Lock()
	root, err := x509.ParseCertificate(s.entrance.keeper.Root())
	s.entrance.mu.Unlock()
	must(b, err)
	roots.AddCert(root)
	var cookie *http.Cookie
	for n := range viewers {
		v := &spectator{base: "https://" + strings.Replace(address, "127.0.0.1", "localhost", 1), cookie: cookie,
			client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}}
		b.Cleanup(v.client.CloseIdleConnections)
		if n%viewersOfOne == 0 {
			cookie, err = v.login(b.Context())
			must(b, err)
		}
		v.cookie = cookie
		must(b, v.open(b.Context(), fmt.Sprintf("c%02d", n%eraseCameras), began.Add(2*time.Second), time.Now().Add(-time.Second)))
		all = append(all, v)
	}
	return all
}

// together lets all do something until a time is over.
func (all crowd) together(b *testing.B, length time.Duration, do func(ctx context.Context, v *spectator, n int) error) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), length)
	defer cancel()
	errs := make([]error, len(all))
	var running sync.WaitGroup
	for n, v := range all {
		v.bytes = 0
		running.Go(func() { errs[n] = do(ctx, v, n) })
	}
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		b.Error(err)
	}
}

// play has each viewer ask for a part in its time, one shortly after the other.
func (all crowd) play(b *testing.B) {
	b.Helper()
	began, busy := time.Now(), worked(b)
	all.together(b, time.Hour, func(ctx context.Context, v *spectator, n int) error {
		return v.play(ctx, began.Add(time.Duration(n)*viewFor/4/viewers), viewFor)
	})
	took := time.Since(began)
	least, slowest, late := 1e9, time.Duration(0), 0
	for _, v := range all {
		least = min(least, float64(v.bytes)*8/v.played.Seconds()/1e6)
		slowest, late = max(slowest, v.slowest), late+v.late
	}
	b.ReportMetric(least, "Mbit/s-least-viewer")
	b.ReportMetric(float64(slowest.Milliseconds()), "ms-slowest-part")
	b.ReportMetric((worked(b)-busy).Seconds()/took.Seconds(), "processors")
	if late > 0 || least < keptUp*eraseBitrate/1e6 {
		b.Errorf("%d parts took longer than they play, the slowest %v; a viewer got %.2f Mbit/s", late, slowest, least)
	}
}

// grab has all take what they can get.
func (all crowd) grab(b *testing.B) {
	b.Helper()
	all.together(b, viewGreedily, func(ctx context.Context, v *spectator, _ int) error {
		for i := 0; ; i++ {
			if err := v.take(ctx, &v.parts[i%len(v.parts)]); ctx.Err() != nil {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
	sum := 0
	for _, v := range all {
		sum += v.bytes
	}
	b.ReportMetric(float64(sum)*8/viewGreedily.Seconds()/1e6, "Mbit/s-at-most")
}

// worked is how long the processors have worked for this process.
func worked(b *testing.B) time.Duration {
	b.Helper()
	var at unix.Timespec
	must(b, unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &at))
	return time.Duration(at.Nano())
}

// allThere holds what is in the files of a daemon that has ended against what the cameras sent while it ran: pictures at
// an even rate, of which none may be missing from the first that was recorded to the end.
func (s *smallState) allThere(b *testing.B, st status, began, ended time.Time) {
	b.Helper()
	ix, err := footage.Open(indexFile(s.dir))
	must(b, err)
	defer ix.Close()
	var waited, recorded time.Duration
	for _, stream := range st.Streams {
		waited = max(waited, stream.Waited)
		if stream.Dropped > 0 || stream.Losses > 0 || stream.Lost > 0 || stream.Spoilt > 0 {
			b.Errorf("%s: %d fragments were dropped, %d had losses; %d packets never came, %d pictures were spoilt", stream.Camera,
				stream.Dropped, stream.Losses, stream.Lost, stream.Spoilt)
		}
		segments, _, err := ix.Span(stream.Camera, stream.Stream, began, ended)
		must(b, err)
		records := s.recorded(b, segments)
		for i, r := range records[1:] {
			recorded += r.Duration
			end := records[i].Start.Add(records[i].Duration)
			if apart := r.Start.Sub(end); apart.Abs() > time.Second/wideRate/2 || r.Flags&(segment.GapBefore|segment.Loss) != 0 {
				b.Errorf("%s: after %s, %v are missing", stream.Camera, end.Format(time.TimeOnly), apart)
			}
		}
		last := records[len(records)-1]
		if lacks := ended.Sub(last.Start.Add(last.Duration)); lacks > waitedMost {
			b.Errorf("%s ends %v before the program", stream.Camera, lacks)
		}
	}
	b.ReportMetric(float64(waited.Milliseconds()), "ms-longest-wait")
	b.ReportMetric(float64(recorded/(time.Second/wideRate)), "pictures-recorded")
	if waited > slack(waitedMost) {
		b.Errorf("a fragment waited %v until it was written", waited)
	}
}

// recorded are the records of a stream's picture, in order.
func (s *smallState) recorded(b *testing.B, segments []footage.Segment) (list []segment.Record) {
	b.Helper()
	for _, row := range segments {
		r, err := segment.Open(durable.OS, s.site.stores[0].Path(row.Camera, row.ID))
		must(b, err)
		for e, err := range r.All() {
			must(b, err)
			if e.Kind == segment.Video {
				list = append(list, e.Record)
			}
		}
		must(b, r.Close())
	}
	if len(list) < 2 {
		b.Fatalf("%d fragments are in %d segments", len(list), len(segments))
	}
	return list
}
