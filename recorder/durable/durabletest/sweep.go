package durabletest

import (
	"fmt"
	"testing"
)

// Story is a piece of work whose every step is to be tried with every fault.
type Story struct {
	// Before makes the disk as the work finds it; its operations never fail and are all durable.
	// It may be nil.
	Before func(t *testing.T, d *Disk)
	// Do is the work. It returns its first error; when it returns nil, all it promised is durable.
	Do func(d *Disk) error
	// Check looks at the disk as the next start finds it. The error is the one that Do returned.
	// It may change the disk, and should do what the next start does.
	Check func(t *testing.T, d *Disk, did error)
}

// Sweep runs the story once without a fault, and once for every counted operation of Do and every
// fault at it. After each run it calls Check with what the program still sees, unless the power is
// gone, and with what each kind of power loss leaves. It returns the number of operations.
func Sweep(t *testing.T, s Story) int {
	t.Helper()
	first, ops := s.run(t, -1, Fails)
	s.check(t, "no fault", first, false)
	for n := range ops {
		for _, fault := range Faults {
			r, _ := s.run(t, n, fault)
			s.check(t, fmt.Sprintf("op %d %s", n, fault), r, fault == PowerGone)
		}
	}
	if ops == 0 {
		t.Error("the story does nothing on the disk")
	}
	return ops
}

// result is a disk after the work, and what the work returned.
type result struct {
	disk *Disk
	err  error
	op   string // the operation at which the fault was
}

// run makes a disk, does the work with a fault at its nth operation, and counts its operations.
func (s Story) run(t *testing.T, n int, fault Fault) (result, int) {
	t.Helper()
	d := New()
	if s.Before != nil {
		s.Before(t, d)
		d = d.AfterPowerLoss(KeepsAll)
	}
	d.FailAt(n, fault)
	r := result{disk: d, err: s.Do(d)}
	ops := d.Ops()
	if 0 <= n && n < len(ops) {
		r.op = fmt.Sprintf(" (%s %s)", ops[n].Kind, ops[n].Name)
	}
	return r, len(ops)
}

func (s Story) check(t *testing.T, name string, r result, dark bool) {
	t.Helper()
	for _, l := range Losses {
		t.Run(name+r.op+", then "+l.String(), func(t *testing.T) {
			s.Check(t, r.disk.AfterPowerLoss(l), r.err)
		})
	}
	if !dark { // last, since it may change the disk
		r.disk.FailAt(-1, Fails)
		t.Run(name+r.op+", then goes on", func(t *testing.T) { s.Check(t, r.disk, r.err) })
	}
}
