package people

import (
	"errors"
	"testing"
	"time"
)

// TestEndedStaysEnded: what has ended for certain is not in force again where the clock goes back, for nobody who has a session either,
// and what has not begun by the clock does not begin.
func TestEndedStaysEnded(t *testing.T) {
	t.Parallel()
	r, _ := school(t)
	certain := noon
	r.o.Certain = func() time.Time { return certain }
	r.restart(t)
	head := r.in(t, "vida.head", headPassword)
	_, s := r.ana(t, head, Inspector)
	later := policeToken()
	later.From = noon.Add(time.Hour)
	token, text, err := r.Issue(t.Context(), head, policeToken(), "request 12/2026")
	must(t, err)
	_, early, err := r.Issue(t.Context(), head, later, "request 13/2026")
	must(t, err)

	ask := func(when string, person, machine error) {
		t.Helper()
		if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office}); !errors.Is(err, person) {
			t.Errorf("%s: a log-in: %v", when, err)
		}
		if _, err := s.May(Play, "hall", r.clock()); !errors.Is(err, person) {
			t.Errorf("%s: a session: %v", when, err)
		}
		if _, err := r.Bearer(t.Context(), text, office); !errors.Is(err, machine) {
			t.Errorf("%s: a token: %v", when, err)
		}
	}
	if _, err := r.Bearer(t.Context(), early, office); !errors.Is(err, ErrNotYet) {
		t.Errorf("before it begins: %v", err)
	}
	certain = token.To.Add(-time.Second)
	ask("in its time", nil, nil)
	if _, err := r.Bearer(t.Context(), early, office); !errors.Is(err, ErrNotYet) {
		t.Errorf("it begins by what is certain: %v", err)
	}
	certain = token.To
	ask("when the token's end is certain", nil, ErrExpired)
	certain = granted(Inspector).To
	ask("when both ends are", ErrExpired, ErrExpired)
}
