package accesslog

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

// An open viewing opens no camera that is out of scope, whoever knows the names of its pieces.
func TestScopeInside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	for _, camera := range []string{"hall", "office"} {
		r.record(tape{camera: camera, stream: "main", start: start, length: 20 * time.Second})
	}
	a := asks(start, 20*time.Second)
	a.Session, a.Camera = session("boris", "s2"), "office"
	list := r.pieces(r.open(a), "office", "main", start, 20*time.Second)
	v := r.open(asks(start, 20*time.Second))
	_, err := v.Pieces(t.Context(), "office", "main", start, start.Add(time.Second))
	footage := func(Piece, []byte) (bool, error) { t.Error("footage"); return true, nil }
	_, initErr := v.Init(t.Context(), list[0].Segment)
	for name, err := range map[string]error{
		"its pieces":  err,
		"a piece":     v.Deliver(t.Context(), list, footage),
		"a key frame": v.KeyFrame(t.Context(), list[0], func(Still) (bool, error) { t.Error("footage"); return true, nil }),
		"its init":    initErr,
	} {
		if !errors.Is(err, ErrScope) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list := r.entries("view.refused"); len(list) != 1 || list[0].Result != "scope" || list[0].Objects[0].Camera != "office" || *list[0].Ref != v.Entry() {
		t.Errorf("the refusals: %+v", list)
	}
	if len(r.entries("view.more")) > 0 {
		t.Error("a lease was taken")
	}
}

// The init record of another camera takes a lease that names it, of footage that may be seen.
func TestInit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	r.record(tape{camera: "yard", stream: "main", start: start, length: time.Minute, segment: 30 * time.Second})
	v := r.open(asks(start, 20*time.Second))
	list := r.pieces(v, "yard", "main", start, time.Minute)
	r.law.restricted = nil
	r.law.change(func() { r.restrict(start, 10*time.Second); r.law.restricted[0].Camera = "yard" })
	init, err := v.Init(t.Context(), list[0].Segment)
	must(t, err)
	if !bytes.Contains(init, testSPS) {
		t.Error("the init record is another")
	}
	if more := r.entries("view.more"); len(more) != 1 || more[0].Objects[0].Camera != "yard" || !more[0].Objects[0].From.Equal(start.Add(10*time.Second)) {
		t.Errorf("%d leases, %+v", len(more), more[0].Objects)
	}
	_, err = v.Init(t.Context(), list[len(list)-1].Segment)
	must(t, err)
	must(t, v.End(t.Context(), NothingFound))
	if e := r.last("view.end"); len(e.Objects) > 0 || e.Bytes > 0 {
		t.Errorf("an init record counts as footage: %+v", e.Body)
	}
	r.law.change(func() { r.restrict(start, time.Hour); r.law.restricted[1].Camera = "" })
	a := asks(start, 20*time.Second)
	if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrRestricted) {
		t.Errorf("all cameras are restricted: %v", err)
	}
}

// While nobody has unlocked the footage nobody sees any, and no viewing begins.
func TestLocked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	r.keys.k.Lock()
	if _, err := r.door.Open(t.Context(), asks(start, 20*time.Second)); !errors.Is(err, ErrLocked) {
		t.Errorf("opened while locked: %v", err)
	}
	ask := AskAim{By: session("ana", "s1"), For: session("mojca", "s2"), Address: inHouse, Camera: "hall", Stream: "main"}
	if _, err := r.door.OpenAim(t.Context(), ask); !errors.Is(err, ErrLocked) {
		t.Errorf("an aiming picture while locked: %v", err)
	}
	if n := r.diary.Head().Size; n != 1 {
		t.Errorf("%d entries were written", n-1)
	}
	must(t, r.unlock())
	v := r.open(asks(start, 20*time.Second))
	list := r.pieces(v, "hall", "main", start, 20*time.Second)
	r.keys.k.Lock()
	if err := v.Deliver(t.Context(), list, all); !errors.Is(err, people.ErrLocked) {
		t.Errorf("delivered while locked: %v", err)
	}
	if got := r.pieces(v, "hall", "main", start, 20*time.Second); len(got) != len(list) {
		t.Errorf("the timeline takes a key: %d pieces", len(got))
	}
	must(t, r.unlock())
	must(t, v.Deliver(t.Context(), list, all))
}

// What a person leaves in the middle of is not held up by the diary, and not entered twice.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := r.door.Open(gone, asks(start, 20*time.Second)); !errors.Is(err, context.Canceled) {
		t.Errorf("opened for nobody: %v", err)
	}
	v := r.open(asks(start, 20*time.Second))
	must(t, v.End(gone, NotStated))
	if n := len(r.entries("view.start")); n != 1 || *r.last("view.end").Ref != v.Entry() {
		t.Errorf("%d beginnings", n)
	}
	if r.door.isDown() || len(r.door.owed) > 0 || len(r.door.viewings) > 0 {
		t.Error("something is left of it")
	}
}

// A beginning that may be in the diary gets its end, though whoever asked for it left before that was known.
func TestUncertainAndGone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Second})
	ctx, leave := context.WithCancel(t.Context())
	tries := 0
	r.diary.hooked(func(_ string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
		if tries++; tries > 1 {
			return diary.Receipt{}, ctx.Err()
		}
		receipt, err := write()
		leave()
		return receipt, errors.Join(diary.ErrUncertain, err)
	})
	if _, err := r.door.Open(ctx, asks(start, 20*time.Second)); !errors.Is(err, context.Canceled) || tries != 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	r.diary.hooked(nil)
	must(t, r.door.Sweep(t.Context()))
	begun, ended := r.entries(opStart), r.entries(opEnd)
	if len(begun) != 1 || len(ended) != 1 || *ended[0].Ref != begun[0].Index || ended[0].Result != string(CutOff) {
		t.Errorf("%d beginnings, ends: %+v", len(begun), ended)
	}
}
