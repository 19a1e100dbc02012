package retention

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// machine is what a guard sees: a true time, and a machine whose clock and boots the test chooses.
type machine struct {
	guard  Guard
	true   time.Time
	boot   [16]byte
	booted time.Time     // when the machine was switched on, truly
	off    time.Duration // how far the clock is off
	synced bool
	last   Present
}

func newMachine(at time.Time) *machine {
	m := &machine{true: at, synced: true}
	return m.start(0)
}

// start switches the machine on after it was off for so long.
func (m *machine) start(dark time.Duration) *machine {
	m.true = m.true.Add(dark)
	m.booted = m.true
	m.boot[0]++
	if m.boot[0] == 0 {
		m.boot[1]++
	}
	return m
}

func (m *machine) uptime() time.Duration { return m.true.Sub(m.booted) }
func (m *machine) wall() time.Time       { return m.true.Add(m.off) }

// see lets time pass, and the guard see the machine and what was told.
func (m *machine) see(passed time.Duration, told ...Told) Present {
	m.true = m.true.Add(passed)
	m.last = m.guard.Observe(Sighting{Boot: m.boot, Uptime: m.uptime(), Wall: m.wall(), Synchronised: m.synced, Told: told})
	return m.last
}

// says is a party that tells the truth, but for what it is off.
func (m *machine) says(by string, off time.Duration) Told { return Told{By: by, Time: m.true.Add(off)} }

var launch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// settled is a machine whose present is certain.
func settled(t *testing.T) *machine {
	t.Helper()
	m := newMachine(launch)
	if p := m.see(time.Minute, m.says("witness", time.Minute)); p.Held || !p.Certain.Equal(m.true) {
		t.Fatalf("a clock and a witness that agree: %+v", p)
	}
	return m
}

// Every way in which a machine's time goes wrong, and what becomes of it.
func TestGuard(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		happens func(m *machine) Present
		lag     time.Duration // of what is certain behind the true present
		why     string        // part of the sentence; "": not held
	}{
		"all is well": {func(m *machine) Present { return m.see(day) }, 0, ""},
		"a short power cut": {func(m *machine) Present {
			return m.start(40 * time.Minute).see(time.Minute)
		}, 40 * time.Minute, ""},
		"two short power cuts, then a witness": {func(m *machine) Present {
			m.start(40 * time.Minute).see(time.Minute)
			m.start(40 * time.Minute).see(time.Minute)
			return m.see(0, m.says("witness", 0))
		}, 0, ""},
		"two short power cuts and nobody outside": {func(m *machine) Present {
			m.start(40 * time.Minute).see(time.Minute)
			return m.start(40 * time.Minute).see(time.Minute)
		}, 80 * time.Minute, "is certain to have come; let a person confirm"},
		"a long power cut": {func(m *machine) Present {
			return m.start(10 * day).see(time.Minute)
		}, 10 * day, "is certain to have come; let a person confirm"},
		"a long power cut, then a timestamp": {func(m *machine) Present {
			m.start(10 * day).see(time.Minute)
			return m.see(0, m.says("tsa", -time.Second))
		}, time.Second, ""},
		"a long power cut, then a person": {func(m *machine) Present {
			m.start(10 * day).see(time.Minute)
			return m.see(0, m.says("person 3", -20*time.Second))
		}, 20 * time.Second, ""},
		"a long power cut, then two witnesses before the clock is set": {func(m *machine) Present {
			m.synced, m.off = false, -m.true.Sub(time.Unix(0, 0))
			m.start(10 * day).see(time.Minute)
			return m.see(0, m.says("witness", 0), m.says("another", -time.Second))
		}, time.Second, "the machine's clock shows 1970"},
		"a start in 1970": {func(m *machine) Present {
			m.synced, m.off = false, -m.true.Sub(time.Unix(0, 0))
			return m.start(time.Minute).see(time.Hour)
		}, time.Minute, "the machine's clock shows 1970"},
		"a start in 1970, and a person who is alone with his word": {func(m *machine) Present {
			m.synced, m.off = false, -m.true.Sub(time.Unix(0, 0))
			return m.start(5*day).see(time.Hour, m.says("person 3", 5*day+time.Hour))
		}, 5 * day, "the machine's clock shows 1970"},
		"a start where a file kept the clock, ten days ago": {func(m *machine) Present {
			m.synced, m.off = false, -10*day
			return m.start(10 * day).see(time.Minute)
		}, 10 * day, "was not set since it was switched on"},
		"the same, and a witness": {func(m *machine) Present {
			m.synced, m.off = false, -10*day
			m.start(10 * day).see(time.Minute)
			return m.see(0, m.says("witness", 0))
		}, 10 * day, "an outside party said that it is"},
		"no time server, a battery, and a person who looked": {func(m *machine) Present {
			m.synced = false
			m.start(10 * day).see(time.Minute)
			return m.see(0, m.says("person 3", 0))
		}, 0, ""},
		"a time server that jumps a year ahead": {func(m *machine) Present {
			m.off = 366 * day
			return m.see(time.Hour)
		}, 0, "is certain to have come"},
		"a time server that steals 50 minutes an hour": {func(m *machine) Present {
			for range 10 {
				m.off += 50 * time.Minute
				m.see(time.Hour)
			}
			return m.last
		}, 0, "is certain to have come"},
		"2038 and its overflow": {func(m *machine) Present {
			m.off = time.Unix(-1<<31, 0).Sub(m.true)
			return m.see(time.Hour)
		}, 0, "is over for certain; set it right"},
		"a clock of no century": {func(m *machine) Present {
			m.off = 290 * 365 * day
			return m.see(time.Hour, m.says("witness", 200*365*day))
		}, 0, "is certain to have come"},
		"a clock that goes back a day": {func(m *machine) Present {
			m.off = -day
			return m.see(time.Hour)
		}, 0, "is over for certain; set it right"},
		"a clock that goes back half an hour": {func(m *machine) Present {
			m.off = -30 * time.Minute
			return m.see(time.Hour)
		}, 0, ""},
		"a witness who is ahead by a year": {func(m *machine) Present {
			return m.see(time.Hour, m.says("witness", 366*day))
		}, 0, "an outside party said"},
		"the same, after he came to his senses": {func(m *machine) Present {
			m.see(time.Hour, m.says("witness", 366*day))
			return m.see(time.Hour, m.says("witness", 0))
		}, 0, ""},
		"one party that says the same wrong thing often": {func(m *machine) Present {
			m.see(0, m.says("witness", 366*day), m.says("witness", 366*day))
			return m.see(time.Hour, m.says("witness", 366*day), m.says("", 366*day))
		}, 0, "an outside party said"},
		"the same boot, and a guard that was read from an old file": {func(m *machine) Present {
			old := m.guard
			old.Said, old.Boots = slices.Clone(old.Said), slices.Clone(old.Boots)
			m.see(3 * day)
			m.guard = old
			return m.see(day)
		}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := settled(t)
			p := c.happens(m)
			if lag := m.true.Sub(p.Certain); lag != c.lag {
				t.Errorf("what is certain lags by %v, want %v (%+v)", lag, c.lag, p)
			}
			if p.Held != (c.why != "") || !strings.Contains(p.Why, c.why) {
				t.Errorf("held %v: %q; want %q", p.Held, p.Why, c.why)
			}
		})
	}
}

// On the first day nothing is certain until two say the same.
func TestGuardBegins(t *testing.T) {
	t.Parallel()
	m := newMachine(launch)
	if p := m.see(time.Hour); !p.Held || !p.Certain.IsZero() || !strings.Contains(p.Why, "nobody but the machine's clock") {
		t.Errorf("a clock alone: %+v", p)
	}
	if p := m.see(time.Hour, m.says("person 1", 0)); p.Held || p.Certain.IsZero() {
		t.Errorf("a clock and a person: %+v", p)
	}
}

// The state is its JSON: a guard that is read back goes on as if it had never been written.
func TestGuardJSON(t *testing.T) {
	t.Parallel()
	m := settled(t)
	m.start(time.Minute).see(time.Minute, m.says("tsa", 0))
	var back Guard
	must(t, json.Unmarshal(must1(json.Marshal(m.guard))(t), &back))
	if !reflect.DeepEqual(back, m.guard) {
		t.Errorf("read back %+v, want %+v", back, m.guard)
	}
}

// parties are those of a random history; one of them may say anything.
const parties = 4 // 0 is the machine's clock, the others are outside

// While at most one party is wrong, be it by years and whenever it likes, what is certain is never later than
// the true present, and never goes back. While the present is not held, it lags by Tolerance at most.
func TestGuardNeverAhead(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		liar := r.IntN(parties + 1) // parties: nobody lies
		m := newMachine(launch)
		before := time.Time{}
		for step := range 400 {
			switch r.IntN(20) {
			case 0:
				m.start(time.Duration(r.ExpFloat64() * float64(20*time.Hour)))
				m.synced = r.IntN(3) > 0
			case 1:
				var kept Guard
				must(t, json.Unmarshal(must1(json.Marshal(m.guard))(t), &kept))
				m.guard = kept
			}
			m.off = 0
			switch {
			case liar == 0:
				m.off = lie(r)
			case !m.synced && r.IntN(2) == 0:
				m.off = -time.Duration(r.ExpFloat64() * float64(1000*time.Hour)) // behind, as without a battery: no lie
			}
			passed := time.Duration(r.ExpFloat64() * float64(time.Hour))
			m.true = m.true.Add(passed)
			var told []Told
			for party := 1; party < parties; party++ {
				if r.IntN(10) > 0 {
					continue
				}
				off := -time.Duration(r.ExpFloat64() * float64(time.Minute))
				if party == liar {
					off = lie(r)
				}
				told = append(told, m.says(string(rune('a'+party)), off))
			}
			p := m.see(0, told...)
			if p.Certain.After(m.true) {
				t.Fatalf("seed %d, step %d, liar %d: %s is certain, but it is %s", seed, step, liar, p.Certain, m.true)
			}
			if p.Certain.Before(before) {
				t.Fatalf("seed %d, step %d, liar %d: %s was certain, now %s", seed, step, liar, before, p.Certain)
			}
			before = p.Certain
			if lag := m.true.Sub(p.Certain); liar == parties && m.off == 0 && !p.Held && lag > Tolerance {
				t.Fatalf("seed %d, step %d: not held, but %v behind", seed, step, lag)
			}
		}
	}
}

// lie is how far off a party is that lies: a little or by years, ahead or behind.
func lie(r *rand.Rand) time.Duration {
	d := time.Duration(r.ExpFloat64() * float64([]time.Duration{time.Second, time.Hour, 24 * time.Hour, 9000 * time.Hour}[r.IntN(4)]))
	if r.IntN(3) == 0 {
		return -d
	}
	return d
}

// Two parties that are wrong cannot be told from two that are right; what they did can be set back.
func TestGuardSetBack(t *testing.T) {
	t.Parallel()
	m := settled(t)
	m.off = 1000 * time.Hour
	if p := m.see(time.Hour, m.says("person 3", 1000*time.Hour)); !p.Certain.After(m.true) {
		t.Fatalf("two parties agree, but %+v", p)
	}
	m.off = 0
	if p := m.see(time.Hour); !p.Held {
		t.Errorf("the clock is right again and contradicts what is certain, but %+v", p)
	}
	if err := m.guard.SetBack(time.Unix(0, 0)); err == nil {
		t.Error("set back to 1970")
	}
	must(t, m.guard.SetBack(m.true))
	if p := m.see(time.Hour); p.Held || !p.Certain.Equal(m.true) {
		t.Errorf("after it was set back: %+v, want %s", p, m.true)
	}
}

// What must not be over too early counts from the later clock, but not from one that cannot be right.
func TestPresentLatest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ certain, wall, want time.Time }{
		{noon(1), noon(2), noon(2)}, {noon(2), noon(1), noon(2)}, {noon(2), time.Unix(0, 0), noon(2)},
		{time.Time{}, noon(1), noon(1)}, {noon(2), noon(1000 * 365), noon(2)},
	} {
		if got := certain(c.certain).Latest(c.wall); !got.Equal(c.want) {
			t.Errorf("of %s and %s: %s", shown(c.certain), shown(c.wall), shown(got))
		}
	}
}

// What a guard remembers is bounded: the boots and the parties that it met last.
func TestGuardIsBounded(t *testing.T) {
	t.Parallel()
	m := settled(t)
	for i := range maxBoots + 10 {
		m.start(time.Second).see(time.Second, Told{By: string(rune(1000 + i)), Time: m.true.Add(-time.Hour)})
	}
	if len(m.guard.Boots) != maxBoots || len(m.guard.Said) != maxParties {
		t.Errorf("%d boots and %d parties", len(m.guard.Boots), len(m.guard.Said))
	}
	if last := m.guard.Boots[maxBoots-1]; last.ID != m.boot || last.Earliest.IsZero() {
		t.Errorf("the last boot is %+v", last)
	}
}

// What a party signed before says that its time has come, and no more: it takes nothing back of what the party said since,
// and does not say that anybody was heard in this boot.
func TestGuardHearsThePast(t *testing.T) {
	t.Parallel()
	m := settled(t)
	certain := m.last.Certain
	past := func(by string, off time.Duration) Told {
		told := m.says(by, off)
		told.Past = true
		return told
	}
	if p := m.see(time.Hour, past("witness", -50*time.Hour)); p.Held || p.Certain.Before(certain) || m.guard.Said[0].Time.Before(certain) {
		t.Errorf("an old word took a newer one back: %+v, %+v", p, m.guard.Said)
	}
	m.guard = Guard{} // what was certain is lost, and the clock jumped
	m.off, m.synced = 9000*time.Hour, false
	p := m.see(time.Hour, past("witness", -time.Hour), past("tsa", -2*time.Hour))
	if want := m.true.Add(-2 * time.Hour); !p.Certain.Equal(want) || !p.Held {
		t.Errorf("two words of the past: %+v, want %s, held", p, want)
	}
	m.off = -2 * time.Hour
	if p := m.see(time.Hour); !p.Held {
		t.Errorf("nobody was heard in this boot, but %+v", p)
	}
}
