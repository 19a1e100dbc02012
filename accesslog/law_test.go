package accesslog

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/recorder/segment"
)

// safety is a purpose that came with a later notice.
var safety = notice.Purpose{ID: "safety", Sl: "varnost ljudi", En: "safety of people", Basis: "ZVOP-2, 77. člen"}

// sign is a complete notice.
func sign(live bool, purposes ...notice.Purpose) *notice.Notice {
	both := notice.Text{Sl: "besedilo", En: "text"}
	return &notice.Notice{Content: notice.Content{Controller: notice.Party{Name: "Šola", Address: "Cesta 1", Phone: "01 234 56 78"},
		Officer: notice.Officer{None: true}, Area: both, Purposes: purposes, Recipients: both, Kept: both, Effects: both, Live: live}}
}

// notices changes the notice at a moment.
func (r *rig) notices(at time.Time, before, after *notice.Notice) {
	r.law.spans = []notice.Span{
		{From: noon.AddDate(-1, 0, 0), To: at, Notice: before, Purposes: append(notice.Statutory(noon, true), before.Purposes...)},
		{From: at, To: noon.AddDate(1, 0, 0), Notice: after, Purposes: append(notice.Statutory(noon, true), after.Purposes...)},
	}
}

// Where the notice changed at midnight, footage before and after takes the purpose of its own time.
func TestPurposeOfItsTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	midnight := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	r.record(tape{camera: "hall", stream: "main", start: midnight.Add(-time.Minute), length: 2 * time.Minute})
	r.notices(midnight, sign(false, property), sign(false, safety))
	purpose := func(p notice.Purpose, from, length time.Duration) Ask {
		a := asks(midnight.Add(from), length)
		a.Purpose = p.ID
		return a
	}
	for name, a := range map[string]Ask{
		"before, for the later purpose":  purpose(safety, -time.Minute, time.Minute),
		"after, for the earlier purpose": purpose(property, 0, time.Minute),
		"across, for the earlier one":    purpose(property, -time.Minute, 2*time.Minute),
		"across, for the later one":      purpose(safety, -time.Minute, 2*time.Minute),
		"a moment too much":              purpose(property, -time.Minute, time.Minute+time.Millisecond),
	} {
		a.Session = session("boris", "s2")
		if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrPurpose) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := r.open(purpose(notice.Purpose{ID: notice.Authority}, -time.Minute, 2*time.Minute))
	must(t, whole.Deliver(t.Context(), r.pieces(whole, "hall", "main", midnight.Add(-time.Minute), 2*time.Minute), all))

	v := r.open(purpose(property, -time.Minute, time.Minute))
	tl, err := v.Pieces(t.Context(), "hall", "main", midnight.Add(-time.Minute), midnight.Add(time.Minute))
	must(t, err)
	if n := len(tl.Pieces); n != 60 || len(tl.Withheld) != 1 || tl.Withheld[0] != (Withheld{midnight, midnight.Add(time.Minute), ErrPurpose}) {
		t.Errorf("%d pieces, withheld %+v", n, tl.Withheld)
	}
	list := r.pieces(whole, "hall", "main", midnight.Add(-time.Minute), 2*time.Minute)
	n := 0
	err = v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { n++; return true, nil })
	if !errors.Is(err, ErrPurpose) || n != 60 {
		t.Errorf("asked for all, %d pieces left: %v", n, err)
	}
	e := r.last("view.refused")
	if e.Result != "purpose" || *e.Ref != v.Entry() || !e.Objects[0].From.Equal(midnight) {
		t.Errorf("the refusal says %+v", e.Body)
	}
	for _, e := range append(r.entries("view.start"), r.entries("view.more")...) {
		if e.Purpose == property.Sl && e.Objects[0].To.After(midnight) {
			t.Errorf("a lease for the earlier purpose ends at %v", e.Objects[0].To)
		}
	}
}

// A lease reaches into the future. A notice that comes to be in force meanwhile holds for what is captured under it.
func TestNoticeAfterLease(t *testing.T) {
	t.Parallel()
	both := sign(true, property)
	for name, tt := range map[string]struct {
		live  bool
		then  *notice.Notice
		after time.Duration // of the change, when the footage is delivered
		want  error
	}{
		"live, without live view":      {true, sign(false, property), time.Minute, ErrLive},
		"live, without the purpose":    {true, sign(true, safety), time.Minute, ErrPurpose},
		"played, without the purpose":  {false, sign(false, safety), 3 * time.Minute, ErrPurpose},
		"played, without live view":    {false, sign(false, property), 3 * time.Minute, nil},
		"live, where nothing changes":  {true, both, time.Minute, nil},
		"played, much later, the same": {false, both, time.Hour, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			change := noon.Add(time.Minute)
			r.notices(noon.AddDate(0, 6, 0), both, both)
			r.record(tape{camera: "hall", stream: "main", start: noon.Add(-2 * time.Minute), length: 2 * time.Minute})
			a := asks(noon.Add(-time.Minute), 5*time.Minute)
			a.Live = tt.live
			v := r.open(a)
			r.law.change(func() { r.law.now = change; r.notices(change, both, tt.then) })
			r.record(tape{camera: "hall", stream: "main", start: change, length: 30 * time.Second})
			r.law.change(func() { r.law.now = change.Add(tt.after) })
			list := r.captured(change)
			for range 2 { // what is refused once is refused again
				n := 0
				err := v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { n++; return true, nil })
				if !errors.Is(err, tt.want) || (n == len(list)) != (tt.want == nil) || tt.want != nil && n > 0 {
					t.Errorf("%d of %d pieces left: %v", n, len(list), err)
				}
			}
			if n := len(r.entries(opMore)); n > 0 {
				t.Errorf("%d further leases", n)
			}
		})
	}
}

// A notice that is entered later, for footage that somebody is just looking at, holds for the next piece: a lease of
// before does not outlive it. It is looked up once for each entry of the diary, not for each piece.
func TestNoticeEnteredMeanwhile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then *notice.Notice
		want error
	}{"the same": {sign(false, property), nil}, "without the purpose": {sign(false, safety), ErrPurpose}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			start := noon.Add(-time.Hour)
			r.record(tape{camera: "hall", stream: "main", start: start, length: 5 * time.Minute})
			v := r.open(asks(start, 5*time.Minute))
			list := r.pieces(v, "hall", "main", start, 5*time.Minute)
			before, n := r.law.asked, 0
			err := v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) {
				if n++; n == 100 {
					r.law.change(func() { r.notices(start, sign(false, safety), tt.then) })
					r.enters("notice.add")
				}
				return true, nil
			})
			if !errors.Is(err, tt.want) || (n == len(list)) != (tt.want == nil) || tt.want != nil && n != 100 {
				t.Errorf("%d of %d pieces left: %v", n, len(list), err)
			}
			if asked := r.law.asked - before; asked > 2 {
				t.Errorf("the notices were looked up %d times for two states of the diary", asked)
			}
		})
	}
}

// enters is what somebody else enters.
func (r *rig) enters(op string) {
	_, err := r.diary.Append(r.t.Context(), diary.Entry{Op: op, Body: proof.Body{Actor: head()}}, nil)
	must(r.t, err)
}

// captured are the pieces of what was recorded from a moment on, whoever may see them.
func (r *rig) captured(from time.Time) (list []Piece) {
	for _, id := range r.segments() {
		s, err := r.index.Get(id)
		must(r.t, err)
		entries, err := r.keys.k.Entries(s)
		must(r.t, err)
		for n := 1; n < len(entries); n++ {
			if p := pieceOf(s, n, entries[n]); !p.Start.Before(from) {
				list = append(list, p)
			}
		}
	}
	return list
}

// Restricted footage is left out, named, and not delivered, but on a ground of the law for somebody who may use it.
func TestRestricted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	r.restrict(start.Add(20*time.Second), 10*time.Second)
	v := r.open(asks(start, time.Minute))
	tl, err := v.Pieces(t.Context(), "hall", "main", start, start.Add(time.Minute))
	must(t, err)
	if len(tl.Pieces) != 50 || len(tl.Withheld) != 1 || tl.Withheld[0] != (Withheld{start.Add(20 * time.Second), start.Add(30 * time.Second), ErrRestricted}) {
		t.Errorf("%d pieces, withheld: %+v", len(tl.Pieces), tl.Withheld)
	}
	must(t, v.Deliver(t.Context(), tl.Pieces, all))
	for _, e := range append(r.entries("view.start"), r.entries("view.more")...) {
		if o := e.Objects[0]; o.From.Before(start.Add(30*time.Second)) && o.To.After(start.Add(20*time.Second)) {
			t.Errorf("a lease names what is restricted: %+v", o)
		}
	}
	// The key frame before a moment may be restricted: then the pieces begin at the moment.
	if list := r.pieces(v, "hall", "main", start.Add(31*time.Second), 5*time.Second); !list[0].Start.Equal(start.Add(30 * time.Second)) {
		t.Errorf("the pieces begin at %v", list[0].Start)
	}
	r.restrict(start.Add(40*time.Second), time.Second)
	if list := r.pieces(v, "hall", "main", start.Add(41*time.Second), 5*time.Second); !list[0].Start.Equal(start.Add(41 * time.Second)) {
		t.Errorf("the pieces begin at %v", list[0].Start)
	}
	if _, err := r.door.Open(t.Context(), asks(start.Add(22*time.Second), 5*time.Second)); !errors.Is(err, ErrRestricted) {
		t.Errorf("all of it restricted: %v", err)
	}

	a := asks(start.Add(22*time.Second), 5*time.Second)
	a.Ground = Claims
	if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrRestricted) || !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("a caretaker with a ground: %v", err)
	}
	if e := r.last("view.refused"); e.Result != "restricted" || e.Data["ground"] != "claims" {
		t.Errorf("the refusal says %+v", e.Body)
	}
	a.Session = session("boris", "s2")
	w := r.open(a)
	must(t, w.Deliver(t.Context(), r.pieces(w, "hall", "main", start, time.Minute), all))
	if e := r.last("view.start"); e.Data["ground"] != "claims" || e.Actor.ID != "boris" {
		t.Errorf("view.start says %+v", e.Body)
	}
}

// Footage of the last minute is live, whatever it is called: the notice has to allow it, and the role.
func TestLive(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-3 * time.Minute)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 3 * time.Minute, open: true})
	r.notices(noon.AddDate(0, -1, 0), sign(false, property), sign(false, property))
	live := asks(time.Time{}, 0)
	live.Live = true
	if _, err := r.door.Open(t.Context(), live); !errors.Is(err, ErrLive) {
		t.Errorf("live without a notice of it: %v", err)
	}
	v := r.open(asks(start, 3*time.Minute))
	tl, err := v.Pieces(t.Context(), "hall", "main", start, noon)
	must(t, err)
	if n := len(tl.Pieces); n != 120 || len(tl.Withheld) != 1 || tl.Withheld[0] != (Withheld{noon.Add(-time.Minute), noon, ErrLive}) {
		t.Errorf("%d pieces, withheld: %+v", n, tl.Withheld)
	}
	fresh := tl.Pieces[len(tl.Pieces)-1]
	fresh.Record += 3
	if err := v.Deliver(t.Context(), []Piece{fresh}, all); !errors.Is(err, ErrLive) {
		t.Errorf("the last minute under a lease for what was recorded: %v", err)
	}

	r.law.change(func() { r.notices(noon.Add(-2*time.Minute), sign(false, property), sign(true, property)) })
	w := r.open(live)
	first := r.last("view.start")
	if o := first.Objects[0]; first.Data["live"] != "yes" || !o.From.Equal(noon.Add(-Fresh)) || !o.To.Equal(noon.Add(Lease-Fresh)) {
		t.Errorf("view.start says %+v, %v", o, first.Data)
	}
	list := r.pieces(w, "hall", "main", noon.Add(-10*time.Second), 10*time.Second)
	must(t, w.Deliver(t.Context(), list, all))
	if n := len(r.entries("view.more")); n > 0 {
		t.Errorf("what began before the viewing took %d further leases", n)
	}
	must(t, w.End(t.Context(), NothingFound))
	if e := r.last("view.end"); spansOf(e.Objects).missing(span{noon.Add(-10 * time.Second), noon}) != (span{noon, noon}) {
		t.Errorf("stated is %+v", e.Objects)
	}
	r.law.grants["ana"] = []people.Authorisation{authorise(people.Inspector)}
	if _, err := r.door.Open(t.Context(), live); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("an inspector watches live: %v", err)
	}
}

// A guard sees as far back as his authorisation says, and live.
func TestGuard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-20 * time.Minute)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 20 * time.Minute, open: true})
	r.notices(noon.AddDate(0, -1, 0), sign(true, property), sign(true, property))
	a := asks(noon.Add(-5*time.Minute), time.Minute)
	a.Session = session("gorazd", "s1")
	v := r.open(a)
	tl, err := v.Pieces(t.Context(), "hall", "main", start, noon)
	must(t, err)
	if n := len(tl.Pieces); n != 600 || len(tl.Withheld) != 1 || !tl.Withheld[0].To.Equal(noon.Add(-10*time.Minute)) || tl.Withheld[0].Why != people.ErrTooOld {
		t.Errorf("%d pieces, withheld: %+v", n, tl.Withheld)
	}
	must(t, v.Deliver(t.Context(), tl.Pieces[len(tl.Pieces)-100:], all))
}

// A guard with no look-back at all sees the live picture, whole, and learns of nothing older.
func TestGuardLiveOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(-3 * time.Minute), length: 3 * time.Minute, open: true})
	r.notices(noon.AddDate(0, -1, 0), sign(true, property), sign(true, property))
	r.law.grants["gorazd"][0].Back = 0
	a := asks(time.Time{}, 0)
	a.Live, a.Session = true, session("gorazd", "s1")
	v := r.open(a)
	tl, err := v.Pieces(t.Context(), "hall", "main", noon.Add(-20*time.Second), noon.Add(time.Second))
	must(t, err)
	if len(tl.Pieces) != 20 || len(tl.Withheld) > 0 {
		t.Errorf("%d pieces, withheld %+v", len(tl.Pieces), tl.Withheld)
	}
	must(t, v.Deliver(t.Context(), tl.Pieces, all))
	from := noon.Add(-3 * time.Minute)
	tl, err = v.Pieces(t.Context(), "hall", "main", from, noon)
	must(t, err)
	if len(tl.Pieces) != 60 || len(tl.Withheld) != 1 || tl.Withheld[0] != (Withheld{from, noon.Add(-Fresh), people.ErrTooOld}) {
		t.Errorf("of three minutes %d pieces, withheld %+v", len(tl.Pieces), tl.Withheld)
	}
}

// A guard does not learn what there is beyond his look-back: where nothing was recorded, where something was, and where the recorder
// knows why not, all of it is one span too old. Of a gap that reaches into the look-back he learns what lies in that.
func TestBeyondLookBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	old := noon.AddDate(0, 0, -20)
	r.record(tape{camera: "hall", stream: "main", start: old, length: 20 * time.Second})
	r.gap = &segment.Gap{From: noon.Add(-time.Hour), To: noon.Add(-5 * time.Minute), Cause: "camera"}
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(-5 * time.Minute), length: 20 * time.Second})
	a := asks(noon.Add(-5*time.Minute), 20*time.Second)
	a.Session = session("gorazd", "s9")
	v := r.open(a)
	for _, from := range []time.Time{old, old.Add(time.Hour), noon.Add(-40 * time.Minute)} {
		to := from.Add(20 * time.Second)
		tl, err := v.Pieces(t.Context(), "hall", "main", from, to)
		must(t, err)
		if len(tl.Pieces)+len(tl.Gaps) > 0 || len(tl.Withheld) != 1 || tl.Withheld[0] != (Withheld{from, to, people.ErrTooOld}) || !tl.From.Equal(from) || !tl.To.Equal(to) {
			t.Errorf("from %v he is told %+v", from, tl)
		}
	}
	tl, err := v.Pieces(t.Context(), "hall", "main", noon.Add(-2*time.Hour), noon)
	must(t, err)
	edge := noon.Add(-10 * time.Minute)
	if len(tl.Pieces) != 20 || len(tl.Gaps) != 1 || !tl.Gaps[0].From.Equal(edge) || tl.Withheld[0] != (Withheld{noon.Add(-2 * time.Hour), edge, people.ErrTooOld}) {
		t.Errorf("%d pieces, gaps %+v, withheld %+v", len(tl.Pieces), tl.Gaps, tl.Withheld)
	}
	tl, err = v.Pieces(t.Context(), "hall", "main", noon.Add(-6*time.Minute), noon.Add(time.Hour))
	must(t, err)
	if len(tl.Gaps) != 1 || !tl.Gaps[0].From.Equal(noon.Add(-6*time.Minute)) {
		t.Errorf("how long nothing was recorded before what he asks for: %+v", tl.Gaps)
	}
}

// Who may see all from within, and no further back than a guard from elsewhere, does not learn from there what there is beyond that.
func TestBeyondLookBackOutside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	old := noon.AddDate(0, 0, -20)
	r.record(tape{camera: "hall", stream: "main", start: old, length: 20 * time.Second})
	r.record(tape{camera: "hall", stream: "main", start: noon.Add(-5 * time.Minute), length: 20 * time.Second})
	r.law.grants["gorazd"][0].Outside = true
	r.law.grants["gorazd"] = append(r.law.grants["gorazd"], authorise(people.Caretaker))
	a := asks(noon.Add(-5*time.Minute), 20*time.Second)
	a.Session, a.Address = session("gorazd", "s1"), netip.MustParseAddr("203.0.113.9")
	v := r.open(a)
	for _, from := range []time.Time{old.Add(-10 * time.Second), old.Add(time.Hour)} {
		to := from.Add(40 * time.Second)
		tl, err := v.Pieces(t.Context(), "hall", "main", from, to)
		must(t, err)
		if len(tl.Pieces)+len(tl.Gaps) > 0 || len(tl.Withheld) != 1 || tl.Withheld[0] != (Withheld{from, to, people.ErrOutside}) {
			t.Errorf("from %v he is told %+v", from, tl)
		}
	}
	if n := len(r.pieces(v, "hall", "main", noon.Add(-6*time.Minute), 2*time.Minute)); n != 20 {
		t.Errorf("%d pieces", n)
	}
	a.Address = inHouse
	if n := len(r.pieces(r.open(a), "hall", "main", old, 20*time.Second)); n != 20 {
		t.Errorf("%d pieces from within", n)
	}
}

// Who may look from elsewhere may.
func TestPremises(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 10 * time.Second})
	for text, ok := range map[string]bool{"192.168.1.7": true, "::ffff:192.168.1.7": true, "127.0.0.1": true, "::1": true,
		"192.168.2.7": false, "fe80::1%eth0": false, "2001:db8::1": false} {
		a := asks(start, time.Second)
		a.Address = netip.MustParseAddr(text)
		if _, err := r.door.Open(t.Context(), a); ok && err != nil || !ok && !errors.Is(err, ErrPremises) {
			t.Errorf("from %s: %v", text, err)
		}
	}
	r.law.grants["ana"][0].Outside = true
	a := asks(start, time.Second)
	a.Address = netip.MustParseAddr("203.0.113.9")
	r.open(a)
}

// After the clock was put back, what was recorded before lies ahead of it. It is not live for that, and no look-back
// reaches it.
func TestAheadOfClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	both := sign(true, property)
	r.notices(noon.AddDate(0, 6, 0), both, both)
	slow := noon.Add(-6 * time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: slow.Add(5 * time.Hour), length: 10 * time.Second})
	r.law.change(func() { r.law.now = slow })
	r.record(tape{camera: "hall", stream: "main", start: slow.Add(-10 * time.Second), length: 10 * time.Second})
	list := r.captured(slow.Add(time.Hour))
	for person, tt := range map[string]struct {
		left int
		want error
	}{"gorazd": {0, people.ErrTooOld}, "ana": {10, nil}} {
		a := asks(slow.Add(-10*time.Second), 10*time.Second)
		a.Session, a.Live = session(person, person), true
		v := r.open(a)
		tl, err := v.Pieces(t.Context(), "hall", "main", slow, slow.Add(6*time.Hour))
		must(t, err)
		n := 0
		err = v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { n++; return true, nil })
		if len(tl.Pieces) != tt.left || n != tt.left || !errors.Is(err, tt.want) {
			t.Errorf("%s is told of %d pieces and sees %d: %v", person, len(tl.Pieces), n, err)
		}
	}
	if more := r.entries(opMore); len(more) != 1 || more[0].Data["live"] != nil {
		t.Errorf("%d leases, %+v", len(more), more[0].Data)
	}
}

// A lease names the notices under which its footage was captured, and says if one was entered later than it began.
func TestLeaseNamesNotice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	change := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: change.Add(-10 * time.Minute), length: 16 * time.Minute})
	before, after := sign(false, property), sign(false, property)
	before.ID, after.ID, after.EnteredLater = "old", "new", true
	r.notices(change, before, after)
	v := r.open(asks(change.Add(-10*time.Minute), 16*time.Minute))
	for _, at := range []time.Duration{-time.Minute, 5 * time.Minute} {
		must(t, v.Deliver(t.Context(), r.pieces(v, "hall", "main", change.Add(at), time.Second), all))
	}
	var got []any
	for _, e := range append(r.entries(opStart), r.entries(opMore)...) {
		got = append(got, e.Data["notice"], e.Data["entered_later"])
	}
	if want := []any{"old", nil, "old new", "yes", "new", "yes"}; !slices.Equal(got, want) {
		t.Errorf("the leases say %v, want %v", got, want)
	}
}
