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
	makers := func(account string, want ...string) {
		t.Helper()
		got, err := r.Makers(t.Context(), account)
		must(t, err)
		var ops []string
		for _, m := range got {
			for l, err := range r.diary.Entries(t.Context(), m.Entry, m.Entry+1) {
				must(t, err)
				if ops = append(ops, l.Op); m.ID != head.Person.ID {
					t.Errorf("%s was made by %s", account, m.ID)
				}
			}
		}
		if !slices.Equal(ops, want) {
			t.Errorf("%s: %q, not %q", account, ops, want)
		}
	}
	makers(head.Person.ID) // the console
	ana, _ := r.ana(t, head, Caretaker)
	makers(ana.ID, "person.add")
	r.pass(40 * 24 * time.Hour)
	head = r.in(t, "vida.head", headPassword)
	must(t, r.ResetPassword(t.Context(), head, ana.ID, firstOfAna, "forgotten"))
	_, err := r.ChangePassword(t.Context(), r.in(t, "ana", firstOfAna), firstOfAna, anaPassword)
	must(t, err)
	makers(ana.ID, "person.add", "person.reset")

	token := policeToken()
	token.Role, token.From, token.To = Applicant, r.clock(), r.clock().AddDate(0, 0, 7)
	token, text, err := r.Issue(t.Context(), head, token, "agreed with the police")
	must(t, err)
	s, err := r.Bearer(t.Context(), text, netip.Addr{})
	must(t, err)
	makers(s.Person.ID, "token.issue")
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
	makers(ana.ID, "person.add", "person.reset")
	makers(s.Person.ID, "token.issue")
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
