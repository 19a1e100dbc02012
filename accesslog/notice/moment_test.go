package notice

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Moments around both changes of the clock, by the clock on the wall in Ljubljana.
func TestMoment(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	for text, want := range map[string]string{
		"2026-09-01":             "2026-08-31T22:00:00Z",
		"2026-12-01":             "2026-11-30T23:00:00Z",
		"2026-09-01T07:30":       "2026-09-01T05:30:00Z",
		"2026-09-01 07:30":       "2026-09-01T05:30:00Z",
		"2026-03-29":             "2026-03-28T23:00:00Z",
		"2026-03-29T01:59":       "2026-03-29T00:59:00Z",
		"2026-03-29T03:00":       "2026-03-29T01:00:00Z",
		"2026-10-25":             "2026-10-24T22:00:00Z",
		"2026-10-25T01:59":       "2026-10-24T23:59:00Z",
		"2026-10-25T03:00":       "2026-10-25T02:00:00Z",
		"2026-10-25T02:30+02:00": "2026-10-25T00:30:00Z",
		"2026-10-25T02:30+01:00": "2026-10-25T01:30:00Z",
		"2026-10-25T02:30Z":      "2026-10-25T02:30:00Z",
	} {
		got, err := Moment(text, zone)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v, want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"2026-03-29T02:00": ErrNoMoment, "2026-03-29T02:59": ErrNoMoment,
		"2026-10-25T02:00": ErrAmbiguous, "2026-10-25T02:59": ErrAmbiguous,
		"": ErrMoment, "2026-02-30": ErrMoment, "1. 9. 2026": ErrMoment, "2026-09-01T24:00": ErrMoment, "2026-09-01T07:30:00": ErrMoment,
	} {
		if got, err := Moment(text, zone); !errors.Is(err, want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	if _, err := Moment("2026-10-25T02:30", zone); err == nil || !strings.Contains(err.Error(), "2026-10-25T02:30+02:00") {
		t.Errorf("it does not say how to say which: %v", err)
	}
}

// A day of 25 hours belongs to one notice, and so does one of 23.
func TestDaysOfAnotherLength(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, tt := range []struct {
		day, next string
		hours     int
	}{{"2027-03-28", "2027-03-29", 23}, {"2027-10-31", "2027-11-01", 25}} {
		from, err := Moment(tt.day, r.Zone)
		must(t, err)
		to, err := Moment(tt.next, r.Zone)
		must(t, err)
		first, second := r.add(t, hall(from)), r.add(t, hall(to))
		n := 0
		for at := from; r.at(t, "hall", at) == first.ID; at = at.Add(time.Hour) {
			n++
		}
		if n != tt.hours || r.at(t, "hall", to) != second.ID {
			t.Errorf("%s has %d hours", tt.day, n)
		}
	}
}

// What is read shows on the wall what was written, or says why it can't.
func FuzzMoment(f *testing.F) {
	zone := ljubljana(f)
	seeds := []string{"2026-09-01", "2026-03-29T02:30", "2026-10-25 02:30", "2026-10-25T02:30+02:00", "0000-01-01", "9999-12-31T23:59-23:59", "x"}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := Moment(text, zone)
		switch {
		case err != nil && !errors.Is(err, ErrMoment) && !errors.Is(err, ErrNoMoment) && !errors.Is(err, ErrAmbiguous):
			t.Errorf("%q: %v", text, err)
		case err == nil && len(text) == len(time.DateOnly) && at.In(zone).Format(time.DateOnly) != text:
			t.Errorf("%q was read as %v", text, at.In(zone))
		case err == nil && len(text) == len("2006-01-02 15:04") && at.In(zone).Format("2006-01-02 15:04") != strings.Replace(text, "T", " ", 1):
			t.Errorf("%q was read as %v", text, at.In(zone))
		}
	})
}

// A content that is read is one that the program could have written, and is written again as it was.
func FuzzContent(f *testing.F) {
	for _, c := range []Content{{}, school(), longest("č").Content} {
		b, err := c.encode()
		must(f, err)
		f.Add(b)
	}
	f.Add([]byte(`{"controller":{},"controller":{}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseContent(b)
		if err != nil {
			if !errors.Is(err, errContent) {
				t.Errorf("%q: %v", b, err)
			}
			return
		}
		again, err := c.encode()
		if err != nil || string(again) != string(b) || c.check() != nil {
			t.Errorf("%q is written as %q: %v", b, again, err)
		}
		for _, m := range c.Missing() {
			if m.In("sl") == "" || m.In("en") == "" {
				t.Errorf("%+v has no name", m)
			}
		}
	})
}
