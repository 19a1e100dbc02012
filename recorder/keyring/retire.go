package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Retire shrinks the slot files of a day to one slot that stands for all of them, once all are
// erased; a year of 32 streams has 860 MB of tombstones otherwise. Nothing is forgotten: an old copy
// of the file that is put into one twin still loses, and no number is given out again.
//
// Steps, each durable before the next, so that a crash leaves tombstones or their stand-in:
//
//  1. See that no slot of the day has a key.
//  2. Overwrite slot 0 with the stand-in, in the state twin, then in the store twin.
//  3. Cut both files after it.
func (r *Ring) Retire(ctx context.Context, on time.Time) error {
	d := day(on.UTC().Format(dayLayout))
	if err := r.commit(ctx, newTask(func() error { return r.retire(d) })); err != nil {
		return fmt.Errorf("couldn't retire the key slots of %s: %w", d, err)
	}
	return nil
}

// retire runs in the committer.
func (r *Ring) retire(d day) error {
	first, err := r.standIn(d)
	if err != nil || first.Records == 0 {
		return err
	}
	r.takeOff(first.Ref)
	for _, t := range r.twins {
		if err := t.write(d, []image{{0, first.encode(r.store)}}); err != nil {
			return err
		}
	}
	for _, t := range r.twins {
		if err := t.cut(d); err != nil {
			return err
		}
	}
	return nil
}

// standIn is the slot that will stand for all of a day, for no records if there are none.
func (r *Ring) standIn(d day) (Slot, error) {
	for got := range r.day(d) {
		if got.err != nil {
			return Slot{}, got.err
		}
		if got.slot.State < StateErased {
			return Slot{}, fmt.Errorf("%v is %v: erase it first", got.slot.Ref, got.slot.State)
		}
	}
	files := r.open(d)
	n, err := files.slots()
	s := Slot{Ref: Ref{ID: d.firstID()}, Kind: KindSegment, Generation: 1}
	if first := files.pair(0); first.best() >= 0 {
		s = first[first.best()].slot
	}
	s.State, s.Records = stateRetired, n
	return s, errors.Join(err, files.close())
}

// cut leaves only the first slot of a day's file.
func (t *twin) cut(d day) error {
	f, err := t.openRW(d)
	if err != nil {
		return t.wrap(d, err)
	}
	if err = f.Truncate(SlotSize); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return t.wrap(d, err)
	}
	return nil
}
