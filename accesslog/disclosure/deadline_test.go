package disclosure

import (
	"slices"
	"testing"
	"time"
)

// The work-free days that fall on Monday to Friday, as the calendars of those years have them.
func TestCalendars(t *testing.T) {
	t.Parallel()
	for year, want := range map[int][]string{
		2018: {"01-01", "01-02", "02-08", "04-02", "04-27", "05-01", "05-02", "06-25", "08-15", "10-31", "11-01", "12-25", "12-26"},
		2019: {"01-01", "01-02", "02-08", "04-22", "05-01", "05-02", "06-25", "08-15", "10-31", "11-01", "12-25", "12-26"},
		2020: {"01-01", "01-02", "04-13", "04-27", "05-01", "06-25", "12-25"},
		2024: {"01-01", "01-02", "02-08", "04-01", "05-01", "05-02", "06-25", "08-15", "10-31", "11-01", "12-25", "12-26"},
		2026: {"01-01", "01-02", "04-06", "04-27", "05-01", "06-25", "12-25"},
	} {
		var got []string
		for day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
			weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
			if !weekend && WorkFree(day) != "" {
				got = append(got, day.Format("01-02"))
			}
			if Working(day) != (!weekend && WorkFree(day) == "") {
				t.Errorf("%s: working %v", day.Format(time.DateOnly), Working(day))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", year, got, want)
		}
	}
}

// Easter Sundays that almanacs have, the earliest and the latest possible among them, and Pentecost of 2020.
func TestEaster(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"1818-03-22", "1943-04-25", "2000-04-23", "2008-03-23", "2011-04-24", "2020-04-12", "2024-03-31", "2025-04-20",
		"2026-04-05", "2027-03-28", "2038-04-25", "2049-04-18", "2076-04-19", "2100-03-28"} {
		day, err := time.Parse(time.DateOnly, want)
		must(t, err)
		if got := easter(day.Year()).Format(time.DateOnly); got != want {
			t.Errorf("Easter %d: %s, want %s", day.Year(), got, want)
		}
	}
	if got := WorkFree(time.Date(2020, 5, 31, 23, 59, 0, 0, ljubljana(t))); got != "binkošti" {
		t.Errorf("31 May 2020 is %q", got)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	for _, c := range []struct {
		from       string
		days       int
		last, ends string
		after      string // UTC
	}{
		{"2026-11-23T10:00:00+01:00", 15, "2026-12-08", "2026-12-08", "2026-12-08T23:00:00Z"},
		{"2026-11-22T00:30:00+01:00", 15, "2026-12-07", "2026-12-07", "2026-12-07T23:00:00Z"}, // a Sunday counts by the clock of the site
		{"2026-11-22T23:30:00Z", 15, "2026-12-08", "2026-12-08", "2026-12-08T23:00:00Z"},      // which is Monday there
		{"2026-11-28T12:00:00+01:00", 15, "2026-12-13", "2026-12-14", "2026-12-14T23:00:00Z"}, // a Sunday
		{"2026-03-22T12:00:00+01:00", 15, "2026-04-06", "2026-04-07", "2026-04-07T22:00:00Z"}, // Easter Monday; over the night of 29 March
		{"2026-03-20T12:00:00+01:00", 15, "2026-04-04", "2026-04-07", "2026-04-07T22:00:00Z"}, // Saturday before it
		{"2026-04-16T12:00:00+02:00", 15, "2026-05-01", "2026-05-04", "2026-05-04T22:00:00Z"}, // 1 and 2 May, Sunday
		{"2024-04-16T12:00:00+02:00", 15, "2024-05-01", "2024-05-03", "2024-05-03T22:00:00Z"},
		{"2026-12-10T12:00:00+01:00", 15, "2026-12-25", "2026-12-28", "2026-12-28T23:00:00Z"}, // Christmas, Saturday 26, Sunday
		{"2026-12-17T12:00:00+01:00", 15, "2027-01-01", "2027-01-04", "2027-01-04T23:00:00Z"}, // New Year
		{"2024-02-14T12:00:00+01:00", 15, "2024-02-29", "2024-02-29", "2024-02-29T23:00:00Z"}, // the day that other years do not have
		{"2028-02-14T12:00:00+01:00", 15, "2028-02-29", "2028-02-29", "2028-02-29T23:00:00Z"},
		{"2026-10-12T12:00:00+02:00", 15, "2026-10-27", "2026-10-27", "2026-10-27T23:00:00Z"}, // over the night of 25 October
		{"2026-10-10T23:59:59+02:00", 15, "2026-10-25", "2026-10-26", "2026-10-26T23:00:00Z"}, // the last day has 25 hours
		{"2026-03-14T01:00:00+01:00", 15, "2026-03-29", "2026-03-30", "2026-03-30T22:00:00Z"}, // the last day has 23
		{"2026-11-23T10:00:00+01:00", 30, "2026-12-23", "2026-12-23", "2026-12-23T23:00:00Z"},
		{"2026-11-25T10:00:00+01:00", 30, "2026-12-25", "2026-12-28", "2026-12-28T23:00:00Z"},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		must(t, err)
		after, err := time.Parse(time.RFC3339, c.after)
		must(t, err)
		d := Count(from, c.days, ByZUP, zone)
		if d.Last.Format(time.DateOnly) != c.last || d.Ends.Format(time.DateOnly) != c.ends || !d.After.Equal(after) || d.Moved() != (c.last != c.ends) {
			t.Errorf("%d days from %s: last %s, ends %s, after %s", c.days, c.from, d.Last, d.Ends, d.After.UTC())
		}
		if d.Over(after.Add(-1)) || !d.Over(after) || d.Late(midnight(d.Last, 1).Add(-1)) || !d.Late(midnight(d.Last, 1)) {
			t.Errorf("%d days from %s: over %v, late %v", c.days, c.from, d.Over(after), d.Late(after))
		}
		if naive := naiveCount(from, c.days, zone); !naive.Equal(d.Ends) {
			t.Errorf("%d days from %s end %s, day by day %s", c.days, c.from, d.Ends, naive)
		}
	}
}

// naiveCount walks day by day.
func naiveCount(from time.Time, days int, zone *time.Location) time.Time {
	day := from.In(zone)
	for range days {
		day = day.AddDate(0, 0, 1)
	}
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || WorkFree(day) != "" {
		day = day.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
}

// A term never ends on a day on which nobody works, nor before its last day, nor more than 4 days after it, from any hour of
// eight years.
func TestCountEveryHour(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	for at := time.Date(2024, 1, 1, 0, 0, 0, 0, zone); at.Year() < 2032; at = at.Add(time.Hour) {
		for _, days := range []int{3, 15, 30} {
			d := Count(at, days, ByZUP, zone)
			if !Working(d.Ends) || d.Ends.Before(d.Last) || d.Ends.After(midnight(d.Last, 4)) || !civil(at).AddDate(0, 0, days).Equal(civil(d.Last)) {
				t.Fatalf("%d days from %s: last %s, ends %s", days, at, d.Last, d.Ends)
			}
		}
	}
}

func TestBuildBy(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	plain := time.Date(2026, 12, 8, 0, 0, 0, 0, zone)
	for _, c := range []struct{ footage, want time.Time }{
		{time.Time{}, plain},
		{noon.AddDate(0, 0, 300), plain},
		{plain.AddDate(0, 0, 3), plain},
		{plain.AddDate(0, 0, 2), plain.AddDate(0, 0, -1)},
		{noon.AddDate(0, 0, 4), noon.AddDate(0, 0, 1)},
		{noon.AddDate(0, 0, 1), noon.AddDate(0, 0, -2)},                                          // too late already
		{time.Date(2026, 10, 28, 2, 30, 0, 0, zone), time.Date(2026, 10, 25, 2, 30, 0, 0, zone)}, // the hour that is there twice
	} {
		if got := BuildBy(noon, c.footage, zone); !got.Equal(c.want) {
			t.Errorf("footage due %s: build by %s, want %s", c.footage, got, c.want)
		}
	}
	if got := BuildBy(time.Time{}, noon, zone); !got.Equal(noon.AddDate(0, 0, -3)) {
		t.Errorf("before anybody decides: %s", got)
	}
	if got := BuildBy(time.Time{}, time.Time{}, zone); !got.IsZero() {
		t.Errorf("with no limit: %s", got)
	}
}

// Which term counts for which kind, and from when.
func TestDeadline(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	later := noon.AddDate(0, 0, 4)
	for _, c := range []struct {
		q    Request
		last string // "" for none
		rule Rule
	}{
		{Request{Kind: Authority, State: Complete, Received: noon, Completed: later}, "2026-12-11", ByZUP},
		{Request{Kind: Other, State: Complete, Received: noon, Completed: later}, "2026-12-11", ByZUP},
		{Request{Kind: Authority, State: Incomplete, Received: noon}, "", ""},
		{Request{Kind: Subject, State: Incomplete, Received: noon}, "2026-12-22", ByEU},
		{Request{Kind: Subject, State: Complete, Received: noon, Completed: later}, "2026-12-22", ByEU},
		{Request{Kind: Own, State: Complete, Received: noon, Completed: later}, "", ""},
		{Request{Kind: Authority, State: Extended, Completed: later, Due: time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)}, "2026-12-25", Agreed},
		{Request{Kind: Authority, State: OwnLaw, Completed: later, Due: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}, "2026-12-01", OwnTerm},
		{Request{Kind: Authority, State: OwnLaw, Completed: later}, "", ""},
	} {
		d, ok := c.q.Deadline(zone)
		if ok != (c.last != "") || ok && (d.Last.Format(time.DateOnly) != c.last || d.Rule != c.rule || d.Rule.In("sl") == "" || d.Rule.In("en") == "") {
			t.Errorf("%s, %s: %+v, %v", c.q.Kind, c.q.State, d, ok)
		}
	}
	if d, ok := (Request{PaperPending: true, Received: time.Date(2026, 4, 30, 18, 0, 0, 0, zone)}).PaperBy(zone); !ok || d.Ends.Format(time.DateOnly) != "2026-05-04" || d.Rule != ByItself {
		t.Errorf("the paper of an oral request before the holidays: %+v", d)
	}
}
