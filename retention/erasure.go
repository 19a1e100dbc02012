package retention

import (
	"time"

	"varuh/recorder/footage"
)

// Reason says why a segment goes.
type Reason string

// The reasons.
const (
	ByTerm     Reason = "term"     // the term that was in force when it was recorded is over
	ByPolicy   Reason = "policy"   // a shorter term, or the end of its camera, that an approver confirmed since
	ByPressure Reason = "pressure" // the disk needed its bytes, below the term
)

// Erasure is one segment that is to go.
type Erasure struct {
	Segment footage.Segment
	Reason  Reason
	Due     time.Time // when its time is up; for pressure, when it would have been
	Term    time.Time // when it is up by the term that was in force when it was recorded, whatever was decided since
	first   begin     // as the plan dated its first frame; zero: by the index
}

// dated is its line in a list, with what the plan knew of its date.
func (e Erasure) dated(now Present) dated {
	if e.first == (begin{}) {
		return dated{listed(e), dating(e.Segment.Start, now)}
	}
	return dated{listed(e), e.first}
}

// over tells whether the term of an erasure that a term or a policy asks for is over by a moment.
func (e Erasure) over(by time.Time) bool {
	term := e.Term
	if e.Reason == ByTerm {
		term = e.Due
	}
	return e.Reason != ByPressure && !term.IsZero() && !term.After(by)
}

// Hold keeps footage from being erased: a rights request, an order, a disclosure, an incident, a provisional
// hold. What it is for, and whose it is, is kept by whoever sets it.
type Hold struct {
	Camera   string    // "": every camera
	From, To time.Time // footage that overlaps [From, To); a segment is held whole
	PastTerm bool      // may it pass the term: only rights requests, and orders of a court or authority
	Until    time.Time // when it lapses by itself; zero: never
}

// Restriction is a restriction of processing (GDPR art. 18) over footage: stored only. To store is what it
// asks for, so it stops pressure and shorter policies. Past the term it stops erasure only with PastTerm:
// where the person asked for it in place of erasure or for legal claims (art. 18(1)(b) and (c)), which is a
// rights request; a dispute about accuracy or an objection under way alone (a, d) does not pass the law's limit.
type Restriction struct {
	Camera   string    // "": every camera
	From, To time.Time // footage that overlaps [From, To)
	PastTerm bool
	Until    time.Time // zero: until it is lifted
}
