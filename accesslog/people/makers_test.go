package people

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// Whoever added a person, set his password or issued a token is told, as long as it is asked for, after a restart and
// once the account is gone, too.
func TestMakers(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	makers := func(account string, since time.Time, want ...string) {
		t.Helper()
		got, err := r.Makers(t.Context(), account, since)
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("%s since %v: %q, not %q", account, since, got, want)
		}
	}
	makers(head.Person.ID, noon.AddDate(-1, 0, 0)) // the console
	ana, _ := r.ana(t, head, Caretaker)
	added := r.clock()
	makers(ana.ID, added, head.Person.ID)
	makers(ana.ID, added.Add(time.Nanosecond))
	r.pass(40 * 24 * time.Hour)
	head = r.in(t, "vida.head", headPassword)
	makers(ana.ID, r.clock().AddDate(0, 0, -30))
	must(t, r.ResetPassword(t.Context(), head, ana.ID, firstOfAna, "forgotten"))
	_, err := r.ChangePassword(t.Context(), r.in(t, "ana", firstOfAna), firstOfAna, anaPassword)
	must(t, err)
	makers(ana.ID, r.clock().AddDate(0, 0, -30), head.Person.ID)

	token := policeToken()
	token.Role, token.From, token.To = Applicant, r.clock(), r.clock().AddDate(0, 0, 7)
	token, text, err := r.Issue(t.Context(), head, token, "agreed with the police")
	must(t, err)
	s, err := r.Bearer(t.Context(), text, netip.Addr{})
	must(t, err)
	makers(s.Person.ID, r.clock().AddDate(0, 0, -30), head.Person.ID)
	if _, err := s.May(File, "hall", r.clock()); err != nil {
		t.Errorf("an applicant files nothing: %v", err)
	}
	for _, a := range Actions {
		if _, err := s.May(a, "hall", r.clock()); a != File && err == nil {
			t.Errorf("an applicant may %s", a)
		}
	}
	must(t, r.EndToken(t.Context(), head, token.ID, "over"))
	must(t, r.Remove(t.Context(), head, ana.ID, "she left"))
	r.restart(t)
	makers(ana.ID, r.clock().AddDate(0, 0, -30), head.Person.ID)
	makers(s.Person.ID, r.clock().AddDate(0, 0, -30), head.Person.ID)
}

// No person is an applicant: only a token is.
func TestApplicant(t *testing.T) {
	t.Parallel()
	a := granted(Applicant)
	a.To = noon.AddDate(0, 0, 7)
	if err := a.check(); err == nil {
		t.Error("a person is an applicant")
	}
	if err := a.checkTerms(); err != nil {
		t.Error(err)
	}
}
