package people

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// try tells how long one must wait for a try that fails.
func try(th *throttle, login string, from netip.Addr, now time.Time) time.Duration {
	_, wait := th.begin(login, from, now)
	return wait
}

func TestThrottleGrows(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon
	for range freeForPair + 1 {
		if w := try(th, "vida", street, now); w != 0 {
			t.Fatalf("waits %v", w)
		}
	}
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300} {
		for range 10 { // to knock meanwhile changes nothing
			if w := try(th, "vida", street, now); w != want*time.Second {
				t.Fatalf("waits %v, want %v s", w, int(want))
			}
		}
		now = now.Add(want * time.Second)
		if w := try(th, "vida", street, now); w != 0 {
			t.Fatalf("after the wait: %v", w)
		}
	}
	if w := try(th, "other", street, now); w != 0 {
		t.Errorf("another name waits %v", w)
	}
	now = now.Add(forgotten + maxWait)
	for range freeForPair {
		if w := try(th, "vida", street, now); w != 0 {
			t.Errorf("it is not forgotten: %v", w)
		}
	}
}

// However many guess from wherever, whoever has logged in from an address before, and whoever is at the console, comes
// in; anybody else after at most five minutes.
func TestNobodyIsLockedOut(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon
	a, _ := th.begin("vida", office, now)
	a.succeeded()
	at := netip.MustParseAddr("10.0.0.1")
	for range 5000 {
		at = at.Next()
		try(th, "vida", at, now)
		now = now.Add(time.Second)
		if at.As4()[3] == 0 {
			if w := try(th, "vida", street, now); w > maxWait {
				t.Fatalf("a new address waits %v", w)
			}
		}
	}
	for _, from := range []netip.Addr{office, {}} {
		a, w := th.begin("vida", from, now)
		if w != 0 {
			t.Fatalf("%v waits %v", from, w)
		}
		a.succeeded()
	}
}

// One address that tries many names is slowed down, and its neighbours in IPv6 with it.
func TestThrottleAddress(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	v6 := netip.MustParseAddr("2001:db8:1:2::1")
	for i := range freeForAddress + 1 {
		if w := try(th, fmt.Sprint("name", i), v6, noon); w != 0 {
			t.Fatalf("%d: %v", i, w)
		}
		v6 = v6.Next()
	}
	if w := try(th, "another", v6, noon); w != time.Second {
		t.Errorf("waits %v", w)
	}
	if w := try(th, "another", netip.MustParseAddr("2001:db8:1:3::1"), noon); w != 0 {
		t.Errorf("another network waits %v", w)
	}
	if w := try(th, "another", netip.MustParseAddr("::ffff:10.0.0.1"), noon); w != 0 {
		t.Errorf("%v", w)
	}
}

// A try that was no failure leaves nothing, many at once are no way around, a clock that is put back locks nobody out,
// and what is remembered has a bound.
func TestThrottleEdges(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	for range 50 {
		a, w := th.begin("vida", street, noon)
		if w != 0 {
			t.Fatal(w)
		}
		a.undo()
	}
	var let []*attempt
	for range 100 {
		if a, _ := th.begin("vida", street, noon); a != nil {
			let = append(let, a)
		}
	}
	if len(let) != freeForPair+1 {
		t.Errorf("%d at once", len(let))
	}
	for range 12 {
		try(th, "vida", street, noon.AddDate(1, 0, 0))
	}
	if w := try(th, "vida", street, noon); w > maxWait {
		t.Errorf("a clock that was put back: %v", w)
	}
	if w := try(th, "vida", street, noon.Add(maxWait)); w != 0 {
		t.Errorf("still waits %v", w)
	}
	for i := range maxTallies {
		try(th, fmt.Sprint("name", i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), noon)
	}
	if len(th.tallies) > maxTallies {
		t.Errorf("%d tallies", len(th.tallies))
	}
}

// Whoever must wait goes on waiting whatever others send, if that costs them nothing: here tries that are told at once that
// too many are logging in. And there is a bound to how many codes are looked at while no time passes.
func TestThrottleIsNotFlushed(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	secret := NewSecond()
	_, _, err := r.EnrolSecond(t.Context(), s, headPassword, secret, secret.Code(r.clock()))
	must(t, err)
	r.pass(time.Hour)
	looked := 0
	for round := range 4 {
		for i := range 6 {
			code := fmt.Sprintf("%06d", 6*round+i)
			if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Code: code, Address: street}); errors.Is(err, ErrRefused) {
				looked++
			}
		}
		r.pass(time.Microsecond)
		for range cap(r.hasher.waiting) {
			r.hasher.waiting <- struct{}{}
		}
		for i := range maxTallies {
			a := Attempt{Login: fmt.Sprintf("n%d-%d", round, i), Password: "x", Address: netip.MustParseAddr("192.168.1.67")}
			if _, err := r.Login(t.Context(), a); !errors.Is(err, ErrBusy) {
				t.Fatal(err)
			}
		}
		for range cap(r.hasher.waiting) {
			<-r.hasher.waiting
		}
	}
	if looked != freeForPair+1 {
		t.Errorf("%d codes were looked at", looked)
	}
	if len(r.throttle.tallies) > 3 {
		t.Errorf("%d tallies are left of tries that were none", len(r.throttle.tallies))
	}
}

// What makes room is what makes nobody wait.
func TestThrottleRoom(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	for range 20 {
		try(th, "vida", street, noon)
	}
	for i := range 2 * maxTallies {
		try(th, fmt.Sprint("name", i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), noon.Add(time.Millisecond))
	}
	if w := try(th, "vida", street, noon.Add(2*time.Millisecond)); w == 0 {
		t.Error("the wait is forgotten")
	}
}

// Where a network is one address for most, that somebody of it has logged in tells nobody else of it a name, and nobody
// of it locks that one out.
func TestThrottleSharedNetwork(t *testing.T) {
	t.Parallel()
	th := newThrottle()
	desk, evil := netip.MustParseAddr("2001:db8::20"), netip.MustParseAddr("2001:db8::66")
	a, _ := th.begin("vida", desk, noon)
	a.succeeded()
	for _, login := range []string{"vida", "nobody"} {
		for i := range freeForName + 1 {
			try(th, login, netip.AddrFrom4([4]byte{192, 168, 1, byte(100 + i)}), noon)
		}
		if try(th, login, evil, noon) == 0 {
			t.Errorf("%s does not wait", login)
		}
	}
	now := noon
	for range 60 {
		for range 12 {
			try(th, "vida", evil, now)
		}
		now = now.Add(time.Minute)
		a, w := th.begin("vida", desk, now)
		if w != 0 {
			t.Fatalf("at the own desk: %v", w)
		}
		a.succeeded()
	}
}
