package accesslog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// course is what an export is of.
type course struct {
	asked     []evidence.Range
	stretches []evidence.Stretch
	gaps      []evidence.Gap
	notices   []evidence.Notice
	planned   ledger // what can leave
}

// tell notes the notices of a camera that were in force.
func (c *course) tell(camera string, b basis) error {
	for _, s := range b.spans {
		if s.Notice == nil || slices.ContainsFunc(c.notices, func(n evidence.Notice) bool { return n.Camera == camera && n.Version == s.Notice.ID }) {
			continue
		}
		hash, err := s.Notice.Hash()
		if err != nil {
			return err
		}
		n := evidence.Notice{Camera: camera, Version: s.Notice.ID, Hash: hash}
		for _, p := range s.Notice.Purposes {
			n.Purposes = append(n.Purposes, p.ID)
		}
		c.notices = append(c.notices, n)
	}
	return nil
}

// planner finds out what of the footage can be taken out. It decrypts nothing.
type planner struct {
	*course
	ctx     context.Context
	w       Viewing
	session people.Session
	sound   bool

	reels []reel
	told  map[keyring.ID]told
	holes []missed // gaps that the diary tells of
	buf   []byte   // for records
}

// reel is one range of one stream.
type reel struct {
	wish
	segments []footage.Segment
	gaps     []footage.Gap
}

// plan finds what can leave, and says why the rest can't.
func (p *planner) plan() error {
	if err := p.find(); err != nil {
		return err
	}
	for _, r := range p.reels {
		if err := p.cut(r); err != nil {
			return err
		}
	}
	switch {
	case len(p.stretches) == 0 && slices.ContainsFunc(p.gaps, func(g evidence.Gap) bool { return g.Cause == causeRestricted }):
		return ErrRestricted
	case len(p.stretches) == 0:
		return ErrNothing
	case len(p.gaps) > mostMissed || p.planned.ranges > mostRanges:
		return fmt.Errorf("%w: it has %d gaps, more than one package states: divide it", ErrSpan, len(p.gaps))
	}
	return nil
}

// find finds the footage and what the diary tells of it. What is being written of it is sealed and collected first.
func (p *planner) find() error {
	late := func(x evidence.Range) bool { return p.w.v.door.o.Now().Sub(x.To) < Fresh } // some of it may be in memory yet
	if !slices.ContainsFunc(p.asked, late) {
		err := p.gather()
		if err == nil {
			err = p.look()
		}
		if !errors.Is(err, ErrUnsettled) {
			return err
		}
	}
	if err := p.settle(); err != nil {
		return err
	}
	if err := p.gather(); err != nil {
		return err
	}
	return p.look()
}

// settle has what is being written of the cameras sealed and collected.
func (p *planner) settle() error {
	r := p.w.v.door.o.Recording
	if r == nil {
		return nil
	}
	last := map[string]time.Time{}
	for _, x := range p.asked {
		last[x.Camera] = x.To // they are by time
	}
	for camera, to := range last {
		if err := r.Settle(p.ctx, camera, to); err != nil {
			return fmt.Errorf("%w: camera %s: %w", ErrUnsettled, camera, err)
		}
	}
	return nil
}

// gather finds the segments of each range: of the main stream, or of the sub stream of a camera of which there is nothing of main.
func (p *planner) gather() error {
	p.reels = nil
	streams := map[string]string{}
	for _, x := range p.asked {
		for _, stream := range []string{"sub", "main"} {
			segments, _, err := p.w.v.door.o.Index.Span(x.Camera, stream, x.From, x.To)
			if err != nil {
				return err
			}
			if len(segments) > 0 && streams[x.Camera] != "main" {
				streams[x.Camera] = stream
			}
		}
	}
	for _, x := range p.asked {
		r := reel{wish: wish{camera: x.Camera, stream: "main", span: span{x.From, x.To}}}
		if streams[x.Camera] != "" {
			r.stream = streams[x.Camera]
		}
		var err error
		if r.segments, r.gaps, err = p.w.v.door.o.Index.Span(r.camera, r.stream, r.from, r.to); err != nil {
			return err
		}
		if err := p.sealed(r); err != nil {
			return err
		}
		p.reels = append(p.reels, r)
	}
	return nil
}

// sealed is an error if a segment is still being written: the last of its stream. Others that are not sealed a sick disk keeps
// open.
func (p *planner) sealed(r reel) error {
	n := len(r.segments)
	if n == 0 || r.segments[n-1].Sealed {
		return nil
	}
	last, err := p.w.v.door.o.Index.Last(r.camera, r.stream)
	if err == nil && last.ID == r.segments[n-1].ID {
		err = fmt.Errorf("%w: camera %s from %s", ErrUnsettled, r.camera, last.Start.Format(time.RFC3339))
	}
	return err
}
