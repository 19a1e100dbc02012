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
	Start       time.Time // of the first frame, corrected once the boot's clock was set
	End         time.Time // of the last record, corrected likewise; equal to Start while open
	Bytes       int64     // of the file; 0 while open
	Records     uint32    // the init segment included; 0 while open
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
	segment.Gap    // To is the zero time while the gap lasts

	// Boot and Clock are the recorder's own when it told of the gap. They let a pending gap be
	// corrected; a gap read from the index has none.
	Boot  [16]byte
	Clock segment.ClockState

	// Carrier is the segment whose header tells of the gap, zero until that segment begins.
	Carrier keyring.ID
}

// NewSegment is the row of a segment that begins.
func NewSegment(h segment.Header) Segment {
	return Segment{
		ID: h.ID, Store: h.Store, Slot: h.Slot, Camera: h.Camera, Stream: h.Stream, Run: h.Run,
		Start: h.Start, End: h.Start, Format: h.Format, Boot: h.Boot, BootTime: h.BootTime,
		HeaderStart: h.Start, Clock: h.Clock,
	}
}

// WithSeal is the row once its file of so many bytes is sealed. The length comes from the records,
// whose times are by the clock of HeaderStart, whatever has corrected Start since.
func (s Segment) WithSeal(seal segment.Seal, bytes int64) Segment {
	s.Sealed, s.Recovered, s.Records, s.Root, s.Bytes = true, seal.Recovered, seal.Records, seal.Root, bytes
	s.End, s.Loss = s.Start, false
	for _, e := range seal.Index {
		if end := s.Start.Add(e.Start.Add(e.Duration).Sub(s.HeaderStart)); end.After(s.End) {
			s.End = end
		}
		s.Loss = s.Loss || e.Flags&segment.Loss != 0
	}
	return s
}
