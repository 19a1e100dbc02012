package footage

import (
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Segment is one row of the index.
type Segment struct {
	ID          keyring.ID
	Store       keyring.ID
	Slot        uint32
	Camera      string
	Stream      string // "main" or "sub"
	Run         keyring.ID
	Start       time.Time // of the first frame, corrected by the boot's clock step once that is known
	End         time.Time // of the last record, corrected likewise; while open: of the last fragment told
	Bytes       int64     // of the file
	Records     uint32    // the init segment included
	Sealed      bool      // false while it is being written
	Recovered   bool      // sealed by recovery after a crash
	Loss        bool      // some record has the loss flag
	Format      string
	Boot        [16]byte
	BootTime    time.Duration
	HeaderStart time.Time // as written in the file
	Clock       segment.ClockState
	Root        [32]byte // Merkle root over the leaves, zero while open
}

// Gap is a span in which a stream was not recorded.
type Gap struct {
	Camera, Stream string
	segment.Gap
}

// Index is the index of footage.
type Index struct{}
