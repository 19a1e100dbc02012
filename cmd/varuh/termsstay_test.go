package main

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"varuh/configs"
	"varuh/retention"
)

// A shorter term that is in force stays so for what is there, though what is certain of the present is lost or taken
// back, and the configuration asks for a longer one meanwhile.
func TestTermsStayWithoutTime(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*testing.T, *still, *eraser, *laterBoot) *timekeeper{
		"the present is lost": func(t *testing.T, s *still, _ *eraser, boot *laterBoot) *timekeeper {
			must(t, os.Remove(timeFile(s.cfg.State)))
			return openTimekeeper(s.cfg.State, boot, slog.New(slog.DiscardHandler))
		},
		"the present is set back": func(t *testing.T, _ *still, e *eraser, boot *laterBoot) *timekeeper {
			boot.ahead = 0
			_, err := e.setBackClock(t.Context(), backOrder{clockOrder{who: herself, Reason: "wrong date", Time: boot.Now()}, playedSecond("Bor")})
			must(t, err)
			return e.time
		},
	} {
		s := newStill(t)
		boot := later(t, 7, 0)
		e, _, _ := s.eraser(t, boot)
		limit := retention.Law
		e.config = func() ([]configs.Camera, *time.Location) {
			return []configs.Camera{{ID: "yard", Limit: limit}}, time.UTC
		}
		e.time.told(person, boot.Now())
		e.cycle(t.Context())
		row := s.recordAt(t, s.stores[0], "yard", time.Now().Add(-time.Hour))
		limit = retention.PublicTransport
		e.cycle(t.Context())
		_, err := askConfirmPolicy.done(t.Context(), e, policyOrder{who: herself, Camera: "yard", Reason: "a bus"})
		must(t, err)
		boot.ahead = 80 * time.Hour
		e.time.told(person, boot.Now())
		e.cycle(t.Context())
		e.time = lose(t, s, e, boot)
		limit = retention.Law
		e.cycle(t.Context())
		p, err := ledger{e}.Policies(t.Context())
		must(t, err)
		if due, _, _ := p.Due("yard", row.Start, boot.Now().AddDate(2, 0, 0), nil); due.After(row.Start.AddDate(0, 0, 8)) {
			t.Errorf("%s: footage of a week's term is due %s after it: %+v", name, due.Sub(row.Start), p)
		}
	}
}
