package accesslog

import (
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Piece is one stored fragment as it is known without any key: one track of at most a second or so.
type Piece struct {
	Segment   keyring.ID // that holds it
	Record    int        // its number in the segment, from 1: record 0 is the init record
	Kind      segment.Kind
	Run       keyring.ID // pieces of one run join without a seam and share an init record
	Camera    string
	Stream    string        // "main" or "sub"
	Start     time.Time     // of the first access unit, UTC, corrected once the boot's clock was set
	Duration  time.Duration // media time
	KeyFrame  bool          // it begins with a key frame
	Loss      bool          // packets were missing inside it
	GapBefore bool          // time is missing between the piece before and this one
	Size      int64         // bytes of the fragment
}

// End is the moment before which the piece ends.
func (p Piece) End() time.Time { return p.Start.Add(p.Duration) }

// Run is one stretch of one stream in one format.
type Run struct {
	ID     keyring.ID
	Format string     // in words, e.g. "H264 1920x1080, AAC 48000 Hz"
	Init   keyring.ID // a segment of the run, whose init record goes with all its pieces: see [Viewing.Init]
}

// Withheld is a span of which nothing is shown, and why.
type Withheld struct {
	From, To time.Time
	Why      error // ErrRestricted, ErrPurpose, ErrLive, ErrErased, ErrDamaged, ErrAway, ErrNothing, or one of package people
}

// Timeline is what there is of one stream in a span of time, and what of it may be seen.
type Timeline struct {
	Camera, Stream string
	From, To       time.Time
	Pieces         []Piece       // by start, sound among the picture; from the key frame at or before From on, if that may be seen
	Runs           []Run         // of the pieces, in their order
	Gaps           []footage.Gap // in which nothing was recorded
	Withheld       []Withheld    // by start
}

// pieceOf is a record by the times of the index.
func pieceOf(s footage.Segment, n int, e segment.Entry) Piece {
	return Piece{
		Segment: s.ID, Record: n, Kind: e.Kind, Run: s.Run, Camera: s.Camera, Stream: s.Stream,
		Start: e.Start.Add(s.Start.Sub(s.HeaderStart)).UTC(), Duration: e.Duration,
		KeyFrame: e.Flags&segment.KeyFrame != 0, Loss: e.Flags&segment.Loss != 0, GapBefore: e.Flags&segment.GapBefore != 0,
		Size: e.Size - (segment.MaxRecord - segment.MaxPlain),
	}
}
