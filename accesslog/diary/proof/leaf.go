package proof

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Version is the version of leaves that this package writes and reads.
const Version = 1

// MaxLeaf bounds a leaf, in bytes.
const MaxLeaf = 512

// maxOp bounds the name of an operation.
const maxOp = 32

// ErrVersion is returned for what a newer varuh wrote.
var ErrVersion = errors.New("written by a newer varuh: update this one")

// Hash is SHA-256; of a leaf or a node, as RFC 6962, section 2.1, hashes them.
type Hash = tlog.Hash

// Leaf is the part of an entry that the tree holds. It names nobody: an auditor may get all leaves.
type Leaf struct {
	Index int64     // place in the log, from 0
	Op    string    // operation, such as view.start
	Time  time.Time // the appliance's time, UTC; written in whole milliseconds, rounded down
	Body  Hash      // SHA-256 of the body's bytes
	Obj   *Hash     // SHA-256 of the manifest's bytes, if the entry has one
	Ref   *int64    // index of the entry that this one answers or ends; always a lower one
}

// EncodeLeaf returns the one form of a leaf: a line of ASCII, without its newline.
func EncodeLeaf(l Leaf) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("entry %d: %w", l.Index, err)
	}
	w := writer{b: make([]byte, 0, 256)}
	w.raw("{")
	w.key("body")
	w.bytes(l.Body[:])
	w.key("i")
	w.int(l.Index)
	if l.Obj != nil {
		w.key("obj")
		w.bytes(l.Obj[:])
	}
	w.key("op")
	w.str(l.Op)
	if l.Ref != nil {
		w.key("ref")
		w.int(*l.Ref)
	}
	w.key("t")
	w.time(l.Time)
	w.key("v")
	w.int(Version)
	w.raw("}")
	if w.err != nil {
		return nil, fmt.Errorf("entry %d: %w", l.Index, w.err)
	}
	return w.b, nil
}

// ParseLeaf reads a leaf. It takes only bytes that [EncodeLeaf] would write; other bytes are
// [ErrVersion] or [ErrCanonical].
func ParseLeaf(b []byte) (Leaf, error) {
	r := reader{b: b}
	l := r.leaf()
	err := r.end()
	if err == nil && len(b) > MaxLeaf {
		err = fmt.Errorf("%d bytes, at most %d are allowed: %w", len(b), MaxLeaf, ErrCanonical)
	}
	if err == nil {
		if err = l.check(); err != nil {
			err = fmt.Errorf("%w: %w", ErrCanonical, err)
		}
	}
	if err != nil {
		if v := versionOf(b); v > Version {
			return Leaf{}, fmt.Errorf("a leaf of version %d: %w", v, ErrVersion)
		}
		return Leaf{}, fmt.Errorf("a leaf: %w", err)
	}
	return l, nil
}

func (r *reader) leaf() (l Leaf) {
	r.want("{")
	r.wantKey("body")
	l.Body = r.hash()
	r.wantKey("i")
	l.Index = r.int()
	if r.key("obj") {
		obj := r.hash()
		l.Obj = &obj
	}
	r.wantKey("op")
	l.Op = r.str()
	if r.key("ref") {
		ref := r.int()
		l.Ref = &ref
	}
	r.wantKey("t")
	l.Time = r.time()
	r.wantKey("v")
	r.want("1")
	r.want("}")
	return l
}

// versionOf is the version that a leaf in whatever form claims, or 0.
func versionOf(b []byte) int {
	var head struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return 0
	}
	return head.V
}

func (l *Leaf) check() error {
	switch {
	case l.Index < 0:
		return errors.New("an index below 0")
	case !isOp(l.Op):
		return fmt.Errorf("%q is no operation: want lower-case words joined by points", l.Op)
	case l.Ref != nil && (*l.Ref < 0 || *l.Ref >= l.Index):
		return fmt.Errorf("it refers to entry %d, which is not before it", *l.Ref)
	}
	return nil
}

// isOp tells whether s is words of a to z, joined by single points.
func isOp(s string) bool {
	for i := range len(s) {
		letter := s[i] >= 'a' && s[i] <= 'z'
		point := s[i] == '.' && i > 0 && s[i-1] != '.' && i < len(s)-1
		if !letter && !point {
			return false
		}
	}
	return s != "" && len(s) <= maxOp
}

// HashLeaf is the hash of a leaf in the tree: SHA-256(0x00 ‖ bytes).
func HashLeaf(leaf []byte) Hash { return tlog.RecordHash(leaf) }

// HashBody is the hash of a body or a manifest in its leaf: SHA-256 of the bytes.
func HashBody(b []byte) Hash { return sha256.Sum256(b) }
