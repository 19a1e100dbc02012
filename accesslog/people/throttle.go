package people

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// throttle slows guessing down. Failures are counted in three ways: for a name from one address, for a name from
// anywhere, and for an address whatever the name. Nothing here asks whether there is a person of the name.
//
// Nobody is locked out for good by what others do. A wait is never longer than maxWait and does not grow by trying while it
// lasts. Failures from elsewhere do not slow an address from which the person has logged in before, and the console is
// an address that nobody on the network has. Elsewhere is another machine of the same network, too.
//
// A try that was none leaves nothing behind: else tries that cost nothing would crowd out the failures that count.
type throttle struct {
	mu       sync.Mutex
	tallies  map[any]*tally
	familiar map[pair]bool // somebody has logged in with this name from this very address
}

// tally is what failed under one count.
type tally struct {
	failures int
	last     time.Time
	until    time.Time // no try before
}

// name is a log-in name, or whatever was typed for one, as a hash: it may be a password.
type name [sha256.Size]byte

// pair is a name from an address.
type pair struct {
	name    name
	address netip.Prefix
}

// How many failures are free, how long one waits at most, and after what time without one all is forgotten.
const (
	freeForPair    = 5
	freeForName    = 20
	freeForAddress = 30
	maxWait        = 5 * time.Minute
	forgotten      = 30 * time.Minute
	maxTallies     = 8192
)

func newThrottle() *throttle {
	return &throttle{tallies: map[any]*tally{}, familiar: map[pair]bool{}}
}

// attempt is one try that was let through, and counts as a failure until it is settled otherwise.
type attempt struct {
	t      *throttle
	pair   pair // under which it counts
	own    pair // the same with the very address
	before map[any]tally
}

// begin lets a try through, or says how long to wait. It counts before anything is known, so that many tries at once
// are no way around.
func (t *throttle) begin(login string, from netip.Addr, now time.Time) (*attempt, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := &attempt{t: t, before: map[any]tally{}}
	counts := map[any]int{}
	a.pair, a.own = pairs(login, from)
	if t.familiar[a.own] {
		a.pair = a.own
	} else if from.IsValid() {
		counts[a.pair.name] = freeForName
	}
	counts[a.pair] = freeForPair
	if from.IsValid() {
		counts[a.pair.address] = freeForAddress
	}
	var wait time.Duration
	for key := range counts {
		if c := t.tallies[key]; c != nil {
			if left := c.until.Sub(now); left <= maxWait { // else the clock was put back
				wait = max(wait, left)
			}
		}
	}
	if wait > 0 {
		return nil, wait
	}
	for key, free := range counts {
		a.before[key] = t.count(key, free, now)
	}
	return a, 0
}

// count adds a failure, and returns the tally as it was.
func (t *throttle) count(key any, free int, now time.Time) (before tally) {
	c := t.tallies[key]
	if c == nil {
		t.room(now)
		c = &tally{}
		t.tallies[key] = c
	}
	before = *c
	if now.Sub(c.last) > forgotten {
		c.failures = 0
	}
	c.failures++
	c.last = now
	if over := c.failures - free; over > 0 {
		c.until = now.Add(min(maxWait, time.Second<<min(over-1, 20)))
	}
	return before
}

// room makes place for a tally: the quarter that was touched longest ago goes, of those first that make nobody wait.
func (t *throttle) room(now time.Time) {
	if len(t.tallies) < maxTallies {
		return
	}
	waits := func(key any) int {
		if t.tallies[key].until.After(now) {
			return 1
		}
		return 0
	}
	keys := slices.Collect(maps.Keys(t.tallies))
	slices.SortFunc(keys, func(a, b any) int {
		return cmp.Or(cmp.Compare(waits(a), waits(b)), t.tallies[a].last.Compare(t.tallies[b].last))
	})
	for _, key := range keys[:maxTallies/4] {
		delete(t.tallies, key)
	}
}

// undo takes the failure back: it was none, nor was it a success.
func (a *attempt) undo() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.undoLocked()
}

func (a *attempt) undoLocked() {
	for key, before := range a.before {
		if c := a.t.tallies[key]; c != nil && c.failures > 0 {
			c.failures--
			c.until = before.until
			if c.failures == 0 {
				delete(a.t.tallies, key)
			}
		}
	}
}

// succeeded takes the failure back, and those of this name from this address; the address is familiar from now on.
func (a *attempt) succeeded() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.undoLocked()
	delete(a.t.tallies, a.pair)
	if len(a.t.familiar) >= maxTallies {
		clear(a.t.familiar)
	}
	a.t.familiar[a.own] = true
}

// pairs are a name and an address as failures count, and the same with the very address.
func pairs(login string, from netip.Addr) (near, own pair) {
	n := name(sha256.Sum256([]byte(login)))
	from = from.Unmap().WithZone("")
	return pair{n, neighbours(from)}, pair{n, prefix(from, from.BitLen())}
}

// neighbours is what counts as one address: in IPv6 a machine chooses among those of its network.
func neighbours(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return prefix(a, 64)
	}
	return prefix(a, a.BitLen())
}

func prefix(a netip.Addr, bits int) netip.Prefix {
	p, err := a.Prefix(bits)
	if err != nil { // the zero address, which is the console
		return netip.Prefix{}
	}
	return p
}
