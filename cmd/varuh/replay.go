package main

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/retention"
)

// journal enters erasures in a diary, and finds them there.
type journal struct{ diary *diary.Diary }

// Enter implements [retention.Journal]. The list is stored as it is, so that it can be carried out while nobody
// can read the diary.
func (j journal) Enter(ctx context.Context, e retention.Entry) (int64, error) {
	entry := diary.Entry{Op: e.Op, Ref: e.Ref, Manifest: e.Manifest, Clear: e.Manifest != nil, Body: proof.Body{Note: e.Note, Data: e.Data}}
	if diary.Governed(e.Op) && e.Manifest != nil {
		ids, err := someIDs(e.Manifest)
		if err != nil {
			return 0, err
		}
		entry.Manifest, entry.Clear, entry.Body.Data = nil, false, maps.Clone(e.Data)
		entry.Body.Data["segments"] = ids
	}
	got, err := j.diary.Append(ctx, entry, nil)
	return got.Index, err
}

// maxIDs is how many segments an incident names; all are in the list of the erasure that it refers to.
const maxIDs = 100

// someIDs are the ids in a list. The entry of an incident has no room for the list itself.
func someIDs(manifest []byte) (string, error) {
	m, err := retention.ParseManifest(manifest)
	var ids []string
	for _, s := range m.Segments[:min(len(m.Segments), maxIDs)] {
		ids = append(ids, s.ID.String())
	}
	return strings.Join(ids, " "), err
}

// Started implements [retention.Journal].
func (j journal) Started(ctx context.Context, from int64) iter.Seq2[retention.Started, error] {
	return func(yield func(retention.Started, error) bool) {
		starts, ends, err := j.erasures(ctx)
		for _, i := range starts {
			end, ended := ends[i]
			if ended && i < from {
				continue
			}
			s := retention.Started{Index: i, Ended: ended}
			if s.Manifest, err = j.diary.Manifest(ctx, i); err == nil && ended {
				s.End, err = j.diary.Manifest(ctx, end)
			}
			if err != nil || !yield(s, nil) {
				break
			}
		}
		if err != nil {
			yield(retention.Started{}, err)
		}
	}
}

// erasures are the entries erase.start, and for each that one answers its erase.end.
func (j journal) erasures(ctx context.Context) (starts []int64, ends map[int64]int64, err error) {
	list, err := j.diary.EntriesOf(ctx, retention.OpStart, retention.OpEnd)
	if err != nil {
		return nil, nil, fmt.Errorf("couldn't read what was erased: %w", err)
	}
	ends = map[int64]int64{}
	for _, e := range list {
		if e.Op == retention.OpStart {
			starts = append(starts, e.Index)
		} else if e.Ref != nil {
			ends[*e.Ref] = e.Index
		}
	}
	return starts, ends, nil
}

// replayer does what [eraser.replay] does.
type replayer func(ctx context.Context, d *diary.Diary, from int64) error

// away tells whether all that failed lies on stores that are not here, and nothing else is open.
func away(r retention.Report, here []footage.Store) bool {
	for _, f := range r.Failures {
		if f.Step != retention.StepStore || slices.ContainsFunc(here, func(s footage.Store) bool { return s.ID == f.Segment.Store }) {
			return false
		}
	}
	return len(r.Failures) > 0
}
