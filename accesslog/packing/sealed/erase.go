package sealed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Destroy destroys an object: its key in both twins, then its file. Destroying again is no error. After one it is to be called
// again: the file may be there, or the key.
func (s *Shelf) Destroy(ctx context.Context, p Place) error {
	store, err := s.store(p.Store)
	if errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.erase(ctx, store, p, true)
}

// Here tells whether an object is: its key, and its file. One that lacks either can't be read any more, as after a disk was
// replaced, or the appliance made again from a backup.
func (s *Shelf) Here(p Place) (bool, error) {
	store, err := s.store(p.Store)
	if errors.Is(err, ErrGone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	slot, err := store.Ring.Slot(p.ref())
	if errors.Is(err, keyring.ErrNoSlot) || err == nil && slot.State != keyring.StateSealed {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = s.o.FS.Stat(s.nameOf(store, p.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Gone tells whether an object is destroyed: no key opens it, and there is no file.
func (s *Shelf) Gone(p Place) (bool, error) {
	store, err := s.store(p.Store)
	if errors.Is(err, ErrGone) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	slot, err := store.Ring.Slot(p.ref())
	switch {
	case errors.Is(err, keyring.ErrNoSlot):
	case err != nil:
		return false, err
	case slot.State < keyring.StateErased || slot.Fault != nil:
		return false, nil
	}
	_, err = s.o.FS.Stat(s.nameOf(store, p.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

// erase destroys the key, then the file. Where the slot's number is not known, the slots of the day the object was made and
// after it are looked through: that is after a crash between slot and header alone, so they are few.
func (s *Shelf) erase(ctx context.Context, store footage.Store, p Place, known bool) error {
	refs := []keyring.Ref{p.ref()}
	if !known {
		var err error
		if refs, err = slotsOf(ctx, store.Ring, p.ID); err != nil {
			return err
		}
	} else if _, err := store.Ring.Slot(p.ref()); errors.Is(err, keyring.ErrNoSlot) {
		refs = nil
	}
	if len(refs) > 0 {
		if err := store.Ring.Erase(ctx, refs); err != nil {
			return fmt.Errorf("couldn't destroy the key of the object %v: %w", p.ID, err)
		}
	}
	name := s.nameOf(store, p.ID)
	err := s.o.FS.Remove(name)
	if err == nil {
		err = s.o.FS.SyncDir(filepath.Dir(name))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the key of the object %v is destroyed, but its file is still there: %w", p.ID, err)
	}
	return nil
}

// slotsOf finds the slot of an object by its id.
func slotsOf(ctx context.Context, ring *keyring.Ring, id keyring.ID) (refs []keyring.Ref, err error) {
	for slot, err := range ring.All(id.Time()) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && slot.ID == id && slot.Kind == keyring.KindPackage {
			refs = append(refs, slot.Ref)
		}
	}
	return refs, nil
}

// Left is what a sweep left as it is, since it can't tell whose it is or can't destroy it now: it hinders nothing else.
type Left struct {
	Name string // of the file, or of the folder that can't be listed
	Err  error
}

// Sweep destroys what a crash left of objects, and all that nobody knows: known tells of an object that is finished whether
// somebody has it. What is being written is left alone. It is to be called at each start, and may be called again. The error is that
// of ctx.
//
// A file whose head is not whole is destroyed, with the key slot of its id: a crash before the head was durable leaves such a one, and
// nothing opens it, whoever knows it. What a newer varuh wrote, and what the disk does not give, may be whole, so it is left.
func (s *Shelf) Sweep(ctx context.Context, known func(Place) bool) (destroyed []Place, left []Left, err error) {
	for _, store := range s.o.Stores() {
		ids, err := s.ids(store)
		if err != nil {
			left = append(left, Left{s.dirOf(store), err})
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return destroyed, left, err
			}
			p, gone, err := s.sweepOne(ctx, store, id, known)
			if err != nil {
				left = append(left, Left{s.nameOf(store, id), err})
			} else if gone {
				destroyed = append(destroyed, p)
			}
		}
	}
	return destroyed, left, ctx.Err()
}

// ids are the objects that a store has a file of.
func (s *Shelf) ids(store footage.Store) (ids []keyring.ID, err error) {
	list, err := s.o.FS.ReadDir(s.dirOf(store))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't list the sealed objects of %s: %w", store.Dir, err)
	}
	for _, e := range list {
		text, ok := strings.CutSuffix(e.Name(), suffix)
		if id, err := keyring.ParseID(text); ok && err == nil && e.Type().IsRegular() {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (s *Shelf) sweepOne(ctx context.Context, store footage.Store, id keyring.ID, known func(Place) bool) (p Place, gone bool, err error) {
	if s.isBusy(id) {
		return p, false, nil
	}
	h, err := s.headerOf(store, id)
	torn := errors.Is(err, ErrDamaged)
	if err != nil && !torn {
		return p, false, err
	}
	if p = h.Place; torn {
		return Place{ID: id, Store: store.ID}, true, s.erase(ctx, store, Place{ID: id, Store: store.ID}, false)
	}
	slot, err := store.Ring.Slot(p.ref())
	switch {
	case errors.Is(err, keyring.ErrNoSlot):
	case err != nil:
		return p, false, err
	case slot.State == keyring.StateSealed && known(p):
		return p, false, nil
	}
	return p, true, s.erase(ctx, store, p, true)
}

// headerOf reads the head of an object's file. The error is [ErrDamaged] where it is not whole, or another's.
func (s *Shelf) headerOf(store footage.Store, id keyring.ID) (h header, err error) {
	f, err := s.o.FS.Open(s.nameOf(store, id))
	if err != nil {
		return h, err
	}
	defer f.Close() // only read
	b := make([]byte, headerSize)
	if n, err := io.ReadFull(f, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return h, fmt.Errorf("%w: its head ends after %d bytes", ErrDamaged, n)
		}
		return h, err
	}
	if h, err = parseHeader(b); err == nil && (h.ID != id || h.Store != store.ID) {
		err = fmt.Errorf("%w: the file is that of another object", ErrDamaged)
	}
	return h, err
}
