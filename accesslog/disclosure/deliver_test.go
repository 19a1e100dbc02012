package disclosure

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// Only what was asked for is delivered, what was built is handed over, and whoever takes it is warned.
func TestDeliver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Approved)
	part := Wanted{"hall", q.Wanted[0].From.Add(time.Minute), q.Wanted[0].To}
	for name, p := range map[string]Packed{
		"nothing":        {Manifest: scan},
		"no hash":        {Manifest: "5c", Delivered: q.Wanted},
		"another camera": {Manifest: scan, Delivered: []Wanted{{"yard", part.From, part.To}}},
		"any camera":     {Manifest: scan, Delivered: []Wanted{{"", part.From, part.To}}},
		"more":           {Manifest: scan, Delivered: []Wanted{{"hall", part.From, part.To.Add(Tail + time.Second)}}},
		"too early":      {Manifest: scan, Delivered: []Wanted{{"hall", q.Wanted[0].From.Add(-Lead - time.Second), part.To}}},
	} {
		if _, err := r.Built(t.Context(), q.ID, p); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := r.Built(t.Context(), q.ID, Packed{Manifest: scan, Entry: 7, Delivered: []Wanted{part}})
	must(t, err)
	good := Handing{Recipient: "Janez Novak", Known: "službena izkaznica", Medium: "USB 7", Manifest: scan, Warned: true}
	for name, change := range map[string]func(*Handing){
		"to nobody":       func(h *Handing) { h.Recipient = "" },
		"to a stranger":   func(h *Handing) { h.Known = "" },
		"on nothing":      func(h *Handing) { h.Medium = "" },
		"another package": func(h *Handing) { h.Manifest = strings.Repeat("00", 32) },
		"without warning": func(h *Handing) { h.Warned = false },
	} {
		h := good
		change(&h)
		if _, err := r.HandOver(t.Context(), clerk(), q.ID, h); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, r.do(t, HandOver, q))
	q = r.request(t, q.ID)
	if body := r.body(t, q.Handover); q.Handover != q.Last || body.Recipient != "Janez Novak" || body.Data["warned"] != "yes" || !slices.Equal(q.Delivered, []Wanted{part}) {
		t.Errorf("handed over %+v, entry %+v", q, body)
	}
}

// A package that dies before anybody takes it can be built again.
func TestExpire(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Built)
	must(t, r.do(t, Expire, q))
	if q = r.request(t, q.ID); q.State != Approved || q.Package != "" || len(q.Delivered) != 0 {
		t.Errorf("expired: %+v", q)
	}
	must(t, r.do(t, Build, q))
}

// Of a request for all cameras each is delivered by its name, and has its mark.
func TestAllCameras(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Wanted[0].Camera = ""
	q := r.receive(t, a)
	must(t, r.do(t, Approve, q))
	if err := r.do(t, Build, q); !errors.Is(err, ErrWrong) {
		t.Errorf("all cameras are delivered without a name: %v", err)
	}
	yard := Wanted{"yard", q.Wanted[0].From, q.Wanted[0].To}
	_, err := r.Built(t.Context(), q.ID, Packed{Manifest: scan, Entry: 7, Delivered: []Wanted{yard}})
	must(t, err)
	must(t, r.do(t, HandOver, q))
	for camera, want := range map[string]int{"yard": 1, "hall": 0, "": 0} {
		if marks, err := r.Marks(t.Context(), camera, yard.From, yard.To); err != nil || len(marks) != want {
			t.Errorf("marks of %q: %+v, %v", camera, marks, err)
		}
	}
	if body := r.body(t, q.Entry); body.Objects[0].Camera != "*" {
		t.Errorf("the entry is about %+v", body.Objects)
	}
}
