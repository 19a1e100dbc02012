package accesslog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
)

// What a range that a request asks for takes beside it.
const (
	mostLead = disclosure.Lead
	mostTail = disclosure.Tail
)

// answers is the request that footage is looked at or taken out for.
type answers struct {
	id, number string // number is that of its case
	entry      int64  // request.receive
	word       string // what its purpose is called; "" for the law's own words
	basis      string // its legal basis, with its own words where they are known; "" where it lacks one: then the law's own
	shows      bool   // the footage is shown on the premises, and not looked at to decide
}

// The states in which footage can be looked at for a request, and taken out.
var (
	undecided = []disclosure.State{disclosure.Incomplete, disclosure.Complete, disclosure.Extended, disclosure.OwnLaw, disclosure.Silent, disclosure.Approved}
	approved  = []disclosure.State{disclosure.Approved}
)

// courtOrder is the basis on which everybody is an authority's hand.
const courtOrder disclosure.BasisID = "court-order"

// lawOf is the purpose that a law gives for a request. To whom nothing obliges the controller he hands out for claims, and that
// takes a notice: see [notice.Statutory].
func lawOf(q disclosure.Request) string {
	switch {
	case q.Kind == disclosure.Authority, q.Basis == courtOrder:
		return notice.Authority
	case q.Kind == disclosure.Subject:
		return notice.Subject
	}
	return notice.Claims
}

// answer notes the request that a viewing is for, and takes its purpose and its basis from that; no id is for none. The words
// are the basis's own, as the request says them.
func (v *viewing) answer(ctx context.Context, id, number, words string) error {
	if id == "" {
		return nil
	}
	q, err := v.door.request(ctx, id)
	if err != nil {
		return err
	}
	v.answers, v.purpose = &answers{id: id, number: number, entry: q.Entry, basis: q.Basis.Stated("sl", words)}, lawOf(q)
	switch {
	case v.export:
	case q.Showing():
		v.answers.word, v.answers.shows = "ogled v prostorih po zahtevi "+id, true
	default:
		v.answers.word = "odločanje o zahtevi " + id
	}
	return nil
}

func (d *Door) request(ctx context.Context, id string) (disclosure.Request, error) {
	if d.o.Requests == nil {
		return disclosure.Request{}, fmt.Errorf("%w: %s", disclosure.ErrUnknown, id)
	}
	return d.o.Requests.Request(ctx, id)
}

// unasked is what of the footage the request does not ask for, or all of it where it is not in a state for that.
func (w Viewing) unasked(ctx context.Context, x wish) (list []Withheld, err error) {
	if w.v.answers == nil {
		return nil, nil
	}
	q, err := w.v.door.request(ctx, w.v.answers.id)
	if err != nil {
		return nil, err
	}
	allowed := undecided
	if w.v.export {
		allowed = approved
	}
	if !slices.Contains(allowed, q.State) {
		return []Withheld{{x.from, x.to, fmt.Errorf("%w: it is %s", ErrRequest, q.State)}}, nil
	}
	wanted := wantedOf(q, x.camera, mostLead, mostTail)
	for rest := x.span; !rest.empty(); {
		lacks := wanted.missing(rest)
		if lacks.empty() {
			break
		}
		list = append(list, Withheld{lacks.from, lacks.to, fmt.Errorf("%w: it doesn't ask for this footage", ErrRequest)})
		rest.from = lacks.to
	}
	return list, nil
}

// wantedOf is what a request asks for of a camera, with so much before and behind it.
func wantedOf(q disclosure.Request, camera string, lead, tail time.Duration) (s set) {
	for _, r := range q.Wanted {
		if r.Camera == "" || r.Camera == camera {
			s = s.add(span{r.From.Add(-lead), r.To.Add(tail)}, 0)
		}
	}
	return s
}

// tell says in an entry for what request a lease is.
func (a *answers) tell(b *proof.Body) {
	a.name(b)
	if a.word != "" {
		b.Purpose = a.word
	}
	if a.basis != "" {
		b.Basis = a.basis
	}
	if a.shows {
		b.Data["showing"] = "yes"
	}
}

// name names in an entry the request and its case, so that all of them are found by it.
func (a *answers) name(b *proof.Body) {
	if a != nil {
		b.Case, b.Data["request"] = a.number, a.id
	}
}

// stillShown sees whether what is shown for a request is still to be: once the viewing is entered, whoever refuses the request knows
// of it, and one that was refused or entered as shown before shows nothing.
func (w *Viewing) stillShown(ctx context.Context) error {
	a := w.v.answers
	if a == nil || !a.shows {
		return nil
	}
	q, err := w.v.door.request(ctx, a.id)
	if err == nil && !q.Showing() {
		err = fmt.Errorf("%w: it is %s", ErrRequest, q.State)
	}
	return err
}

// action is what a person needs to look at footage for a request, beside seeing footage: who decides on it, and who shows it.
func (a *answers) action() people.Action {
	if a.shows {
		return people.Extract
	}
	return people.Approve
}
