package disclosure

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// ContentIn is what a request says now, by its entry.
func ContentIn(ctx context.Context, o Opener, q Request) (Content, error) {
	b, err := open(ctx, o, q.Content)
	if err != nil {
		return Content{}, err
	}
	return ContentOf(b)
}

// The operations of viewings, and the word for one that a crash ended: see package accesslog.
const (
	opViewStart = "view.start"
	opViewMore  = "view.more"
	opViewEnd   = "view.end"
	interrupted = "interrupted"
)

// Viewed is what the diary says of a viewing by which a person showed footage for a request on the premises.
type Viewed struct {
	Entry int64 // view.start
	At    time.Time
	Ended bool
	Saw   []Wanted // what was delivered of what the request asks for; where a crash ended it, what its leases had let out
	Lost  bool     // an entry of it can't be read, so that nobody knows all that was seen

	person string
	leased []proof.Object
	gave   bool // it is not known to have delivered nothing
}

// Usable says why footage can't have been shown by a viewing, or nothing.
func (v Viewed) Usable() error {
	switch {
	case !v.Ended:
		return wrong("the viewing %d goes on: end it first, so that the diary says what was shown", v.Entry)
	case v.Lost:
		return wrong("what was seen in the viewing %d can't be read in the diary any more: show the footage once more", v.Entry)
	case len(v.Saw) == 0:
		return wrong("nothing that was asked for was seen in the viewing %d", v.Entry)
	}
	return nil
}

// departure is a viewing as what left by it. While it goes on, or where nobody knows, that is what its leases let out.
func (v Viewed) departure(q Request) Departure {
	d := Departure{Left{Delivery: v.Entry, At: v.At}, v.Saw}
	if !v.Ended || v.Lost {
		d.Footage = union(v.Saw, q.overlap(v.leased))
	}
	return d
}

// Viewings are those that a person opened to show footage for a request, the last first. Nothing of others is told. The error is
// [people.ErrLocked] while the diary is.
func (r *Register) Viewings(ctx context.Context, s people.Session, q Request) ([]Viewed, error) {
	opener, err := r.opener()
	if err != nil {
		return nil, err
	}
	list, _, err := r.showings(ctx, opener, q)
	list = slices.DeleteFunc(list, func(v Viewed) bool { return v.person != s.Person.ID })
	slices.Reverse(list)
	return list, err
}

// opener opens entries of the diary, if anybody can.
func (r *Register) opener() (Opener, error) {
	if r.Opener == nil {
		return nil, people.ErrLocked
	}
	return r.Opener()
}

// Lately is a request with what was shown of it by viewings so far, which no step has entered yet. While the diary is locked, all
// that it asks for counts as shown by each viewing that may have been for that.
func (r *Register) Lately(ctx context.Context, q Request) (Request, error) {
	if !q.Showing() || q.looked != 0 {
		return q, nil
	}
	opener, err := r.opener()
	if errors.Is(err, people.ErrLocked) {
		opener, err = nil, nil
	}
	var list []Viewed
	if err == nil {
		list, q.looked, err = r.showings(ctx, opener, q)
	}
	if err != nil {
		return q, err
	}
	var left []Departure
	for _, v := range list {
		if v.gave {
			left = append(left, v.departure(q))
		}
	}
	q.leaves(left)
	return q, nil
}

// showings are the viewings of all persons by which footage of a request was shown, in order, and the last entry that was looked at.
// Without an opener those that began since it was approved count.
func (r *Register) showings(ctx context.Context, opener Opener, q Request) (list []Viewed, last int64, err error) {
	entries, err := r.Diary.EntriesOf(ctx, opViewStart, opViewMore, opViewEnd)
	if err != nil {
		return nil, 0, err
	}
	l := viewings{ctx, opener, q, 0, map[int64]*Viewed{}}
	if opener == nil {
		if l.since, err = r.approved(ctx, q); err != nil {
			return nil, 0, err
		}
	}
	last = q.Entry
	for _, e := range entries {
		if e.Index <= q.Entry {
			continue
		}
		if err := l.add(e); err != nil {
			return nil, 0, err
		}
		last = e.Index
	}
	for _, v := range l.found {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b Viewed) int { return cmp.Compare(a.Entry, b.Entry) })
	return list, last, nil
}

// approved is the entry by which a request was approved the last time.
func (r *Register) approved(ctx context.Context, q Request) (entry int64, err error) {
	course, err := r.Course(ctx, q.ID)
	for _, d := range course {
		if d.Op == opApprove {
			entry = d.Entry
		}
	}
	return entry, err
}

// viewings collects those for a request.
type viewings struct {
	ctx    context.Context
	opener Opener // nil: the diary is locked
	of     Request
	since  int64 // while it is locked: the entry since which a viewing counts
	found  map[int64]*Viewed
}

// add takes an entry in that belongs to one of them.
func (l *viewings) add(e diary.Stored) error {
	if e.Op == opViewStart {
		if e.Ref == nil || *e.Ref != l.of.Entry {
			return nil
		}
		return l.begin(e)
	}
	if e.Ref == nil || l.found[*e.Ref] == nil {
		return nil
	}
	v := l.found[*e.Ref]
	v.Ended = v.Ended || e.Op == opViewEnd
	if l.opener == nil {
		return nil
	}
	b, err := open(l.ctx, l.opener, e.Index)
	switch {
	case diary.Unreadable(err):
		v.Lost = true
	case err != nil:
		return err
	case e.Op == opViewMore:
		v.leased = append(v.leased, b.Objects...)
	default:
		if b.Result == interrupted {
			b.Objects = v.leased
		}
		v.Lost = v.Lost && b.Result == interrupted
		v.Saw, v.gave = l.of.overlap(b.Objects), v.Lost || len(b.Objects) > 0
	}
	return nil
}

// begin takes in the entry with which a viewing begins. If that can't be opened any more, nobody knows for what it was, so it
// doesn't count.
func (l *viewings) begin(e diary.Stored) error {
	v := &Viewed{Entry: e.Index, At: e.Time, gave: true}
	if l.opener == nil {
		if e.Index > l.since {
			v.Saw, l.found[e.Index] = l.of.Wanted, v
		}
		return nil
	}
	b, err := open(l.ctx, l.opener, e.Index)
	if diary.Unreadable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if b.Actor != nil && b.Data["showing"] == "yes" {
		v.person, v.leased, l.found[e.Index] = b.Actor.ID, b.Objects, v
	}
	return nil
}

// overlap is what a request asks for of some footage: by camera and time, joined where stretches touch.
func (q Request) overlap(list []proof.Object) (out []Wanted) {
	for _, w := range q.Wanted {
		for _, o := range list {
			one := Wanted{o.Camera, latest(w.From, o.From), earliest(w.To, o.To)}
			if (w.Camera == "" || w.Camera == o.Camera) && one.To.After(one.From) {
				out = append(out, one)
			}
		}
	}
	return merged(out)
}

// merged is footage by camera and time, joined where stretches touch.
func merged(list []Wanted) []Wanted {
	slices.SortFunc(list, func(a, b Wanted) int { return cmp.Or(cmp.Compare(a.Camera, b.Camera), a.From.Compare(b.From)) })
	joined := list[:0]
	for _, w := range list {
		if last := len(joined) - 1; last >= 0 && joined[last].Camera == w.Camera && !w.From.After(joined[last].To) {
			joined[last].To = latest(joined[last].To, w.To)
			continue
		}
		joined = append(joined, w)
	}
	return joined
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// shownIn is what a viewing delivered of the footage that a person says he showed by it; where he says none, of all that was asked
// for. It has to be a viewing of his own for the request, that has ended, and of each stretch something was seen.
func (r *Register) shownIn(ctx context.Context, s people.Session, q Request, entry int64, said []Wanted) ([]Wanted, error) {
	list, err := r.Viewings(ctx, s, q)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(v Viewed) bool { return v.Entry == entry })
	if at < 0 {
		return nil, wrong("entry %d is no viewing of yours that was opened to show footage for this request: open one for it", entry)
	}
	v := list[at]
	if err := v.Usable(); err != nil {
		return nil, err
	}
	if len(said) == 0 {
		return v.Saw, nil
	}
	if err := q.within(said, 0, 0); err != nil {
		return nil, err
	}
	seen := make([]proof.Object, len(v.Saw))
	for i, w := range v.Saw {
		seen[i] = proof.Object{Camera: w.Camera, From: w.From, To: w.To}
	}
	for _, w := range said {
		if len(Request{Wanted: []Wanted{w}}.overlap(seen)) == 0 {
			return nil, wrong("in the viewing %d nothing was seen of %s from %s to %s", entry, w.name(), w.From.In(r.Zone).Format(time.DateTime), w.To.In(r.Zone).Format(time.DateTime))
		}
	}
	return Request{Wanted: said}.overlap(seen), nil
}
