package proof

import (
	"errors"
	"slices"
	"testing"

	tdproof "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// All proofs of all trees up to that size: ours against those of others, and no bit of them spare.
const maxTree = 100

func slicesOf(list []Hash) (all [][]byte) {
	for _, h := range list {
		all = append(all, slices.Clone(h[:]))
	}
	return all
}

func TestFrontier(t *testing.T) {
	t.Parallel()
	l := newLog(t, maxTree)
	var f Frontier
	for n := range l.size() + 1 {
		if f.Size() != n || n > 0 && f.Root() != l.at(n).Root {
			t.Fatalf("of %d entries the frontier has another root", n)
		}
		again, err := ParseFrontier(f.Text())
		must(t, err)
		if again.Root() != f.Root() || again.Text() != f.Text() {
			t.Fatalf("the frontier of %d entries does not come back from its text", n)
		}
		if n < l.size() {
			f.Add(HashLeaf(l.entries[n].Leaf))
		}
	}
	if (&Frontier{}).Root() != Hash(rfc6962.DefaultHasher.EmptyRoot()) {
		t.Error("the root of no entries is another")
	}
}

func TestInclusionProofs(t *testing.T) {
	t.Parallel()
	l := newLog(t, maxTree)
	for size := int64(1); size <= l.size(); size++ {
		c := l.at(size)
		for i := range size {
			p, leaf := l.inclusion(i, size), HashLeaf(l.entries[i].Leaf)
			must(t, CheckInclusion(p, c, i, leaf))
			must(t, tdproof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(size), leaf[:], slicesOf(p), c.Root[:]))
			refuseInclusion(t, p, c, i, leaf)
		}
	}
}

// refuseInclusion tries the proof for what it does not prove.
func refuseInclusion(t *testing.T, p []Hash, c Checkpoint, i int64, leaf Hash) {
	t.Helper()
	refuse := func(what string, err error) {
		if !errors.Is(err, ErrProof) {
			t.Errorf("entry %d of %d, %s: %v", i, c.Size, what, err)
		}
	}
	for n := range p {
		for _, bit := range []int{0, 100, 255} {
			p[n][bit/8] ^= 1 << (bit % 8)
			refuse("bit of a hash", CheckInclusion(p, c, i, leaf))
			p[n][bit/8] ^= 1 << (bit % 8)
		}
	}
	other := leaf
	other[31] ^= 1
	refuse("another leaf", CheckInclusion(p, c, i, other))
	refuse("the next index", CheckInclusion(p, c, i+1, leaf))
	refuse("a hash more", CheckInclusion(append(slices.Clone(p), leaf), c, i, leaf))
	if len(p) > 0 {
		refuse("a hash less", CheckInclusion(p[1:], c, i, leaf))
	}
	c.Root[0] ^= 1
	refuse("another root", CheckInclusion(p, c, i, leaf))
}

func TestConsistencyProofs(t *testing.T) {
	t.Parallel()
	l := newLog(t, maxTree)
	for size := range l.size() + 1 {
		for old := range size + 1 {
			a, b, p := Checkpoint{l.origin, 0, (&Frontier{}).Root()}, Checkpoint{l.origin, 0, (&Frontier{}).Root()}, l.consistency(old, size)
			if old > 0 {
				a = l.at(old)
			}
			if size > 0 {
				b = l.at(size)
			}
			must(t, CheckConsistency(p, a, b))
			if old > 0 {
				must(t, tdproof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(size), slicesOf(p), a.Root[:], b.Root[:]))
			}
			refuseConsistency(t, p, a, b)
		}
	}
}

func refuseConsistency(t *testing.T, p []Hash, a, b Checkpoint) {
	t.Helper()
	refuse := func(what string, err error) {
		if !errors.Is(err, ErrProof) {
			t.Errorf("from %d to %d, %s: %v", a.Size, b.Size, what, err)
		}
	}
	for n := range p {
		for _, bit := range []int{7, 128, 254} {
			p[n][bit/8] ^= 1 << (bit % 8)
			refuse("bit of a hash", CheckConsistency(p, a, b))
			p[n][bit/8] ^= 1 << (bit % 8)
		}
	}
	refuse("a hash more", CheckConsistency(append(slices.Clone(p), Hash{}), a, b))
	if a.Size < b.Size {
		refuse("backwards", CheckConsistency(p, b, a))
	}
	other := b
	other.Origin += "x"
	refuse("another log", CheckConsistency(p, a, other))
	other = a
	other.Root[5] ^= 8
	refuse("another earlier root", CheckConsistency(p, other, b))
	if a.Size == 0 && b.Size > 0 {
		return // an empty log is the beginning of every log
	}
	other = b
	other.Root[5] ^= 8
	refuse("another later root", CheckConsistency(p, a, other))
}
