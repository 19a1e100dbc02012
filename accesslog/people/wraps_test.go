package people

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// wrapsOf are the keys that a person has wraps of.
func (r *rig) wrapsOf(t *testing.T, login string) []Which {
	t.Helper()
	list, err := r.Persons(t.Context())
	must(t, err)
	i := slices.IndexFunc(list, func(one Record) bool { return one.Login == login })
	if i < 0 {
		t.Fatalf("there is no %s", login)
	}
	return list[i].Wraps
}

// The first log-in after a start opens the keys, of which an entry says so before.
func TestLoginUnlocks(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	if got := r.wrapsOf(t, "vida.head"); !slices.Equal(got, whiches) {
		t.Fatalf("the first person has wraps of %v", got)
	}
	r.keys.lock()
	r.restart(t)
	if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: "not the password", Address: office}); !errors.Is(err, ErrRefused) || r.keys.isOpen(FootageKey) {
		t.Errorf("a wrong password: %v", err)
	}
	full := errors.New("the disk is full")
	r.diary.set("unlock", full, nil)
	s, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: office})
	must(t, err)
	if !errors.Is(s.Closed, full) || r.keys.isOpen(FootageKey) || r.keys.isOpen(DiaryKey) {
		t.Errorf("keys were opened without an entry: %v", s.Closed)
	}
	r.diary.set("", nil, nil)
	s = r.in(t, "vida.head", headPassword)
	if !r.keys.isOpen(FootageKey) || !r.keys.isOpen(DiaryKey) {
		t.Error("the keys are locked")
	}
	if e, body := r.last(t, "unlock"); *e.Ref != s.Entry || body.Data["keys"] != "footage diary" || body.Actor.Name != "Vida Ravnik" {
		t.Errorf("%+v", body)
	}
	before := r.diary.Head().Size
	r.in(t, "vida.head", headPassword)
	if ops := r.entries(t, before); !slices.Equal(ops, []string{"login"}) {
		t.Errorf("a log-in while they are open: %v", ops)
	}
}

// Keys that were locked while somebody is logged in are opened with the password, and not with the session alone.
func TestUnlockInASession(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	r.keys.lock()
	if err := r.Unlock(t.Context(), head, "not the password"); !errors.Is(err, ErrRefused) || r.keys.isOpen(FootageKey) {
		t.Errorf("%v", err)
	}
	must(t, r.Unlock(t.Context(), head, headPassword))
	if !r.keys.isOpen(FootageKey) || !r.keys.isOpen(DiaryKey) {
		t.Error("the keys are locked")
	}
	if e, _ := r.last(t, "unlock"); *e.Ref != head.Entry {
		t.Errorf("%+v", e)
	}
	_, err := r.Add(t.Context(), head, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna, granted(Caretaker))
	must(t, err)
	ana := r.in(t, "ana", firstOfAna)
	r.keys.lock()
	if err := r.Unlock(t.Context(), ana, firstOfAna); !errors.Is(err, ErrPasswordFirst) || r.keys.isOpen(FootageKey) {
		t.Errorf("with a first password: %v", err)
	}
	must(t, r.Logout(t.Context(), head))
	if err := r.Unlock(t.Context(), head, headPassword); !errors.Is(err, ErrNoSession) {
		t.Errorf("after a log-out: %v", err)
	}
}

// Each gets wraps of what the roles need, and no others.
func TestWrapsByRole(t *testing.T) {
	t.Parallel()
	for _, role := range Roles {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			r, head := school(t)
			r.ana(t, head, role)
			for _, w := range whiches {
				if got := slices.Contains(r.wrapsOf(t, "ana"), w); got != role.needs(w) {
					t.Errorf("a wrap of the %s key: %v", w, got)
				}
			}
		})
	}
}

// Who is authorised while the keys are locked, or after the password was set, gets the wrap at the next log-in while
// they are open.
func TestWrapsComeLater(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	r.keys.lock()
	r.ana(t, head, Caretaker)
	if got := r.wrapsOf(t, "ana"); got != nil {
		t.Fatalf("wraps of locked keys: %v", got)
	}
	r.in(t, "ana", anaPassword)
	if r.keys.isOpen(FootageKey) || r.wrapsOf(t, "ana") != nil {
		t.Error("somebody without a wrap opened the keys")
	}
	r.in(t, "vida.head", headPassword)
	s := r.in(t, "ana", anaPassword)
	if got := r.wrapsOf(t, "ana"); !slices.Equal(got, []Which{FootageKey}) {
		t.Errorf("%v", got)
	}
	if e, body := r.last(t, "person.wrap"); *e.Ref != s.Entry || body.Data["keys"] != "footage" || body.Data["name"] != "Ana Novak" {
		t.Errorf("%+v", body.Data)
	}
	r.keys.lock()
	r.in(t, "ana", anaPassword)
	if !r.keys.isOpen(FootageKey) || r.keys.isOpen(DiaryKey) {
		t.Error("Ana opens the footage key, and no other")
	}
}

// Another password takes the wraps along, in one transaction, locked or not.
func TestPasswordTakesWrapsAlong(t *testing.T) {
	t.Parallel()
	for _, locked := range []bool{false, true} {
		r, head := school(t)
		_, ana := r.ana(t, head, Caretaker)
		other := r.in(t, "ana", anaPassword)
		if locked {
			r.keys.lock()
		}
		if _, err := r.ChangePassword(t.Context(), ana, "not the password", "rdeči kljuc brez vrat"); !errors.Is(err, ErrRefused) {
			t.Errorf("%v", err)
		}
		if _, err := r.ChangePassword(t.Context(), ana, anaPassword, anaPassword); !errors.Is(err, ErrIncomplete) {
			t.Errorf("the same again: %v", err)
		}
		_, err := r.ChangePassword(t.Context(), ana, anaPassword, "rdeči kljuc brez vrat")
		must(t, err)
		if _, err := r.Still(t.Context(), other); !errors.Is(err, ErrNoSession) {
			t.Errorf("her other session: %v", err)
		}
		r.keys.lock()
		if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office}); !errors.Is(err, ErrRefused) {
			t.Errorf("the old password: %v", err)
		}
		r.in(t, "ana", "rdeči kljuc brez vrat")
		if !r.keys.isOpen(FootageKey) {
			t.Errorf("locked %v: the new password opens nothing", locked)
		}
	}
}

// With the last authorisation for it the wrap goes: ended, with the person, or by time.
func TestWrapsGo(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, ana := r.ana(t, head, Caretaker)
	more := granted(Inspector)
	more.Person, more.To = p.ID, noon.AddDate(0, 0, 7)
	_, err := r.Authorise(t.Context(), head, more)
	must(t, err)
	r.in(t, "ana", anaPassword)
	if got := r.wrapsOf(t, "ana"); !slices.Equal(got, whiches) {
		t.Fatalf("%v", got)
	}
	must(t, r.End(t.Context(), head, ana.Authorisations[0].ID, "another job"))
	if got := r.wrapsOf(t, "ana"); !slices.Equal(got, whiches) {
		t.Errorf("an inspector needs both still: %v", got)
	}
	r.pass(7 * 24 * time.Hour)
	_, err = r.Sweep(t.Context())
	must(t, err)
	if got := r.wrapsOf(t, "ana"); got != nil {
		t.Errorf("after its end: %v", got)
	}
	if _, body := r.last(t, "person.wrap"); body.Data["result"] != "taken away" || body.Data["keys"] != "footage diary" {
		t.Errorf("%+v", body.Data)
	}
	before := r.diary.Head().Size
	_, err = r.Sweep(t.Context())
	must(t, err)
	if got := r.diary.Head().Size; got != before {
		t.Errorf("swept twice: %d entries", got-before)
	}
	rows, err := r.diary.Query(t.Context(), `SELECT count(*) FROM person_wraps WHERE person = ?`, p.ID)
	must(t, err)
	var n int
	for rows.Next() {
		must(t, rows.Scan(&n))
	}
	must(t, errors.Join(rows.Err(), rows.Close()))
	if n != 0 {
		t.Errorf("%d wraps are in the table", n)
	}
}

// A deputy to come can be given the wrap before, and opens nothing before.
func TestWrapOfLater(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, _ := r.ana(t, head, Maintainer)
	a := granted(Approver)
	a.Person, a.DeputyOf, a.From, a.To = p.ID, head.Person.ID, noon.Add(time.Hour), noon.AddDate(0, 0, 14)
	_, err := r.Authorise(t.Context(), head, a)
	must(t, err)
	r.in(t, "ana", anaPassword)
	if got := r.wrapsOf(t, "ana"); !slices.Equal(got, whiches) {
		t.Errorf("%v", got)
	}
	r.keys.lock()
	r.in(t, "ana", anaPassword)
	if r.keys.isOpen(FootageKey) {
		t.Error("a deputy opened the keys before her time")
	}
	if list, err := r.Openers(t.Context(), FootageKey); err != nil || len(list) != 1 || list[0].Login != "vida.head" {
		t.Errorf("%+v, %v", list, err)
	}
	r.pass(time.Hour)
	r.in(t, "ana", anaPassword)
	if !r.keys.isOpen(FootageKey) || !r.keys.isOpen(DiaryKey) {
		t.Error("the deputy can't open the keys")
	}
	if list, err := r.Openers(t.Context(), FootageKey); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// A wrap that somebody has spoilt is told, entered, and made anew when it can be.
func TestSpoiltWrap(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	r.ana(t, head, Caretaker)
	r.keys.mu.Lock()
	r.keys.id = "key2" // the wraps are of a key that is not in use any more
	clear(r.keys.open)
	r.keys.mu.Unlock()
	s := r.in(t, "ana", anaPassword)
	if r.keys.isOpen(FootageKey) || s.Closed != nil {
		t.Errorf("%v", s.Closed)
	}
	r.keys.mu.Lock()
	r.keys.open = map[Which]bool{FootageKey: true, DiaryKey: true}
	r.keys.mu.Unlock()
	must(t, r.Rotated(t.Context(), head, headPassword, r.keys))
	if ana, vida := r.wrapsOf(t, "ana"), r.wrapsOf(t, "vida.head"); ana != nil || !slices.Equal(vida, whiches) {
		t.Errorf("after new keys: %v, %v", ana, vida)
	}
	r.in(t, "ana", anaPassword)
	r.keys.lock()
	r.in(t, "ana", anaPassword)
	if !r.keys.isOpen(FootageKey) {
		t.Error("the new wrap opens nothing")
	}
	r.keys.lock()
	now, err := r.state(t.Context())
	must(t, err)
	now.byLogin("ana").wraps[FootageKey].blob[0] ^= 1
	s, err = r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office})
	must(t, err)
	if !errors.Is(s.Closed, errWrap) {
		t.Errorf("%v", s.Closed)
	}
	if _, body := r.last(t, "unlock"); body.Result != "failed" {
		t.Errorf("%+v", body)
	}
}

// The wrap goes in the transaction that ends the last authorisation for it; and a password that is changed takes no wrap
// along that has had its time.
func TestWrapGoesAtOnce(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, ana := r.ana(t, head, Caretaker)
	for _, role := range []Role{Auditor, Maintainer} {
		more := granted(role)
		more.Person = p.ID
		if role == Auditor {
			more.To = noon.Add(2 * time.Hour)
		}
		_, err := r.Authorise(t.Context(), head, more)
		must(t, err)
	}
	r.in(t, "ana", anaPassword)
	if got := r.wrapsOf(t, "ana"); !slices.Equal(got, whiches) {
		t.Fatalf("%v", got)
	}
	must(t, r.End(t.Context(), head, ana.Authorisations[0].ID, "another job"))
	if got := r.wrapsOf(t, "ana"); !slices.Equal(got, []Which{DiaryKey}) {
		t.Errorf("after its end: %v", got)
	}
	r.pass(2 * time.Hour)
	r.keys.lock()
	ana = r.in(t, "ana", anaPassword)
	_, err := r.ChangePassword(t.Context(), ana, anaPassword, "rdeči kljuc brez vrat")
	must(t, err)
	if got := r.wrapsOf(t, "ana"); got != nil {
		t.Errorf("under the new password: %v", got)
	}
}

// What changed between the proof of a password and what it opens counts: after a reset, after the envelope, or after the
// session has ended, nothing is opened and nothing is wrapped under what was proven.
func TestUnlockAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *rig, Session, Session){
		"reset": func(t *testing.T, r *rig, head, ana Session) {
			must(t, r.ResetPassword(t.Context(), head, ana.Person.ID, firstOfAna, "her password was stolen"))
		},
		"recovery": func(t *testing.T, r *rig, head, ana Session) {
			must(t, r.Recover(t.Context(), Recovery{By: "Vida", Reason: "stolen", Login: "vida.head", Password: "nova lipa ob stari cesti", Keys: r.keys}))
		},
		"log-out": func(t *testing.T, r *rig, head, ana Session) { must(t, r.Logout(t.Context(), ana)) },
	} {
		for _, locked := range []bool{false, true} {
			t.Run(fmt.Sprint(name, locked), func(t *testing.T) {
				t.Parallel()
				r, head := school(t)
				_, ana := r.ana(t, head, Caretaker)
				again, _, pw, err := r.again(t.Context(), ana, anaPassword) // the first half of Unlock; then it waits for its turn
				must(t, err)
				end(t, r, head, ana)
				if locked {
					r.keys.lock()
				}
				size := r.diary.Head().Size
				if err := r.openKeys(t.Context(), again, pw); !errors.Is(err, ErrNoSession) {
					t.Errorf("%v", err)
				}
				if locked && (r.keys.isOpen(FootageKey) || r.keys.isOpen(DiaryKey)) {
					t.Error("it has opened the keys")
				}
				if ops := r.entries(t, size); len(ops) > 0 {
					t.Errorf("%v", ops)
				}
				if _, err := r.replacePassword(t.Context(), again, pw, pw, verifier{}); !errors.Is(err, ErrNoSession) {
					t.Errorf("a new password: %v", err)
				}
			})
		}
	}
}

// A wrap that opens with no password keeps nobody from choosing another one, which may be his duty.
func TestLostWrap(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, ana := r.ana(t, head, Caretaker)
	r.keys.lock()
	now, err := r.state(t.Context())
	must(t, err)
	now.persons[p.ID].wraps[FootageKey].blob[0] ^= 1
	s, err := r.ChangePassword(t.Context(), ana, anaPassword, "rdeči kljuc brez vrat")
	must(t, err)
	if s.Closed == nil {
		t.Error("she is not told")
	}
	if _, body := r.last(t, opPassword); body.Data["keys_lost"] != "footage" || body.Note == "" {
		t.Errorf("%+v", body)
	}
	if got := r.wrapsOf(t, "ana"); got != nil {
		t.Errorf("%v", got)
	}
	must(t, r.Unlock(t.Context(), head, headPassword))
	r.in(t, "ana", "rdeči kljuc brez vrat")
	r.keys.lock()
	r.in(t, "ana", "rdeči kljuc brez vrat")
	if !r.keys.isOpen(FootageKey) {
		t.Error("the wrap that was made anew opens nothing")
	}
}

// A crash between new keys and the end of a rotation leaves wraps of both keys to whoever replaces them, which go on opening;
// those of others go once somebody can open the new keys, and not before.
func TestOldWrapsGoOnceSomebodyHasNew(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	r.ana(t, head, Caretaker)
	rotate := func(id, both string) {
		r.keys.mu.Lock()
		defer r.keys.mu.Unlock()
		r.keys.id, r.keys.both = id, both
		clear(r.keys.open)
	}
	rotate("key2", "")
	if _, err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ana := r.wrapsOf(t, "ana"); !slices.Equal(ana, []Which{FootageKey}) {
		t.Errorf("nobody has the new key, and old wraps went: %v", ana)
	}
	rotate("key2", "key2footage") // in all wraps of footage
	if list, err := r.Openers(t.Context(), FootageKey); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	rotate("key2", "")
	r.keys.mu.Lock()
	r.keys.open = map[Which]bool{FootageKey: true, DiaryKey: true}
	r.keys.mu.Unlock()
	r.in(t, "vida.head", headPassword) // gets wraps of what is open
	if _, err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ana, vida := r.wrapsOf(t, "ana"), r.wrapsOf(t, "vida.head"); ana != nil || !slices.Equal(vida, whiches) {
		t.Errorf("after the rotation: %v, %v", ana, vida)
	}
	if _, body := r.last(t, "person.wrap"); body.Note != "the keys were replaced" {
		t.Errorf("%+v", body)
	}
}

// A lock in a rotation takes no wrap away: whoever replaces the keys gets the new ones from what the rotation holds by itself, and
// where that lacks one nothing changes.
func TestLockInARotation(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	r.ana(t, head, Caretaker)
	own := newChain() // the rotation's
	must(t, r.Rotating(t.Context(), head, headPassword, own))
	r.keys.lock()
	r.keys.mu.Lock()
	r.keys.id, own.id = "key2", "key2"
	r.keys.mu.Unlock()
	own.open[DiaryKey] = false
	if err := r.Rotated(t.Context(), head, headPassword, own); !errors.Is(err, ErrLocked) {
		t.Errorf("without the key of the diary: %v", err)
	}
	if ana, vida := r.wrapsOf(t, "ana"), r.wrapsOf(t, "vida.head"); !slices.Equal(ana, []Which{FootageKey}) || !slices.Equal(vida, whiches) {
		t.Errorf("wraps went: %v, %v", ana, vida)
	}
	own.open[DiaryKey] = true
	must(t, r.Rotated(t.Context(), head, headPassword, own))
	if ana, vida := r.wrapsOf(t, "ana"), r.wrapsOf(t, "vida.head"); ana != nil || !slices.Equal(vida, whiches) {
		t.Errorf("after new keys: %v, %v", ana, vida)
	}
	r.in(t, "vida.head", headPassword)
	if !r.keys.isOpen(FootageKey) || !r.keys.isOpen(DiaryKey) {
		t.Error("whoever replaced the keys does not open them")
	}
}

// What the recovery key opened is lent to that use alone: nobody who logs in beside it is given a wrap, and a use that is refused
// gives nobody anything.
func TestRecoveryLendsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	own := newChain()
	r.keys.lock()
	_, err := r.First(t.Context(), first())
	must(t, err)
	r.in(t, "vida.head", headPassword)
	if err := r.Recover(t.Context(), Recovery{By: "x", Reason: "x", Login: "nobody", Password: anaPassword, Keys: own}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	r.in(t, "vida.head", headPassword)
	if got := r.wrapsOf(t, "vida.head"); got != nil {
		t.Errorf("a refused use of the recovery key gave %v", got)
	}
	r.diary.before = map[string]func(){"recovery.used": func() {
		if _, open := r.keys.Key(FootageKey); open {
			t.Error("the key is open before the use is entered")
		}
	}}
	must(t, r.Recover(t.Context(), Recovery{By: "x", Reason: "x", Login: "vida.head", Password: anaPassword, Keys: own}))
	if got := r.wrapsOf(t, "vida.head"); !slices.Equal(got, whiches) {
		t.Errorf("who was named has %v", got)
	}
}
