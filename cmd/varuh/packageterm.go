package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// packedFootage are the segments that packages are made of, as the eraser knows them: what is erased is erased in packages, too.
type packedFootage struct{ e *eraser }

// Find implements [packing.Footage].
func (f packedFootage) Find(ctx context.Context, ids []keyring.ID) (list []packing.Segment, err error) {
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := f.e.index.Get(id)
		if errors.Is(err, footage.ErrUnknown) {
			err = fmt.Errorf("%w: %w", packing.ErrFootage, err)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, packing.Segment{Camera: s.Camera, ID: s.ID, Store: s.Store, Slot: s.Slot, From: s.Start, To: s.End})
	}
	return list, nil
}

// Due implements [packing.Footage], by the judgement that the door goes by. What is over by what is certain is over by the machine's
// clock, too, which packages go by.
func (f packedFootage) Due(ctx context.Context, q disclosure.Request, list []packing.Segment) (first time.Time, err error) {
	now, wall := f.e.time.latest(), f.e.time.boot.Now()
	s, err := f.e.situation(ctx, retention.Present{Certain: now})
	if err != nil {
		return first, err
	}
	j, err := f.e.ownJudge(ctx, s, q)
	if err != nil {
		return first, err
	}
	for _, p := range list {
		due, err := f.due(j, p)
		if err != nil {
			return first, err
		}
		if first.IsZero() || !due.IsZero() && due.Before(first) {
			first = due
		}
	}
	if !first.IsZero() && !first.After(now) && first.After(wall) {
		first = wall
	}
	return first, nil
}

// due is when one segment comes to its term; of what has no row any more, by when the package says that it began. Zero: nobody can
// tell, or it is kept past that.
func (f packedFootage) due(j *retention.Judge, p packing.Segment) (time.Time, error) {
	row, err := f.e.index.Get(p.ID)
	if errors.Is(err, footage.ErrUnknown) {
		row, err = footage.Segment{ID: p.ID, Camera: p.Camera, Start: p.From, End: p.To, Sealed: true}, nil
	}
	v := j.Verdict(&row)
	if v.Kept {
		return time.Time{}, err
	}
	return v.Due, err
}

// Erased implements [packing.Footage].
func (f packedFootage) Erased(ctx context.Context, list []packing.Segment) (bool, error) {
	var unknown error
	for _, s := range list {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		ring, there := f.ringOf(s.Store)
		if !there {
			continue
		}
		slot, err := ring.Slot(keyring.Ref{ID: s.ID, Slot: s.Slot})
		switch {
		case errors.Is(err, keyring.ErrNoSlot), errors.Is(err, keyring.ErrDamaged): // nobody decided that it goes
		case err != nil:
			unknown = errors.Join(unknown, fmt.Errorf("couldn't look whether segment %v was erased: %w", s.ID, err))
		case slot.State >= keyring.StateErased:
			return true, nil
		}
	}
	return false, unknown
}

// Mark implements [packing.Footage]: which stores are there, and how often keys were destroyed on each.
func (f packedFootage) Mark() string {
	var b strings.Builder
	for _, s := range f.e.stores {
		if f.e.present(s) == nil {
			fmt.Fprintf(&b, "%v %d ", s.ID, s.Ring.Erasures())
		}
	}
	return b.String()
}

// ringOf has the keys of a store that is there.
func (f packedFootage) ringOf(id keyring.ID) (*keyring.Ring, bool) {
	for _, s := range f.e.stores {
		if s.ID == id && f.e.present(s) == nil {
			return s.Ring, true
		}
	}
	return nil, false
}
