package hold

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// shut tells whether a purge could destroy no key now.
func (r *rig) shut() bool {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for range 40 { // of an open gate and a context that is over either is taken
		if r.register.Gate.Set(over, "", noon, noon, func([]retention.Listed) error { return nil }) == nil {
			return false
		}
	}
	return true
}

// TestInsideTheGate tries to destroy a key while an entry is being written by which more or less is held.
func TestInsideTheGate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	entered := 0
	r.diary.during = func() {
		if entered++; !r.shut() {
			t.Error("the gate is open while an entry is written")
		}
	}
	ctx := t.Context()
	provisional := order()
	provisional.Kind, provisional.Review = Provisional, time.Time{}
	h, err := r.register.Set(ctx, provisional)
	must(t, err)
	_, err = r.register.Confirm(ctx, h.ID, order())
	must(t, err)
	_, err = r.register.Clear(ctx, h.ID, head(), "done")
	must(t, err)
	s, err := r.register.Restrict(ctx, AskedRestriction{Ground: Claims, Range: order().Range, Basis: "letter", Review: noon.AddDate(0, 1, 0), By: head()})
	must(t, err)
	_, err = r.register.Unrestrict(ctx, s.ID, head(), "done")
	must(t, err)
	_, err = r.register.Set(ctx, provisional)
	must(t, err)
	_, err = r.register.Lapse(ctx, noon.AddDate(1, 0, 0))
	must(t, err)
	if entered != 7 || r.shut() {
		t.Errorf("%d were entered; shut afterwards: %v", entered, r.shut())
	}
}

// TestRestrictedBeforeEntry is TestEffectBeforeEntry of a restriction, and TestEndAfterEntry.
func TestRestrictedBeforeEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	asked := AskedRestriction{Ground: Claims, Range: order().Range, Basis: "letter of the parent", Review: noon.AddDate(0, 1, 0), By: head()}
	now := func() int {
		list, err := r.register.Restrictions(t.Context())
		must(t, err)
		return len(list)
	}
	seen := 0
	r.diary.during = func() { seen = now() }
	r.diary.fail = errors.New("the disk is full")
	if _, err := r.register.Restrict(t.Context(), asked); !errors.Is(err, r.diary.fail) || seen != 1 || now() != 0 {
		t.Errorf("error %v; restricted %d while it was entered, %d after", err, seen, now())
	}
	r.diary.fail = nil
	e, err := r.register.Restrict(t.Context(), asked)
	must(t, err)
	if seen != 1 || now() != 1 {
		t.Errorf("restricted %d while it was entered, %d after", seen, now())
	}
	_, err = r.register.Unrestrict(t.Context(), e.ID, head(), "withdrawn")
	must(t, err)
	if seen != 1 || now() != 0 {
		t.Errorf("restricted %d while its end was entered, %d after", seen, now())
	}
}

// TestErasedBefore names in the entry what a hold came too late for.
func TestErasedBefore(t *testing.T) {
	t.Parallel()
	e := Effect{Segments: 1, Late: make([]retention.Listed, mostNamed+5)}
	for i := range e.Late {
		e.Late[i].ID = keyring.ID{byte(i), 7}
	}
	data := e.data(map[string]any{})
	ids := strings.Fields(data["erased_ids"].(string))
	if data["erased_before"] != int64(mostNamed+5) || len(ids) != mostNamed || ids[3] != (keyring.ID{3, 7}).String() {
		t.Errorf("%v", data)
	}
	if _, err := proof.EncodeBody(proof.Body{Data: data}); err != nil {
		t.Error(err)
	}
	if _, some := (Effect{}).data(map[string]any{})["erased_before"]; some {
		t.Error("an entry says that something was erased before, and nothing was")
	}
}

// TestDaysOfTheSite sets a hold where midnight is another day in UTC: entry and refusal name the day that was said.
func TestDaysOfTheSite(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	zone := time.FixedZone("CET", 3600)
	r.register.Zone = func() *time.Location { return zone }
	a := order()
	a.Review = time.Date(2026, time.December, 22, 0, 0, 0, 0, zone)
	e, err := r.register.Set(t.Context(), a)
	must(t, err)
	if got := r.body(t, e).Data["review"]; got != "2026-12-22" {
		t.Errorf("the entry says that it is reviewed on %v", got)
	}
	a.Camera, a.From, a.To = "yard", time.Date(2026, time.January, 2, 0, 0, 0, 0, zone), time.Date(2026, time.January, 3, 0, 0, 0, 0, zone)
	if _, err := r.register.Set(t.Context(), a); !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), "from 2026-01-02 00:00:00 CET to 2026-01-02 24:00:00 CET") {
		t.Error(err)
	}
}

// TestLastDay takes the last day on which a review may be, at whatever time of it, and makes no provisional hold longer by it.
func TestLastDay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := order()
	for kind, days := range map[Kind]int{Provisional: ProvisionalDays, Order: 366} {
		for hours, fits := range map[int]bool{11: true, 12: false} { // of the day after noon
			a.Kind, a.Review = kind, noon.AddDate(0, 0, days).Add(time.Duration(hours)*time.Hour)
			if _, err := r.register.Set(t.Context(), a); (err == nil) != fits {
				t.Errorf("%s, %d days and %d hours: %v", kind, days, hours, err)
			}
		}
	}
	list, err := r.register.List(t.Context())
	must(t, err)
	if !slices.ContainsFunc(list, func(h Hold) bool { return h.Kind == Provisional && h.Review.Equal(noon.AddDate(0, 0, ProvisionalDays)) }) {
		t.Errorf("a provisional hold is none of %d days: %+v", ProvisionalDays, list)
	}
}

// TestHoldUndated holds footage by its true time where only what nobody can date may be of it.
func TestHoldUndated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := order()
	a.Camera = "yard"
	var asked string
	r.register.Undated = func(_ context.Context, camera string) (int, error) { asked = camera; return 3, nil }
	e, err := r.register.Set(t.Context(), a)
	must(t, err)
	if e.Undated != 3 || e.Segments != 0 || asked != "yard" || len(r.held(t)) != 1 {
		t.Errorf("it came to %+v, asked was of %q", e, asked)
	}
	r.register.Undated = func(context.Context, string) (int, error) { return 0, nil }
	if _, err := r.register.Set(t.Context(), a); !errors.Is(err, ErrGone) {
		t.Error(err)
	}
}
