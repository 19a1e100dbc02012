package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/packing/sealed"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// other watches what takes room on the stores' disks and is not footage: an operating system, logs, packages, the state
// folder, a stranger's files. What was there at first may stay, and grow a little; more is an alarm at once, and no
// promise to keep footage is broken for it. What has stayed for a week is taken as given: by then the status says whether
// the disks still carry what is promised. It is remembered over restarts, or somebody could fill a disk meanwhile.
type other struct {
	file string
	log  *slog.Logger

	mu     sync.Mutex
	stores map[keyring.ID]otherOn // guarded by mu
	saved  map[keyring.ID]otherOn // as it stands in the file; guarded by mu
}

// otherOn is the other data on one store's disk.
type otherOn struct {
	Given  int64     `json:"given"`          // bytes that may stay
	Since  time.Time `json:"since,omitzero"` // when it was seen first that there is too much; zero: there is not
	excess int64     // bytes that are too much
}

const (
	otherStays = 7 * 24 * time.Hour // what is there for so long is taken as given
	leastOther = 64 << 20           // other data may grow by a fiftieth of the disk, and by so much on any
	mostOther  = 4 << 30            // and no more than this
	otherSaved = 16 << 20           // smaller changes need not be remembered
)

// eventOther is that there is more other data on a store's disk than may be.
const eventOther = "store.other"

// otherFile is where it is remembered.
func otherFile(state string) string { return filepath.Join(state, "other.json") }

// openOther takes up what was remembered. A file that is missing or damaged costs the comparison with what was before.
func openOther(state string, log *slog.Logger) *other {
	o := &other{file: otherFile(state), log: log, stores: map[keyring.ID]otherOn{}, saved: map[keyring.ID]otherOn{}}
	kept := map[string]otherOn{}
	err := readJSON(o.file, &kept)
	for text, s := range kept {
		id, bad := keyring.ParseID(text)
		err = errors.Join(err, bad)
		o.stores[id], o.saved[id] = s, s
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("what else was on the disks of the stores can't be read; what is there now is taken as given", "err", err)
	}
	return o
}

// otherMay is by how much the other data on a disk of so many bytes may grow.
func otherMay(total uint64) int64 {
	return int64(min(max(total/50, leastOther), mostOther))
}

// saw takes note of how much there is on a disk of so many bytes, and returns how much of it is too much.
func (o *other) saw(store keyring.ID, bytes int64, total uint64, now time.Time) (excess int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s, known := o.stores[store]
	if !known || bytes < s.Given {
		s.Given = bytes
	}
	s.excess = max(bytes-s.Given-otherMay(total), 0)
	switch {
	case s.excess == 0:
		s.Since = time.Time{}
	case s.Since.IsZero():
		s.Since = now
	case now.Sub(s.Since) >= otherStays:
		s = otherOn{Given: bytes}
	}
	o.stores[store] = s
	return s.excess
}

// excess is what was too much at the last look.
func (o *other) excess(store footage.Store) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stores[store.ID].excess
}

// save remembers what has changed.
func (o *other) save() error {
	o.mu.Lock()
	changed, all, next := false, map[string]otherOn{}, map[keyring.ID]otherOn{}
	for id, s := range o.stores {
		was, known := o.saved[id]
		changed = changed || !known || !was.Since.Equal(s.Since) || max(was.Given-s.Given, s.Given-was.Given) >= otherSaved
		all[id.String()], next[id] = s, s
	}
	o.mu.Unlock()
	if !changed {
		return nil
	}
	if err := writeJSON(o.file, all); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.saved = next
	return nil
}

// eventOtherUnknown is that it can't be told, or not remembered, how much other data there is.
const eventOtherUnknown = "store.other.unknown"

// watchOther looks at what is not footage on a store's disk.
func (e *eraser) watchOther(store footage.Store) {
	bytes, total, err := e.otherOn(store)
	if err != nil {
		e.event(retention.Event{Kind: eventOtherUnknown, Err: err, Sentence: fmt.Sprintf("how much of the disk %s is not footage can't be told: %v", store.Dir, err)})
		return
	}
	excess := e.other.saw(store.ID, bytes, total, e.time.boot.Now())
	if excess > 0 {
		e.event(retention.Event{Kind: eventOther, Sentence: fmt.Sprintf("data that is not footage grows on the disk %s: it takes %s, by %s more than what was there and may come. "+
			"No promise is broken for it, but older footage goes, and recording stops at the reserve. Remove it; what is still there after a week is taken as given",
			store.Dir, size(uint64(bytes)), size(uint64(excess)))})
	}
	if err := e.other.save(); err != nil {
		e.event(retention.Event{Kind: eventOtherUnknown, Err: err, Sentence: fmt.Sprintf("what is not footage on the disks can't be remembered over a restart: %v", err)})
	}
}

// otherOn is how many bytes of a store's disk are taken by what is neither footage nor a package or a scan, and how many the
// disk has.
func (e *eraser) otherOn(store footage.Store) (bytes int64, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(store.Dir, &st); err != nil {
		return 0, 0, fmt.Errorf("couldn't ask for the room on %s: %w", store.Dir, err)
	}
	held, err := e.index.Held()
	if err != nil {
		return 0, 0, err
	}
	objects, err := sealed.Taken(e.fs, store)
	if err != nil {
		return 0, 0, err
	}
	bytes = int64(st.Blocks-st.Bfree)*st.Bsize - held[store.ID].Bytes - objects
	for _, s := range held[store.ID].Open {
		n, err := blocksOf(store.Path(s.Camera, s.ID))
		if err != nil {
			return 0, 0, err
		}
		bytes -= n
	}
	return max(bytes, 0), st.Blocks * uint64(st.Bsize), nil
}

// blocksOf is how many bytes of its disk a file takes, 0 for one that is not there (yet, or any more).
func blocksOf(name string) (int64, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("couldn't look at a segment: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return info.Size(), nil
	}
	return st.Blocks * 512, nil
}
