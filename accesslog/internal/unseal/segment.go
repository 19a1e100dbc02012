package unseal

import (
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// MaxOpen is how many segments are open at once: each is a file and the list of its records, some 40 KiB.
const MaxOpen = 64

// What keeps a segment from being opened.
var (
	ErrErased  = errors.New("the footage was erased")
	ErrAway    = errors.New("the store that holds the footage is not mounted")
	ErrDamaged = errors.New("the footage is damaged")
)

// Read decrypts record n of a segment, into buf where that has room. The errors are [people.ErrLocked],
// [ErrErased], [ErrAway], [ErrDamaged], an io.EOF for a record that is not there, or the disk's.
func (k *Keys) Read(s footage.Segment, n int, buf []byte) (plain []byte, err error) {
	if _, err := k.identity(people.FootageKey); err != nil {
		return nil, err
	}
	err = k.with(s, func(h *handle) error {
		if err := k.unlock(h); err != nil {
			return err
		}
		_, plain, err = h.reader.Play(n, buf)
		return damage(err)
	})
	return plain, err
}

// Entry is what record n of a segment says in the clear, by the segment's own clock. The errors are those
// of Read but people.ErrLocked.
func (k *Keys) Entry(s footage.Segment, n int) (e segment.Entry, err error) {
	err = k.with(s, func(h *handle) error {
		e, err = h.reader.Entry(n)
		return damage(err)
	})
	return e, err
}

// Entries are all records of a segment so far, as Entry gives them. The list is not to be changed.
func (k *Keys) Entries(s footage.Segment) (list []segment.Entry, err error) {
	err = k.with(s, func(h *handle) error {
		if seal, err := h.reader.Seal(); err == nil {
			list = seal.Index
			return nil
		}
		for {
			e, err := h.reader.Entry(len(list))
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return damage(err)
			}
			list = append(list, e)
		}
	})
	return list, err
}

// Forget closes segments that are about to be erased.
func (k *Keys) Forget(ids ...keyring.ID) {
	for _, id := range ids {
		k.mu.Lock()
		h := k.open[id]
		k.mu.Unlock()
		if h != nil {
			k.drop(id, h)
		}
	}
}

// slot is that of the segment's key, which was not erased.
func (h *handle) slot() (keyring.Slot, error) {
	slot, err := h.store.Ring.Slot(h.ref)
	if err == nil && slot.State >= keyring.StateErased || errors.Is(err, keyring.ErrNoSlot) {
		err = fmt.Errorf("%v: %w", h.ref, ErrErased)
	}
	return slot, err
}

// unlock sees that the segment's key is neither erased nor locked away.
func (k *Keys) unlock(h *handle) error {
	slot, err := h.slot()
	if err != nil || h.unlocked {
		return err
	}
	id, err := k.identity(people.FootageKey)
	if err != nil {
		return err
	}
	key, err := id.Open(h.store.ID, slot)
	if err != nil {
		return err
	}
	defer clear(key[:])
	if err := h.reader.Unlock(key); err != nil {
		return damage(err)
	}
	h.unlocked = true
	return nil
}

// damage marks what is wrong with the file.
func damage(err error) error {
	var p *segment.Problem
	for _, bad := range []error{segment.ErrDamaged, segment.ErrKey, segment.ErrNotSegment, segment.ErrVersion, segment.ErrNoHeader} {
		if errors.Is(err, bad) || errors.As(err, &p) {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return err
}
