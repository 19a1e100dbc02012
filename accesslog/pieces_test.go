package accesslog

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// A timeline begins at the key frame before it, whatever the length of a group of pictures.
func TestLead(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int{2, 10, 60} {
		r := newRig(t)
		start := noon.Add(-time.Hour)
		r.record(tape{camera: "hall", stream: "main", start: start, length: 3 * time.Minute, gop: 4 * seconds, segment: time.Minute})
		v := r.open(asks(start, time.Minute))
		gop := time.Duration(seconds) * time.Second
		for _, at := range []time.Duration{0, time.Second, 59 * time.Second, 61 * time.Second, 119*time.Second + 900*time.Millisecond} {
			list := r.pieces(v, "hall", "main", start.Add(at), 5*time.Second)
			if want := start.Add(at / gop * gop); !list[0].Start.Equal(want) || !list[0].KeyFrame {
				t.Errorf("groups of %v: from %v on the pieces begin at %v, want %v", gop, at, list[0].Start, want)
			}
			if last := list[len(list)-1]; !last.Start.Before(start.Add(at+5*time.Second)) || last.End().Before(start.Add(at+5*time.Second)) {
				t.Errorf("from %v on the last piece begins at %v", at, last.Start)
			}
			for i := range list[1:] {
				if !list[i].End().Equal(list[i+1].Start) {
					t.Errorf("between %v and %v something is missing", list[i].End(), list[i+1].Start)
				}
			}
		}
	}
}

// Where fragments end some milliseconds later than the next begin, pictures begin with their key frame all the same: not with a
// fragment before it, which no player shows, nor with the end of the segment before. A restriction up to the key frame leaves it.
func TestLeadOverlapping(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute, segment: 20 * time.Second, sound: true, overlap: 6 * time.Millisecond})
	first := func(from time.Duration) (pictures []Piece) {
		t.Helper()
		for _, p := range r.pieces(r.open(asks(start, time.Minute)), "hall", "main", start.Add(from), 5*time.Second) {
			if p.Kind == segment.Video {
				pictures = append(pictures, p)
			}
		}
		return pictures
	}
	for from, want := range map[time.Duration]time.Duration{
		31 * time.Second: 30 * time.Second, 30 * time.Second: 30 * time.Second, 30*time.Second + 3*time.Millisecond: 30 * time.Second,
		30*time.Second - time.Millisecond: 28 * time.Second, 20 * time.Second: 20 * time.Second, 20*time.Second + 3*time.Millisecond: 20 * time.Second,
		20*time.Second - time.Millisecond: 18 * time.Second, time.Second: 0, -time.Second: 0,
	} {
		list := first(from)
		if !list[0].KeyFrame || !list[0].Start.Equal(start.Add(want)) {
			t.Errorf("from %v on the pictures begin with record %d at %v, want %v", from, list[0].Record, list[0].Start.Sub(start), want)
		}
		for i, p := range list[1:] {
			if p.Start.Sub(list[i].Start) != time.Second {
				t.Errorf("from %v on a picture of %v follows one of %v", from, p.Start.Sub(start), list[i].Start.Sub(start))
			}
		}
		if last := list[len(list)-1]; last.End().Before(start.Add(from + 5*time.Second)) {
			t.Errorf("from %v on the pictures end at %v", from, last.End().Sub(start))
		}
	}
	r.restrict(start.Add(25*time.Second), 5*time.Second)
	if list := first(31 * time.Second); !list[0].Start.Equal(start.Add(30 * time.Second)) {
		t.Errorf("behind a restriction the pictures begin at %v", list[0].Start.Sub(start))
	}
}

// Runs, gaps, and time of which nothing is known any more, are all told.
func TestTimeline(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	at := func(d time.Duration) time.Time { return start.Add(d) }
	r.record(tape{camera: "hall", stream: "main", start: start, length: 30 * time.Second})
	r.gap = &segment.Gap{From: at(30 * time.Second), To: at(50 * time.Second), Cause: "unreachable"}
	r.record(tape{camera: "hall", stream: "main", start: at(50 * time.Second), length: 30 * time.Second})
	r.gap = nil
	r.record(tape{camera: "hall", stream: "main", start: at(100 * time.Second), length: 20 * time.Second})
	v := r.open(asks(start, 2*time.Minute))
	tl, err := v.Pieces(t.Context(), "hall", "main", at(-10*time.Second), at(2*time.Minute))
	must(t, err)
	if len(tl.Pieces) != 80 || len(tl.Runs) != 3 || tl.Runs[0].Format != "H264 352x288" || tl.Runs[1].Init != tl.Pieces[30].Segment || tl.Runs[2].ID != tl.Pieces[79].Run {
		t.Errorf("%d pieces, runs %+v", len(tl.Pieces), tl.Runs)
	}
	if len(tl.Gaps) != 1 || tl.Gaps[0].Cause != "unreachable" {
		t.Errorf("gaps %+v", tl.Gaps)
	}
	want := []Withheld{{at(-10 * time.Second), start, ErrNothing}, {at(80 * time.Second), at(100 * time.Second), ErrNothing}}
	if !slices.Equal(tl.Withheld, want) {
		t.Errorf("withheld %+v, want %+v", tl.Withheld, want)
	}

	// A segment whose key is destroyed, and one that cannot be read, are told apart and hide nothing else.
	s, err := r.index.Get(tl.Pieces[0].Segment)
	must(t, err)
	must(t, r.store.Ring.Erase(t.Context(), []keyring.Ref{{ID: s.ID, Slot: s.Slot}}))
	must(t, os.Remove(r.store.Path(s.Camera, s.ID)))
	other, err := r.index.Get(tl.Pieces[30].Segment)
	must(t, err)
	must(t, os.WriteFile(r.store.Path(other.Camera, other.ID), []byte("no segment"), 0o600))
	r.reopen()
	v = r.open(asks(start, 2*time.Minute))
	tl, err = v.Pieces(t.Context(), "hall", "main", start, at(2*time.Minute))
	must(t, err)
	if len(tl.Pieces) != 20 || len(tl.Withheld) != 3 || !errors.Is(tl.Withheld[0].Why, ErrErased) || !errors.Is(tl.Withheld[1].Why, ErrDamaged) || tl.Withheld[2].Why != ErrNothing {
		t.Errorf("%d pieces, withheld %+v", len(tl.Pieces), tl.Withheld)
	}
}

// What a boot without a clock recorded is found, leased and stated at the time that was found out later.
func TestCorrectedTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shown, truth := time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC), noon.Add(-2*time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: shown, length: 20 * time.Second, late: true})
	must(t, r.index.Redate([16]byte{2}, truth))
	if _, err := r.door.Open(t.Context(), asks(shown, 20*time.Second)); !errors.Is(err, ErrNothing) {
		t.Errorf("by the clock that was wrong: %v", err)
	}
	v := r.open(asks(truth, 20*time.Second))
	list := r.pieces(v, "hall", "main", truth.Add(4*time.Second), 2*time.Second)
	if !list[0].Start.Equal(truth.Add(4 * time.Second)) {
		t.Fatalf("the pieces begin at %v", list[0].Start)
	}
	must(t, v.Deliver(t.Context(), list, all))
	must(t, v.End(t.Context(), NothingFound))
	if o := r.last("view.end").Objects[0]; !o.From.Equal(truth.Add(4*time.Second)) || !o.To.Equal(truth.Add(6*time.Second)) {
		t.Errorf("stated is %+v", o)
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }
	var s set
	for _, x := range [][2]int{{10, 20}, {30, 40}, {0, 5}, {20, 22}, {50, 60}, {39, 51}} {
		s = s.add(span{at(x[0]), at(x[1])}, 0)
	}
	want := set{{at(0), at(5)}, {at(10), at(22)}, {at(30), at(60)}}
	if !slices.Equal(s, want) {
		t.Fatalf("%v", s)
	}
	for _, tt := range []struct{ from, to, lacks, until int }{{0, 5, 5, 5}, {0, 7, 5, 7}, {5, 10, 5, 10}, {4, 30, 5, 10}, {10, 22, 22, 22}, {60, 61, 60, 61}, {12, 31, 22, 30}, {-5, 70, -5, 0}} {
		got := s.missing(span{at(tt.from), at(tt.to)})
		if !got.from.Equal(at(tt.lacks)) || !got.to.Equal(at(tt.until)) {
			t.Errorf("of %d to %d there lacks %v", tt.from, tt.to, got)
		}
	}
	if j := s.joined(5 * time.Second); len(j) != 2 || !j[0].to.Equal(at(22)) {
		t.Errorf("joined %v", j)
	}
	if s = s.add(span{at(-1), at(100)}, 0); len(s) != 1 {
		t.Errorf("all in one: %v", s)
	}
	if s := (set{{at(0), at(1)}}).add(span{at(1).Add(joint), at(2)}, joint); len(s) != 1 {
		t.Errorf("neighbours: %v", s)
	}
	if s := (set{{at(0), at(1)}}).add(span{at(1).Add(joint + 1), at(2)}, joint); len(s) != 2 {
		t.Errorf("no neighbours: %v", s)
	}
}
