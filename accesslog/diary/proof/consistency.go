package proof

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof is wrapped where hashes do not prove what they should.
var ErrProof = errors.New("the proof is wrong")

// Consistency is a proof that the log of a checkpoint begins with all entries it had at an earlier
// size. As a file it is the body of an add-checkpoint request (C2SP tlog-witness).
type Consistency struct {
	Old        int64  // the earlier size
	Hashes     []Hash // RFC 6962, section 2.1.2
	Checkpoint []byte // the later checkpoint, a signed note
}

// Text is the file.
func (p Consistency) Text() []byte {
	return fmt.Appendf(nil, "old %d\n%s\n%s", p.Old, hashLines(p.Hashes), p.Checkpoint)
}

// ParseConsistency reads such a file. Nothing in it is verified yet.
func ParseConsistency(file []byte) (p Consistency, err error) {
	head, checkpoint, ok := strings.Cut(string(file), "\n\n")
	first, hashes, _ := strings.Cut(head+"\n", "\n")
	old, named := strings.CutPrefix(first, "old ")
	if !ok || !named {
		return Consistency{}, fmt.Errorf("no proof of consistency: %w", ErrFormat)
	}
	if p.Old, err = parseSize(old); err != nil {
		return Consistency{}, fmt.Errorf("a proof of consistency: %w", err)
	}
	if p.Hashes, err = parseHashLines(hashes); err != nil {
		return Consistency{}, fmt.Errorf("a proof of consistency: %w", err)
	}
	p.Checkpoint = []byte(checkpoint)
	return p, nil
}

// joins checks that the proof is for these two.
func (p Consistency) joins(older, newer Checkpoint) error {
	if p.Old != older.Size {
		return fmt.Errorf("the proof is for %d entries, not for %d: %w", p.Old, older.Size, ErrProof)
	}
	return CheckConsistency(p.Hashes, older, newer)
}

// CheckConsistency checks that the log of the later checkpoint begins with all of the earlier one's.
// Checkpoints of the same size need no hashes, and neither does one of size 0.
func CheckConsistency(hashes []Hash, older, newer Checkpoint) error {
	if older.Origin != newer.Origin {
		return fmt.Errorf("%q and %q are two logs: %w", older.Origin, newer.Origin, ErrProof)
	}
	if older.Size > newer.Size {
		return fmt.Errorf("the earlier checkpoint has %d entries, the later one %d: %w", older.Size, newer.Size, ErrProof)
	}
	ok := len(hashes) == 0
	switch {
	case older.Size == newer.Size:
		ok = ok && older.Root == newer.Root
	case older.Size == 0:
		ok = ok && older.Root == (&Frontier{}).Root()
	default:
		ok = tlog.CheckTree(hashes, newer.Size, newer.Root, older.Size, older.Root) == nil
	}
	if !ok {
		return fmt.Errorf("the log of %d entries does not go on as the one of %d: %w", older.Size, newer.Size, ErrProof)
	}
	return nil
}
