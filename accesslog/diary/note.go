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

// holdNote holds the note against the diary. One that no key of the diary signed makes no fault, since anybody can
// write that, and tells as little as one that is gone: either is entered, once, since a new note is written at once.
func (d *Diary) holdNote(ctx context.Context) error {
	keys, err := d.Keys(ctx)
	if err != nil {
		return err
	}
	if err := d.findStrange(); err != nil {
		return err
	}
	c, err := d.keys.readNote(keys...)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := d.missesNote(ctx, "note missing", "is gone"); err != nil {
			return err
		}
	case errors.Is(err, proof.ErrSignature) || errors.Is(err, proof.ErrFormat):
		name := d.keys.strangeName()
		if err := d.missesNote(ctx, "note strange", "is of no checkpoint of this diary, and is kept as "+name); err != nil {
			return err
		}
		if err := d.keys.setAside(); err != nil {
			d.complain("%v", err) // the entry says what there is to say
			return nil
		}
	case err != nil:
		return err
	default:
		f, err := d.Saw(ctx, Seen{By: "the note beside the signing key", Origin: c.Origin, Size: c.Size, Root: &c.Root})
		if err == nil && f == nil {
			d.agrees()
		}
		return err
	}
	d.agrees()
	if err := d.leaveNote(); err != nil {
		d.complain("%v", err)
	}
	return nil
}

// agrees lets the note be replaced from now on.
func (d *Diary) agrees() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = true
}

// missesNote enters that no note tells anything. A diary is made with one, so that whoever puts back an older varuh.db
// has to take it away or spoil it; an entry says so also after it was written again.
func (d *Diary) missesNote(ctx context.Context, result, what string) error {
	text := fmt.Sprintf("the note of the last checkpoint beside the signing key, %s, %s: it could have told whether an older copy of the diary was put back", d.keys.noteName(), what)
	d.complain("%s", text)
	_, err := d.Append(ctx, Entry{Op: "incident.open", Body: proof.Body{Result: result, Note: text}}, nil)
	return err
}

// setAside gives a note that is of no checkpoint of the diary another name, for a person to look at. It comes after
// the entry that says so: a crash between the two makes one more entry.
func (k keyFiles) setAside() error {
	err := k.fs.Rename(k.noteName(), k.strangeName())
	if err == nil {
		err = k.fs.SyncDir(k.dir)
	}
	if err != nil {
		return fmt.Errorf("couldn't set aside the note of the last checkpoint: %w", err)
	}
	return nil
}

// strangeName is where a note goes that is of no checkpoint of the diary. A later one replaces it.
func (k keyFiles) strangeName() string { return k.noteName() + ".strange" }

// findStrange names a note that was set aside, until a person has taken it away.
func (d *Diary) findStrange() error {
	name := d.keys.strangeName()
	_, err := d.keys.fs.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't look for a note of another diary: %w", err)
	}
	d.complain("%s was the note beside the signing key, and is of no checkpoint of this diary: look at it, and take it away", name)
	return nil
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
