package accesslog

import (
	"slices"
	"sort"
	"time"
)

// span is footage from a moment until before another.
type span struct{ from, to time.Time }

func (x span) empty() bool { return !x.to.After(x.from) }

func (x span) overlaps(y span) bool { return x.from.Before(y.to) && y.from.Before(x.to) }

// within is the part of x that lies in y, empty if there is none.
func (x span) within(y span) span {
	if x.from.Before(y.from) {
		x.from = y.from
	}
	if x.to.After(y.to) {
		x.to = y.to
	}
	return x
}

// hull is the span from the beginning of the first of two to the end of the last.
func (x span) hull(y span) span {
	if y.from.Before(x.from) {
		x.from = y.from
	}
	if y.to.After(x.to) {
		x.to = y.to
	}
	return x
}

// earlier is the first of two moments.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// cut is the span, at most so long.
func (x span) cut(most time.Duration) span {
	if x.to.Sub(x.from) > most {
		x.to = x.from.Add(most)
	}
	return x
}

// span is the footage of a piece; one of no length counts as the least that an entry can state.
func (p Piece) span() span {
	return span{p.Start, p.Start.Add(max(p.Duration, time.Millisecond))}
}

// set is footage in spans, by time, none of which touch.
type set []span

// add adds a span, and joins spans that are no further apart than joint.
func (s set) add(x span, joint time.Duration) set {
	i := sort.Search(len(s), func(i int) bool { return !s[i].to.Add(joint).Before(x.from) })
	j := i
	for ; j < len(s) && !s[j].from.Add(-joint).After(x.to); j++ {
		if s[j].from.Before(x.from) {
			x.from = s[j].from
		}
		if s[j].to.After(x.to) {
			x.to = s[j].to
		}
	}
	return slices.Replace(s, i, j, x)
}

// missing is the first part of x that is not in the set, empty if all is.
func (s set) missing(x span) span {
	for i := sort.Search(len(s), func(i int) bool { return s[i].to.After(x.from) }); i < len(s) && !x.empty(); i++ {
		if s[i].from.After(x.from) {
			return span{x.from, x.to}.within(span{x.from, s[i].from})
		}
		x.from = s[i].to
	}
	return x
}

// joined is the set with spans joined that are no further apart.
func (s set) joined(joint time.Duration) (out set) {
	for _, x := range s {
		if n := len(out); n > 0 && x.from.Sub(out[n-1].to) <= joint {
			out[n-1].to = x.to
			continue
		}
		out = append(out, x)
	}
	return out
}
