package accesslog

import (
	"cmp"
	"slices"
	"time"

	"varuh/accesslog/collect"
	"varuh/accesslog/evidence"
)

// missed is footage that is not handed out, and why.
type missed struct {
	strip
	span
	cause string
}

// sliver is what neighbouring fragments may be apart without a word.
const sliver = 100 * time.Millisecond

// tell states the gaps of a range. Where several causes hold, the first in this order is told: what may not be handed out or
// can't be, what was erased, what the recorder says, what the diary does.
func (c *cutting) tell() {
	list := slices.Clone(c.missed)
	slices.SortStableFunc(list, func(a, b missed) int { return cmp.Compare(order(a.cause), order(b.cause)) })
	here := map[[16]byte]bool{}
	for _, s := range c.segments {
		here[s.ID] = true
	}
	for id, t := range c.told {
		if t.strip == c.strip() && !here[id] {
			list = append(list, missed{t.strip, t.span, causeErased})
		}
	}
	for _, g := range c.reel.gaps {
		if g.To.IsZero() {
			g.To = c.to
		}
		list = append(list, missed{c.strip(), span{g.From, g.To}, g.Cause})
	}
	for _, m := range c.holes {
		if m.strip == c.strip() {
			list = append(list, m)
		}
	}
	known := slices.Clone(c.pictures)
	var gaps []evidence.Gap
	for _, m := range list {
		known = c.state(known, m.within(c.span), m.cause, sliver, &gaps)
	}
	c.state(known, c.span, collect.CauseUntold, hole, &gaps)
	slices.SortFunc(gaps, func(a, b evidence.Gap) int { return a.From.Compare(b.From) })
	c.course.gaps = append(c.course.gaps, joinGaps(gaps)...)
}

// order is that in which the causes of what was left out are told.
func order(cause string) int {
	return slices.Index([]string{causeRestricted, causeUnreadable, causeErased}, cause)
}

// state states what of a span nothing is known of yet, unless it is shorter than least, and returns what is known then.
func (c *cutting) state(known set, x span, cause string, least time.Duration, gaps *[]evidence.Gap) set {
	for !x.empty() {
		part := known.missing(x)
		if part.empty() {
			break
		}
		if part.to.Sub(part.from) >= least {
			*gaps = append(*gaps, evidence.Gap{Camera: c.camera, Stream: c.stream, From: part.from, To: part.to, Cause: cause})
		}
		known = known.add(part, 0)
		x.from = part.to
	}
	return known
}

// joinGaps joins those that touch and have one cause.
func joinGaps(list []evidence.Gap) (out []evidence.Gap) {
	for _, g := range list {
		if n := len(out); n > 0 && out[n-1].Cause == g.Cause && g.From.Sub(out[n-1].To) < sliver {
			out[n-1].To = g.To
			continue
		}
		out = append(out, g)
	}
	return out
}
