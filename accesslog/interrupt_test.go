package accesslog

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
	"varuh/retention"
)

var errGone = errors.New("the reader went away")

// Whatever ends the right to see footage in the middle of a delivery ends the delivery behind the piece that is
// out, with an error that says why, and the entry states what had left.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	for name, tt := range map[string]struct {
		happen func(r *rig, v *Viewing)
		want   error
		word   string // of the refusal that is entered
	}{
		"session over":         {func(r *rig, _ *Viewing) { r.law.gone["s1"] = true }, ErrSession, ""},
		"person removed":       {func(r *rig, _ *Viewing) { delete(r.law.grants, "ana") }, people.ErrNotAllowed, "role"},
		"authorisation over":   {func(r *rig, _ *Viewing) { r.law.now = noon.AddDate(2, 0, 0) }, people.ErrExpired, "expired"},
		"scope made narrower":  {func(r *rig, _ *Viewing) { r.law.grants["ana"][0].Cameras = []string{"yard"} }, ErrScope, "scope"},
		"restriction set":      {func(r *rig, _ *Viewing) { r.restrict(start.Add(5*time.Second), time.Minute) }, ErrRestricted, "restricted"},
		"left the premises":    {func(_ *rig, v *Viewing) { v.from = netip.MustParseAddr("203.0.113.9") }, ErrPremises, "premises"},
		"locked":               {func(r *rig, _ *Viewing) { r.keys.k.Lock() }, ErrLocked, ""},
		"erased":               {func(r *rig, _ *Viewing) { r.erase() }, ErrErased, ""},
		"its row removed":      {func(r *rig, _ *Viewing) { must(r.t, r.index.Remove(r.segments()...)) }, nil, ""},
		"ended in another tab": {func(r *rig, v *Viewing) { r.later(v) }, ErrEnded, ""},
		"the reader went away": {nil, errGone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
			limited := authorise(people.Caretaker, "hall")
			limited.To = noon.AddDate(1, 0, 0)
			r.law.grants["ana"] = []people.Authorisation{limited}
			v := r.open(asks(start, 20*time.Second))
			n := 0
			err := v.Deliver(t.Context(), r.pieces(v, "hall", "main", start, 20*time.Second), func(p Piece, plain []byte) (bool, error) {
				n++
				switch {
				case n == 3 && tt.happen == nil:
					return false, errGone
				case n == 3:
					r.law.change(func() { tt.happen(r, v) })
				}
				return true, nil
			})
			if tt.want == nil { // what is being read stays readable until its key is destroyed
				must(t, err)
				return
			}
			left := 3
			if tt.want == ErrRestricted {
				left = 5 // what lies before it is as free as before
			}
			if !errors.Is(err, tt.want) || n != left {
				t.Errorf("%d pieces left, then: %v", n, err)
			}
			if list := r.entries("view.refused"); len(list) != len(tt.word)/max(len(tt.word), 1) || len(list) == 1 && (list[0].Result != tt.word || *list[0].Ref != v.Entry()) {
				t.Errorf("the refusals: %+v", list)
			}
			if err := v.v.endSelf(t.Context(), NotStated, ""); err != nil {
				t.Error(err)
			}
			e := r.last("view.end")
			if o := e.Objects[0]; !o.From.Equal(start) || !o.To.Equal(start.Add(time.Duration(left)*time.Second)) {
				t.Errorf("stated is %+v", o)
			}
			if tt.want == ErrSession && e.Result != "cut off" {
				t.Errorf("it ended with %q", e.Result)
			}
		})
	}
}

func (r *rig) restrict(from time.Time, length time.Duration) {
	r.law.restricted = append(r.law.restricted, retention.Restriction{Camera: "hall", From: from, To: from.Add(length)})
}

func (r *rig) segments() (ids []keyring.ID) {
	for s, err := range r.index.All() {
		must(r.t, err)
		ids = append(ids, s.ID)
	}
	return ids
}

// erase destroys the keys of all segments.
func (r *rig) erase() {
	for s, err := range r.index.All() {
		must(r.t, err)
		must(r.t, r.store.Ring.Erase(context.Background(), []keyring.Ref{{ID: s.ID, Slot: s.Slot}}))
	}
}

// later ends a viewing from another goroutine: whoever delivers is not to hold anything that this waits for.
func (r *rig) later(v *Viewing) {
	r.law.mu.Unlock()
	defer r.law.mu.Lock()
	done := make(chan error)
	go func() { done <- v.End(context.Background(), NothingFound) }()
	must(r.t, <-done)
}

// A panic of whoever delivers counts as if footage had left, and one that says that nothing left takes it back.
func TestCounts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	v := r.open(asks(start, 20*time.Second))
	list := r.pieces(v, "hall", "main", start, 20*time.Second)
	must(t, v.Deliver(t.Context(), list[:4], func(p Piece, _ []byte) (bool, error) { return p.Start.Equal(start.Add(time.Second)), nil }))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		t.Error(v.Deliver(t.Context(), list[6:], func(Piece, []byte) (bool, error) { panic("a bug") }))
	}()
	if err := v.Deliver(t.Context(), list[10:], func(Piece, []byte) (bool, error) { return false, errGone }); !errors.Is(err, errGone) {
		t.Error(err)
	}
	must(t, v.End(t.Context(), NothingFound))
	want := []span{{start.Add(time.Second), start.Add(2 * time.Second)}, {start.Add(6 * time.Second), start.Add(7 * time.Second)}, {start.Add(10 * time.Second), start.Add(11 * time.Second)}}
	objects := r.last("view.end").Objects
	for i, x := range want {
		if i >= len(objects) || !objects[i].From.Equal(x.from) || !objects[i].To.Equal(x.to) {
			t.Fatalf("stated is %+v, want %+v", objects, want)
		}
	}
}

// Nothing is delivered to a caller who has left, and nothing of a segment that nobody can read.
func TestDeliverErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	v := r.open(asks(start, 20*time.Second))
	list := r.pieces(v, "hall", "main", start, 20*time.Second)
	footage := func(Piece, []byte) (bool, error) { t.Error("footage"); return true, nil }
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.Deliver(gone, list, footage); !errors.Is(err, context.Canceled) || errors.Is(err, ErrDiary) {
		t.Errorf("to nobody: %v", err)
	}
	for name, tt := range map[string]struct {
		piece Piece
		want  error
	}{
		"an init record":      {Piece{Segment: list[0].Segment}, ErrNothing},
		"behind the last":     {Piece{Segment: list[0].Segment, Record: 1000}, ErrNothing},
		"before the first":    {Piece{Segment: list[0].Segment, Record: -1}, ErrNothing},
		"a made-up segment":   {Piece{Segment: keyring.NewID(noon), Record: 1}, ErrErased},
		"with a wrong camera": {Piece{Segment: list[0].Segment, Record: 1, Camera: "yard", Start: noon}, nil},
	} {
		use := footage
		if tt.want == nil { // only the name of a piece counts, all else is looked up
			use = func(p Piece, _ []byte) (bool, error) {
				if p != list[0] {
					t.Errorf("it became %+v", p)
				}
				return true, nil
			}
		}
		if err := v.Deliver(t.Context(), []Piece{tt.piece}, use); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := v.KeyFrame(t.Context(), list[1], func(Still) (bool, error) { t.Error("footage"); return true, nil }); !errors.Is(err, ErrAsk) {
		t.Errorf("a key frame where there is none: %v", err)
	}
}

// A key frame alone is stated as long as it lasts.
func TestKeyFrame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	p := tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second}
	r.record(p)
	v := r.open(asks(start, 20*time.Second))
	list := r.pieces(v, "hall", "main", start, 20*time.Second)
	for _, n := range []int{4, 0} {
		must(t, v.KeyFrame(t.Context(), list[n], func(k Still) (bool, error) {
			if string(k.Sample.Data) != string(unit(p, 4*n)) || k.Duration != 250*time.Millisecond || k.Timescale != 90000 || len(k.Init) == 0 {
				t.Errorf("the key frame is %+v", k)
			}
			return true, nil
		}))
	}
	must(t, v.End(t.Context(), NothingFound))
	e := r.last("view.end")
	if want := []proof.Object{{Camera: "hall", From: start, To: start.Add(250 * time.Millisecond)}, {Camera: "hall", From: start.Add(4 * time.Second), To: start.Add(4250 * time.Millisecond)}}; len(e.Objects) != 2 || e.Objects[0] != want[0] || e.Objects[1] != want[1] {
		t.Errorf("stated is %+v", e.Objects)
	}
}
