package main

import (
	"context"
	"testing"
	"time"

	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
)

// Who watches live is told of the newest fragment, at once if there is one.
func TestFragments(t *testing.T) {
	t.Parallel()
	f, id := newFragments(), keyring.NewID(time.Now())
	ctx, stop := context.WithCancel(t.Context())
	told := make(chan playback.Mark)
	go func() {
		var m playback.Mark
		for range 3 {
			next, err := f.Next(ctx, "hall", "main", m)
			if err != nil {
				return
			}
			m = next
			told <- m
		}
	}()
	for n := range 3 {
		f.stored("hall", "sub", id, 99)
		f.stored("hall", "main", id, n+1)
		if m := <-told; m.Segment != id || m.Record != n+1 {
			t.Errorf("told was %+v", m)
		}
	}
	stop()
	if _, err := f.Next(ctx, "hall", "main", playback.Mark{Segment: id, Record: 3}); err == nil {
		t.Error("it tells of a fragment that there is not")
	}
}

// Segments come in the order of their arrival and not of their IDs, which are of the clock: none that is remembered is
// passed over, and whoever comes late begins with the newest.
func TestFragmentsByArrival(t *testing.T) {
	t.Parallel()
	f, at := newFragments(), time.Now()
	var ids []keyring.ID
	for n := range mostRecent + 3 {
		ids = append(ids, keyring.NewID(at.Add(time.Duration(-n)*time.Hour))) // the clock is put back again and again
		f.stored("hall", "main", ids[n], 1)
		f.stored("hall", "main", ids[n], 2)
	}
	last := len(ids) - 1
	for _, tt := range []struct {
		after playback.Mark
		want  playback.Mark
	}{
		{playback.Mark{}, playback.Mark{Segment: ids[last], Record: 2}},
		{playback.Mark{Segment: ids[0], Record: 2}, playback.Mark{Segment: ids[last], Record: 2}}, // forgotten
		{playback.Mark{Segment: ids[last-2], Record: 1}, playback.Mark{Segment: ids[last-2], Record: 2}},
		{playback.Mark{Segment: ids[last-2], Record: 2}, playback.Mark{Segment: ids[last-1], Record: 2}},
		{playback.Mark{Segment: ids[last-1], Record: 2}, playback.Mark{Segment: ids[last], Record: 2}},
	} {
		if m, err := f.Next(t.Context(), "hall", "main", tt.after); err != nil || m != tt.want {
			t.Errorf("after %+v comes %+v, want %+v: %v", tt.after, m, tt.want, err)
		}
	}
	if n := len(f.recent[streamName{"hall", "main"}]); n != mostRecent {
		t.Errorf("%d segments are remembered", n)
	}
}
