package main

import (
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/configs"
	"varuh/retention"
)

// Who asks again and again what goes next, and what a change of a term would take, learns nothing of footage whose day has
// not been over for a day, and of other footage whole days alone: by those he knows no segment.
func TestToldByWholeDays(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := &movingBoot{laterBoot: later(t, 7, 0)}
	e, _, _ := s.eraser(t, boot)
	today := e.midnight(boot.Now(), 0)
	boot.on = today.AddDate(0, 0, 1).Add(4 * time.Hour).Sub(boot.Now()) // early in the morning of the day after
	_, err := askConfirmClock.done(t.Context(), e, clockOrder{who: who{by: ana}, Reason: "the clock is right", Time: boot.Now()})
	must(t, err)
	base := boot.Now().AddDate(-1, 0, 7) // of which the law takes that of seven days ahead, and more to come
	record := func(at time.Time, bytes int64) {
		row := s.recordAt(t, s.stores[0], "yard", at)
		row.Bytes = bytes
		must(t, s.index.Sealed(row))
	}
	for i, bytes := range []int64{1 << 20, 9 << 20, 1 << 20} { // somebody was there in the second ten minutes
		record(base.Add(time.Duration(10*i+5)*time.Minute), bytes)
		record(boot.Now().Add(time.Duration(10*i-35)*time.Minute), bytes)
		record(base.AddDate(0, 0, -5).Add(time.Duration(10*i+5)*time.Minute), bytes) // goes in two days
	}
	r := shownRetention{&Daemon{eraser: e}}
	for range 4 {
		list, err := r.Next(t.Context(), 7)
		must(t, err)
		if len(list) != 1 || list[0].Segments != 3 || list[0].Bytes != 11<<20 || !list[0].Day.Equal(e.midnight(boot.Now(), 2)) {
			t.Errorf("at %v: %+v", boot.Now(), list)
		}
		boot.on += 10 * time.Minute
	}
	boot.on += 46 * time.Hour // on that day, of which footage goes one by one
	list, err := r.Next(t.Context(), 7)
	must(t, err)
	if len(list) == 0 || list[0].Bytes != 0 {
		t.Errorf("on the day itself: %+v", list)
	}
	for x, err := range e.longOver() {
		if must(t, err); !x.Start.Before(e.midnight(boot.Now(), -1)) {
			t.Errorf("%v is told of", x.Start)
		}
	}
}

// A start without a clock hides nothing of what goes next, nor of what a change would take: what is certain of the present counts.
func TestToldWithoutClock(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, _, _ := s.eraser(t, boot)
	e.config = func() ([]configs.Camera, *time.Location) {
		return []configs.Camera{{ID: "yard", Limit: retention.Term{Days: 7}}}, time.UTC
	}
	e.time.told("person", boot.Now())
	s.recordAt(t, s.stores[0], "yard", boot.Now().AddDate(-1, 0, 3))
	r := shownRetention{&Daemon{eraser: e}}
	for range 2 {
		list, err := r.Next(t.Context(), 7)
		if err != nil || len(list) != 1 || list[0].Segments != 1 {
			t.Errorf("at %v there goes next %+v: %v", boot.Now(), list, err)
		}
		terms, err := r.Terms(t.Context())
		if err != nil || len(terms.Waits) != 1 || terms.Waits[0].Segments != 1 {
			t.Errorf("at %v a change takes %+v: %v", boot.Now(), terms.Waits, err)
		}
		boot.ahead = -boot.Now().Sub(time.Unix(0, 0))
	}
}

// What a page says of how long secured footage stays is when the law takes the first of it.
func TestGoesAtTerm(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	e, _, _ := s.eraser(t, later(t, 7, 0))
	at := time.Now().AddDate(-1, 0, 7)
	row := s.recordAt(t, s.stores[0], "yard", at)
	r := shownRetention{&Daemon{eraser: e}}
	first, err := r.Goes(t.Context(), hold.Range{Camera: "yard", From: at, To: at.Add(time.Minute)})
	must(t, err)
	none, err := r.Goes(t.Context(), hold.Range{Camera: "yard", From: at.Add(time.Hour), To: at.Add(2 * time.Hour)})
	must(t, err)
	if want := retention.Law.End(row.Start, e.zone()); !first.Equal(want) || !none.IsZero() {
		t.Errorf("%v instead of %v; of nothing %v", first, want, none)
	}
}

// movingBoot is a boot in which time goes on.
type movingBoot struct {
	*laterBoot
	on time.Duration
}

func (b *movingBoot) Now() time.Time        { return b.laterBoot.Now().Add(b.on) }
func (b *movingBoot) Uptime() time.Duration { return b.laterBoot.Uptime() + b.on }
