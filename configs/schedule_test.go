package configs

import (
	"testing"
	"time"
)

func schedule(t *testing.T, windows ...string) Schedule {
	t.Helper()
	s := make(Schedule, len(windows))
	for i, w := range windows {
		if err := s[i].UnmarshalText([]byte(w)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	const layout = "Mon 2006-01-02 15:04"
	for _, tt := range []struct {
		windows []string
		at      string
		record  bool
		until   string
	}{
		{[]string{"mon-fri 06:00-22:00"}, "Mon 2026-03-02 05:59", false, "Mon 2026-03-02 06:00"},
		{[]string{"mon-fri 06:00-22:00"}, "Mon 2026-03-02 06:00", true, "Mon 2026-03-02 22:00"},
		{[]string{"mon-fri 06:00-22:00"}, "Fri 2026-03-06 22:00", false, "Mon 2026-03-09 06:00"},
		{[]string{"sat,sun"}, "Sat 2026-03-07 00:00", true, "Mon 2026-03-09 00:00"},
		{[]string{"fri-mon 22:00-06:00"}, "Tue 2026-03-03 03:00", true, "Tue 2026-03-03 06:00"},
		{[]string{"fri-mon 22:00-06:00"}, "Tue 2026-03-03 23:00", false, "Fri 2026-03-06 22:00"},
		{[]string{"mon 08:00-12:00", "mon 12:00-14:00"}, "Mon 2026-03-02 09:00", true, "Mon 2026-03-02 14:00"},
		{[]string{"wed 00:00-24:00"}, "Wed 2026-03-04 23:59", true, "Thu 2026-03-05 00:00"},
		{[]string{"wed 08:00-09:00"}, "Wed 2026-03-04 09:00", false, "Wed 2026-03-11 08:00"},
		// The night of 29 March has no 02:30; that of 25 October has two.
		{[]string{"sun 01:00-05:00"}, "Sun 2026-03-29 01:30", true, "Sun 2026-03-29 05:00"},
		{[]string{"sun 01:00-05:00"}, "Sun 2026-10-25 01:30", true, "Sun 2026-10-25 05:00"},
	} {
		at, err := time.ParseInLocation(layout, tt.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		record, until := schedule(t, tt.windows...).At(at.UTC(), zone)
		if record != tt.record || until.In(zone).Format(layout) != tt.until {
			t.Errorf("%v at %s: %v until %s, want %v until %s", tt.windows, tt.at, record, until.In(zone).Format(layout), tt.record, tt.until)
		}
	}
}

func TestScheduleAlways(t *testing.T) {
	t.Parallel()
	for _, s := range []Schedule{nil, schedule(t, "mon-sun"), schedule(t, "mon-sun 12:00-24:00", "sun-sat 00:00-12:00"), schedule(t, "mon-sun 22:00-21:59", "mon-sun 21:00-23:00")} {
		if record, until := s.At(time.Now(), time.UTC); !record || !until.IsZero() {
			t.Errorf("%v is not always", s)
		}
	}
}

// Every step of a year ends where the answer changes.
func TestScheduleYear(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	s := schedule(t, "mon-fri 06:00-22:00", "sun 02:30-03:30", "sat 20:00-02:15")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	for at.Year() == 2026 {
		record, until := s.At(at, zone)
		if !until.After(at) {
			t.Fatalf("at %v the answer holds until %v", at, until)
		}
		if before, _ := s.At(until.Add(-time.Second), zone); before != record {
			t.Fatalf("between %v and %v the answer changes", at, until)
		}
		if after, _ := s.At(until, zone); after == record {
			t.Fatalf("at %v the answer does not change", until)
		}
		at = until
	}
}
