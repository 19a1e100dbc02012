package retention

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// ljubljana is the zone of the tests; its data is part of the test's binary.
func ljubljana(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	return zone
}

// moment reads a moment such as 2024-02-29T12:00:00Z.
func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	must(t, err)
	return at.UTC()
}

// A term ends at the same time of day, in UTC or at the site, whichever is earlier, and never later than
// on the last day of the month that is meant.
func TestTermEnd(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	for _, c := range []struct{ term, first, end, why string }{
		{"1y", "2025-03-10T08:00:00Z", "2026-03-10T08:00:00Z", "an ordinary year"},
		{"1y", "2024-02-29T12:00:00Z", "2025-02-28T12:00:00Z", "29 February has no day a year later"},
		{"1y", "2023-02-28T12:00:00Z", "2024-02-28T12:00:00Z", "one day before 29 February"},
		{"1y", "2023-03-01T12:00:00Z", "2024-03-01T12:00:00Z", "366 days"},
		{"1y", "2024-02-28T23:30:00Z", "2025-02-27T23:30:00Z", "at the site it is 29 February already, whose end is 28 February 00:30"},
		{"1y", "2025-03-30T01:30:00Z", "2026-03-30T01:30:00Z", "both sides in summer time"},
		{"1y", "2026-03-29T00:30:00Z", "2027-03-28T23:30:00Z", "01:30 at the site, in winter time, and a year later in summer time"},
		{"6mo", "2025-08-31T10:00:00Z", "2026-02-28T10:00:00Z", "there is no 31 February; winter time at the site ends an hour later"},
		{"6mo", "2025-01-31T10:00:00Z", "2025-07-31T09:00:00Z", "summer time at the site ends an hour earlier"},
		{"6mo", "2023-08-29T10:00:00Z", "2024-02-29T10:00:00Z", "a leap year has the day"},
		{"1mo", "2024-12-31T22:59:59Z", "2025-01-31T22:59:59Z", "over the year's end"},
		{"1mo", "2024-12-31T23:30:00Z", "2025-01-31T23:30:00Z", "another year at the site"},
		{"7d", "2025-03-25T12:00:00Z", "2025-04-01T11:00:00Z", "spring: the clocks went forward"},
		{"7d", "2025-10-25T12:00:00Z", "2025-11-01T12:00:00Z", "autumn: the clocks went back"},
		{"7d", "2025-10-19T00:30:00Z", "2025-10-26T00:30:00Z", "02:30 exists twice on that day, the first is meant"},
		{"7d", "2025-03-23T01:30:00Z", "2025-03-30T00:30:00Z", "02:30 does not exist on that day"},
		{"365d", "2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z", "a leap year has 366"},
	} {
		term := must1(ParseTerm(c.term))(t)
		if got, want := term.End(moment(t, c.first), zone), moment(t, c.end); !got.Equal(want) {
			t.Errorf("%s from %s ends %s, want %s: %s", c.term, c.first, shown(got), c.end, c.why)
		}
	}
}

// Whatever the first frame, the zone and the term: the end is in no calendar later than its own reading, never
// more than the hour of summer time and the missing days of a month earlier, and no term outlives the law's.
func TestTermEndEveryHour(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{nil, ljubljana(t), must1(time.LoadLocation("Pacific/Auckland"))(t), must1(time.LoadLocation("America/St_Johns"))(t)}
	terms := []Term{Law, PublicArea, PublicTransport, {Months: 1}, {Days: 30}, {Days: 365}}
	begin, end := time.Date(2023, 1, 1, 0, 30, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for first := begin; first.Before(end); first = first.Add(time.Hour) {
		for _, zone := range zones {
			law := Law.End(first, zone)
			for _, term := range terms {
				got := term.End(first, zone)
				naive := first.AddDate(0, term.Months, term.Days)
				if got.After(naive) || naive.Sub(got) > 4*24*time.Hour {
					t.Fatalf("%s from %s in %v ends %s, AddDate says %s", term, first, zone, got, naive)
				}
				if got.After(law) {
					t.Fatalf("%s from %s in %v ends %s, after the law's %s", term, first, zone, got, law)
				}
				if got.Before(first.Add(term.least())) {
					t.Fatalf("%s from %s in %v is shorter than %v", term, first, zone, term.least())
				}
				if got.Sub(first) > term.depth() {
					t.Fatalf("%s from %s in %v is longer than %v", term, first, zone, term.depth())
				}
			}
		}
	}
}

func TestParseTerm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Term{"1y": Law, "12mo": Law, "6mo": PublicArea, "7d": PublicTransport, "365d": {Days: 365},
		"public-area": PublicArea, "public-transport": PublicTransport} {
		got, err := ParseTerm(text)
		if err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
		if back, err := ParseTerm(got.String()); err != nil || back != got {
			t.Errorf("%s is written %s, which reads as %v, %v", text, got, back, err)
		}
	}
	for text, part := range map[string]string{
		"": "is no term", "0d": "is no term", "-7d": "is no term", "1y6mo": "is no term", "7": "is no term", "1w": "is no term", "public": "is no term", "99999d": "is no term",
		"2y": "longer than one year", "13mo": "longer than one year", "366d": "longer than one year",
	} {
		if _, err := ParseTerm(text); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q gives the error %v, want one with %q", text, err, part)
		}
	}
	var term Term
	if err := json.Unmarshal([]byte(`"18mo"`), &term); err == nil {
		t.Error("a term over the law's can be read from JSON")
	}
	if got := (Policy{Limit: Term{Months: 24}}).limit(); got != Law {
		t.Errorf("a limit of two years counts as %s, want the law's", got)
	}
}

// A term may end before another if there is one first frame for which it does.
func TestTermMayEndBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b    Term
		earlier bool
	}{
		{Term{Days: 365}, Law, true}, {Law, Term{Days: 365}, false}, {Law, Law, false}, {PublicArea, Law, true},
		{Term{Days: 30}, Term{Months: 1}, true}, {Term{Months: 1}, Term{Days: 30}, true}, {Term{Months: 1}, Term{Days: 28}, false},
		{Term{}, PublicTransport, true}, {PublicTransport, Term{}, false},
	} {
		if got := c.a.mayEndBefore(c.b); got != c.earlier {
			t.Errorf("%s may end before %s: %v", c.a, c.b, got)
		}
	}
}

// What began at a moment that is not known exactly is due no later than it would be at any moment that is left; not even
// where clocks were put back in these hours, by more than the hour that they were.
func TestTermEndOfDoubt(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	zone := ljubljana(t)
	terms := []Term{Law, PublicArea, PublicTransport, {Months: 1}, {Months: 3}, {Days: 30}}
	begin0 := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for from := begin0; from.Year() < 2028; from = from.Add(37 * time.Minute) {
		term := terms[r.IntN(len(terms))]
		open := term.endOf(begin{from: from}, zone)
		for range 4 {
			true := from.Add(time.Duration(r.ExpFloat64() * float64(100*time.Hour)))
			if end := term.End(true, zone); end.Before(open) {
				t.Fatalf("%s from %s or later ends %s, but from %s it ends %s", term, shown(from), shown(open), shown(true), shown(end))
			}
		}
		width := time.Duration(1 + r.Int64N(int64(2*time.Hour)))
		end, exact := term.endOf(begin{from: from, to: from.Add(width)}, zone), term.End(from, zone)
		if exact.Sub(end) > 24*time.Hour || end.After(exact) || exact.Sub(open) > 24*time.Hour {
			t.Fatalf("%s from %s ends %s, in doubt %s, open %s", term, shown(from), shown(exact), shown(end), shown(open))
		}
		true := from.Add(time.Duration(r.Int64N(int64(width))))
		if at := term.End(true, zone); end.Sub(at) > time.Hour || end.After(at) && !changes(zone, from) && !changes(zone, at) {
			t.Fatalf("%s from %s to %s ends %s, but from %s it ends %s", term, shown(from), shown(from.Add(width)), shown(end), shown(true), shown(at))
		}
	}
}

// changes tells whether clocks are put forward or back about a moment.
func changes(zone *time.Location, at time.Time) bool {
	_, before := at.Add(-5 * time.Hour).In(zone).Zone()
	_, after := at.Add(5 * time.Hour).In(zone).Zone()
	return before != after
}
