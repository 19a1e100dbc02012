package people

import (
	"errors"
	"testing"
)

// What goes on by a person's order goes on while he is logged out, and after a restart, and ends with his authorisation. It
// is no session.
func TestOrdered(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, s := r.ana(t, head, Caretaker)
	must(t, r.Logout(t.Context(), s))
	ordered := func() (Session, error) { return r.Ordered(t.Context(), p.ID) }
	for range 2 {
		o, err := ordered()
		must(t, err)
		if _, err := o.May(Extract, "hall", r.clock()); err != nil || o.Person.ID != p.ID || o.Proof != byOrder || o.ID != "" {
			t.Errorf("%+v, %v", o, err)
		}
		if _, err := r.Still(t.Context(), o); !errors.Is(err, ErrNoSession) {
			t.Errorf("it is a session: %v", err)
		}
		r.restart(t)
	}
	head = r.in(t, "vida.head", headPassword)
	must(t, r.ResetPassword(t.Context(), head, p.ID, firstOfAna, "forgotten"))
	o, err := ordered()
	must(t, err)
	if _, err := o.May(Extract, "hall", r.clock()); !errors.Is(err, ErrPasswordFirst) {
		t.Errorf("with a password that somebody else set: %v", err)
	}
	must(t, r.End(t.Context(), head, o.Authorisations[0].ID, "moves"))
	if _, err := ordered(); err == nil {
		t.Error("without an authorisation")
	}
	must(t, r.Remove(t.Context(), head, p.ID, "left"))
	if _, err := ordered(); !errors.Is(err, ErrNoSession) {
		t.Errorf("removed: %v", err)
	}
	if _, err := r.Ordered(t.Context(), ""); !errors.Is(err, ErrNoSession) {
		t.Errorf("nobody: %v", err)
	}
}
