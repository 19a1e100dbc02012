package people

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.First(t.Context(), first())
	must(t, err)
	s, err := r.Login(t.Context(), Attempt{Login: " Vida.Head", Password: headPassword, Address: office})
	must(t, err)
	e, body := r.last(t, "login")
	if e.Index != s.Entry || body.Actor.Name != "Vida Ravnik" || body.Actor.Session != s.ID || body.Actor.Address != "192.168.1.20" || body.Actor.Proof != "password" {
		t.Errorf("entry %d says %+v; the session is of %d", e.Index, body.Actor, s.Entry)
	}
	again, err := r.Session(t.Context(), s.Token.Text())
	must(t, err)
	if again.Person.Login != "vida.head" || len(again.Authorisations) != 3 || again.Duty != DutyNone || again.Token != (Token{}) {
		t.Errorf("%+v", again)
	}
	a, err := again.May(Play, "hall", r.clock())
	must(t, err)
	if actor := again.As(a); actor.Role != string(a.Role) || actor.Authorisation != a.ID {
		t.Errorf("%+v", actor)
	}
	must(t, r.Logout(t.Context(), s))
	if _, err := r.Session(t.Context(), s.Token.Text()); !errors.Is(err, ErrNoSession) {
		t.Errorf("after the log-out: %v", err)
	}
	if out, body := r.last(t, "logout"); *out.Ref != s.Entry || body.Result != "asked for" {
		t.Errorf("%+v", body)
	}
}

// What is refused says the same, and takes one computation, whether or not there is such a person.
func TestNobodyLearnsNames(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	count := r.computations()
	var texts []string
	for i, a := range []Attempt{
		{Login: "vida.head", Password: "not the password"},
		{Login: "nobody", Password: "not the password"},
		{Login: "no name, at all!", Password: "not the password"},
		{Login: headPassword, Password: "not the password"},
		{Login: "", Password: ""},
		{Login: "vida.head", Password: headPassword + "x", Code: "123456"},
	} {
		a.Address = netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
		_, err := r.Login(t.Context(), a)
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", a.Login, err)
		}
		texts = append(texts, err.Error())
		if count() != i+1 {
			t.Errorf("%q: %d computations after %d tries", a.Login, count(), i+1)
		}
	}
	if len(slices.Compact(texts)) != 1 {
		t.Errorf("they differ: %q", texts)
	}
	// Throttling, too, is the same for both.
	for _, login := range []string{"vida.head", "nobody"} {
		from := netip.MustParseAddr("10.1.0.1")
		if login == "nobody" {
			from = netip.MustParseAddr("10.1.0.2")
		}
		var waits []string
		for range 12 {
			_, err := r.Login(t.Context(), Attempt{Login: login, Password: "wrong", Address: from})
			waits = append(waits, err.Error())
		}
		texts = append(texts, strings.Join(waits, "|"))
	}
	if texts[len(texts)-1] != texts[len(texts)-2] {
		t.Errorf("one is throttled otherwise:\n%s\n%s", texts[len(texts)-2], texts[len(texts)-1])
	}
}

// Failures are few entries, and what was typed for a name that nobody has is nowhere.
func TestFailuresAreCoalesced(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	before := r.diary.Head().Size
	for i := range 40 {
		from := netip.AddrFrom4([4]byte{10, 0, byte(i), 1})
		_, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: "wrong", Address: from})
		if i < freeForName && !errors.Is(err, ErrRefused) || err == nil {
			t.Fatal(err)
		}
		if _, err := r.Login(t.Context(), Attempt{Login: fmt.Sprint("skrivno geslo ", i), Password: "x", Address: from}); !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
	}
	if got := r.diary.Head().Size; got != before {
		t.Errorf("%d entries before anybody asked for them", got-before)
	}
	failed, err := r.Sweep(t.Context())
	must(t, err)
	list, err := r.diary.EntriesOf(t.Context(), "login.failed")
	must(t, err)
	if len(list) != 2 || len(failed) != 2 {
		t.Fatalf("%d entries, %d told", len(list), len(failed))
	}
	for _, f := range failed {
		if !f.Alarming() || (Failure{Count: 3, WrongCode: 2}).Alarming() || !(Failure{Count: 5, WrongCode: 5}).Alarming() {
			t.Errorf("%+v is no alarm, or everything is", f)
		}
		if f.Person == "" && f.Count != 40 || f.Person != "" && f.Count != freeForName+1 || len(f.Addresses) != maxAddresses {
			t.Errorf("%+v", f)
		}
		if text := fmt.Sprintf("%+v", f.body()); strings.Contains(text, "skrivno") {
			t.Errorf("what was typed is in %s", text)
		}
	}
	if failed, err = r.Sweep(t.Context()); err != nil || len(failed) != 0 {
		t.Errorf("%v, %v", failed, err)
	}
}

// A success tells first what failed before.
func TestFailuresComeBeforeTheLogin(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	before := r.diary.Head().Size
	for range 2 {
		if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: "wrong", Address: street}); !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
	}
	r.in(t, "vida.head", headPassword)
	if ops := r.entries(t, before); !slices.Equal(ops, []string{"login.failed", "login"}) {
		t.Errorf("%v", ops)
	}
	if _, body := r.last(t, "login.failed"); body.Data["count"] != int64(2) || body.Data["addresses"] != "192.168.1.66" || body.Data["name"] != "Vida Ravnik" {
		t.Errorf("%+v", body.Data)
	}
}

// Without an entry nobody comes in, and nothing is lost.
func TestLoginWithoutDiary(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	open := r.Sessions()
	full := errors.New("the disk is full")
	for _, op := range []string{"login", "login.failed"} {
		if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: "wrong", Address: office}); !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
		r.diary.set(op, full, nil)
		if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: office}); !errors.Is(err, full) || r.Sessions() != open {
			t.Errorf("%s can't be written: %v, %d sessions", op, err, r.Sessions())
		}
	}
	r.diary.set("", nil, nil)
	r.in(t, "vida.head", headPassword)
	if list, err := r.diary.EntriesOf(t.Context(), "login.failed"); err != nil || len(list) != 2 {
		t.Errorf("two that failed are %d entries, %v", len(list), err)
	}
	r.diary.set("login", nil, diary.ErrUncertain)
	if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: office}); !errors.Is(err, diary.ErrUncertain) || r.Sessions() != open+1 {
		t.Errorf("an entry that may be there: %v", err)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	r.pass(14 * time.Minute)
	_, err := r.Session(t.Context(), s.Token.Text())
	must(t, err)
	r.pass(14 * time.Minute)
	_, err = r.Still(t.Context(), s) // a look that is no use
	must(t, err)
	r.pass(time.Minute)
	if _, err := r.Session(t.Context(), s.Token.Text()); !errors.Is(err, ErrNoSession) {
		t.Errorf("after 15 idle minutes: %v", err)
	}
	s = r.in(t, "vida.head", headPassword)
	began := r.clock()
	for r.clock().Sub(began) < 12*time.Hour-10*time.Minute {
		r.pass(10 * time.Minute)
		_, err = r.Session(t.Context(), s.Token.Text())
		must(t, err)
	}
	r.pass(10 * time.Minute)
	if _, err := r.Session(t.Context(), s.Token.Text()); !errors.Is(err, ErrNoSession) {
		t.Errorf("after 12 busy hours: %v", err)
	}
	_, err = r.Sweep(t.Context())
	must(t, err)
	list, err := r.diary.EntriesOf(t.Context(), "logout")
	must(t, err)
	if len(list) != 2 || r.Sessions() != 0 {
		t.Errorf("%d entries, %d sessions", len(list), r.Sessions())
	}
	if _, body := r.last(t, "logout"); body.Result != "its time was over" || body.Actor.Name != "Vida Ravnik" {
		t.Errorf("%+v", body)
	}
	s = r.in(t, "vida.head", headPassword)
	r.pass(-48 * time.Hour)
	if _, err := r.Still(t.Context(), s); !errors.Is(err, ErrNoSession) {
		t.Errorf("by a clock that was put back: %v", err)
	}
}

// Somebody who logs in again and again has a bounded number of sessions.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	r, oldest := school(t)
	for range maxSessions {
		r.pass(time.Second)
		r.in(t, "vida.head", headPassword)
	}
	if r.Sessions() != maxSessions {
		t.Errorf("%d sessions", r.Sessions())
	}
	if _, err := r.Session(t.Context(), oldest.Token.Text()); !errors.Is(err, ErrNoSession) {
		t.Errorf("the oldest: %v", err)
	}
}

// Ends that can't be entered are entered later.
func TestEndsAreKept(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	full := errors.New("the disk is full")
	r.diary.set("logout", full, nil)
	if err := r.Logout(t.Context(), s); !errors.Is(err, full) {
		t.Error(err)
	}
	if _, err := r.Session(t.Context(), s.Token.Text()); !errors.Is(err, ErrNoSession) {
		t.Errorf("a log-out that could not be entered: %v", err)
	}
	r.diary.set("", nil, nil)
	_, err := r.Sweep(t.Context())
	must(t, err)
	if e, _ := r.last(t, "logout"); *e.Ref != s.Entry {
		t.Errorf("%+v", e)
	}
}

func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	token, second := newToken(), NewSecond()
	text := fmt.Sprintf("%v %s %x %#v %+v", token, token, token, token, Session{Token: token}) + fmt.Sprintf("%v %x", second, second) +
		fmt.Sprintf("%v %+v %#v %s", Attempt{Password: headPassword}, first(), Recovery{Password: headPassword}, &Attempt{Password: headPassword})
	for _, secret := range []string{token.Text(), fmt.Sprint([32]byte(token)), fmt.Sprintf("%x", [32]byte(token)), fmt.Sprintf("%x", [20]byte(second)), headPassword} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in %s", secret, text)
		}
	}
	if _, err := token.MarshalText(); err == nil {
		t.Error("a token goes into JSON")
	}
}

// Whoever has found a session open guesses its password no faster than at a log-in, and that is entered.
func TestGuessingInASession(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	for i := range freeForPair + 3 {
		_, err := r.ChangePassword(t.Context(), s, "not the password", anaPassword)
		if want := map[bool]error{true: ErrRefused, false: ErrWait}[i <= freeForPair]; !errors.Is(err, want) {
			t.Errorf("try %d: %v", i, err)
		}
	}
	failed, err := r.Sweep(t.Context())
	must(t, err)
	if len(failed) != 1 || failed[0].Count != freeForPair+1 || failed[0].Name != "Vida Ravnik" {
		t.Errorf("%+v", failed)
	}
}
