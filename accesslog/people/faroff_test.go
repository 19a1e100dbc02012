package people

import (
	"errors"
	"testing"
	"time"
)

// A time after 2262 would be another one in the columns: an authorisation or a token from 2611 would be in force now, and its
// entry would say 2611.
func TestFarOff(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	p, err := r.Add(t.Context(), s, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna)
	must(t, err)
	unsigned, err := r.Authorise(t.Context(), s, Authorisation{Person: p.ID, Role: Maintainer, From: noon})
	must(t, err)
	size := r.diary.Head().Size
	overflowed := func(t time.Time) time.Time { return t.Add(1<<63 - 1).Add(1<<63 - 1).Add(2) }
	far := overflowed(noon.Add(-time.Hour))
	if far.UnixNano() != noon.Add(-time.Hour).UnixNano() {
		t.Fatal("the test is wrong")
	}
	old := time.Date(1400, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, a := range map[string]Authorisation{
		"begins late":   {From: far, Paper: noon.Add(-time.Hour)},
		"begins early":  {From: old, Paper: noon.Add(-time.Hour)},
		"ends late":     {From: noon, To: far, Paper: noon.Add(-time.Hour)},
		"signed early":  {From: noon, Paper: old},
		"ends in 10000": {From: noon, To: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		a.Person, a.Role = p.ID, Caretaker
		if _, err := r.Authorise(t.Context(), s, a); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := r.Add(t.Context(), s, Person{Login: "bine", Name: "Bine Kos"}, firstOfAna, a); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s, of a new person: %v", name, err)
		}
	}
	if err := r.Sign(t.Context(), s, unsigned.ID, old); !errors.Is(err, ErrIncomplete) {
		t.Errorf("signed: %v", err)
	}
	_, _, err = r.Issue(t.Context(), s, AuthorityToken{Name: "IP RS", Holder: "Nina Nadzor", Role: Inspector, From: far, To: far.AddDate(0, 6, 0)}, "supervision")
	if !errors.Is(err, ErrIncomplete) {
		t.Errorf("a token: %v", err)
	}
	if r.diary.Head().Size != size {
		t.Error("something was entered")
	}
}
