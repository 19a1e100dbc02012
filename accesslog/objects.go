package accesslog

import "varuh/recorder/keyring"

// ObjectKey is the key of a sealed object, such as a package or a scan, for package sealed. Slots of footage it refuses. The
// error is [people.ErrLocked] while all is locked.
func (k *Keys) ObjectKey(ring *keyring.Ring, ref keyring.Ref) (keyring.Key, error) {
	return k.k.ObjectKey(ring, ref)
}
