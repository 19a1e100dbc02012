package segment

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaves are the hashes of all records in the segment's Merkle tree, without any key: what a proof that one of them was
// recorded is made from. They are held against the seal's root. The errors are [ErrUnsealed]; a [Problem] where the head
// of a record is damaged; [ErrDamaged] where the root is another.
func (r *Reader) Leaves() ([]tlog.Hash, error) {
	if r.sealErr != nil {
		return nil, fmt.Errorf("couldn't prove segment %s: %w", r.name, r.sealErr)
	}
	leaves, t := make([]tlog.Hash, 0, len(r.index)), tree{}
	buf := make([]byte, headSize)
	for n, e := range r.index {
		h, err := readHead(r.file, e.Offset, e.Offset+e.Size, uint32(n), buf)
		if err != nil {
			return nil, fmt.Errorf("couldn't prove segment %s: %w", r.name, &Problem{n, e.Offset, err})
		}
		leaves = append(leaves, h.leaf)
		t.add(h.leaf)
	}
	if t.root() != tlog.Hash(r.seal.Root) {
		return nil, fmt.Errorf("couldn't prove segment %s: %w", r.name, damaged("the leaves are not those of its root"))
	}
	return leaves, nil
}

// Salt is what a record's leaf was salted with. It goes to whoever gets the record, so that he can compute the leaf. The
// error is [ErrLocked].
func (r *Reader) Salt(n int) (salt [32]byte, err error) {
	if r.secrets == nil {
		return salt, fmt.Errorf("couldn't prove segment %s: %w", r.name, ErrLocked)
	}
	r.secrets.salt(uint32(n))
	copy(salt[:], r.secrets.leafData[:hashSize])
	return salt, nil
}
