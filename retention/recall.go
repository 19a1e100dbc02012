package retention

import (
	"context"
	"errors"
	"fmt"
	"math"

	"varuh/recorder/keyring"
)

// Recall has the gate tell of segments whose keys an earlier process destroyed, in lists of the diary that are open
// still. So whoever sets a hold before [Purge.Replay], as a command does that erases nothing, hears of what came too
// late for it. It changes nothing, and may be called again.
func (p *Purge) Recall(ctx context.Context, now Present) error {
	var open []Listed
	for s, err := range p.Journal.Started(ctx, math.MaxInt64) {
		var m Manifest
		if err == nil {
			m, err = ParseManifest(s.Manifest)
		}
		if err != nil {
			return fmt.Errorf("couldn't read in the diary what is being erased: %w", err)
		}
		open = append(open, m.Segments...)
	}
	return p.Gate.pass(ctx, func() error {
		var dead []dated
		for _, s := range open {
			store, here := p.store(s.Store)
			if !here {
				continue
			}
			slot, err := store.Ring.Slot(s.ref())
			if errors.Is(err, keyring.ErrNoSlot) || err == nil && slot.State == keyring.StateErased {
				dead = append(dead, dated{s, dating(s.From, now)})
			}
		}
		p.Gate.take(dead)
		return nil
	})
}
