package web

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/testdata/clips"
)

// visitor is somebody who plays, jumps about, opens a second tab, has the connection cut and leaves in every way.
type visitor struct {
	*viewer
	*rand.Rand
	o    openedViewing
	got  int64 // bytes that came
	gets sync.Mutex
}

// TestDeliveredIsLogged: whatever is done over HTTP, the entry of a viewing's end states the fragments that were handed
// to a connection, no more and no less, and what came at the other end is among them.
func TestDeliveredIsLogged(t *testing.T) {
	t.Parallel()
	const rounds = 100
	s := newStage(t)
	film := map[string][]stored{"hall": s.entrance(dawn),
		"yard": s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.YardSub, 2), Start: dawn, Segment: time.Minute})}
	for round := range uint64(rounds) {
		p := &visitor{viewer: s.viewer(), Rand: rand.New(rand.NewPCG(round, 5))}
		p.o = p.open(asks("hall", dawn, time.Minute))
		for range 1 + p.IntN(3) {
			p.step()
		}
		outcome := p.leave()
		p.compare(film, outcome, round)
	}
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	v.get(parts[2])
	must(t, s.Stop(t.Context()))
	(&visitor{viewer: v, o: o}).compare(film, accesslog.CutOff, rounds)
}

// step plays parts of a camera, in one tab or two, and may cut the connection in the middle.
func (p *visitor) step() {
	camera := []string{"hall", "yard"}[p.IntN(2)]
	var list windowList
	p.json("GET", stream(p.o, camera)+"/windows?from=2026-11-21T11:00:00Z&to=2026-11-21T11:01:00Z", nil, &list)
	parts, _ := p.playlist(list.Windows[0].Playlist)
	var tabs sync.WaitGroup
	for range 1 + p.IntN(2) {
		from, most := p.IntN(len(parts)), int64(1<<30)
		if p.IntN(2) == 0 {
			most = p.Int64N(200_000)
		}
		tab := p.sharing(p.cookie)
		tabs.Go(func() {
			for i := from; i < min(from+3, len(parts)) && most > 0; i++ {
				most -= p.fetch(tab, parts[i], most)
			}
		})
	}
	tabs.Wait()
}

// fetch reads at most so much of a part, and hangs up.
func (p *visitor) fetch(tab *viewer, path string, most int64) int64 {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a, err := tab.client.Do(tab.request(ctx, http.MethodGet, path, nil))
	if err != nil {
		p.t.Error(err)
		return most
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		p.t.Errorf("%s: %d", path, a.StatusCode)
		return most
	}
	n, err := io.CopyN(io.Discard, a.Body, most)
	if err != nil && err != io.EOF {
		p.t.Error(err)
	}
	p.gets.Lock()
	defer p.gets.Unlock()
	p.got += n
	return n
}

// leave leaves, and tells what the entry has to say of it.
func (p *visitor) leave() accesslog.Outcome {
	switch p.IntN(3) {
	case 0:
		p.json("POST", prefix+"/viewings/"+p.o.ID+"/end", endedViewing{accesslog.Reported}, nil)
		return accesslog.Reported
	case 1:
		p.json("DELETE", prefix+"/session", nil, nil)
		return accesslog.NotStated
	}
	p.sent.running.Wait()                  // what is on its way is asked for
	p.set(p.clock().Add(11 * time.Minute)) // nobody asks for anything
	must(p.t, p.stage.o.Door.Sweep(context.Background()))
	return accesslog.NotStated
}

// compare holds the last view.end against what was handed to connections.
func (p *visitor) compare(film map[string][]stored, outcome accesslog.Outcome, round uint64) {
	t := p.t
	t.Helper()
	left, bytes := map[string]bool{}, int64(0)
	for _, b := range p.sent.take() {
		left[string(b)] = true
		bytes += int64(len(b))
	}
	ends := p.entries("view.end")
	end := ends[len(ends)-1]
	if *end.Ref != p.o.Entry || end.Result != string(outcome) {
		t.Errorf("round %d: the last view.end is of %d, %s; want %d, %s", round, *end.Ref, end.Result, p.o.Entry, outcome)
	}
	if end.Bytes != bytes || p.got > bytes {
		t.Errorf("round %d: %d bytes are stated, %d were sent, %d came", round, end.Bytes, bytes, p.got)
	}
	for camera, list := range film {
		for _, f := range list {
			stated := false
			for _, o := range end.Objects {
				stated = stated || o.Camera == camera && !f.Start.Before(o.From) && !f.End().After(o.To.Add(time.Millisecond))
			}
			if stated != left[string(f.Data)] {
				t.Errorf("round %d: %s at %v: sent %v, stated %v", round, camera, f.Start, left[string(f.Data)], stated)
			}
		}
	}
}
