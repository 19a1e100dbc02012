package accesslog

import (
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// What the door asks is what the other parts of the access log answer.
var (
	_ Sessions     = (*people.Register)(nil)
	_ Notices      = (*notice.Register)(nil)
	_ Restrictions = (*hold.Register)(nil)
)

// registered puts real notices and restrictions behind the door, in the database of the diary.
func (r *rig) registered() (*notice.Register, *hold.Register) {
	n := &notice.Register{Diary: r.diary.Diary, Known: func(string) bool { return true }, Zone: time.UTC, Now: r.law.clock}
	h := &hold.Register{Diary: r.diary.Diary, Index: r.index, Gate: retention.NewGate(), Capacity: func() (int64, error) { return 1 << 40, nil }, Now: r.law.clock}
	r.door.o.Notices, r.door.o.Restrictions = n, h
	return n, h
}

// A notice is entered, footage is seen for what it says, a part of it is restricted while it is being seen, and free
// again later.
func TestWithRegisters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	notices, holds := r.registered()
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 40 * time.Second})
	a := asks(start, 40*time.Second)
	a.Purpose = "safety"
	if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrPurpose) {
		t.Errorf("before there is a notice: %v", err)
	}
	by := proof.Actor{Name: "Head Teacher", Proof: "password"}
	content := notice.Usual()
	content.Controller = notice.Party{Name: "Osnovna šola", Address: "Šolska 1", Phone: "01 234 56 78"}
	content.Officer, content.Area = notice.Officer{None: true}, notice.Text{Sl: "vhod", En: "entrance"}
	_, err := notices.Add(t.Context(), notice.Asked{Content: content, Cameras: []string{"hall"}, From: start.Add(-time.Hour), Stated: "Head Teacher", By: by})
	must(t, err)
	v := r.open(a)
	if e := r.last("view.start"); e.Purpose != content.Purposes[0].Sl || e.Basis != content.Purposes[0].Basis {
		t.Errorf("view.start says %+v", e.Body)
	}
	list := r.pieces(v, "hall", "main", start, 40*time.Second)
	n := 0
	var restricted hold.Effect
	err = v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) {
		if n++; n == 10 {
			restricted, err = holds.Restrict(t.Context(), hold.AskedRestriction{Ground: hold.Accuracy, Basis: "letter of a parent", By: by,
				Range: hold.Range{Camera: "hall", From: start.Add(10 * time.Second), To: start.Add(20 * time.Second)}, Review: noon.AddDate(0, 1, 0)})
			must(t, err)
		}
		return true, nil
	})
	if !errors.Is(err, ErrRestricted) || n != 10 {
		t.Errorf("%d pieces left, then %v", n, err)
	}
	if got := r.pieces(v, "hall", "main", start, 40*time.Second); len(got) != 30 {
		t.Errorf("%d pieces may be seen, want 30", len(got))
	}
	_, err = holds.Unrestrict(t.Context(), restricted.ID, by, "decided, the person was told")
	must(t, err)
	must(t, v.Deliver(t.Context(), list, all))
	must(t, v.End(t.Context(), NothingFound))
	if e := r.last("view.end"); len(e.Objects) != 1 || !e.Objects[0].To.Equal(start.Add(40*time.Second)) {
		t.Errorf("view.end says %+v", e.Objects)
	}
}

// With persons, too: the first has no key until a password has wrapped one; a log-in unlocks, a lock locks, and whoever
// was removed sees nothing more of what he has open.
func TestWithPersons(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 40 * time.Second})
	r.keys.UnlockAuto(people.DiaryKey, keyring.Identity{r.reading})
	persons, err := people.New(t.Context(), people.Options{Diary: r.diary.Diary, Keys: r.keys, Now: r.law.clock, Cost: people.Cost{Memory: 8, Passes: 1, Lanes: 1}})
	must(t, err)
	r.door.o.Sessions = persons
	const password = "tri lipe ob cesti"
	_, err = persons.First(t.Context(), people.First{Person: people.Person{Login: "vida.head", Name: "Vida Ravnik"}, Password: password,
		Roles: []people.Role{people.Administrator, people.Approver, people.Caretaker}, Paper: noon.Add(-12 * time.Hour)})
	must(t, err)
	login := func() people.Session {
		s, err := persons.Login(t.Context(), people.Attempt{Login: "vida.head", Password: password, Address: inHouse})
		must(t, err)
		must(t, s.Closed)
		return s
	}
	login()
	must(t, r.door.Lock(t.Context(), *head()))
	if !r.keys.Locked(people.FootageKey) || !r.keys.Locked(people.DiaryKey) {
		t.Fatal("the keys are not locked")
	}
	s := login()
	if r.keys.Locked(people.FootageKey) || r.keys.Locked(people.DiaryKey) {
		t.Fatal("the log-in did not unlock")
	}
	a := asks(start, 40*time.Second)
	a.Session = s
	v := r.open(a)
	if e := r.last("view.start"); e.Actor.Name != "Vida Ravnik" || e.Actor.Session != s.ID || e.Actor.Proof != "password" || e.Actor.Role != "approver" {
		t.Errorf("view.start is by %+v", e.Actor)
	}
	list := r.pieces(v, "hall", "main", start, 40*time.Second)
	n := 0
	err = v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) {
		if n++; n == 10 {
			must(t, persons.Logout(t.Context(), s))
		}
		return true, nil
	})
	if !errors.Is(err, ErrSession) || n != 10 {
		t.Errorf("%d pieces left, then %v", n, err)
	}
	if e := r.last("view.end"); !e.Objects[0].To.Equal(start.Add(10*time.Second)) || e.Result != "cut off" {
		t.Errorf("view.end says %+v", e.Body)
	}
}
