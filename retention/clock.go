package retention

import (
	"fmt"
	"slices"
	"time"
)

// Present is what is known of now.
type Present struct {
	// Certain is a moment that has been reached for certain; zero: none is known. It may lag behind the
	// true present, by up to Tolerance while Held is false and no party is behind the truth itself.
	Certain time.Time `json:"certain"`

	// Held says that Certain may lag behind by more: terms may be over without anybody knowing. It is an alarm.
	Held bool `json:"held"`

	// Why is a sentence about Held: what disagrees, and what to do.
	Why string `json:"why,omitempty"`
}

// Latest is the later of what is certain and wall, the machine's clock: from there counts what must not be over too early,
// such as a notice or a provisional hold. A clock that shows 1970 after a start does not shorten them, and
// neither does a present that lags behind.
func (p Present) Latest(wall time.Time) time.Time {
	if possible(wall) && wall.After(p.Certain) {
		return wall.Round(0).UTC()
	}
	return p.Certain
}

// Boot is one boot of the machine as the guard saw it. What a boot recorded is dated by it.
type Boot struct {
	ID [16]byte `json:"id"`

	// Earliest is when CLOCK_BOOTTIME was zero, at the earliest.
	Earliest time.Time `json:"earliest"`

	// Agreed is the same by the machine's clock when it last agreed with what is certain; zero: it never did.
	Agreed time.Time `json:"agreed,omitzero"`

	// Latest is a moment by which the boot was over, of one without Earliest; zero: none is known. What its clock
	// cannot date counts from there.
	Latest time.Time `json:"latest,omitzero"`
}

// Sighting is what the machine shows at one moment.
type Sighting struct {
	Boot         [16]byte
	Uptime       time.Duration // CLOCK_BOOTTIME: no setting of a clock moves it
	Wall         time.Time     // the machine's clock
	Synchronised bool          // adjtimex says that it was set since the boot
	Told         []Told        // what others said since the last sighting
}

// Told is what somebody outside said of the present: that Time has been reached.
type Told struct {
	// By is one party: a witness or a time-stamping authority by its key, and all persons together, who look at
	// the same wall. What one party says twice counts once. It must not be "", which is the machine's clock.
	By   string
	Time time.Time

	// Past says that it was said some time ago, as a signature in the diary was. It takes nothing back of what the
	// same party said since.
	Past bool
}

// Guard finds out what of the present is certain.
//
// Each party that tells the time says that a moment has been reached: the machine's clock, which a time
// server sets; witnesses and time-stamping authorities by their signatures; a person who confirms date and
// time. What a party said last is carried on by CLOCK_BOOTTIME, and over a reboot by the age of the new boot,
// since it was said before that. Certain is the second highest of these moments, and is carried on alike. So
// while at most one party is wrong, whichever and by however much, another one that is right is not below it.
//
// It follows that a lone clock moves nothing: where it goes forward by up to Tolerance, as after a short power cut,
// the plan looks so far ahead anyway; further, the present is held until an outside time or a person says
// the same. A clock that goes back moves nothing either.
//
// The span between two sightings is as true as the machine's oscillator: at 100 ppm an hour in a year, if
// nobody confirms the time all year long.
//
// A Guard is its exported fields: whoever keeps it writes them down after [Guard.Observe], at the start before any footage
// is begun, hourly, whenever somebody outside told the time, and at the end, and reads them back. What was not
// written down costs certainty, and never makes a wrong one; of a boot that was not, nobody can date the footage if
// its clock was never set: it counts from when it is met, see [Guard.Meet].
type Guard struct {
	Boot    [16]byte      `json:"boot"`   // of the last sighting
	Uptime  time.Duration `json:"uptime"` // of the last sighting
	Certain time.Time     `json:"certain"`
	Said    []Said        `json:"said"`  // what each party said last, as of the last sighting
	Boots   []Boot        `json:"boots"` // in their order, the last is Boot

	// Strange are boots that are not in Boots, of which footage was met that nothing dates. See [Guard.Meet].
	Strange []Boot `json:"strange,omitempty"`
}

// Said is what a party said last.
type Said struct {
	By   string    `json:"by"`
	Time time.Time `json:"time"` // carried on to the last sighting
	Here bool      `json:"here"` // it was said in the present boot
}

// What the guard bounds.
const (
	maxBoots   = 4096 // that the guard remembers: eleven a day for a year; as many strange ones
	maxParties = 64   // that it remembers the word of, the latest first
)

// No clock that can be right shows a time outside these.
var (
	firstTime = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Observe takes note of what the machine shows, and returns the present. It is to be called at the start before
// any footage is begun or erased, each minute or so, and whenever somebody outside told the time.
func (g *Guard) Observe(s Sighting) Present {
	g.carry(s)
	for _, t := range s.Told {
		g.hear(t)
	}
	if second := g.second(s.Wall); second.After(g.Certain) {
		g.Certain = second.UTC()
	}
	p := Present{Certain: g.Certain}
	p.Why = g.doubt(s)
	p.Held = p.Why != ""
	g.note(s, p.Held)
	return p
}

// carry moves all that is known on to the sighting.
func (g *Guard) carry(s Sighting) {
	passed := s.Uptime
	same := s.Boot == g.Boot
	if same {
		passed -= g.Uptime
	}
	passed = max(passed, 0)
	if !g.Certain.IsZero() {
		g.Certain = g.Certain.Add(passed)
	}
	for i := range g.Said {
		g.Said[i].Time = g.Said[i].Time.Add(passed)
		g.Said[i].Here = g.Said[i].Here && same
	}
	if same {
		g.Uptime = max(g.Uptime, s.Uptime)
		return
	}
	g.Boot, g.Uptime = s.Boot, s.Uptime
}

// hear replaces what a party said before.
func (g *Guard) hear(t Told) {
	if t.By == "" || !possible(t.Time) {
		return
	}
	same := func(s Said) bool { return s.By == t.By }
	if i := slices.IndexFunc(g.Said, same); t.Past && i >= 0 && !g.Said[i].Time.Before(t.Time) {
		return
	}
	g.Said = slices.DeleteFunc(g.Said, same)
	g.Said = slices.Insert(g.Said, 0, Said{By: t.By, Time: t.Time.UTC(), Here: !t.Past})
	g.Said = g.Said[:min(len(g.Said), maxParties)]
}

func possible(t time.Time) bool { return !t.Before(firstTime) && t.Before(lastTime) }

// second is the second highest moment that a party says has been reached; zero: there are not two.
func (g *Guard) second(wall time.Time) time.Time {
	var first, second time.Time
	take := func(t time.Time) {
		switch {
		case !possible(t):
		case t.After(first):
			first, second = t, first
		case t.After(second):
			second = t
		}
	}
	take(wall.Round(0))
	for _, s := range g.Said {
		take(s.Time)
	}
	return second
}

// doubt says why what is certain may lag behind the present by more than Tolerance, or nothing.
func (g *Guard) doubt(s Sighting) string {
	const confirm = "; let a person confirm the date and time, or an outside party that signs the time be asked"
	ahead := s.Wall.Sub(g.Certain)
	heard := slices.ContainsFunc(g.Said, func(s Said) bool { return s.Here })
	switch {
	case g.Certain.IsZero():
		return "nobody but the machine's clock has told the time yet" + confirm
	case ahead > Tolerance:
		return fmt.Sprintf("the machine's clock shows %s, but only %s is certain to have come%s", shown(s.Wall), shown(g.Certain), confirm)
	case ahead < -Tolerance:
		return fmt.Sprintf("the machine's clock shows %s, but %s is over for certain; set it right", shown(s.Wall), shown(g.Certain))
	case g.highest().Sub(g.Certain) > Tolerance:
		return fmt.Sprintf("an outside party said that it is %s, but only %s is certain to have come; set the machine's clock right%s",
			shown(g.highest()), shown(g.Certain), confirm)
	case !s.Synchronised && !heard:
		return fmt.Sprintf("the machine's clock was not set since it was switched on, and %s is all that is certain%s", shown(g.Certain), confirm)
	}
	return ""
}

// highest is the latest moment that an outside party says has been reached.
func (g *Guard) highest() (t time.Time) {
	for _, s := range g.Said {
		if s.Time.After(t) {
			t = s.Time
		}
	}
	return t
}

func shown(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// note keeps what the sighting says about its boot.
func (g *Guard) note(s Sighting, held bool) {
	if len(g.Boots) == 0 || g.Boots[len(g.Boots)-1].ID != s.Boot {
		g.Boots = append(g.Boots, Boot{ID: s.Boot})
		g.Boots = slices.Delete(g.Boots, 0, max(len(g.Boots)-maxBoots, 0))
	}
	if g.Certain.IsZero() {
		return
	}
	last := len(g.Boots) - 1
	for i := range g.Boots[:last] {
		if o := &g.Boots[i]; !held && o.Earliest.IsZero() && o.Latest.IsZero() {
			o.Latest = g.Certain
		}
	}
	b := &g.Boots[last]
	if began := g.Certain.Add(-g.Uptime); began.After(b.Earliest) {
		b.Earliest = began
	}
	if !held {
		b.Agreed = s.Wall.Round(0).UTC().Add(-g.Uptime)
	}
}

// SetBack is for the one mistake that nothing else undoes: two parties said that a time had been reached that had not.
// It takes the present that an approver states and a second person confirms, be it earlier than what was
// certain, and forgets all that was said and what it had learnt of the boots: their footage is dated by the
// index alone from then on, and what nothing dates counts from to.
func (g *Guard) SetBack(to time.Time) error {
	if !possible(to) {
		return fmt.Errorf("%s cannot be the present", shown(to))
	}
	g.Certain, g.Said, g.Strange = to.UTC(), nil, nil
	for i, b := range g.Boots {
		g.Boots[i] = Boot{ID: b.ID}
	}
	return nil
}
