package main

import (
	"context"
	"io"
	"maps"
	"slices"
	"time"

	"varuh/accesslog/diary/print"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/web"
	"varuh/retention"
)

// decided remembers a change of what is held beside the key slots, as commands do, and has what is due looked at soon.
func (d *Daemon) decided(ctx context.Context) {
	d.eraser.remembered(ctx)
	d.clerk.wrote("hold.set")
	d.eraser.decided()
}

// shownRetention is what the pages know of terms, erasures and copies: by the same functions as the commands.
type shownRetention struct{ d *Daemon }

// Overview implements [web.Retention].
func (r shownRetention) Overview(context.Context) (o web.Overview, err error) {
	st, now := r.d.eraser.status(), r.d.Boot.Now()
	o = web.Overview{Capacity: st.Capacity, Due: st.Due, Late: st.Late, Failed: st.Failed, Held: st.Held, HeldBytes: st.HeldBytes}
	o.At.Time, o.Certain.Time = st.At, st.Present.Certain
	for _, c := range st.Cameras {
		o.Cameras = append(o.Cameras, shownDepth(c))
	}
	b := r.d.backups.status()
	o.Backup.Time = b.Last
	for _, c := range b.Copies {
		one := web.CopyInfo{Name: c.Name, Entry: c.ID, Bytes: c.Bytes, Apart: c.Apart, Overdue: c.Overdue(now)}
		one.Made.Time, one.Until.Time = c.Made, c.Until
		o.Copies = append(o.Copies, one)
	}
	for _, line := range slices.Concat(st.Troubles, b.Sentences) {
		o.Problems = append(o.Problems, bothLanguages(line))
	}
	return o, nil
}

func shownDepth(c cameraRetention) web.CameraDepth {
	d := web.CameraDepth{Camera: c.Camera, Limit: c.Limit.String(), Real: int64(c.Real / time.Second), Forecast: int64(c.Forecast / time.Second), Broken: len(c.Warnings) > 0,
		Segments: c.Segments, Bytes: c.Bytes, Due: c.Due, Late: c.Late, Held: c.Held, HeldBytes: c.HeldSize, Passed: c.Passed, Undated: c.Undated}
	if !c.Promised.IsZero() {
		d.Promised = c.Promised.String()
	}
	d.Oldest.Time = c.Oldest
	return d
}

// mostGoing bounds what is looked at of the segments that go in the next days.
const mostGoing = 200_000

// Next implements [web.Retention].
func (r shownRetention) Next(ctx context.Context, days int) (going []web.Going, err error) {
	e := r.d.eraser
	s, err := e.situation(ctx, e.time.observe())
	if err != nil {
		return nil, err
	}
	now := s.Present.Certain
	s.Lead, s.Most = e.midnight(now.Add(time.Duration(days)*24*time.Hour), 0).Sub(now)-1, mostGoing // whole days, of the site
	list, err := retention.Plan(s, e.longOver())
	of := map[[3]string]int{} // places in going, by camera, day and reason
	for _, x := range list {
		day := e.midnight(x.Due, 0)
		key := [3]string{x.Segment.Camera, day.Format(time.DateOnly), string(x.Reason)}
		at, there := of[key]
		if !there {
			at = len(going)
			of[key] = at
			g := web.Going{Camera: x.Segment.Camera, Reason: string(x.Reason)}
			g.Day.Time, g.From.Time = day, x.Segment.Start
			going = append(going, g)
		}
		g := &going[at]
		g.Segments++
		if day.After(now.Add(retention.Lead)) { // else some of that day has gone
			g.Bytes += x.Segment.Bytes
		}
		if x.Segment.Start.Before(g.From.Time) {
			g.From.Time = x.Segment.Start
		}
		if x.Segment.End.After(g.To.Time) {
			g.To.Time = x.Segment.End
		}
	}
	return going, err
}

// Terms implements [web.Retention].
func (r shownRetention) Terms(ctx context.Context) (t web.TermList, err error) {
	e := r.d.eraser
	a, err := e.policiesFor(ctx, e.midnight(e.time.latest(), 0).Add(retention.Notice), e.longOver())
	if err != nil {
		return t, err
	}
	for _, camera := range slices.Sorted(maps.Keys(a.Policies)) {
		t.Terms = append(t.Terms, termOf(camera, a.Policies.At(camera, a.Present.Certain)))
		for _, v := range a.Policies[camera] {
			if v.From.After(a.Present.Certain) {
				coming := termOf(camera, v.Policy)
				coming.From.Time = v.From
				t.Coming = append(t.Coming, coming)
			}
		}
	}
	for _, p := range a.Pending {
		w := web.TermWaits{Old: termOf(p.Camera, p.Old), New: termOf(p.Camera, p.New), Confirm: p.Confirm, Segments: p.Segments, Bytes: p.Bytes}
		w.From.Time, w.To.Time = p.From, p.To
		t.Waits = append(t.Waits, w)
	}
	return t, nil
}

func termOf(camera string, p retention.Policy) web.TermInfo {
	t := web.TermInfo{Camera: camera, Limit: cmpTerm(p.Limit), Gone: p.Gone}
	if !p.Keep.IsZero() {
		t.Promised = p.Keep.String()
	}
	return t
}

// Goes implements [web.Retention].
func (r shownRetention) Goes(ctx context.Context, of hold.Range) (first time.Time, err error) {
	e := r.d.eraser
	s, err := e.situation(ctx, e.time.observe())
	if err != nil {
		return first, err
	}
	cameras := []string{of.Camera}
	if of.Camera == "" {
		all, err := e.index.Bytes()
		if err != nil {
			return first, err
		}
		cameras = slices.Collect(maps.Keys(all))
	}
	judge := retention.NewJudge(s)
	for _, camera := range cameras {
		list, _, err := e.index.Span(camera, "", of.From, of.To)
		if err != nil {
			return first, err
		}
		for _, x := range list {
			if v := judge.Verdict(&x); !v.Kept && !v.Due.IsZero() && (first.IsZero() || v.Due.Before(first)) {
				first = v.Due
			}
		}
	}
	return first, nil
}

// Confirm implements [web.Retention].
func (r shownRetention) Confirm(ctx context.Context, by proof.Actor, camera, reason string) (c web.TermConfirmed, err error) {
	a, err := r.d.eraser.policies(ctx, struct{}{})
	if err != nil {
		return c, err
	}
	waits := slices.ContainsFunc(a.Pending, func(p pending) bool { return p.Camera == camera && p.Confirm })
	if !waits && len(r.d.eraser.kept.shorter()[camera]) == 0 {
		return c, web.ErrNothingWaits
	}
	got, err := askConfirmPolicy.done(ctx, r.d.eraser, policyOrder{who: who{by: by}, Camera: camera, Reason: reason})
	if err != nil {
		return c, err
	}
	r.d.clerk.wrote(askConfirmPolicy.op)
	r.d.eraser.decided()
	c = web.TermConfirmed{Camera: got.Camera, New: termOf(got.Camera, got.New)}
	c.Begins.Time = got.Begins
	return c, nil
}

// Erasures implements [web.Retention].
func (r shownRetention) Erasures(ctx context.Context, by proof.Actor, reason string, from, to time.Time) (list []web.Erasure, err error) {
	a, err := r.erased(ctx, by, reason, from, to)
	for _, x := range a.Erasures {
		list = append(list, erasureOf(x))
	}
	return list, err
}

// Record implements [web.Retention].
func (r shownRetention) Record(ctx context.Context, by proof.Actor, reason string, from, to time.Time, w io.Writer) error {
	a, err := r.erased(ctx, by, reason, from, to)
	if err != nil {
		return err
	}
	return print.ErasureRecord(w, a.Head, a.Erasures)
}

// erased is what the command erasures tells of a time.
func (r shownRetention) erased(ctx context.Context, by proof.Actor, reason string, from, to time.Time) (erasuresAnswer, error) {
	o := erasuresOrder{who: who{by: by}, Reason: reason, To: to.Format(time.RFC3339Nano)}
	if !from.IsZero() {
		o.From = from.Format(time.RFC3339Nano)
	}
	return askErasures.done(ctx, r.d.eraser, o)
}

// erasureOf groups the segments of an erasure by camera and reason.
func erasureOf(x print.Erasure) web.Erasure {
	out := web.Erasure{Start: x.Start, Hash: x.Hash, Late: x.Late, Bytes: x.Bytes, Kept: x.Kept, Lost: x.Lost, Copies: x.Copies, Segments: []web.ErasedGroup{}}
	out.Entered.Time, out.Ended.Time, out.Until.Time = x.Entered, x.Ended, x.Until
	if x.End >= 0 {
		out.End = &x.End
	}
	for _, s := range x.Segments {
		at := slices.IndexFunc(out.Segments, func(g web.ErasedGroup) bool { return g.Camera == s.Camera && g.Reason == s.Reason })
		if at < 0 {
			at = len(out.Segments)
			g := web.ErasedGroup{Camera: s.Camera, Reason: s.Reason}
			g.From.Time, g.To.Time = s.From, s.To
			out.Segments = append(out.Segments, g)
		}
		g := &out.Segments[at]
		g.Segments++
		if s.From.Before(g.From.Time) {
			g.From.Time = s.From
		}
		if s.To.After(g.To.Time) {
			g.To.Time = s.To
		}
	}
	return out
}
