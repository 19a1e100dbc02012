package web

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"varuh/accesslog"
)

// moment is a time as people and programs send it: RFC 3339, with its zone. It is answered in UTC.
type moment struct{ time.Time }

// The years in which a moment can lie: nothing here is older, and nanoseconds since 1970 end in 2262.
const (
	firstYear = 2000
	lastYear  = 2200
)

// UnmarshalText implements [encoding.TextUnmarshaler], for JSON too.
func (m *moment) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.RFC3339, string(b))
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return &wrong{"", noZone}
	}
	m.Time = t.UTC()
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]: that of [time.Time] would be taken.
func (m *moment) UnmarshalJSON(b []byte) error { return unquoted(b, m.UnmarshalText) }

// MarshalJSON implements [json.Marshaler].
func (m moment) MarshalJSON() ([]byte, error) { return json.Marshal(m.UTC().Format(time.RFC3339Nano)) }

// day is a date, such as that of a signature, in the zone of whoever reads it.
type day struct{ time.Time }

// UnmarshalText implements [encoding.TextUnmarshaler], for JSON too.
func (d *day) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return &wrong{"", notADay}
	}
	d.Time = t
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (d *day) UnmarshalJSON(b []byte) error { return unquoted(b, d.UnmarshalText) }

// MarshalJSON implements [json.Marshaler].
func (d day) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format(time.DateOnly)) }

// in is the day's beginning in a zone; no day has none.
func (d day) in(zone *time.Location) time.Time {
	if d.IsZero() {
		return d.Time
	}
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
}

// unquoted gives the text of a JSON string.
func unquoted(b []byte, take func([]byte) error) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return &wrong{"", otherType}
	}
	return take([]byte(s))
}

// span is from when to when something was recorded.
type span struct {
	From moment `json:"from"`
	To   moment `json:"to"`
}

// check refuses a span that is none, is to come or is longer than most.
func (s span) check(now time.Time, most time.Duration) error {
	const ahead = time.Minute // clocks of browsers differ
	switch {
	case s.From.IsZero():
		return &wrong{"from", missing}
	case s.To.IsZero():
		return &wrong{"to", missing}
	case !s.To.After(s.From.Time), s.To.Sub(s.From.Time) > most, s.From.After(now.Add(ahead)):
		return accesslog.ErrSpan
	}
	return nil
}

// readQuery reads a query into a struct whose fields are texts, numbers, truth values and what reads itself from text.
// Each name is known, and there once.
func readQuery(raw string, in any) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return &wrong{"?", unknown}
	}
	fields := map[string]reflect.Value{}
	collect(reflect.ValueOf(in).Elem(), fields)
	for name, list := range values {
		f, ok := fields[name]
		switch {
		case !ok:
			return &wrong{name, unknown}
		case len(list) > 1:
			return &wrong{name, twice}
		}
		if why := set(f, list[0]); why != nil {
			return &wrong{name, *why}
		}
	}
	return nil
}

// collect finds the fields of a struct by the names that they have in a query.
func collect(v reflect.Value, fields map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if hidden(f) {
			continue
		}
		if name := nameOf(f); name != "" {
			fields[name] = v.Field(i)
		} else {
			collect(v.Field(i), fields)
		}
	}
}

// set reads a value from text.
func set(v reflect.Value, given string) *text {
	switch to := v.Addr().Interface().(type) {
	case interface{ UnmarshalText([]byte) error }:
		switch err := to.UnmarshalText([]byte(given)).(type) {
		case nil:
		case *wrong:
			return &err.why
		default:
			return &otherType
		}
	case *string:
		*to = given
	case *bool:
		on, err := strconv.ParseBool(given)
		if err != nil {
			return &otherType
		}
		*to = on
	case *int64:
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil || n < 0 {
			return &notANumber
		}
		*to = n
	default:
		return &otherType
	}
	return nil
}
