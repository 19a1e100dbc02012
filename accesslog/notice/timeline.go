package notice

import (
	"cmp"
	"slices"
	"time"
)

// Span is a stretch of footage of one camera over which nothing changes: neither the notice nor the law.
type Span struct {
	From, To time.Time // To not included
	Notice   *Notice   // nil for none
	Purposes []Purpose // lawful for all of it: those of the notice if it is complete, then the statutory ones
}

// history is all that was entered about one camera.
type history struct {
	versions  []Notice   // as settle leaves them
	decisions []Decision // as they were entered
	zone      *time.Location
}

// inForce is the version in force at a moment, or nil.
func (h history) inForce(at time.Time) *Notice {
	for _, n := range h.versions {
		if !at.Before(n.From) && (n.To.IsZero() || at.Before(n.To)) {
			n.Decision = h.decided(at)
			return &n
		}
	}
	return nil
}

// decided is the last decision that was taken on the day of a moment, or before; of several on one day the one
// entered last.
func (h history) decided(at time.Time) (last *Decision) {
	for i, d := range h.decisions {
		if civil(at, h.zone).Before(d.Date) || last != nil && d.Date.Before(last.Date) {
			continue
		}
		last = &h.decisions[i]
	}
	return last
}

// civil is the day of a moment, as midnight UTC of that day.
func civil(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// settle orders the versions of one camera by when they began, and ends each where the next one begins, and where an
// earlier one was ended: then the sign was taken down. One that another has replaced from its beginning on stays, marked, and
// ends where it begins.
func settle(versions []Notice) []Notice {
	slices.SortFunc(versions, func(a, b Notice) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Entry, b.Entry)) })
	var bounds []time.Time
	for _, n := range versions {
		if !n.To.IsZero() {
			bounds = append(bounds, n.To)
		}
	}
	for i := range versions {
		n := &versions[i]
		if i+1 < len(versions) && versions[i+1].From.Equal(n.From) {
			n.To, n.Replaced = n.From, versions[i+1].ID
			continue
		}
		if i+1 < len(versions) {
			n.until(versions[i+1].From)
		}
		for _, end := range bounds {
			n.until(end)
		}
	}
	return versions
}

// until ends a version at a moment that comes after its beginning, unless it has ended before.
func (n *Notice) until(end time.Time) {
	if end.After(n.From) && (n.To.IsZero() || end.Before(n.To)) {
		n.To = end
	}
}

// spans cuts [from, to) where the notice or the law changes.
func (h history) spans(from, to time.Time) (list []Span) {
	cuts := []time.Time{from, to}
	for _, n := range h.versions {
		cuts = append(cuts, n.From, n.To)
	}
	for _, s := range statutes {
		cuts = append(cuts, s.since)
	}
	cuts = slices.DeleteFunc(cuts, func(t time.Time) bool { return t.Before(from) || t.After(to) })
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	for i := range len(cuts) - 1 {
		list = append(list, h.span(cuts[i], cuts[i+1]))
	}
	return list
}

// span is one stretch, over which nothing changes.
func (h history) span(from, to time.Time) Span {
	s := Span{From: from, To: to, Notice: h.inForce(from)}
	complete := s.Notice != nil && s.Notice.Complete()
	if complete {
		s.Purposes = slices.Clone(s.Notice.Purposes)
	}
	s.Purposes = append(s.Purposes, Statutory(from, complete)...)
	return s
}

// throughout are the purposes that all spans have, in the order of the first.
func throughout(list []Span) []Purpose {
	if len(list) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list[0].Purposes), func(p Purpose) bool {
		return slices.ContainsFunc(list[1:], func(s Span) bool {
			return !slices.ContainsFunc(s.Purposes, func(q Purpose) bool { return q.ID == p.ID })
		})
	})
}
