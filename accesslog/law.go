package accesslog

import (
	"context"
	"errors"
	"slices"
	"time"

	"varuh/accesslog/notice"
	"varuh/accesslog/people"
)

// wish is footage that somebody wants to see.
type wish struct {
	camera, stream string
	span
	live  bool // it is younger than Fresh, or yet to be recorded
	sound bool // it is sound; all else is asked as of the picture beside it
}

// who finds the authorisation under which the person may see footage now, from where he sits.
func (w Viewing) who(ctx context.Context, x wish) (people.Session, people.Authorisation, error) {
	d, now := w.v.door, w.v.door.o.Now()
	s, err := w.v.person(ctx)
	if err != nil {
		return s, people.Authorisation{}, err
	}
	want := people.Want{Action: people.Play, Camera: x.camera, At: now, Since: since(x.from, now), Outside: !d.inside(w.from)}
	if x.live {
		want.Action, want.Since = people.Live, time.Time{}
	}
	switch {
	case w.v.aim != nil:
		return w.v.aim.who(ctx, d, s, want)
	case w.v.export:
		want.Action, want.Since = people.Extract, time.Time{}
	case w.v.answers != nil:
		if want.Outside && w.v.answers.shows {
			return s, people.Authorisation{}, ErrPremises
		}
		if _, err := s.Find(people.Want{Action: w.v.answers.action(), Camera: x.camera, At: now, Outside: want.Outside}); err != nil {
			return s, people.Authorisation{}, err
		}
	}
	a, err := s.Find(want)
	return s, a, err
}

// live tells whether a piece is seen live: it is younger than [Fresh]. What lies ahead of the clock is not; the clock
// was put back since.
func (d *Door) live(p Piece) bool { return p.live(d.o.Now()) }

func (p Piece) live(now time.Time) bool {
	return now.Sub(p.End()) < Fresh && !p.Start.After(now.Add(ahead))
}

// since is from when on footage is as far as a look-back goes. How old it is that lies ahead of the clock nobody knows,
// so it counts as older than any.
func since(from, now time.Time) time.Time {
	if from.After(now.Add(ahead)) {
		return time.Unix(0, 0)
	}
	return from
}

// restricted is what of the footage the person may not see because its processing is restricted, by time.
func (w Viewing) restricted(ctx context.Context, s people.Session, x wish) (list []Withheld, err error) {
	all, err := w.v.door.o.Restrictions.Restrictions(ctx)
	if err != nil {
		return nil, err
	}
	now := w.v.door.o.Now()
	for _, r := range all {
		part := span{r.From, r.To}.within(x.span)
		if r.Camera != "" && r.Camera != x.camera || !r.Until.IsZero() && !r.Until.After(now) || part.empty() {
			continue
		}
		list = append(list, Withheld{part.from, part.to, ErrRestricted})
	}
	byTime(list)
	if len(list) == 0 || w.v.ground == "" {
		return list, nil
	}
	_, err = s.Find(people.Want{Action: people.Restricted, Camera: x.camera, At: now, Outside: !w.v.door.inside(w.from)})
	if err == nil {
		return nil, nil
	}
	for i := range list {
		list[i].Why = errors.Join(ErrRestricted, err)
	}
	return list, nil
}

// basis is a purpose, and the spans with the notices for which it was lawful, by time.
type basis struct {
	notice.Purpose
	spans []notice.Span
}

// add takes a span in, of whose purposes it is one. It is worded as in the first of them.
func (b *basis) add(s notice.Span, purpose int) {
	if b.ID == "" {
		b.Purpose = s.Purposes[purpose]
	}
	b.spans = append(b.spans, s)
}

// join takes in the spans of another.
func (b *basis) join(o basis) {
	if b.ID == "" {
		b.Purpose = o.Purpose
	}
	b.spans = append(b.spans, o.spans...)
}

// notices are the ids of those in force when some footage was captured. It tells whether any was entered later than
// it began, so that nothing but somebody's word says that its sign hung then.
func (b basis) notices(x span) (ids []string, later bool) {
	for _, s := range b.spans {
		if s.Notice == nil || !x.overlaps(span{s.From, s.To}) {
			continue
		}
		if later = later || s.Notice.EnteredLater; !slices.Contains(ids, s.Notice.ID) {
			ids = append(ids, s.Notice.ID)
		}
	}
	return ids, later
}

// unlawful is what of the footage the purpose was not lawful for, what the notice does not let anybody watch live, and
// sound that it does not allow; where it is for a request, what that does not ask for; and the purpose as it was worded
// then. The list is by time.
func (w Viewing) unlawful(ctx context.Context, x wish) (list []Withheld, purpose basis, err error) {
	if list, err = w.unasked(ctx, x); err != nil {
		return nil, purpose, err
	}
	spans, err := w.v.door.o.Notices.Spans(ctx, x.camera, x.from, x.to)
	if err != nil {
		return nil, purpose, err
	}
	for _, s := range spans {
		i := slices.IndexFunc(s.Purposes, func(p notice.Purpose) bool { return p.ID == w.v.purpose })
		switch {
		case w.v.aim != nil:
		case i < 0:
			list = append(list, Withheld{s.From, s.To, ErrPurpose})
		case x.live && (s.Notice == nil || !s.Notice.AllowsLive()):
			list = append(list, Withheld{s.From, s.To, ErrLive})
		case x.sound && (s.Notice == nil || !s.Notice.AllowsAudio()):
			list = append(list, Withheld{s.From, s.To, ErrSound})
		default:
			purpose.add(s, i)
		}
	}
	byTime(list)
	return list, purpose, nil
}

// withheld is all of the footage that may not be seen, with the reasons, by time.
func (w Viewing) withheld(ctx context.Context, s people.Session, x wish) ([]Withheld, basis, error) {
	unlawful, purpose, err := w.unlawful(ctx, x)
	if err != nil {
		return nil, purpose, err
	}
	held, err := w.back(ctx, s, x)
	list := append(unlawful, held...)
	byTime(list)
	return list, purpose, err
}

// back is what of the footage is kept back whatever the purpose: it is past its term, or restricted. The list is by time.
func (w Viewing) back(ctx context.Context, s people.Session, x wish) ([]Withheld, error) {
	restricted, err := w.restricted(ctx, s, x)
	if err != nil {
		return nil, err
	}
	outlived, err := w.outlived(ctx, x)
	list := append(restricted, outlived...)
	byTime(list)
	return list, err
}

func byTime(list []Withheld) {
	slices.SortStableFunc(list, func(a, b Withheld) int { return a.From.Compare(b.From) })
}

// free is the first part of a span that is not withheld, empty if all is. The list is by time.
func free(x span, list []Withheld) span {
	for _, h := range list {
		if h.From.After(x.from) {
			return x.within(span{x.from, h.From})
		}
		if h.To.After(x.from) {
			x.from = h.To
		}
	}
	return x
}

// why is the first reason for which something of a span is withheld, or nil.
func why(x span, list []Withheld) error {
	for _, h := range list {
		if x.overlaps(span{h.From, h.To}) {
			return h.Why
		}
	}
	return nil
}
