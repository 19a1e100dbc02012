package retention

import (
	"slices"

	"varuh/recorder/footage"
)

// Strange passes rows on to [Survey], and tells of each boot that recorded what nothing dates and that has no bound yet:
// [Guard.Meet] gives it one. It tells of each once.
func Strange(s Situation, segments Segments, met func(boot [16]byte)) Segments {
	return func(yield func(footage.Segment, error) bool) {
		dates, told := newDates(s.Boots, s.Strange), map[[16]byte]bool{}
		for seg, err := range segments {
			if err == nil && !told[seg.Boot] && dates.strange(&seg, s.Present) {
				told[seg.Boot] = true
				met(seg.Boot)
			}
			if !yield(seg, err) {
				return
			}
		}
	}
}

// strange tells whether a segment has no date, or one that is still to come, and its boot no bound.
func (d *dates) strange(s *footage.Segment, now Present) bool {
	at, _ := d.begins(s)
	if at.any {
		return at.from.IsZero()
	}
	bounded := d.known && !(d.found.earliest.IsZero() && d.found.latest.IsZero())
	return !bounded && s.Start.After(now.Certain.Add(Tolerance))
}

// Meet takes note of boots that the guard does not know and that recorded what nothing dates: whenever that was, it is
// over now. It does nothing while the present is held, for that may lag behind by years, nor about the present boot.
// It reports whether there is anything to write down. What is forgotten is met anew, and would count from then on.
func (g *Guard) Meet(now Present, boots ...[16]byte) (changed bool) {
	if now.Held || now.Certain.IsZero() {
		return false
	}
	for _, id := range boots {
		is := func(b Boot) bool { return b.ID == id }
		if id == g.Boot || len(g.Strange) >= maxBoots || slices.ContainsFunc(g.Boots, is) || slices.ContainsFunc(g.Strange, is) {
			continue
		}
		g.Strange = append(g.Strange, Boot{ID: id, Latest: now.Certain})
		changed = true
	}
	return changed
}
