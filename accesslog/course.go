package accesslog

import (
	"context"
	"crypto/sha256"
	"encoding/json"
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
		content, err := json.Marshal(s.Notice.Content)
		if err != nil {
			return fmt.Errorf("couldn't tell of the notice %s: %w", s.Notice.ID, err)
		}
		n := evidence.Notice{Camera: camera, Version: s.Notice.ID, Hash: sha256.Sum256(content)}
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
	for _, step := range []func() error{p.settle, p.find, p.look} {
		if err := step(); err != nil {
			return err
		}
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

// settle has what is being written of the footage sealed and collected.
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

// find finds the segments of each range: of the main stream, or of the sub stream of a camera of which there is nothing of main.
func (p *planner) find() error {
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
		for _, s := range r.segments {
			if !s.Sealed {
				return fmt.Errorf("%w: camera %s from %s", ErrUnsettled, s.Camera, s.Start.Format(time.RFC3339))
			}
		}
		p.reels = append(p.reels, r)
	}
	return nil
}
