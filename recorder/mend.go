package recorder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// leftOpen finds the segments that a crash left open, by stream. Each stream mends its own before it
// writes, while its line records into the queue already: reading back a large segment must not cost
// pictures. No private key is needed.
func (r *Recorder) leftOpen() error {
	rows, err := r.Index.Unsealed()
	if err != nil {
		return fmt.Errorf("couldn't list the segments that are open: %w", err)
	}
	for _, row := range rows {
		key := streamKey{row.Camera, row.Stream}
		r.left[key] = append(r.left[key], row)
	}
	return nil
}

// mendKeys makes the twins of the last days' key slots equal, gives a row to each segment of theirs that
// the index does not know, since it was damaged or put back from an old copy, and destroys the keys of
// segments that a crash kept from getting a file. It runs before any stream makes a key. What fails is
// told and left as it is: recording comes first.
func (d *disk) mendKeys(ctx context.Context) {
	if d.present() != nil {
		return
	}
	since := d.rec.lastDay()
	if mended, err := d.Ring.Mend(ctx, since); err != nil {
		d.failed("mend the keys", err)
	} else if len(mended.Fixed)+len(mended.Lost) > 0 {
		d.rec.Log.Warn(fmt.Sprintf("the two copies of the keys of %s differed in %d places, which are mended; %d keys can't be read any more", d.Dir, len(mended.Fixed), len(mended.Lost)),
			"err", errors.Join(append(mended.Fixed, mended.Lost...)...))
	}
	var orphans []keyring.Ref
	for slot, err := range d.Ring.All(since) {
		if err != nil || slot.State == keyring.StateErased || slot.Kind != keyring.KindSegment {
			continue // Mend told of what cannot be read
		}
		if _, err := d.rec.Index.Get(slot.ID); !isUnknown(err) {
			continue
		}
		switch camera, err := d.cameraOf(slot.ID); {
		case err != nil:
			d.failed("look for the file of a key", err)
		case camera != "":
			d.adopt(camera, slot.ID)
		case slot.State == keyring.StateOpen:
			orphans = append(orphans, slot.Ref)
		}
	}
	if len(orphans) == 0 {
		return
	}
	if err := d.Ring.Erase(ctx, orphans); err != nil {
		d.failed("destroy keys that nothing uses", err)
	}
}

// lastDay is a day before the first segment that may have been written when the recorder last ended.
func (r *Recorder) lastDay() time.Time {
	first := r.Boot.Now()
	if newest, err := r.Index.Newest(); err == nil {
		first = earlier(first, newest.ID.Time())
	}
	for _, rows := range r.left {
		for _, row := range rows {
			first = earlier(first, row.ID.Time())
		}
	}
	return first.AddDate(0, 0, -1)
}

// cameraOf is the folder under which the file of that segment lies, empty if it lies under none.
func (d *disk) cameraOf(id keyring.ID) (string, error) {
	cameras, err := d.rec.FS.ReadDir(d.Dir)
	if err != nil {
		return "", err
	}
	for _, c := range cameras {
		if _, err := d.rec.FS.Stat(d.Path(c.Name(), id)); err == nil {
			return c.Name(), nil
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return "", err
		}
	}
	return "", nil
}

// adopt gives a segment a row. One that is open is mended with those that the index knew. A file that
// cannot be read keeps its key, and check reports it.
func (d *disk) adopt(camera string, id keyring.ID) {
	row, finding, err := d.rec.Index.Adopt(d.rec.FS, d.Store, camera, id)
	switch {
	case err != nil:
		d.rec.indexFailed(err)
	case row != nil:
		d.rec.Log.Warn(fmt.Sprintf("the index did not know segment %s of %s and has it again", id, camera))
		if !row.Sealed {
			key := streamKey{row.Camera, row.Stream}
			d.rec.left[key] = append(d.rec.left[key], *row)
		}
	case finding != nil:
		d.rec.event(Event{Kind: EventDamaged, Camera: camera, Sentence: finding.Sentence})
	}
}

// mendStream mends what a crash left open of one stream. What cannot be mended now is tried again later.
func (r *Recorder) mendStream(ctx context.Context, rows []footage.Segment) {
	for _, row := range rows {
		d := r.diskOf(row.Store)
		if d == nil {
			continue // its disk is not there; the row waits for it
		}
		if err := d.mendOne(ctx, torn{row: row}); err != nil {
			d.failed("recover a segment", err)
			d.broken(torn{row: row})
		}
	}
}

func (r *Recorder) diskOf(id keyring.ID) *disk {
	for _, d := range r.disks {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// mendOne is mend, one at a time on each disk: reading many large files at once would take longer for all.
func (d *disk) mendOne(ctx context.Context, t torn) error {
	d.mending <- struct{}{}
	defer func() { <-d.mending }()
	return d.mend(ctx, t)
}

// mend ends an open row. By the state of its key slot:
//
//   - open: the file is cut at its last whole record and sealed, then the slot, then the row; without a
//     single fragment there is nothing to keep: the key is destroyed, then file and row go;
//   - sealed: only the row was late; the file must be as the slot says, else bytes were lost after
//     they had been promised, which check reports as an incident;
//   - erased: the file and the row go.
func (d *disk) mend(ctx context.Context, t torn) error {
	row := t.row
	if err := d.present(); err != nil {
		return err
	}
	ref := keyring.Ref{ID: row.ID, Slot: row.Slot}
	slot, err := d.Ring.Slot(ref)
	if err != nil {
		return fmt.Errorf("couldn't read the key slot of segment %s: %w", row.ID, err)
	}
	if slot.State == keyring.StateErased {
		return d.drop(row, Event{Sentence: "a segment whose key had been destroyed was removed"})
	}
	path := d.Path(row.Camera, row.ID)
	var seal segment.Seal
	if slot.State == keyring.StateOpen {
		if t.doubtful {
			err = durable.Rewrite(d.rec.FS, path)
		} else {
			err = durable.Reread(d.rec.FS, path)
		}
		if err == nil {
			seal, err = segment.Recover(d.rec.FS, path)
		}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, segment.ErrNoHeader) || err == nil && seal.Records <= 1 {
			if err := d.Ring.Erase(ctx, []keyring.Ref{ref}); err != nil {
				return err
			}
			return d.drop(row, Event{Segment: &row, Err: err, Sentence: vanished(err)})
		}
	} else {
		seal, err = sealOf(d.rec, path)
	}
	if beyondRepair(err) {
		return d.giveUp(row, err)
	}
	if err != nil {
		return fmt.Errorf("couldn't recover segment %s: %w", row.ID, err)
	}
	return d.settle(ctx, ref, row, seal, slot)
}

// giveUp tells of a segment that cannot be recovered. Its row stays open and what there is stays as it is, and
// the next start tells of it again.
func (d *disk) giveUp(row footage.Segment, err error) error {
	d.rec.event(Event{Kind: EventDamaged, Camera: row.Camera, Stream: row.Stream, Segment: &row, Err: err, Sentence: fmt.Sprintf(
		"segment %s can't be recovered and stays as it is: run varuh footage check, and keep the disk for whoever looks into it", row.ID)})
	return nil
}

// beyondRepair tells that it is the file that is wrong and not the disk: trying again would
// not help. A file that is gone counts, since a sealed one had been promised.
func beyondRepair(err error) bool {
	return slices.ContainsFunc([]error{
		segment.ErrDamaged, segment.ErrUnsealed, segment.ErrVersion, segment.ErrNotSegment, segment.ErrNoHeader,
		fs.ErrNotExist,
	}, func(kind error) bool { return errors.Is(err, kind) })
}

// sealOf reads the seal of a file whose slot is sealed already.
func sealOf(r *Recorder, path string) (segment.Seal, error) {
	in, err := segment.Open(r.FS, path)
	if err != nil {
		return segment.Seal{}, err
	}
	seal, err := in.Seal()
	return seal, errors.Join(err, in.Close())
}

// settle writes what the seal says into slot and row.
func (d *disk) settle(ctx context.Context, ref keyring.Ref, row footage.Segment, seal segment.Seal, slot keyring.Slot) error {
	st, err := d.rec.FS.Stat(d.Path(row.Camera, row.ID))
	if err != nil {
		return err
	}
	row = row.WithSeal(seal, st.Size())
	if slot.State == keyring.StateOpen {
		if err := d.Ring.Seal(ctx, []keyring.Sealing{{Ref: ref, Records: seal.Records, Root: seal.Root}}); err != nil {
			return err
		}
	}
	if err := d.rec.Index.Sealed(row); err != nil {
		return err
	}
	d.rec.event(Event{Kind: EventRecovered, Camera: row.Camera, Stream: row.Stream, Segment: &row,
		Sentence: fmt.Sprintf("recovered a segment that was left open: %d records up to %s", row.Records, row.End.Format("2006-01-02 15:04:05Z"))})
	return nil
}

// vanished says why nothing is left of a segment whose key was never sealed. That its file is gone has the same
// cause as that it is empty, if nobody lent a hand: but for the last seconds, files are durable.
func vanished(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "the file of a segment that was open is gone: either it had just begun when the power or the disk failed, or somebody removed it"
	}
	return "a segment that had just begun when the power or the disk failed held nothing and was removed"
}

// drop removes the file, durably, and then the row of a segment whose key is gone; the gaps that it was
// to carry wait for the next segment. e tells of it.
func (d *disk) drop(row footage.Segment, e Event) error {
	path := d.Path(row.Camera, row.ID)
	err := d.rec.FS.Remove(path)
	if err == nil {
		err = d.rec.FS.SyncDir(filepath.Dir(path))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.rec.Index.Abandon(row.ID); err != nil {
		return err
	}
	e.Kind, e.Camera, e.Stream = EventVanished, row.Camera, row.Stream
	d.rec.event(e)
	return nil
}
