package accesslog

import (
	"testing"
	"time"

	"varuh/accesslog/disclosure"
)

// Sizes, which tell when something moved, are looked at with an entry: one for each hour of a stream in a viewing.
func TestActivity(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-3 * time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 70 * time.Minute, segment: 10 * time.Minute})
	r.record(tape{camera: "yard", stream: "main", start: noon.Add(-20 * time.Minute), length: 10 * time.Second})
	v := r.open(asks(start, time.Second))
	look := func(camera string, from, to time.Time) {
		t.Helper()
		tl, err := v.Pieces(t.Context(), camera, "main", from, to)
		must(t, err)
		must(t, v.Activity(t.Context(), tl))
	}
	for range 3 {
		look("hall", start.Add(5*time.Minute), start.Add(8*time.Minute))
		look("hall", start.Add(50*time.Minute), start.Add(60*time.Minute))
		look("hall", start.Add(2*time.Hour), start.Add(2*time.Hour+time.Minute)) // there is nothing
	}
	look("hall", start.Add(55*time.Minute), start.Add(65*time.Minute))
	look("yard", noon.Add(-20*time.Minute), noon.Add(-10*time.Minute))
	list := r.entries("view.activity")
	want := []span{{start, start.Add(time.Hour)}, {start, start.Add(2 * time.Hour)}, {noon.Add(-time.Hour), noon}}
	if len(list) != len(want) {
		t.Fatalf("%d entries: %+v", len(list), list)
	}
	for i, e := range list {
		if o := e.Objects[0]; !o.From.Equal(want[i].from) || !o.To.Equal(want[i].to) || *e.Ref != v.Entry() || e.Actor.ID != "ana" {
			t.Errorf("entry %d says %+v, of %d", i, e.Body, *e.Ref)
		}
	}
	r.law.change(func() { r.law.grants["ana"] = nil })
	if err := v.Activity(t.Context(), Timeline{Camera: "yard", Stream: "main", From: start, To: start.Add(time.Minute), Pieces: make([]Piece, 1)}); err == nil {
		t.Error("it is told without an authorisation")
	}
}

// Where the clock was put back, footage lies ahead of it. Its sizes are entered like all others, also at the turn of an hour.
func TestActivityAhead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ now, at, from, to time.Duration }{
		"all of it":        {0, 10 * time.Minute, 15 * time.Second, time.Hour},
		"the end of it":    {0, 40 * time.Minute, -time.Hour, time.Hour},
		"at the next hour": {-30 * time.Second, 10 * time.Minute, 10 * time.Second, 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(tape{camera: "hall", stream: "main", start: noon.Add(-10 * time.Minute), length: 10 * time.Second})
			r.record(tape{camera: "hall", stream: "main", start: noon.Add(tt.at), length: 30 * time.Second})
			r.law.change(func() { r.law.now = noon.Add(tt.now) })
			v := r.open(asks(noon.Add(-10*time.Minute), time.Second))
			tl, err := v.Pieces(t.Context(), "hall", "main", noon.Add(tt.from), noon.Add(tt.to))
			must(t, err)
			must(t, v.Activity(t.Context(), tl))
			list := r.entries(opActivity)
			if len(tl.Pieces) == 0 || len(list) != 1 {
				t.Fatalf("%d sizes are told by %d entries", len(tl.Pieces), len(list))
			}
			for _, p := range tl.Pieces {
				if o := list[0].Objects[0]; o.From.After(p.Start) || o.To.Before(p.End()) {
					t.Fatalf("the size of %v to %v is told, and the entry says %+v", p.Start, p.End(), o)
				}
			}
		})
	}
}

// The activity that is looked at for a request is found by it, and by its case.
func TestActivityOfRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	q := r.request(disclosure.Authority, hall(start, time.Minute))
	v := r.open(Ask{Session: session("boris", "s2"), Address: inHouse, Request: q.ID, Case: "KU 7/2026", Camera: "hall", Stream: "main", From: start, To: start.Add(time.Minute)})
	tl, err := v.Pieces(t.Context(), "hall", "main", start, start.Add(time.Minute))
	must(t, err)
	must(t, v.Activity(t.Context(), tl))
	if e := r.last(opActivity); e.Data["request"] != q.ID || e.Case != "KU 7/2026" {
		t.Errorf("request %v, case %q", e.Data["request"], e.Case)
	}
}
