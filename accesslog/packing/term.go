package packing

import (
	"context"
	"errors"
	"fmt"
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

	// Due is when the first of some segments comes to its term, as is decided now and whatever holds it but the request that the
	// package is for; zero while that keeps all of them past their term.
	Due(context.Context, disclosure.Request, []Segment) (time.Time, error)

	// Erased tells whether the key of one of some segments is destroyed. One whose store is away, or whose key was lost, is not.
	Erased(context.Context, []Segment) (bool, error)

	// Mark changes when keys were destroyed, or a store came or went: until then Erased tells the same.
	Mark() string
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

// passed is the term of a package whose footage is gone: it has passed, whatever a clock says.
var passed = time.Unix(0, 0).UTC()

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
	m, err := j.makings(ctx, p.ID)
	if err != nil {
		return time.Time{}, err
	}
	gone, unknown := j.erased(ctx, m)
	if gone {
		return passed, nil
	}
	due, err := j.o.Footage.Due(ctx, q, m.segments)
	return due, errors.Join(err, unknown)
}

// dueOf is when a package comes to its term as who tends found it last; false: nobody has looked yet.
func (j *Jobs) dueOf(id int64) (due time.Time, there bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	due, there = j.dues[id]
	return due, there
}

// noted keeps when a package comes to its term for who shows it.
func (j *Jobs) noted(id int64, due time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.dues[id] = due
}

// forget lets go of what is known of a package that ended.
func (j *Jobs) forget(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.made, id)
	delete(j.dues, id)
}

// makings is what a package is made of, and what was found of it last. A large one is made of very many segments, each with a key slot
// on two disks: so they are read once, and looked at only when something was erased since. One person at a time looks.
type makings struct {
	segments []Segment

	looking chan struct{} // holds a value while somebody looks, who alone uses what follows
	mark    string        // of the footage when the answer was asked for
	asked   bool
	gone    bool // the answer
}

// makings reads what a package is made of, as long as it is there.
func (j *Jobs) makings(ctx context.Context, id int64) (*makings, error) {
	j.mu.Lock()
	m := j.made[id]
	j.mu.Unlock()
	if m != nil {
		return m, nil
	}
	list, err := segmentsOf(ctx, j.o.Diary.Query, id)
	if err != nil {
		return nil, err
	}
	m = &makings{segments: list, looking: make(chan struct{}, 1)}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(list) > 0 { // else it ended meanwhile
		j.made[id] = m
	}
	return m, nil
}

// erased tells whether footage of a package was erased. What could not be told is asked again.
func (j *Jobs) erased(ctx context.Context, m *makings) (bool, error) {
	select {
	case m.looking <- struct{}{}:
		defer func() { <-m.looking }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	mark := j.o.Footage.Mark() // before it is asked: what is erased meanwhile has it asked again
	if m.asked && m.mark == mark {
		return m.gone, nil
	}
	gone, err := j.o.Footage.Erased(ctx, m.segments)
	m.asked, m.mark, m.gone = err == nil || gone, mark, gone
	return gone, err
}
