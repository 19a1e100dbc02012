package main

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/retention"
)

// TestHeldBeforeTheClock: what was held by what the clock showed is held for a purge once that is set, also by what is remembered beside
// the key slots, which has it as it was set.
func TestHeldBeforeTheClock(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	dark := s.recordDark(t, s.stores[0])
	e, d, _ := s.eraser(t, later(t, 7, 0))
	register, _, err := e.books()
	must(t, err)
	_, err = register.Set(t.Context(), hold.Asked{Kind: hold.Incident, Range: hold.Range{Camera: "yard", From: dark.Start, To: dark.Start.Add(time.Minute)},
		Basis: "a broken window", Review: time.Now().AddDate(0, 1, 0), By: proof.Actor{Name: "Head Teacher"}})
	must(t, err)
	right := time.Now().Add(-time.Hour).UTC()
	must(t, s.index.Redate(dark.Boot, right.Add(-dark.BootTime)))
	bound := func(when string) {
		t.Helper()
		holds, err := ledger{e}.Holds(t.Context())
		must(t, err)
		row, err := s.index.Get(dark.ID)
		must(t, err)
		if !row.Start.Equal(right) {
			t.Fatalf("%s it is of %v", when, row.Start)
		}
		if j := retention.NewJudge(retention.Situation{Present: retention.Present{Certain: time.Now()}, Holds: holds}); !j.Verdict(&row).Bound {
			t.Errorf("%s it is not held, but %+v", when, holds)
		}
	}
	bound("with the diary")
	e.remembered(t.Context())
	if list := e.kept.holds(false); len(list) != 1 || !list[0].From.Equal(dark.Start) {
		t.Errorf("remembered are %+v", list)
	}
	e.remembered(t.Context())
	if ops := ops(t, d); slices.Contains(ops, "incident.open") {
		t.Errorf("it is taken for lost: %v", ops)
	}
	log := slog.New(slog.DiscardHandler)
	e = newEraser(s.site, s.index, openTimekeeper(s.cfg.State, later(t, 7, 0), log), log)
	bound("without a diary")
}
