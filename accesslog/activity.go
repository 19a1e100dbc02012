package accesslog

import (
	"context"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// activityBlock is what one entry about the course of footage names at least. Whoever looks at a day moves to and fro in it.
const activityBlock = time.Hour

// Activity enters, before anybody gets the sizes of what a timeline lists, that they are looked at: they tell when
// something moved before a camera, though nothing is opened. One entry names whole hours, and each hour of a stream
// once in a viewing. The errors are those of [Viewing.Pieces].
func (w *Viewing) Activity(ctx context.Context, t Timeline) error {
	d := w.v.door
	x := wish{camera: t.Camera, stream: t.Stream, span: t.activity(d.o.Now())}
	if len(t.Pieces) == 0 || w.v.watched(x) {
		return nil
	}
	g, err := w.sees(ctx, x.camera, x.stream)
	if err != nil {
		return w.stop(ctx, x, err)
	}
	began, err := w.v.open()
	if err != nil {
		return err
	}
	actor := g.session.As(g.by)
	if w.from.IsValid() {
		actor.Address = w.from.Unmap().WithZone("").String()
	}
	e := diary.Entry{Op: opActivity, Ref: &began, Body: proof.Body{Actor: &actor, Objects: []proof.Object{x.object()},
		Data: map[string]any{"viewing": w.v.id, "stream": x.stream, "purpose": w.v.purpose}}}
	w.v.answers.name(&e.Body)
	if _, err := d.enter(ctx, e); err != nil {
		return err
	}
	w.v.watch(x)
	return nil
}

// activity is the time whose activity the timeline tells: no piece lies outside of it, also not where the clock was put back.
func (t *Timeline) activity(now time.Time) span {
	x := span{t.From.Truncate(activityBlock), t.To.Add(activityBlock - 1).Truncate(activityBlock)}
	if x.to.After(now) {
		x.to = now.Truncate(time.Second).Add(time.Second) // the hour that goes on is entered anew as it grows
	}
	for i := range t.Pieces {
		x = x.hull(t.Pieces[i].span())
	}
	return x
}

// watched tells whether an entry names a stream's activity in a span.
func (v *viewing) watched(x wish) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.activity[x.strip()].missing(x.span).empty()
}

// watch notes that an entry does.
func (v *viewing) watch(x wish) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.activity == nil {
		v.activity = map[strip]set{}
	}
	v.activity[x.strip()] = v.activity[x.strip()].add(x.span, 0)
}
