package main

import (
	"io/fs"
	"slices"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// What is missing of the footage, or damaged, is an incident that names segment, camera and time; what was
// erased is none.
func TestLostSegmentsAreIncidents(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := &footage.Segment{ID: keyring.NewID(noon), Camera: "hall", Stream: "main", Start: noon, End: noon}
	for _, e := range []recorder.Event{
		{Kind: recorder.EventVanished, Segment: s, Sentence: "its file is gone"},
		{Kind: recorder.EventVanished, Sentence: "it was erased"},
		{Kind: recorder.EventDamaged, Segment: s, Err: fs.ErrNotExist, Sentence: "its file is gone, and it was sealed"},
		{Kind: recorder.EventDamaged, Segment: s, Sentence: "it was cut"},
		{Kind: recorder.EventDamaged, Sentence: "its header can't be read"},
	} {
		e.Camera, e.Stream = "hall", "main"
		c.event(e)
	}
	c.run(t)
	ops, bodies, _ := entries(t, c, keys)
	var results []string
	for i, b := range bodies {
		if ops[i] != "incident.open" {
			continue
		}
		results = append(results, b.Result)
		named := b.Data["segment"] == s.ID.String() && len(b.Objects) == 1 && b.Objects[0].From.Equal(noon)
		if b.Data["camera"] != "hall" || b.Note == "" || named != (len(results) < 4) {
			t.Errorf("the incident is %+v", b)
		}
	}
	if want := []string{"segment missing", "segment missing", "segment damaged", "segment damaged"}; !slices.Equal(results, want) {
		t.Errorf("the incidents are %q, want %q", results, want)
	}
}
