package hold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// search looks through the diary for entries about footage of a range: those whose body names the camera and a time in
// it, lists of segments (what came late in a collect, what an erasure takes) with one in it, the entries that these
// refer to, and those that refer to them, such as the end of a viewing. A collect refers to nothing that counts.
type search struct {
	*Register
	pinning
	keys   keyring.Identity
	opener *diary.Opener
	both   []Range // what it looks for: the range, and that of the footage's other times

	has     map[int64]bool // entries that are pinned, or are to be
	fresh   []int64        // the latter
	found   int
	damaged int
}

// run looks through the entries that were not yet, and pins what it finds, some at a time.
func (s *search) run(ctx context.Context) (err error) {
	if s.has, err = pinnedFor(ctx, s.Diary, s.ID); err != nil {
		return err
	}
	if s.both, err = s.Twins.Of(s.Range); err != nil {
		return err
	}
	end := s.Diary.Head().Size
	at, err := s.looked(ctx, reading{s.Diary}, s.pinning)
	if err != nil {
		return err
	}
	looked, damaged := 0, 0
	for part, err := range s.Diary.Parts(ctx, at, end) {
		if err != nil {
			return err
		}
		if looked >= mostLooked || len(s.fresh) >= mostPinned {
			if err := s.keep(ctx, &damaged, part.Index); err != nil {
				return err
			}
			looked = 0
		}
		looked++
		switch about, err := s.about(ctx, part.Leaf); {
		case errors.Is(err, diary.ErrDamaged): // it can't be sealed anew, and its leaf goes with its year
			damaged++
		case err != nil:
			return err
		case about:
			if err := s.take(ctx, part.Leaf); err != nil {
				return err
			}
		}
	}
	return s.keep(ctx, &damaged, end)
}

// keep pins what was found before an entry.
func (s *search) keep(ctx context.Context, damaged *int, below int64) error {
	if err := s.pin(ctx, s.fresh, *damaged, below); err != nil {
		return err
	}
	s.found, s.damaged = s.found+len(s.fresh), s.damaged+*damaged
	s.fresh, *damaged = nil, 0
	return nil
}

// take has an entry pinned, and those that it refers to.
func (s *search) take(ctx context.Context, l proof.Leaf) error {
	for {
		if !s.has[l.Index] {
			s.has[l.Index] = true
			s.fresh = append(s.fresh, l.Index)
		}
		if l.Ref == nil || l.Op == proof.OpCollect || s.has[*l.Ref] {
			return nil
		}
		next, there := proof.Leaf{}, false
		for part, err := range s.Diary.Parts(ctx, *l.Ref, *l.Ref+1) {
			if err != nil {
				return err
			}
			next, there = part.Leaf, part.Err == nil
		}
		if !there {
			return nil // it is gone, with its year
		}
		l = next
	}
}

// about tells whether an entry is about the footage.
func (s *search) about(ctx context.Context, l proof.Leaf) (bool, error) {
	if s.has[l.Index] || l.Ref != nil && s.has[*l.Ref] && l.Op != proof.OpCollect {
		return true, nil
	}
	text, manifest, err := s.opener.Open(ctx, l.Index)
	if err != nil {
		return false, fmt.Errorf("couldn't look into an entry: %w", err)
	}
	body, err := proof.ParseBody(text)
	if err != nil {
		return false, fmt.Errorf("%w: entry %d: %w", diary.ErrDamaged, l.Index, err)
	}
	for _, o := range body.Objects {
		if s.touches(o.Camera, o.From, o.To) {
			return true, nil
		}
	}
	return s.lists(l.Op, body, manifest)
}

// lists tells whether a list of segments has one of the range.
func (s *search) lists(op string, body proof.Body, manifest []byte) (bool, error) {
	switch {
	case manifest == nil:
	case op == proof.OpCollect:
		var m struct {
			Camera string
			Late   []struct{ Start, End time.Time }
		}
		if err := json.Unmarshal(manifest, &m); err != nil {
			return false, fmt.Errorf("%w: what came late can't be read: %w", diary.ErrDamaged, err)
		}
		for _, l := range m.Late {
			if s.touches(m.Camera, l.Start, l.End) {
				return true, nil
			}
		}
	case strings.HasPrefix(op, "erase."):
		m, err := retention.ParseManifest(manifest)
		if err != nil {
			return false, fmt.Errorf("%w: %w", diary.ErrDamaged, err)
		}
		for _, l := range m.Segments {
			if s.touches(l.Camera, l.From, l.To) {
				return true, nil
			}
		}
	}
	return false, nil
}

// touches tells whether footage overlaps the range, by whichever of its times.
func (s *search) touches(camera string, from, to time.Time) bool {
	return slices.ContainsFunc(s.both, func(r Range) bool { return r.touches(camera, from, to) })
}

// touches tells whether footage overlaps the range. What names no camera is about all of them.
func (r Range) touches(camera string, from, to time.Time) bool {
	if r.Camera != "" && camera != "" && camera != everyCamera && camera != r.Camera {
		return false
	}
	return from.Before(r.To) && (to.After(r.From) || !from.Before(r.From))
}
