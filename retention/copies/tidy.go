package copies

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"varuh/recorder/durable"
)

// Tidy brings to an end what an earlier run left.
func (m *Maker) Tidy(ctx context.Context) error {
	if err := m.turn(ctx); err != nil {
		return err
	}
	defer func() { <-m.busy }()
	return m.tidy(ctx)
}

// tidy ends what is begun: a registered part gets its name, any other is removed, or registered as cut off if its disk
// is away; a removal is made sure of.
func (m *Maker) tidy(ctx context.Context) error {
	if err := m.removeTemp(); err != nil {
		return err
	}
	text, err := durable.ReadFile(m.FS, m.Begun, 64<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't read where a backup was begun: %w", err)
	}
	var b begun
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("the note %s of a backup that was begun is damaged: look for a file varuh-*.part where backups are made, remove it, then this note: %w", m.Begun, err)
	}
	if err := m.settle(ctx, b); err != nil {
		return err
	}
	return m.forget()
}

// forget removes the note of what is begun.
func (m *Maker) forget() error {
	if err := m.FS.Remove(m.Begun); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't remove the note of a backup: %w", err)
	}
	return m.FS.SyncDir(filepath.Dir(m.Begun))
}

// settle ends one note. Whether a file is not there because it is gone, or because another stick is in the place of the
// one that has it, nobody can tell: what may have keys and is not seen counts as a copy.
func (m *Maker) settle(ctx context.Context, b begun) error {
	list, err := m.Register.List(ctx)
	if err != nil {
		return err
	}
	here := m.here(b.Dir, b.Apart)
	i := slices.IndexFunc(list, func(c Copy) bool { return c.Dir == b.Dir && c.Name == b.Name })
	switch {
	case b.Removing != 0 && here && i >= 0:
		return m.remove(ctx, list[i])
	case b.Removing != 0:
		return nil // it is gone from the list, or its disk is away and the next turn comes
	case i >= 0 && here:
		return m.name(list[i])
	case i >= 0:
		return nil // it is registered; that its name has .part behind it harms nobody
	}
	gone := errors.New("its disk is away")
	if here {
		gone = m.removePart(b)
	}
	if gone == nil || !b.Keys {
		return nil
	}
	_, err = m.Register.Add(ctx, Copy{Dir: b.Dir, Name: b.Name, Made: b.Made, Until: b.Until, Apart: b.Apart, Cut: true},
		Entry{Op: OpBackup, Result: "cut off", Note: "a backup was cut off, and the part of it could not be removed: " + gone.Error()})
	return err
}

// removePart removes a part that nobody registered.
func (m *Maker) removePart(b begun) error {
	name := filepath.Join(b.Dir, b.Name+partEnd)
	if !m.there(name) {
		if b.Keys {
			return errors.New("it is not in its folder, where perhaps another disk is now")
		}
		return nil
	}
	if b.Keys {
		if err := m.empty(name); err != nil {
			return err
		}
		b.Keys = false
		if err := m.note(b); err != nil {
			return err
		}
	}
	return m.unlink(name)
}

// here tells whether the disk that a folder was on is there.
func (m *Maker) here(dir string, apart bool) bool {
	now, err := m.Look(m.FS, dir)
	return err == nil && (now || !apart)
}

// name gives a registered part its name.
func (m *Maker) name(c Copy) error {
	if !m.there(c.Path() + partEnd) {
		return nil
	}
	if err := m.FS.Rename(c.Path()+partEnd, c.Path()); err != nil {
		return fmt.Errorf("the backup is made and registered, but could not be named %s: %w", c.Path(), err)
	}
	return m.FS.SyncDir(c.Dir)
}

// empty takes everything out of a file, durably. What is left of it harms nobody.
func (m *Maker) empty(name string) error {
	f, err := m.FS.OpenRW(name)
	if err != nil {
		return fmt.Errorf("couldn't destroy the backup: %w", err)
	}
	err = f.Truncate(0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("couldn't destroy the backup: %w", err)
	}
	return nil
}

// unlink removes an empty file, durably.
func (m *Maker) unlink(name string) error {
	if err := m.FS.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't remove the backup %s: %w", name, err)
	}
	return m.FS.SyncDir(filepath.Dir(name))
}

// remove destroys the file of a copy, takes it from the list, and removes what is left. One that is not there stays in
// the list.
func (m *Maker) remove(ctx context.Context, c Copy) error {
	var left []string
	for _, name := range []string{c.Path(), c.Path() + partEnd} {
		if !m.there(name) {
			continue
		}
		if err := m.empty(name); err != nil {
			return err
		}
		left = append(left, name)
	}
	if len(left) == 0 {
		return nil
	}
	if err := m.Register.End(ctx, c.ID, Entry{Op: OpRemoved}); err != nil {
		return err
	}
	var errs []error
	for _, name := range left {
		errs = append(errs, m.unlink(name))
	}
	return errors.Join(errs...)
}

// Expire removes from a folder the files of copies whose date has come for certain, or comes within the next hour, and parts that were cut off; the
// newest whole one stays in any case. Files of this appliance that the list does not have, such as after a restore,
// are registered. Nothing happens to anything else in the folder.
func (m *Maker) Expire(ctx context.Context, o Order) error {
	if err := m.turn(ctx); err != nil {
		return err
	}
	defer func() { <-m.busy }()
	if err := m.tidy(ctx); err != nil {
		return err
	}
	apart, err := m.Look(m.FS, o.Dir)
	if err != nil {
		return err
	}
	list, err := m.Register.List(ctx)
	if err != nil || away(list, o.Dir, apart) {
		return err
	}
	if list, err = m.adopt(ctx, o, apart, list); err != nil {
		return err
	}
	var errs []error
	for _, c := range m.due(list, o.Dir) {
		err := m.note(begun{Dir: c.Dir, Name: c.Name, Apart: apart, Removing: c.ID})
		if err == nil {
			err = m.tidy(ctx)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// due are the copies in a folder that are to be removed and are there.
func (m *Maker) due(list []Copy, dir string) (due []Copy) {
	newest := -1
	for i, c := range list {
		if c.Dir == dir && !c.Cut && m.there(c.Path()) {
			newest = i
		}
	}
	var certain time.Time
	if m.Certain != nil {
		certain = m.Certain()
	}
	for i, c := range list {
		present := m.there(c.Path()) || m.there(c.Path()+partEnd)
		if c.Dir == dir && i != newest && present && (c.Cut || !certain.Before(c.Until.Add(-ahead))) {
			due = append(due, c)
		}
	}
	return due
}

// adopt registers files that have the name of a backup of this appliance, or of a part of one, and are not in the list.
func (m *Maker) adopt(ctx context.Context, o Order, apart bool, list []Copy) ([]Copy, error) {
	entries, err := m.FS.ReadDir(o.Dir)
	if err != nil {
		return list, fmt.Errorf("couldn't list the backups in %s: %w", o.Dir, err)
	}
	for _, e := range entries {
		name, part := strings.CutSuffix(e.Name(), partEnd)
		made, ok := parseName(m.Origin, name)
		if !ok || slices.ContainsFunc(list, func(c Copy) bool { return c.Dir == o.Dir && c.Name == name }) {
			continue
		}
		st, err := m.FS.Stat(filepath.Join(o.Dir, e.Name()))
		if err != nil {
			return list, fmt.Errorf("couldn't look at the backup %s: %w", e.Name(), err)
		}
		if st.Size() == 0 { // it was being removed, or just begun
			if err := m.unlink(filepath.Join(o.Dir, e.Name())); err != nil {
				return list, err
			}
			continue
		}
		c, err := m.Register.Add(ctx, Copy{Dir: o.Dir, Name: name, Bytes: st.Size(), Made: made, Until: o.Keep.End(made, nil), Apart: apart, Cut: part},
			Entry{Op: OpBackup, Result: "found"})
		if err != nil {
			return list, err
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Copy) int { return a.Made.Compare(b.Made) })
	return list, nil
}
