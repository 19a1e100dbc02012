package main

import (
	"bytes"
	"cmp"
	"context"
	"sync"

	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
)

// fragments tells those who watch live which fragment of a stream is the newest that is stored. The recorder never waits
// for them.
type fragments struct {
	mu      sync.Mutex
	newest  map[streamName]playback.Mark // guarded by mu
	waiting map[streamName]chan struct{} // closed with the next one; guarded by mu
}

// streamName is a stream of a camera.
type streamName struct{ camera, stream string }

func newFragments() *fragments {
	return &fragments{newest: map[streamName]playback.Mark{}, waiting: map[streamName]chan struct{}{}}
}

// stored takes what the recorder tells.
func (f *fragments) stored(camera, stream string, id keyring.ID, record int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := streamName{camera, stream}
	f.newest[name] = playback.Mark{Segment: id, Record: record}
	if w := f.waiting[name]; w != nil {
		close(w)
		delete(f.waiting, name)
	}
}

// Next implements [playback.Closed].
func (f *fragments) Next(ctx context.Context, camera, stream string, after playback.Mark) (playback.Mark, error) {
	for {
		newest, wait := f.look(streamName{camera, stream})
		if cmp.Or(bytes.Compare(newest.Segment[:], after.Segment[:]), cmp.Compare(newest.Record, after.Record)) > 0 {
			return newest, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return playback.Mark{}, ctx.Err()
		}
	}
}

// look is the newest fragment, and what is closed when there is a newer one.
func (f *fragments) look(name streamName) (playback.Mark, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.waiting[name]
	if w == nil {
		w = make(chan struct{})
		f.waiting[name] = w
	}
	return f.newest[name], w
}
