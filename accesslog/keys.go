package accesslog

import (
	"varuh/accesslog/internal/unseal"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// KeyOptions say where the segments lie and how long keys stay in memory.
type KeyOptions = unseal.Options

// Keys holds the private reading keys in memory: from a log-in, or from the start under `unlock: auto`,
// until [Door.Lock] or an idle time. Footage is opened by the [Door] alone. Its methods may be called from
// many goroutines.
type Keys struct{ k *unseal.Keys }

var _ people.Keys = (*Keys)(nil)

// NewKeys makes keys that are locked.
func NewKeys(o KeyOptions) *Keys { return &Keys{unseal.New(o)} }

// Key implements [people.Keys].
func (k *Keys) Key(w people.Which) (id string, open bool) { return k.k.Key(w) }

// Seal implements [people.Keys].
func (k *Keys) Seal(w people.Which, wrapKey [32]byte, person string) ([]byte, error) {
	return k.k.Seal(w, wrapKey, person)
}

// Unlock implements [people.Keys].
func (k *Keys) Unlock(w people.Which, wrapKey [32]byte, person string, blob []byte) error {
	return k.k.Unlock(w, wrapKey, person, blob)
}

// Rewrap implements [people.Keys].
func (k *Keys) Rewrap(w people.Which, old, next [32]byte, person string, blob []byte) ([]byte, error) {
	return k.k.Rewrap(w, old, next, person, blob)
}

// UnlockAuto takes keys that the program was started with, under `unlock: auto`. No idle time ends them.
func (k *Keys) UnlockAuto(w people.Which, id keyring.Identity) { k.k.UnlockAuto(w, id) }

// Take takes keys that the envelope opened. Idle time lets them go like those of a log-in.
func (k *Keys) Take(w people.Which, id keyring.Identity) { k.k.Take(w, id) }

// Join takes keys that a rotation has made beside those that are in memory, if these have not been locked since. Idle time
// lets them go like those.
func (k *Keys) Join(w people.Which, id keyring.Identity) { k.k.Join(w, id) }

// Only lets go the keys that nothing is sealed to any more, once a rotation has ended.
func (k *Keys) Only() { k.k.Only() }

// Rotation lends the private halves of one use to a rotation of keys, which seals anew what they open. It has them to its end,
// whoever locks these meanwhile. The error is [people.ErrLocked].
func (k *Keys) Rotation(w people.Which) (keyring.Identity, error) { return k.k.Identity(w) }

// Holds implements [people.Keys].
func (k *Keys) Holds(blob []byte, id string) bool { return k.k.Holds(blob, id) }

// Locked tells whether the keys of one use are not in memory.
func (k *Keys) Locked(w people.Which) bool { return k.k.Locked(w) }

// Diary is the identity that opens the diary, for [diary.Diary.Opener]. The error is [people.ErrLocked].
func (k *Keys) Diary() (keyring.Identity, error) { return k.k.Diary() }

// DiaryAside is Diary for what the program does by itself, such as destroying entries: it keeps the keys in memory no longer.
func (k *Keys) DiaryAside() (keyring.Identity, error) { return k.k.Aside(people.DiaryKey) }

// FootageAside is the identity that opens footage, for a check that shows nothing of it: it keeps the keys in memory no longer.
// The error is [people.ErrLocked].
func (k *Keys) FootageAside() (keyring.Identity, error) { return k.k.Aside(people.FootageKey) }

// Forget closes segments that are about to be erased, as a purge asks for. What it does not close the door
// does, since it reads the key slot before each piece.
func (k *Keys) Forget(ids ...keyring.ID) { k.k.Forget(ids...) }
