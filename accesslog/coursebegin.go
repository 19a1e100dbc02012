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

// leader finds the key frame that a span of footage begins with, so that its first moment can be seen.
type leader struct {
	from     time.Time // of the span
	earliest time.Time // before which a key frame is too far off; zero: none is
	key      Piece     // of all segments; record 0: there is none
}

// find takes the last key frame at or before the span, in whatever segment. One that can't be read has none.
func (l *leader) find(segments []footage.Segment, read func(footage.Segment) ([]segment.Entry, error)) {
	for _, s := range slices.Backward(segments) {
		if s.Start.After(l.from) {
			continue
		}
		entries, err := read(s)
		if err != nil {
			continue
		}
		if l.key = l.in(s, entries); l.key.Record > 0 {
			return
		}
	}
}

// in is the key frame that the pictures of a segment begin with: the last at or before the span, if that is not too far off. There
// is none where the record is 0: where a segment had to begin without one, what is before its first can't be decoded alone.
func (l *leader) in(s footage.Segment, entries []segment.Entry) Piece {
	for n := len(entries) - 1; n > 0; n-- {
		p := pieceOf(s, n, entries[n])
		if p.Kind != segment.Video || !p.KeyFrame || p.Start.After(l.from) {
			continue
		}
		if p.Start.Before(l.earliest) {
			break
		}
		return p
	}
	return Piece{}
}

// begins is where the span begins in a segment. Of one that is over when a later one has the key frame nothing but sound is
// taken.
func (l *leader) begins(s footage.Segment, entries []segment.Entry) beginning {
	k := l.key
	if k.Record > 0 && k.Segment != s.ID && s.Sealed && s.Start.Before(k.Start) && !s.End.After(k.Start.Add(sliver)) {
		return beginning{len(entries), l.from}
	}
	if p := l.in(s, entries); p.Record > 0 {
		return beginning{p.Record, p.Start}
	}
	return beginning{1, l.from}
}
