package retention

import (
	"encoding/json"
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// undated is footage of a boot whose clock was never set.
func undated(boot byte, shows time.Time) footage.Segment {
	s := clip("door", shows)
	s.Boot, s.Clock = [16]byte{boot}, segment.Unsynchronised
	return s
}

// Footage that nothing dates is told of, counts from the moment at which it was first met, and goes a year after that;
// what was met is not met anew, and no damage to the present brings the end nearer.
func TestUndatedGoes(t *testing.T) {
	t.Parallel()
	m := settled(t)
	lost, ahead := undated(99, time.Unix(60, 0)), clip("door", m.true.AddDate(30, 0, 0))
	ahead.Boot = [16]byte{98}
	known := clip("door", m.true.Add(-time.Hour))
	look := func(p Present) (Situation, Standing) {
		t.Helper()
		s := Situation{Present: p, Lead: Lead, Boots: m.guard.Boots, Strange: m.guard.Strange}
		var met [][16]byte
		st := must1(Survey(s, Strange(s, rows(lost, ahead, lost, known), func(b [16]byte) { met = append(met, b) })))(t)["door"]
		m.guard.Meet(p, met...)
		s.Strange = m.guard.Strange
		return s, st
	}
	m.off = 100 * time.Hour
	if _, st := look(m.see(time.Hour)); st.Undated != 2 || len(m.guard.Strange) != 0 {
		t.Errorf("held, it is met: %+v, %+v", st, m.guard.Strange)
	}
	m.off = 0
	first := m.see(time.Hour)
	look(first)
	_, st := look(m.see(time.Hour))
	if want := Law.End(first.Certain, nil); st.Undated != 3 || st.Astray != 3 || !st.Goes.Equal(want) || st.Due != 0 {
		t.Errorf("met: %+v, want it to go at %s", st, want)
	}
	b, err := json.Marshal(m.guard) // the program starts anew
	must(t, err)
	m.guard = Guard{}
	must(t, json.Unmarshal(b, &m.guard))
	year := Law.End(first.Certain, nil).Sub(m.true)
	s, _ := look(m.see(year-Lead-time.Minute, m.says("w", 0)))
	if list := must1(Plan(s, rows(lost, ahead)))(t); len(list) != 0 {
		t.Errorf("before its term: %+v", list)
	}
	s, _ = look(m.see(2*time.Minute, m.says("w", 0)))
	if list := must1(Plan(s, rows(lost, ahead)))(t); len(list) != 2 || list[0].Reason != ByTerm {
		t.Errorf("at its term: %+v", list)
	}
}

// A hold over any moment that undated footage can be of keeps it; one after the latest does not.
func TestUndatedIsHeld(t *testing.T) {
	t.Parallel()
	lost := undated(9, time.Unix(60, 0))
	s := Situation{Present: certain(noon(400)), Lead: Lead, Strange: []Boot{{ID: [16]byte{9}, Latest: noon(30)}}}
	for _, c := range []struct {
		from float64
		kept bool
	}{{-300, true}, {29, true}, {31, false}} {
		from := noon(0).Add(time.Duration(c.from * 24 * float64(time.Hour)))
		s.Holds = []Hold{{Camera: "door", From: from, To: from.Add(time.Hour), PastTerm: true}}
		if list := must1(Plan(s, rows(lost)))(t); (len(list) == 0) != c.kept {
			t.Errorf("a hold from %s: %+v", shown(from), list)
		}
	}
}

// A full disk takes nothing undated that is held, be there a bound to when it was recorded or none.
func TestUndatedIsHeldUnderPressure(t *testing.T) {
	t.Parallel()
	lost := undated(9, time.Unix(60, 0))
	s := Situation{Present: certain(noon(40)), Lead: Lead, Strange: []Boot{{ID: [16]byte{9}, Latest: noon(30)}}}
	s.Holds = []Hold{{Camera: "door", From: noon(20), To: noon(20).Add(time.Hour), PastTerm: true}}
	if r := must1(PlanRelief(s, rows(lost), 1))(t); len(r.Erasures) != 0 {
		t.Errorf("pressure takes what is held: %+v", r.Erasures)
	}
	s.Strange = nil
	if r := must1(PlanRelief(s, rows(lost), 1))(t); len(r.Erasures) != 0 {
		t.Errorf("with no bound at all: %+v", r.Erasures)
	}
	s.Holds[0].Camera = "bus"
	if r := must1(PlanRelief(s, rows(lost), 1))(t); len(r.Erasures) != 1 {
		t.Errorf("what is held of another camera keeps it: %+v", r)
	}
}

// A hold that is set once the plan is made keeps what nothing dates, or dates anew, as one that was there before does: in
// the gate, in a list that is open, and after a restart, when only the date in the list is left. One that comes too late
// is told.
func TestUndatedAtTheGate(t *testing.T) {
	t.Parallel()
	wrong := time.Unix(60, 0).UTC() // what the clock showed
	hold := Hold{Camera: "door", From: noon(20), To: noon(20).Add(time.Hour), PastTerm: true}
	for name, c := range map[string]struct {
		start   time.Time
		dated   begin
		restart bool
		keeps   bool
	}{
		"in 1970":               {wrong, begin{noon(30), noon(30), true}, false, true},
		"in 1970, and earlier":  {wrong, begin{noon(10), noon(10), true}, false, false},
		"in 1970, any time":     {wrong, begin{any: true}, false, true},
		"in 1970, restarted":    {wrong, begin{noon(30), noon(30), true}, true, true},
		"to come, restarted":    {noon(900), begin{noon(30), noon(30), true}, true, true},
		"dated anew":            {noon(100), begin{from: noon(20)}, false, true},
		"dated as it is":        {noon(100), begin{from: noon(100), to: noon(100)}, false, false},
		"dated by nothing else": {noon(100), begin{}, false, false},
	} {
		e := Erasure{Segment: undated(9, c.start), Reason: ByTerm, first: c.dated}
		e.Segment.ID = keyring.NewID(c.start)
		now := certain(noon(400))
		l := must1(newList([]Erasure{e}))(t)
		if c.restart {
			l.firsts, now = nil, certain(noon(400))
		} else if k := newKeepers(Situation{Present: now, Holds: []Hold{hold}}); k.bar(e.dated(now)) != c.keeps {
			t.Errorf("%s: the gate keeps it: %v", name, !c.keeps)
		}
		d := l.dated(l.segments[0], now)
		if k := newKeepers(Situation{Present: now, Holds: []Hold{hold}}); k.bar(d) != c.keeps {
			t.Errorf("%s: in an open list it is kept: %v", name, !c.keeps)
		}
		g := NewGate()
		g.take([]dated{d})
		must(t, g.Set(t.Context(), "door", hold.From, hold.To, func(late []Listed) error {
			if len(late) == 1 != c.keeps {
				t.Errorf("%s: too late for %v", name, late)
			}
			return nil
		}))
	}
}

// What went of a camera that nobody can name is told to whoever holds any.
func TestStrayIsToldOfAnyCamera(t *testing.T) {
	t.Parallel()
	g := NewGate()
	g.take([]dated{{Listed{Camera: NoCamera, From: noon(1), To: noon(2)}, begin{from: noon(1), to: noon(1)}}})
	must(t, g.Set(t.Context(), "door", noon(1), noon(2), func(late []Listed) error {
		if len(late) != 1 {
			t.Errorf("told of %v", late)
		}
		return nil
	}))
}

// Of boots before anything was certain the guard learns when they were over once the time is told, and no later; one that
// was set back learns it anew.
func TestLatestOfFirstBoots(t *testing.T) {
	t.Parallel()
	m := newMachine(noon(0))
	m.see(time.Hour)
	dark := undated(m.boot[0], time.Unix(60, 0))
	dark.Boot = m.boot
	m.start(time.Hour)
	m.see(time.Hour)
	p := m.see(time.Hour, m.says("w", 0))
	at, astray := newDates(m.guard.Boots, nil).begins(&dark)
	if !at.any || !at.from.Equal(p.Certain) || !astray {
		t.Errorf("begins %+v, want %s", at, p.Certain)
	}
	m.see(time.Hour)
	if at, _ := newDates(m.guard.Boots, nil).begins(&dark); !at.from.Equal(p.Certain) {
		t.Errorf("an hour later it begins %+v", at)
	}
	must(t, m.guard.SetBack(m.true))
	m.see(time.Hour, m.says("w", 0))
	if at, _ := newDates(m.guard.Boots, nil).begins(&dark); !at.from.Equal(m.true) {
		t.Errorf("set back, it begins %+v, want %s", at, m.true)
	}
}

// All persons are one party: however many say the same wrong thing, they move nothing alone, and the last word counts.
func TestPersonsAreOneParty(t *testing.T) {
	t.Parallel()
	m := settled(t)
	for range 3 {
		if p := m.see(time.Hour, m.says("person", 1000*time.Hour)); p.Certain.After(m.true) || !p.Held {
			t.Errorf("persons alone moved the present: %+v, it is %s", p, m.true)
		}
	}
	if p := m.see(time.Hour, m.says("person", 0)); p.Held {
		t.Errorf("another person put it right, but %+v", p)
	}
}
