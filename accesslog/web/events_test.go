package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// listens gives what somebody is told, one after the other, until the stream ends.
func (v *viewer) listens() (told <-chan Pulse) {
	v.t.Helper()
	a, err := v.client.Do(v.request(v.t.Context(), http.MethodGet, prefix+"/events", nil))
	must(v.t, err)
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" {
		v.t.Fatalf("%d %v", a.StatusCode, a.Header)
	}
	list := make(chan Pulse, 100)
	go func() {
		defer close(list)
		defer a.Body.Close()
		for lines := bufio.NewScanner(a.Body); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var p Pulse
				if err := json.Unmarshal([]byte(text), &p); err != nil {
					v.t.Error(err)
				}
				list <- p
			}
		}
	}()
	return list
}

// Whoever listens is told that something has changed, as far as his role may ask for it, without his session being used;
// and the stream ends with the session, and with the site.
func TestEvents(t *testing.T) {
	t.Parallel()
	var state atomic.Value // what hall and yard do
	state.Store("recording recording")
	s := newStage(t, func(o *Options) {
		o.Status = func(context.Context) (Status, error) {
			hall, yard, _ := strings.Cut(state.Load().(string), " ")
			return Status{Streams: []StreamStatus{{Camera: "hall", Stream: "main", State: hall}, {Camera: "yard", Stream: "main", State: yard}}}, nil
		}
	})
	s.Site.pulse = pulsing{10 * time.Millisecond, time.Hour, time.Hour}
	v := s.viewer()
	guard := s.sharing(s.visitor(t, s.head(t), "boris", AskedAuthorisation{Role: people.Guard, Cameras: []string{"hall"}, Back: 15, Paper: day{noon.AddDate(0, 0, -1)}}).cookie)
	all, little := v.listens(), guard.listens()
	first, his := <-all, <-little
	if first.Diary == 0 || first.Status == "" || first.Holds == "" || first.Retention == "" || first.Notices == "" || first.Persons == "" || first.Requests == "" || first.Cameras == "" || len(first.Locked) != 0 {
		t.Errorf("%+v", first)
	}
	if his.Diary != 0 || his.Status != "" || his.Holds != "" || his.Retention != "" || his.Notices != "" || his.Persons != "" || his.Requests != "" || his.Packages != "" || his.Locked == nil {
		t.Errorf("a guard is told %+v", his)
	}
	v.json("POST", prefix+"/holds", HoldAsked{"hall", span{moment{noon}, moment{noon.AddDate(0, 1, 0)}}, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}}, nil)
	for next := range all {
		if next.Diary > first.Diary && next.Holds != first.Holds && next.Status == first.Status && next.Notices == first.Notices && next.Persons == first.Persons {
			break
		}
	}
	before := his.Cameras
	state.Store("recording waiting")
	for next := range all { // what is told of the hold may come in two
		if next.Cameras != first.Cameras && next.Status != first.Status {
			break
		}
	}
	state.Store("waiting waiting")
	if next := <-little; next.Cameras == before { // of the yard he was told nothing
		t.Errorf("the hall waits: %+v", next)
	}
	v.json("POST", prefix+"/lock", nil, nil)
	for next := range little { // of one key after the other
		if next.Diary != 0 {
			t.Errorf("a guard is told %+v", next)
		}
		if len(next.Locked) == 2 {
			break
		}
	}
	s.set(noon.Add(49 * time.Hour)) // nobody has done anything
	for range little {
	}
	for range all {
	}
	again := s.viewer().listens()
	<-again
	must(t, s.Stop(t.Context()))
	for range again {
	}
}

// Nobody listens on more than some connections.
func TestManyListen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Site.pulse = pulsing{time.Hour, time.Hour, time.Hour}
	v := s.viewer()
	s.gates.listening.patience = 0
	for range mostListeningOfOne {
		<-v.listens()
	}
	if status, id := v.refused("GET", prefix+"/events", nil); status != 429 || id != "at-once" {
		t.Errorf("%d %s", status, id)
	}
	must(t, s.Stop(t.Context()))
}
