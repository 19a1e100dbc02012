package people

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

func TestAdd(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, err := r.Add(t.Context(), head, Person{Login: "ANA", Name: "  Ana   Novak ", Language: "en"}, firstOfAna)
	must(t, err)
	if p.Login != "ana" || p.Name != "Ana Novak" || p.Language != "en" {
		t.Errorf("%+v", p)
	}
	if _, body := r.last(t, "person.add"); body.Actor.ID != head.Person.ID || body.Actor.Role != "administrator" || body.Data["person"] != p.ID || body.Data["name"] != "Ana Novak" {
		t.Errorf("%+v by %+v", body.Data, body.Actor)
	}
	if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: firstOfAna, Address: office}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("without any authorisation: %v", err)
	}
	for name, tt := range map[string]struct {
		p        Person
		password string
		err      error
	}{
		"log-in name taken": {Person{Login: "Ana", Name: "Ana Kos"}, firstOfAna, ErrTaken},
		"same name":         {Person{Login: "ana2", Name: "Novak, ÁNA"}, firstOfAna, ErrSameName},
		"the head again":    {Person{Login: "vida2", Name: "Ravnik Vida"}, firstOfAna, ErrSameName},
		"no name":           {Person{Login: "ana2", Name: " 123 "}, firstOfAna, ErrIncomplete},
		"unseen character":  {Person{Login: "ana2", Name: "An\u200ba Kos"}, firstOfAna, ErrIncomplete},
		"bad log-in name":   {Person{Login: "2ana", Name: "Ana Kos"}, firstOfAna, ErrIncomplete},
		"bad language":      {Person{Login: "ana2", Name: "Ana Kos", Language: "de"}, firstOfAna, ErrIncomplete},
		"weak password":     {Person{Login: "ana2", Name: "Ana Kos"}, "geslo", ErrWeak},
	} {
		if _, err := r.Add(t.Context(), head, tt.p, tt.password); !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := r.Persons(t.Context())
	must(t, err)
	if len(list) != 2 || list[0].Name != "Ana Novak" || !list[0].Renew {
		t.Errorf("%+v", list)
	}
}

// The largest scope that there can be fits into an entry.
func TestLargestScope(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, _ := r.ana(t, head, Auditor)
	a := granted(Caretaker)
	a.Person = p.ID
	for i := range MaxCameras {
		a.Cameras = append(a.Cameras, fmt.Sprintf("camera%058d", i))
	}
	a, err := r.Authorise(t.Context(), head, a)
	must(t, err)
	r.restart(t)
	s := r.in(t, "ana", anaPassword)
	if by, err := s.May(Play, a.Cameras[MaxCameras-1], r.clock()); err != nil || by.ID != a.ID || len(by.Cameras) != MaxCameras {
		t.Errorf("%v", err)
	}
}

// Paper first: an authorisation is in force from the day on which it was signed.
func TestPaper(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, err := r.Add(t.Context(), head, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna)
	must(t, err)
	unsigned := granted(Caretaker)
	unsigned.Person, unsigned.Paper = p.ID, time.Time{}
	a, err := r.Authorise(t.Context(), head, unsigned)
	must(t, err)
	login := Attempt{Login: "ana", Password: firstOfAna, Address: office}
	if _, err := r.Login(t.Context(), login); !errors.Is(err, ErrUnsigned) {
		t.Errorf("without paper: %v", err)
	}
	if err := r.Sign(t.Context(), head, a.ID, noon.Add(time.Second)); !errors.Is(err, ErrIncomplete) {
		t.Errorf("a paper to come: %v", err)
	}
	must(t, r.Sign(t.Context(), head, a.ID, noon.Add(-10*time.Minute)))
	r.pass(-20 * time.Minute)
	if _, err := r.Login(t.Context(), login); !errors.Is(err, ErrNotYet) || !strings.Contains(err.Error(), "the clock here says 2026-11-21 11:40:00") {
		t.Errorf("by a clock that was put back before it: %v", err)
	}
	r.pass(20 * time.Minute)
	_, err = r.Login(t.Context(), login)
	must(t, err)
	unsigned.Paper = noon.Add(time.Hour)
	if _, err := r.Authorise(t.Context(), head, unsigned); !errors.Is(err, ErrIncomplete) {
		t.Errorf("granted on a paper to come: %v", err)
	}
	if e, body := r.last(t, "authorise.sign"); *e.Ref != a.Entry || body.Data["paper"] != "2026-11-21 11:50:00" {
		t.Errorf("%+v", body.Data)
	}
	if _, err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := r.last(t, "login.failed"); body.Data["not_in_force"] != int64(2) {
		t.Errorf("%+v", body.Data)
	}
}

// Nobody grants himself anything, in whatever role.
func TestNoSelfGrants(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	own := granted(Inspector)
	own.Person = head.Person.ID
	if _, err := r.Authorise(t.Context(), head, own); !errors.Is(err, ErrSelf) {
		t.Errorf("a grant: %v", err)
	}
	if err := r.Sign(t.Context(), head, head.Authorisations[0].ID, noon); !errors.Is(err, ErrSelf) {
		t.Errorf("a signature: %v", err)
	}
	if err := r.ResetPassword(t.Context(), head, head.Person.ID, "drugo geslo z zvezdami", "forgotten"); !errors.Is(err, ErrSelf) {
		t.Errorf("a reset: %v", err)
	}
	if err := r.Remove(t.Context(), head, head.Person.ID, "leaves"); !errors.Is(err, ErrSelf) {
		t.Errorf("a removal: %v", err)
	}
	_, ana := r.ana(t, head, Caretaker)
	other := granted(Auditor)
	other.Person = head.Person.ID
	for name, err := range map[string]error{
		"grant": func() error { _, err := r.Authorise(t.Context(), ana, other); return err }(),
		"add": func() error {
			_, err := r.Add(t.Context(), ana, Person{Login: "x1", Name: "Some Body"}, firstOfAna)
			return err
		}(),
		"end":    r.End(t.Context(), ana, head.Authorisations[0].ID, "why not"),
		"remove": r.Remove(t.Context(), ana, head.Person.ID, "why not"),
		"reset":  r.ResetPassword(t.Context(), ana, head.Person.ID, "drugo geslo z zvezdami", "why not"),
		"rename": r.Change(t.Context(), ana, Person{ID: head.Person.ID, Login: "vida", Name: "Other Name"}),
		"self":   r.Change(t.Context(), ana, Person{ID: ana.Person.ID, Login: "ana", Name: "Other Name"}),
		"log-in": r.Change(t.Context(), ana, Person{ID: ana.Person.ID, Login: "ana2", Name: "Ana Novak"}),
		"tongue": r.Change(t.Context(), ana, Person{ID: head.Person.ID, Login: head.Person.Login, Name: head.Person.Name, Language: "en"}),
		"issue":  func() error { _, _, err := r.Issue(t.Context(), ana, policeToken(), "request 1"); return err }(),
	} {
		if !errors.Is(err, ErrNotAllowed) {
			t.Errorf("a caretaker may %s: %v", name, err)
		}
	}
	must(t, r.Change(t.Context(), ana, Person{ID: ana.Person.ID, Login: "ana", Name: "Ana Novak", Language: "en"}))
}

// The table itself refuses a self-grant, whoever writes it.
func TestTableRefusesSelfGrants(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	must(t, r.diary.Close())
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	_, err = db.Exec(`UPDATE authorisations SET granted_by = person WHERE person = ?`, head.Person.ID)
	if err == nil || !strings.Contains(err.Error(), "CHECK") {
		t.Errorf("a self-grant in the table: %v", err)
	}
	_, err = db.Exec(`UPDATE authorisations SET role = 'guard', back = 1 WHERE role = 'caretaker'`)
	must(t, errors.Join(err, db.Close()))
	d, err := diary.Open(t.Context(), r.diaryOptions())
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	if f := d.Fault(); f == nil || f.By != "authorisations" {
		t.Errorf("an authorisation that was changed in the database: %v", f)
	}
}

func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	i := slices.IndexFunc(head.Authorisations, func(a Authorisation) bool { return a.Role == Administrator })
	own := head.Authorisations[i].ID
	if err := r.End(t.Context(), head, own, "leaves"); !errors.Is(err, ErrLastAdministrator) {
		t.Errorf("the last one ends: %v", err)
	}
	p, err := r.Add(t.Context(), head, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna)
	must(t, err)
	limited, unsigned, later := granted(Administrator), granted(Administrator), granted(Administrator)
	limited.To, unsigned.Paper, later.From = noon.AddDate(5, 0, 0), time.Time{}, noon.Add(time.Hour)
	for name, a := range map[string]Authorisation{"for a time": limited, "without paper": unsigned, "from later on": later} {
		a.Person = p.ID
		a, err := r.Authorise(t.Context(), head, a)
		must(t, err)
		if err := r.End(t.Context(), head, own, "leaves"); !errors.Is(err, ErrLastAdministrator) {
			t.Errorf("the last one ends beside one %s: %v", name, err)
		}
		must(t, r.End(t.Context(), head, a.ID, "a test"))
	}
	whole := granted(Administrator)
	whole.Person = p.ID
	_, err = r.Authorise(t.Context(), head, whole)
	must(t, err)
	must(t, r.End(t.Context(), head, own, "leaves"))
	if err := r.End(t.Context(), head, own, "leaves"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := head.May(Persons, "", noon); err != nil {
		t.Error("the picture of a session changes by itself")
	}
	if fresh, err := r.Still(t.Context(), head); err != nil || len(fresh.Authorisations) != 2 {
		t.Errorf("%+v, %v", fresh, err)
	}
}

func TestDeputy(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, err := r.Add(t.Context(), head, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna)
	must(t, err)
	a := granted(Approver)
	a.Person, a.DeputyOf, a.From, a.To = p.ID, p.ID, noon, noon.AddDate(0, 0, 14)
	if _, err := r.Authorise(t.Context(), head, a); !errors.Is(err, ErrIncomplete) {
		t.Errorf("her own deputy: %v", err)
	}
	a.DeputyOf = "nobody"
	if _, err := r.Authorise(t.Context(), head, a); !errors.Is(err, ErrUnknown) {
		t.Errorf("nobody's deputy: %v", err)
	}
	a.DeputyOf = head.Person.ID
	a, err = r.Authorise(t.Context(), head, a)
	must(t, err)
	s := r.in(t, "ana", firstOfAna)
	s, err = r.ChangePassword(t.Context(), s, firstOfAna, anaPassword)
	must(t, err)
	if by, err := s.May(Approve, "", r.clock()); err != nil || by.DeputyOf != head.Person.ID || s.As(by).Role != "approver (deputy)" {
		t.Errorf("%+v, %v", by, err)
	}
	r.pass(14 * 24 * time.Hour)
	if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office}); !errors.Is(err, ErrExpired) {
		t.Errorf("after a fortnight: %v", err)
	}
}

// What ends takes effect at once, in sessions that are open.
func TestEndsAtOnce(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, ana := r.ana(t, head, Caretaker)
	must(t, r.End(t.Context(), head, ana.Authorisations[0].ID, "another job"))
	if _, err := r.Session(t.Context(), ana.Token.Text()); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a session without any authorisation: %v", err)
	}
	back := granted(Caretaker)
	back.Person = p.ID
	_, err := r.Authorise(t.Context(), head, back)
	must(t, err)
	if _, err := r.Still(t.Context(), ana); err != nil {
		t.Error(err)
	}
	must(t, r.Remove(t.Context(), head, p.ID, "left the school"))
	if _, err := r.Still(t.Context(), ana); !errors.Is(err, ErrNoSession) {
		t.Errorf("a removed person: %v", err)
	}
	if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office}); !errors.Is(err, ErrRefused) {
		t.Errorf("a removed person: %v", err)
	}
}

// A change that can't be entered changes nothing, and after one of which nobody knows it is read what is there.
func TestChangesAndTheDiary(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	_, ana := r.ana(t, head, Caretaker)
	before, err := r.Persons(t.Context())
	must(t, err)
	full := errors.New("the disk is full")
	r.diary.set("", full, nil)
	for name, err := range map[string]error{
		"add": func() error {
			_, err := r.Add(t.Context(), head, Person{Login: "x1", Name: "Some Body"}, firstOfAna)
			return err
		}(),
		"end":      r.End(t.Context(), head, ana.Authorisations[0].ID, "another job"),
		"remove":   r.Remove(t.Context(), head, ana.Person.ID, "left"),
		"password": func() error { _, err := r.ChangePassword(t.Context(), ana, anaPassword, firstOfAna); return err }(),
	} {
		if !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.diary.set("", nil, nil)
	after, err := r.Persons(t.Context())
	must(t, err)
	if len(after) != len(before) || len(after[0].Authorisations) != 1 {
		t.Errorf("%+v", after)
	}
	if _, err := r.Still(t.Context(), ana); err != nil {
		t.Error(err)
	}
	r.diary.set("person.remove", nil, diary.ErrUncertain)
	if err := r.Remove(t.Context(), head, ana.Person.ID, "left"); !errors.Is(err, diary.ErrUncertain) {
		t.Error(err)
	}
	r.diary.set("", nil, nil)
	if _, err := r.Still(t.Context(), ana); !errors.Is(err, ErrNoSession) {
		t.Errorf("removed, as it came out: %v", err)
	}
	r.restart(t)
	list, err := r.Persons(t.Context())
	must(t, err)
	if len(list) != 1 {
		t.Errorf("%+v", list)
	}
}

// While the diary is at fault, people can log in to see to it; nothing about persons changes.
func TestFaultOfTheDiary(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	must(t, r.diary.Close())
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	_, err = db.Exec(`UPDATE persons SET name = 'Mallory' WHERE login = 'vida.head'`)
	must(t, errors.Join(err, db.Close()))
	d, err := diary.Open(t.Context(), r.diaryOptions())
	must(t, err)
	r.diary.Diary = d
	r.Register, err = New(t.Context(), r.o)
	must(t, err)
	s := r.in(t, "vida.head", headPassword)
	if _, err := r.Add(t.Context(), s, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna); !errors.Is(err, diary.ErrFault) {
		t.Errorf("a change: %v", err)
	}
}
