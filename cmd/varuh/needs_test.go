package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// Every path of the socket is in the table of what orders take, and nothing is there that no path takes.
func TestEveryOrderIsInTheTable(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	must(t, err)
	found := map[string]bool{acceptPath: true, backupPath: true, prunePath: true, rotatePath: true, readyPath: true, signingPath: true, deliverPath: true}
	ways := []*regexp.Regexp{regexp.MustCompile(`(?:asking|consulting)\[[^\n]*?\]\{"(/[^"]+)"`), regexp.MustCompile(`HandleFunc\("(?:GET|POST) (/[^"]+)"`), regexp.MustCompile(`"(/diary/[a-z]+)": d\.answer`), regexp.MustCompile(`(?:asStep|onPackage)\("(/[^"]+)"`)}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		must(t, err)
		for _, way := range ways {
			for _, m := range way.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
			}
		}
	}
	if len(found) < 45 {
		t.Errorf("only %d paths are found in the sources", len(found))
	}
	for path := range found {
		if _, ok := takes[path]; !ok && !slices.ContainsFunc([]string{" make", " envelope"}, func(kind string) bool { _, ok := takes[path+kind]; return ok }) {
			t.Errorf("%s is not in the table", path)
		}
	}
	for path := range takes {
		if base, _, _ := strings.Cut(path, " "); !found[base] {
			t.Errorf("%s is in the table, and no path takes it", path)
		}
	}
}

// school is an appliance with a person of each role; each has the log-in name of the role and the same password.
func school(t *testing.T) (*office, *people.Register) {
	t.Helper()
	o, _, _ := newStill(t).office(t, later(t, 1, 0))
	r, err := o.persons(t.Context())
	must(t, err)
	first := firstPerson()
	first.Roles = []people.Role{people.Administrator}
	first.Person = people.Person{Login: "administrator", Name: "administrator"}
	_, err = r.First(t.Context(), first)
	must(t, err)
	s, err := r.Login(t.Context(), people.Attempt{Login: "administrator", Password: goodPassword})
	must(t, err)
	for i, role := range people.Roles[1:] {
		a := people.Authorisation{Role: role, From: o.boot.Now(), Paper: o.boot.Now().Add(-time.Hour)}
		switch role {
		case people.Guard:
			a.Back = time.Hour
		case people.Inspector:
			a.To = o.boot.Now().AddDate(0, 1, 0)
		case people.Caretaker:
			a.Cameras = []string{"hall"}
		}
		_, err := r.Add(t.Context(), s, people.Person{Login: string(role), Name: fmt.Sprintf("%s %d", role, i)}, "prvo geslo za novo osebo", a)
		must(t, err)
		own, err := r.Login(t.Context(), people.Attempt{Login: string(role), Password: "prvo geslo za novo osebo"})
		must(t, err)
		own, err = r.ChangePassword(t.Context(), own, "prvo geslo za novo osebo", goodPassword)
		must(t, err)
		must(t, r.Logout(t.Context(), own))
	}
	must(t, r.Logout(t.Context(), s))
	return o, r
}

// kinded is an order of any kind.
type kinded struct {
	who
	second
	of string
}

func (k kinded) kind() string { return k.of }

func as(login string) who { return who{signIn: signIn{As: login, Password: goodPassword}} }

// Each order is done for the roles that the table of package people lets, and for no other; the entry says by which
// authorisation. Whoever logged in is logged out.
func TestRolesOfOrders(t *testing.T) {
	t.Parallel()
	o, r := school(t)
	tried := 0
	for path, n := range takes {
		base, kind, _ := strings.Cut(path, " ")
		if !n.login || kind == "second" {
			continue
		}
		for _, role := range people.Roles {
			order := &kinded{who: as(string(role)), of: kind}
			two := takes[base+" second"].login
			if order.Second, order.SecondPassword = "auditor", goodPassword; role == people.Auditor {
				order.Second = "maintainer"
			}
			camera := ""
			if slices.Contains([]people.Action{people.Hold, people.Secure, people.Restrict}, n.action) {
				camera = "hall"
			}
			done := false
			var ask any = order
			if !two {
				ask = &struct {
					who
					kindly
				}{order.who, kindly(kind)}
			}
			err := o.foundOut(t.Context(), base, ask, camera, func() error {
				done = true
				by, err := ask.(interface{ asks() *who }).asks().known()
				if n.action != "" && (by.Role != string(role) || by.Authorisation == "") || by.Proof != "password" || by.Session == "" || by.ID == "" {
					t.Errorf("%s as %s is entered as %+v", path, role, by)
				}
				return err
			})
			may := n.action == "" || people.Allows(role, n.action)
			if done != may || may && err != nil || !may && !errors.Is(err, people.ErrNotAllowed) {
				t.Errorf("%s as %s: done %t, %v, want %t", path, role, done, err, may)
			}
			tried++
		}
	}
	if tried < 30*len(people.Roles) {
		t.Errorf("%d were tried", tried)
	}
	if n := r.Sessions(); n > 0 {
		t.Errorf("%d sessions are left open", n)
	}
}

type kindly string

func (k kindly) kind() string { return string(k) }

// Who may do something for some cameras may not do it for others, nor for all.
func TestScopeOfHolds(t *testing.T) {
	t.Parallel()
	o, _ := school(t)
	for camera, want := range map[string]error{"hall": nil, "yard": people.ErrScope, everyCamera: people.ErrScope} {
		order := &holdOrder{who: as("caretaker"), span: span{Camera: camera}, Kind: string(hold.Provisional)}
		if err := o.foundOut(t.Context(), askHold.path, order, camera, func() error { return nil }); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", camera, err, want)
		}
		order.Kind = string(hold.Order)
		if err := o.foundOut(t.Context(), askHold.path, order, camera, func() error { return nil }); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("a caretaker holds for good: %v", err)
		}
	}
}

// What is set names no other: in whose scope that is says nothing of the camera that is held or restricted.
func TestSetNamesNoOther(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	e, _, _ := s.eraser(t, later(t, 1, 0))
	day := time.Now().Format(time.DateOnly)
	for _, set := range []func(*eraser, context.Context, holdOrder) (hold.Effect, error){(*eraser).setHold, (*eraser).restrict} {
		o := holdOrder{who: who{by: ana}, ID: "00000000", span: span{row.Camera, day, day}, ground: ground{Basis: "art. 18", Case: "1/26"}, Kind: string(hold.Order)}
		if _, err := set(e, t.Context(), o); !errors.Is(err, errSetWithID) {
			t.Errorf("with the id of another: %v", err)
		}
		if camera, err := o.camera(t.Context(), e); !errors.Is(err, hold.ErrUnknown) {
			t.Errorf("an id that nothing has is about the camera %q, %v", camera, err)
		}
	}
}

// What was done is told, though the end of the session can't be entered: else a first password would be lost.
func TestLogoutKeepsNoAnswerBack(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	o := newOffice(s.site, nil, s.index, later(t, 1, 0), slog.New(slog.DiscardHandler))
	o.begin(d)
	r, err := o.persons(t.Context())
	must(t, err)
	first := firstPerson()
	_, err = r.First(t.Context(), first)
	must(t, err)
	order := &diaryOrder{who: as(first.Person.Login)}
	if err := o.foundOut(t.Context(), "/unlock", order, "", d.Close); err != nil {
		t.Errorf("it was done, and the answer is %v", err)
	}
}

// A guard sees the last hour, and holds nothing of before.
func TestGuardHoldsWhatHeSees(t *testing.T) {
	t.Parallel()
	o, _ := school(t)
	now := o.boot.Now()
	for login, want := range map[string]error{"guard": people.ErrTooOld, "approver": nil} {
		s, err := o.signedIn(t.Context(), as(login).signIn, people.Secure, "hall")
		must(t, err)
		order := holdOrder{who: who{by: s.Actor, session: s.Session}, span: span{Camera: "hall"}, Kind: string(hold.Provisional)}
		for back, want := range map[time.Duration]error{30 * time.Minute: nil, 2 * time.Hour: want} {
			by, err := order.reaching(s.Actor, now.Add(-back), now)
			if !errors.Is(err, want) || want == nil && by != s.Actor {
				t.Errorf("%s, %v back: %+v, %v, want %v", login, back, by, err, want)
			}
		}
		must(t, s.close(t.Context()))
	}
}

// Where it takes two, each proves who he is; neither is both, and the other one has to be somebody, too.
func TestTwoPersonsLogIn(t *testing.T) {
	t.Parallel()
	o, r := school(t)
	for _, tt := range []struct {
		second, password string
		want             error
	}{{"auditor", goodPassword, nil}, {"approver", goodPassword, errOnePerson}, {"guard", goodPassword, people.ErrNotAllowed},
		{"auditor", "uganjeno geslo 7", people.ErrRefused}, {"", "", people.ErrRefused}, {"nobody", goodPassword, people.ErrRefused}} {
		order := &acceptOrder{as("approver"), second{Second: tt.second, SecondPassword: tt.password}}
		done := false
		err := o.foundOut(t.Context(), acceptPath, order, "", func() error {
			done = order.other.ID != "" && order.other.ID != order.by.ID && order.other.Proof == "password"
			return nil
		})
		if !errors.Is(err, tt.want) || done != (tt.want == nil) {
			t.Errorf("with %s: done %t, %v, want %v", tt.second, done, err, tt.want)
		}
	}
	if n := r.Sessions(); n > 0 {
		t.Errorf("%d sessions are left open", n)
	}
}

// A name alone is believed until there is a first person, and never again. What says of itself who it is, is not believed.
func TestNameAloneUntilSomebodyIsThere(t *testing.T) {
	t.Parallel()
	o, _, _ := newStill(t).office(t, later(t, 1, 0))
	try := func(w who) (proof.Actor, error) {
		order := &diaryOrder{who: w}
		err := o.foundOut(t.Context(), "/diary/read", order, "", func() error { return nil })
		return order.by, err
	}
	if by, err := try(who{Actor: " Ana "}); err != nil || by != (proof.Actor{Name: "Ana", Proof: "claimed on the console"}) {
		t.Errorf("%+v, %v", by, err)
	}
	if _, err := try(who{by: ana}); !errors.Is(err, errNoName) {
		t.Errorf("without a name: %v", err)
	}
	if _, err := try(as("ravnatelj")); !errors.Is(err, people.ErrRefused) {
		t.Errorf("before anybody is there: %v", err)
	}
	r, err := o.persons(t.Context())
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	for _, w := range []who{{Actor: "Ana"}, {}, {by: ana}} {
		if _, err := try(w); !errors.Is(err, errNamed) {
			t.Errorf("%+v: %v", w, err)
		}
	}
	if by, err := try(as("ravnatelj")); err != nil || by.Name != "Ana Novak" || by.Role != "approver" {
		t.Errorf("%+v, %v", by, err)
	}
	if err := o.foundOut(t.Context(), "/nowhere", &diaryOrder{who: as("ravnatelj")}, "", func() error { return nil }); !errors.Is(err, errUnknownPerson) {
		t.Errorf("a path that is in no table: %v", err)
	}
}

// A code is asked for when the answer says so, here or from the daemon, and then it is done with it.
func TestCodeIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]error{"here": fmt.Errorf("%w: --code CODE", people.ErrCodeMissing), "there": refusedThere{"a code", people.ErrCodeMissing}} {
		var out strings.Builder
		order := &diaryOrder{who: who{signIn: signIn{As: "ravnatelj"}}}
		var seen []string
		err := loggedIn(&cli{Dir: t.TempDir()}, terminal{strings.NewReader(goodPassword + "\n123456\n"), io.Discard, &out}, "/diary/read", order, func() error {
			seen = append(seen, order.Password+" "+order.Code)
			if order.Code == "" {
				return missing
			}
			return nil
		})
		must(t, err)
		if want := []string{goodPassword + " ", goodPassword + " 123456"}; !slices.Equal(seen, want) || !strings.Contains(out.String(), "Code of ravnatelj") {
			t.Errorf("%s: %q, %s", name, seen, out.String())
		}
		if said := fmt.Sprintf("%v %+v %s", order, *order, order.who); strings.Contains(said, "lipe") || strings.Contains(said, "123456") {
			t.Errorf("printed: %s", said)
		}
	}
}

// A code is good once: what logs in twice asks for a second one, and does not do the first part again.
func TestCodeIsAskedForTwice(t *testing.T) {
	t.Parallel()
	order := &diaryOrder{who: who{signIn: signIn{As: "ravnatelj"}}}
	var used []string
	do := func() error {
		if order.Code == "" {
			return people.ErrCodeMissing
		}
		used = append(used, order.Code)
		if len(used) == 1 {
			order.Code = ""
			return people.ErrCodeMissing
		}
		return nil
	}
	for text, want := range map[string]error{goodPassword + "\n111111\n222222\n": nil, goodPassword + "\n111111\n": people.ErrCodeMissing, goodPassword + "\n\n": people.ErrCodeMissing} {
		used, order.Code = nil, ""
		err := loggedIn(&cli{Dir: t.TempDir()}, terminal{strings.NewReader(text), io.Discard, io.Discard}, "/diary/read", order, do)
		if !errors.Is(err, want) || want == nil && !slices.Equal(used, []string{"111111", "222222"}) {
			t.Errorf("%q: %v, %q", text, err, used)
		}
	}
}

// In a demo the first person does it who may; what goes wrong otherwise ends it.
func TestDemoPersonsInTurn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, writeJSON(filepath.Join(dir, demoMarkName), demoMark{Version: markerVersion}))
	must(t, writeJSON(filepath.Join(dir, demoPersonsName), credentials{markerVersion, []credential{{"ravnatelj", "a"}, {"hisnik", "b"}, {"dpo", "c"}}}))
	run := func(by who, do func(string) error) (tried []string, said string, err error) {
		var out strings.Builder
		order := &diaryOrder{who: by}
		err = loggedIn(&cli{Dir: dir}, terminal{strings.NewReader("typed\n"), io.Discard, &out}, "/diary/read", order, func() error {
			tried = append(tried, order.As+" "+order.Password)
			return do(order.As)
		})
		return tried, out.String(), err
	}
	tried, said, err := run(who{}, func(as string) error {
		if as == "dpo" {
			return nil
		}
		return refusedThere{"no", people.ErrNotAllowed}
	})
	if err != nil || !slices.Equal(tried, []string{"ravnatelj a", "hisnik b", "dpo c"}) || said != "Done as dpo, with the password in varuh-demo-persons.json.\n" {
		t.Errorf("%q, %q, %v", tried, said, err)
	}
	for _, wrong := range []error{people.ErrRefused, context.Canceled} {
		if tried, said, err := run(who{}, func(string) error { return wrong }); !errors.Is(err, wrong) || len(tried) != 1 || said != "" {
			t.Errorf("%q, %q, %v", tried, said, err)
		}
	}
	if tried, said, err := run(who{signIn: signIn{As: "hisnik"}}, func(string) error { return nil }); err != nil || !slices.Equal(tried, []string{"hisnik b"}) || said != "" {
		t.Errorf("by name: %q, %q, %v", tried, said, err)
	}
	if tried, said, err := run(who{signIn: signIn{As: "nina"}}, func(string) error { return nil }); err != nil || !slices.Equal(tried, []string{"nina typed"}) || !strings.Contains(said, "Password of nina") {
		t.Errorf("another one: %q, %q, %v", tried, said, err)
	}
	must(t, os.Remove(filepath.Join(dir, demoMarkName)))
	if tried, _, err := run(who{}, func(string) error { return nil }); err == nil || !strings.Contains(err.Error(), "is no demo") || tried != nil {
		t.Errorf("on an appliance: %q, %v", tried, err)
	}
}
