package segment

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/recorder/durable/durabletest"
)

// With its salt and its plaintext anybody computes a record's leaf, and the leaves are those of the seal's root.
func TestProve(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	seal := sealed(t, d, sampleName, AES256GCM, 5)
	r, err := Open(d, sampleName)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Salt(0); !errors.Is(err, ErrLocked) {
		t.Errorf("a salt without the key: %v", err)
	}
	leaves, err := r.Leaves()
	if err != nil || len(leaves) != 6 {
		t.Fatalf("%d leaves, %v", len(leaves), err)
	}
	root := tree{}
	for _, l := range leaves {
		root.add(l)
	}
	if root.root() != tlog.Hash(seal.Root) {
		t.Error("the leaves are not those of the seal")
	}
	if err := r.Unlock(sampleKey); err != nil {
		t.Fatal(err)
	}
	records, plains := sampleRecords(5)
	for n, plain := range plains {
		salt, err := r.Salt(n)
		if err != nil {
			t.Fatal(err)
		}
		boxes, payload, err := split(records[n].Kind, plain)
		if err != nil {
			t.Fatal(err)
		}
		a, b := sha256.Sum256(boxes), sha256.Sum256(payload)
		if tlog.Hash(sha256.Sum256(slices.Concat([]byte{0}, salt[:], a[:], b[:]))) != leaves[n] {
			t.Errorf("record %d: the leaf is not that of what was recorded", n)
		}
	}
}

// Leaves that are not those of the root prove nothing, and neither does a segment that is being written.
func TestProveDamaged(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	sealed(t, d, sampleName, AES256GCM, 5)
	r, err := Open(d, sampleName)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.seal.Root[3] ^= 1
	if _, err := r.Leaves(); !errors.Is(err, ErrDamaged) {
		t.Errorf("another root: %v", err)
	}
	w := begin(t, d, "/open.seg", AES256GCM, 3)
	defer w.Close()
	open, err := Open(d, "/open.seg")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := open.Leaves(); !errors.Is(err, ErrUnsealed) {
		t.Errorf("a segment that is not sealed: %v", err)
	}
}
