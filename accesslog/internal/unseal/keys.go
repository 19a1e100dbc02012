package unseal

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Options say where the segments lie and how long keys stay.
type Options struct {
	FS    durable.FS                             // where the segments lie
	Store func(keyring.ID) (footage.Store, bool) // finds a store that is mounted
	InUse func(people.Which) keyring.KeyID       // the key that is sealed to now
	Worth func(people.Which) []keyring.KeyID     // the keys that are worth wrapping: that in use, and while keys are replaced the others; nil: all
	Idle  time.Duration                          // keys that nobody has used for so long are let go; 0: they stay
	Now   func() time.Time
}

var _ people.Keys = (*Keys)(nil)

// Keys holds the private reading keys, and the segments that they opened. Its methods may be called from
// many goroutines.
type Keys struct {
	o Options

	mu      sync.Mutex                        // guards what follows; never held while a handle's is waited for
	held    map[people.Which]keyring.Identity // by use; empty while locked
	stays   bool                              // they came from a key file, which would give them again: no idle time lets them go
	used    time.Time                         // when any of them was used last
	idled   bool                              // they were let go for idleness, and nobody has asked yet
	open    map[keyring.ID]*handle
	leaving map[*handle]bool // no longer open, and not closed yet: somebody may still read there
	turn    uint64           // counts the uses of handles
}

// New makes Keys that are locked.
func New(o Options) *Keys {
	return &Keys{o: o, held: map[people.Which]keyring.Identity{}, open: map[keyring.ID]*handle{}, leaving: map[*handle]bool{}}
}

// Unlock takes the keys of one use out of a person's wrap. The error is [ErrWrap] if it does not open.
func (k *Keys) Unlock(which people.Which, wrapKey [32]byte, person string, blob []byte) error {
	keys, err := openWrap(which, wrapKey, person, blob)
	if err != nil {
		return err
	}
	k.expire()
	k.add(which, keys, false)
	return nil
}

// UnlockAuto takes the keys of one use that the program was started with, under `unlock: auto`.
func (k *Keys) UnlockAuto(which people.Which, id keyring.Identity) { k.add(which, id, true) }

// Take takes keys of one use that somebody has by another way than a wrap.
func (k *Keys) Take(which people.Which, id keyring.Identity) { k.add(which, id, false) }

// Join takes keys of one use that a rotation has made beside those that are here, unless these were let go: what somebody has
// locked stays locked. It is no use of them.
func (k *Keys) Join(which people.Which, id keyring.Identity) {
	k.expire()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.held[which]) > 0 {
		k.put(which, id)
	}
}

// Only lets go the keys that are not worth wrapping any more, as after a rotation. Where that can't be read they stay.
func (k *Keys) Only() {
	if k.o.Worth == nil {
		return
	}
	worth := map[people.Which][]keyring.KeyID{people.FootageKey: k.o.Worth(people.FootageKey), people.DiaryKey: k.o.Worth(people.DiaryKey)}
	k.mu.Lock()
	defer k.mu.Unlock()
	for which, have := range k.held {
		if len(worth[which]) == 0 {
			continue
		}
		k.held[which] = slices.DeleteFunc(have, func(p keyring.PrivateKey) bool { return !slices.Contains(worth[which], p.Public().ID()) })
		if len(k.held[which]) == 0 {
			delete(k.held, which)
		}
	}
}

// add takes what is new of an identity, which counts as a use.
func (k *Keys) add(which people.Which, id keyring.Identity, stays bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used, k.stays = k.o.Now(), k.stays || stays
	k.put(which, id)
}

// put takes what is new of an identity. The newest keys come first. The caller holds mu.
func (k *Keys) put(which people.Which, id keyring.Identity) {
	have := k.held[which]
	fresh := slices.DeleteFunc(slices.Clone(id), func(p keyring.PrivateKey) bool {
		return slices.ContainsFunc(have, func(q keyring.PrivateKey) bool { return p.Public() == q.Public() })
	})
	k.held[which] = append(fresh, have...)
}

// Key implements [people.Keys].
func (k *Keys) Key(which people.Which) (id string, open bool) {
	k.expire()
	inUse := k.o.InUse(which)
	k.mu.Lock()
	defer k.mu.Unlock()
	return inUse.String(), slices.ContainsFunc(k.held[which], func(p keyring.PrivateKey) bool { return p.Public().ID() == inUse })
}

// Seal wraps the keys of one use for a person. It takes unlocked ones: the error is [people.ErrLocked].
func (k *Keys) Seal(which people.Which, wrapKey [32]byte, person string) ([]byte, error) {
	id, err := k.identity(which)
	if err != nil {
		return nil, err
	}
	if k.o.Worth != nil {
		worth := k.o.Worth(which)
		id = slices.DeleteFunc(id, func(p keyring.PrivateKey) bool { return !slices.Contains(worth, p.Public().ID()) })
	}
	if len(id) == 0 {
		return nil, fmt.Errorf("the %s key in use: %w", which, people.ErrLocked)
	}
	return sealWrap(which, wrapKey, person, id)
}

// Holds tells whether a wrap has a key, by the ids in the clear.
func (k *Keys) Holds(blob []byte, id string) bool {
	if len(blob)%boxSize != 0 {
		return false
	}
	for box := range slices.Chunk(blob, boxSize) {
		if keyring.KeyID(box[:idSize]).String() == id {
			return true
		}
	}
	return false
}

// Rewrap seals what is in a wrap under another wrap key. It keeps nothing.
func (k *Keys) Rewrap(which people.Which, old, next [32]byte, person string, blob []byte) ([]byte, error) {
	id, err := openWrap(which, old, person, blob)
	if err != nil {
		return nil, err
	}
	return sealWrap(which, next, person, id)
}

// Diary is the identity that opens the diary. The error is [people.ErrLocked].
func (k *Keys) Diary() (keyring.Identity, error) { return k.identity(people.DiaryKey) }

// Identity is the private halves of one use, for a rotation of keys. The error is [people.ErrLocked].
func (k *Keys) Identity(which people.Which) (keyring.Identity, error) { return k.identity(which) }

// Locked tells whether the keys of one use are not here.
func (k *Keys) Locked(which people.Which) bool {
	k.expire()
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.held[which]) == 0
}

// Lock lets all keys go. When it returns, nothing is decrypted any more. It tells whether there were any.
func (k *Keys) Lock() (were bool) {
	k.mu.Lock()
	for _, id := range k.held {
		were = were || len(id) > 0
		clear(id)
	}
	clear(k.held)
	k.stays = false
	for id, h := range k.open {
		k.release(id, h)
	}
	handles := slices.Collect(maps.Keys(k.leaving)) // those with which another is still busy, too
	k.mu.Unlock()
	for _, h := range handles {
		k.close(h)
	}
	return were
}

// Idled lets the keys go if nobody has used them for so long, and tells whether that has happened since it
// was last asked. It is to be called now and then.
func (k *Keys) Idled() bool {
	k.expire()
	k.mu.Lock()
	defer k.mu.Unlock()
	idled := k.idled
	k.idled = false
	return idled
}

// expire lets the keys go if nobody has used them for so long.
func (k *Keys) expire() {
	k.mu.Lock()
	over := k.o.Idle > 0 && !k.stays && len(k.held) > 0 && k.o.Now().Sub(k.used) >= k.o.Idle
	k.mu.Unlock()
	if over && k.Lock() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.idled = true
	}
}

// identity is the keys of one use, which count as used.
func (k *Keys) identity(which people.Which) (keyring.Identity, error) {
	id, err := k.Aside(which)
	if err == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.used = k.o.Now()
	}
	return id, err
}

// Aside is the keys of one use, for what the program does by itself: that keeps them here no longer.
func (k *Keys) Aside(which people.Which) (keyring.Identity, error) {
	k.expire()
	k.mu.Lock()
	defer k.mu.Unlock()
	id := k.held[which]
	if len(id) == 0 {
		return nil, fmt.Errorf("the %s key: %w", which, people.ErrLocked)
	}
	return slices.Clone(id), nil
}
