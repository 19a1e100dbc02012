package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/collect"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// What was recorded in the hour that runs is in the diary as soon as a package waits for it, and not before.
func TestCollectedForPackage(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	start := time.Now().UTC().Truncate(time.Hour).Add(time.Minute)
	id := keyring.NewID(start)
	row := footage.NewSegment(segment.Header{ID: id, Store: id, Camera: "hall", Stream: "main", Run: id, Start: start, Clock: segment.Synchronised, Format: "test",
		Gaps: []segment.Gap{{From: start.Add(-2 * time.Minute), To: start, Cause: "unreachable"}}})
	if err := c.index.Begin(row, segment.Gap{From: start.Add(-2 * time.Minute), To: start, Cause: "unreachable"}); err != nil {
		t.Fatal(err)
	}
	row.End, row.Sealed, row.Records, row.Bytes = start.Add(time.Minute), true, 7, 1000
	if err := c.index.Sealed(row); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := c.begin(ctx)
	err := c.collected(t.Context(), "hall", row.End)
	if err != nil {
		t.Error(err)
	}
	d, err := c.use()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for p, err := range collect.Pieces(t.Context(), d, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		found = found || slices.ContainsFunc(p.Segments, func(s collect.Segment) bool { return s.ID == id && !s.Open })
	}
	if !found {
		t.Error("the segment is in no entry")
	}
	cancel()
	<-done
	if err := c.collected(t.Context(), "hall", row.End); err == nil {
		t.Error("collected after the end")
	}
	if ops, _, _ := entries(t, c, keys); !slices.Contains(ops, collect.Op) {
		t.Errorf("entries %v", ops)
	}
}
