package accesslog

import (
	"context"
	"errors"
	"maps"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
)

// A flood of refusals: the first of a kind is entered at once, those that follow are counted and entered together. What
// is on top of the kinds that are told apart is told by person and reason alone, as is every camera that there is no
// footage of: names can be made up without end, and must hide no camera that there is.
const (
	refusedEvery  = 10 * time.Minute
	kindsOfPerson = 32
	mostRefusals  = 1024
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
	k := refusal{actor.ID, x.camera, word, w.v.ground}
	if !d.recorded(x.camera) {
		k.camera = ""
	}
	if !d.count(k, b) {
		return err
	}
	e.Body.Data = maps.Clone(b.Data) // what is counted names no one request
	w.v.answers.name(&e.Body)
	return errors.Join(err, d.enterLater(ctx, e))
}

// count counts a refusal, and tells whether it is to be entered at once.
func (d *Door) count(k refusal, b proof.Body) bool {
	now := d.o.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refusals[k] == nil && d.crowded(k.person) {
		k.camera = ""
	}
	if k.camera == "" {
		b.Objects = nil
	}
	b.Note = "" // of many there is no one remark
	r := d.refusals[k]
	if r == nil {
		d.refusals[k] = &refused{entered: now, body: b}
		return true
	}
	r.more++
	r.body = b
	return false
}

// crowded tells whether no more kinds of a person's are told apart. The caller holds mu.
func (d *Door) crowded(person string) bool {
	kinds := 0
	for k := range d.refusals {
		if k.person == person {
			kinds++
		}
	}
	return kinds >= kindsOfPerson || len(d.refusals) >= mostRefusals
}

// recorded tells whether there is, or was, any footage of a camera.
func (d *Door) recorded(camera string) bool {
	for _, stream := range []string{"main", "sub"} {
		if _, err := d.o.Index.Last(camera, stream); !errors.Is(err, footage.ErrUnknown) {
			return true
		}
	}
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
