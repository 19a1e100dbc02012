package retention

import (
	"errors"
	"fmt"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// strayLead is how long before its term a stray is listed: there is a walk a day, and some do not come to their end.
const strayLead = 72 * time.Hour

// strays lists the slots of a store that have a key, and neither a row nor, as far as this walk has found files and given
// them rows, a file: of a segment whose making was cut off, or whose file somebody took away. Such a key opens what
// may be elsewhere, so it goes at the term of what it was for: a year after the moment in its id.
//
// What is damaged in both twins may still show a key: it goes likewise, a year after its day began, unless a row knows
// whose it is.
//
// One is met, too, while a segment is begun, between its slot and its row. Whoever erases looks again later, by [Stray].
func (w *walk) strays(s footage.Store, now Present) {
	for slot, err := range s.Ring.All(time.Time{}) {
		if w.ctx.Err() != nil {
			w.failed(w.ctx.Err())
			return
		}
		e := strayOf(s, slot, err)
		if now.Certain.IsZero() || e.Due.After(now.Certain.Add(strayLead)) {
			continue
		}
		switch {
		case errors.Is(err, keyring.ErrDamaged):
			if w.owned(e.Segment) {
				continue // it goes with its row
			}
		case err != nil, slot.Kind != keyring.KindSegment:
			continue // Check has told of what can't be read
		}
		stray, err := Stray(e, s, w.ix)
		w.failed(err)
		if stray {
			w.sum.Strays = append(w.sum.Strays, e)
		}
	}
}

// strayOf is the erasure of a slot. Of one that can't be read the id tells no more than the day.
func strayOf(s footage.Store, slot keyring.Slot, err error) Erasure {
	at, long := slot.ID.Time(), longest
	if err != nil {
		long = 24 * time.Hour
	}
	due := Law.End(at, nil)
	return Erasure{Reason: ByTerm, Due: due, Term: due, Segment: footage.Segment{ID: slot.ID, Store: s.ID, Slot: slot.Slot,
		Camera: NoCamera, Start: at, End: at.Add(long), HeaderStart: at, Sealed: true}}
}

// owned tells whether a row says that a slot is its segment's. It reads all rows, for few slots are damaged in both twins.
func (w *walk) owned(of footage.Segment) bool {
	day := of.ID.Time().Format(time.DateOnly)
	for row, err := range w.ix.All() {
		if err != nil {
			w.failed(err)
			return true
		}
		if row.Store == of.Store && row.Slot == of.Slot && row.ID.Time().Format(time.DateOnly) == day {
			return true
		}
	}
	return false
}

// Stray tells whether the slot of an erasure on a store may still have a key, and has no row.
func Stray(e Erasure, s footage.Store, ix *footage.Index) (bool, error) {
	slot, err := s.Ring.Slot(keyring.Ref{ID: e.Segment.ID, Slot: e.Segment.Slot})
	if err != nil && !errors.Is(err, keyring.ErrDamaged) || err == nil && slot.State == keyring.StateErased && slot.Fault == nil {
		return false, nil // a walk tells of what cannot be read
	}
	_, err = ix.Get(e.Segment.ID)
	if err == nil || errors.Is(err, footage.ErrUnknown) {
		return err != nil, nil
	}
	return false, fmt.Errorf("couldn't tell whether a key has footage: %w", err)
}
