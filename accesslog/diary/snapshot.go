package diary

import (
	"iter"

	"varuh/accesslog/diary/proof"
)

// Snapshot is the diary as an export sees it, for the files for people. It is there as long as Export runs.
type Snapshot struct{ x *exporter }

// Exported is an entry as it went into a bundle.
type Exported struct {
	Stored
	Body, Manifest []byte // nil where they are left out, or can't be opened
	Err            error  // why what it says can't be opened, see [Unreadable]; nil for nothing
}

// Checkpoint is the bundle's.
func (s *Snapshot) Checkpoint() proof.Checkpoint { return s.x.at }

// Span is which entries the bundle has: from (included) to (not included).
func (s *Snapshot) Span() (from, to int64) { return s.x.e.From, s.x.e.To }

// Entries are the bundle's, in order, read once more. Each and Closed are not told of them again. They may be
// read any number of times, one after the other.
func (s *Snapshot) Entries() iter.Seq2[Exported, error] { return s.x.entries() }
