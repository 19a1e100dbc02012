package unseal

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
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
	old := k.release(s.ID, k.open[s.ID])
	last := k.oldest()
	k.turn++
	h.turn, k.open[s.ID] = k.turn, h
	k.mu.Unlock()
	k.close(old)
	k.close(last)
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
	return k.release(which, last)
}

// release takes a handle out of those that are open. Until it is closed it is leaving, so that a lock waits for it. The
// caller holds mu, and closes it once that is let go.
func (k *Keys) release(id keyring.ID, h *handle) *handle {
	if h != nil && k.open[id] == h {
		delete(k.open, id)
		k.leaving[h] = true
	}
	return h
}

// close waits for whoever reads with a handle, and closes it; none needs no closing.
func (k *Keys) close(h *handle) {
	if h == nil {
		return
	}
	h.close()
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.leaving, h)
}

// drop closes a handle and forgets it.
func (k *Keys) drop(id keyring.ID, h *handle) {
	k.mu.Lock()
	k.release(id, h)
	k.mu.Unlock()
	k.close(h)
}

// sealed tells whether there was a seal when the segment was opened; it never changes.
func (h *handle) sealed() bool {
	_, err := h.reader.Seal()
	return err == nil || !errors.Is(err, segment.ErrUnsealed)
}

// close forgets the segment's key. Closing twice is closing once.
func (h *handle) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone {
		h.gone, h.unlocked = true, false
		h.reader.Close() // it was only read, so there is nothing that closing could lose
	}
}
