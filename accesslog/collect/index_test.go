package collect

import (
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// With a real index: what a machine without a clock recorded in 1970 is collected there, has its true date later,
// and is not stated again; what the index had lost and is found again by then comes late.
func TestRedatedIndex(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	path := filepath.Join(t.TempDir(), "footage.db")
	_, err := footage.Rebuild(t.Context(), durable.OS, path, nil)
	must(t, err)
	x, err := footage.Open(path)
	must(t, err)
	defer func() { must(t, x.Close()) }()
	boot, powerOn, unset := [16]byte{7}, day.Add(30*time.Minute), time.Unix(5, 0).UTC()
	var all []footage.Segment
	enter := func(age time.Duration, clock segment.ClockState) {
		t.Helper()
		start := unset.Add(age)
		if clock == segment.Synchronised {
			start = powerOn.Add(age)
		}
		s := footage.NewSegment(segment.Header{ID: keyring.NewID(start), Camera: "hall", Stream: "main", Start: start, Format: "f",
			Boot: boot, BootTime: age, Clock: clock})
		must(t, x.Begin(s))
		s.Sealed, s.End, s.Records, s.Root, s.Bytes = true, start.Add(10*time.Minute), 7, [32]byte{byte(len(all)), 1}, 1000
		must(t, x.Sealed(s))
		all = append(all, s)
	}
	now := unset
	c := &Collector{Diary: b.Diary, Index: x, Cameras: func() []string { return []string{"hall"} }, Now: func() time.Time { return now }, Started: unset}
	collect := func() {
		t.Helper()
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for age := time.Minute; age < 3*time.Hour; age += 10 * time.Minute {
		enter(age, segment.Unsynchronised)
	}
	now = unset.Add(3 * time.Hour)
	collect()
	lost := all[3]
	must(t, x.Remove(lost.ID)) // as an index that was put back
	for age := 3*time.Hour + time.Minute; age < 5*time.Hour; age += 10 * time.Minute {
		enter(age, segment.Synchronised) // which dates all of the boot
	}
	for _, age := range []time.Duration{5 * time.Hour, 7 * time.Hour, 33 * time.Hour} {
		now = powerOn.Add(age)
		collect()
	}
	must(t, x.Begin(lost))
	must(t, x.Sealed(lost))
	now = powerOn.Add(60 * time.Hour)
	collect()
	list := b.manifests(t)
	once(t, list, all)
	seen := 0
	for _, m := range list {
		for _, s := range m.Segments {
			if s.Known && m.From.Year() == 2026 && s.In < 3 {
				seen++
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d segments are listed under their true date, too", seen)
	}
}
