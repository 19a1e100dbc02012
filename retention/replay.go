package retention

import (
	"context"
	"fmt"
	"math"
	"slices"

	"varuh/recorder/keyring"
)

// Replay brings the erasures of earlier starts to an end, before anything is recorded or shown.
//
//   - What was begun and not ended is carried on, a list that was kept beside the diary included.
//   - What ended is made sure of again from entry from on, which is how far the diary was when keys and index were
//     last known to be no older than it. So a key ring, an index or a disk put back from an old copy brings
//     nothing back: keys are destroyed in both twins, files removed, rows removed. No hold keeps these; the
//     erase.end says what one had kept.
//
// It may be called again, as when a diary is there at last; of all calls that could not read it the lowest from
// counts. If the diary cannot be read, every later run tries again. now may be without a time.
func (p *Purge) Replay(ctx context.Context, now Present, from int64) (Report, error) {
	return p.work(ctx, now, func(r *run) {
		if !r.replayed {
			r.readLate()
		}
		r.replayed, r.unsure, r.from = true, true, min(r.from, from)
		r.resume(ctx)
	})
}

// reload asks the diary which lists are open, and does again what it has as ended. Where it cannot be read, unsure
// stays.
func (r *run) reload(ctx context.Context) {
	open := map[int64]bool{}
	for s, err := range r.Journal.Started(ctx, r.from) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			r.failed(fmt.Errorf("couldn't read in the diary what was erased: %w", err))
			return
		}
		m, err := ParseManifest(s.Manifest)
		switch {
		case err != nil:
			r.failed(fmt.Errorf("couldn't make sure of the erasure of entry %d: %w", s.Index, err))
		case s.Ended:
			r.again(ctx, s, m)
		default:
			open[s.Index] = true
			r.adopt(s, m)
		}
	}
	r.open = slices.DeleteFunc(r.open, func(l *list) bool { return l.index >= 0 && !l.ended && !open[l.index] })
	r.unsure, r.from = false, math.MaxInt64
}

// again does once more what an erase.end says is done. What fails is open.
func (r *run) again(ctx context.Context, s Started, m Manifest) {
	if slices.ContainsFunc(r.open, func(l *list) bool { return l.index == s.Index && l.ended }) {
		return
	}
	kept := Manifest{}
	if s.End != nil {
		var err error
		if kept, err = ParseManifest(s.End); err != nil {
			r.failed(fmt.Errorf("couldn't read what the end of the erasure of entry %d kept: %w", s.Index, err))
			return
		}
	}
	l := &list{index: s.Index, ended: true}
	for _, seg := range m.Segments {
		if !kept.has(seg.ID) {
			l.segments = append(l.segments, seg)
		}
	}
	r.open = append(r.open, l)
	r.carry(ctx, l)
}

// adopt takes up a list that the diary has as begun. One that is kept beside the diary and lies within it is the same:
// it was entered, and nobody was told that it was.
func (r *run) adopt(s Started, m Manifest) {
	if slices.ContainsFunc(r.open, func(l *list) bool { return l.index == s.Index }) {
		return
	}
	l := &list{segments: m.Segments, manifest: s.Manifest, index: s.Index, spared: map[keyring.ID]bool{}}
	r.open = slices.DeleteFunc(r.open, func(o *list) bool {
		same := o.index < 0 && m.covers(o.segments)
		if same {
			l.late = append(l.late, o.late...)
			l.firsts = o.firsts
		}
		return same
	})
	r.open = append(r.open, l)
}
