package keyring

import (
	"cmp"
	"errors"
	"fmt"
)

// pair is what both twins say of one slot, the state twin first.
type pair [2]view

// reconciled is the one answer of both twins. Where the place is another object's, slot and behind are about that
// one, and err is for the object that was asked for.
type reconciled struct {
	slot   Slot
	err    error   // nil, errRetired, ErrNoSlot, ErrDamaged or ErrVersion
	behind [2]bool // which twin has to be written anew so that both say the same
}

// reconcile decides what holds when the twins differ. A tombstone wins over anything; else the
// later state, then the later generation; a twin that cannot be read yields to the other.
func (p pair) reconcile(ref Ref, names [2]string) reconciled {
	for _, v := range p {
		if errors.Is(v.err, ErrVersion) {
			return reconciled{err: fmt.Errorf("%v: %w", ref, v.err)}
		}
	}
	all := p
	p = p.withoutForeign(ref.ID)
	best := p.best()
	if best < 0 {
		err := p.lost(ref)
		if errors.Is(err, ErrDamaged) {
			if best = all.best(); best >= 0 {
				return reconciled{slot: all[best].slot, err: err, behind: [2]bool{best == 1, best == 0}}
			}
		}
		return reconciled{err: err}
	}
	r := reconciled{slot: p[best].slot}
	var faults []error
	for i, v := range p {
		if r.behind[i] = !v.agrees(p[best]); r.behind[i] {
			faults = append(faults, fmt.Errorf("%v, %s twin: %w", ref, names[i], cmp.Or(v.err, errBehind)))
		}
	}
	r.slot.Fault = errors.Join(faults...)
	return r
}

var errBehind = errors.New("older than its twin")

// withoutForeign leaves out slots of another object than the one asked for.
func (p pair) withoutForeign(id ID) pair {
	for i, v := range p {
		if v.err == nil && v.slot.ID != id {
			p[i] = view{err: errForeign}
		}
	}
	return p
}

// best is the twin whose word holds, or -1 if neither can be read. A twin that was retired with
// its day knows that the key is gone but not whose it was, so it turns the other into a tombstone.
func (p *pair) best() int {
	for i, v := range p {
		other := &p[1-i]
		if v.err == errRetired && other.err == nil {
			p[i] = view{slot: other.slot.tombstone()}
			return i
		}
	}
	switch a, b := p[0], p[1]; {
	case a.err != nil && b.err != nil:
		return -1
	case a.err != nil:
		return 1
	case b.err != nil:
		return 0
	case a.slot.older(b.slot):
		return 1
	}
	return 0
}

// lost says why neither twin gives the slot. The state twin is written first: torn there and
// absent in the store is a slot whose Create never returned, so no object was made with its key.
func (p pair) lost(ref Ref) error {
	state, store := p[0].err, p[1].err
	gone := func(err error) bool { return err == errAbsent || err == errForeign }
	switch {
	case state == errRetired || store == errRetired:
		return errRetired
	case gone(state) && gone(store), state == errTorn && store == errAbsent:
		return fmt.Errorf("%v: %w", ref, ErrNoSlot)
	}
	return fmt.Errorf("%v: %w (state twin: %w; store twin: %w)", ref, ErrDamaged, state, store)
}

// anothers tells whether one twin is damaged, and the other holds the slot of another object.
func (r *reconciled) anothers(ref Ref) bool {
	return errors.Is(r.err, ErrDamaged) && r.slot.State != 0 && r.slot.ID != ref.ID
}

// older tells whether s has to yield to t.
func (s Slot) older(t Slot) bool {
	return cmp.Or(cmp.Compare(s.State, t.State), cmp.Compare(s.Generation, t.Generation)) < 0
}

// agrees tells whether two twins hold the same bytes.
func (v view) agrees(w view) bool {
	return v.err == nil && v.slot.encode(ID{}) == w.slot.encode(ID{})
}

// tombstone is what overwrites a slot: who it was for, and nothing of its key. A slot that is erased
// stays as it is, so that erasing again changes nothing.
func (s Slot) tombstone() Slot {
	if s.State >= StateErased {
		return s
	}
	return Slot{Ref: s.Ref, Kind: max(s.Kind, 1), State: StateErased, Generation: s.Generation + 1}
}
