package retention

import (
	"reflect"
	"slices"
	"time"

	"varuh/recorder/keyring"
)

// The model knows the truth and is as naive as can be: it goes through all footage after every run. It
// shares no code with the plan, not even the calendar.

// naiveEnd is the end of a term: the same time of day, the last day of a month where there is no such day, in UTC or at
// the site.
func naiveEnd(begun time.Time, term Term, zone *time.Location) time.Time {
	var ends [2]time.Time
	for i, at := range [2]time.Time{begun.UTC(), begun.In(zone)} {
		wanted := (int(at.Month())-1+term.Months)%12 + 1
		end := at.AddDate(0, term.Months, 0)
		for int(end.Month()) != wanted {
			end = end.AddDate(0, 0, -1)
		}
		ends[i] = end.AddDate(0, 0, term.Days)
	}
	if ends[1].Before(ends[0]) {
		return ends[1]
	}
	return ends[0]
}

// slack is by how much the model and the plan may differ about a moment: a time of day that summer time lets exist twice.
const slack = time.Hour

// learn takes note of the policies that are decided, for the model.
func (w *world) learn(next Policies) {
	if reflect.DeepEqual(next, w.policies) {
		return
	}
	for camera, versions := range next {
		w.changes[camera] = w.changes[camera][:0]
		for _, v := range versions {
			w.changes[camera] = append(w.changes[camera], trueChange{v.Policy, v.From})
		}
		for _, old := range w.policies[camera] {
			if v := old.Policy; !old.From.After(w.true) && next.At(camera, old.From) != v {
				w.t.Fatalf("%s: a policy that was in force since %s is forgotten", camera, old.From)
			}
		}
	}
	for _, s := range w.live {
		s.end = time.Time{}
	}
}

// term is the end of a segment's term by what was in force when it was recorded; the shortest and the longest
// that may be meant, where its clock was wrong or the policy changed in these hours.
func (w *world) term(s *clipped) (from, to time.Time) {
	changes := w.changes[s.Camera]
	early := s.begun.Add(-Tolerance)
	if !s.honest || w.neverAgreed(s) { // a clock that was right, and alone in saying so, is as doubtful as one that was not
		early = early.Add(-s.lag)
	}
	near := func(c trueChange, d time.Duration) bool { return !c.from.After(s.begun.Add(d)) }
	doubt := 2 * Tolerance
	if !s.honest {
		doubt = 1e6 * time.Hour
	}
	for i, c := range changes {
		last := i+1 == len(changes)
		if near(c, doubt) || i == 0 {
			if last || !near(changes[i+1], -doubt) {
				least, most := w.leastEnd(early, s.begun, c.Limit), naiveEnd(s.begun, c.Limit, w.zone)
				if c.Gone && s.begun.Before(c.from) {
					least, most = c.from, c.from
				}
				if from.IsZero() || least.Before(from) {
					from = least
				}
				if most.After(to) {
					to = most
				}
			}
		}
	}
	return from, to
}

// leastEnd is the earliest end of a term that may have begun between two moments: an end does not always come
// later where the beginning does, since a day that begins later at the site than in UTC may lack in the month of the end.
func (w *world) leastEnd(early, begun time.Time, term Term) time.Time {
	least := naiveEnd(early, term, w.zone)
	for _, day := range [2]time.Time{begun.UTC(), begun.In(w.zone)} {
		midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
		for _, at := range [2]time.Time{begun, midnight} {
			if end := naiveEnd(at, term, w.zone); !at.Before(early) && end.Before(least) {
				least = end
			}
		}
	}
	if begun.Sub(early) > Tolerance {
		least = least.Add(-26 * time.Hour)
	}
	return least
}

// mayGo tells whether a policy that came into force since lets a segment go by the time that a run looks ahead to.
func (w *world) mayGo(s *clipped, until time.Time) bool {
	for _, c := range w.changes[s.Camera] {
		if c.from.After(w.true.Add(slack)) {
			continue
		}
		if c.Gone && s.begun.Before(c.from) || !w.leastEnd(s.begun.Add(-Tolerance), s.begun, c.Limit).After(until) {
			return true
		}
	}
	return false
}

// keeps tells whether a hold keeps a segment for sure, and whether past its term.
func (w *world) keeps(s *clipped) (held, past bool) {
	for _, h := range w.holds {
		if !h.surely.IsZero() && !w.true.Before(h.surely) || h.Camera != "" && h.Camera != s.Camera {
			continue
		}
		if s.Start.Before(h.To) && s.End.After(h.From) {
			held, past = true, past || h.PastTerm
		}
	}
	return held, past
}

// mayKeep tells whether a hold may keep a segment, by the date in the index or by any moment that its term may
// count from.
func (w *world) mayKeep(s *clipped) bool {
	for _, h := range w.holds {
		if h.Camera != "" && h.Camera != s.Camera {
			continue
		}
		early, late := s.Start, s.End
		if b := s.begun.Add(-s.lag - Tolerance); b.Before(early) {
			early = b
		}
		if e := s.begun.Add(s.End.Sub(s.Start)); e.After(late) {
			late = e
		}
		if !early.After(h.To) && !late.Before(h.From) {
			return true
		}
	}
	return false
}

// judgeReview fails where a change lets footage go earlier that nobody confirmed.
func (w *world) judgeReview(next Policies) {
	for _, name := range w.cameras {
		old, now := w.policies.At(name, w.true), next.At(name, w.true)
		if old == now || len(w.policies[name]) == 0 {
			continue
		}
		shorter := naiveEnd(w.true, now.Limit, w.zone).Before(naiveEnd(w.true, old.Limit, w.zone))
		if now.Gone || shorter && !old.Gone || now.Keep.Days > old.Keep.Days {
			w.t.Fatalf("at %s %s has %+v without a confirmation, after %+v", shown(w.true), name, now, old)
		}
	}
}

// judgeErasure fails where a segment is erased that is held, or early without a reason.
func (w *world) judgeErasure(p Present, e Erasure, s *clipped) {
	until := w.true.Add(w.lead + slack)
	shortest, _ := w.term(s)
	held, past := w.keeps(s)
	up := !shortest.After(until)
	what := func(format string) {
		w.t.Helper()
		w.t.Fatalf("at %s (certain %s, liar %d): "+format+" %s of %s, dated %s, recorded %s (lag %v, honest %v), term until %s, reason %s, due %s",
			shown(w.true), shown(p.Certain), w.liar, e.Segment.ID, s.Camera, shown(s.Start), shown(s.begun), s.lag, s.honest, shown(shortest), e.Reason, shown(e.Due))
	}
	switch {
	case past:
		what("erased what is held past its term:")
	case held && !up:
		what("erased what is held to its term:")
	case e.Reason == ByTerm && !up:
		what("erased early:")
	case e.Reason == ByPolicy && !up && !w.mayGo(s, until):
		what("erased by a policy that is not in force:")
	case e.Reason == ByPressure && held:
		what("erased a held one for room:")
	case !s.Sealed:
		what("erased while it is written:")
	}
	keep := w.policies.At(s.Camera, p.Certain).Keep.Days
	if deep := s.begun.AddDate(0, 0, keep).Before(w.true.Add(2 * Tolerance)); e.Reason == ByPressure && s.honest && keep > 0 && !deep && !slices.Contains(w.broken, s.Camera) {
		what("broke a promise that nobody is told of:")
	}
}

// judgeLateness fails where footage is past its term and nothing keeps it, unless it was said that this may be so.
func (w *world) judgeLateness(p Present, when string) {
	clockOff := w.liar != nobody && !w.clockWasTrue
	for _, s := range w.live {
		if w.lost[s.Boot] {
			continue // nothing dates it: it goes a year after it was met
		}
		if s.end.IsZero() {
			_, s.end = w.term(s)
		}
		late := s.end.Before(w.true)
		if !late || !s.Sealed || p.Held && !s.end.Before(p.Certain) || !p.Held && clockOff {
			continue
		}
		if w.liar == timeServer && s.Start.After(s.begun) && !s.end.Before(w.true.Add(s.begun.Sub(s.Start))) && w.neverAgreed(s) {
			continue // a time server that was ahead, in a boot of which nobody knew the time
		}
		if !w.mayKeep(s) {
			w.t.Fatalf("%s the run at %s (certain %s, held %v, liar %d): %s is past its term since %s: recorded %s, dated %s (honest %v, lag %v)",
				when, shown(w.true), shown(p.Certain), p.Held, w.liar, s.Camera, shown(s.end), shown(s.begun), shown(s.Start), s.honest, s.lag)
		}
	}
}

// neverAgreed tells whether in all of a segment's boot nobody outside said what the machine's clock showed.
func (w *world) neverAgreed(s *clipped) bool {
	return !slices.ContainsFunc(w.guard.Boots, func(b Boot) bool { return b.ID == s.Boot && !b.Agreed.IsZero() })
}

// judgeRelief fails where room was made that was not needed, or a promise broken that could have been kept.
func (w *world) judgeRelief(p Present, r Relief, need int64) {
	if n := len(r.Erasures); n > 0 && r.Freed-r.Erasures[n-1].Segment.Bytes >= need {
		w.t.Fatalf("freed %d bytes where %d are needed", r.Freed, need)
	}
	if len(r.Broken) == 0 && r.Short == 0 || p.Held {
		return
	}
	for _, s := range w.live {
		keep := w.policies.At(s.Camera, p.Certain).Keep
		deep := keep.IsZero() || s.begun.Add(keep.depth()+s.lag).Before(p.Certain.Add(-2*Tolerance))
		if r.Short > 0 {
			deep = true
		}
		if deep && s.Sealed && s.honest && !w.mayKeep(s) {
			w.t.Fatalf("at %s the promise of %v is broken, %d are short, but %s of %s could go", shown(w.true), r.Broken, r.Short, s.Camera, shown(s.begun))
		}
	}
}

// erase does what a purge does, after the model has looked at it.
func (w *world) erase(p Present, list []Erasure) {
	gone := make(map[keyring.ID]Erasure, len(list))
	for _, e := range list {
		gone[e.Segment.ID] = e
	}
	kept := w.live[:0]
	for _, s := range w.live {
		e, ok := gone[s.ID]
		if !ok {
			kept = append(kept, s)
			continue
		}
		w.judgeErasure(p, e, s)
		w.bytes -= s.Bytes
		w.erased[map[Reason]int{ByTerm: 0, ByPolicy: 1, ByPressure: 2}[e.Reason]]++
		if _, longest := w.term(s); longest.Before(w.true) {
			w.erased[3]++
		}
	}
	clear(w.live[len(kept):])
	w.live = kept
}
