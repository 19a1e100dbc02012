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
