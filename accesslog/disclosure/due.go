package disclosure

import (
	"context"
	"slices"
	"time"

	"varuh/accesslog/hold"
)

// What says what is due of a request.
type What string

// What can be due.
const (
	Decision What = "decision" // by the law, or as agreed
	Building What = "building" // of the package, before its footage comes to its term
	Papers   What = "paper"    // of an oral request
	Holding  What = "holding"  // somebody is to look whether a request that is over may let its footage go
)

// Whats are all that can be due.
var Whats = []What{Decision, Building, Papers, Holding}

// Due is something that has to be done with a request. It names nobody.
type Due struct {
	Request string // id
	Entry   int64  // request.receive
	What
	By   time.Time // at the latest before that moment
	Soon bool      // within the next days
	Late bool      // it has passed
}

// The days of alarms.
const (
	soonDays   = 3
	lookAtOver = 30 // after the decision, when a request that is over and still holds footage is to be looked at
)

// Due is what is due of all requests, the first first.
func (r *Register) Due(ctx context.Context) ([]Due, error) {
	list, err := r.Requests(ctx)
	if err != nil {
		return nil, err
	}
	force, err := r.Holds.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []Due
	for _, q := range list {
		of, err := r.DueOf(ctx, q, force)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	slices.SortStableFunc(out, func(a, b Due) int { return a.By.Compare(b.By) })
	return out, nil
}

// DueOf is what is due of one request, by the holds that are in force, the first first.
func (r *Register) DueOf(ctx context.Context, q Request, force []hold.Hold) (list []Due, err error) {
	now := r.present()
	add := func(w What, by time.Time) {
		list = append(list, Due{q.ID, q.Entry, w, by, now.Before(by) && !now.Before(by.AddDate(0, 0, -soonDays)), !now.Before(by)})
	}
	if d, ok := q.Deadline(r.Zone); ok && q.undecided() {
		add(Decision, midnight(d.Last, 1))
	}
	if d, ok := q.PaperBy(r.Zone); ok {
		add(Papers, d.After)
	}
	by, ok, err := r.BuildBy(ctx, q)
	if err != nil {
		return nil, err
	}
	if ok {
		add(Building, by)
	}
	if (q.Released || q.May(Release) == nil) && len(q.left(force)) > 0 {
		add(Holding, midnight(latest(q.Decided, q.Handed).In(r.Zone), lookAtOver+1))
	}
	slices.SortStableFunc(list, func(a, b Due) int { return a.By.Compare(b.By) })
	return list, nil
}

// undecided tells whether a decision is awaited.
func (q Request) undecided() bool {
	return q.State == Incomplete || q.State == Complete || q.State == Extended || q.State == OwnLaw
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Tally counts what is due, for metrics.
type Tally struct{ Open, Soon, Late int }

// Tallies counts what is due, by what it is; each is there, with zeros too.
func Tallies(list []Due) map[What]Tally {
	out := map[What]Tally{}
	for _, w := range Whats {
		out[w] = Tally{}
	}
	for _, d := range list {
		t := out[d.What]
		t.Open++
		if d.Soon {
			t.Soon++
		}
		if d.Late {
			t.Late++
		}
		out[d.What] = t
	}
	return out
}
