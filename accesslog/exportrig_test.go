package accesslog

import (
	"context"
	"time"

	"varuh/accesslog/collect"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// Request implements [Requests].
func (l *law) Request(_ context.Context, id string) (disclosure.Request, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q, ok := l.requests[id]
	if !ok {
		return q, disclosure.ErrUnknown
	}
	return q, nil
}

// Ordered implements [Orders].
func (l *law) Ordered(_ context.Context, person string) (people.Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list, ok := l.grants[person]
	if !ok {
		return people.Session{}, people.ErrNoSession
	}
	return people.Session{Person: people.Person{ID: person, Name: "Person " + person}, Authorisations: list, Proof: "order"}, nil
}

// settling seals what is open, and collects.
type settling struct{ r *rig }

func (s settling) Settle(ctx context.Context, camera string, before time.Time) error {
	if w := s.r.writing; w != nil && w.w != nil && w.tape.camera == camera {
		w.seal()
	}
	c := collect.Collector{Diary: s.r.diary, Index: s.r.index, Cameras: func() []string { return []string{"hall", "yard"} }, Now: s.r.law.clock, Started: noon.AddDate(0, 0, -1)}
	_, err := c.Until(ctx, camera, before)
	return err
}

// request is an approved one for footage.
func (r *rig) request(kind disclosure.Kind, list ...evidence.Range) disclosure.Request {
	r.t.Helper()
	enter := func(op string, ref *int64) int64 {
		got, err := r.diary.Append(r.t.Context(), diary.Entry{Op: op, Ref: ref, Body: proof.Body{Actor: head()}}, nil)
		must(r.t, err)
		return got.Index
	}
	q := disclosure.Request{ID: "2026-1", Kind: kind, State: disclosure.Approved, Entry: enter("request.receive", nil)}
	q.Last = enter(opApprove, &q.Entry)
	for _, x := range list {
		q.Wanted = append(q.Wanted, disclosure.Wanted{Camera: x.Camera, From: x.From, To: x.To})
	}
	r.law.change(func() { r.law.requests = map[string]disclosure.Request{q.ID: q} })
	return q
}

// hall is footage of the hall.
func hall(from time.Time, length time.Duration) evidence.Range {
	return evidence.Range{Camera: "hall", From: from, To: from.Add(length)}
}

// takes is what the approver usually asks for: all that a request does.
func takes(list ...evidence.Range) AskExport {
	return AskExport{Session: session("boris", "s2"), Address: inHouse, Request: "2026-1", Case: "KU 7/2026", Ranges: list}
}

// export takes out.
func (r *rig) export(a AskExport) *Export {
	r.t.Helper()
	e, err := r.door.Export(r.t.Context(), a)
	must(r.t, err)
	return e
}

// read reads all of an export as a package does, and returns how many fragments there were, and the error that ended it.
func read(ctx context.Context, e *Export, each func(evidence.Part, int, evidence.Record)) (fragments int, err error) {
	for stretch, err := range e.Footage() {
		if err != nil {
			return fragments, err
		}
		for _, p := range stretch {
			from, err := p.Open(ctx)
			if err != nil {
				return fragments, err
			}
			if _, err := from.Read(0, nil); err != nil {
				return fragments, err
			}
			for n := p.From; n < p.To; n++ {
				x, err := from.Read(n, nil)
				if err != nil {
					return fragments, err
				}
				fragments++
				if each != nil {
					each(p, n, x)
				}
			}
		}
	}
	return fragments, nil
}

// film stores a film as the recorder does, in segments of so long.
func (r *rig) film(f evidencetest.Film, camera, stream string, start time.Time, each time.Duration) {
	r.t.Helper()
	init, list := f.Cut(r.t, start)
	w := &writing{rig: r, tape: tape{camera: camera, stream: stream, start: start, segment: each}, run: keyring.NewID(start), init: init}
	for _, x := range list {
		must(r.t, w.take(x))
	}
	w.seal()
}

// gaps are those of an export in short: cause, and seconds behind a moment.
func gaps(e *Export, since time.Time) (list []string) {
	for _, g := range e.Gaps() {
		list = append(list, g.Camera+"/"+g.Stream+" "+g.Cause+" "+g.From.Sub(since).Round(time.Millisecond).String()+"–"+g.To.Sub(since).Round(time.Millisecond).String())
	}
	return list
}
