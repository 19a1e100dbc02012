package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
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
	d.eraser = newEraser(d.site, d.index, d.time, d.Log)
	d.backups = newBackups(d.site, func() []configs.Camera { cameras, _ := d.footageConfig(); return cameras }, d.Log)
	d.backups.present, d.backups.once = d.time.now, d.eraser.enterOnce
	if asking != nil {
		asking.told, d.eraser.outside = d.time.told, true
	}
	d.clerk = &clerk{
		state: d.cfg.State, appliance: d.site.appliance, controller: d.cfg.Controller, index: d.index, log: d.Log, cameras: d.cameraIDs,
		threshold: time.Duration(d.cfg.Diary.GapThreshold), started: d.started, slot: d.site.heldAgainstSlot, anchoring: asking, room: d.room,
		marks: newMarks(d.site.stores, d.index, d.Log), replay: d.eraser.replay, pruner: newPruner(d.cfg.Diary, d.Log), eraser: d.eraser,
		backups: d.backups,
	}
	d.clerk.pruner.held, d.clerk.pruner.keys = d.eraser.held, d.site.diaryAside
	d.eraser.config, d.eraser.load, d.eraser.note, d.eraser.remember = d.footageConfig, d.writing, d.clerk.note, d.clerk.marks.remember
	d.eraser.fs = d.FS
	d.office = newOffice(d.site, d.footageConfig, d.index, d.Boot, d.Log)
	d.office.certain = d.time.certain
	d.office.lock, d.office.address, d.office.unlocked = d.entrance.lock, d.entrance.address, d.entrance.rouse
	d.eraser.office, d.eraser.entrance, d.eraser.packaged = d.office, d.entrance, d.packagesNow
	d.office.note, d.clerk.office, d.clerk.entrance = d.clerk.note, d.office, d.entrance
	d.clerk.start()
	d.enterConfig("")
	return d.clerk.begin(ctx)
}

// endClerk waits for pages to end and for the last entries, but not for a disk that hangs.
func (d *Daemon) endClerk(done <-chan struct{}) {
	limit := time.NewTimer(waitForEnd + d.entrance.takes())
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

// footageConfig is what the configuration says of footage.
func (d *Daemon) footageConfig() ([]configs.Camera, *time.Location) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.Cameras, d.cfg.Zone
}

// writing is how many bytes a second all cameras write now.
func (d *Daemon) writing() (sum float64) {
	for _, s := range d.rec.Status().Streams {
		sum += s.Bitrate / 8
	}
	return sum
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
	if e.Kind == recorder.EventFull {
		d.eraser.rouse()
	}
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

// findings are the incidents that a check of the footage found.
type findings struct {
	n     int
	first []string
}

// maxFindings is how many an entry quotes; the check itself shows all.
const maxFindings = 20

func (l *findings) add(f footage.Finding) {
	if f.Severity != footage.Incident {
		return
	}
	if l.n++; l.n <= maxFindings {
		l.first = append(l.first, describe(f))
	}
}

// entry opens an incident about them, if there are any.
func (l *findings) entry() (diary.Entry, bool) {
	return diary.Entry{Op: "incident.open", Body: proof.Body{Result: "footage check", Note: strings.Join(l.first, "\n"),
		Data: map[string]any{"incidents": int64(l.n)}}}, l.n > 0
}

// enter writes one entry into the diary of a site that no daemon holds. What is wrong with what others remember of the
// diary is written to out.
func (s *site) enter(ctx context.Context, e diary.Entry, out io.Writer) error {
	d, err := s.openDiary(ctx, out)
	if err != nil {
		return err
	}
	_, err = d.Append(ctx, e, nil)
	return errors.Join(err, d.Close())
}
