package durabletest

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"varuh/recorder/durable"
)

// ErrFault is what an operation chosen by [Disk.FailAt] returns.
var ErrFault = errors.New("simulated fault")

// ErrPower is what every operation returns once the power is gone.
var ErrPower = errors.New("simulated loss of power")

// Fault says what happens at the operation chosen by [Disk.FailAt].
type Fault int

// The faults.
const (
	Fails        Fault = iota // it does nothing and returns ErrFault
	FailsButDone              // it does all of its work and returns ErrFault
	PowerGone                 // it does nothing, and it and everything after it return ErrPower
)

// Faults are all faults, in order.
var Faults = []Fault{Fails, FailsButDone, PowerGone}

func (f Fault) String() string {
	return [...]string{"fails", "fails but done", "power gone"}[f]
}

// Op is one counted operation.
type Op struct {
	N    int    // place in the sequence, from 0
	Kind string // method, such as "Write" or "SyncDir"
	Name string // path of the file or folder; the old name of a Rename
}

// Disk is a simulated file system. Names are cleaned paths under "/", which exists. It is safe for
// concurrent use. Renaming of folders is not modelled and fails.
type Disk struct {
	mu       sync.Mutex
	names    map[string]*node // what the program sees
	durable  map[string]*node // what a loss of power leaves at least
	ops      []Op
	faultAt  int // -1: never
	fault    Fault
	dark     bool // the power is gone
	readOnly bool
	limit    int64 // bytes of all files together; -1: none
	onOp     func(Op)
}

var _ durable.FS = (*Disk)(nil)

// New is an empty disk without faults or limits.
func New() *Disk {
	root := map[string]*node{"/": {dir: true, perm: 0o755}}
	return &Disk{names: root, durable: maps.Clone(root), faultAt: -1, limit: -1}
}

// FailAt chooses the operation that fails, counted from 0 over the life of the disk.
func (d *Disk) FailAt(n int, how Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faultAt, d.fault = n, how
}

// LosePower makes every operation from now on return ErrPower.
func (d *Disk) LosePower() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dark = true
}

// SetReadOnly makes every changing operation fail with EROFS.
func (d *Disk) SetReadOnly(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readOnly = on
}

// SetFree limits the disk to free bytes more than its files hold now; negative lifts the limit.
// A Write past the limit stores what fits and fails with ENOSPC.
func (d *Disk) SetFree(free int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit = -1
	if free >= 0 {
		d.limit = d.used() + free
	}
}

// OnOp has hook called before each counted operation, in the caller's goroutine and without a lock:
// it may wait, and so be a slow or a stalled disk.
func (d *Disk) OnOp(hook func(Op)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onOp = hook
}

// Ops lists the operations so far.
func (d *Disk) Ops() []Op {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.ops)
}

// do runs one counted operation under the lock, with the fault chosen for it.
func (d *Disk) do(kind, name string, work func() error) error {
	d.mu.Lock()
	op := Op{len(d.ops), kind, clean(name)}
	d.ops = append(d.ops, op)
	hook := d.onOp
	d.mu.Unlock()
	if hook != nil {
		hook(op)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.faulty(op, work)
	if err != nil {
		return &fs.PathError{Op: strings.ToLower(kind), Path: op.Name, Err: err}
	}
	return nil
}

func (d *Disk) faulty(op Op, work func() error) error {
	chosen := op.N == d.faultAt
	switch {
	case d.dark:
		return ErrPower
	case chosen && d.fault == PowerGone:
		d.dark = true
		return ErrPower
	case chosen && d.fault == Fails:
		d.dropDirty(op)
		return ErrFault
	case d.readOnly && !strings.HasPrefix(op.Kind, "Sync"):
		return syscall.EROFS
	}
	err := work()
	if chosen && err == nil {
		return ErrFault
	}
	return err
}

// dropDirty models what Linux does with the dirty pages of a sync that failed: they can still be
// read, but count as written out.
func (d *Disk) dropDirty(op Op) {
	for name, n := range d.names {
		if op.Kind == "SyncFS" || op.Kind == "Sync" && name == op.Name {
			n.dirty, n.last = nil, write{}
		}
	}
}

// Forgets says whether some file holds bytes that no sync would make durable any more, because an
// earlier one failed. Whoever recovers such a file without writing it anew cannot know.
func (d *Disk) Forgets() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.names {
		if !bytes.Equal(n.nextSynced(), n.data) {
			return true
		}
	}
	return false
}

// used is the number of bytes in all files.
func (d *Disk) used() (sum int64) {
	for _, n := range d.names {
		sum += int64(len(n.data))
	}
	return sum
}

// room is how many more bytes fit.
func (d *Disk) room() int64 {
	if d.limit < 0 {
		return 1 << 40
	}
	return max(d.limit-d.used(), 0)
}

func clean(name string) string { return filepath.Clean("/" + name) }
