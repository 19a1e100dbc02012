package footage

import (
	"slices"
	"testing"
	"time"
)

// TestTwins: what a clock dated before it was set is found by what it showed, and by what is right, also once it is erased.
func TestTwins(t *testing.T) {
	t.Parallel()
	shown, right := coldUnset.Add(2*time.Hour), powerOn.Add(2*time.Hour)
	ask := func(ix *Index, from, to time.Time) [][2]time.Time {
		t.Helper()
		list, err := ix.Twins(from, to)
		ok(t, err)
		return list
	}
	same := func(what string, got [][2]time.Time, want ...[2]time.Time) {
		t.Helper()
		if !slices.EqualFunc(got, want, func(a, b [2]time.Time) bool { return a[0].Equal(b[0]) && a[1].Equal(b[1]) }) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	ix := emptyIndex(t)
	rows, _ := coldStory()
	ok(t, ix.Begin(begun(rows[0].Segment)))
	ok(t, ix.Sealed(rows[0].Segment))
	ok(t, ix.Begin(begun(rows[1].Segment)))
	ok(t, ix.Sealed(rows[1].Segment))
	same("before the clock is set", ask(ix, shown, shown.Add(time.Minute)))

	ok(t, ix.Redate(coldBoot, powerOn))
	minute := [2]time.Time{right, right.Add(time.Minute)}
	same("what the clock showed", ask(ix, shown, shown.Add(time.Minute)), minute)
	same("what is right", ask(ix, right, right.Add(time.Minute)), [2]time.Time{shown, shown.Add(time.Minute)})
	same("a moment", ask(ix, shown, shown), [2]time.Time{right, right})
	same("after what is known of it", ask(ix, right.Add(time.Hour), right.Add(2*time.Hour)))

	ok(t, ix.Begin(begun(rows[2].Segment)))
	ok(t, ix.Sealed(rows[2].Segment))
	end := rows[2].HeaderStart
	list := ask(ix, right.Add(time.Hour), right.AddDate(1, 0, 0))
	if len(list) != 1 || !list[0][0].Equal(shown.Add(time.Hour)) || !list[0][1].Equal(coldUnset.Add(rows[2].BootTime)) {
		t.Errorf("until the clock was set at %v: %v", end, list)
	}
	for _, r := range rows[:3] {
		ok(t, ix.Remove(r.ID))
	}
	same("what is erased", ask(ix, shown, shown.Add(time.Minute)), minute)
}

// TestTwinsOfASecond: a clock that was right to the second dated nothing else, whether it was ahead or behind.
func TestTwinsOfASecond(t *testing.T) {
	t.Parallel()
	for by, want := range map[time.Duration]bool{time.Millisecond: false, -time.Millisecond: false, time.Second - 1: false, 1 - time.Second: false, time.Second: true, -time.Second: true} {
		ix := emptyIndex(t)
		rows, _ := coldStory()
		ok(t, ix.Begin(begun(rows[0].Segment)))
		ok(t, ix.Sealed(rows[0].Segment))
		ok(t, ix.Redate(coldBoot, coldUnset.Add(by)))
		list, err := ix.Twins(rows[0].HeaderStart, rows[0].HeaderStart.Add(time.Second))
		ok(t, err)
		if (len(list) > 0) != want {
			t.Errorf("set by %v: %v", by, list)
		}
	}
}
