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

// look looks up what the diary tells of the footage: by which entry the root of each segment is known, what else was recorded
// then, and why nothing was.
func (p *planner) look() error {
	p.told = map[keyring.ID]told{}
	if len(p.reels) == 0 {
		return nil
	}
	first := p.reels[0].from
	for _, r := range p.reels {
		for _, s := range r.segments {
			r.from = earlier(r.from, s.Start)
		}
		first = earlier(first, r.from)
	}
	for _, since := range []time.Time{first, {}} { // what was dated anew lies anywhere
		p.holes = nil
		until := map[string]time.Time{}
		for piece, err := range collect.Pieces(p.ctx, p.w.v.door.o.Diary, since) {
			if err != nil {
				return err
			}
			p.take(piece)
			if until[piece.Camera] = piece.To; p.past(until) && p.lacks() == nil {
				return nil
			}
		}
		if p.lacks() == nil {
			return nil
		}
	}
	return p.lacks()
}

// past tells whether the pieces of each camera have come past its ranges.
func (p *planner) past(until map[string]time.Time) bool {
	for _, r := range p.reels {
		if until[r.camera].Before(r.to) {
			return false
		}
	}
	return true
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
			if x := (span{s.Start, s.End}); !s.Open && !s.Known && (of(s.Stream, x) || p.wants(s.ID)) {
				p.told[s.ID] = told{strip{piece.Camera, s.Stream}, x, piece.Entry, s.Root}
			}
		}
	}
	for _, g := range piece.Gaps {
		if x := (span{g.From, g.To}); g.Cause != collect.CauseJoin && of(g.Stream, x) { // what lies between two segments is no gap
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
