package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
	"varuh/testdata/clips"
)

// dawn is when the cameras of the tests began to record, and dusk when they do while the test goes on.
var (
	dawn = noon.Add(-time.Hour)
	dusk = noon.Add(5 * time.Hour)
)

// stage is a site over TLS whose diary can be watched, and held up.
type stage struct {
	*rig
	t      testing.TB
	server *httptest.Server
	sent   *sent

	mu   sync.Mutex
	hook func(write func() (diary.Receipt, error)) (diary.Receipt, error) // nil: write
}

// watched is a diary whose entries go through the stage.
type watched struct {
	*diary.Diary
	s *stage
}

func (w watched) Enter(ctx context.Context, d *diary.Draft) (diary.Receipt, error) {
	w.s.mu.Lock()
	hook := w.s.hook
	w.s.mu.Unlock()
	write := func() (diary.Receipt, error) { return w.Diary.Enter(ctx, d) }
	if hook == nil {
		return write()
	}
	return hook(write)
}

func (s *stage) hooked(hook func(write func() (diary.Receipt, error)) (diary.Receipt, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// newStage has a notice in force for the hall and the yard, and no footage.
func newStage(t testing.TB, change ...func(*Options)) *stage {
	t.Helper()
	return newStageOn(t, newRig(t), change...)
}

// newStageOn is one with a rig.
func newStageOn(t testing.TB, r *rig, change ...func(*Options)) *stage {
	t.Helper()
	s := &stage{rig: r, t: t, sent: &sent{}}
	s.o.Door = accesslog.NewDoor(accesslog.Options{Diary: watched{s.diary, s}, Keys: s.keys, Index: s.index, Sessions: s.people,
		Notices: s.o.Notices, Restrictions: s.o.Holds, Orders: s.people, Requests: s.o.Requests, Premises: s.o.Premises, Now: s.clock})
	for _, f := range change {
		f(&s.o)
	}
	var err error
	s.Site, err = New(s.o)
	must(t, err)
	s.Site.quota.most = 1 << 20
	both := notice.Text{Sl: "besedilo", En: "text"}
	_, err = s.o.Notices.Add(t.Context(), notice.Asked{Content: notice.Content{
		Controller: notice.Party{Name: "Šola", Address: "Cesta 1", Phone: "01 234 56 78"}, Officer: notice.Officer{None: true}, Area: both,
		Purposes:   []notice.Purpose{{ID: "property", Sl: "varovanje premoženja", En: "protection of property", Basis: "ZVOP-2, 77. člen"}},
		Recipients: both, Kept: both, Effects: both, Live: true},
		Cameras: []string{"hall", "yard"}, From: noon.AddDate(-1, 0, 0), Stated: "the caretaker, who put it up", By: proof.Actor{Name: "Vida Ravnik", Proof: "console"}})
	must(t, err)
	s.serve(s.sent.count(s.Handler()))
	return s
}

// serve has the stage's server, which is as a real one, answer with a handler.
func (s *stage) serve(h http.Handler) {
	s.server = httptest.NewUnstartedServer(nil)
	s.server.Config = s.Server(nil)
	s.server.Config.Handler = h
	s.server.EnableHTTP2 = true
	s.server.StartTLS()
	s.t.Cleanup(s.server.Close)
}

// sent is what handlers have handed to connections: the fragments, one by one.
type sent struct {
	running sync.WaitGroup
	mu      sync.Mutex
	list    [][]byte
}

func (s *sent) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/part/") {
			next.ServeHTTP(w, r)
			return
		}
		s.running.Add(1)
		defer s.running.Done()
		next.ServeHTTP(&tapped{w, s}, r)
	})
}

// bytes counts all of it.
func (s *sent) bytes() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.list {
		n += int64(len(b))
	}
	return n
}

// take waits until no part is on its way any more, and gives what has left since the last time.
func (s *sent) take() [][]byte {
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.list = nil }()
	return s.list
}

// tapped tells of each fragment before it is handed on: from then on something of it may be out.
type tapped struct {
	http.ResponseWriter
	s *sent
}

func (w *tapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *tapped) Write(b []byte) (int, error) {
	if w.Header().Get("Content-Type") == playback.PartType {
		w.s.mu.Lock()
		w.s.list = append(w.s.list, bytes.Clone(b))
		w.s.mu.Unlock()
	}
	return w.ResponseWriter.Write(b)
}

// viewer is somebody with a browser.
type viewer struct {
	*stage
	client *http.Client
	cookie string
}

// viewer logs the head in. Each has connections of its own.
func (s *stage) viewer() *viewer {
	s.t.Helper()
	return s.sharing(s.head(s.t).cookie)
}

// sharing is another browser with the same cookie.
func (s *stage) sharing(cookie string) *viewer {
	transport := s.server.Client().Transport.(*http.Transport).Clone()
	s.t.Cleanup(transport.CloseIdleConnections)
	return &viewer{s, &http.Client{Transport: transport}, cookie}
}

func (v *viewer) request(ctx context.Context, method, path string, body any) *http.Request {
	v.t.Helper()
	var text io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		must(v.t, err)
		text = bytes.NewReader(b)
	}
	q, err := http.NewRequestWithContext(ctx, method, v.server.URL+path, text)
	must(v.t, err)
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	q.Header.Set("Accept-Language", "en")
	q.AddCookie(&http.Cookie{Name: cookieName, Value: v.cookie})
	return q
}

// do asks for something and reads the whole answer.
func (v *viewer) do(method, path string, body any) (*http.Response, []byte) {
	v.t.Helper()
	a, err := v.client.Do(v.request(context.Background(), method, path, body))
	must(v.t, err)
	defer a.Body.Close()
	content, err := io.ReadAll(a.Body)
	must(v.t, err)
	return a, content
}

func (v *viewer) get(path string) (*http.Response, []byte) {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil)
}

// json asks for what must be answered with JSON.
func (v *viewer) json(method, path string, body, out any) {
	v.t.Helper()
	a, content := v.do(method, path, body)
	if a.StatusCode/100 != 2 {
		v.t.Fatalf("%s %s: %d %s", method, path, a.StatusCode, content)
	}
	if out != nil {
		must(v.t, json.Unmarshal(content, out))
	}
}

// refused asks for what must be refused, and returns the problem's name.
func (v *viewer) refused(method, path string, body any) (status int, id string) {
	v.t.Helper()
	a, content := v.do(method, path, body)
	var p Problem
	if a.StatusCode/100 == 2 || a.Header.Get("Content-Type") != problemType {
		v.t.Fatalf("%s %s: %d %.100q", method, path, a.StatusCode, content)
	}
	must(v.t, json.Unmarshal(content, &p))
	return a.StatusCode, strings.TrimPrefix(p.Type, prefix+"/problems/")
}

// asks is what the head usually asks for.
func asks(camera string, from time.Time, length time.Duration) askedViewing {
	return askedViewing{Purpose: "property", Remark: "a window is broken",
		place: place{Camera: camera, From: moment{from}, To: moment{from.Add(length)}}}
}

// open opens a viewing.
func (v *viewer) open(a askedViewing) (o openedViewing) {
	v.t.Helper()
	v.json(http.MethodPost, prefix+"/viewings", a, &o)
	return o
}

// watch opens a viewing of live pictures.
func (v *viewer) watch() openedViewing {
	v.t.Helper()
	return v.open(askedViewing{Purpose: "property", Live: true, place: place{Camera: "hall"}})
}

// stream is where a stream is in a viewing.
func stream(o openedViewing, camera string) string {
	return prefix + "/viewings/" + o.ID + "/" + camera + "/main"
}

var address = regexp.MustCompile(`(?m)^(part/\S+)$|URI="(init/[^"]+)"`)

// addresses are the paths in a playlist that was got from one.
func addresses(path string, list []byte) (paths []string) {
	base, _, _ := strings.Cut(path, "index.m3u8")
	for _, m := range address.FindAllSubmatch(list, -1) {
		paths = append(paths, base+string(m[1])+string(m[2]))
	}
	return paths
}

// playlist gets a playlist, and the paths of its parts and init segments.
func (v *viewer) playlist(path string) (parts, inits []string) {
	v.t.Helper()
	a, list := v.get(path)
	if a.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d %s", path, a.StatusCode, list)
	}
	for _, at := range addresses(path, list) {
		if strings.Contains(at, "/part/") {
			parts = append(parts, at)
		} else {
			inits = append(inits, at)
		}
	}
	return parts, inits
}

// entry is one of the diary, opened.
type entry struct {
	proof.Leaf
	proof.Body
}

// entries are those of some operations.
func (s *stage) entries(ops ...string) (list []entry) {
	s.t.Helper()
	found, err := s.diary.EntriesOf(context.Background(), ops...)
	must(s.t, err)
	opener := s.diary.Opener(keyring.Identity{s.reading})
	for _, e := range found {
		text, _, err := opener.Open(context.Background(), e.Index)
		must(s.t, err)
		body, err := proof.ParseBody(text)
		must(s.t, err)
		list = append(list, entry{e.Leaf, body})
	}
	return list
}

// entrance is 60 s of the hall from a moment on, in segments of 20 s, with a gap of 4 s.
func (s *stage) entrance(from time.Time) []stored {
	s.t.Helper()
	return s.record(s.t, reel{Camera: "hall", Stream: "main", Film: load(s.t, clips.Entrance, 3), Start: from, Segment: 20 * time.Second,
		Skip: func(since time.Duration) bool { return since >= 30*time.Second && since < 34*time.Second }})
}
