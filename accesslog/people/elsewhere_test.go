package people

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

// Elsewhere are the other sessions of a person that are open, not those of others and not those that are idle; ending them
// leaves the own.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	at := netip.MustParseAddr("192.168.1.44")
	second, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: at})
	must(t, err)
	if list := r.Elsewhere(head); len(list) != 1 || list[0].Address != at || !list[0].Began.Equal(second.Began) || !list[0].Used.Equal(second.Began) {
		t.Errorf("%+v", list)
	}
	must(t, r.EndElsewhere(t.Context(), head))
	if _, err := r.Session(t.Context(), second.Token.Text()); !errors.Is(err, ErrNoSession) {
		t.Errorf("%v", err)
	}
	if _, err := r.Session(t.Context(), head.Token.Text()); err != nil {
		t.Error(err)
	}
	if list := r.Elsewhere(head); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	third := r.in(t, "vida.head", headPassword)
	r.pass(90 * 24 * time.Hour)
	if list := r.Elsewhere(third); len(list) != 0 {
		t.Errorf("those that are over are %+v", list)
	}
}
