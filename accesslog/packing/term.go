package packing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/recorder/keyring"
)

// Segment is one that footage in a package was taken from.
type Segment struct {
	Camera string     `json:"camera"`
	ID     keyring.ID `json:"id"`
	Store  keyring.ID `json:"store"`
	Slot   uint32     `json:"slot"` // of its key
	From   time.Time  `json:"from"` // of all of it
	To     time.Time  `json:"to"`
}

// Footage knows the segments that packages are made of.
type Footage interface {
	// Find finds segments by their ids. The error wraps [ErrFootage] where one is not there any more.
	Find(ctx context.Context, ids []keyring.ID) ([]Segment, error)

	// Due is when the first of some segments comes to its term, as is decided now and whatever holds it.
	Due(context.Context, []Segment) (time.Time, error)

	// Erased tells whether the key of one of some segments is destroyed. One whose store is away, or whose key was lost, is not.
	Erased(context.Context, []Segment) (bool, error)
}

// segments are the segments that a manifest names.
func (j *Jobs) segments(ctx context.Context, manifest []byte) ([]Segment, error) {
	m, err := evidence.ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	var ids []keyring.ID
	for _, s := range m.Segments {
		ids = append(ids, s.ID)
	}
	list, err := j.o.Footage.Find(ctx, ids)
	if err == nil && len(list) == 0 {
		err = errors.New("the package is of no footage")
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't tell when the footage of a package comes to its term: %w", err)
	}
	return list, nil
}

// erased is the term of a package whose footage is gone: it has passed, whatever a clock says.
var erased = time.Unix(0, 0).UTC()

// dated is a package with its term as it is now. That is not noted when it is built, for it changes: a policy is made
// shorter, or somebody ends the hold by which footage is kept past its term. Where footage was erased, for whatever reason
// and by whatever clock, the term of what was made of it is over, too. With an error the term may be known nevertheless.
func (j *Jobs) dated(ctx context.Context, p Package, q disclosure.Request) (Package, error) {
	if !p.Staged() {
		return p, nil
	}
	due, err := j.term(ctx, p, q)
	if p.Due = due; err != nil {
		return p, fmt.Errorf("couldn't tell when the package of request %s comes to its term: %w", p.Request, err)
	}
	return p, nil
}

// term is when the first footage in a package comes to its term; zero while the request's own holds keep all of it past that.
func (j *Jobs) term(ctx context.Context, p Package, q disclosure.Request) (time.Time, error) {
	gone, unknown := j.o.Footage.Erased(ctx, p.Segments)
	if gone {
		return erased, nil
	}
	kept, err := j.o.Register.Kept(ctx, q)
	if err != nil {
		return time.Time{}, err
	}
	free := slices.DeleteFunc(slices.Clone(p.Segments), func(s Segment) bool { return slices.ContainsFunc(kept, s.in) })
	if len(free) == 0 {
		return time.Time{}, unknown
	}
	due, err := j.o.Footage.Due(ctx, free)
	return due, errors.Join(err, unknown)
}

// in tells whether some footage is of the segment: what is held keeps all of that.
func (s Segment) in(w disclosure.Wanted) bool {
	return (w.Camera == "" || w.Camera == s.Camera) && w.From.Before(s.To) && s.From.Before(w.To)
}
