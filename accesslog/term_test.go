package accesslog

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/recorder/footage"
)

// terms has footage past its term that began before a moment, in seconds since 1970, and nothing that was asked for the request in kept.
type terms struct {
	before atomic.Int64
	kept   string
}

func (m *terms) Over(_ context.Context, request string, list ...footage.Segment) ([]bool, error) {
	over := make([]bool, len(list))
	for i, s := range list {
		over[i] = s.Start.Unix() < m.before.Load() && (m.kept == "" || request != m.kept)
	}
	return over, nil
}

// wrongly has footage past its term that a wrong clock dated, once that is known.
type wrongly struct {
	known atomic.Bool
	dated time.Time
}

func (m *wrongly) Over(_ context.Context, _ string, list ...footage.Segment) ([]bool, error) {
	over := make([]bool, len(list))
	for i, s := range list {
		over[i] = m.known.Load() && s.Start.Equal(m.dated)
	}
	return over, nil
}

// What no purge could erase in time is shown to nobody, a year and a month later, though every authorisation and notice lasts.
func TestPastTheLaw(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	r.open(asks(start, 10*time.Second))
	r.law.change(func() {
		r.law.now = noon.AddDate(1, 1, 0)
		for _, list := range r.law.grants {
			for i := range list {
				list[i].To = time.Time{}
			}
		}
	})
	if _, err := r.door.Open(t.Context(), asks(start, 10*time.Second)); !errors.Is(err, ErrTerm) {
		t.Errorf("13 months later: %v", err)
	}
	if e := r.last(opRefused); e.Result != "term" {
		t.Errorf("the refusal says %+v", e.Body)
	}
}

// A term that ends while somebody looks ends that with the next piece: no lease of before outlives it. What is left of the span is
// shown, and the timeline says why the rest is not.
func TestTermEndsMeanwhile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var m terms
	r.door.o.Terms = &m
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 40 * time.Second, segment: 20 * time.Second})
	v := r.open(asks(start, 40*time.Second))
	list := r.pieces(v, "hall", "main", start, 40*time.Second)
	n := 0
	count := func(Piece, []byte) (bool, error) {
		if n++; n == 5 {
			m.before.Store(start.Add(10 * time.Second).Unix())
		}
		return true, nil
	}
	if err := v.Deliver(t.Context(), list, count); !errors.Is(err, ErrTerm) || n != 5 {
		t.Errorf("%d of %d pieces left: %v", n, len(list), err)
	}
	tl, err := v.Pieces(t.Context(), "hall", "main", start, start.Add(40*time.Second))
	must(t, err)
	if want := (Withheld{start, start.Add(20 * time.Second), ErrTerm}); len(tl.Withheld) != 1 || tl.Withheld[0] != want || len(tl.Pieces) != 20 {
		t.Errorf("%d pieces, withheld %+v", len(tl.Pieces), tl.Withheld)
	}
	must(t, v.Deliver(t.Context(), tl.Pieces, all))
	r.open(asks(start, 40*time.Second))
	if e := r.last(opStart); !e.Objects[0].From.Equal(start.Add(20 * time.Second)) {
		t.Errorf("the lease names what is past its term: %+v", e.Objects)
	}
	if _, err := r.door.Open(t.Context(), asks(start, 10*time.Second)); !errors.Is(err, ErrTerm) {
		t.Errorf("nothing but what is past its term: %v", err)
	}
}

// What is past its term goes into no package, which says it as erased; a term that ends while a package is made ends that. What the
// request itself keeps goes in.
func TestTermOfExport(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var m terms
	r.door.o.Terms = &m
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 40 * time.Second, segment: 20 * time.Second})
	asked := hall(start, 40*time.Second)
	q := r.request(disclosure.Authority, asked)
	e := r.export(takes(asked))
	m.before.Store(start.Add(10 * time.Second).Unix())
	if n, err := read(t.Context(), e, nil); !errors.Is(err, ErrTerm) {
		t.Errorf("the term has ended, and %d fragments left: %v", n, err)
	}
	must(t, e.Close(t.Context()))
	for _, tt := range []struct {
		kept      string
		fragments int
		gaps      string
	}{{"", 20, "[hall/main erased 0s–20s]"}, {q.ID, 40, "[]"}} {
		m.kept = tt.kept
		e := r.export(takes(asked))
		if got := fmt.Sprint(gaps(e, start)); got != tt.gaps {
			t.Errorf("kept by %q, the gaps are %s", tt.kept, got)
		}
		if n, err := read(t.Context(), e, nil); err != nil || n != tt.fragments {
			t.Errorf("kept by %q, %d fragments leave: %v", tt.kept, n, err)
		}
		must(t, e.Close(t.Context()))
	}
	m.kept = ""
	m.before.Store(noon.Unix())
	if _, err := r.door.Export(t.Context(), takes(asked)); !errors.Is(err, ErrNothing) {
		t.Errorf("all is past its term: %v", err)
	}
}

// What a fast clock dated ahead is past its term when that time comes. Nobody is shown it, and it hides nothing of what is recorded
// then: not in a viewing, not live, not from a package.
func TestPastTermBesideOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	m := &wrongly{dated: start.Add(5 * time.Second)}
	r.door.o.Terms = m
	r.record(tape{camera: "hall", stream: "main", start: m.dated, length: 45 * time.Second})
	old := r.pieces(r.open(asks(m.dated, 45*time.Second)), "hall", "main", m.dated, 45*time.Second)
	m.known.Store(true)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 40 * time.Second, segment: 10 * time.Second})
	v := r.open(asks(start, 40*time.Second))
	if e := r.last(opStart); !e.Objects[0].From.Equal(start) || !e.Objects[0].To.Equal(start.Add(40*time.Second)) {
		t.Errorf("the lease names %+v", e.Objects)
	}
	tl, err := v.Pieces(t.Context(), "hall", "main", start, start.Add(50*time.Second))
	must(t, err)
	if want := (Withheld{start.Add(40 * time.Second), start.Add(50 * time.Second), ErrTerm}); len(tl.Withheld) != 1 || tl.Withheld[0] != want || len(tl.Pieces) != 40 {
		t.Errorf("%d pieces, withheld %+v", len(tl.Pieces), tl.Withheld)
	}
	must(t, v.Deliver(t.Context(), tl.Pieces, all))
	if err := v.Deliver(t.Context(), old[:1], all); !errors.Is(err, ErrTerm) {
		t.Errorf("what is past its term: %v", err)
	}
	asked := hall(start, 40*time.Second)
	r.request(disclosure.Authority, asked)
	e := r.export(takes(asked))
	if n, err := read(t.Context(), e, nil); err != nil || n != 40 || len(gaps(e, start)) > 0 {
		t.Errorf("%d fragments leave, without %v: %v", n, gaps(e, start), err)
	}
	must(t, e.Close(t.Context()))
}

// So too where the good footage is being recorded.
func TestPastTermBesideLive(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := &wrongly{dated: noon.Add(-10 * time.Second)}
	m.known.Store(true)
	r.door.o.Terms = m
	r.notices(noon.AddDate(0, -1, 0), sign(true, property), sign(true, property))
	r.record(tape{camera: "hall", stream: "main", start: m.dated, length: 40 * time.Second})
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(-20 * time.Second), length: 20 * time.Second, open: true})
	live := asks(time.Time{}, 0)
	live.Live = true
	v := r.open(live)
	tl, err := v.Pieces(t.Context(), "hall", "main", noon.Add(-20*time.Second), noon.Add(time.Second))
	must(t, err)
	if len(tl.Pieces) != 20 || len(tl.Withheld) > 0 {
		t.Errorf("%d pieces, withheld %+v", len(tl.Pieces), tl.Withheld)
	}
	must(t, v.Deliver(t.Context(), tl.Pieces, all))
}
