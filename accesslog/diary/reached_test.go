package diary

import (
	"testing"
	"time"
)

// What an entry reached is told by the entries up to it, not by what the clock showed at that moment.
func TestReached(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	base := noon
	day := func(n int) time.Time { return base.AddDate(0, 0, n) }
	d := r.create(t)
	var entries []int64
	for _, at := range []time.Time{day(1), day(2), time.Date(1970, 1, 1, 0, 0, 5, 0, time.UTC), day(-40), day(3), day(400), day(4), day(500)} {
		r.clock.Store(int64(at.Sub(base)))
		receipt, err := d.Append(t.Context(), viewing(1), nil)
		must(t, err)
		entries = append(entries, receipt.Index)
	}
	for _, c := range []struct {
		entry int
		now   int // day
		want  int // day; -1: nothing is known
	}{
		{0, 5, 1}, {1, 5, 2},
		{2, 5, 2}, // booted without a clock
		{3, 5, 2}, // set back
		{4, 5, 3},
		{5, 5, 4}, // it was ahead: the next one tells
		{6, 5, 4},
		{7, 5, -1},    // it is ahead, and nothing comes after it
		{5, 450, 400}, // which has come by now
		{6, 450, 400},
		{0, 1, 1}, {1, 2, 2}, {4, 2, -1},
	} {
		at, known, err := d.Reached(t.Context(), entries[c.entry], day(c.now))
		must(t, err)
		if known != (c.want >= 0) || known && !at.Equal(day(c.want).Truncate(time.Millisecond)) {
			t.Errorf("entry %d, on day %d: %v %v, want day %d", c.entry, c.now, at, known, c.want)
		}
	}
	for _, moment := range []time.Time{base.AddDate(-1, 0, 0), base.AddDate(0, 0, -40), day(1), day(3), day(4), day(450), day(501)} {
		want := d.Head().Size
		for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
			if must(t, err); !e.Time.Before(moment) {
				want = e.Index
				break
			}
		}
		if got, err := d.Since(t.Context(), moment); err != nil || got != want {
			t.Errorf("since %v: entry %d, %v, want %d", moment, got, err, want)
		}
	}
}
