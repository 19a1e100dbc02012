package packing

import (
	"context"
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

// ahead is how much earlier than the footage an entry may be that lets somebody see it: footage is leased before it is
// recorded, and a clock may be set meanwhile.
const ahead = 24 * time.Hour

// seen tells by the diary who looked at footage of a package up to an entry: each viewing once, from when it first reached that.
// unread are the entries that may tell of more and can't be read, since their keys are gone or they are damaged.
func (j *Jobs) seen(ctx context.Context, m evidence.Manifest, until int64) (list []record.Seen, unread int, err error) {
	if len(m.Clips) == 0 {
		return nil, 0, nil
	}
	first := slices.MinFunc(m.Clips, func(a, b evidence.Clip) int { return a.From.Compare(b.From) }).From.Add(-ahead)
	entries, err := j.o.Diary.EntriesOf(ctx, opViewStart, opViewMore, opViewAim)
	if err != nil {
		return nil, 0, err
	}
	told := map[int64]bool{} // by the entries that began viewings
	for _, e := range entries {
		began := e.Index
		if e.Op == opViewMore && e.Ref != nil {
			began = *e.Ref
		}
		if e.Index > until || told[began] || e.Time.Before(first) {
			continue
		}
		body, err := j.body(ctx, e.Index)
		if diary.Unreadable(err) {
			unread++
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		if body.Actor != nil && slices.ContainsFunc(body.Objects, func(o proof.Object) bool { return touches(m, o) }) {
			told[began] = true
			list = append(list, record.Seen{By: body.Actor.Name, From: e.Time, Purpose: body.Purpose})
		}
	}
	return list, unread, nil
}

// touches tells whether what an entry is about is in a package.
func touches(m evidence.Manifest, o proof.Object) bool {
	return slices.ContainsFunc(m.Clips, func(c evidence.Clip) bool { return c.Camera == o.Camera && o.From.Before(c.To) && c.From.Before(o.To) })
}
