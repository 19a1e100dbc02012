package people

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// deputy adds Ana as a deputy of the head for one camera until tomorrow, and lets her choose her password.
func (r *rig) deputy(t *testing.T, head Session, of string) Session {
	t.Helper()
	_, err := r.Add(t.Context(), head, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna, Authorisation{Role: Approver, Cameras: []string{"hall"},
		From: noon.Add(-time.Hour), To: noon.AddDate(0, 0, 1), Paper: noon.Add(-time.Hour), DeputyOf: of})
	must(t, err)
	s, err := r.ChangePassword(t.Context(), r.in(t, "ana", firstOfAna), firstOfAna, anaPassword)
	must(t, err)
	return s
}

// A deputy for one camera until tomorrow grants and issues nothing that goes on after tomorrow or beyond that camera, and
// does not end who he acts for.
func TestDeputyReach(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	deputy := r.deputy(t, head, head.Person.ID)
	friend, err := r.Add(t.Context(), head, Person{Login: "bine", Name: "Bine Kos"}, firstOfAna)
	must(t, err)
	size := r.diary.Head().Size
	within := Authorisation{Person: friend.ID, Role: Caretaker, Cameras: []string{"hall"}, From: noon, To: noon.AddDate(0, 0, 1), Paper: noon.Add(-time.Hour)}
	for name, spoil := range map[string]func(*Authorisation){
		"all cameras":     func(a *Authorisation) { a.Cameras = nil },
		"another camera":  func(a *Authorisation) { a.Cameras = []string{"hall", "vault"} },
		"no end":          func(a *Authorisation) { a.To = time.Time{} },
		"a later end":     func(a *Authorisation) { a.To = a.To.Add(time.Second) },
		"outside":         func(a *Authorisation) { a.Outside = true },
		"administrator":   func(a *Authorisation) { a.Role = Administrator },
		"approver":        func(a *Authorisation) { a.Role = Approver },
		"another deputy":  func(a *Authorisation) { a.Role, a.DeputyOf = Approver, head.Person.ID },
		"later, for ever": func(a *Authorisation) { a.From, a.To = a.To, time.Time{} },
	} {
		a := within
		spoil(&a)
		if _, err := r.Authorise(t.Context(), deputy, a); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := r.Persons(t.Context())
	must(t, err)
	for _, p := range list {
		for _, a := range p.Authorisations {
			if p.ID != head.Person.ID {
				continue
			}
			if err := r.End(t.Context(), deputy, a.ID, "x"); !errors.Is(err, ErrNotAllowed) {
				t.Errorf("ends the head's %s: %v", a.Role, err)
			}
		}
	}
	token := AuthorityToken{Name: "IP RS", Holder: "Nina Nadzor", Role: Inspector, Cameras: []string{"hall"}, From: noon, To: noon.AddDate(0, 0, 1)}
	for name, spoil := range map[string]func(*AuthorityToken){
		"all cameras": func(a *AuthorityToken) { a.Cameras = nil },
		"a year":      func(a *AuthorityToken) { a.To = noon.AddDate(1, 0, 0) },
		"outside":     func(a *AuthorityToken) { a.Outside = true },
	} {
		one := token
		spoil(&one)
		if _, _, err := r.Issue(t.Context(), deputy, one, "supervision"); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("a token, %s: %v", name, err)
		}
	}
	if r.diary.Head().Size != size {
		t.Error("something was entered")
	}
	granted, err := r.Authorise(t.Context(), deputy, within)
	must(t, err)
	if _, body := r.last(t, opAuthorise); body.Actor.Role != "approver (deputy)" {
		t.Errorf("%+v", body.Actor)
	}
	must(t, r.End(t.Context(), deputy, granted.ID, "not needed"))
	_, _, err = r.Issue(t.Context(), deputy, token, "supervision")
	must(t, err)
}

// Whoever has another authorisation beside, which reaches as far, grants by that.
func TestReachOfAnother(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	deputy := r.deputy(t, head, head.Person.ID)
	more := granted(Administrator)
	more.Person = deputy.Person.ID
	_, err := r.Authorise(t.Context(), head, more)
	must(t, err)
	_, err = r.Add(t.Context(), deputy, Person{Login: "bine", Name: "Bine Kos"}, firstOfAna, granted(Caretaker))
	must(t, err)
	list, err := r.Persons(t.Context())
	must(t, err)
	bine := list[slices.IndexFunc(list, func(p Record) bool { return p.Login == "bine" })]
	next := granted(Guard)
	next.Person = bine.ID
	_, err = r.Authorise(t.Context(), deputy, next)
	must(t, err)
	if _, body := r.last(t, opAuthorise); body.Actor.Role != "administrator" {
		t.Errorf("%+v", body.Actor)
	}
}

// A deputy acts for an approver: once that is none any more, or has gone, the deputy is none either, and his wraps go.
func TestDeputyOfNobody(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]func(*testing.T, *rig, Session, Person, string){
		"removed": func(t *testing.T, r *rig, head Session, p Person, _ string) {
			must(t, r.Remove(t.Context(), head, p.ID, "left"))
		},
		"ended": func(t *testing.T, r *rig, head Session, _ Person, a string) {
			must(t, r.End(t.Context(), head, a, "left"))
		},
		"expired": func(t *testing.T, r *rig, _ Session, _ Person, _ string) { r.pass(2 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, head := school(t)
			r.o.Idle, r.Register.o.Idle = 24*time.Hour, 24*time.Hour
			approver := granted(Approver)
			approver.To = noon.Add(time.Hour)
			p, err := r.Add(t.Context(), head, Person{Login: "bine", Name: "Bine Kos"}, firstOfAna, approver)
			must(t, err)
			now, err := r.state(t.Context())
			must(t, err)
			deputy := r.deputy(t, head, p.ID)
			if _, err := deputy.May(Approve, "", r.clock()); err != nil {
				t.Fatal(err)
			}
			if r.wrapsOf(t, "ana") == nil {
				t.Fatal("the deputy has no wraps")
			}
			gone(t, r, head, p, now.persons[p.ID].auths[0].ID)
			if _, err := r.Still(t.Context(), deputy); !errors.Is(err, ErrExpired) {
				t.Errorf("the session: %v", err)
			}
			if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office}); !errors.Is(err, ErrExpired) {
				t.Errorf("a log-in: %v", err)
			}
			_, err = r.Sweep(t.Context())
			must(t, err)
			if got := r.wrapsOf(t, "ana"); got != nil {
				t.Errorf("wraps are left: %v", got)
			}
		})
	}
}
