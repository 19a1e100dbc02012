package proof

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Frontier is a Merkle tree (RFC 6962, section 2.1) as far as its growth and its root need it: the
// roots of its full subtrees, largest first, one for each bit that is set in its size. It stays when all
// entries under it are destroyed. The zero Frontier is the tree of no entries.
type Frontier struct {
	size  int64
	nodes []Hash
}

// NewFrontier takes the roots of the full subtrees of a tree of that size.
func NewFrontier(size int64, nodes []Hash) (Frontier, error) {
	if size < 0 || size > maxSize || len(nodes) != bits.OnesCount64(uint64(size)) {
		return Frontier{}, fmt.Errorf("%d hashes don't make a frontier of %d entries: %w", len(nodes), size, ErrFormat)
	}
	return Frontier{size, slices.Clone(nodes)}, nil
}

// Size is how many entries the tree has.
func (f *Frontier) Size() int64 { return f.size }

// Nodes are the roots of the full subtrees, largest first.
func (f *Frontier) Nodes() []Hash { return slices.Clone(f.nodes) }

// Clone is a copy that grows by itself.
func (f *Frontier) Clone() Frontier { return Frontier{f.size, slices.Clone(f.nodes)} }

// Add appends the hash of a leaf. Subtrees of one size merge, as the carry runs in an addition.
func (f *Frontier) Add(leaf Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.nodes) - 1
		leaf = tlog.NodeHash(f.nodes[last], leaf)
		f.nodes = f.nodes[:last]
	}
	f.nodes = append(f.nodes, leaf)
	f.size++
}

// Root is the hash over all entries; of none, the hash of the empty string.
func (f *Frontier) Root() Hash {
	if f.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(f.nodes) - 1
	root := f.nodes[last]
	for _, n := range slices.Backward(f.nodes[:last]) {
		root = tlog.NodeHash(n, root)
	}
	return root
}

// Text is the size and the hashes, a line each.
func (f *Frontier) Text() string {
	return fmt.Sprintf("%d\n%s", f.size, hashLines(f.nodes))
}

// ParseFrontier reads what Text writes.
func ParseFrontier(text string) (Frontier, error) {
	first, rest, ended := strings.Cut(text, "\n")
	size, err := parseSize(first)
	if err != nil || !ended {
		return Frontier{}, fmt.Errorf("a frontier begins with its size: %w", ErrFormat)
	}
	nodes, err := parseHashLines(rest)
	if err != nil {
		return Frontier{}, fmt.Errorf("a frontier: %w", err)
	}
	return NewFrontier(size, nodes)
}

// maxHashes bounds the hashes of a proof: more than the deepest tree needs.
const maxHashes = 63

func hashLines(list []Hash) string {
	var b strings.Builder
	for _, h := range list {
		b.WriteString(b64.EncodeToString(h[:]) + "\n")
	}
	return b.String()
}

// parseHashLines reads lines that each end with a newline.
func parseHashLines(text string) (list []Hash, err error) {
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		h, err := parseHash(line)
		if err != nil {
			return nil, err
		}
		if !ended || len(list) == maxHashes {
			return nil, fmt.Errorf("a cut line, or more than %d hashes: %w", maxHashes, ErrFormat)
		}
		list, text = append(list, h), rest
	}
	return list, nil
}
