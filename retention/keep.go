package retention

import (
	"slices"
	"time"

	"varuh/recorder/footage"
)

// keeper is a hold or a restriction that has not lapsed.
type keeper struct {
	from, to time.Time
	pastTerm bool
}

// NoCamera stands for the camera of a key that has neither file nor row: nobody can tell which it was. What is held of
// any camera is held of it.
const NoCamera = "?"

// keepers are those of each camera, sorted by from, and those of all cameras. NoCamera has those of each.
type keepers struct {
	of  map[string][]keeper
	all []keeper
}

// newKeepers leaves out what lapsed for certain. What may have lapsed still keeps.
func newKeepers(s Situation) keepers {
	k := keepers{of: make(map[string][]keeper)}
	add := func(camera string, until time.Time, keep keeper) {
		switch {
		case !until.IsZero() && !until.After(s.Present.Certain):
		case camera == "":
			k.all = append(k.all, keep)
		default:
			k.of[camera] = append(k.of[camera], keep)
			k.of[NoCamera] = append(k.of[NoCamera], keep)
		}
	}
	for _, h := range s.Holds {
		add(h.Camera, h.Until, keeper{h.From, h.To, h.PastTerm})
	}
	for _, r := range s.Restrictions {
		add(r.Camera, r.Until, keeper{r.From, r.To, r.PastTerm})
	}
	byFrom := func(a, b keeper) int { return a.from.Compare(b.from) }
	for _, list := range k.of {
		slices.SortFunc(list, byFrom)
	}
	slices.SortFunc(k.all, byFrom)
	return k
}

// over tells whether a segment is kept, and whether past its term. It counts both by the date in the index and by the
// moment that its term counts from, should these differ, as whoever set the hold saw the former. Where the clock was set since,
// [Holds] has it by both times. What may be of any moment is kept by all that keeps any moment of it.
func (k *keepers) over(s *footage.Segment, first begin) (bound, pastTerm bool) {
	begins := first.from
	if first.any {
		s = first.widest(s)
		begins = s.Start
	}
	length, last := max(s.End.Sub(s.Start), 0), s.End
	if begins.After(s.Start) {
		last = begins.Add(length)
	}
	for _, list := range [2][]keeper{k.of[s.Camera], k.all} {
		for _, keep := range list {
			if s.Sealed && keep.from.After(last) {
				break
			}
			if keep.overlaps(s.Start, length, s.Sealed) || !begins.Equal(s.Start) && keep.overlaps(begins, length, s.Sealed) {
				bound, pastTerm = true, pastTerm || keep.pastTerm
			}
		}
	}
	return bound, pastTerm
}

// widest is a segment that nothing dates, as long as it can be.
func (b begin) widest(s *footage.Segment) *footage.Segment {
	wide := *s
	wide.Start, wide.End = firstTime, lastTime
	if !b.from.IsZero() {
		wide.End = b.from.Add(max(s.End.Sub(s.Start), 0))
	}
	if s.Start.Before(wide.Start) {
		wide.Start = s.Start // a hold may go by what its clock showed
	}
	return &wide
}

// overlaps tells whether footage is kept, even one picture of it. What is still being written has no end.
func (k keeper) overlaps(start time.Time, length time.Duration, ended bool) bool {
	return start.Before(k.to) && (!ended || !start.Add(length).Before(k.from))
}
