package retention

import (
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// span bounds one boot. A zero time is no bound.
type span struct {
	earliest time.Time // at which CLOCK_BOOTTIME was zero
	agreed   time.Time // the same by the machine's clock, which agreed with what was certain
	over     time.Time // before which the boot had ended
	latest   time.Time // the same, of one of which nothing is known from below
}

// dates says from which moment a segment's term counts.
//
// The guard bounds each boot from both sides: from below by what was certain while it ran; from above by the
// machine's clock when it agreed with that, or else by the next boot of which this is known, since a boot is over
// before the next one begins.
//
// Where the clock agreed the term counts from what was certain, or from the date in the index if that is
// earlier by less than Tolerance. Where it never did, the date in the index stands while nothing contradicts it.
// If something does, or if the boot's clock was never set, the term counts from the earliest moment that the
// bounds leave: so footage of a wrong clock neither goes at once nor stays too long.
//
// Of a boot that nothing bounds from below, as one before anything was certain or one that was not written down, that
// moment could be any: all its footage would go at once. What its clock cannot date counts from the latest moment
// that it can be of, so that it goes all the same, and a person is told of it meanwhile.
type dates struct {
	boots map[[16]byte]span
	last  [16]byte // the boot looked up last, since segments come boot by boot
	found span
	known bool
}

func newDates(boots, strange []Boot) *dates {
	d := &dates{boots: make(map[[16]byte]span, len(boots)+len(strange))}
	for _, b := range strange {
		d.boots[b.ID] = span{latest: b.Latest}
	}
	var next time.Time
	for i := len(boots) - 1; i >= 0; i-- {
		b := boots[i]
		s := span{earliest: b.Earliest, over: next, latest: b.Latest}
		if !b.Agreed.IsZero() && !b.Agreed.Add(Tolerance).Before(b.Earliest) {
			s.agreed, next = b.Agreed, b.Agreed
		}
		d.boots[b.ID] = s
	}
	return d
}

// begin bounds the moment of a first frame. What it counts as is from.
type begin struct {
	from time.Time // zero: nobody can tell
	to   time.Time // zero: it is open
	any  bool      // it may have been at any moment up to from, which is the latest
}

// begins bounds the first frame of a segment. astray says that the date in the index contradicts what is certain, or
// that there is none.
func (d *dates) begins(s *footage.Segment) (at begin, astray bool) {
	if s.Boot != d.last || !d.known {
		d.found, d.known = d.boots[s.Boot]
		d.last = s.Boot
	}
	unset := s.Clock == segment.Unsynchronised && s.Start.Equal(s.HeaderStart)
	if !d.known || d.found.earliest.IsZero() {
		return d.found.loose(s, unset)
	}
	return d.found.date(s, unset)
}

// loose dates a segment of a boot that nothing bounds from below.
func (b span) loose(s *footage.Segment, unset bool) (at begin, astray bool) {
	if unset && !possible(s.Start) || !b.latest.IsZero() && s.Start.After(b.latest.Add(Tolerance)) {
		return begin{b.latest, b.latest, true}, true
	}
	return begin{from: s.Start, to: s.Start}, false
}

// date dates a segment of a boot that is bounded. unset says that the boot's clock is not known to have been set.
func (b span) date(s *footage.Segment, unset bool) (at begin, astray bool) {
	earliest, latest, agreed := b.earliest.Add(s.BootTime), b.over, !b.agreed.IsZero()
	if agreed {
		latest = b.agreed.Add(s.BootTime)
	}
	switch {
	case unset && !agreed:
		return begin{from: earliest}, false
	case s.Start.Before(earliest.Add(-Tolerance)), !latest.IsZero() && s.Start.After(latest.Add(Tolerance)):
		return begin{from: earliest}, true
	case agreed && s.Start.After(earliest):
		return begin{from: earliest, to: s.Start}, false
	}
	return begin{from: s.Start, to: s.Start}, false
}
