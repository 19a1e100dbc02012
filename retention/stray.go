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
// One is met, too, while a segment is begun, between its slot and its row. Whoever erases looks again later, by [Stray].
func (w *walk) strays(s footage.Store, now Present) {
	for slot, err := range s.Ring.All(time.Time{}) {
		if w.ctx.Err() != nil {
			w.failed(w.ctx.Err())
			return
		}
		due := Law.End(slot.ID.Time(), nil)
		if err != nil || slot.Kind != keyring.KindSegment || now.Certain.IsZero() || due.After(now.Certain.Add(strayLead)) {
			continue // Check has told of what can't be read
		}
		at := slot.ID.Time()
		e := Erasure{Reason: ByTerm, Due: due, Term: due, Segment: footage.Segment{ID: slot.ID, Store: s.ID, Slot: slot.Slot,
			Camera: NoCamera, Start: at, End: at.Add(longest), HeaderStart: at, Sealed: true}}
		stray, err := Stray(e, s, w.ix)
		w.failed(err)
		if stray {
			w.sum.Strays = append(w.sum.Strays, e)
		}
	}
}

// Stray tells whether the slot of an erasure on a store still has a key and no row.
func Stray(e Erasure, s footage.Store, ix *footage.Index) (bool, error) {
	slot, err := s.Ring.Slot(keyring.Ref{ID: e.Segment.ID, Slot: e.Segment.Slot})
	if err != nil || slot.State == keyring.StateErased && slot.Fault == nil {
		return false, nil // a walk tells of what cannot be read
	}
	_, err = ix.Get(e.Segment.ID)
	if err == nil || errors.Is(err, footage.ErrUnknown) {
		return err != nil, nil
	}
	return false, fmt.Errorf("couldn't tell whether a key has footage: %w", err)
}
