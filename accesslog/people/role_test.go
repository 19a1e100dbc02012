package people

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// matrix is what the head reads before granting: an x where a role may.
const matrix = `
              administrator approver caretaker auditor maintainer guard inspector applicant
live          -             x        x         -       -          x     -         -
play          -             x        x         -       -          x     x         -
secure        -             x        x         -       -          x     -         -
hold          -             x        -         -       -          -     -         -
restrict      -             x        -         -       -          -     -         -
restricted    -             x        -         -       -          -     -         -
extract       -             x        x         -       -          -     -         -
file          -             -        -         -       -          -     -         x
aim           -             -        -         -       x          -     -         -
open_aim      -             x        x         -       -          -     -         -
approve       -             x        -         -       -          -     -         -
authorise     x             x        -         -       -          -     -         -
persons       x             -        -         -       -          -     -         -
settings      x             -        -         -       -          -     -         -
notices       x             x        -         -       -          -     -         -
tokens        -             x        -         -       -          -     -         -
incidents     -             x        x         x       -          -     -         -
read_diary    -             x        -         x       -          -     x         -
export_diary  -             x        -         x       -          -     x         -
system        x             x        x         x       x          -     -         -
lock          x             x        x         -       -          x     -         -
`

func TestRoles(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	heads := strings.Fields(lines[0])
	if len(heads) != len(Roles)+1 || len(lines) != len(Actions)+1 {
		t.Fatalf("%d roles and %d actions in the table, %d and %d in the program", len(heads), len(lines)-1, len(Roles)+1, len(Actions))
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		action := Action(strings.ReplaceAll(cells[0], "_", " "))
		if !slices.Contains(Actions, action) {
			t.Errorf("%q is no action", action)
		}
		for i, head := range heads {
			if got, want := Allows(Role(head), action), cells[i+1] == "x"; got != want {
				t.Errorf("%s may %s: %v", head, action, got)
			}
		}
	}
	if Allows("stranger", Live) || Allows(Approver, "fly") {
		t.Error("a role or an action that is none is allowed")
	}
}

// Whoever sees no footage gets no key of it, and whoever does not read the diary none of that.
func TestKeysOfRoles(t *testing.T) {
	t.Parallel()
	want := map[Role][]Which{Administrator: nil, Approver: {FootageKey, DiaryKey}, Caretaker: {FootageKey}, Auditor: {DiaryKey},
		Maintainer: nil, Guard: {FootageKey}, Inspector: {FootageKey, DiaryKey}}
	for _, role := range Roles {
		for _, w := range whiches {
			if got := role.needs(w); got != slices.Contains(want[role], w) {
				t.Errorf("%s needs the %s key: %v", role, w, got)
			}
		}
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	if len(Sets) != 3 {
		t.Fatalf("%d sets", len(Sets))
	}
	for _, s := range Sets {
		var roles []Role
		for _, p := range s.Posts {
			roles = append(roles, p.Roles...)
			if p.Sl == "" || p.En == "" || len(p.Roles) == 0 {
				t.Errorf("%s: %+v", s.ID, p)
			}
			for _, role := range p.Roles {
				a := Authorisation{Person: "x", Role: role, From: noon, Outside: p.Outside, Back: p.Back}
				if err := a.check(); err != nil {
					t.Errorf("%s, %s: %v", s.ID, p.En, err)
				}
				if role == Auditor && len(p.Roles) > 1 {
					t.Errorf("%s: the auditor audits himself", s.ID)
				}
			}
		}
		for _, role := range []Role{Administrator, Approver, Caretaker, Auditor} {
			if !slices.Contains(roles, role) {
				t.Errorf("%s has no %s", s.ID, role)
			}
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	base := Authorisation{ID: "1", Role: Caretaker, From: noon.Add(-time.Hour), Paper: noon.Add(-time.Hour), To: noon.Add(time.Hour)}
	guard := Authorisation{ID: "g", Role: Guard, From: base.From, Paper: base.Paper, Back: 10 * time.Minute}
	with := func(a Authorisation, change func(*Authorisation)) Authorisation {
		change(&a)
		return a
	}
	hall := Want{Action: Play, Camera: "hall", At: noon}
	for name, tt := range map[string]struct {
		list []Authorisation
		want Want
		err  error
		id   string
	}{
		"in force":               {[]Authorisation{base}, hall, nil, "1"},
		"none":                   {nil, hall, ErrNotAllowed, ""},
		"another role":           {[]Authorisation{with(base, func(a *Authorisation) { a.Role = Auditor })}, hall, ErrNotAllowed, ""},
		"in scope":               {[]Authorisation{with(base, func(a *Authorisation) { a.Cameras = []string{"hall", "yard"} })}, hall, nil, "1"},
		"out of scope":           {[]Authorisation{with(base, func(a *Authorisation) { a.Cameras = []string{"yard"} })}, hall, ErrScope, ""},
		"no paper":               {[]Authorisation{with(base, func(a *Authorisation) { a.Paper = time.Time{} })}, hall, ErrUnsigned, ""},
		"paper of tomorrow":      {[]Authorisation{with(base, func(a *Authorisation) { a.Paper = noon.AddDate(0, 0, 1) })}, hall, ErrNotYet, ""},
		"not yet":                {[]Authorisation{base}, Want{Action: Play, Camera: "hall", At: base.From.Add(-1)}, ErrNotYet, ""},
		"at its first moment":    {[]Authorisation{base}, Want{Action: Play, Camera: "hall", At: base.From}, nil, "1"},
		"at its end":             {[]Authorisation{base}, Want{Action: Play, Camera: "hall", At: base.To}, ErrExpired, ""},
		"just before its end":    {[]Authorisation{base}, Want{Action: Play, Camera: "hall", At: base.To.Add(-1)}, nil, "1"},
		"look-back":              {[]Authorisation{guard}, Want{Action: Play, Camera: "hall", At: noon, Since: noon.Add(-10 * time.Minute)}, nil, "g"},
		"before the look-back":   {[]Authorisation{guard}, Want{Action: Play, Camera: "hall", At: noon, Since: noon.Add(-10*time.Minute - 1)}, ErrTooOld, ""},
		"the other reaches":      {[]Authorisation{guard, base}, Want{Action: Play, Camera: "hall", At: noon, Since: noon.AddDate(0, -1, 0)}, nil, "1"},
		"outside":                {[]Authorisation{base}, Want{Action: Play, Camera: "hall", At: noon, Outside: true}, ErrOutside, ""},
		"outside by the other":   {[]Authorisation{base, with(guard, func(a *Authorisation) { a.Outside = true })}, Want{Action: Play, Camera: "hall", At: noon, Since: noon, Outside: true}, nil, "g"},
		"the nearest is told of": {[]Authorisation{with(base, func(a *Authorisation) { a.Cameras = []string{"yard"} }), with(base, func(a *Authorisation) { a.To = noon })}, hall, ErrExpired, ""},
		"no camera needed":       {[]Authorisation{with(base, func(a *Authorisation) { a.Cameras = []string{"yard"} })}, Want{Action: System, Camera: "hall", At: noon}, nil, "1"},
	} {
		s := Session{Authorisations: tt.list}
		a, err := s.Find(tt.want)
		if !errors.Is(err, tt.err) || a.ID != tt.id {
			t.Errorf("%s: %q, %v", name, a.ID, err)
		}
		for duty, first := range map[Duty]error{DutyPassword: ErrPasswordFirst, DutySecond: ErrSecondFirst} {
			s.Duty = duty
			if _, err := s.Find(tt.want); !errors.Is(err, first) {
				t.Errorf("%s with duty %s: %v", name, duty, err)
			}
		}
	}
}

func TestAuthorisationCheck(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Authorisation){
		"is no role":        func(a *Authorisation) { a.Role = "king" },
		"from when":         func(a *Authorisation) { a.From = time.Time{} },
		"before it begins":  func(a *Authorisation) { a.To = a.From },
		"has an end":        func(a *Authorisation) { a.Role = Inspector },
		"at most 366 days":  func(a *Authorisation) { a.Role, a.To = Inspector, a.From.AddDate(2, 0, 0) },
		"a deputy is":       func(a *Authorisation) { a.DeputyOf, a.To = "other", noon.AddDate(0, 1, 0) },
		"deputy has an end": func(a *Authorisation) { a.Role, a.DeputyOf = Approver, "other" },
		"look-back":         func(a *Authorisation) { a.Back = time.Minute },
		"of at most 24h":    func(a *Authorisation) { a.Role, a.Back = Guard, 25*time.Hour },
		"name the cameras":  func(a *Authorisation) { a.Cameras = []string{} },
		"each camera once":  func(a *Authorisation) { a.Cameras = []string{"hall", "hall"} },
		"by its id":         func(a *Authorisation) { a.Cameras = []string{"hall,yard"} },
		"256 at most": func(a *Authorisation) {
			for i := range MaxCameras + 1 {
				a.Cameras = append(a.Cameras, fmt.Sprintf("camera%04d", i))
			}
		},
		"of the alphabet": func(a *Authorisation) { a.Cameras = []string{"yard", "hall"} },
	} {
		a := granted(Caretaker)
		change(&a)
		words := name
		if name == "deputy has an end" {
			words = "a deputy has an end"
		}
		if err := a.check(); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), words) {
			t.Errorf("want an error with %q, got %v", words, err)
		}
	}
	if err := granted(Caretaker).check(); err != nil {
		t.Error(err)
	}
}

// What must not be is refused by what would come of it, whatever led there.
func TestStateCheck(t *testing.T) {
	t.Parallel()
	whole, other := granted(Administrator), granted(Caretaker)
	whole.Person, other.Person = "a", "a"
	self, odd := whole, whole
	self.GrantedBy, odd.Cameras = "a", []string{"yard", "hall"}
	with := func(list ...Authorisation) *state {
		return &state{persons: map[string]*account{"a": {Person: Person{ID: "a"}, auths: list}}}
	}
	for name, tt := range map[string]struct {
		before, after *state
		err           error
	}{
		"nothing changes":              {with(whole), with(whole), nil},
		"the first person":             {&state{}, with(whole), nil},
		"a first one who is none":      {&state{}, with(other), ErrLastAdministrator},
		"the last one goes":            {with(whole), &state{}, ErrLastAdministrator},
		"there was none, by the clock": {with(other), with(other), nil},
		"a self-grant":                 {with(whole), with(whole, self), ErrSelf},
		"an odd scope":                 {with(whole), with(whole, odd), ErrIncomplete},
	} {
		if err := tt.after.check(tt.before, noon); !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
