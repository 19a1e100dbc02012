package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// A segment that is being written has the size of its file, in the status and for whoever holds it: the index knows none yet.
func TestGrowingSegment(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Millisecond)
	row := footage.NewSegment(segment.Header{ID: keyring.NewID(at), Store: s.stores[1].ID, Camera: "yard", Stream: "main", Run: keyring.ID{5}, Boot: [16]byte{6},
		Start: at, Clock: segment.Synchronised, Format: "H264 640x360"})
	must(t, s.index.Begin(row))
	boot := later(t, 0, 0)
	e, _, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	kept := func() string {
		got, err := e.setHold(t.Context(), holdOrder{who: herself, ground: ground{Basis: "order 3", Review: time.Now().AddDate(0, 1, 0).Format(time.DateOnly)},
			span: span{"yard", at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339)}, Kind: string(hold.Order)})
		must(t, err)
		return heldText("Hold", got)
	}
	if text := kept(); !strings.Contains(text, "it keeps 1 segment (0 B) now") {
		t.Errorf("before there is a file: %s", text)
	}
	name := s.stores[1].Path(row.Camera, row.ID)
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	must(t, os.WriteFile(name, make([]byte, 700), 0o600))
	if text := kept(); !strings.Contains(text, "it keeps 1 segment (700 B) now") {
		t.Errorf("of 700 bytes: %s", text)
	}
	must(t, os.Truncate(name, 5<<10))
	e.look(t.Context())
	if table := e.status().table(time.Now()); !strings.Contains(table, "held: 2 holds and 0 restrictions keep 1 segment (5.0 KiB); next review on") {
		t.Errorf("of 5 KiB:\n%s", table)
	}
	var b strings.Builder
	l, err := list(s.index, "yard", "")
	must(t, err)
	must(t, l.table(&b))
	if !strings.HasSuffix(b.String(), "  being written\n") {
		t.Errorf("listed as\n%s", b.String())
	}
}
