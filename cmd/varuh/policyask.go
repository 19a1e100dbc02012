package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/retention"
)

// policyOrder confirms the pending change of a camera.
type policyOrder struct {
	who
	Camera string
	Reason string
}

// policiesAnswer is what is decided about footage, and what waits.
type policiesAnswer struct {
	Policies retention.Policies `json:"policies"`
	Pending  []pending          `json:"pending"`
	Present  retention.Present  `json:"present"`
}

// pending is a change that waits, with the footage that would go by it once the notice is over.
type pending struct {
	retention.Change
	Segments int       `json:"segments"`
	Bytes    int64     `json:"bytes"`
	From     time.Time `json:"from,omitzero"` // first frame of the oldest
	To       time.Time `json:"to,omitzero"`   // last record of the newest
}

// decision is what a confirmation came to.
type decision struct {
	Camera string           `json:"camera"`
	New    retention.Policy `json:"new"`
	Begins time.Time        `json:"begins"`
}

var (
	askPolicies      = asking[struct{}, policiesAnswer]{"/policy/show", "", false, (*eraser).policies}
	askConfirmPolicy = asking[policyOrder, decision]{"/policy/confirm", opPolicyConfirm, true, (*eraser).confirmPolicy}
)

// policies compares what is decided with the configuration, and changes nothing.
func (e *eraser) policies(ctx context.Context, _ struct{}) (policiesAnswer, error) {
	return e.policiesFor(ctx, e.time.latest().Add(retention.Notice), e.settled())
}

// policiesFor is policies for changes that would be in force from a moment on, and footage that is told of.
func (e *eraser) policiesFor(ctx context.Context, from time.Time, all retention.Segments) (a policiesAnswer, err error) {
	a.Present = e.time.observe()
	s, err := e.situation(ctx, a.Present)
	if err != nil {
		return a, err
	}
	asked, err := e.asked()
	if err != nil {
		return a, err
	}
	next, waits := s.Policies, []retention.Change(nil)
	if d, err := e.trusted(); err == nil { // what the diary lost of terms counts beside what is decided
		if next, err = readPolicies(ctx, d); err != nil {
			return a, err
		}
	}
	next, waits = next.Review(asked, a.Present, e.time.boot.Now())
	next = next.Shorter(e.kept.shorter())
	a.Policies = next
	for _, c := range waits {
		p, err := wouldTake(s, next, c, from, all)
		if err != nil {
			return a, err
		}
		a.Pending = append(a.Pending, p)
	}
	return a, nil
}

// wouldTake looks up what would go by a change, were it in force from a moment on.
func wouldTake(s retention.Situation, decided retention.Policies, c retention.Change, from time.Time, all retention.Segments) (p pending, err error) {
	p.Change, from = c, from.UTC()
	s.Policies = maps.Clone(decided)
	s.Policies[c.Camera] = append(slices.Clone(decided[c.Camera]), retention.Version{Policy: c.New, From: from})
	s.Present, s.Lead = retention.Present{Certain: from.Add(time.Second)}, 0
	list, err := retention.Plan(s, all)
	for _, x := range list {
		if x.Segment.Camera != c.Camera || x.Reason != retention.ByPolicy {
			continue
		}
		p.Segments++
		p.Bytes += x.Segment.Bytes
		if p.From.IsZero() || x.Segment.Start.Before(p.From) {
			p.From = x.Segment.Start
		}
		if x.Segment.End.After(p.To) {
			p.To = x.Segment.End
		}
	}
	return p, err
}

// confirmPolicy decides the change that waits for a camera.
func (e *eraser) confirmPolicy(ctx context.Context, o policyOrder) (got decision, err error) {
	by, err := o.known()
	if err != nil {
		return got, err
	}
	reason, err := why(o.Reason)
	if err != nil {
		return got, err
	}
	register, d, err := e.books()
	if err != nil {
		return got, err
	}
	e.deciding.Lock()
	defer e.deciding.Unlock()
	old, err := readPolicies(ctx, d)
	if err != nil {
		return got, err
	}
	asked, err := e.asked()
	if err != nil {
		return got, err
	}
	present, wall := e.time.observe(), e.time.boot.Now()
	next, waits := old.Review(asked, present, wall)
	i := slices.IndexFunc(waits, func(c retention.Change) bool { return c.Camera == o.Camera })
	switch {
	case i < 0 && len(e.kept.shorter()[o.Camera]) > 0:
		return e.confirmLost(ctx, d, register, o.Camera, old.At(o.Camera, present.Certain), present, proof.Body{Actor: &by, Purpose: reason})
	case i < 0:
		return got, fmt.Errorf("nothing waits to be confirmed for %q: varuh policy show lists what does", o.Camera)
	case !waits[i].Confirm:
		return got, fmt.Errorf("the change of %s takes no footage away and needs nobody: it begins once it is certain how late it is (varuh clock confirm)", o.Camera)
	}
	got.Camera, got.New = o.Camera, waits[i].New
	if next, got.Begins, err = next.Confirm(waits[i], present, wall); err != nil {
		return got, fmt.Errorf("%w (varuh clock confirm)", err)
	}
	_, err = writePolicies(ctx, d, opPolicyConfirm, proof.Body{Actor: &by, Purpose: reason,
		Data: map[string]any{"camera": o.Camera, "begins": got.Begins.Format(time.RFC3339)}}, old, next)
	if err != nil {
		return got, fmt.Errorf("the confirmation was not entered: %w", err)
	}
	e.rememberedTerm(ctx, register, &confirmedTerm{o.Camera, retention.Version{Policy: got.New, From: got.Begins}})
	return got, nil
}

// confirmLost enters that a person wants what is decided of a camera, though the key slots remember a shorter term that the
// diary lost. It helps nothing that was recorded before.
func (e *eraser) confirmLost(ctx context.Context, d *diary.Diary, register *hold.Register, camera string, decided retention.Policy, present retention.Present, body proof.Body) (got decision, err error) {
	if present.Held || present.Certain.IsZero() {
		return got, fmt.Errorf("%w (varuh clock confirm)", retention.ErrNoTime)
	}
	got = decision{camera, decided, present.Latest(e.time.boot.Now()).UTC()}
	body.Data = map[string]any{"camera": camera, "begins": got.Begins.Format(time.RFC3339)}
	body.Note = "in the place of a shorter term that the diary lost, for what is recorded from now on"
	if _, err := d.Append(ctx, diary.Entry{Op: opPolicyConfirm, Body: body}, func(*sql.Tx) error { return nil }); err != nil {
		return got, fmt.Errorf("the confirmation was not entered: %w", err)
	}
	e.rememberedTerm(ctx, register, &confirmedTerm{camera, retention.Version{Policy: decided, From: got.Begins}})
	return got, nil
}
