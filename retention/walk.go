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
	Adopted int // files that the index did not know and has now: the next plan takes them in, by their dates
	Removed int // files that were still there, or there again or elsewhere, although their keys are destroyed
	Retired int // days whose key slots are all erased and were shrunk to one

	Strays []Erasure // keys that belong to nothing and are at their term: to be erased by a run, later
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
			w.strays(s, now)
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
	if f.Path == "" || f.Segment == (keyring.ID{}) || !strings.HasSuffix(f.Path, ".seg") {
		return
	}
	_, err := w.ix.Get(f.Segment)
	unknown := errors.Is(err, footage.ErrUnknown)
	if !unknown {
		w.failed(err)
	}
	for _, s := range w.Stores {
		camera, below, _ := strings.Cut(strings.TrimPrefix(f.Path, s.Dir+"/"), "/")
		switch home := s.Path(camera, f.Segment) == f.Path; {
		case below == "":
		case home && unknown:
			w.failed(w.stranger(s, camera, f))
		case !home:
			w.failed(w.dead(s, f.Path))
		}
	}
}

// stranger gives a file a row that has none, or removes it if its key is destroyed. Of one whose header cannot be read
// the key slot tells that it is footage, and the id when it began; without a slot it is nobody's.
func (w *walk) stranger(s footage.Store, camera string, f footage.Finding) error {
	row, _, err := w.ix.Adopt(w.FS, s, camera, f.Segment)
	if err != nil {
		return err
	}
	if row != nil {
		w.sum.Adopted++
		return nil
	}
	if in, err := segment.Open(w.FS, f.Path); err == nil {
		return errors.Join(in.Close(), w.dead(s, f.Path))
	}
	slot, ok := slotOf(s, f.Segment)
	st, err := w.FS.Stat(f.Path)
	if err != nil || !ok {
		return nil // Check has told of it
	}
	if slot.State == keyring.StateErased {
		return w.remove(f.Path)
	}
	at := f.Segment.Time()
	err = w.ix.Sealed(footage.Segment{
		ID: f.Segment, Store: s.ID, Slot: slot.Slot, Camera: camera, Stream: "main", Start: at, End: at, HeaderStart: at,
		Bytes: st.Size(), Records: slot.Records, Root: slot.Root, Clock: segment.Synchronised,
	})
	if err == nil {
		w.sum.Adopted++
	}
	return err
}

// slotOf finds the slot of an object by its id alone.
func slotOf(s footage.Store, id keyring.ID) (keyring.Slot, bool) {
	day := id.Time().Format(time.DateOnly)
	for slot, err := range s.Ring.All(id.Time()) {
		switch {
		case slot.ID.Time().Format(time.DateOnly) != day:
			return keyring.Slot{}, false
		case err == nil && slot.ID == id:
			return slot, true
		}
	}
	return keyring.Slot{}, false
}

// dead removes a file, wherever it lies, whose header names a segment of the store with a destroyed key.
func (w *walk) dead(s footage.Store, path string) error {
	in, err := segment.Open(w.FS, path)
	if err != nil {
		return nil // Check has told of it
	}
	h := in.Header()
	if err := in.Close(); err != nil {
		return err
	}
	slot, err := s.Ring.Slot(keyring.Ref{ID: h.ID, Slot: h.Slot})
	if err != nil || slot.State != keyring.StateErased || h.Store != s.ID {
		return nil // Check has told of it
	}
	return w.remove(path)
}

func (w *walk) remove(path string) error {
	err := w.FS.Remove(path)
	if err == nil {
		w.sum.Removed++
		err = w.FS.SyncDir(filepath.Dir(path))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't remove the file of a segment whose key is destroyed: %w", err)
	}
	return nil
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
