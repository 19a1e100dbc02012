package unseal

import (
	"fmt"

	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// ObjectKey opens the slot of an object that is no segment: a package that waits to be handed over, or a scan. Whoever reads
// one asks for each piece, and keeps the key no longer than that: so what is locked or destroyed ends at once. The errors are
// [people.ErrLocked], keyring.ErrErased, or the disk's.
func (k *Keys) ObjectKey(ring *keyring.Ring, ref keyring.Ref) (keyring.Key, error) {
	id, err := k.identity(people.FootageKey)
	if err != nil {
		return keyring.Key{}, err
	}
	slot, err := ring.Slot(ref)
	if err != nil {
		return keyring.Key{}, err
	}
	if slot.Kind != keyring.KindPackage {
		return keyring.Key{}, fmt.Errorf("the slot %v is a segment's: the door alone opens it", ref)
	}
	return id.Open(ring.Store(), slot)
}
