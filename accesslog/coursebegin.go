package accesslog

import (
	"slices"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// beginning is where the footage of a range begins in a segment.
type beginning struct {
	picture int       // the first record of pictures
	from    time.Time // before which no record ends
}

// asks tells whether a piece belongs to a range. The fragment before a key frame may end some milliseconds later than that begins,
// since the clock is nudged between them, and can't be shown: pictures begin by their number. Sound needs no key frame: it goes
// along with the pictures, and wherever it is asked for.
func (b beginning) asks(p Piece, x span) bool {
	if !p.span().overlaps(span{b.from, x.to}) {
		return false
	}
	if p.Kind == segment.Audio {
		return !p.Start.Before(b.from) || p.span().overlaps(x)
	}
	return p.Record >= b.picture
}

// leading is the key frame that the pictures of a segment begin with: the last at or before the range, if that is no further
// off than footage may be taken before it. There is none where the record is 0.
func (c *cutting) leading(s footage.Segment, entries []segment.Entry) Piece {
	n := lead(s, entries, c.from)
	if n == 0 {
		return Piece{}
	}
	if p := pieceOf(s, n, entries[n]); !p.Start.Before(c.all.from) {
		return p
	}
	return Piece{}
}

// key is the key frame that the range begins with, in whatever segment. One that can't be read has none: [cutting.segment] says
// so.
func (c *cutting) key() Piece {
	for _, s := range slices.Backward(c.segments) {
		if !s.Sealed || s.Start.After(c.from) {
			continue
		}
		entries, err := c.w.v.door.o.Keys.k.Entries(s)
		if err != nil {
			continue
		}
		if p := c.leading(s, entries); p.Record > 0 {
			return p
		}
	}
	return Piece{}
}

// begins is where the range begins in a segment. Of one that is over when a later one has the key frame nothing but sound is
// taken.
func (c *cutting) begins(s footage.Segment, entries []segment.Entry) beginning {
	k := c.begin
	if k.Record > 0 && k.Segment != s.ID && s.Start.Before(k.Start) && !s.End.After(k.Start.Add(sliver)) {
		return beginning{len(entries), c.from}
	}
	if p := c.leading(s, entries); p.Record > 0 {
		return beginning{p.Record, p.Start}
	}
	return beginning{1, c.from}
}
