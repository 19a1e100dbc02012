package accesslog

import (
	"fmt"
	"time"

	"varuh/accesslog/collect"
	"varuh/recorder/keyring"
)

// told is a segment as the diary tells of it.
type told struct {
	strip
	span
	entry int64 // collect, which states the root
	root  [32]byte
}

// settled is how long after footage its collect comes, but where something was amiss.
const settled = 2 * time.Hour

// look looks up what the diary tells of the footage: by which entry the root of each segment is known, what else was recorded
// then, and why nothing was.
func (p *planner) look() error {
	p.told = map[keyring.ID]told{}
	if len(p.reels) == 0 {
		return nil
	}
	first, last := p.reels[0].from, p.reels[0].to
	for _, r := range p.reels {
		for _, s := range r.segments {
			if s.Start.Before(first) {
				first = s.Start
			}
		}
		x := span{first, last}.hull(r.span)
		first, last = x.from, x.to
	}
	for _, since := range []time.Time{first, {}} { // what was dated anew lies anywhere
		p.holes = nil
		for piece, err := range collect.Pieces(p.ctx, p.w.v.door.o.Diary, since) {
			if err != nil {
				return err
			}
			p.take(piece)
			if piece.From.After(last.Add(settled)) && p.lacks() == nil {
				return nil
			}
		}
		if p.lacks() == nil {
			return nil
		}
	}
	return p.lacks()
}

// take takes what a piece tells of the ranges.
func (p *planner) take(piece collect.Told) {
	of := func(stream string, x span) bool {
		for _, r := range p.reels {
			if r.strip() == (strip{piece.Camera, stream}) && r.overlaps(x) {
				return true
			}
		}
		return false
	}
	for _, list := range [][]collect.Segment{piece.Segments, piece.Late} {
		for _, s := range list {
			if x := (span{s.Start, s.End}); !s.Open && !s.Known && (p.wants(s.ID) || of(s.Stream, x)) {
				p.told[s.ID] = told{strip{piece.Camera, s.Stream}, x, piece.Entry, s.Root}
			}
		}
	}
	for _, g := range piece.Gaps {
		if x := (span{g.From, g.To}); of(g.Stream, x) {
			p.holes = append(p.holes, missed{strip{piece.Camera, g.Stream}, x, g.Cause})
		}
	}
}

// wants tells whether a segment is one of those that go into the package.
func (p *planner) wants(id keyring.ID) bool {
	for _, r := range p.reels {
		for i := range r.segments {
			if r.segments[i].ID == id && r.segments[i].Sealed {
				return true
			}
		}
	}
	return false
}

// lacks is an error if the diary does not tell of a segment.
func (p *planner) lacks() error {
	for _, r := range p.reels {
		for _, s := range r.segments {
			if _, ok := p.told[s.ID]; !ok && s.Sealed {
				return fmt.Errorf("%w: the diary does not tell of segment %v of camera %s", ErrUnsettled, s.ID, s.Camera)
			}
		}
	}
	return nil
}
