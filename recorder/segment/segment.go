package segment

import (
	"time"

	"varuh/recorder/keyring"
)

// Kind says what a record holds.
type Kind uint8

// The kinds of record. Record 0 of a segment is always an Init, and no other is.
const (
	Init  Kind = 0 // the CMAF header: ftyp + moov, all tracks
	Video Kind = 1 // one fragment of the picture: prft + moof + mdat
	Audio Kind = 2 // one fragment of the sound: prft + moof + mdat
)

// Flags of a record.
type Flags uint8

// What a record's flags can say.
const (
	KeyFrame  Flags = 1 << iota // the first access unit of the fragment is a key frame
	Loss                        // RTP packets were missing inside the fragment
	GapBefore                   // time is missing between the record before and this one
)

// Record describes one record in the clear.
type Record struct {
	Kind     Kind
	Flags    Flags
	Start    time.Time     // recorder's UTC of the first access unit
	Duration time.Duration // media time
}

// Gap is a span of time in which a stream was not recorded, and why.
type Gap struct {
	From  time.Time
	To    time.Time
	Cause string // one word of the recorder's list, such as "schedule" or "unreachable"
}

// Within cuts a gap at the ends of a span; one whose To is zero lasts beyond it. It returns false if nothing
// of it lies inside.
func (g Gap) Within(from, to time.Time) (Gap, bool) {
	if g.From.Before(from) {
		g.From = from
	}
	if g.To.IsZero() || g.To.After(to) {
		g.To = to
	}
	return g, g.To.After(g.From)
}

// ClockState says how far the recorder trusted its clock when a segment began.
type ClockState uint8

// The clock states.
const (
	Unsynchronised ClockState = 0 // the kernel's clock had not been set since this boot
	Synchronised   ClockState = 1 // adjtimex said so
)

// Header is the clear head of a segment file.
type Header struct {
	ID       keyring.ID    // names the file and its key slot
	Store    keyring.ID    // the store that it was written to
	Slot     uint32        // number of the key slot in the slot file of its day, see package keyring
	Camera   string        // id of the camera
	Stream   string        // "main" or "sub"
	Run      keyring.ID    // one run of one stream format; segments of a run join without a seam
	Boot     [16]byte      // the kernel's boot id
	BootTime time.Duration // CLOCK_BOOTTIME of the first frame
	Start    time.Time     // recorder's UTC of the first frame
	Clock    ClockState
	Format   string // stream description in words for people and indexes, e.g. "H264 1920x1080, AAC 48000 Hz"
	Gaps     []Gap  // the gaps between the stream's segment before and this one, so that an index can be rebuilt
}
