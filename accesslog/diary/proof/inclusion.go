package proof

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const inclusionMark = "c2sp.org/tlog-proof@v1\n"

// Inclusion is a proof that a leaf is in the log (C2SP tlog-proof).
type Inclusion struct {
	Index      int64
	Leaf       []byte // the leaf's bytes, which varuh puts in the file as extra data; may be missing
	Hashes     []Hash // from the leaf's sibling up
	Checkpoint []byte // the signed note
}

// Text is the file.
func (p Inclusion) Text() []byte {
	var b strings.Builder
	b.WriteString(inclusionMark)
	if p.Leaf != nil {
		fmt.Fprintf(&b, "extra %s\n", b64.EncodeToString(p.Leaf))
	}
	fmt.Fprintf(&b, "index %d\n%s\n%s", p.Index, hashLines(p.Hashes), p.Checkpoint)
	return []byte(b.String())
}

// ParseInclusion reads a tlog-proof. Nothing in it is verified yet.
func ParseInclusion(file []byte) (p Inclusion, err error) {
	head, checkpoint, ok := strings.Cut(string(file), "\n\n")
	head, marked := strings.CutPrefix(head+"\n", inclusionMark)
	if !ok || !marked {
		return Inclusion{}, fmt.Errorf("no tlog-proof of version 1: %w", ErrFormat)
	}
	if extra, ok := strings.CutPrefix(head, "extra "); ok {
		extra, head, _ = strings.Cut(extra, "\n")
		p.Leaf, err = b64.DecodeString(extra)
		if err != nil || b64.EncodeToString(p.Leaf) != extra {
			return Inclusion{}, fmt.Errorf("extra data of a tlog-proof: %w", ErrFormat)
		}
	}
	index, hashes, _ := strings.Cut(head, "\n")
	index, named := strings.CutPrefix(index, "index ")
	if p.Index, err = parseSize(index); err != nil || !named {
		return Inclusion{}, fmt.Errorf("index of a tlog-proof: %w", ErrFormat)
	}
	if p.Hashes, err = parseHashLines(hashes); err != nil {
		return Inclusion{}, fmt.Errorf("a tlog-proof: %w", err)
	}
	p.Checkpoint = []byte(checkpoint)
	return p, nil
}

// Verify checks the proof for a leaf's bytes and the checkpoint for a signature of one of the keys.
func (p Inclusion) Verify(leaf []byte, keys ...Key) (Signed, error) {
	s, err := OpenCheckpoint(p.Checkpoint, keys...)
	if err != nil {
		return Signed{}, err
	}
	return s, CheckInclusion(p.Hashes, s.Checkpoint, p.Index, HashLeaf(leaf))
}

// CheckInclusion checks that the tree of a checkpoint has a leaf of that hash at an index.
func CheckInclusion(hashes []Hash, c Checkpoint, index int64, leaf Hash) error {
	if index < 0 || index >= c.Size {
		return fmt.Errorf("entry %d is not among the %d of the checkpoint: %w", index, c.Size, ErrProof)
	}
	if err := tlog.CheckRecord(hashes, c.Size, c.Root, index, leaf); err != nil {
		return fmt.Errorf("entry %d is not in the log of the checkpoint of %d entries: %w", index, c.Size, ErrProof)
	}
	return nil
}
