package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/testdata/clips"
)

// feed tells of fragments as a test stores them.
type feed struct {
	mu     sync.Mutex
	newest playback.Mark
	wake   chan struct{}
}

func newFeed() *feed { return &feed{wake: make(chan struct{})} }

func (f *feed) tell(m playback.Mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest = m
	close(f.wake)
	f.wake = make(chan struct{})
}

// Next implements playback.Closed.
func (f *feed) Next(ctx context.Context, _, _ string, after playback.Mark) (playback.Mark, error) {
	for {
		f.mu.Lock()
		newest, wake := f.newest, f.wake
		f.mu.Unlock()
		if cmp.Or(bytes.Compare(newest.Segment[:], after.Segment[:]), cmp.Compare(newest.Record, after.Record)) > 0 {
			return newest, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return playback.Mark{}, ctx.Err()
		}
	}
}

// camera stores a film fragment by fragment, each a moment after it ends by the stage's clock.
type camera struct {
	s       *stage
	w       *writing
	feed    *feed
	rest    []stored
	records int
}

func (s *stage) camera(f *feed, p reel) *camera {
	w := s.writing(s.t, p)
	return &camera{s: s, w: w, feed: f, rest: w.Cut()}
}

// step stores the next fragment.
func (c *camera) step() stored {
	next := c.rest[0]
	c.rest = c.rest[1:]
	c.s.set(next.End().Add(40 * time.Millisecond))
	before := c.w.Row.ID
	c.w.Store(next)
	if c.w.Row.ID != before {
		c.records = 0
	}
	c.records++
	c.feed.tell(playback.Mark{Segment: c.w.Row.ID, Record: c.records})
	return next
}

// chunk reads the next chunk of a live stream.
func chunk(r io.Reader) (c playback.Chunk, err error) {
	head := make([]byte, 16)
	if _, err := io.ReadFull(r, head); err != nil {
		return c, err
	}
	c = playback.Chunk{Kind: playback.ChunkKind(head[0]), Flags: playback.ChunkFlags(head[1]),
		At: time.UnixMilli(int64(binary.BigEndian.Uint64(head[8:]))).UTC(), Payload: make([]byte, binary.BigEndian.Uint32(head[4:]))}
	_, err = io.ReadFull(r, c.Payload)
	return c, err
}

// Live pictures come in one answer, each fragment as soon as it is stored and at most 3 s after its first picture was
// taken, across segments; and a stop of the site ends them with a word and the viewing with its entry.
func TestLive(t *testing.T) {
	t.Parallel()
	feed := newFeed()
	s := newStage(t, func(o *Options) { o.Closed = feed })
	cam := s.camera(feed, reel{Camera: "hall", Stream: "main", Film: load(t, clips.Entrance, 1), Start: dusk, Segment: 8 * time.Second})
	for range 5 {
		cam.step()
	}
	v := s.viewer()
	o := v.watch()
	a, err := v.client.Do(v.request(t.Context(), http.MethodGet, stream(o, "hall")+"/live", nil))
	must(t, err)
	defer a.Body.Close()
	if h := a.Header; a.StatusCode != 200 || h.Get("Content-Type") != chunkType || h.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", a.StatusCode, h)
	}
	next := func() playback.Chunk {
		t.Helper()
		c, err := chunk(a.Body)
		must(t, err)
		if c.Kind == playback.ChunkFragment && s.clock().Sub(c.At) > 3*time.Second {
			t.Errorf("a picture comes %v late", s.clock().Sub(c.At))
		}
		return c
	}
	if c := next(); c.Kind != playback.ChunkInit || !c.At.Equal(dusk.Add(4*time.Second)) {
		t.Fatalf("it begins with %c at %v", c.Kind, c.At)
	}
	if c := next(); c.Flags != playback.FlagKey {
		t.Fatalf("its first fragment is %v", c.Flags)
	}
	var got, want []time.Time
	for len(cam.rest) > 2 {
		f := cam.step()
		want = append(want, f.Start.Truncate(time.Millisecond))
		got = append(got, next().At)
	}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("%v came, %v was stored", got, want)
	}
	must(t, s.Stop(t.Context()))
	for {
		c, err := chunk(a.Body)
		must(t, err)
		if c.Kind == playback.ChunkEnd {
			if w := string(c.Payload); w != "stopped" && w != "endedViewing" {
				t.Errorf("it endedViewing with %q", w)
			}
			break
		}
	}
	ends := s.entries("view.end")
	if len(ends) != 1 || ends[0].Result != string(accesslog.CutOff) || len(ends[0].Objects) == 0 || !ends[0].Objects[0].From.Equal(dusk.Add(4*time.Second)) {
		t.Errorf("the viewing endedViewing with %+v", ends)
	}
}

// Where the notice does not allow it, or there is no live viewing, no stream begins.
func TestLiveRefused(t *testing.T) {
	t.Parallel()
	feed := newFeed()
	s := newStage(t, func(o *Options) { o.Closed = feed })
	s.entrance(dusk)
	s.set(dusk.Add(62 * time.Second))
	v := s.viewer()
	o := v.open(asks("hall", dusk, time.Minute))
	if status, id := v.refused("GET", stream(o, "hall")+"/live?sound=maybe", nil); status != 422 {
		t.Errorf("%d %s", status, id)
	}
	if status, id := v.refused("GET", fmt.Sprintf("%s/viewings/%s/hall/third/live", prefix, o.ID), nil); status != 422 || id != "ask" {
		t.Errorf("%d %s", status, id)
	}
	v.json("POST", prefix+"/viewings/"+o.ID+"/end", endedViewing{accesslog.NothingFound}, nil)
	if status, id := v.refused("GET", stream(o, "hall")+"/live", nil); status != 404 || id != "no-viewing" {
		t.Errorf("%d %s", status, id)
	}
}
