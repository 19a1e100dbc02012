package disclosure

import (
	"cmp"
	"context"
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
}

// Usable says why footage can't have been shown by a viewing, or nothing.
func (v Viewed) Usable() error {
	switch {
	case !v.Ended:
		return wrong("the viewing %d goes on: end it first, so that the diary says what was shown", v.Entry)
	case len(v.Saw) == 0:
		return wrong("nothing that was asked for was seen in the viewing %d", v.Entry)
	}
	return nil
}

// Viewings are those that a person opened to show footage for a request, the last first. The entries of his own viewings are
// opened for it; nothing of others is told. The error is [people.ErrLocked] while the diary is.
func (r *Register) Viewings(ctx context.Context, s people.Session, q Request) ([]Viewed, error) {
	entries, err := r.Diary.EntriesOf(ctx, opViewStart, opViewMore, opViewEnd)
	if err != nil {
		return nil, err
	}
	opener, err := r.Opener()
	if err != nil {
		return nil, err
	}
	l := viewings{ctx, opener, s.Person.ID, q, map[int64]*Viewed{}, map[int64][]proof.Object{}}
	for _, e := range entries {
		if e.Index <= q.Entry {
			continue
		}
		if err := l.add(e); err != nil {
			return nil, err
		}
	}
	list := make([]Viewed, 0, len(l.found))
	for _, v := range l.found {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b Viewed) int { return cmp.Compare(b.Entry, a.Entry) })
	return list, nil
}

// viewings collects those of a person for a request.
type viewings struct {
	ctx    context.Context
	opener Opener
	person string
	of     Request
	found  map[int64]*Viewed
	leased map[int64][]proof.Object
}

// add takes an entry in that belongs to one of them. One that can't be opened any more is not taken for one.
func (l *viewings) add(e diary.Stored) error {
	began := e.Index
	if e.Op != opViewStart && e.Ref != nil {
		began = *e.Ref
	}
	v := l.found[began]
	if e.Op == opViewStart && (e.Ref == nil || *e.Ref != l.of.Entry) || e.Op != opViewStart && v == nil {
		return nil
	}
	b, err := open(l.ctx, l.opener, e.Index)
	if diary.Unreadable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case e.Op == opViewEnd:
		if v.Ended = true; b.Result == interrupted {
			b.Objects = l.leased[began]
		}
		v.Saw = l.of.part(b.Objects)
	case e.Op == opViewMore:
		l.leased[began] = append(l.leased[began], b.Objects...)
	case b.Actor != nil && b.Actor.ID == l.person && b.Data["showing"] == "yes":
		l.found[began], l.leased[began] = &Viewed{Entry: e.Index, At: e.Time}, b.Objects
	}
	return nil
}

// part is what a request asks for of some footage: by camera and time, joined where stretches touch.
func (q Request) part(list []proof.Object) (out []Wanted) {
	for _, w := range q.Wanted {
		for _, o := range list {
			one := Wanted{o.Camera, latest(w.From, o.From), earliest(w.To, o.To)}
			if (w.Camera == "" || w.Camera == o.Camera) && one.To.After(one.From) {
				out = append(out, one)
			}
		}
	}
	slices.SortFunc(out, func(a, b Wanted) int { return cmp.Or(cmp.Compare(a.Camera, b.Camera), a.From.Compare(b.From)) })
	joined := out[:0]
	for _, w := range out {
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

// saw is what a viewing delivered of the footage that a person says he showed by it; where he says none, of all that was asked
// for. It has to be a viewing of his own for the request, that has ended, and of each stretch something was seen.
func (r *Register) saw(ctx context.Context, s people.Session, q Request, entry int64, said []Wanted) ([]Wanted, error) {
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
	if err := q.within(said); err != nil {
		return nil, err
	}
	seen := make([]proof.Object, len(v.Saw))
	for i, w := range v.Saw {
		seen[i] = proof.Object{Camera: w.Camera, From: w.From, To: w.To}
	}
	for _, w := range said {
		if len(Request{Wanted: []Wanted{w}}.part(seen)) == 0 {
			return nil, wrong("in the viewing %d nothing was seen of %s from %s to %s", entry, w.name(), w.From.In(r.Zone).Format(time.DateTime), w.To.In(r.Zone).Format(time.DateTime))
		}
	}
	return Request{Wanted: said}.part(seen), nil
}
