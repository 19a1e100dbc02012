package diary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"varuh/accesslog/diary/proof"
)

// Fault is something that went back: the diary, the state that it governs, or the key that signs it.
type Fault struct {
	Kind  string // see the constants
	By    string // who remembers otherwise; for a fault of the state, the tables that are not as they were
	There int64  // size that is remembered there, or the index of the entry that is
	Here  int64  // size of the diary when it was found
}

// The kinds of fault.
const (
	FaultRollback  = proof.FaultRollback  // somebody remembers more entries than there are
	FaultRewritten = proof.FaultRewritten // somebody remembers other entries
	FaultState     = proof.FaultState     // governed tables are not as the last entry about them says
	FaultCut       = proof.FaultCut       // the first entries are gone, and no prune took them
	FaultPinned    = proof.FaultPinned    // entries that are kept past their term are gone, or not what they were
	FaultKey       = proof.FaultKey       // the signing key is not the diary's: nothing can be written
	FaultUntold    = proof.FaultUntold    // an entry says that something went back; what it was is gone from the database
)

// entries is so many of them, in words.
func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// String says what was found, and what it means.
func (f Fault) String() string {
	switch f.Kind {
	case FaultRollback:
		return fmt.Sprintf("the diary has %s, but %s remembers %d: an older copy was put back, which is so after every restore, or entries were deleted", entries(f.Here), f.By, f.There)
	case FaultRewritten:
		return fmt.Sprintf("the first %d entries of the diary are not those that %s remembers: they were rewritten", f.There, f.By)
	case FaultCut:
		return fmt.Sprintf("the first %d entries of the diary are gone, and %s says that they were pruned: somebody deleted them", f.There, f.By)
	case FaultPinned:
		return fmt.Sprintf("%s, which a hold or a restriction keeps past its term, is gone or not what was written: somebody deleted or changed it", f.By)
	case FaultKey:
		return fmt.Sprintf("nothing can be written to the diary, since the signing key is that of %s; put back what belongs together", f.By)
	case FaultUntold:
		return fmt.Sprintf("%s says that something went back, nobody has accepted it, and what it was is gone from the database: open that entry", f.By)
	}
	return fmt.Sprintf("%s changed without an entry in the diary", f.By)
}

// openFault is a fault that nobody has accepted.
type openFault struct {
	Fault
	entered bool // an incident says so
}

func stateFault(tables []string, size int64) Fault {
	return Fault{FaultState, strings.Join(tables, ", "), size, size}
}

// Fault is what was found to have gone back and was not accepted, or nil. If there is more, it is what was
// found first; [Diary.Complaints] has the rest.
func (d *Diary) Fault() *Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.faults) == 0 {
		return nil
	}
	f := d.faults[0].Fault
	return &f
}

// unaccepted tells whether a fault is one of those that nobody has accepted.
func (d *Diary) unaccepted(f Fault) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.faults, func(o openFault) bool { return o.Kind == f.Kind && o.By == f.By })
}

// open makes a fault one of those that nobody has accepted, from now on in force. It returns false if
// there is an incident about it, or somebody is entering one.
func (d *Diary) open(f Fault) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.faults, func(o openFault) bool { return o.Kind == f.Kind && o.By == f.By })
	if at < 0 {
		d.faults = append(d.faults, openFault{Fault: f})
		at = len(d.faults) - 1
	}
	fresh := !d.faults[at].entered
	d.faults[at].entered = true
	return fresh
}

// notEntered says that the incident of an open fault could not be written.
func (d *Diary) notEntered(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, o := range d.faults {
		if o.Kind == f.Kind && o.By == f.By {
			d.faults[i].entered = false
		}
	}
}

// enterFault makes a fault the diary's, first in memory, so that nothing gets through meanwhile, then
// as an incident. A fault that is entered already is not entered twice, and while the signing key is not
// the diary's, none is: then Accept says what was found.
func (d *Diary) enterFault(ctx context.Context, f Fault) error {
	if !d.open(f) {
		return nil
	}
	if d.keyless() {
		d.notEntered(f)
		return nil
	}
	r, err := d.incident(f)
	if err == nil {
		_, err = d.wait(ctx, r)
	}
	if err != nil {
		d.notEntered(f)
	}
	return err
}

// keyless tells whether nothing can be written for want of the signing key.
func (d *Diary) keyless() bool {
	f := d.Fault()
	return f != nil && f.Kind == FaultKey
}

// incident prepares the entry about a fault. Its row and its entry say the same.
func (d *Diary) incident(f Fault) (*request, error) {
	r, err := d.prepare(Entry{Op: opRollback, Body: proof.Body{Note: f.String(),
		Data: map[string]any{"kind": f.Kind, "by": f.By, "there": f.There, "here": f.Here}}})
	if err != nil {
		return nil, err
	}
	r.apply = func(b *batch, i int64) error { return b.insertFault(i, f) }
	return r, nil
}

func (b *batch) insertFault(i int64, f Fault) error {
	b.faults = append(b.faults, f)
	return b.exec(`INSERT OR REPLACE INTO diary_faults (i, kind, seen_by, there, here) VALUES (?, ?, ?, ?, ?)`, i, f.Kind, f.By, f.There, f.Here)
}

// watchState notices that somebody else wrote to the database: then the state must still be the one that
// the diary knows, or no change goes on top of it, and there must be no trigger, or nothing does.
func (b *batch) watchState() error {
	if b.tree.Size() == 0 {
		return nil
	}
	var now int64
	if err := b.tx.QueryRowContext(b.ctx, "PRAGMA data_version").Scan(&now); err != nil {
		return explain(err, "couldn't read the diary")
	}
	if now == b.seen {
		return nil
	}
	if err := refuseTriggers(b.ctx, b.tx, b.d.o.Path); err != nil {
		return err
	}
	differing, err := stateDiffers(b.ctx, b.tx, b.state, b.signed, stateTables(b.d.o.State))
	if err != nil {
		return err
	}
	b.seen = now
	if len(differing) == 0 || slices.Equal(differing, b.askew) {
		b.askew = differing
		return nil
	}
	f := stateFault(differing, b.tree.Size())
	if b.askew = differing; !b.d.open(f) {
		return nil
	}
	b.found = &f // not entered, if this batch fails
	if b.d.keyless() {
		b.d.notEntered(f)
		return nil
	}
	r, err := b.d.incident(f)
	if err != nil {
		return err
	}
	return errors.Join(b.enter(r), r.err)
}
