package diary

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
)

// noteFile is the last checkpoint, beside the signing key. It is left at Close and whenever a
// checkpoint leaves the appliance, so it may be behind the database; if it is ahead, that went back.
const noteFile = "diary.checkpoint"

// leaveNote writes the note, unless the one that is there has not been held against the diary, or
// remembers another: then it is evidence, until two persons have accepted what was found. No older note
// replaces a newer one.
func (d *Diary) leaveNote() error {
	d.noting.Lock()
	defer d.noting.Unlock()
	d.mu.Lock()
	text, agrees := d.note, d.noted
	d.mu.Unlock()
	if text == nil || !agrees {
		return nil
	}
	if err := durable.WriteFile(d.keys.fs, d.keys.noteName(), text, 0o644); err != nil {
		return fmt.Errorf("couldn't note the last checkpoint: %w", err)
	}
	return nil
}

func (k keyFiles) noteName() string { return filepath.Join(k.dir, noteFile) }

// holdNote holds the note against the diary. One that no key of the diary signed makes no fault, since
// anybody can write that; it is named, and stays where it is until a person has looked at it.
func (d *Diary) holdNote(ctx context.Context) error {
	keys, err := d.Keys(ctx)
	if err != nil {
		return err
	}
	c, err := d.keys.readNote(keys...)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := d.missesNote(ctx); err != nil {
			return err
		}
	case errors.Is(err, proof.ErrSignature) || errors.Is(err, proof.ErrFormat):
		d.complain("the note beside the signing key, %s, is of no checkpoint of this diary: look at it, and take it away: %v", d.keys.noteName(), err)
		return nil
	case err != nil:
		return err
	default:
		f, err := d.Saw(ctx, Seen{By: "the note beside the signing key", Origin: c.Origin, Size: c.Size, Root: &c.Root})
		if err != nil || f != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = true
	return nil
}

// missesNote enters that the note is gone. A diary is made with one, so that whoever puts back an older varuh.db has
// to take it away; an entry says so also after it was written again.
func (d *Diary) missesNote(ctx context.Context) error {
	text := fmt.Sprintf("the note of the last checkpoint beside the signing key, %s, is gone: it could have told whether an older copy of the diary was put back", d.keys.noteName())
	d.complain("%s", text)
	_, err := d.Append(ctx, Entry{Op: "incident.open", Body: proof.Body{Result: "note missing", Note: text}}, nil)
	return err
}

// readNote reads the note, which one of the keys must have signed.
func (k keyFiles) readNote(keys ...proof.Key) (proof.Checkpoint, error) {
	text, err := durable.ReadFile(k.fs, k.noteName(), 64<<10)
	if err != nil {
		return proof.Checkpoint{}, fmt.Errorf("couldn't read the note of the last checkpoint: %w", err)
	}
	signed, err := proof.OpenCheckpoint(text, keys...)
	return signed.Checkpoint, err
}
