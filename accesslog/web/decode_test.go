package web

import (
	"strings"
	"testing"
	"time"
)

// What is read of a body, and what is not.
func TestBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	deep := `{"reason":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`
	for _, tt := range []struct{ name, body, id, field string }{
		{"no JSON", `{"reason"`, "request", ""},
		{"no object", `["x"]`, "request", ""},
		{"nothing", ``, "request", ""},
		{"two values", `{"reason":"x"}{"reason":"y"}`, "request", ""},
		{"something behind", `{"reason":"x"} x`, "request", ""},
		{"unknown name", `{"reason":"x","why":"y"}`, "request", "why"},
		{"twice", `{"reason":"x","reason":"y"}`, "request", "reason"},
		{"twice in another case", `{"reason":"x","Reason":"y"}`, "request", "Reason"},
		{"another case", `{"REASON":"x"}`, "request", "REASON"},
		{"twice by a letter that is folded", `{"reason":"x","reaſon":"y"}`, "request", "reaſon"},
		{"twice by an escape", `{"reason":"x","\u0072eason":"y"}`, "request", "reason"},
		{"another type", `{"reason":1}`, "request", "reason"},
		{"null", `{"reason":null}`, "request", ""},
		{"missing", `{}`, "request", "reason"},
		{"too deep", deep, "request", ""},
		{"no UTF-8", "{\"reason\":\"\xff\"}", "request", ""},
		{"too large", `{"reason":"` + strings.Repeat("x", shortBody) + `"}`, "large", ""},
		{"a number that is none", `{"reason":"x","from":1e999}`, "request", "from"},
		{"a number that is not whole", `{"reason":"x","from":1.5}`, "request", "from"},
		{"negative", `{"reason":"x","from":-1}`, "no-entry", ""},
		{"beyond the end", `{"reason":"x","from":1000000}`, "no-entry", ""},
		{"blank", `{"reason":" "}`, "request", "reason"},
	} {
		if id, p := head.refused("POST", "/diary/readings", tt.body); id != tt.id || p.Field != tt.field {
			t.Errorf("%s: %s %+v", tt.name, id, p)
		}
	}
	if ops := r.ops(t); strings.Contains(strings.Join(ops, " "), "diary.read") {
		t.Errorf("something was read: %v", ops)
	}
}

// ops are the operations in the diary.
func (r *rig) ops(t testing.TB) (ops []string) {
	t.Helper()
	for e, err := range r.diary.Entries(t.Context(), 0, r.diary.Head().Size) {
		must(t, err)
		ops = append(ops, e.Op)
	}
	return ops
}

// What is read of a query, and which spans of time.
func TestQueries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, tt := range []struct{ query, id, field string }{
		{"from=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z", "", ""},
		{"from=2026-11-20T12:00:00.123%2B01:00&to=2026-11-21T12:00:00Z", "", ""},
		{"", "request", "from"},
		{"from=2026-11-20T12:00:00Z", "request", "to"},
		{"from=2026-11-20T12:00:00&to=2026-11-21T12:00:00Z", "request", "from"},
		{"from=2026-11-20&to=2026-11-21", "request", "*"},
		{"from=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z&from=2026-11-20T12:00:00Z", "request", "from"},
		{"from=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z&x=1", "request", "x"},
		{"From=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z", "request", "*"},
		{"from=2026-11-21T12:00:00Z&to=2026-11-20T12:00:00Z", "span", ""},
		{"from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z", "span", ""},
		{"from=2025-11-21T12:00:00Z&to=2026-11-21T12:00:00Z", "span", ""},
		{"from=2027-11-20T12:00:00Z&to=2027-11-21T12:00:00Z", "span", ""},
		{"from=0001-01-01T00:00:00Z&to=2026-11-21T12:00:00Z", "request", "from"},
		{"from=9999-01-01T00:00:00Z&to=9999-01-02T00:00:00Z", "request", "*"},
		{"from=2026-02-30T12:00:00Z&to=2026-11-21T12:00:00Z", "request", "from"},
		{"from=%zz", "request", "?"},
		{"from=1;to=2", "request", "?"},
		{"from=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z&stream=third", "request", "stream"},
	} {
		path := "/cameras/hall/ranges?" + tt.query
		if tt.id == "" {
			head.api("GET", path, nil, nil)
			continue
		}
		if id, p := head.refused("GET", path, nil); id != tt.id || p.Field != tt.field && tt.field != "*" {
			t.Errorf("%s: %s %+v", tt.query, id, p)
		}
	}
	if id, _ := head.refused("GET", "/cameras/attic/days", nil); id != "no-camera" {
		t.Error(id)
	}
	if id, _ := head.refused("GET", "/cameras/hall/days", "{}"); id != "large" {
		t.Error(id)
	}
}

// A moment is written in UTC, and read as it was written; a day begins where the appliance is.
func TestMoments(t *testing.T) {
	t.Parallel()
	var m moment
	must(t, m.UnmarshalJSON([]byte(`"2026-11-21T13:00:00.5+01:00"`)))
	if b, err := m.MarshalJSON(); err != nil || string(b) != `"2026-11-21T12:00:00.5Z"` {
		t.Errorf("%s %v", b, err)
	}
	var d day
	must(t, d.UnmarshalJSON([]byte(`"2026-11-21"`)))
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	if got := d.in(zone).UTC(); !got.Equal(time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)) {
		t.Error(got)
	}
	if b, err := d.MarshalJSON(); err != nil || string(b) != `"2026-11-21"` {
		t.Errorf("%s %v", b, err)
	}
	for _, text := range []string{`"21.11.2026"`, `"2026-11-21T00:00:00Z"`, `20261121`, `"1999-12-31"`} {
		if err := d.UnmarshalJSON([]byte(text)); err == nil {
			t.Error(text)
		}
	}
}
