package web

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
	"varuh/testdata/clips"
)

// On a real disk that is full, no answer has a byte of footage: not even of what a lease covers that the diary took before.
// Each says so plainly, and nobody is let in. Cameras are recorded on, and with room again everything is there.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := durabletest.Image(t, 24)
	feed := newFeed()
	s := newStageOn(t, newRigOn(t, 48*time.Hour, disk), func(o *Options) { o.Closed = feed })
	s.entrance(dusk)
	s.set(dusk.Add(62 * time.Second))
	v, other := s.viewer(), s.viewer()
	o, l := v.open(asks("hall", dusk, time.Minute)), v.watch()
	parts, _ := v.playlist(o.Windows[0].Playlist)

	empty := durabletest.Fill(t, disk)
	for refused := 0; refused < 3; { // what SQLite has room for in its files may do for some entries
		a, content := other.do("POST", prefix+"/viewings", asks("hall", dusk, time.Minute))
		switch {
		case a.StatusCode == 200:
			durabletest.Fill(t, disk)
		case a.StatusCode != 503 || !strings.Contains(string(content), "/problems/diary"):
			t.Fatalf("opening: %d %s", a.StatusCode, content)
		default:
			refused++
		}
	}
	before := s.sent.bytes()
	for _, path := range append(parts, stream(o, "hall")+"/frame?at=2026-11-21T17:00:09Z", stream(l, "hall")+"/live") {
		if status, id := v.refused("GET", path, nil); status != 503 || id != "diary" {
			t.Errorf("%s: %d %s", path, status, id)
		}
	}
	for _, path := range []string{"/holds", "/diary/readings", "/diary/uses", "/diary/bundle"} {
		body := map[string]any{"reason": "pregled", "camera": "hall", "from": moment{dusk}, "to": moment{dusk.Add(time.Minute)}}
		switch path {
		case "/holds":
			delete(body, "reason")
			body["kind"], body["basis"], body["review"] = "rights", "zahteva", "2027-01-01"
		case "/diary/readings", "/diary/bundle":
			delete(body, "camera")
			delete(body, "from")
			delete(body, "to")
		}
		if status, _ := v.refused("POST", prefix+path, body); status != 503 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if n := s.sent.bytes() - before; n != 0 {
		t.Errorf("%d bytes of footage left", n)
	}
	s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.YardSub, 1), Start: dusk, Segment: time.Minute})
	empty()
	if rest, err := filepath.Glob(filepath.Join(disk, "filler")); err != nil || len(rest) > 0 {
		t.Fatalf("%v %v", rest, err)
	}
	v = s.viewer()
	for _, camera := range []string{"hall", "yard"} {
		again := v.open(asks(camera, dusk, time.Minute))
		list, _ := v.playlist(again.Windows[0].Playlist)
		if a, b := v.get(list[0]); a.StatusCode != 200 || len(b) == 0 {
			t.Errorf("%s with room again: %d", camera, a.StatusCode)
		}
	}
}
