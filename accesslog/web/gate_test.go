package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"varuh/accesslog/people"
)

// One person has so many answers at work, and all together so many more: the next waits for a while, and is refused then;
// it comes in once another has left. Those who wait are counted, too.
func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, 2, errSending)
		var leave func()
		for n := range 4 {
			var err error
			leave, err = g.enter(t.Context(), fmt.Sprint("person ", n/2))
			must(t, err)
		}
		began := time.Now()
		if _, err := g.enter(t.Context(), "another"); !errors.Is(err, errSending) || time.Since(began) != gatePatience {
			t.Errorf("one too many of all: %v after %v", err, time.Since(began))
		}
		went, gone := context.WithCancel(t.Context())
		gone()
		if _, err := g.enter(went, "another"); !errors.Is(err, context.Canceled) {
			t.Errorf("whoever has gone: %v", err)
		}
		came := make(chan error, 1)
		go func() {
			_, err := g.enter(t.Context(), "another")
			came <- err
		}()
		synctest.Wait()
		leave()
		if err := <-came; err != nil {
			t.Errorf("with room: %v", err)
		}
		for range 2*mostWaits + 1 {
			go func() {
				_, err := g.enter(t.Context(), "person 0")
				came <- err
			}()
		}
		began = time.Now()
		if err := <-came; !errors.Is(err, errSending) || time.Since(began) != 0 {
			t.Errorf("one too many of those who wait: %v after %v", err, time.Since(began))
		}
		for range 2 * mostWaits {
			if err := <-came; !errors.Is(err, errSending) {
				t.Error(err)
			}
		}
		if len(g.of) != 3 || len(g.queue) != 0 || g.waiting != 0 || g.all != 4 {
			t.Errorf("%+v", g)
		}
	})
}

// All requests go through one of the gates, by who asks: whatever sessions somebody has, he keeps nobody else out.
func TestGates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pulse.lasts = 0 // whoever asks is told once
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	var me Me
	v.json("GET", prefix+"/session", nil, &me)
	full := func(g *gate, path, want string, own bool) {
		t.Helper()
		g.patience = 0
		who := "person"
		if own {
			who = me.Person.ID
		}
		g.of[who], g.all = g.ofOne, g.ofOne
		again := s.viewer() // another session is the same person
		a, _ := again.do("GET", path, nil)
		if wait := a.Header.Get("Retry-After"); own && (a.StatusCode != http.StatusTooManyRequests || wait != "5") || !own && a.StatusCode != 200 {
			t.Errorf("%s: %s %q", path, a.Status, wait)
		}
		if own {
			if _, id := again.refused("GET", path, nil); id != want {
				t.Errorf("%s: %s", path, id)
			}
		}
		delete(g.of, who)
		g.all = 0
	}
	for _, own := range []bool{true, false} {
		full(s.gates.working, prefix+"/session", "at-once", own)
		full(s.gates.listening, prefix+"/events", "at-once", own)
	}
	full(s.gates.sending, parts[0], "sending", true)
	if a, _ := v.get(parts[0]); a.StatusCode != 200 {
		t.Error(a.Status)
	}
	s.gates.strange.patience, s.gates.strange.all = 0, mostStrange
	nobody := s.sharing("none")
	if a, _ := nobody.get("/login"); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one too many of those whom nobody knows: %s", a.Status)
	}
	if a, _ := v.get(prefix + "/session"); a.StatusCode != 200 {
		t.Errorf("who is known waits for those who are not: %s", a.Status)
	}
	s.gates.strange.all = 0
}

// An answer counts until it has left: whoever reads none of his has so many in memory, and no more.
func TestUnreadAnswers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.gates.working.patience = 0
	other := s.visitor(t, s.head(t), "ana", s.granted(people.Caretaker))
	v := s.viewer()
	transport := v.client.Transport.(*http.Transport)
	transport.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: 4 << 10, MaxReceiveBufferPerConnection: 16 << 10}
	ctx, gone := context.WithCancel(t.Context())
	defer gone()
	var mu sync.Mutex
	var asked sync.WaitGroup
	given, refused := 0, 0
	for range 3 * mostWorkingOfOne {
		asked.Go(func() {
			a, err := v.client.Do(v.request(ctx, "GET", prefix+"/openapi.json", nil))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if context.AfterFunc(ctx, func() { a.Body.Close() }); a.StatusCode == 200 {
				given++
			} else {
				refused++
			}
		})
	}
	asked.Wait()
	if given != mostWorkingOfOne || refused != 2*mostWorkingOfOne {
		t.Errorf("%d answers that nobody reads are held, %d were refused", given, refused)
	}
	if a, _ := s.sharing(other.cookie).get(prefix + "/session"); a.StatusCode != 200 {
		t.Errorf("somebody else: %s", a.Status)
	}
}

// What pages ask for at once comes: eighty key frames, and four parts beside them.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	paths := parts[:min(4, len(parts))]
	for n := range 80 {
		paths = append(paths, fmt.Sprintf("%s/frame?at=2026-11-21T11:00:%02dZ", stream(o, "hall"), n%30))
	}
	var asked sync.WaitGroup
	for _, path := range paths {
		asked.Go(func() {
			a, err := v.client.Do(v.request(t.Context(), "GET", path, nil))
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Body.Close()
			if _, err := io.Copy(io.Discard, a.Body); err != nil || a.StatusCode != 200 {
				t.Errorf("%s: %s %v", path, a.Status, err)
			}
		})
	}
	asked.Wait()
}
