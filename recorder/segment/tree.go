package segment

import (
	"crypto/sha256"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// maxRecords is how many records a segment can have: more than a week of 1-s fragments of picture
// and sound, and a seal that still is far below [MaxRecord].
const maxRecords = 1 << 20

// tree is the Merkle tree (RFC 6962, section 2.1) over the leaves so far, as its compact frontier:
// nodes[i] is the root of the full subtree of 2^i leaves for each bit i that is set in count.
type tree struct {
	count uint32
	nodes [21]tlog.Hash // bits.Len(maxRecords)
}

// add appends a leaf. Full subtrees of one size merge, as the carry runs in an addition.
func (t *tree) add(leaf tlog.Hash) {
	level := bits.TrailingZeros32(^t.count)
	for i := range level {
		leaf = tlog.NodeHash(t.nodes[i], leaf)
	}
	t.nodes[level] = leaf
	t.count++
}

// root is the hash over all leaves; of none, the hash of the empty string.
func (t *tree) root() tlog.Hash {
	if t.count == 0 {
		return sha256.Sum256(nil)
	}
	lowest := bits.TrailingZeros32(t.count)
	root := t.nodes[lowest]
	for i := lowest + 1; i < len(t.nodes); i++ {
		if t.count>>i&1 == 1 {
			root = tlog.NodeHash(t.nodes[i], root)
		}
	}
	return root
}
