package people

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// Whatever people do in whatever order, somebody is administrator afterwards and stays it, nobody has given himself
// anything, no wrap is of somebody who needs none, and what a register remembers is what the tables say.
func TestAnySequence(t *testing.T) {
	t.Parallel()
	rounds, steps := 6, 60
	if os.Getenv("VARUH_LONG") != "" {
		rounds, steps = 60, 400
	}
	done := map[string]int{}
	for seed := range rounds {
		p := newPlay(t, uint64(seed))
		for range steps {
			p.step(t)
			p.check(t)
		}
		p.restart(t)
		p.check(t)
		for what, n := range p.done {
			done[what] += n
		}
	}
	t.Log(done)
	for _, what := range []string{"add", "authorise", "sign", "end", "remove", "reset", "rename", "recover", "log in", "refused: " + ErrLastAdministrator.Error(), "refused: " + ErrSelf.Error()} {
		if done[what] == 0 {
			t.Errorf("%q never came about", what)
		}
	}
}

// play is a random sequence of what persons do.
type play struct {
	*rig
	rnd      *rand.Rand
	sessions []Session
	password map[string]string // by person
	login    map[string]string
	n        int
	done     map[string]int
}

func newPlay(t *testing.T, seed uint64) *play {
	r, _ := school(t)
	r.o.Idle, r.o.Absolute = 10000*time.Hour, 10000*time.Hour
	var err error
	r.Register, err = New(t.Context(), r.o)
	must(t, err)
	head := r.in(t, "vida.head", headPassword)
	return &play{rig: r, rnd: rand.New(rand.NewPCG(seed, 5)), sessions: []Session{head}, done: map[string]int{},
		password: map[string]string{head.Person.ID: headPassword}, login: map[string]string{head.Person.ID: "vida.head"}}
}

func pick[T any](p *play, list []T) T { return list[p.rnd.IntN(len(list))] }

// step does something at random. An error is an answer, too, if it is one of those that the package names.
func (p *play) step(t *testing.T) {
	list, err := p.Persons(t.Context())
	must(t, err)
	by, whom := p.somebody(t, list), pick(p, list)
	var auth Authorisation
	if len(whom.Authorisations) > 0 {
		auth = pick(p, whom.Authorisations)
	}
	ways := []struct {
		what string
		do   func() error
	}{
		{"add", func() error { return p.addSomebody(t, by) }},
		{"authorise", func() error { _, err := p.Authorise(t.Context(), by, p.someAuthorisation(whom.ID)); return err }},
		{"sign", func() error {
			return p.Sign(t.Context(), by, auth.ID, p.clock().Add(time.Duration(p.rnd.IntN(48)-36)*time.Hour))
		}},
		{"end", func() error { return p.End(t.Context(), by, auth.ID, "at random") }},
		{"remove", func() error { return p.Remove(t.Context(), by, whom.ID, "at random") }},
		{"reset", func() error {
			return p.setPassword(whom.ID, func(text string) error { return p.ResetPassword(t.Context(), by, whom.ID, text, "at random") })
		}},
		{"rename", func() error {
			p.n++
			return p.Change(t.Context(), by, Person{ID: whom.ID, Login: whom.Login, Name: fmt.Sprint("Person Number ", p.n)})
		}},
		{"recover", func() error {
			return p.setPassword(whom.ID, func(text string) error {
				return p.Recover(t.Context(), Recovery{By: "x", Reason: "at random", Login: whom.Login, Password: text, Keys: p.keys})
			})
		}},
		{"log in", func() error { return p.logIn(t, whom.ID) }},
		{"lock", func() error { p.keys.lock(); return nil }},
		{"wait", func() error { p.pass(time.Duration(p.rnd.IntN(20)) * time.Hour); return nil }},
		{"sweep", func() error { _, err := p.Sweep(t.Context()); return err }},
	}
	way := ways[p.rnd.IntN(len(ways))]
	if err = way.do(); err == nil {
		p.done[way.what]++
		return
	}
	for _, known := range []error{ErrNoSession, ErrNotAllowed, ErrNotYet, ErrExpired, ErrUnsigned, ErrPasswordFirst, ErrSelf, ErrLastAdministrator,
		ErrUnknown, ErrIncomplete, ErrLocked, ErrRefused, ErrWait} {
		if errors.Is(err, known) {
			p.done["refused: "+known.Error()]++
			return
		}
	}
	t.Fatalf("%s: %v", way.what, err)
}

// somebody is one who is logged in; an administrator comes in if there is none.
func (p *play) somebody(t *testing.T, list []Record) Session {
	p.sessions = slices.DeleteFunc(p.sessions, func(s Session) bool {
		_, err := p.Still(t.Context(), s)
		return err != nil
	})
	if !slices.ContainsFunc(p.sessions, func(s Session) bool { _, err := s.May(Persons, "", p.clock()); return err == nil }) {
		for _, one := range list {
			if slices.ContainsFunc(one.Authorisations, func(a Authorisation) bool { return a.permanent(p.clock()) }) {
				must(t, p.logIn(t, one.ID))
			}
		}
	}
	return pick(p, p.sessions)
}

func (p *play) addSomebody(t *testing.T, by Session) error {
	p.n++
	text := fmt.Sprint("geslo izmisljeno za poskus ", p.n)
	one, err := p.Add(t.Context(), by, Person{Login: fmt.Sprint("person", p.n), Name: fmt.Sprint("Person Number ", p.n)}, text, p.someAuthorisation(""))
	if err == nil {
		p.password[one.ID], p.login[one.ID] = text, one.Login
	}
	return err
}

func (p *play) someAuthorisation(person string) Authorisation {
	a := granted(pick(p, append([]Role{Administrator, Administrator, Administrator}, Roles...)))
	a.Person, a.From = person, p.clock().Add(time.Duration(p.rnd.IntN(48)-36)*time.Hour)
	a.Paper, a.To = p.clock().Add(-time.Hour), time.Time{}
	switch p.rnd.IntN(4) {
	case 0:
		a.Paper = time.Time{}
	case 1:
		a.To = a.From.Add(time.Duration(1+p.rnd.IntN(200)) * time.Hour)
	}
	if a.Role == Inspector {
		a.To = a.From.AddDate(0, 1, 0)
	}
	return a
}

// setPassword gives a person a new password, in some way.
func (p *play) setPassword(id string, set func(text string) error) error {
	p.n++
	text := fmt.Sprint("geslo izmisljeno za poskus ", p.n)
	err := set(text)
	if err == nil {
		p.password[id] = text
	}
	return err
}

// logIn lets somebody in, who then does his duty.
func (p *play) logIn(t *testing.T, id string) error {
	s, err := p.Login(t.Context(), Attempt{Login: p.login[id], Password: p.password[id]})
	if err != nil {
		return err
	}
	must(t, s.Closed)
	if s.Duty == DutyPassword {
		err := p.setPassword(id, func(text string) error {
			s, err = p.ChangePassword(t.Context(), s, p.password[id], text)
			return err
		})
		if err != nil {
			return err
		}
	}
	p.sessions = append(p.sessions, s)
	return nil
}

// check looks at the tables, not at what the register remembers.
func (p *play) check(t *testing.T) {
	t.Helper()
	s, err := load(t.Context(), p.diary.Query, nil)
	must(t, err)
	administrators := 0
	for _, one := range s.persons {
		for _, a := range one.auths {
			if a.Role == Administrator && a.To.IsZero() && !a.Paper.IsZero() && !a.Paper.After(p.clock()) && !a.From.After(p.clock()) {
				administrators++
			}
			if a.GrantedBy == one.ID {
				t.Fatalf("%s has authorised himself: %+v", one.Name, a)
			}
		}
	}
	if administrators == 0 {
		t.Fatal("nobody is administrator, and stays it")
	}
	known, err := p.state(t.Context())
	must(t, err)
	if got, want := fmt.Sprintf("%v", flat(known)), fmt.Sprintf("%v", flat(s)); got != want {
		t.Fatalf("it remembers\n%s\nand the tables say\n%s", got, want)
	}
	if _, err := p.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err = load(t.Context(), p.diary.Query, nil); err != nil {
		t.Fatal(err)
	}
	for _, one := range s.persons {
		for w := range one.wraps {
			if !one.entitled(w, p.clock()) {
				t.Fatalf("%s has a wrap of the %s key and no authorisation for it", one.Name, w)
			}
		}
	}
}

// flat is a state for comparison.
func flat(s *state) map[string]account {
	out := map[string]account{}
	for id, one := range s.persons {
		copied := *one
		copied.reset = nil
		out[id] = copied
	}
	return out
}
