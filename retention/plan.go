package retention

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"varuh/recorder/footage"
)

// How far ahead a run looks.
const (
	RunEvery  = time.Hour        // how often the plan is made and carried out
	Tolerance = time.Hour        // how far the certain present may lag behind the machine's clock unheld
	RunTakes  = 15 * time.Minute // how long a run may take and begin late
	Lead      = RunEvery + Tolerance + RunTakes
)

// Situation is all that a plan depends on beside the segments.
type Situation struct {
	Present      Present
	Lead         time.Duration  // what falls due so soon goes too: Lead, or less
	Most         int            // a plan lists no more than so many, those due first; 0: all
	Zone         *time.Location // of the site, nil: UTC
	Policies     Policies
	Boots        []Boot // as the Guard knows them
	Strange      []Boot // the same
	Holds        []Hold
	Restrictions []Restriction
	Other        int64 // bytes of a need for room that data other than footage makes: no promise is broken for them
}

// Segments are the rows that a plan is made from, in any order; an error ends them.
type Segments = iter.Seq2[footage.Segment, error]

// Verdict is what becomes of one segment.
type Verdict struct {
	Begins time.Time // the moment that its term counts from; zero: nobody can tell
	Due    time.Time // when its time is up; zero with Begins
	Term   time.Time // when it is up by the term that was in force when it was recorded; zero with Due
	Reason Reason    // ByTerm or ByPolicy
	Kept   bool      // a hold or a restriction stops the erasure that is due
	Bound  bool      // a hold or a restriction stops pressure
	Astray bool      // its date contradicts what is certain, or there is none: an incident

	// Undated says that nobody can tell when it was recorded. Begins is the latest moment that it can be of then.
	Undated bool
}

// Over tells whether nothing lets the footage stay at a moment. What nobody can date is never over.
func (v Verdict) Over(at time.Time) bool { return !v.Due.IsZero() && !v.Kept && !v.Due.After(at) }

// Judge gives verdicts in one situation.
type Judge struct {
	s     Situation
	dates *dates
	kept  keepers
	least map[string][]time.Duration // of each camera, see Policies.least
}

// NewJudge prepares verdicts. It must not be used by two goroutines at once.
func NewJudge(s Situation) *Judge {
	return &Judge{s: s, dates: newDates(s.Boots, s.Strange), kept: newKeepers(s), least: make(map[string][]time.Duration)}
}

// Verdict is what becomes of one segment by what is known and decided now. Due may be earlier than it seems in the
// present: a change that is not in force yet counts from when it is.
func (j *Judge) Verdict(s *footage.Segment) Verdict {
	v := Verdict{Reason: ByTerm}
	first, astray := j.dates.begins(s)
	v.Begins, v.Astray, v.Undated = first.from, astray, first.any
	if v.Begins.IsZero() {
		v.Bound, _ = j.kept.over(s, first)
		v.Kept = v.Bound
		return v
	}
	due, term, reason := j.s.Policies.due(s.Camera, first, j.s.Present.Certain, j.s.Zone)
	bound, pastTerm := j.kept.over(s, first)
	if bound && !pastTerm && reason == ByPolicy {
		due, reason = term, ByTerm
	}
	v.Due, v.Term, v.Reason, v.Bound, v.Kept = due, term, reason, bound, pastTerm
	return v
}

// glance is Verdict for one who looks at all footage: Due is zero where it is further off than the lead.
func (j *Judge) glance(s *footage.Segment) (v Verdict) {
	first, astray := j.dates.begins(s)
	if first.any || j.soon(s.Camera, first.from) {
		return j.Verdict(s)
	}
	v = Verdict{Begins: first.from, Reason: ByTerm, Astray: astray, Undated: first.any}
	v.Bound, v.Kept = j.kept.over(s, first)
	return v
}

// soon tells whether a segment may be due within the lead, without asking the calendar.
func (j *Judge) soon(camera string, begins time.Time) bool {
	least, ok := j.least[camera]
	if !ok {
		least = j.s.Policies.least(camera)
		j.least[camera] = least
	}
	span := least[0]
	if len(least) > 1 {
		span = least[inForce(j.s.Policies[camera], begins)]
	}
	return !begins.Add(span).After(j.s.Present.Certain.Add(j.s.Lead))
}

// Plan lists what is to be erased by its term or by a policy, in the order in which it falls due: all whose time is
// up within the lead after what is certain of the present. A segment that is still being written is not in it: it is
// closed within twenty minutes, or recovered first. While no time is certain nothing is due.
func Plan(s Situation, segments Segments) ([]Erasure, error) {
	var list []Erasure
	if s.Present.Certain.IsZero() {
		return nil, nil
	}
	j, until := NewJudge(s), s.Present.Certain.Add(s.Lead)
	for seg, err := range segments {
		if err != nil {
			return nil, err
		}
		at, _ := j.dates.begins(&seg)
		if !seg.Sealed || at.from.IsZero() || !j.soon(seg.Camera, at.from) {
			continue
		}
		if v := j.Verdict(&seg); v.Over(until) {
			list = append(list, Erasure{Segment: seg, Reason: v.Reason, Due: v.Due, Term: v.Term, first: at})
		}
		if s.Most > 0 && len(list) >= 2*s.Most {
			list = first(list, s.Most)
		}
	}
	return first(list, s.Most), nil
}

// first are those of a list that are due first, at most so many unless most is 0.
func first(list []Erasure, most int) []Erasure {
	slices.SortFunc(list, inTime)
	if most > 0 && len(list) > most {
		clear(list[most:])
		list = list[:most]
	}
	return list
}

// inTime orders erasures by when they are due, then by when their footage began.
func inTime(a, b Erasure) int {
	return cmp.Or(a.Due.Compare(b.Due), a.Segment.Start.Compare(b.Segment.Start),
		cmp.Compare(a.Segment.Camera, b.Segment.Camera), slices.Compare(a.Segment.ID[:], b.Segment.ID[:]))
}
