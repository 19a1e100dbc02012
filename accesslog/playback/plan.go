package playback

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"varuh/accesslog"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

const (
	// LeastPart is how long a part lasts at least, where groups of pictures are shorter. One request and one
	// append for each fragment of a second would cost more than playing it.
	LeastPart = 4 * time.Second

	// seam is how far two fragments may lie apart that follow each other: what is more counts as a gap, as in
	// package recorder.
	seam = 500 * time.Millisecond
)

// Part is an HLS media segment: all pieces of one run that begin in a span of time.
type Part struct {
	Run      keyring.ID
	From, To time.Time         // its pieces begin in [From, To), its picture with a key frame at From
	Duration time.Duration     // of its picture
	Break    bool              // it does not continue the part before: another run, a gap, or pictures left out
	Pieces   []accesslog.Piece // in the order in which they are sent
}

// Size is the length of the part, in bytes.
func (p *Part) Size() (n int64) {
	for i := range p.Pieces {
		n += p.Pieces[i].Size
	}
	return n
}

// has tells whether a piece of the part's stream belongs to it.
func (p *Part) has(piece *accesslog.Piece) bool {
	return piece.Run == p.Run && !piece.Start.Before(p.From) && piece.Start.Before(p.To)
}

// Plan cuts a window into parts. The timeline reaches from the window's beginning to the first key frame
// after its end, or to the window's end if that is the last: see [Windows]. Without sound, pieces of sound
// are left out.
func Plan(t accesslog.Timeline, w Window, sound bool) []Part {
	if w.First {
		begin, ok := Covered(t, w.From)
		if !ok {
			return nil
		}
		w.From = begin
	}
	pieces := byRun(t.Pieces)
	p := planner{pictures: pictures{withheld: t.Withheld}, window: w}
	for i := range pieces {
		if pieces[i].Kind == segment.Video {
			p.add(&pieces[i])
		}
	}
	p.close(time.Time{})
	for i := range p.parts {
		if part := &p.parts[i]; w.Last && part.To.After(w.To) {
			part.To = w.To // sound ends there, too
		}
	}
	fill(p.parts, pieces, sound)
	return p.parts
}

// byRun puts the pieces of a run next to each other. They are not where the clock was set back: what was
// recorded before and after lies in the same time, and is played one after the other.
func byRun(pieces []accesslog.Piece) []accesslog.Piece {
	rank, sorted := map[keyring.ID]int{}, true
	for i := range pieces {
		run := pieces[i].Run
		if _, seen := rank[run]; !seen {
			rank[run] = len(rank)
		} else if pieces[i-1].Run != run {
			sorted = false
		}
	}
	if sorted {
		return pieces
	}
	pieces = slices.Clone(pieces)
	slices.SortStableFunc(pieces, func(a, b accesslog.Piece) int { return cmp.Compare(rank[a.Run], rank[b.Run]) })
	return pieces
}

// planner takes the pictures of a window one after the other.
type planner struct {
	pictures
	window Window
	parts  []Part
	open   bool // the last of the parts may grow
	missed bool // pictures were left out since the last part
}

// add takes the next picture.
func (p *planner) add(piece *accesslog.Piece) {
	whole, gap := p.next(piece)
	switch {
	case !piece.Start.Before(p.window.To) && (piece.KeyFrame || p.window.Last):
		if !whole || gap > 0 {
			p.close(time.Time{})
		}
		p.close(piece.Start)
	case piece.KeyFrame && !piece.Start.Before(p.window.From):
		if apart := !whole || gap > 0; apart || !p.open || p.last().long() {
			p.begin(piece, apart)
		}
	case !whole:
		p.close(time.Time{})
	case p.open:
		p.last().Duration += gap
	}
	if !p.open {
		p.missed = true
		return
	}
	p.last().Duration += piece.Duration
	p.last().To = piece.End()
}

func (p *planner) last() *Part { return &p.parts[len(p.parts)-1] }

// long tells whether the part may end. Durations are whole nanoseconds of ticks that are none, hence the rounding.
func (p *Part) long() bool { return p.Duration.Round(time.Millisecond) >= LeastPart }

// begin opens a part. The one before it, if nothing lies between, reaches up to it.
func (p *planner) begin(piece *accesslog.Piece, apart bool) {
	if !apart {
		p.close(piece.Start)
	}
	p.parts = append(p.parts, Part{Run: piece.Run, From: piece.Start, Break: (apart || p.missed) && len(p.parts) > 0})
	p.open, p.missed = true, false
}

// close ends the open part at the moment where the next picture begins. If that is not known, or lies behind a
// gap, the part ends with its last picture.
func (p *planner) close(at time.Time) {
	if p.open && !at.IsZero() {
		p.last().To = at
	}
	p.open = false
}

// pictures tells how the pieces of the picture hang together, each held against the one before it.
type pictures struct {
	withheld []accesslog.Withheld
	before   *accesslog.Piece
}

// next tells whether a picture can be decoded after the one before it, and what gap is between them if they are
// of one run. A group of pictures goes on across a gap that the recorder flagged: it left out nothing
// but what the camera did not send.
func (p *pictures) next(piece *accesslog.Piece) (whole bool, gap time.Duration) {
	before := p.before
	p.before = piece
	if before == nil || before.Run != piece.Run {
		return false, 0
	}
	if gap = piece.Start.Sub(before.End()); gap <= seam {
		gap = 0
	}
	torn := gap > 0 && !piece.GapBefore && !piece.KeyFrame
	between := func(w accesslog.Withheld) bool { return w.From.Before(piece.Start) && w.To.After(before.Start) }
	return !torn && !slices.ContainsFunc(p.withheld, between), gap
}

// fill gives each part its pieces, in the order of the timeline.
func fill(parts []Part, pieces []accesslog.Piece, sound bool) {
	runs := map[keyring.ID][]*Part{}
	for i := range parts {
		runs[parts[i].Run] = append(runs[parts[i].Run], &parts[i])
	}
	for i := range pieces {
		piece := &pieces[i]
		if piece.Kind != segment.Video && !sound {
			continue
		}
		run := runs[piece.Run]
		n := sort.Search(len(run), func(i int) bool { return run[i].From.After(piece.Start) })
		if n > 0 && run[n-1].has(piece) {
			run[n-1].Pieces = append(run[n-1].Pieces, *piece)
		}
	}
}
