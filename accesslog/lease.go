package accesslog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// The operations.
const (
	opStart    = "view.start"
	opMore     = "view.more"
	opEnd      = "view.end"
	opActivity = "view.activity"
	opRefused  = "view.refused"
	opAim      = "view.aim"
	opExport   = "export"
	opTaken    = "export.end"
	opApprove  = "request.approve"
	opOrder    = "package.order"
	opLock     = "lock"
)

// start enters the viewing with its first lease.
func (w Viewing) start(ctx context.Context, g grant) error {
	v := w.v
	e := diary.Entry{Op: v.op(), Body: w.body(g)}
	e.Body.Note = v.remark
	if v.aim != nil {
		v.aim.tell(&e.Body)
	}
	return v.enterBeginning(ctx, e, g.wish)
}

// enterBeginning enters what begins a viewing, with all that it leases.
func (v *viewing) enterBeginning(ctx context.Context, e diary.Entry, leased ...wish) error {
	if v.answers != nil {
		e.Ref = &v.answers.entry
	}
	r, err := v.door.enter(ctx, e)
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.began = r.Index
	for _, x := range leased {
		add(v.leased, x)
	}
	ended := v.ended
	v.mu.Unlock()
	if ended {
		return errors.Join(ErrEnded, v.enterEnd(ctx, CutOff, ""))
	}
	return nil
}

// lease sees to it that durable leases cover all of a wish. It adds none for a part of it. Once the diary has refused
// an entry, the next piece takes a lease anew, covered or not: whoever has one is not better off than who needs one.
func (w Viewing) lease(ctx context.Context, g grant) error {
	v := w.v
	if v.covered(g.wish) {
		return nil
	}
	select {
	case v.leasing <- struct{}{}:
		defer func() { <-v.leasing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		lacks := v.missing(g.wish)
		if lacks.empty() && !v.door.isDown() {
			return nil
		}
		if lacks.empty() {
			lacks = g.span
		}
		if err := w.more(ctx, g, lacks); err != nil {
			return err
		}
	}
}

// more enters a further lease.
func (w Viewing) more(ctx context.Context, g grant, lacks span) error {
	v := w.v
	next, err := w.next(ctx, g, lacks)
	if err != nil {
		return err
	}
	began, err := v.open()
	if err != nil {
		return err
	}
	if _, err := v.door.enter(ctx, diary.Entry{Op: opMore, Ref: &began, Body: w.body(next)}); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	add(v.leased, next.wish)
	return nil
}

// next is the lease that begins where footage lacks one. All that lacks has to be lawful, so that nothing is entered
// for a piece that is then refused.
func (w Viewing) next(ctx context.Context, g grant, lacks span) (grant, error) {
	if w.v.export { // it has all of its leases from its entry on
		return g, fmt.Errorf("%w: the export ends with it", ErrDiary)
	}
	if w.v.aim != nil { // it has one lease of all its time, and needs another where that counts no more
		if g.span = lacks; w.v.door.isDown() {
			return g, nil
		}
		return g, ErrEnded
	}
	ahead := g
	ahead.to = lacks.from.Add(Lease)
	if ahead.from = lacks.from; lacks.to.After(ahead.to) {
		ahead.to = lacks.to
	}
	list, purpose, err := w.withheld(ctx, g.session, ahead.wish)
	if err == nil {
		err = why(lacks, list)
	}
	if err != nil {
		return g, err
	}
	ahead.purpose, ahead.span = purpose, free(ahead.span, list).cut(Lease)
	if fresh := w.v.missing(ahead.wish); fresh.from.Equal(ahead.from) && !fresh.empty() {
		ahead.span = fresh
	}
	return ahead, nil
}

// body says of a lease who takes it and why, and under which notice: whoever reads it sees whether that was entered
// once the footage was there.
func (w Viewing) body(g grant) proof.Body {
	actor := g.session.As(g.by)
	if w.from.IsValid() {
		actor.Address = w.from.Unmap().WithZone("").String()
	}
	b := proof.Body{Actor: &actor, Purpose: g.purpose.Sl, Basis: g.purpose.Basis, Objects: []proof.Object{g.object()},
		Data: map[string]any{"viewing": w.v.id, "stream": g.stream}}
	signs, later := g.purpose.notices(g.span)
	for name, value := range map[string]string{"purpose": g.purpose.ID, "ground": string(w.v.ground), "notice": strings.Join(signs, " ")} {
		if value != "" {
			b.Data[name] = value
		}
	}
	for name, is := range map[string]bool{"live": g.live, "entered_later": later} {
		if is {
			b.Data[name] = "yes"
		}
	}
	if w.v.answers != nil {
		w.v.answers.tell(&b)
	}
	return b
}

func (x wish) object() proof.Object { return proof.Object{Camera: x.camera, From: x.from, To: x.to} }
