package packing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// terms is when the footage of each camera comes to its term.
type terms map[string]time.Time

func (m terms) Due(_ context.Context, camera string, _, _ time.Time) (time.Time, bool, error) {
	at, ok := m[camera]
	return at, ok, nil
}

// segments are what packages of the film are made of.
type segments struct{ r *rig }

func (s segments) Find(_ context.Context, ids []keyring.ID) (list []Segment, err error) {
	for _, id := range ids {
		if s.r.erased {
			return nil, fmt.Errorf("%w: segment %v was erased", ErrFootage, id)
		}
		list = append(list, Segment{Camera: "hall", ID: id, Store: s.r.store, From: evidencetest.Dawn, To: evidencetest.Dawn.Add(10 * time.Minute)})
	}
	return list, nil
}

// Due knows holds of orders alone, which keep all of the film.
func (s segments) Due(ctx context.Context, q disclosure.Request, list []Segment) (time.Time, error) {
	force, err := s.r.requests.Holds.List(ctx)
	if err != nil {
		return time.Time{}, err
	}
	own := func(h hold.Hold) bool {
		return h.PastTerm && slices.ContainsFunc(q.Holds, func(o disclosure.Held) bool { return o.Hold == h.ID })
	}
	if len(list) == 0 || slices.ContainsFunc(force, own) {
		return time.Time{}, nil
	}
	if due, ok := s.r.terms[list[0].Camera]; ok {
		return due, nil
	}
	return list[0].From.AddDate(1, 0, 0), nil
}

func (s segments) Mark() string { return fmt.Sprint(s.r.erased, s.r.untold) }

// Restrictions and Ordered are those of the rig.
func (r *rig) Restrictions(context.Context) ([]retention.Restriction, error) { return r.barred, nil }

func (r *rig) Ordered(_ context.Context, person string) (people.Session, error) {
	role, ok := r.powers[person]
	if !ok {
		role = people.Caretaker
	}
	return session(person, role), nil
}

func (s segments) Erased(context.Context, []Segment) (bool, error) {
	s.r.asked++
	return s.r.erased, s.r.untold
}

// index is footage of the hall.
type index struct{}

func (index) Span(camera, _ string, _, _ time.Time) ([]footage.Segment, []footage.Gap, error) {
	if camera != "hall" {
		return nil, nil, nil
	}
	return []footage.Segment{{Camera: camera, Start: evidencetest.Dawn, End: evidencetest.Dawn.Add(2 * time.Second), Bytes: 1 << 10, Sealed: true}}, nil, nil
}

func (index) Bytes() (map[string]int64, error) { return map[string]int64{"hall": 1 << 10}, nil }

type makers struct{}

func (makers) Makers(context.Context, string) ([]people.Maker, error) { return nil, nil }

// source is a door that gives a film.
type source struct {
	r     *rig
	err   error                        // of Export
	each  func(n int) error            // before each record
	delay func(context.Context, Order) // before the export
	calls int
}

type exported struct {
	*source
	entry  int64
	closed bool
}

func (s *source) Export(ctx context.Context, o Order) (Export, error) {
	s.calls++
	if s.delay != nil {
		s.delay(ctx, o)
	}
	if s.err != nil {
		return nil, s.err
	}
	r, err := s.r.d.Append(ctx, diary.Entry{Op: "export", Ref: &o.Request.Entry, Body: proof.Body{Data: map[string]any{"order": o.Package.ID}}}, nil)
	return &exported{source: s, entry: r.Index}, err
}

func (e *exported) Entry() int64 { return e.entry }

func (e *exported) span() []evidence.Range {
	return []evidence.Range{{Camera: "hall", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(2 * time.Second)}}
}
func (e *exported) Asked() []evidence.Range     { return e.span() }
func (e *exported) Delivered() []evidence.Range { return e.span() }
func (e *exported) Gaps() []evidence.Gap        { return nil }
func (e *exported) Notices() []evidence.Notice  { return nil }
func (e *exported) Bytes() int64                { return 100 }
func (e *exported) Close(context.Context) error { e.closed = true; return nil }

func (e *exported) Footage() evidence.Footage {
	return func(yield func(evidence.Stretch, error) bool) {
		var stretch evidence.Stretch
		for _, s := range e.r.film.Segments[0] {
			p := s.Part(1, 0)
			open := p.Open
			p.Open = func(ctx context.Context) (evidence.Records, error) {
				r, err := open(ctx)
				return watching{r, e.source}, err
			}
			stretch = append(stretch, p)
		}
		yield(stretch, nil)
	}
}

type watching struct {
	evidence.Records
	s *source
}

func (w watching) Read(n int, buf []byte) (evidence.Record, error) {
	if w.s.each != nil {
		if err := w.s.each(n); err != nil {
			return evidence.Record{}, err
		}
	}
	return w.Records.Read(n, buf)
}
