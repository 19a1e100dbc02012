package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"varuh/recorder/durable"
)

// Ring keeps the slots of one store, in twins: one in the state folder, one on the store's disk.
// It may be used by many goroutines, but by one process only.
type Ring struct {
	store ID
	twins [2]*twin // the state twin is written first, see package comment

	mu         sync.Mutex   // guards all that follows, but is never held during input or output
	queue      []*change    // what waits for the committer
	committing bool         // whether the committer runs
	flying     map[Ref]bool // the slots being written
	batches    uint64       // how many batches have been written
	erasures   uint64       // how many of them had keys to destroy
	pubs       []PublicKey  // replaced, never changed

	next map[day]uint32 // number of the next new slot; only the committer uses it
}

// Open opens the ring of a store. Both folders must be there: a missing one is a disk that is not
// mounted. pubs are the keys that new slots are sealed to, see [Public.Current]; without any the
// ring reads, seals and erases but does not create.
func Open(fsys durable.FS, stateDir, storeDir string, store ID, pubs []PublicKey) (*Ring, error) {
	if len(pubs) > MaxKeys {
		return nil, fmt.Errorf("%d public keys are too many: a slot holds %d", len(pubs), MaxKeys)
	}
	for _, dir := range []string{stateDir, storeDir} {
		st, err := fsys.Stat(dir)
		if err == nil && !st.IsDir() {
			err = fmt.Errorf("%s is not a folder", dir)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w (is the disk mounted?)", err)
		}
		if err != nil {
			return nil, fmt.Errorf("couldn't open the keyring of store %v: %w", store, err)
		}
	}
	return &Ring{
		store: store,
		twins: [2]*twin{newTwin(fsys, stateDir, "state"), newTwin(fsys, storeDir, "store")},
		pubs:  slices.Clone(pubs),
		next:  map[day]uint32{},

		flying: map[Ref]bool{},
	}, nil
}

// Store is the id of the store whose slots these are.
func (r *Ring) Store() ID { return r.store }

// Create draws the key of a new object and returns it with the number of its slot. When the error
// is nil the slot is durable in both twins. After an error nobody has the key, and the number is
// never given out again.
func (r *Ring) Create(ctx context.Context, id ID, kind Kind) (Key, uint32, error) {
	pubs, key := r.public(), newKey()
	sealed, err := r.seal(pubs, key, kind, id)
	if err != nil {
		return Key{}, 0, err
	}
	c := newChange(Ref{ID: id}, func(now *reconciled) (Slot, error) {
		if current := r.public(); !slices.Equal(pubs, current) { // a rotation began meanwhile
			var err error
			if sealed, err = r.seal(current, key, kind, id); err != nil {
				return Slot{}, err
			}
		}
		return Slot{Ref: now.slot.Ref, Kind: kind, State: StateOpen, Generation: 1, Keys: sealed}, nil
	})
	c.create = true
	if err := r.commit(ctx, c); err != nil {
		return Key{}, 0, fmt.Errorf("couldn't make a key slot for %v: %w", id, err)
	}
	return key, c.ref.Slot, nil
}

func (r *Ring) seal(pubs []PublicKey, key Key, kind Kind, id ID) ([]SealedKey, error) {
	if len(pubs) == 0 {
		return nil, errors.New("this keyring was opened without public keys and makes no slots")
	}
	return sealTo(pubs, key, kind, r.store, id)
}

// Sealing says that an object is complete.
type Sealing struct {
	Ref
	Records uint32
	Root    [32]byte
}

// Seal notes in their slots that objects are complete. When it returns nil, that is durable in both
// twins. Sealing again with the same contents is no error; with others it is [ErrSealed]. The
// objects of one call, and of calls at the same time, share their syncs.
func (r *Ring) Seal(ctx context.Context, objects []Sealing) error {
	return each(ctx, r, objects, "seal", func(o Sealing) *change {
		return newChange(o.Ref, func(now *reconciled) (Slot, error) {
			switch s := now.slot; {
			case now.err != nil:
				return Slot{}, now.err
			case s.State >= StateErased:
				return Slot{}, ErrErased
			case s.State == StateSealed && (s.Records != o.Records || s.Root != o.Root):
				return Slot{}, ErrSealed
			case s.State == StateSealed:
				return s, nil // once more: what went wrong the last time may not be durable
			default:
				s.State, s.Records, s.Root = StateSealed, o.Records, o.Root
				s.Generation++
				return s, nil
			}
		})
	})
}

// Erase destroys keys. When it returns nil, a tombstone has overwritten them durably in both twins.
// Erasing again is no error, and neither twin has to be readable. After an error it is to be
// called again: some keys may still be there.
//
// What one twin can't give, and the other gives as the slot of another object, as a copy that was put back can
// leave it, is that other object's place: its slot stays, and is written over the twin that is damaged.
func (r *Ring) Erase(ctx context.Context, refs []Ref) error {
	return each(ctx, r, refs, "erase", func(ref Ref) *change {
		return newChange(ref, func(now *reconciled) (Slot, error) {
			switch {
			case now.err == errRetired, now.anothers(ref):
				return Slot{}, errNothing // but for a twin that is behind
			case errors.Is(now.err, ErrDamaged):
				return Slot{Ref: ref}.tombstone(), nil
			}
			return now.slot.tombstone(), now.err
		})
	})
}

// public are the keys that new slots are sealed to.
func (r *Ring) public() []PublicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pubs
}

// setPublic changes the keys that new slots are sealed to. When it returns nil, every slot sealed
// to the old ones is on disk where [Ring.All] finds it, and none will be made.
func (r *Ring) setPublic(ctx context.Context, pubs []PublicKey) error {
	return r.commit(ctx, newTask(func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.pubs = slices.Clone(pubs)
		return nil
	}))
}
