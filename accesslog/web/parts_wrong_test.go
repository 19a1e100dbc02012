package web

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/testdata/clips"
)

// No path and no name but those of a playlist lead to footage, and none to an error that nobody has foreseen.
func TestNamesAndPaths(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.YardSub, 1), Start: dawn, Segment: time.Minute})
	v := s.viewer()
	o, second := v.open(asks("hall", dawn, time.Minute)), v.open(asks("hall", dawn, time.Minute))
	parts, inits := v.playlist(o.Windows[0].Playlist)
	part, init := parts[0][strings.LastIndex(parts[0], "/")+1:], inits[0][strings.LastIndex(inits[0], "/")+1:]
	at, other := stream(o, "hall"), stream(second, "hall")
	for _, path := range []string{
		other + "/part/" + part, other + "/init/" + init, stream(o, "yard") + "/part/" + part, at + "/part/" + init, at + "/init/" + part,
		strings.Replace(at, "/main", "/sub", 1) + "/part/" + part, at + "/part/" + part[1:], at + "/part/" + part + "x",
		at + "/part/" + strings.TrimSuffix(part, ".m4s"), at + "/part/" + strings.ToUpper(part), at + "/part/.m4s", at + "/part/%00.m4s",
		at + "/part/..%2f..%2f" + part, at + "/part/%2e%2e/part/" + part, at + "/part/" + strings.Repeat("A", 3000) + ".m4s",
		at + "/part//" + part, at + "//part/" + part, at + "/./part/" + part, at + "/init/../part/" + part, at + "/part/" + part + "/",
		at + "/part/" + part + "?x=1", at + "/part/" + url.PathEscape("/"+part), at + "/index.m3u8", at + "/index.m3u8?from=2026-11-21T11:00:00Z",
		at + "/index.m3u8?from=2026-11-21T11:00:00&to=2026-11-21T11:01:00", at + "/index.m3u8?from=2026-11-21T11:00:00Z&to=2026-11-21T14:00:00Z",
		at + "/index.m3u8?from=2026-11-21T11:01:00Z&to=2026-11-21T11:00:00Z", at + "/frame", at + "/frame?at=yesterday", at + "/frame?at=2026-11-21T10:00:00Z",
		at + "/frame?at=2199-11-21T10:00:00Z", at + "/timeline?from=2026-11-21T00:00:00Z&to=2026-11-21T11:00:00Z", at + "/windows?from=2025-11-21T00:00:00Z&to=2026-11-21T11:00:00Z",
		prefix + "/viewings/x/hall/main/part/" + part, prefix + "/viewings/" + o.ID + "/nowhere/main/part/" + part, prefix + "/viewings/" + o.ID,
		prefix + "/cameras/nowhere/purposes?from=2026-11-21T11:00:00Z&to=2026-11-21T11:01:00Z",
	} {
		a, err := v.client.Do(v.request(t.Context(), http.MethodGet, path, nil))
		must(t, err)
		must(t, a.Body.Close())
		if a.StatusCode < 400 || a.StatusCode >= 500 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	if left := s.sent.take(); len(left) > 0 {
		t.Errorf("%d fragments left", len(left))
	}
	if log := s.log.String(); log != "" {
		t.Errorf("the log has\n%s", log)
	}
}

// Fifty people who open large parts and do not read them hold one fragment each and no more, whatever they do with the
// connection; they end when their time is over, and others play meanwhile.
func TestViewersDoNotRead(t *testing.T) {
	const viewers, fragment = 50, 2 << 20 // 16 Mbit/s
	s := newStage(t)
	s.serve(s.Handler()) // which keeps no copies, as the tests' own does
	big := large(load(t, clips.Stairs, 2), fragment)
	s.record(t, reel{Camera: "hall", Stream: "main", Film: big, Start: dawn, Segment: time.Minute})
	first := s.viewer()
	o := first.open(asks("hall", dawn, 30*time.Second))
	parts, _ := first.playlist(o.Windows[0].Playlist)
	before := heap()
	var asked sync.WaitGroup
	for n := range viewers {
		if n%10 == 0 { // one session has but so many answers at once
			first = s.viewer()
			o = first.open(asks("hall", dawn, 30*time.Second))
			parts, _ = first.playlist(o.Windows[0].Playlist)
		}
		q := first.request(t.Context(), http.MethodGet, parts[n%len(parts)], nil)
		conn, err := tls.Dial("tcp", s.server.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		must(t, err)
		must(t, conn.NetConn().(*net.TCPConn).SetReadBuffer(4096))
		t.Cleanup(func() { conn.Close() }) // the test is over
		must(t, q.Write(conn))
		asked.Go(func() { // its head comes with the first fragment, and then nobody reads on
			_, err := conn.Read(make([]byte, 100))
			if err != nil {
				t.Error(err)
			}
		})
	}
	asked.Wait()
	held := heap() - before
	t.Logf("%d viewers who do not read hold %.1f MB, %.2f MB each", viewers, float64(held)/1e6, float64(held)/1e6/viewers)
	if held > viewers*2*fragment {
		t.Error("that is more than a fragment each")
	}
	if a, b := s.viewer().get(stream(o, "hall") + "/part/x.m4s"); a.StatusCode != 404 {
		t.Errorf("another one: %d %s", a.StatusCode, b)
	}
}

// Who stops reading is cut off, over HTTP/2 without harm to what else the connection does. What was handed to it is in
// the entry, and nobody else waits.
func TestReaderStops(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]func(*http.Transport){
		"HTTP/2": func(*http.Transport) {},
		"HTTP/1.1": func(r *http.Transport) {
			r.TLSClientConfig.NextProtos, r.ForceAttemptHTTP2 = []string{"http/1.1"}, false
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.pace = pace{patience: time.Second, slowest: 1 << 30}
			s.record(t, reel{Camera: "hall", Stream: "main", Film: large(load(t, clips.Stairs, 1), 4<<20), Start: dawn, Segment: time.Minute})
			v := s.viewer()
			own(v.client.Transport.(*http.Transport))
			o := v.open(asks("hall", dawn, 30*time.Second))
			parts, _ := v.playlist(o.Windows[0].Playlist)
			a, err := v.client.Do(v.request(t.Context(), http.MethodGet, parts[0], nil))
			must(t, err)
			defer a.Body.Close()
			if a.Proto[:6] != name[:6] || a.StatusCode != 200 {
				t.Fatalf("%s %s", a.Proto, a.Status)
			}
			s.sent.running.Wait() // though nobody has read
			if n, err := io.Copy(io.Discard, a.Body); err == nil {
				t.Errorf("%d bytes look whole", n)
			}
			v.json("POST", prefix+"/viewings/"+o.ID+"/end", endedViewing{accesslog.NotStated}, nil)
			if end := s.entries("view.end"); len(end) != 1 || end[0].Bytes != s.sent.bytes() || end[0].Bytes == 0 {
				t.Errorf("%+v, %d bytes were sent", end, s.sent.bytes())
			}
		})
	}
}

// large makes pictures so large that a second of them is about so many bytes.
func large(f film, second int) film {
	rate := int(int64(len(f.Units)) * int64(time.Second) / int64(f.Length))
	for i := range f.Units {
		data := f.Units[i].Data
		size := max(second/rate-len(data)-5, 1)
		filler := append([]byte{byte((size + 1) >> 24), byte((size + 1) >> 16), byte((size + 1) >> 8), byte(size + 1), 12}, bytes.Repeat([]byte{0xff}, size)...) // a NAL unit of filler data
		f.Units[i].Data = append(bytes.Clone(data), filler...)
	}
	return f
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
