package accesslog

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"varuh/accesslog/people"
)

// An aiming picture shows a maintainer the newest key frame, while the person who opened it may, for a quarter of
// an hour, and the diary has both and what was shown.
func TestAim(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Minute)
	p := tape{camera: "hall", stream: "main", start: start, length: time.Minute, open: true}
	r.record(p)
	ask := AskAim{By: session("ana", "s1"), For: session("mojca", "s2"), Address: inHouse, Remark: "after the storm", Camera: "hall", Stream: "main"}
	r.law.grants["miha"] = r.law.grants["mojca"]
	r.law.grants["both"] = []people.Authorisation{authorise(people.Caretaker), authorise(people.Maintainer)}
	for name, tt := range map[string]struct {
		change func(*AskAim)
		want   error
	}{
		"opened by the maintainer":  {func(a *AskAim) { a.By = session("mojca", "s2") }, people.ErrSelf},
		"opened by a maintainer":    {func(a *AskAim) { a.By = session("miha", "s5") }, people.ErrNotAllowed},
		"opened for oneself":        {func(a *AskAim) { a.By, a.For = session("both", "s6"), session("both", "s7") }, people.ErrSelf},
		"opened for a caretaker":    {func(a *AskAim) { a.For = session("boris", "s3") }, people.ErrNotAllowed},
		"opened from elsewhere":     {func(a *AskAim) { a.ByAddress = netip.MustParseAddr("203.0.113.9") }, ErrPremises},
		"asked for from elsewhere":  {func(a *AskAim) { a.Address = netip.MustParseAddr("203.0.113.9") }, ErrPremises},
		"a camera out of scope":     {func(a *AskAim) { a.Camera = "office" }, ErrScope},
		"a camera that is not here": {func(a *AskAim) { a.By, a.Camera = session("boris", "s3"), "cellar" }, ErrNothing},
		"no stream":                 {func(a *AskAim) { a.Stream = "" }, ErrAsk},
	} {
		a := ask
		tt.change(&a)
		if _, err := r.door.OpenAim(t.Context(), a); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, err := r.door.OpenAim(t.Context(), ask)
	must(t, err)
	first := r.last("view.aim")
	if first.Actor.ID != "mojca" || first.Actor.Role != "maintainer" || first.Data["opened_by"] != "ana" || first.Note != "after the storm" || !first.Objects[0].To.Equal(noon.Add(MostAim)) {
		t.Errorf("view.aim says %+v", first.Body)
	}
	if _, err := r.door.Viewing(a.ID(), ask.For, inHouse); !errors.Is(err, ErrNoViewing) {
		t.Errorf("an aiming picture is a viewing, too: %v", err)
	}
	if _, err := r.door.Aim(a.ID(), ask.By, inHouse); !errors.Is(err, ErrNoViewing) {
		t.Errorf("another session found it: %v", err)
	}
	same, err := r.door.Aim(a.ID(), ask.For, inHouse)
	must(t, err)
	must(t, same.Current(t.Context(), func(k Still) (bool, error) {
		if string(k.Sample.Data) != string(unit(p, 232)) {
			t.Errorf("shown is %q", k.Sample.Data)
		}
		return true, nil
	}))
	none := func(Still) (bool, error) { t.Error("footage"); return true, nil }
	r.law.change(func() { r.law.now = noon.Add(2 * time.Minute) })
	if err := a.Current(t.Context(), none); !errors.Is(err, ErrNothing) {
		t.Errorf("a picture of two minutes ago: %v", err)
	}
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(MostAim - 2*time.Second), length: 4 * time.Second, open: true})
	r.law.change(func() { r.law.now = noon.Add(MostAim); r.law.gone["s1"] = true })
	if err := a.Current(t.Context(), none); !errors.Is(err, ErrEnded) {
		t.Errorf("after its time: %v", err)
	}
	r.law.change(func() { r.law.now = noon.Add(MostAim - time.Second) })
	if err := a.Current(t.Context(), none); !errors.Is(err, ErrSession) {
		t.Errorf("whoever opened it has left: %v", err)
	}
	end := r.last("view.end")
	if *end.Ref != first.Index || len(end.Objects) != 1 || end.Objects[0].To.Sub(end.Objects[0].From) != 250*time.Millisecond {
		t.Errorf("view.end says %+v", end.Body)
	}
}

// What ends by itself: a viewing that nobody uses, one whose session is over, an aiming picture, idle keys; and all of
// them when the program stops.
func TestSweep(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(-time.Minute), length: time.Minute, open: true})
	r.keys = r.newKeys()
	r.door.o.Keys = r.keys
	must(t, r.unlock())
	start := noon.Add(-time.Minute)
	idle := r.open(asks(start, 10*time.Second))
	a := asks(start, 10*time.Second)
	a.Session.ID = "s2"
	over := r.open(a)
	a.Session.ID = "s3"
	used := r.open(a)
	_, err := r.door.OpenAim(t.Context(), AskAim{By: session("ana", "s1"), For: session("mojca", "s4"), Address: inHouse, Camera: "hall", Stream: "main"})
	must(t, err)
	must(t, r.door.Sweep(t.Context()))
	if n := len(r.entries("view.end")); n > 0 {
		t.Fatalf("%d ended at once", n)
	}
	r.law.change(func() { r.law.now, r.law.gone["s2"] = noon.Add(9*time.Minute), true })
	r.pieces(used, "hall", "main", start, time.Second)
	must(t, r.door.Sweep(t.Context()))
	if e := r.entries("view.end"); len(e) != 1 || *e[0].Ref != over.Entry() || e[0].Result != "cut off" {
		t.Fatalf("whose session is over: %+v", e)
	}
	r.law.change(func() { r.law.now = noon.Add(11 * time.Minute) })
	must(t, r.door.Sweep(t.Context()))
	if e := r.entries("view.end"); len(e) != 3 || !refs(e[1:], idle.Entry()) || e[1].Result != "not stated" {
		t.Fatalf("that nobody uses: %+v", e)
	}
	r.law.change(func() { r.law.now = noon.Add(62 * time.Minute) })
	must(t, r.door.Sweep(t.Context()))
	if !r.keys.Locked(people.FootageKey) || r.last("lock").Result != "idle" {
		t.Error("the idle keys were not locked, or that is no entry")
	}
	must(t, r.unlock())
	must(t, r.door.Lock(t.Context(), *head()))
	must(t, r.door.Lock(t.Context(), *head()))
	if list := r.entries("lock"); len(list) != 2 || list[1].Actor.Name != "Head Teacher" {
		t.Errorf("locked by a person: %+v", list)
	}
	must(t, r.unlock())
	last := r.open(asks(start, 10*time.Second))
	must(t, r.door.Close(t.Context()))
	if e := r.last("view.end"); *e.Ref != last.Entry() || e.Result != "cut off" || !r.keys.Locked(people.FootageKey) {
		t.Errorf("at the stop: %+v", e)
	}
	if _, err := r.door.Open(t.Context(), asks(start, 10*time.Second)); err == nil {
		t.Error("opened after the stop")
	}
}

// Run sweeps, and goes on after what goes wrong.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := NewDoor(Options{Diary: brokenDiary{}, Keys: NewKeys(KeyOptions{Now: time.Now}), Now: time.Now})
		d.owed = []owed{{}}
		failures := 0
		ctx := t.Context()
		go d.Run(ctx, func(err error) {
			if errors.Is(err, ErrDiary) {
				failures++
			}
		})
		time.Sleep(3*sweepEvery + time.Second)
		synctest.Wait()
		if failures != 3 {
			t.Errorf("%d failures were told", failures)
		}
	})
}

func refs(list []entry, start int64) bool {
	for _, e := range list {
		if *e.Ref == start {
			return true
		}
	}
	return false
}
