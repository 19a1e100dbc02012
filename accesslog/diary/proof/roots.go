package proof

import "hash/maphash"

// roots remembers which piece of a camera states the root of a segment, for millions of segments in some 10 bytes
// each. Of a hash of camera and segment 16 bits choose a bucket, and 48 stand in it, before the last 16 bits of the
// piece's number. The hash has a seed of its own in each run, so nobody can choose two segments that look the same;
// of as many as are remembered some two do in one run of a hundred thousand.
type roots struct {
	seed    maphash.Seed
	buckets [][]uint64
	n, max  int  // how many there are, and are remembered at most
	more    bool // there were more
}

// maxRoots is what 16 cameras of two streams state in five years.
const maxRoots = 8 << 20

// pieceMask is what is kept of the number of a piece: seven years of hours.
const pieceMask = 1<<16 - 1

// rootOf is what a root is of.
type rootOf struct {
	camera string
	id     [16]byte
}

func newRoots() *roots {
	return &roots{seed: maphash.MakeSeed(), buckets: make([][]uint64, 1<<16), max: maxRoots}
}

// piece is the piece before seq that states the root of a segment, if one does.
func (r *roots) piece(of rootOf, seq int64) (in int64, ok bool) {
	hash := maphash.Comparable(r.seed, of)
	for _, v := range r.buckets[hash>>48] {
		if v&^pieceMask == hash<<16 {
			return seq - (seq-int64(v))&pieceMask, true
		}
	}
	return 0, false
}

// state remembers that piece seq states the root of a segment, which none before does.
func (r *roots) state(of rootOf, seq int64) {
	if r.more = r.more || r.n == r.max; r.more {
		return
	}
	hash := maphash.Comparable(r.seed, of)
	b := &r.buckets[hash>>48]
	if n := len(*b); n == cap(*b) { // append alone would double it
		*b = append(make([]uint64, 0, n+n/8+4), *b...)
	}
	*b = append(*b, hash<<16|uint64(seq&pieceMask))
	r.n++
}
