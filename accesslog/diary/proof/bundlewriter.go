package proof

import (
	"errors"
	"io"
)

// BundleOptions are what a bundle holds beside its entries.
type BundleOptions struct {
	About
	Checkpoint []byte   // the signed note of Size entries, cosignatures included
	Keys       []Key    // that sign or signed the log, oldest first, and the witnesses' keys
	Frontier   Frontier // of the tree of From entries
	Onward     []Hash   // consistency from To to Size; none if they are equal
	Past       []Past   // earlier checkpoints worth showing: at prunes, key changes, anchors
	Rotations  []RotationProof
}

// BundleWriter writes a bundle as its entries come, without holding more than some 4 MiB of them. It
// checks what it writes: a bundle that would not verify ends in an error.
type BundleWriter struct{}

// NewBundleWriter begins a bundle in an archive.
func NewBundleWriter(a Archive, o BundleOptions) (*BundleWriter, error) {
	return nil, errors.ErrUnsupported
}

// Add writes the next entry.
func (w *BundleWriter) Add(e Entry) error { return errors.ErrUnsupported }

// File begins a file for people, such as dnevnik.html. It is not covered by any proof. It comes after the last entry.
func (w *BundleWriter) File(name string) (io.Writer, error) { return nil, errors.ErrUnsupported }

// Close ends the bundle, not the archive. The error says if the entries are not those of the checkpoint.
func (w *BundleWriter) Close() error { return errors.ErrUnsupported }
