package people

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	ana := Person{Login: "ana.novak", Name: "Ana Novak"}
	for password, words := range map[string]string{
		"":                             "has 0 characters",
		"kratko geslo"[:11]:            "has 11 characters",
		strings.Repeat("dolgo ", 43):   "may have 256",
		"aaaaaaaaaaaaaaa":              "tried first",
		"abababababababab":             "tried first",
		"Password1234":                 "tried first",
		"password-password!":           "tried first",
		"P@ssw0rd!!2026":               "tried first",
		"Geslo1234567":                 "tried first",
		"Videonadzor2026":              "tried first",
		"1234567890123":                "tried first",
		"zyxwvutsrqpo":                 "tried first",
		"QWERTZUIOPŠĐ":                 "tried first",
		"qwertzuiopšđqwertz":           "tried first",
		"correct horse battery staple": "tried first",
		"ana.novak2026":                "name of its owner",
		"Novak-Ana-Novak":              "name of its owner",
		"tri lipe\x00ob cesti":         "keyboard",
		"tri lipe \xff ob cesti":       "keyboard",
		"tri lipe ob cesti":            "",
		"ana ima zeleno kolo":          "",
		"žabe regljajo ponoči":         "",
		"kamera vidi zelenega konja":   "",
		"aB3$xY7!qP2k":                 "",
		"ーーーーつるはせんねんかめはまんねん":                        "",
		strings.Repeat("dolga pesem o morju; ", 12): "",
	} {
		err := checkPassword(password, ana)
		if words == "" && err != nil {
			t.Errorf("%q is refused: %v", password, err)
		}
		if words != "" && (!errors.Is(err, ErrWeak) || !strings.Contains(err.Error(), words)) {
			t.Errorf("%q: %v, want an error with %q", password, err, words)
		}
		if err != nil && password != "" && strings.Contains(err.Error(), password) {
			t.Errorf("the error repeats %q", password)
		}
	}
	if len(commonest) < 150 {
		t.Errorf("only %d common words", len(commonest))
	}
}

// One computation gives three keys, of which none is what argon2id gave; and a password in another form of the same
// letters is the same.
func TestSecrets(t *testing.T) {
	t.Parallel()
	h := newHasher(cheap, 1)
	v, s, err := h.make(t.Context(), "dežela čebel in šmarnic")
	must(t, err)
	root := argon2.IDKey([]byte("dežela čebel in šmarnic"), v.salt, 1, 8, 1, 32)
	all := [][32]byte{s.verifier, s.wrap, s.second, [32]byte(root)}
	for i := range all {
		for j := range i {
			if all[i] == all[j] {
				t.Errorf("keys %d and %d are one", i, j)
			}
		}
	}
	same, right, err := h.verify(t.Context(), "dez\u030cela c\u030cebel in s\u030cmarnic", &v)
	if err != nil || !right || same != s {
		t.Errorf("letters with their accents apart: %v, %v", right, err)
	}
	if _, right, err := h.verify(t.Context(), "dežela čebel in šmarnik", &v); right || err != nil {
		t.Errorf("another password: %v, %v", right, err)
	}
	if other, _, err := h.make(t.Context(), "dežela čebel in šmarnic"); err != nil || string(other.hash) == string(v.hash) {
		t.Errorf("two verifiers of one password are alike, or %v", err)
	}
	v.Memory = 1 << 30 // somebody has written into the database
	if _, _, err := h.verify(t.Context(), "dežela čebel in šmarnic", &v); err == nil {
		t.Error("a verifier of a terabyte was computed")
	}
}

// However many knock, few compute, a few more wait, and all others are sent away.
func TestComputationsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(cheap, 2)
	var mu sync.Mutex
	running, most := 0, 0
	enter, leave := make(chan struct{}), make(chan struct{})
	h.count = func() {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		enter <- struct{}{}
		<-leave
		mu.Lock()
		running--
		mu.Unlock()
	}
	errs := make(chan error)
	for range 2 + maxWaiting {
		go func() {
			_, _, err := h.verify(t.Context(), "x", &verifier{Cost: h.cost})
			errs <- err
		}()
	}
	<-enter
	<-enter
	for len(h.waiting) < cap(h.waiting) { // until all have come in
		select {
		case err := <-errs:
			t.Fatal(err)
		default:
		}
	}
	if _, _, err := h.verify(t.Context(), "x", &verifier{Cost: h.cost}); !errors.Is(err, ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	go func() {
		for range maxWaiting {
			<-enter
		}
	}()
	close(leave)
	for range 2 + maxWaiting {
		must(t, <-errs)
	}
	if most != 2 {
		t.Errorf("%d at once", most)
	}
}

// For a name that nobody has a log-in costs what it costs for a person, though passwords cost more by now.
func TestCostOfNobody(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	r.Register.o.Cost = DefaultCost
	r.hasher.cost = DefaultCost
	now, err := r.state(t.Context())
	must(t, err)
	for _, login := range []string{"nobody", "somebody", ""} {
		if got := now.nobody(login, r.Register.o.Cost); got.Cost != cheap || got.hash != nil {
			t.Errorf("%q: %+v", login, got)
		}
	}
	if got := (&state{}).nobody("nobody", cheap); got.Cost != cheap {
		t.Errorf("without persons: %+v", got)
	}
}

// A session that was used ends where the clock goes back behind its use: else it would be open all over again.
func TestSessionAndClockBack(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	for range 11 * 6 {
		r.pass(10 * time.Minute)
		_, err := r.Session(t.Context(), s.Token.Text())
		must(t, err)
	}
	r.pass(-11 * time.Hour)
	if _, err := r.Still(t.Context(), s); !errors.Is(err, ErrNoSession) {
		t.Errorf("%v", err)
	}
}
