package evidence

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// maxRecords is how many records a segment has at most.
const maxRecords = 1 << 20

// tree is the Merkle tree over the leaves of a segment (RFC 6962, section 2.1).
type tree struct {
	size   int64
	hashes []tlog.Hash // as tlog stores them
}

func newTree(leaves []proof.Hash) (*tree, error) {
	if len(leaves) == 0 || len(leaves) > maxRecords {
		return nil, fmt.Errorf("%w: a segment of %d records", ErrFormat, len(leaves))
	}
	t := &tree{hashes: make([]tlog.Hash, 0, 2*len(leaves))}
	for n, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(n), leaf, t)
		if err != nil {
			return nil, err
		}
		t.hashes = append(t.hashes, more...)
	}
	t.size = int64(len(leaves))
	return t, nil
}

// ReadHashes implements [tlog.HashReader].
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		list[i] = t.hashes[x]
	}
	return list, nil
}

func (t *tree) root() (proof.Hash, error) { return tlog.TreeHash(t.size, t) }

func (t *tree) path(n int64) ([]proof.Hash, error) { return tlog.ProveRecord(t.size, n, t) }

// has holds a leaf against the one that is in the tree.
func (t *tree) has(n int64, leaf proof.Hash) error {
	if t.hashes[tlog.StoredHashIndex(0, n)] != leaf {
		return fmt.Errorf("%w: record %d is not the one that was recorded", ErrFormat, n)
	}
	return nil
}

// leaf is the recorder's hash of a record: SHA-256(0x00 ‖ salt ‖ SHA-256(boxes) ‖ SHA-256(samples)).
func leaf(salt [32]byte, boxes []byte, samples [32]byte) proof.Hash {
	b := make([]byte, 0, 1+3*sha256.Size)
	b = append(append(b, 0), salt[:]...)
	h := sha256.Sum256(boxes)
	return sha256.Sum256(append(append(b, h[:]...), samples[:]...))
}
