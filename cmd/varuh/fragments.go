package main

import (
	"context"
	"slices"
	"sync"

	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
)

// fragments tells those who watch live which fragments of a stream are stored, in the order of their arrival. The
// recorder never waits for them.
type fragments struct {
	mu      sync.Mutex
	recent  map[streamName][]playback.Mark // the newest of each of the last segments; guarded by mu
	waiting map[streamName]chan struct{}   // closed with the next one; guarded by mu
}

// mostRecent is how many segments of a stream are remembered: of a camera that fails again and again, each of its runs
// is one.
const mostRecent = 16

// streamName is a stream of a camera.
type streamName struct{ camera, stream string }

func newFragments() *fragments {
	return &fragments{recent: map[streamName][]playback.Mark{}, waiting: map[streamName]chan struct{}{}}
}

// stored takes what the recorder tells.
func (f *fragments) stored(camera, stream string, id keyring.ID, record int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := streamName{camera, stream}
	list := f.recent[name]
	if n := len(list); n == 0 || list[n-1].Segment != id {
		list = append(list[max(0, n+1-mostRecent):], playback.Mark{Segment: id})
	}
	list[len(list)-1].Record = record
	f.recent[name] = list
	if w := f.waiting[name]; w != nil {
		close(w)
		delete(f.waiting, name)
	}
}

// Next implements [playback.Closed].
func (f *fragments) Next(ctx context.Context, camera, stream string, after playback.Mark) (playback.Mark, error) {
	for {
		next, wait := f.look(streamName{camera, stream}, after)
		if wait == nil {
			return next, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return playback.Mark{}, ctx.Err()
		}
	}
}

// look is the next mark behind one, or what is closed when there is one.
func (f *fragments) look(name streamName, after playback.Mark) (next playback.Mark, wait <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.recent[name]
	at := slices.IndexFunc(list, func(m playback.Mark) bool { return m.Segment == after.Segment })
	switch {
	case at < 0 && len(list) > 0:
		return list[len(list)-1], nil
	case at >= 0 && list[at].Record > after.Record:
		return list[at], nil
	case at >= 0 && at+1 < len(list):
		return list[at+1], nil
	}
	if f.waiting[name] == nil {
		f.waiting[name] = make(chan struct{})
	}
	return playback.Mark{}, f.waiting[name]
}
