package collect

import (
	"slices"
	"testing"
	"time"

	"varuh/recorder/footage"
)

// A segment whose disk is gone holds up its hour for a day; then it is listed as open, without a root, and no hour
// after that waits for it.
func TestSegmentStaysOpen(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	x.add("main", day.Add(time.Minute), day.Add(50*time.Minute))
	stuck := x.add("main", day.Add(50*time.Minute), day.Add(50*time.Minute))
	stuck.Sealed = false
	x.add("main", day.Add(65*time.Minute), day.Add(30*time.Hour))
	now := day.Add(24 * time.Hour)
	c := b.collector(x, &now)
	if n, err := c.Collect(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d pieces after a day, %v", n, err)
	}
	now = day.Add(25*time.Hour + time.Minute)
	if n, err := c.Collect(t.Context()); n != 24 || err != nil {
		t.Fatalf("%d pieces after that, %v", n, err)
	}
	now = now.Add(time.Hour)
	c = b.collector(x, &now) // a start does not change that
	if n, err := c.Collect(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d pieces an hour later, %v", n, err)
	}
	list := b.manifests(t)
	tiled(t, list)
	if s := list[0].Segments; len(s) != 2 || !s[1].Open || s[1].Root != [32]byte{} {
		t.Errorf("the segments are %+v", s)
	}
	for _, m := range list[1:] {
		if slices.ContainsFunc(m.Segments, func(s Segment) bool { return s.Open }) {
			t.Errorf("it is listed again: %+v", m)
		}
	}
}

// A machine that was off for a year has one piece for it, and one more for each hour that it records.
func TestYearOff(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	back := day.AddDate(1, 0, 0)
	x.add("main", day, day.Add(30*time.Minute))
	x.gap("main", day.Add(30*time.Minute), back.Add(10*time.Minute), "stopped")
	x.add("main", back.Add(10*time.Minute), back.Add(2*time.Hour))
	now := back.Add(2*time.Hour + 5*time.Minute)
	c := b.collector(x, &now)
	if n, err := c.Collect(t.Context()); n != 4 || err != nil {
		t.Fatalf("%d pieces, %v", n, err)
	}
	list := b.manifests(t)
	tiled(t, list)
	if off := list[1]; !off.From.Equal(day.Add(time.Hour)) || !off.To.Equal(back) || len(off.Gaps) != 1 {
		t.Errorf("the year is %+v", off)
	}
}

// After a clock that ran ahead is set back, what is recorded from then on is collected.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	wrong := day.AddDate(3, 0, 0)
	early := x.add("main", wrong, wrong.Add(time.Hour))
	now := wrong.Add(time.Hour + 3*time.Minute)
	c := b.collector(x, &now)
	if n, err := c.Collect(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d pieces, %v", n, err)
	}
	early.Start, early.End = day, day.Add(time.Hour) // the index dates it by the clock now known
	x.add("main", day.Add(65*time.Minute), day.Add(3*time.Hour))
	for _, wait := range []time.Duration{90 * time.Minute, 100 * time.Minute, 4*time.Hour + 3*time.Minute} {
		now = day.Add(wait)
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if wait == 100*time.Minute {
			x.gap("main", day.Add(3*time.Hour), time.Time{}, "silent")
		}
	}
	var found bool
	list := b.manifests(t)
	tiled(t, list[1:])
	for _, m := range list {
		for _, s := range m.Segments {
			found = found || s.Start.Equal(day.Add(65*time.Minute))
		}
	}
	if !found {
		t.Errorf("what was recorded after the clock was set is in no piece: %+v", list)
	}
}

// A camera that left the configuration is collected to the end of its footage, and no further.
func TestCameraRemoved(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	x.add("main", day, day.Add(70*time.Minute))
	x.gap("main", day.Add(70*time.Minute), time.Time{}, "removed")
	now := day.Add(10*time.Hour + 5*time.Minute)
	c := b.collector(x, &now)
	c.Cameras = func() []string { return nil }
	if n, err := c.Collect(t.Context()); n != 3 || err != nil {
		t.Fatalf("%d pieces, %v", n, err)
	}
	now = now.Add(20 * time.Hour)
	if n, err := c.Collect(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d more pieces a day later, %v", n, err)
	}
	tiled(t, b.manifests(t))
	if _, err := (&index{}).Oldest("hall"); err != footage.ErrUnknown {
		t.Fatal(err)
	}
}
