package retention

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Walked says what a walk did.
type Walked struct {
	footage.Checked
	Adopted int // files that the index did not know and has now: the next plan takes them in, by their headers' dates
	Removed int // files that were still there, or there again, although their keys are destroyed
	Retired int // days whose key slots are all erased and were shrunk to one
}

// Walk compares the disks with the index, as [footage.Index.Check] does without reading records, at idle priority; it
// may take hours and run while cameras record. found is told of everything it finds. What the index must know, so
// that its term ends, it enters; what a finished erasure should have removed, it removes; all else is for a
// person. It is to run once a day.
//
// The error joins what kept it from its work.
func (p *Purge) Walk(ctx context.Context, now Present, ix *footage.Index, found func(footage.Finding)) (Walked, error) {
	w := &walk{Purge: p, ctx: ctx, ix: ix, found: found}
	var stores []footage.Store
	for _, s := range p.Stores {
		if err := p.mounted(s); err != nil {
			w.failed(err)
			continue
		}
		stores = append(stores, s)
	}
	w.failed(idly(func() {
		checked, err := ix.Check(ctx, p.FS, stores, footage.CheckOptions{Quick: true, Found: w.meet})
		w.failed(err)
		w.sum.Checked = checked
		for _, s := range stores {
			w.retire(s, now)
		}
	}))
	return w.sum, errors.Join(w.errs...)
}

type walk struct {
	*Purge
	ctx   context.Context
	ix    *footage.Index
	found func(footage.Finding)
	sum   Walked
	errs  []error
}

func (w *walk) failed(err error) {
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

// idly runs f in a thread of its own that reads only while nobody else wants the disk. It runs f in any case.
func idly(f func()) (err error) {
	const whoProcess, idle = 1, 3 << 13 // see ioprio_set(2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: so the thread ends here, and nobody inherits its priority
		if _, _, e := syscall.Syscall(syscall.SYS_IOPRIO_SET, whoProcess, 0, idle); e != 0 {
			err = fmt.Errorf("couldn't give way to recording while the disks are walked: ioprio_set: %w", e)
		}
		f()
	}()
	<-done
	return err
}

// meet passes a finding on, and deals with a file that the index does not know.
func (w *walk) meet(f footage.Finding) {
	if w.found != nil {
		w.found(f)
	}
	if f.Path == "" || f.Segment == (keyring.ID{}) {
		return
	}
	if _, err := w.ix.Get(f.Segment); !errors.Is(err, footage.ErrUnknown) {
		w.failed(err)
		return
	}
	for _, s := range w.Stores {
		camera, below, _ := strings.Cut(strings.TrimPrefix(f.Path, s.Dir+"/"), "/")
		if below != "" && s.Path(camera, f.Segment) == f.Path {
			w.failed(w.stranger(s, camera, f))
		}
	}
}

// stranger enters a file that has no row, or removes it if its key is destroyed. One whose header cannot be read stays
// for a person: nothing tells what it is.
func (w *walk) stranger(s footage.Store, camera string, f footage.Finding) error {
	row, _, err := w.ix.Adopt(w.FS, s, camera, f.Segment)
	if err != nil {
		return err
	}
	if row != nil {
		w.sum.Adopted++
		return nil
	}
	in, err := segment.Open(w.FS, f.Path)
	if err != nil {
		return nil // Check has told of it
	}
	h := in.Header()
	if err := in.Close(); err != nil {
		return err
	}
	slot, err := s.Ring.Slot(keyring.Ref{ID: f.Segment, Slot: h.Slot})
	if err != nil || slot.State != keyring.StateErased || h.ID != f.Segment {
		return nil // Check has told of it
	}
	if err := w.FS.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't remove the file of a segment whose key is destroyed: %w", err)
	}
	w.sum.Removed++
	return w.FS.SyncDir(filepath.Dir(f.Path))
}

// retire shrinks the key slots of days that have no key any more. What a twin does not agree on stays as it is.
func (w *walk) retire(s footage.Store, now Present) {
	type day struct {
		slots  int
		erased bool
	}
	var days []string
	seen := map[string]*day{}
	for slot, err := range s.Ring.All(time.Time{}) {
		if w.ctx.Err() != nil {
			w.failed(w.ctx.Err())
			return
		}
		name := slot.ID.Time().Format(time.DateOnly)
		d := seen[name]
		if d == nil {
			d = &day{erased: true}
			days, seen[name] = append(days, name), d
		}
		d.slots++
		d.erased = d.erased && err == nil && slot.State == keyring.StateErased && slot.Fault == nil
	}
	for _, name := range days {
		on, err := time.Parse(time.DateOnly, name)
		if err != nil || !seen[name].erased || seen[name].slots < 2 || now.Certain.Sub(on) < tidyAfter {
			continue // one slot is what retiring would leave
		}
		if err := s.Ring.Retire(w.ctx, on); err != nil {
			w.failed(err)
			continue
		}
		w.sum.Retired++
	}
}
