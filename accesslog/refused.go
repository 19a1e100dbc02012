package accesslog

import (
	"context"
	"errors"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// A flood of refusals: the first of a kind is entered at once, those that follow are counted and entered together.
const (
	refusedEvery = 10 * time.Minute
	mostRefusals = 256 // kinds that are told apart; what comes on top is told by person and reason alone
)

// refusal is a kind of refusal.
type refusal struct {
	person, camera, reason string
	ground                 Ground
}

// refused is what is known of a kind.
type refused struct {
	entered time.Time // when one was
	more    int64     // since then
	body    proof.Body
}

// refuse enters a refusal, and returns its error. Other errors it returns as they are.
func (d *Door) refuse(ctx context.Context, w Viewing, x wish, err error) error {
	word := reason(err)
	if word == "" {
		return err
	}
	actor := w.v.session.Actor()
	if w.from.IsValid() {
		actor.Address = w.from.Unmap().WithZone("").String()
	}
	b := proof.Body{Actor: &actor, Objects: []proof.Object{x.object()}, Result: word, Note: w.v.remark,
		Data: map[string]any{"purpose": w.v.purpose, "stream": x.stream}}
	if w.v.ground != "" {
		b.Data["ground"] = string(w.v.ground)
	}
	e := diary.Entry{Op: opRefused, Body: b}
	if began, gone := w.v.open(); gone == nil {
		e.Ref = &began
	}
	if !d.count(refusal{actor.ID, x.camera, word, w.v.ground}, b) {
		return err
	}
	return errors.Join(err, d.enterLater(ctx, e))
}

// count counts a refusal, and tells whether it is to be entered at once.
func (d *Door) count(k refusal, b proof.Body) bool {
	now := d.o.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refusals[k] == nil && len(d.refusals) >= mostRefusals {
		k.camera = ""
		b.Objects = nil
	}
	r := d.refusals[k]
	if r == nil {
		d.refusals[k] = &refused{entered: now, body: b}
		return true
	}
	r.more++
	r.body = b
	return false
}

// tell enters refusals that were only counted, if it is time, or all.
func (d *Door) tell(ctx context.Context, all bool) (err error) {
	now := d.o.Now()
	var due []refused
	d.mu.Lock()
	for k, r := range d.refusals {
		if !all && now.Sub(r.entered) < refusedEvery {
			continue
		}
		if r.more == 0 {
			delete(d.refusals, k)
			continue
		}
		due = append(due, *r)
		r.entered, r.more = now, 0
	}
	d.mu.Unlock()
	for _, r := range due {
		r.body.Data["times"] = r.more
		err = errors.Join(err, d.enterLater(ctx, diary.Entry{Op: opRefused, Body: r.body}))
	}
	return err
}
