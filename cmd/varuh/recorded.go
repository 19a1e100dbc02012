package main

import (
	"context"
	"fmt"
	"time"

	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// openClerk makes what writes the diary, and begins it. It ends after ctx; done is closed then.
func (d *Daemon) openClerk(ctx context.Context) (done <-chan struct{}) {
	asking, err := newAnchors(d.cfg, d.Log)
	if err != nil {
		w := fmt.Sprintf("nobody outside is asked to keep the diary's checkpoints: %v", err)
		d.site.warnings = append(d.site.warnings, w)
		d.Log.Error(w)
	}
	d.clerk = &clerk{
		state: d.cfg.State, appliance: d.site.appliance, controller: d.cfg.Controller, index: d.index, log: d.Log, cameras: d.cameraIDs,
		threshold: time.Duration(d.cfg.Diary.GapThreshold), started: d.started, slot: d.site.heldAgainstSlot, anchoring: asking,
	}
	d.clerk.start()
	d.enterConfig("")
	return d.clerk.begin(ctx)
}

// endClerk waits for the last entries, but not for a disk that hangs.
func (d *Daemon) endClerk(done <-chan struct{}) {
	limit := time.NewTimer(waitForEnd)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		d.Log.Warn("the diary could not be written to its end; what is missing is entered at the next start")
	}
}

// cameraIDs are the cameras that are configured.
func (d *Daemon) cameraIDs() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ids []string
	for _, c := range d.cfg.Cameras {
		ids = append(ids, c.ID)
	}
	return ids
}

// enterConfig enters that the configuration is in force. The caller holds mu or is alone.
func (d *Daemon) enterConfig(changes string) {
	form, err := d.cfg.Canonical()
	if err != nil {
		d.Log.Error("the configuration could not be entered in the diary", "err", err)
		return
	}
	d.clerk.config(form, changes)
}

// happened takes an event of the recorder. It never waits.
func (d *Daemon) happened(e recorder.Event) {
	d.events.add(e)
	d.clerk.event(e)
}

// heldAgainstSlot says what a segment that was recovered lost of what its sealed key slot promised.
func (s *site) heldAgainstSlot(row footage.Segment) error {
	for _, store := range s.stores {
		if store.ID != row.Store {
			continue
		}
		slot, err := store.Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot})
		if err != nil {
			return fmt.Errorf("the key slot of segment %s can't be read: %w", row.ID, err)
		}
		if slot.Records != row.Records || slot.Root != row.Root {
			return fmt.Errorf("segment %s has %d records, and not those %d that were sealed: it was changed or cut afterwards", row.ID, row.Records, slot.Records)
		}
	}
	return nil
}
