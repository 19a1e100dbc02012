package web

import (
	"context"
	"time"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// HoldInfo is a hold or a restriction in force.
type HoldInfo struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`             // hold or restriction
	Why      string `json:"why"`              // kind of the hold, or ground of the restriction
	Camera   string `json:"camera,omitempty"` // none: every camera
	From     moment `json:"from"`
	To       moment `json:"to"`
	PastTerm bool   `json:"past_term"`     // it keeps footage past its term, too
	Review   moment `json:"review"`        // a provisional hold lapses then
	Goes     moment `json:"goes,omitzero"` // of a provisional one: when the first of it goes at its term, if that is before the review
	Entry    int64  `json:"entry"`         // that says who and why
	Pinned   bool   `json:"pinned"`        // the diary was looked through for entries about it
}

// HoldList are holds and restrictions.
type HoldList struct {
	Holds []HoldInfo `json:"holds"`
}

// holds are those in the scope of who asks.
func (s *Site) holds(c *call) (HoldList, error) {
	all, err := s.inForce(c)
	list := HoldList{Holds: []HoldInfo{}}
	for _, h := range all {
		if c.allowed(people.Hold, h.Camera) {
			if h.Why == string(hold.Provisional) {
				h.Goes = s.goes(c, hold.Range{Camera: h.Camera, From: h.From.Time, To: h.To.Time}, h.Review.Time)
			}
			list.Holds = append(list.Holds, h)
		}
	}
	return list, err
}

// goes is when the first of footage goes at its term, which a provisional hold does not pass; none if that is not before its
// review, or not known.
func (s *Site) goes(c *call, r hold.Range, review time.Time) moment {
	first, err := s.o.Retention.Goes(c.Context(), r)
	if err != nil {
		s.o.Log.Warn("when secured footage goes at its term can't be told", "err", err)
	}
	if err != nil || first.IsZero() || !first.Before(review) {
		return moment{}
	}
	return moment{first}
}

// inForce are all holds, then all restrictions.
func (s *Site) inForce(c *call) (list []HoldInfo, err error) {
	holds, err := s.o.Holds.List(c.Context())
	if err != nil {
		return nil, err
	}
	restrictions, err := s.o.Holds.ListRestrictions(c.Context())
	if err != nil {
		return nil, err
	}
	add := func(info HoldInfo, r hold.Range, review time.Time) {
		info.Camera, info.From, info.To, info.Review = r.Camera, moment{r.From}, moment{r.To}, moment{review}
		list = append(list, info)
	}
	for _, h := range holds {
		add(HoldInfo{ID: h.ID, Kind: "hold", Why: string(h.Kind), PastTerm: h.PastTerm, Entry: h.Entry, Pinned: h.Pinned}, h.Range, h.Review)
	}
	for _, r := range restrictions {
		add(HoldInfo{ID: r.ID, Kind: "restriction", Why: string(r.Ground), PastTerm: r.Ground.Passes(), Entry: r.Entry, Pinned: r.Pinned}, r.Range, r.Review)
	}
	return list, nil
}

// How long what follows a change of what is held may take, before whoever made it is answered. What is left then is done
// within the hour.
const (
	decidedWithin = 8 * time.Second  // to remember it beside the keys
	pinWithin     = 12 * time.Second // to look through the diary
)

// decided has a change of what is held remembered outside the diary before anybody is told of it, and also after an error:
// it may have been made. That whoever asked has gone away stops it not.
func (s *Site) decided(c *call) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), decidedWithin)
	defer cancel()
	s.o.Decided(ctx)
}

// held is what is told of a hold or a restriction that was just set: it is remembered, and the entries about it are kept
// apart, as far as somebody has opened the diary. What can't be done of that undoes no hold.
func (s *Site) held(c *call, e hold.Effect, err error) (HeldNow, error) {
	s.decided(c)
	if err != nil {
		return HeldNow{}, err
	}
	now := heldNow(e)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), pinWithin)
	defer cancel()
	done, err := s.pin(ctx, false)
	if now.Kept, now.Waits = done.Entries, err != nil; err != nil {
		s.o.Log.Warn("entries about what is held are not all kept apart yet; it is tried again", "err", err)
	}
	return now, nil
}

func heldNow(e hold.Effect) HeldNow {
	return HeldNow{SetNow{ID: e.ID, Entry: e.Receipt.Index, Segments: e.Segments, Late: len(e.Late), Undated: e.Undated, Large: e.Large()}, upTo(e.Bytes)}
}

// pin looks through the diary for entries about what is held, with the key that is in memory.
func (s *Site) pin(ctx context.Context, all bool) (hold.Pinned, error) {
	keys, err := s.o.Keys.Diary()
	if err != nil {
		return hold.Pinned{}, err
	}
	return s.o.Holds.Pin(ctx, keys, all)
}

// Kept is what came of looking through the diary.
type Kept struct {
	For     int `json:"for"`     // holds and restrictions
	Entries int `json:"entries"` // that outlast their term now, beside those that did
	Damaged int `json:"damaged"` // that can't be read, so that nobody knows what they are about
}

// pinEntries looks through all of the diary, for one person at a time.
func (s *Site) pinEntries(c *call) (Kept, error) {
	if err := s.aloneIn(c.Context(), s.verifying); err != nil {
		return Kept{}, err
	}
	defer func() { <-s.verifying }()
	done, err := s.pin(c.Context(), true)
	return Kept(done), err
}

// aloneIn takes a place for which others wait. Whoever has it gives it back.
func (s *Site) aloneIn(ctx context.Context, place chan struct{}) error {
	select {
	case place <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
