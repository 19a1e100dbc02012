package retention

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Who lies in a history: at most one of those that tell the time.
const (
	nobody = iota
	timeServer
	witness
)

// world is an appliance and all that happens to it, by the true time. What it does is the package's; what is true
// about it only the model may look at.
type world struct {
	*machine
	t       testing.TB
	r       *rand.Rand
	zone    *time.Location
	liar    int
	witness bool // there is one

	syncAt time.Time     // when a time server reaches the machine; zero: it did, or never does in this boot
	lie    time.Duration // how far a lying time server is off now
	heldAt time.Time     // since when the present is held; zero: it is not
	rig    *rig          // carries the plan out; nil: it is taken as done

	least, most, lead time.Duration // between two runs, and how far a run looks ahead
	shortest          Term          // of any camera
	often             int           // how many times more happens between two runs than in a few hours

	cameras      []string
	asked        []Asked
	policies     Policies
	confirmAt    map[string]time.Time // when an approver will confirm the change of a camera
	holds        []trueHold
	capacity     int64
	live         []*clipped
	bytes        int64
	broken       []string // promises that the relief under way tells of
	erased       [4]int   // how many went: term, policy, pressure, and past their term
	changes      map[string][]trueChange
	wasDark      bool
	clockWasTrue bool
	kept         []byte            // of the guard, on disk
	lost         map[[16]byte]bool // boots whose clock was never set, and that the guard's file does not have once they are over
	cuts         int
}

// clipped is a segment, with the truth about it.
type clipped struct {
	footage.Segment
	begun  time.Time     // its first frame, truly
	lag    time.Duration // by which what was certain lagged then
	honest bool          // its boot's clock was right when it began, and so is its date
	end    time.Time     // of its term by the policy it was recorded under; see model_test.go
}

// trueHold is a hold with the true time until which it surely keeps.
type trueHold struct {
	Hold
	asRestriction bool
	surely        time.Time // zero: until it is cleared
	clearAt       time.Time
}

// trueChange is a policy that came into force.
type trueChange struct {
	Policy
	from time.Time
}

// newWorld begins a history.
func newWorld(t testing.TB, seed uint64, shortest Term) *world {
	r := rand.New(rand.NewPCG(seed, 99))
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(200 * 24 * time.Hour))))
	w := &world{machine: newMachine(start), t: t, r: r, zone: ljubljana(t), liar: int(seed % 3), witness: seed%4 != 3,
		shortest: shortest, least: 5 * time.Hour, most: 12 * time.Hour, often: 1, policies: Policies{}, confirmAt: map[string]time.Time{}, lost: map[[16]byte]bool{}, changes: map[string][]trueChange{}}
	if w.liar == witness {
		w.witness = true
	}
	limits := []Term{Law, Law, PublicArea, shortest, {Days: 30}, {Days: 14}, {Months: 1}, {Months: 3}}
	for i, limit := range limits {
		w.cameras = append(w.cameras, camera(i))
		w.asked = append(w.asked, Asked{Camera: camera(i), Limit: limit})
		w.changes[camera(i)] = []trueChange{{Policy: Policy{Limit: limit}}}
	}
	w.asked[0].Keep, w.asked[2].Keep = Term{Days: 30}, Term{Days: 60}
	w.changes[camera(0)][0].Keep, w.changes[camera(2)][0].Keep = Term{Days: 30}, Term{Days: 60}
	w.capacity = 1 << 62
	if seed%2 == 1 {
		w.capacity = 2000 + r.Int64N(1500)
	}
	w.see(time.Minute, w.says("person", 0))
	w.kept = must1(json.Marshal(w.guard))(w.t)
	w.policies, _ = w.policies.Review(w.asked, w.last, w.true)
	return w
}

func (w *world) chance(n int) bool { return w.r.IntN(n) == 0 }

// happens is chance for what happens once in so many runs that are some hours apart.
func (w *world) happens(n int) bool { return w.chance(max(n/w.often, 2)) }

func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.r.Int64N(int64(d))) }

// pass lets the time until the next run pass: the machine may be off for some of it.
func (w *world) pass() {
	step := w.least + w.upTo(w.most-w.least)
	until := w.true.Add(step)
	w.wasDark = false
	if w.happens(60) {
		w.true = w.true.Add(w.upTo(step))
		w.seal()
		w.switchOff()
		w.wasDark = true
	} else {
		w.true = until
		w.seal()
	}
	if !w.syncAt.IsZero() && !w.true.Before(w.syncAt) {
		w.synchronise()
	}
	if w.liar == timeServer {
		w.lieAbout()
	}
}

// switchOff is a power cut of minutes to weeks, and a start with one of the clocks that machines have.
func (w *world) switchOff() {
	showed := w.wall()
	dark := time.Duration(w.r.ExpFloat64() * float64([]time.Duration{time.Minute, time.Hour, 24 * time.Hour, 9 * 24 * time.Hour}[w.r.IntN(4)]))
	w.start(min(dark, 60*24*time.Hour))
	w.off, w.synced, w.syncAt = 0, false, w.true.Add(w.upTo(48*time.Hour))
	switch w.r.IntN(5) {
	case 0: // a battery, and a time server at once
		w.syncAt = w.true
	case 1: // a battery and no time server
		w.syncAt = time.Time{}
	case 2:
		w.off = time.Unix(0, 0).Sub(w.true)
	case 3: // a file kept the clock
		w.off = min(showed.Sub(w.true), 0)
	case 4: // 1970, and a time server never comes
		w.off, w.syncAt = time.Unix(0, 0).Sub(w.true), time.Time{}
		w.cuts++
		w.lost[w.boot] = w.cuts%2 == 1
	}
	if w.liar == timeServer {
		w.lie = 0
	}
}

// synchronise is a time server that sets the clock, and the index that corrects what was recorded before.
func (w *world) synchronise() {
	w.off, w.synced, w.syncAt = w.lie, true, time.Time{}
	origin := w.wall().Add(-w.uptime())
	for _, s := range w.live {
		if s.Boot == w.boot && s.Clock == segment.Unsynchronised {
			length := s.End.Sub(s.Start)
			s.Start = origin.Add(s.BootTime)
			s.End = s.Start.Add(length)
			s.honest = w.off == 0
		}
	}
}

// lieAbout lets a time server lie for a while, by minutes or by years.
func (w *world) lieAbout() {
	switch {
	case w.lie == 0 && w.happens(200):
		w.lie = lie(w.r)
	case w.lie != 0 && w.happens(8):
		w.lie = 0
	}
	if w.synced {
		w.off = w.lie
	}
}

// tell is what others say of the time: a witness now and then, a person some time after it was asked for.
func (w *world) tell() (told []Told) {
	if w.witness && w.chance(3) {
		off := -w.upTo(time.Minute)
		if w.liar == witness && w.chance(20) {
			off = lie(w.r)
		}
		told = append(told, w.says("witness", off))
	}
	if !w.heldAt.IsZero() && w.true.Sub(w.heldAt) > 4*24*time.Hour && w.chance(4) {
		w.off, w.lie = 0, 0 // the person sets the clock before confirming it
		told = append(told, w.says("person", 0))
	}
	return told
}

// look is a start of the program: all is read back from what was written down, which for the guard may be older.
// Then it sees the machine.
func (w *world) look() Present {
	var guard Guard
	var policies Policies
	must(w.t, json.Unmarshal(must1(json.Marshal(w.policies))(w.t), &policies))
	must(w.t, json.Unmarshal(w.kept, &guard))
	guard.Boots = slices.DeleteFunc(guard.Boots, func(b Boot) bool { return w.lost[b.ID] && b.ID != w.boot })
	w.guard, w.policies = guard, policies
	told := w.tell()
	p := w.see(0, told...)
	switch {
	case !p.Held:
		w.heldAt = time.Time{}
	case w.heldAt.IsZero():
		w.heldAt = w.true
	}
	w.clockWasTrue = w.off == 0
	met := w.meet(p)
	if met || len(told) > 0 || w.wasDark || !w.chance(10) {
		w.kept = must1(json.Marshal(w.guard))(w.t)
	}
	return p
}

// meet lets the guard take note of boots whose footage nothing dates.
func (w *world) meet(p Present) bool {
	var met [][16]byte
	for _, err := range Strange(w.situation(p), w.index, func(boot [16]byte) { met = append(met, boot) }) {
		must(w.t, err)
	}
	return w.guard.Meet(p, met...)
}

// seal ends the segments that are being written.
func (w *world) seal() {
	for i := len(w.live) - 1; i >= 0 && i >= len(w.live)-2*len(w.cameras); i-- {
		if s := w.live[i]; !s.Sealed {
			s.Sealed, s.Bytes = true, 1+int64(w.r.IntN(3))
			s.End = s.Start.Add(w.true.Sub(s.begun))
			w.bytes += s.Bytes
		}
	}
}

// record begins a segment of each camera, but for those that are out of order or gone.
func (w *world) record() {
	for i := range w.cameras {
		a := &w.asked[i]
		if a.Camera == "" || w.chance(30) {
			continue
		}
		a.Recorded = true
		s := &clipped{begun: w.true, lag: w.true.Sub(w.last.Certain), honest: w.off == 0 && (w.synced || !w.last.Held)}
		s.Segment = footage.Segment{ID: keyring.NewID(w.true), Camera: w.cameras[i], Stream: "main", Start: w.wall(), HeaderStart: w.wall(),
			End: w.wall(), Boot: w.boot, BootTime: w.uptime(), Clock: segment.Unsynchronised}
		if w.synced {
			s.Clock = segment.Synchronised
		}
		if w.rig != nil {
			row := w.rig.record(w.t, s.Camera, s.Start, 1)[0].Segment
			s.ID, s.Store, s.Slot = row.ID, row.Store, row.Slot
		}
		w.live = append(w.live, s)
	}
}

// govern is what people decide: holds, restrictions, terms, floors, cameras.
func (w *world) govern(p Present) {
	if w.happens(40) {
		w.holdSome(p)
	}
	w.holds = slices.DeleteFunc(w.holds, func(h trueHold) bool { return !h.clearAt.After(w.true) })
	if w.off != 0 || p.Held {
		return // who sees that the time is wrong decides about terms when it is right
	}
	if i := w.r.IntN(len(w.cameras)); w.happens(60) {
		w.ask(i)
	}
	if w.capacity < 1<<60 && w.happens(400) {
		w.capacity = max(w.capacity*9/10, 1000)
	}
	w.review(p)
}

// ask changes the configuration of one camera.
func (w *world) ask(i int) {
	terms := []Term{Law, PublicArea, w.shortest, {Days: 30}, {Days: 14}, {Months: 3}}
	a := &w.asked[i]
	switch w.r.IntN(6) {
	case 0:
		if a.Camera != "" && w.chance(3) {
			a.Camera = ""
		} else {
			a.Camera = w.cameras[i]
		}
	case 1:
		a.Keep = []Term{{}, {Days: 7}, {Days: 5}}[w.r.IntN(3)]
	default:
		a.Camera, a.Limit, a.Keep = w.cameras[i], terms[w.r.IntN(len(terms))], Term{}
	}
}

// review takes on what needs nobody, and lets the approver confirm the rest days later, or not at all.
func (w *world) review(p Present) {
	asked := slices.DeleteFunc(slices.Clone(w.asked), func(a Asked) bool { return a.Camera == "" })
	next, waits := w.policies.Review(asked, p, w.wall())
	w.judgeReview(next)
	for _, c := range waits {
		at, ok := w.confirmAt[c.Camera]
		switch {
		case !ok:
			w.confirmAt[c.Camera] = w.true.Add(w.upTo(20 * 24 * time.Hour))
		case !w.true.Before(at):
			delete(w.confirmAt, c.Camera)
			if confirmed, from, err := next.Confirm(c, p, w.wall()); err != nil || from.Before(w.true.Add(72*time.Hour)) {
				w.t.Fatalf("confirmed at %s, in force from %s: %v", shown(w.true), shown(from), err)
			} else if !w.chance(5) {
				next = confirmed
			}
		}
	}
	w.learn(next)
	w.policies = next
}

// holdSome holds or restricts hours or weeks of the past and the future.
func (w *world) holdSome(p Present) {
	h := trueHold{clearAt: w.true.Add(time.Duration(w.r.ExpFloat64() * float64(150*24*time.Hour))), asRestriction: w.chance(3)}
	h.From = w.true.Add(-w.upTo(400 * 24 * time.Hour))
	h.To = h.From.Add(time.Duration(w.r.ExpFloat64() * float64(3*24*time.Hour)))
	h.PastTerm = w.chance(2)
	if !w.chance(5) {
		h.Camera = w.cameras[w.r.IntN(len(w.cameras))]
	}
	if w.chance(4) && !p.Held {
		const long = 14 * 24 * time.Hour
		h.Until, h.surely = p.Latest(w.wall()).Add(long), w.true.Add(long)
		if w.wall().Before(w.true) {
			h.surely = w.wall().Add(long)
		}
	}
	w.holds = append(w.holds, h)
}

// situation is what the plan is given.
func (w *world) situation(p Present) Situation {
	s := Situation{Present: p, Lead: w.lead, Zone: w.zone, Policies: w.policies, Boots: w.guard.Boots, Strange: w.guard.Strange}
	for _, h := range w.holds {
		if h.asRestriction {
			s.Restrictions = append(s.Restrictions, Restriction(h.Hold))
		} else {
			s.Holds = append(s.Holds, h.Hold)
		}
	}
	return s
}

// index gives the segments as the index would.
func (w *world) index(yield func(footage.Segment, error) bool) {
	for _, s := range w.live {
		if !yield(s.Segment, nil) {
			return
		}
	}
}
