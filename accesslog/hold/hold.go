package hold

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// Kind says what a hold is for.
type Kind string

// The kinds. Only the first two pass the term by themselves.
const (
	Rights      Kind = "rights"      // request of a data subject (GDPR art. 15 to 21)
	Order       Kind = "order"       // order of a court or an authority
	Disclosure  Kind = "disclosure"  // request for disclosure that is being decided
	Incident    Kind = "incident"    // something that the controller looks into
	Provisional Kind = "provisional" // secured by whoever saw it, to be confirmed as one of the others
)

// passes tells whether holds of a kind may pass the term by themselves.
func (k Kind) passes() bool { return k == Rights || k == Order }

// ProvisionalDays is how long a provisional hold lasts.
const ProvisionalDays = 14

// longestReview is how far away the next look at a hold may be.
const longestReview = 366 * 24 * time.Hour

// Footage of other times is not held: the rows have nanoseconds since 1970, and the diary four digits for a year. What no
// clock dates seems to be of 1970.
var (
	earliest = time.Unix(0, 0).UTC()
	latest   = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// Range is footage of a camera that overlaps [From, To). To may lie ahead: what will be recorded is held, too.
type Range struct {
	Camera   string // "": every camera
	From, To time.Time
}

// Hold is a hold in force.
type Hold struct {
	ID string
	Kind
	Range
	PastTerm bool
	Review   time.Time // a provisional one ends then
	Entry    int64     // that set it, and says who and why
	Pinned   bool      // the diary was looked through for entries about it
}

// Asked is a hold that somebody asks for, or that a provisional one is confirmed as.
type Asked struct {
	Kind
	Range
	Basis     string    // on what ground: the request, the order, the incident
	Case      string    // its number; may be missing
	Remark    string    // may be missing
	TermBasis string    // the legal basis on which a hold for a disclosure or an incident passes the term; may be missing
	Review    time.Time // may be missing for a provisional one
	By        proof.Actor
}

// What refuses a hold.
var (
	ErrIncomplete = errors.New("the hold is incomplete")
	ErrGone       = errors.New("there is no footage to hold")
	ErrMany       = errors.New("there are too many provisional holds of this person")
	ErrUnknown    = errors.New("there is no such hold")
	ErrLasts      = errors.New("the hold is not provisional: there is nothing to confirm")
)

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrIncomplete, fmt.Sprintf(format, args...))
}

// check refuses what is not complete, and fills in when a provisional hold ends.
func (a Asked) check(now time.Time) (Asked, error) {
	if a.Kind == Provisional && a.Review.IsZero() {
		a.Review = now.AddDate(0, 0, ProvisionalDays)
	}
	if end := now.AddDate(0, 0, ProvisionalDays); a.Kind == Provisional && a.Review.After(end) && !past(a.Review, end) {
		a.Review = end // later on the same day
	}
	if err := a.Range.check(); err != nil {
		return a, err
	}
	switch {
	case !a.Kind.known():
		return a, incomplete("%q is no kind of hold; there are rights, order, disclosure, incident and provisional", a.Kind)
	case blank(a.Basis):
		return a, incomplete("say on what basis: the request, the order or the incident that it is for")
	case blank(a.By.Name):
		return a, incomplete("say who asks for it")
	case !blank(a.TermBasis) && a.Kind != Disclosure && a.Kind != Incident:
		return a, incomplete("a legal basis for passing the term belongs to a hold for a disclosure or an incident alone")
	}
	return a, checkReview(a.Kind, a.Review, now)
}

// checkReview refuses a day that has passed or is too far away.
func checkReview(k Kind, review, now time.Time) error {
	switch {
	case review.IsZero():
		return incomplete("say on what day it is to be reviewed")
	case !review.After(now):
		return incomplete("the day of its review, %s, has passed", review.Format(time.DateOnly))
	case k == Provisional && past(review, now.AddDate(0, 0, ProvisionalDays)):
		return incomplete("a provisional hold lasts at most %d days", ProvisionalDays)
	case past(review, now.Add(longestReview)):
		return incomplete("the day of its review is more than a year away; a hold is looked at once a year at least")
	}
	return nil
}

// past tells whether the day of a review comes after that of a limit.
func past(review, limit time.Time) bool {
	return review.After(limit) && review.Format(time.DateOnly) != limit.In(review.Location()).Format(time.DateOnly)
}

func (k Kind) known() bool {
	return k == Rights || k == Order || k == Disclosure || k == Incident || k == Provisional
}

func (r Range) check() error {
	if r.From.IsZero() || !r.To.After(r.From) {
		return incomplete("say from when to when the footage was recorded; the end comes after the beginning")
	}
	if r.From.Before(earliest) || r.To.After(latest) {
		return incomplete("footage of before %d or after %d is held by nobody: if the end is open, say a day in some years; the hold is looked at again before",
			earliest.Year(), latest.Year()-1)
	}
	return nil
}

// passesTerm tells whether it may pass the term.
func (a Asked) passesTerm() bool { return a.Kind.passes() || !blank(a.TermBasis) }

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// body is the entry's. data are what only this operation has.
func (r Range) body(by proof.Actor, data map[string]any) proof.Body {
	return proof.Body{Actor: &by, Objects: []proof.Object{{Camera: r.object(), From: r.From, To: r.To}}, Data: data}
}

// object is the camera as an entry names it.
func (r Range) object() string {
	if r.Camera == "" {
		return everyCamera
	}
	return r.Camera
}

// everyCamera stands for all of them in an entry.
const everyCamera = "*"

// forPurge is the hold as a purge knows it.
func (h Hold) forPurge() retention.Hold {
	out := retention.Hold{Camera: h.Camera, From: h.From, To: h.To, PastTerm: h.PastTerm}
	if h.Kind == Provisional {
		out.Until = h.Review
	}
	return out
}
