package main

import (
	"context"
	"fmt"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/recorder/footage"
	"varuh/retention"
)

// requests is the register of requests for footage, in the diary that is open. There is one for each diary.
func (e *eraser) requests(ctx context.Context) (*disclosure.Register, error) {
	holds, d, err := e.books()
	if err != nil {
		return nil, err
	}
	if e.office == nil {
		return nil, errNoOffice
	}
	persons, err := e.office.persons(ctx)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.requested == nil {
		e.requested = &disclosure.Register{Diary: d, Holds: holds, Accounts: persons, Footage: dueFootage{e}, Known: e.office.isKnown, Twins: e.index.Twins, Zone: e.office.zone(), Now: e.time.boot.Now,
			Certain: func() time.Time { return e.time.observe().Certain }}
		if in := e.entrance; in != nil { // before anybody has the register
			e.requested.Papers = in.waits
			e.requested.Opener = func() (disclosure.Opener, error) {
				keys, err := in.keys.Diary()
				return d.Opener(keys), err
			}
		}
	}
	return e.requested, nil
}

// dueFootage tells when footage comes to its term, by what is decided.
type dueFootage struct{ e *eraser }

// Due implements [disclosure.Footage].
func (f dueFootage) Due(ctx context.Context, camera string, from, to time.Time) (first time.Time, there bool, err error) {
	policies, err := (ledger{f.e}).Policies(ctx)
	if err != nil {
		return first, false, err
	}
	cameras := []string{camera}
	if camera == "" {
		if cameras, err = f.cameras(); err != nil {
			return first, false, err
		}
	}
	for _, id := range cameras {
		segments, _, err := f.e.index.Span(id, "", from, to)
		if err != nil {
			return first, false, err
		}
		due, found := f.earliest(policies, segments)
		if found && (!there || due.Before(first)) {
			first, there = due, true
		}
	}
	return first, there, nil
}

// earliest is when the first of some segments is due.
func (f dueFootage) earliest(policies retention.Policies, segments []footage.Segment) (first time.Time, found bool) {
	for _, s := range segments {
		due, _, _ := policies.Due(s.Camera, s.Start, f.e.time.boot.Now(), f.e.zone())
		if !found || due.Before(first) {
			first, found = due, true
		}
	}
	return first, found
}

// cameras are those of which there is footage.
func (f dueFootage) cameras() (list []string, err error) {
	held, err := f.e.index.Bytes()
	for id := range held {
		list = append(list, id)
	}
	return list, err
}

// silence enters as refused what nobody decided in time, by what is certain of the present, and tells it. No name is told.
func (e *eraser) silence(ctx context.Context, present retention.Present) {
	if present.Certain.IsZero() || e.office == nil {
		return
	}
	r, err := e.requests(ctx)
	var list []disclosure.Request
	if err == nil {
		list, err = r.Silence(ctx, present.Certain)
	}
	for _, q := range list {
		e.log.Warn("a request was not decided in time, and counts as refused by law; it can still be decided", "request", q.ID, "entry", q.Entry)
	}
	if err != nil && ctx.Err() == nil {
		e.event(retention.Event{Kind: eventRequests, Err: err, Sentence: "requests whose term is over could not be entered as refused: look at the log"})
	}
}

// The kinds of events about requests. None is an incident: the entries of the requests say it all.
const (
	eventRequests = "requests"
	eventDue      = "request due: " // with what is due, and whether it is late, behind it
)

// dueSentences say what is due soon, and what is late.
var dueSentences = map[disclosure.What]struct{ soon, late string }{
	disclosure.Decision: {"%s: decide in the next days (varuh request list)", "%s: not decided in time, so decide late (varuh request list)"},
	disclosure.Building: {"%s: decide and build the package in the next days, before the footage comes to its term (varuh request list)",
		"%s: the package was not built in time, so build it before the footage is gone (varuh request list)"},
	disclosure.Papers: {"%s that came orally: the paper is awaited in the next days (varuh request list)",
		"%s that came orally: the paper has not come in time, so ask for it (varuh request list)"},
	disclosure.Holding: {"%s: over, and still holding footage, so look in the next days whether it may go (varuh request list)",
		"%s: over, and still holding footage, so look whether it may go (varuh request list)"},
}

// remind tells what is due of requests.
func (e *eraser) remind(ctx context.Context) {
	if e.office == nil {
		return
	}
	due, err := e.dueOfRequests(ctx)
	tallies := disclosure.Tallies(due)
	e.mu.Lock()
	e.stand.Requests = tallies
	e.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			e.event(retention.Event{Kind: eventRequests, Err: err, Sentence: "what is due of requests for footage can't be told: look at the log"})
		}
		return
	}
	for what, t := range tallies {
		if t.Soon > 0 {
			e.event(retention.Event{Kind: eventDue + string(what) + " soon", Sentence: fmt.Sprintf(dueSentences[what].soon, count(t.Soon, "request", "requests"))})
		}
		if t.Late > 0 {
			e.event(retention.Event{Kind: eventDue + string(what) + " late", Sentence: fmt.Sprintf(dueSentences[what].late, count(t.Late, "request", "requests"))})
		}
	}
}

func (e *eraser) dueOfRequests(ctx context.Context) ([]disclosure.Due, error) {
	r, err := e.requests(ctx)
	if err != nil {
		return nil, err
	}
	return r.Due(ctx)
}
