package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/retention"
)

// orderOver asks for a hold over a segment.
func orderOver(row footage.Segment, review string) holdOrder {
	return holdOrder{who: herself, ground: ground{Basis: "order 3", Review: review}, Kind: string(hold.Order),
		span: span{row.Camera, row.Start.Format(time.RFC3339), row.End.Add(time.Second).Format(time.RFC3339)}}
}

// A review is the day that was said, wherever the machine is: in the site's zone, and in UTC as well.
func TestReviewDay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Ljubljana", "America/New_York", "Asia/Tokyo", "UTC"} {
		zone, err := time.LoadLocation(name)
		must(t, err)
		at, err := reviewOf("2026-12-22", zone)
		must(t, err)
		a := holdsAnswer{Zone: name}
		if got := a.day(at.UTC()); got != "2026-12-22" || at.UTC().Format(time.DateOnly) != "2026-12-22" {
			t.Errorf("%s: %s, in UTC %v", name, got, at.UTC())
		}
		if old := time.Date(2026, time.December, 22, 0, 0, 0, 0, zone); a.day(old.UTC()) != "2026-12-22" {
			t.Errorf("%s: a midnight of before is listed on %s", name, a.day(old.UTC()))
		}
	}
	if at, err := reviewOf("2026-12-22 08:30", time.UTC); err != nil || at.Hour() != 8 {
		t.Errorf("a time is read as %v, %v", at, err)
	}
	s := newStill(t)
	row := s.record(t, s.stores[0])
	e, _, _ := s.eraser(t, later(t, 7, 0))
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	e.config = func() ([]configs.Camera, *time.Location) { return nil, zone }
	day := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	_, err = e.setHold(t.Context(), orderOver(row, day))
	must(t, err)
	a, err := e.holds(t.Context(), struct{}{})
	must(t, err)
	if len(a.Holds) != 1 || a.day(a.Holds[0].Review) != day {
		t.Errorf("%+v is not listed on %s", a, day)
	}
}

// What keeps much is told of in the log and to whoever sets it; a disk that does not tell its size refuses nothing.
func TestLargeHoldTold(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	e, _, _ := s.eraser(t, later(t, 7, 0))
	log := newTap()
	e.log = slog.New(slog.NewTextHandler(log, nil))
	day := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	for _, c := range []struct {
		capacity int64
		err      error
		says     string
		logged   bool
	}{{row.Bytes * 19, nil, "more than a twentieth of what the stores can take", true}, {row.Bytes * 100, nil, "it keeps 1 segment", false},
		{0, errors.New("input/output error"), "How large a part of the stores that is can't be told: input/output error", false}} {
		e.register.Capacity = func() (int64, error) { return c.capacity, c.err }
		before := strings.Count(log.String(), "more than a twentieth")
		got, err := e.setHold(t.Context(), orderOver(row, day))
		must(t, err)
		text := heldText("Hold", got)
		if !strings.Contains(text, c.says) || c.logged != strings.Contains(text, "twentieth") {
			t.Errorf("of %d bytes: %s", c.capacity, text)
		}
		if n := strings.Count(log.String(), "more than a twentieth") - before; (n == 1) != c.logged {
			t.Errorf("of %d bytes it was logged %d times", c.capacity, n)
		}
	}
}

// looking is a diary that tells when the holds were read.
type looking struct {
	hold.Diary
	read func()
}

func (l *looking) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := l.Diary.Query(ctx, query, args...)
	if l.read != nil && strings.Contains(query, "FROM restrictions") {
		l.read()
	}
	return rows, err
}

// Between the moment at which a purge has read the holds and that at which the keys are gone nobody sets one; who sets one
// right after is told what he came too late for.
func TestHoldWhileErasing(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.recordAt(t, s.stores[0], "yard", time.Now().Add(-time.Hour))
	e, d, _ := s.eraser(t, later(t, 7, 0))
	e.config = func() ([]configs.Camera, *time.Location) { return []configs.Camera{{ID: "yard"}}, time.UTC }
	order := orderOver(row, time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	order.To = time.Now().Add(time.Hour).Format(time.RFC3339) // so that there is something to hold afterwards
	over, cancel := context.WithCancel(t.Context())
	cancel()
	tried := 0
	e.register.Diary = &looking{d, func() {
		for range 40 { // of an open gate and a context that is over either is taken
			tried++
			if _, err := e.setHold(over, order); err == nil || !strings.Contains(err.Error(), "under way") {
				t.Errorf("a hold that is set while keys are destroyed: %v", err)
			}
		}
	}}
	report, err := e.purging().Run(t.Context(), e.time.observe(), func() ([]retention.Erasure, error) {
		return []retention.Erasure{{Segment: row, Reason: retention.ByTerm}}, nil
	})
	must(t, err)
	e.register.Diary = d
	if report.Erased != 1 || tried == 0 {
		t.Fatalf("%+v, %d tries", report, tried)
	}
	got, err := e.setHold(t.Context(), order)
	must(t, err)
	if len(got.Late) != 1 || got.Late[0].ID != row.ID || !strings.Contains(heldText("Hold", got), "1 segment of it was erased shortly before") {
		t.Errorf("%+v: %s", got.Late, heldText("Hold", got))
	}
	if a, err := e.holds(t.Context(), struct{}{}); err != nil || len(a.Holds) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}

// A hold that went with what the diary lost is listed for as long as it is remembered.
func TestLostHoldListed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC)
	a := holdsAnswer{Zone: "UTC", Lost: []retention.Hold{{Camera: "yard", From: at, To: at.Add(time.Hour), Until: at.AddDate(0, 0, 14)}, {From: at, To: at.Add(time.Hour)}}}
	text := a.lostText()
	for _, want := range []string{"of yard from 2026-11-21 12:00:00 to 2026-11-21 13:00:00 UTC", "remembered until 2026-12-05: set anew", "of * from", "remembered: set anew"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in: %s", want, text)
		}
	}
}
