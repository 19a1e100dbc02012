package people

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// A password that somebody else has set is shown to its owner, and changed first of all.
func TestReset(t *testing.T) {
	t.Parallel()
	r, secret, _ := second(t)
	head := r.in(t, "vida.head", headPassword)
	r.pass(period)
	ana, err := r.withCode(t, secret.Code(r.clock()))
	must(t, err)
	must(t, r.ResetPassword(t.Context(), head, ana.Person.ID, firstOfAna, "she forgot it"))
	if _, err := r.Still(t.Context(), ana); !errors.Is(err, ErrNoSession) {
		t.Errorf("the session from before: %v", err)
	}
	if list, err := r.Persons(t.Context()); err != nil || list[0].Codes != 0 || list[0].Second {
		t.Errorf("one-time codes or a second factor are left: %+v, %v", list[0], err)
	}
	e, body := r.last(t, "person.reset")
	if body.Note != "she forgot it" || body.Data["name"] != "Ana Novak" || body.Actor.Name != "Vida Ravnik" {
		t.Errorf("%+v", body)
	}
	r.restart(t)
	s := r.in(t, "ana", firstOfAna) // without a code: the second factor went, too
	if s.Duty != DutyPassword || s.Reset == nil || *s.Reset != (Reset{e.Index, noon.Add(period), "Vida Ravnik"}) {
		t.Fatalf("%+v, %+v", s, s.Reset)
	}
	if _, err := s.May(Play, "hall", r.clock()); !errors.Is(err, ErrPasswordFirst) {
		t.Errorf("%v", err)
	}
	r.keys.lock()
	r.in(t, "ana", firstOfAna)
	if r.keys.isOpen(FootageKey) {
		t.Error("a password that somebody else knows opened the keys")
	}
	s, err = r.ChangePassword(t.Context(), s, firstOfAna, anaPassword)
	must(t, err)
	if s.Duty != DutyNone || s.Closed != nil || !r.keys.isOpen(FootageKey) || s.Reset == nil {
		t.Errorf("%+v", s)
	}
	if s := r.in(t, "ana", anaPassword); s.Reset != nil {
		t.Errorf("it is told for ever: %+v", s.Reset)
	}
}

func TestFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Login(t.Context(), Attempt{Login: "admin", Password: "admin", Address: office}); !errors.Is(err, ErrRefused) {
		t.Errorf("a new appliance: %v", err)
	}
	for name, change := range map[string]func(*First){
		"no administrator":   func(f *First) { f.Roles = []Role{Approver} },
		"no paper":           func(f *First) { f.Paper = time.Time{} },
		"paper of tomorrow":  func(f *First) { f.Paper = noon.AddDate(0, 0, 1) },
		"a role twice":       func(f *First) { f.Roles = []Role{Administrator, Administrator} },
		"an inspector":       func(f *First) { f.Roles = []Role{Administrator, Inspector} },
		"a role that is not": func(f *First) { f.Roles = []Role{Administrator, "king"} },
	} {
		f := first()
		change(&f)
		if _, err := r.First(t.Context(), f); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := r.First(t.Context(), first())
	must(t, err)
	if _, body := r.last(t, "person.add"); body.Actor.Proof != "claimed on the console" || body.Data["person"] != p.ID || body.Data["authorisation_1"] == nil {
		t.Errorf("%+v, %+v", body.Actor, body.Data)
	}
	f := first()
	f.Person.Login, f.Person.Name = "second", "Some Body"
	if _, err := r.First(t.Context(), f); !errors.Is(err, ErrNotFirst) {
		t.Errorf("a second first person: %v", err)
	}
	if _, _, err := r.Link(t.Context()); !errors.Is(err, ErrNotFirst) {
		t.Errorf("a link: %v", err)
	}
}

// The link is good once, for an hour, and only the latest one.
func TestLink(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Redeem(t.Context(), newToken().Text(), first()); !errors.Is(err, ErrLink) {
		t.Errorf("a link that never was: %v", err)
	}
	old, _, err := r.Link(t.Context())
	must(t, err)
	token, expires, err := r.Link(t.Context())
	must(t, err)
	for _, text := range []string{"", "x", old.Text(), newToken().Text()} {
		if _, err := r.Redeem(t.Context(), text, first()); !errors.Is(err, ErrLink) {
			t.Errorf("%q: %v", text, err)
		}
	}
	weak := first()
	weak.Password = "geslo"
	if _, err := r.Redeem(t.Context(), token.Text(), weak); !errors.Is(err, ErrWeak) {
		t.Errorf("%v", err)
	}
	r.pass(expires.Sub(noon))
	late := first()
	if _, err := r.Redeem(t.Context(), token.Text(), late); !errors.Is(err, ErrLink) {
		t.Errorf("after its time: %v", err)
	}
	r.pass(-time.Second)
	r.restart(t)
	_, err = r.Redeem(t.Context(), token.Text(), first())
	must(t, err)
	if _, err := r.Redeem(t.Context(), token.Text(), first()); !errors.Is(err, ErrLink) {
		t.Errorf("a second time: %v", err)
	}
	r.in(t, "vida.head", headPassword)
}

// The envelope: its use is entered, everybody chooses new credentials, and the one who is named comes in.
func TestRecover(t *testing.T) {
	t.Parallel()
	r, secret, _ := second(t)
	head := r.in(t, "vida.head", headPassword)
	v := Recovery{By: "Vida Ravnik", Reason: "the head forgot it", Login: "vida.head", Password: "morje gora in polje", Keys: r.keys}
	r.keys.lock()
	if err := r.Recover(t.Context(), v); !errors.Is(err, ErrLocked) {
		t.Errorf("with locked keys: %v", err)
	}
	r.keys.open = map[Which]bool{FootageKey: true, DiaryKey: true}
	for name, bad := range map[string]Recovery{"nobody": {Reason: "x"}, "no reason": {By: "x"}, "unknown": {By: "x", Reason: "x", Login: "nobody", Password: v.Password, Keys: r.keys}, "no keys": {By: "x", Reason: "x", Login: "vida.head", Password: v.Password},
		"weak": {By: "x", Reason: "x", Login: "vida.head", Password: "geslo", Keys: r.keys}} {
		if err := r.Recover(t.Context(), bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	full := errors.New("the disk is full")
	r.diary.set("recovery.used", full, nil)
	if err := r.Recover(t.Context(), v); !errors.Is(err, full) {
		t.Errorf("without an entry: %v", err)
	}
	r.diary.set("", nil, nil)
	r.in(t, "vida.head", headPassword) // nothing has changed yet
	must(t, r.Recover(t.Context(), v))
	used, body := r.last(t, "recovery.used")
	if body.Actor.Proof != "recovery key" || body.Note != v.Reason {
		t.Errorf("%+v", body)
	}
	if e, _ := r.last(t, "person.recover"); *e.Ref != used.Index {
		t.Errorf("%+v", e)
	}
	if _, err := r.Still(t.Context(), head); !errors.Is(err, ErrNoSession) || r.Sessions() != 0 {
		t.Errorf("sessions from before: %v", err)
	}
	if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: office}); !errors.Is(err, ErrRefused) {
		t.Errorf("the old password: %v", err)
	}
	r.keys.lock()
	if s := r.in(t, "vida.head", v.Password); s.Duty != DutyNone || !r.keys.isOpen(FootageKey) || !r.keys.isOpen(DiaryKey) {
		t.Errorf("%+v", s)
	}
	r.pass(period)
	ana, err := r.withCode(t, secret.Code(r.clock()))
	must(t, err)
	if ana.Duty != DutyPassword {
		t.Errorf("Ana goes on with what she had: %+v", ana)
	}
	ana, err = r.ChangePassword(t.Context(), ana, anaPassword, "rdeči kljuc brez vrat")
	must(t, err)
	if ana.Duty != DutyNone || !slices.Contains(r.wrapsOf(t, "ana"), FootageKey) {
		t.Errorf("%+v", ana)
	}
	must(t, r.Recover(t.Context(), Recovery{By: "Vida Ravnik", Reason: "a restore", Keys: r.keys}))
	if s := r.in(t, "vida.head", v.Password); s.Duty != DutyPassword {
		t.Errorf("%+v", s)
	}
}

// policeToken is complete.
func policeToken() AuthorityToken {
	return AuthorityToken{Name: "Policijska postaja Kranj", Holder: "Inspector Kos", Role: Inspector, Cameras: []string{"hall"}, From: noon, To: noon.AddDate(0, 0, 7)}
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	for name, change := range map[string]func(*AuthorityToken){
		"no name":     func(a *AuthorityToken) { a.Name = " " },
		"no holder":   func(a *AuthorityToken) { a.Holder = "" },
		"no end":      func(a *AuthorityToken) { a.To = time.Time{} },
		"two years":   func(a *AuthorityToken) { a.To = noon.AddDate(2, 0, 0) },
		"an approver": func(a *AuthorityToken) { a.Role = Approver },
		"no cameras":  func(a *AuthorityToken) { a.Cameras = []string{} },
	} {
		a := policeToken()
		change(&a)
		if _, _, err := r.Issue(t.Context(), head, a, "request 12/2026"); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, text, err := r.Issue(t.Context(), head, policeToken(), "request 12/2026")
	must(t, err)
	if _, body := r.last(t, "token.issue"); body.Basis != "request 12/2026" || body.Recipient != a.Name || body.Data["holder"] != "Inspector Kos" {
		t.Errorf("%+v", body)
	}
	r.restart(t)
	s, err := r.Bearer(t.Context(), text, street)
	must(t, err)
	if _, err := s.May(Play, "hall", r.clock()); err != nil {
		t.Error(err)
	}
	if _, err := s.May(Play, "yard", r.clock()); !errors.Is(err, ErrScope) {
		t.Errorf("%v", err)
	}
	if _, err := s.May(Persons, "", r.clock()); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("%v", err)
	}
	if actor := s.Actor(); actor.Proof != "token" || actor.Name != "Inspector Kos (Policijska postaja Kranj)" || actor.Address != "192.168.1.66" {
		t.Errorf("%+v", actor)
	}
	if _, err := r.ChangePassword(t.Context(), s, "x", anaPassword); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "varuh_", text[len(tokenPrefix):], text + "A", tokenPrefix + newToken().Text()} {
		if _, err := r.Bearer(t.Context(), bad, street); !errors.Is(err, ErrNoSession) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := r.Session(t.Context(), text[len(tokenPrefix):]); !errors.Is(err, ErrNoSession) {
		t.Errorf("as a cookie: %v", err)
	}
	_, err = r.Still(t.Context(), s)
	must(t, err)
	r.pass(7 * 24 * time.Hour)
	if _, err := r.Bearer(t.Context(), text, street); !errors.Is(err, ErrExpired) {
		t.Errorf("after its time: %v", err)
	}
	head = r.in(t, "vida.head", headPassword)
	must(t, r.EndToken(t.Context(), head, a.ID, "closed"))
	if _, err := r.Still(t.Context(), s); !errors.Is(err, ErrNoSession) {
		t.Errorf("ended: %v", err)
	}
	if list, err := r.Tokens(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if err := r.EndToken(t.Context(), head, a.ID, "closed"); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// Tokens end with the envelope's being opened, as all sessions do.
func TestRecoveryEndsTokens(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	_, text, err := r.Issue(t.Context(), s, AuthorityToken{Name: "IP RS", Holder: "Nina Nadzor", Role: Inspector, From: noon.Add(-time.Hour), To: noon.AddDate(0, 6, 0)}, "supervision")
	must(t, err)
	if _, err := r.Bearer(t.Context(), text, office); err != nil {
		t.Fatal(err)
	}
	must(t, r.Recover(t.Context(), Recovery{By: "Vida Ravnik", Reason: "the password was stolen", Keys: r.keys}))
	if _, err := r.Bearer(t.Context(), text, office); !errors.Is(err, ErrNoSession) {
		t.Errorf("a token from before: %v", err)
	}
	if _, body := r.last(t, opRecover); body.Data["tokens_ended"] != int64(1) {
		t.Errorf("%+v", body.Data)
	}
}

// A clock that was ten years ahead at the first start locks the only administrator out neither where the paper has the
// right day, nor where it was written by that clock and the envelope is opened.
func TestClockAheadAtFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.pass(10 * 365 * 24 * time.Hour)
	ahead := r.clock()
	_, err := r.First(t.Context(), first())
	must(t, err)
	r.pass(noon.Sub(ahead))
	r.in(t, "vida.head", headPassword)

	r = newRig(t)
	r.pass(ahead.Sub(noon))
	wrong := first()
	wrong.Paper = ahead.Add(-12 * time.Hour)
	_, err = r.First(t.Context(), wrong)
	must(t, err)
	r.pass(noon.Sub(ahead))
	if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: office}); !errors.Is(err, ErrNotYet) {
		t.Fatal(err)
	}
	must(t, r.Recover(t.Context(), Recovery{By: "Vida Ravnik", Reason: "locked out", Login: "vida.head", Password: "nova lipa ob stari cesti", Keys: r.keys}))
	_, body := r.last(t, opRecover)
	s := r.in(t, "vida.head", "nova lipa ob stari cesti")
	if _, err := s.May(Persons, "", r.clock()); err != nil {
		t.Error(err)
	}
	if body.Data["begins_now"] != s.Authorisations[0].ID {
		t.Errorf("%+v", body.Data)
	}
	if _, err := s.May(Play, "hall", r.clock()); !errors.Is(err, ErrNotYet) {
		t.Errorf("the envelope makes nobody more than an administrator: %v", err)
	}
}

// A clock that was never set makes no authorisation begin in 1970: the days on the papers stay, and are in force once it is set.
func TestRecoverWithoutAClock(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	was := head.Authorisations
	r.pass(-noon.Sub(time.Unix(100, 0)))
	must(t, r.Recover(t.Context(), Recovery{By: "Vida Ravnik", Reason: "locked out", Login: "vida.head", Password: anaPassword, Keys: r.keys}))
	list, err := r.Persons(t.Context())
	must(t, err)
	for i, a := range list[0].Authorisations {
		if !a.Paper.Equal(was[i].Paper) || !a.From.Equal(was[i].From) {
			t.Errorf("%s: signed on %v from %v, was %v and %v", a.Role, a.Paper, a.From, was[i].Paper, was[i].From)
		}
	}
	r.pass(noon.Sub(time.Unix(100, 0)))
	r.in(t, "vida.head", anaPassword)
}
