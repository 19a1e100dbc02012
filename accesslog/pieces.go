package accesslog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// MaxPieces is the longest time of which the pieces are told at once: some 40,000 of them.
const MaxPieces = 6 * time.Hour

// Pieces tells what there is of a stream from a moment until before another, at most [MaxPieces]. It opens no
// footage and takes no lease. What may not be seen, or is not here any more, is left out and named. The errors are
// [ErrSpan], [ErrEnded], [ErrSession], [ErrDiary] and those of an authorisation that does not cover the camera.
func (w *Viewing) Pieces(ctx context.Context, camera, stream string, from, to time.Time) (t Timeline, err error) {
	d := w.v.door
	err = cmp.Or(checkStream(camera, stream), checkSpan(from, to, d.o.Now()))
	if err == nil && to.Sub(from) > MaxPieces {
		err = fmt.Errorf("%w: it is longer than %d hours", ErrSpan, MaxPieces/time.Hour)
	}
	if err != nil {
		return t, err
	}
	x := wish{camera: camera, stream: stream, span: span{from.UTC(), to.UTC()}}
	g, err := w.sees(ctx, camera, stream)
	if err != nil {
		return t, w.stop(ctx, x, err)
	}
	w.v.touch(d.o.Now())
	t = Timeline{Camera: camera, Stream: stream, From: x.from, To: x.to}
	seen, why := w.reach(g.session, x)
	t.hide(seen, why)
	if x.span = seen; !x.empty() {
		err = t.look(ctx, w, g.session, x)
	}
	if why != nil {
		t.Gaps = within(t.Gaps, seen)
	}
	t.From, t.To = from.UTC(), to.UTC()
	return t, err
}

// look lists what there is of a span that the person's authorisations reach.
func (t *Timeline) look(ctx context.Context, w *Viewing, s people.Session, x wish) error {
	d := w.v.door
	segments, gaps, err := d.o.Index.Span(x.camera, x.stream, x.from, x.to)
	if err != nil {
		return err
	}
	t.Gaps = gaps
	in, past, err := w.sift(ctx, segments)
	if err != nil {
		return err
	}
	for _, h := range x.without(in, past) {
		t.Withheld = t.withhold(t.Withheld, span{h.From, h.To}, h.Why)
	}
	pieces := t.list(d, x.span, in)
	if len(pieces) > 0 && pieces[0].Start.Before(x.from) {
		x.from = pieces[0].Start
	}
	j, err := w.judge(ctx, s, x, pieces)
	if err != nil {
		return err
	}
	t.choose(pieces, j)
	t.Runs = runs(t.Pieces, segments)
	t.empty(segments, d.o.Now())
	byTime(t.Withheld)
	return nil
}

// reach is the part of a span that a look-back or the live picture reaches, and what the rest lacks. It is all, and lacks nothing, where one
// authorisation lets the person see all from where he sits. It goes by times alone: whether there is footage beyond it is not said.
func (w *Viewing) reach(s people.Session, x wish) (span, error) {
	now := w.v.door.o.Now()
	want := people.Want{Action: people.Play, Camera: x.camera, At: now, Since: time.Unix(0, 0), Outside: !w.v.door.inside(w.from)}
	_, lacks := s.Find(want)
	if lacks == nil {
		return x.span, nil
	}
	begin := x.to
	for _, a := range s.Authorisations {
		want.Since = now.Add(-a.Back)
		if _, err := s.Find(want); err == nil {
			begin = earlier(begin, want.Since)
		}
	}
	want.Action, want.Since = people.Live, time.Time{} // which asks for no look-back
	if _, err := s.Find(want); err == nil {
		begin = earlier(begin, now.Add(-Fresh))
	}
	return x.within(span{begin.UTC(), now.Add(ahead).UTC()}), lacks
}

// hide names as one what a look-back does not reach; without a reason there is nothing of that.
func (t *Timeline) hide(seen span, why error) {
	if why == nil {
		return
	}
	if seen.empty() {
		seen = span{t.To, t.To}
	}
	if seen.from.After(t.From) {
		t.Withheld = []Withheld{{t.From, seen.from, why}}
	}
	t.From, t.To = seen.from, seen.to
}

// within are gaps of a span, none of which begins before it.
func within(gaps []footage.Gap, x span) []footage.Gap {
	for i := range gaps {
		if g := &gaps[i]; g.From.Before(x.from) {
			g.From = x.from
		}
	}
	return gaps
}

// list is every piece of a span, and those before it back to a key frame, by start. What cannot be read is withheld.
func (t *Timeline) list(d *Door, x span, segments []footage.Segment) (list []Piece) {
	lead := leader{from: x.from}
	lead.find(segments, d.o.Keys.k.Entries)
	for _, s := range segments {
		entries, err := d.o.Keys.k.Entries(s)
		if !s.Sealed && errors.Is(err, segment.ErrNoHeader) { // it is just being begun
			continue
		}
		if err != nil {
			t.Withheld = t.withhold(t.Withheld, whole(s), err)
			continue
		}
		begin := lead.begins(s, entries)
		for n := 1; n < len(entries); n++ {
			if p := pieceOf(s, n, entries[n]); begin.asks(p, x) {
				list = append(list, p)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Piece) int { return a.Start.Compare(b.Start) })
	return list
}

// judge tells why a person may not see a piece, or nil.
type judge func(Piece) error

// judge looks up what is needed for that once for all pieces of a span.
func (w *Viewing) judge(ctx context.Context, s people.Session, x wish, pieces []Piece) (judge, error) {
	now := w.v.door.o.Now()
	var lists [kinds][]Withheld
	var known [kinds]bool
	for i := range pieces {
		n := kindOf(&pieces[i], now)
		if known[n] {
			continue
		}
		x.live, x.sound = n&kindLive != 0, n&kindSound != 0
		list, _, err := w.withheld(ctx, s, x)
		if err != nil {
			return nil, err
		}
		lists[n], known[n] = list, true
	}
	outside := !w.v.door.inside(w.from)
	return func(p Piece) error {
		n := kindOf(&p, now)
		want := people.Want{Action: people.Play, Camera: p.Camera, At: now, Since: since(p.Start, now), Outside: outside}
		if n&kindLive != 0 {
			want.Action, want.Since = people.Live, time.Time{}
		}
		if _, err := s.Find(want); err != nil {
			return err
		}
		return why(p.span(), lists[n])
	}, nil
}

// What the notice is asked about of a piece, as numbers: there are thousands of pieces.
const (
	kindLive, kindSound = 1, 2
	kinds               = 4
)

func kindOf(p *Piece, now time.Time) (n int) {
	if p.live(now) {
		n = kindLive
	}
	if p.Kind == segment.Audio {
		n |= kindSound
	}
	return n
}
