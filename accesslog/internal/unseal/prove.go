package unseal

import (
	"varuh/recorder/footage"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaves are the hashes of all records of a sealed segment that was not erased. They take no key. The errors are those of
// Read but people.ErrLocked.
func (k *Keys) Leaves(s footage.Segment) (list []tlog.Hash, err error) {
	err = k.with(s, func(h *handle) error {
		if _, err := h.slot(); err != nil {
			return err
		}
		list, err = h.reader.Leaves()
		return damage(err)
	})
	return list, err
}

// Whole tells whether record n of a segment is as it was written, as far as its checksum says: that takes no key. The error
// is [ErrDamaged] if it is not. It reads into buf where that has room, and returns it for the next one.
func (k *Keys) Whole(s footage.Segment, n int, buf []byte) ([]byte, error) {
	err := k.with(s, func(h *handle) (err error) {
		buf, err = h.reader.Whole(n, buf)
		return damage(err)
	})
	return buf, err
}

// Salt is what the leaf of record n was salted with. The errors are those of Read.
func (k *Keys) Salt(s footage.Segment, n int) (salt [32]byte, err error) {
	err = k.with(s, func(h *handle) error {
		if err := k.unlock(h); err != nil {
			return err
		}
		salt, err = h.reader.Salt(n)
		return damage(err)
	})
	return salt, err
}
