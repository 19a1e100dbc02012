package collect

import (
	"cmp"
	"slices"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// The causes that this package gives to time that no row of the index tells of.
const (
	CauseBefore  = "before"
	CauseJoin    = "join"
	CauseStopped = "stopped"
	CauseUntold  = "untold"
)

// join is the longest hole that the recorder does not count as a gap.
const join = 500 * time.Millisecond

// span is a stretch of time, its end not included.
type span struct{ from, to time.Time }

// tiler finds the gaps of one stream in a piece.
type tiler struct {
	span
	stream  string
	fresh   bool      // nothing of the stream was in a piece before
	started time.Time // of the program: what nobody tells of and began before is due to that
	gaps    []Gap
}

// tile returns what fills the time that segments leave. told are the index's gaps. Both are by start.
func (t *tiler) tile(segments []Segment, told []footage.Gap) []Gap {
	at := t.from
	for _, s := range segments {
		t.fill(span{at, earlier(s.Start, t.to)}, told)
		end := s.End
		if s.Open {
			end = t.to
		}
		at = later(at, end)
		t.fresh = false
	}
	t.fill(span{at, t.to}, told)
	return t.gaps
}

// fill tells of a span without footage. Where gaps overlap, the one that began first says why.
func (t *tiler) fill(hole span, told []footage.Gap) {
	at := hole.from
	for _, g := range told {
		g.From = t.begin(g, span{at, hole.to})
		in, some := g.Within(at, hole.to)
		if !some {
			continue
		}
		t.untold(span{at, in.From})
		t.add(span{in.From, in.To}, in.Cause)
		at, t.fresh = in.To, false
	}
	t.untold(span{at, hole.to})
}

// begin is when a gap began in a hole. The recorder enters a gap when it notices it; only the header of the
// segment that follows says it from the last frame on.
func (t *tiler) begin(g footage.Gap, hole span) time.Time {
	switch {
	case t.fresh || g.Carrier != (keyring.ID{}) || !g.From.Before(hole.to):
		return g.From
	case hole.from.Before(t.started):
		return earlier(g.From, t.started)
	}
	return earlier(g.From, hole.from)
}

// untold tells of a span of which the index says nothing.
func (t *tiler) untold(s span) {
	switch length := s.to.Sub(s.from); {
	case length <= 0:
	case t.fresh:
		t.add(s, CauseBefore)
	case length < join:
		t.add(s, CauseJoin)
	case s.from.Before(t.started):
		t.add(s, CauseStopped)
	default:
		t.add(s, CauseUntold)
	}
}

func (t *tiler) add(s span, cause string) {
	t.gaps = append(t.gaps, Gap{t.stream, s.from, s.to, cause})
}

// byStream sorts and keeps the order that a manifest has.
func byStream(segments []Segment) {
	slices.SortStableFunc(segments, func(a, b Segment) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), a.Start.Compare(b.Start), slices.Compare(a.ID[:], b.ID[:]))
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
