package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// A viewing from its first entry to its last.
func TestViewing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	p := tape{camera: "hall", stream: "main", start: start, length: 12 * time.Minute}
	r.record(p)
	v := r.open(asks(start.Add(time.Minute), time.Minute))
	first := r.last("view.start")
	if first.Index != v.Entry() || first.Actor.Name != "Person ana" || first.Actor.Authorisation != "caretaker" || first.Actor.Address != "192.168.1.20" ||
		first.Purpose != property.Sl || first.Basis != property.Basis || first.Note != "a window is broken" {
		t.Errorf("view.start says %+v by %+v", first.Body, first.Actor)
	}
	if o := first.Objects[0]; o.Camera != "hall" || !o.From.Equal(start.Add(time.Minute)) || !o.To.Equal(start.Add(2*time.Minute)) {
		t.Errorf("the first lease is %+v", o)
	}
	init, err := v.Init(t.Context(), r.pieces(v, "hall", "main", start, time.Second)[0].Segment)
	must(t, err)
	if !bytes.Contains(init, testSPS) {
		t.Error("the init record is another")
	}
	list := r.pieces(v, "hall", "main", start.Add(61*time.Second), 9*time.Second)
	if !list[0].KeyFrame || !list[0].Start.Equal(start.Add(60*time.Second)) {
		t.Errorf("the pieces begin with %+v", list[0])
	}
	n := 240
	must(t, v.Deliver(t.Context(), list, func(p Piece, plain []byte) (bool, error) {
		if want := unit(tape{camera: "hall", stream: "main", start: start}, n); !bytes.Contains(plain, want) {
			t.Errorf("the piece at %v has no %q", p.Start, want)
		}
		n += 4
		return true, nil
	}))
	must(t, v.End(t.Context(), NothingFound))
	end := r.last("view.end")
	if *end.Ref != first.Index || end.Result != "nothing found" || end.Bytes == 0 || end.Actor.ID != "ana" || len(end.Objects) != 1 {
		t.Fatalf("view.end says %+v", end.Body)
	}
	if o := end.Objects[0]; !o.From.Equal(start.Add(time.Minute)) || !o.To.Equal(start.Add(70*time.Second)) || end.Data["streams"] != "main" {
		t.Errorf("delivered is %+v", o)
	}
	if err := v.Deliver(t.Context(), list, all); !errors.Is(err, ErrEnded) {
		t.Errorf("delivered after the end: %v", err)
	}
	if err := v.End(t.Context(), NothingFound); !errors.Is(err, ErrEnded) {
		t.Errorf("ended twice: %v", err)
	}
	if len(r.entries("view.more")) > 0 {
		t.Error("there was no need of another lease")
	}
}

// Each further 5 minutes and each further camera or stream is a lease of its own, that begins where the one before ended.
func TestLeases(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 12 * time.Minute, segment: 3 * time.Minute})
	r.record(tape{camera: "hall", stream: "sub", start: start, length: 2 * time.Minute})
	r.record(tape{camera: "yard", stream: "main", start: start, length: 2 * time.Minute})
	v := r.open(asks(start, 12*time.Minute))
	must(t, v.Deliver(t.Context(), r.pieces(v, "hall", "main", start, 12*time.Minute), all))
	must(t, v.Deliver(t.Context(), r.pieces(v, "hall", "sub", start, time.Minute), all))
	must(t, v.Deliver(t.Context(), r.pieces(v, "yard", "main", start, 10*time.Second), all))
	must(t, v.End(t.Context(), Secured))
	more := r.entries("view.more")
	want := []span{{start.Add(5 * time.Minute), start.Add(10 * time.Minute)}, {start.Add(10 * time.Minute), start.Add(15 * time.Minute)},
		{start, start.Add(5 * time.Minute)}, {start, start.Add(5 * time.Minute)}}
	if len(more) != len(want) {
		t.Fatalf("%d further leases, want %d", len(more), len(want))
	}
	for i, e := range more {
		if o := e.Objects[0]; !o.From.Equal(want[i].from) || !o.To.Equal(want[i].to) || *e.Ref != v.Entry() {
			t.Errorf("lease %d is %+v, for entry %d", i, o, *e.Ref)
		}
	}
	end := r.last("view.end")
	if len(end.Objects) != 3 || end.Data["streams"] != "main sub main" || end.Data["ranges"] != int64(3) {
		t.Errorf("view.end says %+v, %v", end.Objects, end.Data)
	}
}

// Who may not see footage does not, and the diary says why.
func TestRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 10 * time.Second})
	r.record(tape{camera: "office", stream: "main", start: start, length: 10 * time.Second})
	expired := authorise(people.Caretaker)
	expired.To = noon.Add(-time.Minute)
	unsigned := authorise(people.Caretaker)
	unsigned.Paper = time.Time{}
	r.law.grants["eva"], r.law.grants["uroš"] = []people.Authorisation{expired}, []people.Authorisation{unsigned}
	with := func(change func(*Ask)) Ask {
		a := asks(start, 10*time.Second)
		change(&a)
		return a
	}
	for name, tt := range map[string]struct {
		ask  Ask
		want error
		word string
	}{
		"camera out of scope":  {with(func(a *Ask) { a.Camera = "office" }), ErrScope, "scope"},
		"not a role for it":    {with(func(a *Ask) { a.Session = session("mojca", "s2") }), people.ErrNotAllowed, "role"},
		"expired":              {with(func(a *Ask) { a.Session = session("eva", "s3") }), people.ErrExpired, "expired"},
		"not signed":           {with(func(a *Ask) { a.Session = session("uroš", "s4") }), people.ErrUnsigned, "not signed"},
		"too long ago":         {with(func(a *Ask) { a.Session = session("gorazd", "s5") }), people.ErrTooOld, "look-back"},
		"from outside":         {with(func(a *Ask) { a.Address = netip.MustParseAddr("203.0.113.9") }), ErrPremises, "premises"},
		"not a purpose":        {with(func(a *Ask) { a.Purpose = "curiosity" }), ErrPurpose, "purpose"},
		"live not on the sign": {with(func(a *Ask) { a.Live = true }), ErrLive, "live"},
	} {
		before := len(r.entries("view.refused"))
		v, err := r.door.Open(t.Context(), tt.ask)
		if v != nil || !errors.Is(err, tt.want) || errors.Is(err, ErrDiary) {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(r.entries("view.refused")); n != before+1 {
			t.Fatalf("%s: %d refusals entered", name, n-before)
		}
		if e := r.last("view.refused"); e.Result != tt.word || e.Actor.ID != tt.ask.Session.Person.ID || e.Objects[0].Camera != tt.ask.Camera || e.Note == "" {
			t.Errorf("%s: the entry says %+v", name, e.Body)
		}
	}
	if n := len(r.entries("view.start")); n > 0 {
		t.Errorf("%d viewings began", n)
	}
}

// What nobody could be shown is told at once, and is no refusal.
func TestBadAsk(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 10 * time.Second})
	for name, tt := range map[string]struct {
		change func(*Ask)
		want   error
	}{
		"no beginning":     {func(a *Ask) { a.From = time.Time{} }, ErrSpan},
		"no end":           {func(a *Ask) { a.To = time.Time{} }, ErrSpan},
		"from after to":    {func(a *Ask) { a.From, a.To = a.To, a.From }, ErrSpan},
		"nothing":          {func(a *Ask) { a.To = a.From }, ErrSpan},
		"a year":           {func(a *Ask) { a.From = a.From.AddDate(-1, 0, 0) }, ErrSpan},
		"the future":       {func(a *Ask) { a.From, a.To = noon.Add(time.Hour), noon.Add(2*time.Hour) }, ErrSpan},
		"long ago":         {func(a *Ask) { a.From, a.To = time.Unix(-1, 0), time.Unix(1, 0) }, ErrSpan},
		"nothing recorded": {func(a *Ask) { a.From, a.To = noon.Add(-2*time.Hour), noon.Add(-90*time.Minute) }, ErrNothing},
		"unknown camera":   {func(a *Ask) { a.Session, a.Camera = session("boris", "s2"), "cellar" }, ErrNothing},
		"no camera":        {func(a *Ask) { a.Camera = "" }, ErrAsk},
		"a long camera":    {func(a *Ask) { a.Camera = string(bytes.Repeat([]byte("x"), 65)) }, ErrAsk},
		"a broken camera":  {func(a *Ask) { a.Camera = "ha\xffll" }, ErrAsk},
		"another stream":   {func(a *Ask) { a.Stream = "third" }, ErrAsk},
		"no purpose":       {func(a *Ask) { a.Purpose = "" }, ErrAsk},
		"no ground":        {func(a *Ask) { a.Ground = "curiosity" }, ErrAsk},
		"a long remark":    {func(a *Ask) { a.Remark = string(bytes.Repeat([]byte("x"), maxRemark+1)) }, ErrAsk},
	} {
		a := asks(start, 10*time.Second)
		tt.change(&a)
		if _, err := r.door.Open(t.Context(), a); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := r.diary.Head().Size; n != 1 {
		t.Errorf("%d entries were written", n-1)
	}
	v := r.open(asks(start, 10*time.Second))
	if _, err := v.Pieces(t.Context(), "hall", "main", start.AddDate(-1, 0, 0), start); !errors.Is(err, ErrSpan) {
		t.Errorf("pieces of a year: %v", err)
	}
	if err := v.End(t.Context(), Interrupted); !errors.Is(err, ErrAsk) {
		t.Errorf("a person said that a crash ended it: %v", err)
	}
	_, err := r.door.Viewing(v.ID(), session("ana", "s2"), inHouse)
	_, other := r.door.Viewing(v.ID(), session("boris", "s1"), inHouse)
	if !errors.Is(err, ErrNoViewing) || !errors.Is(other, ErrNoViewing) {
		t.Errorf("another session found the viewing: %v, %v", err, other)
	}
	if same, err := r.door.Viewing(v.ID(), session("ana", "s1"), inHouse); err != nil || same.ID() != v.ID() || r.door.Viewings(session("ana", "s1"))[0] != v.ID() {
		t.Errorf("its own did not: %v", err)
	}
}

// A flood of refusals is a few entries with counts, and little memory.
func TestFloodOfRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := asks(noon.Add(-time.Hour), time.Minute)
	for _, camera := range []string{"office", "cellar"} {
		r.record(tape{camera: camera, stream: "main", start: a.From, length: 2 * time.Second})
	}
	for i := range 2000 {
		a.Camera = []string{"office", "cellar"}[i%2]
		if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrScope) {
			t.Fatal(err)
		}
	}
	if n := len(r.entries("view.refused")); n != 2 {
		t.Errorf("%d entries of 2 kinds", n)
	}
	r.law.change(func() { r.law.now = noon.Add(refusedEvery) })
	must(t, r.door.Sweep(t.Context()))
	list := r.entries("view.refused")
	if len(list) != 4 || list[2].Data["times"] != int64(999) || list[3].Data["times"] != int64(999) {
		t.Errorf("then %d entries: %+v", len(list), list[2:])
	}
	for i := range 3000 {
		a.Camera = "c" + time.Duration(i).String()
		if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrScope) {
			t.Fatal(err)
		}
	}
	if n := len(r.door.refusals); n != 3 {
		t.Errorf("%d kinds are in memory, of which one is of cameras that there are not", n)
	}
	r.record(tape{camera: "roof", stream: "main", start: a.From, length: 2 * time.Second})
	a.Camera = "roof"
	if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrScope) || r.last("view.refused").Objects[0].Camera != "roof" {
		t.Errorf("behind made-up names one that there is does not show: %v, %+v", err, r.last("view.refused"))
	}
	must(t, r.door.Close(t.Context()))
	if n := len(r.entries("view.refused")); n != 4+1+1+1 {
		t.Errorf("%d entries", n)
	}
}

// Whoever is refused in very many ways is told apart from others still, and takes no room of theirs.
func TestKindsOfRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range kindsOfPerson + 10 {
		r.door.count(refusal{person: "ana", camera: fmt.Sprint("c", i), reason: "scope"}, proof.Body{})
	}
	if n := len(r.door.refusals); n != kindsOfPerson+1 {
		t.Errorf("%d kinds of one person", n)
	}
	if !r.door.count(refusal{person: "bor", camera: "c1", reason: "scope"}, proof.Body{}) {
		t.Error("another's is not entered at once")
	}
}

// A diary that went back opens no door, and ends what is open.
func TestFault(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 10 * time.Second})
	v := r.open(asks(start, 10*time.Second))
	list := r.pieces(v, "hall", "main", start, 10*time.Second)
	_, err := r.diary.Saw(t.Context(), diary.Seen{By: "a printed page", Size: 1000})
	must(t, err)
	err = v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { t.Error("footage"); return true, nil })
	if !errors.Is(err, ErrDiary) || !errors.Is(err, diary.ErrFault) {
		t.Errorf("delivered under a fault: %v", err)
	}
	if _, err := r.door.Open(t.Context(), asks(start, 10*time.Second)); !errors.Is(err, ErrDiary) || !errors.Is(err, diary.ErrFault) {
		t.Errorf("opened under a fault: %v", err)
	}
	must(t, v.End(t.Context(), NothingFound))
}
