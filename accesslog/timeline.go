package accesslog

import (
	"errors"
	"slices"
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
	Why      error // ErrRestricted, ErrPurpose, ErrLive, ErrTerm, ErrErased, ErrDamaged, ErrAway, ErrNothing, or one of package people
}

// Timeline is what there is of one stream in a span of time, and what of it may be seen.
type Timeline struct {
	Camera, Stream string
	From, To       time.Time
	Pieces         []Piece       // by start, sound among the picture; from the key frame at or before From on, if that may be seen
	Runs           []Run         // of the pieces, in their order
	Gaps           []footage.Gap // in which nothing was recorded
	Withheld       []Withheld    // by start
	Silent         []Withheld    // of which the sound alone is left out, for ErrSound; by start
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

// hole is the shortest time without segment and gap that is told as such: neighbours do not fit to the frame.
const hole = 2 * time.Second

// choose takes the pieces that may be seen. The lead to a key frame is taken as a whole or not at all.
func (t *Timeline) choose(pieces []Piece, j judge) {
	t.Pieces = make([]Piece, 0, len(pieces)) // of two hours some 7,200
	broken := false
	for _, p := range pieces {
		err := j(p)
		if err == nil {
			t.Pieces = append(t.Pieces, p)
			continue
		}
		if errors.Is(err, ErrSound) {
			t.Silent = t.withhold(t.Silent, p.span(), err)
			continue
		}
		broken = broken || p.Start.Before(t.From)
		t.Withheld = t.withhold(t.Withheld, p.span(), err)
	}
	if broken {
		t.Pieces = slices.DeleteFunc(t.Pieces, func(p Piece) bool { return p.Start.Before(t.From) })
	}
}

// withhold names a span in a list, joined to the one before where that has the same reason.
func (t *Timeline) withhold(list []Withheld, x span, err error) []Withheld {
	if x = x.within(span{t.From, t.To}); x.empty() {
		return list
	}
	if n := len(list); n > 0 && errors.Is(err, list[n-1].Why) && x.from.Sub(list[n-1].To) < hole {
		if last := &list[n-1]; x.to.After(last.To) {
			last.To = x.to
		}
		return list
	}
	return append(list, Withheld{x.from, x.to, err})
}

// empty names the time of which there is neither a segment nor a gap.
func (t *Timeline) empty(segments []footage.Segment, now time.Time) {
	var known set
	for _, s := range segments {
		if !s.Sealed {
			s.End = t.To
		}
		known = known.add(whole(s), hole)
	}
	for _, g := range t.Gaps {
		if g.To.IsZero() {
			g.To = t.To
		}
		known = known.add(span{g.From, g.To}, hole)
	}
	rest := span{t.From, t.To}
	if now.Before(rest.to) {
		rest.to = now
	}
	for !rest.empty() {
		part := known.missing(rest)
		if part.to.Sub(part.from) >= hole {
			t.Withheld = append(t.Withheld, Withheld{part.from, part.to, ErrNothing})
		}
		if part.empty() {
			return
		}
		rest.from = part.to
	}
}

// runs are those of the pieces, each with the first segment that has an init record for it.
func runs(pieces []Piece, segments []footage.Segment) (list []Run) {
	seen := map[keyring.ID]bool{}
	formats := map[keyring.ID]string{}
	for _, s := range segments {
		formats[s.ID] = s.Format
	}
	for _, p := range pieces {
		if !seen[p.Run] {
			seen[p.Run] = true
			list = append(list, Run{p.Run, formats[p.Segment], p.Segment})
		}
	}
	return list
}
