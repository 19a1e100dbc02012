package accesslog

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"time"

	"varuh/accesslog/evidence"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// cutting takes out of one range what can leave.
type cutting struct {
	*planner
	reel
	all      span       // with what it may take before and behind it
	withheld []Withheld // of the picture and the sound
	silent   []Withheld // of the sound
	stretch  evidence.Stretch
	lead     leader
	pictures set // that leave
	missed   []missed
	broken   string // cause of what is left out up to the next key frame; "" for nothing
}

// cut plans a range.
func (p *planner) cut(r reel) (err error) {
	c := &cutting{planner: p, reel: r, all: span{r.from.Add(-mostLead), r.to.Add(mostTail)}}
	x := r.wish
	x.span = c.all
	if c.withheld, _, err = p.w.withheld(p.ctx, p.session, x); err != nil {
		return err
	}
	x.sound = true
	if c.silent, _, err = p.w.withheld(p.ctx, p.session, x); err != nil {
		return err
	}
	if !p.sound {
		c.silent = []Withheld{{c.all.from, c.all.to, ErrSound}}
	}
	in, past, err := p.w.sift(p.ctx, r.segments)
	if err != nil {
		return err
	}
	c.lead = leader{from: c.from, earliest: c.all.from}
	c.lead.find(slices.DeleteFunc(in, func(s footage.Segment) bool { return !s.Sealed }), p.w.v.door.o.Keys.k.Entries)
	for n, s := range r.segments {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if !s.Sealed {
			end := r.to
			if n+1 < len(r.segments) {
				end = r.segments[n+1].Start
			}
			c.leave(span{s.Start, end}, causeUnreadable)
			continue
		}
		if slices.ContainsFunc(past, func(o footage.Segment) bool { return o.ID == s.ID }) {
			c.leave(whole(s), causeErased)
			continue
		}
		if err := c.segment(s); err != nil {
			return err
		}
	}
	if len(c.stretch) > 0 {
		p.stretches = append(p.stretches, c.stretch)
	}
	c.tell()
	return nil
}

// segment takes what can leave of a segment.
func (c *cutting) segment(s footage.Segment) error {
	keys := c.w.v.door.o.Keys.k
	leaves, err := keys.Leaves(s)
	if t := c.told[s.ID]; err == nil && (t.root != s.Root || len(leaves) != int(s.Records)) {
		err = ErrDamaged
	}
	var entries []segment.Entry
	if err == nil {
		entries, err = keys.Entries(s)
	}
	if cause := causeOf(err); err != nil && cause == "" {
		return err
	} else if err != nil {
		c.leave(whole(s), cause)
		return nil
	}
	begin := c.lead.begins(s, entries)
	begun := 0 // the first record of a part, 0 while there is none
	for n := 1; n <= len(entries); n++ {
		takes := false
		if n < len(entries) {
			p := pieceOf(s, n, entries[n])
			if takes = begin.asks(p, c.span); takes {
				takes, err = c.takes(s, p)
			}
			if err != nil {
				return err
			}
		}
		if takes && begun == 0 {
			begun = n
		} else if !takes && begun > 0 {
			c.part(s, begun, n)
			begun = 0
		}
	}
	return nil
}

// takes tells whether a record goes into the package. Of sound that may not leave only what proves it does.
func (c *cutting) takes(s footage.Segment, p Piece) (bool, error) {
	err := why(p.span(), c.withheld)
	if err == nil {
		c.buf, err = c.w.v.door.o.Keys.k.Whole(s, p.Record, c.buf)
	}
	cause := causeOf(err)
	switch {
	case err != nil && cause == "":
		return false, err
	case p.Kind == segment.Audio:
		if err != nil || c.broken != "" {
			return false, nil // a gap is one of the picture
		}
	case err != nil:
		c.leave(p.span(), cause)
		return false, nil
	case c.broken != "" && !p.KeyFrame:
		c.leave(p.span(), c.broken) // it can't be shown without what was left out before it
		return false, nil
	default:
		c.broken = ""
		c.pictures = c.pictures.add(p.span(), joint)
	}
	if !quiet(p, c.silent) {
		c.planned.add(&flight{c.strip(), p.span(), p.Size})
	}
	return true, nil
}

// leave leaves footage out.
func (c *cutting) leave(x span, cause string) {
	c.broken = cause
	c.missed = append(c.missed, missed{c.strip(), x, cause})
}

// part is a run of records of a segment.
func (c *cutting) part(s footage.Segment, from, to int) {
	w, silent := c.w, c.silent
	c.stretch = append(c.stretch, evidence.Part{Camera: s.Camera, Stream: s.Stream, Segment: s.ID, Collect: c.told[s.ID].entry, From: from, To: to,
		Correction: s.Start.Sub(s.HeaderStart).Round(time.Millisecond),
		Open:       func(ctx context.Context) (evidence.Records, error) { return &records{ctx, w, s, silent}, nil }})
}

// The causes of gaps that are the door's.
const (
	causeErased     = "erased"
	causeRestricted = "restricted"
	causeUnreadable = "unreadable"
)

// causeOf is why footage can't be handed out, or nothing for an error that is none of the footage's.
func causeOf(err error) string {
	switch {
	case errors.Is(err, ErrErased), errors.Is(err, ErrTerm): // it is to be: nobody who gets the package may wait for it
		return causeErased
	case errors.Is(err, ErrDamaged), errors.Is(err, ErrAway), errors.Is(err, syscall.EIO): // a bad sector is no reason to hand out nothing
		return causeUnreadable
	case reason(err) != "":
		return causeRestricted
	}
	return ""
}
