package packing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/record"
)

// The operations by which somebody sees pictures: each names what he may see from then on.
const (
	opViewStart = "view.start"
	opViewMore  = "view.more"
	opViewAim   = "view.aim"
)

// opRestore is the operation by which an appliance that was put back from a copy goes on.
const opRestore = "restore"

// ahead is how much earlier than the footage an entry may be that lets somebody see it: footage is leased before it is
// recorded, and a clock may be set meanwhile.
const ahead = 24 * time.Hour

// told is what the diary tells of who saw the footage of a package, and how far that is all.
type told struct {
	seen     []record.Seen
	unread   int         // entries that may tell of more and can't be read, since their keys are gone or they are damaged
	restored []time.Time // when the appliance was put back from a copy: viewings of shortly before may not be entered
	pruned   time.Time   // entries from before it went with their term, but for those that a hold keeps; zero: none that matter
}

// seen tells by the diary who looked at footage of a package up to an entry: each viewing once, from when it first reached that.
func (j *Jobs) seen(ctx context.Context, m evidence.Manifest, until int64) (t told, err error) {
	footage, err := j.called(m)
	if err != nil || len(footage) == 0 {
		return t, err
	}
	first := slices.MinFunc(footage, func(a, b evidence.Range) int { return a.From.Compare(b.From) }).From.Add(-ahead)
	since, err := j.o.Diary.Since(ctx, first) // an entry's own time may be that of a clock that went back
	if err != nil {
		return t, err
	}
	if err := j.limits(ctx, &t, since, until); err != nil {
		return t, err
	}
	entries, err := j.viewings(ctx)
	if err != nil {
		return t, err
	}
	found := map[int64]bool{} // by the entries that began viewings
	for _, e := range entries {
		began := e.Index
		if e.Op == opViewMore && e.Ref != nil {
			began = *e.Ref
		}
		if e.Index > until || found[began] || e.Index < since {
			continue
		}
		body, err := j.body(ctx, e.Index)
		if diary.Unreadable(err) {
			t.unread++
			continue
		}
		if err != nil {
			return t, err
		}
		if body.Actor != nil && slices.ContainsFunc(body.Objects, func(o proof.Object) bool { return touches(footage, o) }) {
			found[began] = true
			t.seen = append(t.seen, record.Seen{By: body.Actor.Name, From: e.Time, Purpose: body.Purpose})
		}
	}
	return t, nil
}

// called is the footage of a package by each time that entries may name it by: a clip's own, and the other one where the clock was set
// late.
func (j *Jobs) called(m evidence.Manifest) (list []evidence.Range, err error) {
	for _, c := range m.Clips {
		list = append(list, evidence.Range{Camera: c.Camera, From: c.From, To: c.To})
		if j.o.Twins == nil {
			continue
		}
		twins, err := j.o.Twins(c.From, c.To)
		if err != nil {
			return nil, fmt.Errorf("couldn't tell by which times footage of the package was seen: %w", err)
		}
		for _, twin := range twins {
			list = append(list, evidence.Range{Camera: c.Camera, From: twin[0], To: twin[1]})
		}
	}
	return list, nil
}

// viewings are the entries about them, with those that only a hold on the footage keeps.
func (j *Jobs) viewings(ctx context.Context) ([]diary.Stored, error) {
	kept, err := j.o.Diary.KeptOf(ctx, opViewStart, opViewMore, opViewAim)
	if err != nil {
		return nil, err
	}
	list, err := j.o.Diary.EntriesOf(ctx, opViewStart, opViewMore, opViewAim)
	return append(kept, list...), err
}

// limits looks for what keeps the diary from telling of all viewings since an entry.
func (j *Jobs) limits(ctx context.Context, t *told, since, until int64) error {
	list, err := j.o.Diary.EntriesOf(ctx, opRestore)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Index <= until && e.Index >= since {
			t.restored = append(t.restored, e.Time)
		}
	}
	oldest, err := j.oldest(ctx, until)
	if err == nil && oldest.Index > 0 && oldest.Index >= since {
		t.pruned = oldest.Time
	}
	return err
}

// oldest is the first entry that is not pruned.
func (j *Jobs) oldest(ctx context.Context, before int64) (diary.Stored, error) {
	for e, err := range j.o.Diary.Entries(ctx, 0, before) {
		return e, err
	}
	return diary.Stored{}, nil
}

// touches tells whether what an entry is about is among some footage.
func touches(footage []evidence.Range, o proof.Object) bool {
	return slices.ContainsFunc(footage, func(c evidence.Range) bool { return c.Camera == o.Camera && o.From.Before(c.To) && c.From.Before(o.To) })
}
