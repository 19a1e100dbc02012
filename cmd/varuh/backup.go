package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/retention/copies"
)

// copyBook enters copies in a diary, and finds them there.
type copyBook struct {
	diary *diary.Diary
	by    *proof.Actor // who an entry with a name is about; nil: nobody
}

// Query implements [copies.Diary].
func (b copyBook) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return b.diary.Query(ctx, query, args...)
}

// Enter implements [copies.Diary].
func (b copyBook) Enter(ctx context.Context, e copies.Entry, keep func(*sql.Tx, int64) error) error {
	body := proof.Body{Purpose: e.Reason, Result: e.Result, Note: e.Note, Data: e.Data}
	if e.Actor != "" {
		if b.by == nil || b.by.Name != e.Actor {
			return errUnknownPerson
		}
		body.Actor = b.by
	}
	entry := diary.Entry{Op: e.Op, Ref: e.Ref, Body: body}
	if e.Row != nil { // in the clear, since the list is held against it while nobody can read the diary
		row, err := proof.Encode(e.Row)
		if err != nil {
			return err
		}
		entry.Manifest, entry.Clear = row, true
	}
	_, err := b.diary.AppendKeeping(ctx, entry, func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		return keep(tx, i)
	})
	return err
}

// Entered implements [copies.Diary].
func (b copyBook) Entered(ctx context.Context, ops ...string) (list []copies.Entered, cut int64, err error) {
	cut = b.diary.Head().Cut
	entries, err := b.diary.EntriesOf(ctx, ops...)
	if err != nil {
		return nil, 0, fmt.Errorf("couldn't read what is entered of copies: %w", err)
	}
	for _, e := range entries {
		known := copies.Entered{Index: e.Index, Op: e.Op, Ref: e.Ref, Time: e.Time}
		if known.Row, err = b.row(ctx, e); err != nil {
			return nil, 0, err
		}
		list = append(list, known)
	}
	return list, cut, nil
}

// row is that of an entry, nil where it has none.
func (b copyBook) row(ctx context.Context, e diary.Stored) (map[string]any, error) {
	if e.Obj == nil {
		return nil, nil
	}
	text, err := b.diary.Manifest(ctx, e.Index)
	if err != nil {
		return nil, fmt.Errorf("couldn't read what is entered of a copy: %w", err)
	}
	v, err := proof.Parse(text)
	row, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: what entry %d says of a copy", diary.ErrDamaged, e.Index)
	}
	return row, nil
}

// mendCopies holds the list of copies against the diary, and puts it right. What was wrong is an incident.
func mendCopies(ctx context.Context, d *diary.Diary) (wrong []string, err error) {
	if d.Fault() != nil {
		return nil, nil // until two persons have accepted it nobody knows whether its entries are all there
	}
	wrong, err = copyRegister(d).Mend(ctx)
	if err != nil || len(wrong) == 0 {
		return wrong, err
	}
	note := "somebody changed the list of copies beside varuh; it was put right by the diary: " + strings.Join(wrong, "; ")
	_, err = d.Append(ctx, diary.Entry{Op: "incident.open", Body: proof.Body{Result: "list of copies changed", Note: note[:min(len(note), maxNote)]}}, nil)
	return wrong, err
}

// copyRegister is the list of copies in a diary.
func copyRegister(d *diary.Diary) *copies.Register {
	return &copies.Register{Diary: copyBook{diary: d}}
}

// backupMaker makes backups of a site. cameras are those in force.
func (s *site) backupMaker(d *diary.Diary, cameras func() []configs.Camera) *copies.Maker {
	state := s.cfg.State
	m := copies.Maker{
		Source: copies.Source{
			FS: durable.OS, Temp: filepath.Join(state, "backup.db"), Appliance: s.appliance.ID, Origin: s.appliance.Diary, Software: "varuh " + version(),
			Recovery: func() (keyring.PublicKey, error) {
				public, err := keyring.ReadPublic(durable.OS, publicFile(state))
				return current(public, keyring.Recovery), err
			},
			Small: func() ([]copies.File, error) { return s.smallFiles(cameras()) },
			Database: func(ctx context.Context, name string) (copies.Snapshot, error) {
				if err := s.roomForCopy(); err != nil {
					return copies.Snapshot{}, err
				}
				c, err := d.CopyTo(ctx, name)
				return copies.Snapshot{Size: c.Size, Checkpoint: c.Checkpoint}, err
			},
		},
		Around: copies.Around{State: state, Stores: s.cfg.Store}, Register: copyRegister(d), Begun: filepath.Join(state, "backup.begun"), Now: time.Now,
	}
	for _, store := range s.stores {
		m.Rings = append(m.Rings, store.Ring)
	}
	return copies.NewMaker(m)
}

// roomForCopy refuses to copy the database where that could take the last space that the diary itself needs.
func (s *site) roomForCopy() error {
	st, err := os.Stat(diaryFile(s.cfg.State))
	if err != nil {
		return fmt.Errorf("couldn't look at the diary: %w", err)
	}
	free, err := freeOf(s.cfg.State)
	if need := uint64(st.Size()) + roomLow; err == nil && free < need {
		err = fmt.Errorf("a backup takes %s on the disk of the state folder %s for a while, and %s are free: make room there", size(need), s.cfg.State, size(free))
	}
	return err
}

// maxBackedUp bounds a file beside slots and database.
const maxBackedUp = 4 << 20

// backedUpState are the files of the state folder that are in a backup, beside slots and the database. All others are made
// anew or belong to this machine; private keys that open anything are in none, unless sealed to the recovery key as the backup is.
var backedUpState = []string{"appliance.json", "pins", "present.json", "keys/public.json", "keys/diary.json", "keys/reading.json", "keys/diary.key", "keys/diary.key.next"}

// smallFiles reads them, and the configuration with the files that it names.
func (s *site) smallFiles(cameras []configs.Camera) (list []copies.File, err error) {
	names := []string{filepath.Join(s.cfg.Dir, configs.File)}
	for dir, home := range map[string]string{filepath.Join(s.cfg.Dir, configs.CameraDir): s.cfg.Dir, filepath.Join(s.cfg.State, "retention.late"): s.cfg.State} {
		found, err := filesIn(dir)
		if err != nil {
			return nil, fmt.Errorf("couldn't list what belongs into the backup of %s: %w", home, err)
		}
		names = append(names, found...)
	}
	for _, name := range backedUpState {
		names = append(names, filepath.Join(s.cfg.State, filepath.FromSlash(name)))
	}
	for _, c := range cameras {
		if c.PasswordFile != "" {
			names = append(names, s.within(c.PasswordFile))
		}
	}
	for _, a := range s.cfg.Diary.Timestamps {
		names = append(names, a.Roots)
	}
	return s.readSmall(names)
}

// within is a path of the configuration.
func (s *site) within(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(s.cfg.Dir, name)
}

// filesIn are the files in a folder, which may be missing.
func filesIn(dir string) (names []string, err error) {
	entries, err := durable.OS.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasSuffix(e.Name(), ".new") {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	return names, err
}

// readSmall reads files, each once, in the order of their names in the backup. One that is missing is left out.
func (s *site) readSmall(names []string) (list []copies.File, err error) {
	seen := map[string]bool{}
	for _, name := range names {
		entry := s.entryName(name)
		if seen[entry] {
			continue
		}
		seen[entry] = true
		b, err := durable.ReadFile(durable.OS, name, maxBackedUp)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("couldn't read what belongs into the backup: %w", err)
		}
		list = append(list, copies.File{Name: entry, Data: b})
	}
	slices.SortFunc(list, func(a, b copies.File) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// entryName is what a file is called in a backup.
func (s *site) entryName(name string) string {
	for _, home := range []struct{ folder, dir string }{{copies.StateFolder, s.cfg.State}, {copies.ConfigFolder, s.cfg.Dir}} {
		if rel, err := filepath.Rel(home.dir, name); err == nil && filepath.IsLocal(rel) {
			folder := home.folder
			if s.cfg.State == s.cfg.Dir && !ofState(rel) {
				folder = copies.ConfigFolder
			}
			return path.Join(folder, filepath.ToSlash(rel))
		}
	}
	return path.Join(copies.Elsewhere, filepath.ToSlash(name))
}

// ofState tells whether a path below the state folder is the appliance's own.
func ofState(rel string) bool {
	for _, name := range append([]string{"retention.late"}, backedUpState...) {
		if rel == name || strings.HasPrefix(rel, name+"/") {
			return true
		}
	}
	return false
}
