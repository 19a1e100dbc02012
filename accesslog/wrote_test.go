package accesslog

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

// One commit that failed, whoever wished for it, and nobody sees footage under a lease of before: neither played nor
// live, no picture of it and no aiming picture. One that succeeded, and everybody goes on.
func TestWrote(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-10 * time.Minute)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 10 * time.Minute, open: true})
	r.law.change(func() { r.notices(start, sign(true, property), sign(true, property)) })
	a := asks(noon, time.Minute)
	a.Live = true
	v, w := r.open(asks(start, 5*time.Minute)), r.open(a)
	list, fresh := r.pieces(v, "hall", "main", start, 2*time.Minute), r.pieces(w, "hall", "main", noon.Add(-10*time.Second), 10*time.Second)
	aim := r.aims()
	all := func(t *testing.T, want error, pieces func(Piece, []byte) (bool, error), still func(Still) (bool, error)) {
		t.Helper()
		for name, err := range map[string]error{
			"played":            v.Deliver(t.Context(), list, pieces),
			"live":              w.Deliver(t.Context(), fresh, pieces),
			"a key frame":       v.KeyFrame(t.Context(), list[0], still),
			"an aiming picture": aim.Current(t.Context(), still),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
	}
	some := func(t *testing.T) {
		t.Helper()
		n := 0
		all(t, nil, func(Piece, []byte) (bool, error) { n++; return true, nil }, func(Still) (bool, error) { n++; return true, nil })
		if n != len(list)+len(fresh)+2 {
			t.Errorf("%d of %d left", n, len(list)+len(fresh)+2)
		}
	}
	some(t)
	if n := len(r.entries(opMore)); n > 0 {
		t.Fatalf("%d further leases were needed", n)
	}
	downs["the commit fails"](t, r)
	r.door.Wrote(errors.New("the disk is full"))
	x := r.traced()
	all(t, ErrDiary, func(Piece, []byte) (bool, error) { x.note("footage"); return true, nil }, func(Still) (bool, error) { x.note("footage"); return true, nil })
	if got := x.String(); got != "" {
		t.Errorf("while nothing can be entered: %s", got)
	}
	r.diary.hooked(nil)
	r.door.Wrote(nil)
	some(t)
	if n := len(r.entries(opMore)); n > 0 {
		t.Errorf("%d further leases, though those of before are durable", n)
	}
	// Where nobody tells, the first that asks finds out.
	downs["the commit fails"](t, r)
	r.door.Wrote(errors.New("the disk is full"))
	r.diary.hooked(nil)
	some(t)
	if n := len(r.entries(opMore)); n != 1 {
		t.Errorf("%d further leases to find out that the diary is well", n)
	}
}

// In the middle of a delivery the piece that is out is the last.
func TestWroteWhileDelivering(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	v := r.open(asks(start, time.Minute))
	downs["the commit fails"](t, r)
	n := 0
	err := v.Deliver(t.Context(), r.pieces(v, "hall", "main", start, time.Minute), func(Piece, []byte) (bool, error) {
		if n++; n == 7 {
			r.door.Wrote(errors.New("the disk is full"))
		}
		return true, nil
	})
	if n != 7 || !errors.Is(err, ErrDiary) {
		t.Errorf("%d pieces left, then: %v", n, err)
	}
}

// An entry that was durable before another failed does not say that the diary can be written.
func TestWroteBetween(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	r.diary.hooked(func(_ string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
		receipt, err := write()
		r.door.Wrote(nil)
		r.door.Wrote(errors.New("the disk is full")) // somebody else's entry, before the goroutine of this one runs again
		return receipt, err
	})
	v := r.open(asks(start, time.Minute))
	list := r.pieces(v, "hall", "main", start, time.Second)
	downs["the commit fails"](t, r)
	if err := v.Deliver(t.Context(), list, all); !errors.Is(err, ErrDiary) {
		t.Errorf("under the lease: %v", err)
	}
	downs["nobody knows whether it was committed"](t, r)
	if err := v.Deliver(t.Context(), list, all); !errors.Is(err, ErrDiary) {
		t.Errorf("while nobody knows: %v", err)
	}
}

// An aiming picture goes on when the diary does, though nobody else enters anything: it takes its lease anew, once.
func TestAimUpAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(-time.Minute), length: time.Minute, open: true})
	aim := r.aims()
	still := func(Still) (bool, error) { return true, nil }
	downs["the commit fails"](t, r)
	r.door.Wrote(errors.New("the disk is full"))
	if err := aim.Current(t.Context(), still); !errors.Is(err, ErrDiary) {
		t.Error(err)
	}
	r.diary.hooked(nil)
	for range 3 {
		must(t, aim.Current(t.Context(), still))
	}
	more := r.entries(opMore)
	if len(more) != 1 || *more[0].Ref != aim.w.Entry() || more[0].Actor.ID != "mojca" {
		t.Errorf("its further leases: %+v", more)
	}
	r.law.change(func() { r.law.now = noon.Add(MostAim) })
	if err := aim.Current(t.Context(), still); err == nil {
		t.Error("it lasts longer for that")
	}
	if n := len(r.entries(opMore)); n != 1 {
		t.Errorf("%d further leases", n)
	}
}

// aims opens an aiming picture of the hall.
func (r *rig) aims() *Aim {
	r.t.Helper()
	aim, err := r.door.OpenAim(r.t.Context(), AskAim{By: session("ana", "s1"), For: session("mojca", "s4"), Address: inHouse, Camera: "hall", Stream: "main"})
	must(r.t, err)
	return aim
}

// A stop is not held up by a commit that hangs: keys are gone at once, and the next start tells of the viewings.
func TestCloseWhileTheDiaryHangs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	v := r.open(asks(start, time.Minute))
	hangs, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.diary.hooked(func(_ string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
		once.Do(func() { close(hangs) })
		<-goOn
		return write()
	})
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan error)
	old := r.door
	go func() { closed <- old.Close(ctx) }()
	<-hangs
	if !r.keys.Locked(people.FootageKey) {
		t.Error("the keys wait for the diary")
	}
	cancel()
	if err := <-closed; !errors.Is(err, ErrDiary) || !errors.Is(err, context.Canceled) {
		t.Errorf("closed with %v", err)
	}
	r.diary.hooked(nil)
	r.reopen()
	if n, err := r.door.Recover(t.Context()); n != 1 || err != nil {
		t.Errorf("the next start closed %d viewings: %v", n, err)
	}
	if e := r.last(opEnd); *e.Ref != v.Entry() || e.Result != string(Interrupted) {
		t.Errorf("the end is %+v", e.Body)
	}
	close(goOn)
}
