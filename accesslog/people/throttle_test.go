package people

import (
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
	a.succeeded(now)
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
		a.succeeded(now)
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
