package accesslog

import (
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/retention"
)

// A boot without a clock, as after a power cut without RTC: it goes on where it was, and the clock is set later.
var (
	lateShown = noon.Add(-20 * time.Hour)
	lateRight = noon.Add(-2 * time.Hour)
	lateBoot  = [16]byte{2}
)

// lateRig has footage of the hall of that boot, and a register of holds.
func lateRig(t *testing.T) (*rig, *hold.Register) {
	r := newRig(t)
	r.record(tape{camera: "hall", stream: "main", start: lateShown, length: 20 * time.Second, late: true})
	return r, &hold.Register{Diary: r.diary.Diary, Index: r.index, Twins: r.index.Twins, Gate: retention.NewGate(),
		Capacity: func() (int64, error) { return 1 << 40, nil }, Now: r.law.clock}
}

// TestSecuredBeforeTheClock: what somebody secured by what the clock showed is held once that is set.
func TestSecuredBeforeTheClock(t *testing.T) {
	t.Parallel()
	r, reg := lateRig(t)
	_, err := reg.Set(t.Context(), hold.Asked{Kind: hold.Provisional, Range: hold.Range{Camera: "hall", From: lateShown, To: lateShown.Add(20 * time.Second)},
		Basis: "a broken window", By: proof.Actor{ID: "ana", Name: "Ana"}})
	must(t, err)
	bound := func(at time.Time) bool {
		t.Helper()
		holds, err := reg.Holds(t.Context())
		must(t, err)
		list, _, err := r.index.Span("hall", "main", at, at.Add(20*time.Second))
		must(t, err)
		if len(list) != 1 || list[0].Boot != lateBoot {
			t.Fatalf("%v is of %+v", at, list)
		}
		return retention.NewJudge(retention.Situation{Present: retention.Present{Certain: noon}, Holds: holds}).Verdict(&list[0]).Bound
	}
	if !bound(lateShown) {
		t.Error("it is not held before the clock is set")
	}
	must(t, r.index.Redate(lateBoot, lateRight))
	if !bound(lateRight) {
		t.Error("it is held no more once the clock is set")
	}
}

// TestRestrictedBeforeTheClock: what was restricted by what the clock showed is shown to nobody once that is set.
func TestRestrictedBeforeTheClock(t *testing.T) {
	t.Parallel()
	r, reg := lateRig(t)
	_, err := reg.Restrict(t.Context(), hold.AskedRestriction{Ground: hold.Accuracy, Range: hold.Range{Camera: "hall", From: lateShown, To: lateShown.Add(20 * time.Second)},
		Basis: "her request", Review: noon.AddDate(0, 1, 0), By: proof.Actor{ID: "ana", Name: "Ana"}})
	must(t, err)
	must(t, r.index.Redate(lateBoot, lateRight))
	list, err := reg.Restrictions(t.Context())
	must(t, err)
	r.law.change(func() { r.law.restricted = list })
	if _, err := r.door.Open(t.Context(), asks(lateRight, 20*time.Second)); !errors.Is(err, ErrRestricted) {
		t.Errorf("what is restricted is opened: %v", err)
	}
}
