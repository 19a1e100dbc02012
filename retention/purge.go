package retention

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Index is what a purge needs of the index of footage; [footage.Index] is one.
type Index interface {
	Remove(ids ...keyring.ID) error
}

// Copies are the copies of footage elsewhere that somebody registered, such as backups and replicas.
type Copies interface {
	// Erase asks every copy to destroy what it has of the segments. It returns nil once each has answered,
	// or is overdue and that is alarmed; after an error it is asked again with the next run.
	Erase(ctx context.Context, segments []Listed) error
}

// PurgeOptions are what a purge works on.
type PurgeOptions struct {
	FS      durable.FS
	Stores  []footage.Store
	Index   Index
	Journal Journal
	Holds   Holds
	Gate    *Gate
	Late    string // folder of the lists that wait for the diary, retention.late in the state; made when needed

	Copies  Copies                    // nil: there are none
	Mounted func(footage.Store) error // says why a store's own disk is not there; nil: it always is
	Lost    func(keyring.ID) bool     // a store whose disk is gone for good, and of whose keys none is left here; nil: none is
	Events  func(Event)               // is told what a person must know; nil: nobody
}

// lateDue is how near the end of its term footage must be to go while the diary cannot be written.
const lateDue = 24 * time.Hour

// Purge carries plans out. Its methods may be called from many goroutines; one at a time is at work.
//
// What it enters as erase.start it brings to an end: whatever fails or is interrupted stays open, is told, and
// tried again by every later run and, after a restart, by [Purge.Replay].
type Purge struct {
	PurgeOptions
	busy chan struct{} // holds a token while a run is at work, and guards what follows

	open     []*list  // those not brought to an end, oldest first
	replayed bool     // Replay has been called
	from     int64    // erasures that the diary has as ended are looked at again from here on
	unsure   bool     // the diary may have more, or fewer, open lists than there are here, or cannot be written
	lastLate int      // number of the last file of a list that the diary does not have
	unread   []string // files of lists that are not read yet, or can't be
}

// NewPurge makes a purge. [Purge.Replay] comes before its first run.
func NewPurge(o PurgeOptions) *Purge {
	return &Purge{PurgeOptions: o, busy: make(chan struct{}, 1), from: math.MaxInt64}
}

// list is what one erase.start names, on its way to its erase.end.
type list struct {
	segments []Listed
	manifest []byte
	index    int64                // of its erase.start; -1: the diary does not have it yet
	late     []string             // files that keep it until the diary has it
	ended    bool                 // its erase.end is in the diary; what went is made sure of again
	spared   map[keyring.ID]bool  // a hold came before their keys were destroyed
	done     bool                 // all of it is erased here; only the diary is behind
	asked    bool                 // and the copies have answered
	told     bool                 // an incident tells that it failed
	firsts   map[keyring.ID]begin // of those that the plan did not date as the index does; nil after a restart
}

// dated adds to a segment of the list what the plan knew of its date. After a restart only the index's is left: a date
// that can't be, or is still to come, says nothing then.
func (l *list) dated(s Listed, now Present) dated {
	first, ok := l.firsts[s.ID]
	if !ok {
		first = dating(s.From, now)
	}
	return dated{s, first}
}

// dating is what a date in the index says alone.
func dating(start time.Time, now Present) begin {
	if !possible(start) || !now.Certain.IsZero() && start.After(now.Certain.Add(Tolerance)) {
		return begin{any: true}
	}
	return begin{from: start, to: start}
}

// errNotReplayed is returned by a run before Replay.
var errNotReplayed = errors.New("what an earlier start left of erasures must be replayed first")

// Run brings to an end what earlier runs left, and erases what plan names then; it is [Plan] for all segments in the
// index. now is the present that the plan is made for.
//
// The error joins what kept the run from its work, such as a diary that cannot be written, and what failed by the
// report. Whatever it says, everything that could be done was done.
func (p *Purge) Run(ctx context.Context, now Present, plan func() ([]Erasure, error)) (Report, error) {
	return p.work(ctx, now, func(r *run) {
		if !p.replayed {
			r.failed(errNotReplayed)
			return
		}
		r.resume(ctx)
		list, err := plan()
		if err != nil {
			r.failed(fmt.Errorf("couldn't make the plan of what is to be erased: %w", err))
			return
		}
		r.erase(ctx, list)
	})
}

// work does something alone, and tells how it went.
func (p *Purge) work(ctx context.Context, now Present, do func(*run)) (Report, error) {
	select {
	case p.busy <- struct{}{}:
	case <-ctx.Done():
		return Report{}, fmt.Errorf("another run is at work: %w", ctx.Err())
	}
	defer func() { <-p.busy }()
	r := &run{Purge: p, now: now, bad: map[*list][]Failure{}}
	do(r)
	r.close(ctx)
	return r.report, errors.Join(append(r.errs, r.slow...)...)
}

// resume carries on what is open.
func (r *run) resume(ctx context.Context) {
	r.readLists()
	if r.unsure {
		r.reload(ctx)
	}
	for _, l := range slices.Clone(r.open) {
		if ctx.Err() != nil {
			r.failed(ctx.Err())
			return
		}
		if len(r.bad[l]) > 0 {
			continue // reload has just tried
		}
		if l.index < 0 && !r.unsure {
			r.failed(r.start(ctx, l))
		}
		r.carry(ctx, l)
	}
}

// fresh are the erasures of a plan that no open list has, each once. What a hold spared is in none: should the hold
// be cleared while the rest of its list fails, it goes by another.
func (r *run) fresh(plan []Erasure) []Erasure {
	seen := map[keyring.ID]bool{}
	for _, l := range r.open {
		for _, s := range l.segments {
			seen[s.ID] = seen[s.ID] || !l.spared[s.ID]
		}
	}
	return slices.DeleteFunc(slices.Clone(plan), func(e Erasure) bool {
		twice := seen[e.Segment.ID]
		seen[e.Segment.ID] = true
		return twice
	})
}

// erase begins the erasures of a plan that no open list has, one store and one list after the other.
func (r *run) erase(ctx context.Context, plan []Erasure) {
	plan = r.fresh(plan)
	for _, s := range r.Stores {
		var mine []Erasure
		for _, e := range plan {
			if e.Segment.Store == s.ID && r.erasable(e) {
				mine = append(mine, e)
			}
		}
		if err := r.mounted(s); err != nil {
			r.fail(nil, StepStore, err, lines(mine)...)
			continue
		}
		for batch := range slices.Chunk(mine, MaxListed) {
			if ctx.Err() != nil {
				r.failed(ctx.Err())
				return
			}
			r.eraseBatch(ctx, batch)
		}
	}
	r.strangers(plan)
}

// strangers fails what lies on stores that are not here.
func (r *run) strangers(plan []Erasure) {
	for _, e := range plan {
		if _, here := r.store(e.Segment.Store); !here {
			r.fail(nil, StepStore, errAway, listed(e))
		}
	}
}

var errAway = errors.New("its disk is not here: connect it")

// erasable tells whether an erasure may be begun: not of footage that is being recorded, see [Settled].
func (r *run) erasable(e Erasure) bool {
	if !e.Segment.Sealed {
		r.report.Busy++
		return false
	}
	if err := listed(e).check(); err != nil {
		r.fail(nil, StepList, err, listed(e))
		return false
	}
	return true
}

// eraseBatch begins one list, and carries it out.
func (r *run) eraseBatch(ctx context.Context, batch []Erasure) {
	var l *list
	var dead []Listed
	r.failed(r.Gate.pass(ctx, func() error {
		kept, err := r.keepers(ctx)
		if err != nil {
			return err
		}
		free := slices.DeleteFunc(slices.Clone(batch), func(e Erasure) bool { return kept.bar(e.dated(r.now)) })
		r.report.Spared += len(batch) - len(free)
		if l = r.enter(ctx, free); l != nil {
			dead = r.destroy(ctx, l, kept)
		}
		return nil
	}))
	if l != nil {
		r.rest(ctx, l, dead)
	}
}

// carry brings an open list on its way, again from its first step: after an error nobody knows what of it is
// durable.
func (r *run) carry(ctx context.Context, l *list) {
	if l.done {
		r.end(ctx, l)
		return
	}
	var dead []Listed
	err := r.Gate.pass(ctx, func() (err error) {
		var kept *keepers
		if !l.ended {
			kept, err = r.keepers(ctx)
		}
		if err == nil {
			dead = r.destroy(ctx, l, kept)
		}
		return err
	})
	if err != nil {
		r.failed(err)
		return
	}
	r.rest(ctx, l, dead)
}

func (p *Purge) store(id keyring.ID) (footage.Store, bool) {
	i := slices.IndexFunc(p.Stores, func(s footage.Store) bool { return s.ID == id })
	if i < 0 {
		return footage.Store{}, false
	}
	return p.Stores[i], true
}

// mounted says why a store's disk is not there. Its files seem to be gone then, and are not.
func (p *Purge) mounted(s footage.Store) error {
	if p.Mounted == nil {
		return nil
	}
	if err := p.Mounted(s); err != nil {
		return fmt.Errorf("couldn't find the disk of the store %s: %w", s.Dir, err)
	}
	return nil
}

func lines(plan []Erasure) []Listed {
	list := make([]Listed, len(plan))
	for i, e := range plan {
		list[i] = listed(e)
	}
	return list
}
