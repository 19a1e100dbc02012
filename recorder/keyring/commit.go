package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// change is one caller's wish for one slot.
type change struct {
	ref    Ref
	create bool // ref's number is given by the committer
	// turn says what the slot becomes, given what it is; errNothing leaves it. It runs in the
	// committer, in the order of the queue, so it never sees a slot that is about to change.
	turn func(now *reconciled) (Slot, error)

	task func() error // runs alone between two batches; then there is no slot

	err  error         // belongs to the committer until done is closed
	done chan struct{} // closed when err is final
}

// errNothing is returned by a turn that leaves its slot as it is.
var errNothing = errors.New("nothing to change")

func newChange(ref Ref, turn func(*reconciled) (Slot, error)) *change {
	return &change{ref: ref, turn: turn, done: make(chan struct{})}
}

func newTask(task func() error) *change {
	return &change{task: task, done: make(chan struct{})}
}

// chunk is how many changes of one call go into one batch: enough to share the syncs, few enough
// that a new slot of another caller does not wait for a purge of a whole year.
const chunk = 256

// each submits one change per item and collects what went wrong.
func each[T any](ctx context.Context, r *Ring, items []T, verb string, toChange func(T) *change) error {
	var errs []error
	for part := range slices.Chunk(items, chunk) {
		changes := make([]*change, len(part))
		for i, item := range part {
			changes[i] = toChange(item)
		}
		if err := r.commit(ctx, changes...); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("couldn't %s every key slot: %w", verb, err)
	}
	return nil
}

// commit hands changes to the committer and waits until they are durable. If ctx ends before, they
// may still come true.
func (r *Ring) commit(ctx context.Context, changes ...*change) error {
	if err := ctx.Err(); err != nil || len(changes) == 0 {
		return err
	}
	r.mu.Lock()
	r.queue = append(r.queue, changes...)
	if !r.committing {
		r.committing = true
		go r.drain()
	}
	r.mu.Unlock()

	var errs []error
	for _, c := range changes {
		select {
		case <-c.done:
			errs = append(errs, c.err)
		case <-ctx.Done():
			return errors.Join(append(errs, fmt.Errorf("gave up waiting for the disks: %w", ctx.Err()))...)
		}
	}
	return errors.Join(errs...)
}

// drain is the committer: while one batch syncs, the next gathers. There is one at a time, and none
// while nothing waits.
func (r *Ring) drain() {
	for {
		r.mu.Lock()
		changes := r.queue
		r.queue = nil
		r.committing = len(changes) > 0
		r.mu.Unlock()
		if len(changes) == 0 {
			return
		}
		r.commitBatch(changes)
		r.land()
		for _, c := range changes {
			close(c.done)
		}
	}
}

// pending is a slot in a batch: what it is, what it becomes, and who waits for it.
type pending struct {
	was     reconciled
	now     reconciled
	changed bool
	waiting []*change
	err     error // of the disk; once set, the slot is not written any more
}

// fail ends the slot's part in the batch.
func (p *pending) fail(err error) {
	p.err = err
	for _, c := range p.waiting {
		c.err = err
	}
}

// commitBatch is the one way by which slots change. At every moment each slot of the batch is whole
// and durable in a twin that is not being written:
//
//  1. Read both twins of each slot and let the changes take their turn.
//  2. Where one twin is torn or behind, write it anew from the other, sync.
//     Tombstones skip this: what they overwrite is not to be written once more.
//  3. Write the state twin, sync.
//  4. Write the store twin, sync.
//
// A crash in 2 or 3 leaves the store twin, or the better one, as it was; a crash in 4 leaves the
// state twin as it is to be. [pair.reconcile] finds either. A slot whose write fails goes no further,
// so that the other twin stays whole.
func (r *Ring) commitBatch(changes []*change) {
	slots := r.gather(changes)
	for _, p := range slots {
		r.takeOff(p.now.slot.Ref)
	}
	r.heal(slots)
	for i := range r.twins {
		r.write(i, slots, func(p *pending) (Slot, bool) { return p.now.slot, p.changed })
	}
	r.count(slots)
	for _, c := range changes {
		if c.task != nil {
			c.err = c.task()
		}
	}
}

// count notes a batch that destroyed keys, or tried to, once it is written.
func (r *Ring) count(slots []*pending) {
	if slices.ContainsFunc(slots, func(p *pending) bool { return p.changed && p.now.slot.State >= StateErased }) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.erasures++
	}
}

// Erasures changes whenever keys were destroyed since the ring was opened: while it stays the same, a slot that was not erased before
// still is not.
func (r *Ring) Erasures() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.erasures
}

// takeOff and land tell readers in which slots the twins may differ just now, see [Ring.look].
func (r *Ring) takeOff(ref Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flying[ref] = true
}

func (r *Ring) land() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.flying)
	r.batches++
}

// inFlight tells whether a slot is being written, and how many batches have been.
func (r *Ring) inFlight(ref Ref) (flying bool, batches uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.flying[ref], r.batches
}

// gather reads the slots and lets the changes take their turn.
func (r *Ring) gather(changes []*change) []*pending {
	var slots []*pending
	seen := map[Ref]*pending{}
	for _, c := range changes {
		if c.task != nil {
			continue
		}
		p, err := r.pending(c, seen)
		if err != nil {
			c.err = err
			continue
		}
		slot, err := c.turn(&p.now)
		if err != nil && err != errNothing {
			c.err = fmt.Errorf("%v: %w", c.ref, err)
			continue
		}
		if err == nil {
			p.now.slot, p.now.err, p.changed = slot, nil, true
		}
		if len(p.waiting) == 0 {
			slots = append(slots, p)
		}
		p.waiting = append(p.waiting, c)
	}
	return slots
}

// pending finds the slot of a change, in this batch or on disk; a new one gets the next number.
func (r *Ring) pending(c *change, seen map[Ref]*pending) (*pending, error) {
	if c.create {
		n, err := r.number(dayOf(c.ref.ID))
		if err != nil {
			return nil, err
		}
		c.ref.Slot = n
		return &pending{now: reconciled{slot: Slot{Ref: c.ref}}}, nil
	}
	p := seen[c.ref]
	if p == nil {
		was, err := r.look(c.ref)
		if err != nil {
			return nil, err
		}
		p = &pending{was: was, now: was}
		seen[c.ref] = p
	}
	return p, nil
}

// number gives the next slot of a day away, for good: whatever becomes of the slot, no other object
// gets its number.
func (r *Ring) number(d day) (uint32, error) {
	n, known := r.next[d]
	if !known {
		files := r.open(d)
		count, err := files.slots()
		if err := errors.Join(err, files.close()); err != nil {
			return 0, fmt.Errorf("couldn't count the key slots of %s: %w", d, err)
		}
		n = count
	}
	r.next[d] = n + 1
	return n, nil
}

// heal writes the twins anew that are torn or behind, except where a tombstone comes.
func (r *Ring) heal(slots []*pending) {
	for i := range r.twins {
		r.write(i, slots, func(p *pending) (Slot, bool) {
			erasing := p.changed && p.now.slot.State >= StateErased
			return p.was.slot, p.was.behind[i] && !erasing
		})
	}
}

// write writes, day by day, the slots that pick returns to one twin. A day that fails fails all its slots.
func (r *Ring) write(twin int, slots []*pending, pick func(*pending) (Slot, bool)) {
	images := map[day][]image{}
	writing := map[day][]*pending{}
	for _, p := range slots {
		slot, ok := pick(p)
		if !ok || p.err != nil {
			continue
		}
		d := dayOf(slot.ID)
		images[d] = append(images[d], image{slot.Slot, slot.encode(r.store)})
		writing[d] = append(writing[d], p)
	}
	for d := range images {
		err := r.twins[twin].write(d, images[d])
		if err == nil {
			continue
		}
		for _, p := range writing[d] {
			p.fail(err)
		}
	}
}
