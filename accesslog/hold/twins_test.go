package hold

import (
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// The clock showed 1970 plus what the machine ran, and was set later: what it dated was right by so much more.
const wrongBy = 56 * 365 * 24 * time.Hour

// twins are those of what the clock dated until it was set at noon.
func twins(from, to time.Time) (list [][2]time.Time, _ error) {
	if from.Before(noon.Add(-wrongBy)) {
		list = append(list, [2]time.Time{from.Add(wrongBy), to.Add(wrongBy)})
	}
	if from.Before(noon) && from.After(noon.Add(-24*time.Hour)) {
		list = append(list, [2]time.Time{from.Add(-wrongBy), to.Add(-wrongBy)})
	}
	return list, nil
}

// TestSetBeforeTheClock: what is held or restricted by what the clock showed stays so once that is set.
func TestSetBeforeTheClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	right := order().Range
	shown := Range{right.Camera, right.From.Add(-wrongBy), right.To.Add(-wrongBy)}
	a := order()
	a.Range = shown
	if _, err := r.register.Set(t.Context(), a); err == nil {
		t.Error("nothing is of that time, and it is held")
	}
	r.register.Twins = twins
	e, err := r.register.Set(t.Context(), a)
	must(t, err)
	if e.Segments != 2 {
		t.Errorf("it keeps %d segments", e.Segments)
	}
	_, err = r.register.Restrict(t.Context(), AskedRestriction{Ground: Claims, Range: shown, Basis: "her request", Review: noon.AddDate(0, 1, 0), By: head()})
	must(t, err)

	holds := r.held(t)
	restrictions, err := r.register.Restrictions(t.Context())
	must(t, err)
	for _, list := range [][]retention.Hold{holds, {retention.Hold(restrictions[0]), retention.Hold(restrictions[1])}} {
		if len(list) != 2 || !list[0].From.Equal(shown.From) || !list[1].From.Equal(right.From) || !list[1].To.Equal(right.To) || !list[1].PastTerm {
			t.Errorf("in force: %+v", list)
		}
	}
	set, restricted, err := r.register.AsSet(t.Context())
	must(t, err)
	if len(set) != 1 || len(restricted) != 1 || !set[0].From.Equal(shown.From) || !restricted[0].From.Equal(shown.From) {
		t.Errorf("as set: %+v, %+v", set, restricted)
	}
}

// TestPinsByBothTimes: entries about what is held are kept by whichever time of the footage they name, be that of a year before.
func TestPinsByBothTimes(t *testing.T) {
	t.Parallel()
	right := order().Range
	shown := Range{right.Camera, right.From.Add(-wrongBy), right.To.Add(-wrongBy)}
	for name, set := range map[string]Range{"by what the clock showed": shown, "by the right one": right} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &story{rig: newRig(t)}
			s.register.Twins = twins
			before := s.enter(t, true, "view.start", nil, "hall", shown.From, shown.From.Add(time.Minute), nil)
			s.enter(t, false, "view.start", nil, "hall", shown.To.Add(time.Minute), shown.To.Add(time.Hour), nil)
			s.enter(t, true, "view.end", &before, "", noon, noon, nil)
			s.enter(t, true, "export", nil, "hall", right.From, right.To, nil)
			s.enter(t, false, "export", nil, "yard", right.From, right.To, nil)
			s.enter(t, true, proof.OpCollect, nil, "hall", right.From, right.From.Add(time.Hour), hour("hall", right.From, ""))
			a := order()
			a.Range = set
			e, err := s.register.Set(t.Context(), a)
			must(t, err)
			_, err = s.register.Pin(t.Context(), s.keys(), false)
			must(t, err)
			if got := s.pinned(t, e.ID); !slices.Equal(got, append(s.about, e.Receipt.Index)) {
				t.Errorf("kept are %v, want %v with %d", got, s.about, e.Receipt.Index)
			}
		})
	}
}
