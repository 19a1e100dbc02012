package keyring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Slot reads one slot. Where the twins differ, a tombstone wins over anything, then the later state;
// a twin that is torn or missing yields to the other, and [Slot.Fault] says so. The error is
// [ErrNoSlot], [ErrDamaged] if both twins are, [ErrVersion], or the disk's.
func (r *Ring) Slot(ref Ref) (Slot, error) {
	got, err := r.look(ref)
	if err != nil {
		return Slot{}, err
	}
	return got.shown(ref)
}

// shown is how the ring's users see a slot: retired ones as erased.
func (got reconciled) shown(ref Ref) (Slot, error) {
	if got.err == errRetired {
		return Slot{Ref: ref, State: StateErased}, nil
	}
	if got.err != nil {
		return Slot{Ref: ref}, got.err
	}
	if got.slot.State == stateRetired {
		got.slot.State, got.slot.Records = StateErased, 0
	}
	return got.slot, nil
}

// look reads one slot in both twins. It does not wait for a slot being written, which a stalled disk
// may hold up: the twin that is not being written is whole. That the twins differ then is no fault;
// nor is it if a batch ended between the two reads, so then it looks again.
func (r *Ring) look(ref Ref) (reconciled, error) {
	for {
		_, before := r.inFlight(ref)
		files := r.open(dayOf(ref.ID))
		got := files.pair(ref.Slot).reconcile(ref, r.names())
		if err := files.close(); err != nil {
			return reconciled{}, err
		}
		flying, after := r.inFlight(ref)
		if flying {
			got.slot.Fault = nil
		}
		if got.slot.Fault == nil && got.err == nil || before == after {
			return got, nil
		}
	}
}

func (r *Ring) names() [2]string { return [2]string{r.twins[0].name, r.twins[1].name} }

// twinFiles are the two files of one day.
type twinFiles [2]slotFile

func (r *Ring) open(d day) twinFiles {
	return twinFiles{r.twins[0].open(r.store, d), r.twins[1].open(r.store, d)}
}

func (f twinFiles) close() error { return errors.Join(f[0].close(), f[1].close()) }

func (f twinFiles) pair(n uint32) pair { return pair{f[0].look(n), f[1].look(n)} }

// slots is how many slots a day has had so far, in whichever twin has more. With an error it is
// what the readable twin has.
func (f twinFiles) slots() (uint32, error) {
	a, errA := f[0].slots()
	b, errB := f[1].slots()
	return max(a, b), errors.Join(errA, errB)
}

// All walks the slots from the day of since on (zero: all), oldest day first, tombstones included.
// A slot that cannot be read comes with its error, and the walk goes on; numbers that never became
// a slot are left out. Slots made during the walk may or may not be met.
func (r *Ring) All(since time.Time) iter.Seq2[Slot, error] {
	return func(yield func(Slot, error) bool) {
		days, err := r.days(since)
		if err != nil && !yield(Slot{}, err) {
			return
		}
		for _, d := range days {
			for got := range r.day(d) {
				slot, err := got.shown(got.slot.Ref)
				if !yield(slot, err) {
					return
				}
			}
		}
	}
}

// days lists the days that either twin has, from since on.
func (r *Ring) days(since time.Time) ([]day, error) {
	state, errState := r.twins[0].days()
	store, errStore := r.twins[1].days()
	days := append(state, store...)
	slices.Sort(days)
	days = slices.Compact(days)
	if !since.IsZero() {
		from := day(since.UTC().Format(dayLayout))
		days = slices.DeleteFunc(days, func(d day) bool { return d < from })
	}
	return days, errors.Join(errState, errStore)
}

// day walks what the slots of a day are.
func (r *Ring) day(d day) iter.Seq[reconciled] {
	return func(yield func(reconciled) bool) {
		files := r.open(d)
		defer files.close() // only read, so there is nothing that closing could lose
		n, err := files.slots()
		if err != nil && n == 0 {
			yield(reconciled{err: fmt.Errorf("key slots of %s: %w", d, err)})
			return
		}
		for i := range n {
			p := files.pair(i)
			ref := Ref{ID: p.id(d), Slot: i}
			got := p.reconcile(ref, r.names())
			if got.slot.Fault != nil || got.err != nil { // or was it written just then?
				if got, err = r.look(ref); err != nil {
					got = reconciled{err: err}
				}
			}
			if got.err == errRetired || errors.Is(got.err, ErrNoSlot) {
				continue
			}
			if got.err != nil {
				got.slot = Slot{Ref: ref}
			}
			if !yield(got) {
				return
			}
		}
	}
}

// id is whose slot this is, where nobody asked for one object: should the twins disagree, the word
// of the better one holds. Should neither be readable, it is an id that at least tells the day.
func (p pair) id(d day) ID {
	if best := p.best(); best >= 0 {
		return p[best].slot.ID
	}
	return d.firstID()
}

// Mended is what [Ring.Mend] found and did.
type Mended struct {
	Slots int     // read, tombstones included
	Fixed []error // the fault of each slot that was written anew
	Lost  []error // what neither twin can give: [ErrDamaged], [ErrVersion]
}

// Mend makes the twins equal from the day of since on (zero: all), as [Ring.Slot] reconciles them.
// After a crash the day before the crash is early enough, since only slots being written can differ;
// after a disk was replaced, or a copy put back, all days have to be mended.
func (r *Ring) Mend(ctx context.Context, since time.Time) (Mended, error) {
	var m Mended
	var faulty []Ref
	for s, err := range r.All(since) {
		switch {
		case err != nil:
			m.Lost = append(m.Lost, err)
		case s.Fault != nil:
			m.Fixed = append(m.Fixed, s.Fault)
			faulty = append(faulty, s.Ref)
		}
		if err == nil {
			m.Slots++
		}
	}
	return m, each(ctx, r, faulty, "mend", mending)
}

// mending is a change that leaves its slot and thereby lets the committer heal it.
func mending(ref Ref) *change {
	return newChange(ref, func(now *reconciled) (Slot, error) { return Slot{}, cmp.Or(now.err, errNothing) })
}
