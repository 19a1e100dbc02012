package sealed

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// folder is where the shelves of a store lie, in it. No camera can be called so.
const folder = "_sealed"

const suffix = ".obj"

// Options say where objects lie and what they may take.
type Options struct {
	FS     durable.FS
	Folder string                 // of this shelf beside others, such as packages: a sweep of one leaves the others alone
	Stores func() []footage.Store // that are mounted
	Now    func() time.Time

	// Lost tells of a store that is not mounted whether it was given up: what was on it is gone. nil: none was.
	Lost func(store keyring.ID) bool

	// Key opens the slot of an object with the private key of footage. Its errors are passed on, such as that all is locked.
	Key func(*keyring.Ring, keyring.Ref) (keyring.Key, error)

	// Floor is how many bytes have to stay free on a store's disk. Where there are fewer, Wanted is told, which may have
	// footage make room, and an object waits for Patience before it gives up; 0: 3 min.
	Floor    func(footage.Store) uint64
	Wanted   func(footage.Store) // nil: nobody makes room
	Patience time.Duration

	// Yields is how many bytes footage could give up for an object that needs so many more on a store. Nothing goes for the
	// answer. nil: none.
	Yields func(ctx context.Context, s footage.Store, need int64) (int64, error)
}

// Shelf keeps objects on stores. Its methods may be called from many goroutines.
type Shelf struct {
	o Options

	mu      sync.Mutex
	writing map[keyring.ID]bool // objects that are being written; guarded by mu
}

// NewShelf makes a shelf. [Shelf.Sweep] is to be called before anything is put on it.
func NewShelf(o Options) *Shelf {
	if o.Patience == 0 {
		o.Patience = 3 * time.Minute
	}
	return &Shelf{o: o, writing: map[keyring.ID]bool{}}
}

func (s *Shelf) dirOf(store footage.Store) string {
	return filepath.Join(store.Dir, folder, s.o.Folder)
}

func (s *Shelf) nameOf(store footage.Store, id keyring.ID) string {
	return filepath.Join(s.dirOf(store), id.String()+suffix)
}

// store finds one that is mounted.
func (s *Shelf) store(id keyring.ID) (footage.Store, error) {
	for _, store := range s.o.Stores() {
		if store.ID == id {
			return store, nil
		}
	}
	if s.o.Lost != nil && s.o.Lost(id) {
		return footage.Store{}, fmt.Errorf("%w with store %v, which was given up", ErrGone, id)
	}
	return footage.Store{}, fmt.Errorf("store %v: %w", id, ErrAway)
}

// roomFor is the store for an object of about so many bytes: the one whose disk has most room above its floor; where that is
// not enough, the one that has most with what footage could give up there. It refuses what fits on none: [ErrFull].
func (s *Shelf) roomFor(ctx context.Context, need int64) (footage.Store, error) {
	best, most, err := s.roomiest(s.above)
	switch {
	case best.Ring == nil:
		return best, err
	case need <= 0 || most >= need:
		return best, nil
	}
	best, most, err = s.roomiest(func(store footage.Store) (int64, error) {
		above, err := s.above(store)
		if err == nil && s.o.Yields != nil && above < need {
			more, err := s.o.Yields(ctx, store, need-above)
			return above + more, err
		}
		return above, err
	})
	switch {
	case best.Ring == nil:
		return best, err
	case most >= need:
		return best, nil
	}
	full := fmt.Errorf("%w: about %d MiB are needed, and there is room for %d MiB on the roomiest disk: ask for a shorter range, or have a disk added", ErrFull, need>>20, max(most, 0)>>20)
	return best, errors.Join(full, err)
}

// above is how much room a store has above its floor; less than 0 where it is fuller.
func (s *Shelf) above(store footage.Store) (int64, error) {
	free, err := s.o.FS.Free(store.Dir)
	if err != nil {
		return 0, fmt.Errorf("couldn't ask for the free space of %s: %w", store.Dir, err)
	}
	return int64(free) - int64(s.o.Floor(store)), nil
}

// roomiest is the store that has most room, of those whose room can be told. The error is of the others: where none is left the store has no Ring.
func (s *Shelf) roomiest(room func(footage.Store) (int64, error)) (best footage.Store, most int64, err error) {
	var errs []error
	for _, store := range s.o.Stores() {
		has, err := room(store)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if best.Ring == nil || has > most {
			best, most = store, has
		}
	}
	if best.Ring == nil && len(errs) == 0 {
		errs = append(errs, ErrAway)
	}
	return best, most, errors.Join(errs...)
}

// waitEach is how often it is looked whether room was made.
const waitEach = 5 * time.Second

// room waits until so many bytes can be written, and says after a while that they can't: [ErrFull].
func (s *Shelf) room(ctx context.Context, store footage.Store, need uint64) error {
	var tick *time.Ticker
	for waited := time.Duration(0); ; waited += waitEach {
		free, err := s.o.FS.Free(store.Dir)
		if err != nil {
			return fmt.Errorf("couldn't ask for the free space of %s: %w", store.Dir, err)
		}
		floor := s.o.Floor(store)
		if free >= floor+need {
			return nil
		}
		if s.o.Wanted == nil || waited >= s.o.Patience {
			return fmt.Errorf("%w: %s has %d MiB free, of which %d MiB are kept for recording: delete what is not varuh's on it, or ask for a shorter range",
				ErrFull, store.Dir, free>>20, floor>>20)
		}
		s.o.Wanted(store)
		if tick == nil {
			tick = time.NewTicker(waitEach)
			defer tick.Stop()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// full names the error of a disk that has no room.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// busy notes that an object is written, or no more.
func (s *Shelf) busy(id keyring.ID, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.writing, id); is {
		s.writing[id] = true
	}
}

func (s *Shelf) isBusy(id keyring.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writing[id]
}

// Stores are those that are mounted.
func (s *Shelf) Stores() []footage.Store { return s.o.Stores() }
