package unseal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

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

// handle is one open segment.
type handle struct {
	turn uint64 // of its last use; guarded by Keys.mu

	mu       sync.Mutex // guards what follows, and is held while a record is read
	reader   *segment.Reader
	store    footage.Store
	ref      keyring.Ref
	unlocked bool
	gone     bool // it was closed while somebody waited for it
}

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

// unlock sees that the segment's key is neither erased nor locked away.
func (k *Keys) unlock(h *handle) error {
	slot, err := h.store.Ring.Slot(h.ref)
	if err == nil && slot.State >= keyring.StateErased || errors.Is(err, keyring.ErrNoSlot) {
		return fmt.Errorf("%v: %w", h.ref, ErrErased)
	}
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

// with lets f use a segment. An erased one is closed, whether or not it was open before.
func (k *Keys) with(s footage.Segment, f func(*handle) error) error {
	for {
		h, err := k.handle(s)
		if err != nil {
			return err
		}
		h.mu.Lock()
		if h.gone {
			h.mu.Unlock()
			continue
		}
		err = f(h)
		h.mu.Unlock()
		if errors.Is(err, ErrErased) {
			k.drop(s.ID, h)
		}
		return err
	}
}

// handle finds or opens a segment, and closes the one that was used longest ago where there are too many.
func (k *Keys) handle(s footage.Segment) (*handle, error) {
	if h := k.cached(s); h != nil {
		return h, nil
	}
	store, ok := k.o.Store(s.Store)
	if !ok {
		return nil, fmt.Errorf("store %v: %w", s.Store, ErrAway)
	}
	r, err := segment.Open(k.o.FS, store.Path(s.Camera, s.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrErased, err)
	}
	if err != nil {
		return nil, damage(err)
	}
	h := &handle{reader: r, store: store, ref: keyring.Ref{ID: s.ID, Slot: s.Slot}}
	k.mu.Lock()
	old, last := k.open[s.ID], k.oldest()
	k.turn++
	h.turn, k.open[s.ID] = k.turn, h
	k.mu.Unlock()
	old.close()
	last.close()
	return h, nil
}

// cached is the handle of a segment, unless it was opened before the segment was sealed: the seal says more.
func (k *Keys) cached(s footage.Segment) *handle {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.open[s.ID]
	if h == nil || s.Sealed && !h.sealed() {
		return nil
	}
	k.turn++
	h.turn = k.turn
	return h
}

// oldest takes the handle used longest ago out, if there are as many as there may be. The caller holds mu.
func (k *Keys) oldest() (last *handle) {
	if len(k.open) < MaxOpen {
		return nil
	}
	var which keyring.ID
	for id, h := range k.open {
		if last == nil || h.turn < last.turn {
			which, last = id, h
		}
	}
	delete(k.open, which)
	return last
}

// drop closes a handle and forgets it.
func (k *Keys) drop(id keyring.ID, h *handle) {
	k.mu.Lock()
	if k.open[id] == h {
		delete(k.open, id)
	}
	k.mu.Unlock()
	h.close()
}

// sealed tells whether there was a seal when the segment was opened; it never changes.
func (h *handle) sealed() bool {
	_, err := h.reader.Seal()
	return err == nil || !errors.Is(err, segment.ErrUnsealed)
}

// close forgets the segment's key. A handle is closed once; none needs no closing.
func (h *handle) close() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone {
		h.gone, h.unlocked = true, false
		h.reader.Close() // it was only read, so there is nothing that closing could lose
	}
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
