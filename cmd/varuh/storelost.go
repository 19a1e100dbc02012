package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// A disk that never comes back is given up: its erasures would stay open for ever, and the state folder would keep the keys
// of what is on it. The steps, each durable before the next:
//
//  1. An entry store.lost names the store, who says so, and why.
//  2. appliance.json lists it as lost. From there on its disk is refused, should it come back.
//  3. The copy of its key slots in the state folder is overwritten with zeros, and removed.
//  4. Its rows are removed from the index.
//  5. appliance.json says that this is done. The next run ends the lists of erasures that name it.
//
// After a crash every start does again what is not done, by the entries in the diary. It does so, too, where keys of the store
// are in the state folder again.
//
// The disk has a copy of the key slots of its own, which nobody here can reach. Who finds it, and has the reading key or the
// recovery words, can open what is on it.

// opStoreLost is the operation by which a disk is given up. Its manifest is a [lostNote].
const opStoreLost = "store.lost"

// lostNote names a store in the clear, so that a start can read it while nobody can open the diary.
type lostNote struct {
	Dir   string     `json:"dir"`
	Store keyring.ID `json:"store"`
	V     int        `json:"v"`
}

// lostStore is a store that was given up.
type lostStore struct {
	Dir   string    `json:"dir"`
	Entry int64     `json:"entry"` // that says so
	Since time.Time `json:"since"`
	Done  bool      `json:"done"` // nothing of it is left in the state folder
}

// storeOrder gives a store up, or asks what would be lost by it.
type storeOrder struct {
	who
	Store   string // its folder or its id
	Reason  string
	Confirm bool
}

// storeAnswer is what was on it, as far as the index tells.
type storeAnswer struct {
	Dir      string     `json:"dir"`
	Store    keyring.ID `json:"store"`
	Segments int        `json:"segments"`
	Bytes    int64      `json:"bytes"`
	Held     int        `json:"held"` // of these, segments that a hold or a restriction keeps
	Oldest   time.Time  `json:"oldest,omitzero"`
	Newest   time.Time  `json:"newest,omitzero"`
	Entry    int64      `json:"entry"`
}

// kind tells giving up from asking.
func (o storeOrder) kind() string {
	if o.Confirm {
		return "confirm"
	}
	return ""
}

var askLostStore = asking[storeOrder, storeAnswer]{"/store/lost", opStoreLost, true, (*eraser).loseStore}

// loseStore gives a store up that is not here.
func (e *eraser) loseStore(ctx context.Context, o storeOrder) (a storeAnswer, err error) {
	reason, err := why(o.Reason)
	if err != nil {
		return a, err
	}
	known, err := readAppliance(e.state)
	if err != nil {
		return a, err
	}
	if a.Dir, a.Store, err = known.find(o.Store); err != nil {
		return a, err
	}
	if err := e.isAway(a.Dir, a.Store); err != nil {
		return a, err
	}
	_, d, err := e.books()
	if err != nil {
		return a, err
	}
	if err := e.weigh(ctx, &a); err != nil || !o.Confirm {
		return a, err
	}
	by, err := o.known()
	if err != nil {
		return a, err
	}
	note, err := json.Marshal(lostNote{a.Dir, a.Store, 1})
	if err != nil {
		return a, err
	}
	got, err := d.Append(ctx, diary.Entry{Op: opStoreLost, Manifest: note, Clear: true, Body: proof.Body{Actor: &by, Purpose: reason,
		Note: "the disk is not here; the copy of its keys in the state folder is destroyed, that on the disk is not",
		Data: map[string]any{"store": a.Store.String(), "segments": int64(a.Segments), "bytes": a.Bytes, "held": int64(a.Held)}}}, nil)
	if err != nil {
		return a, fmt.Errorf("it was not entered, and nothing was changed: %w", err)
	}
	a.Entry = got.Index
	return a, e.finishLost(ctx, d)
}

// find looks a store up by its folder or its id.
func (a appliance) find(text string) (dir string, id keyring.ID, err error) {
	var list []string
	for dir, id := range a.Stores {
		if text == dir || text == id.String() {
			return dir, id, nil
		}
		list = append(list, fmt.Sprintf("%v in %s", id, dir))
	}
	for id, l := range a.Lost {
		if text == l.Dir || text == id.String() {
			return "", id, fmt.Errorf("the store %v was given up already, in entry %d", id, l.Entry)
		}
	}
	slices.Sort(list)
	return "", id, fmt.Errorf("there is no store %q; there are: %s", text, strings.Join(list, ", "))
}

// isAway refuses a store that can still be used, or that this process holds.
func (e *eraser) isAway(dir string, id keyring.ID) error {
	var m marker
	switch err := readJSON(filepath.Join(dir, markerName), &m); {
	case err == nil && m.Store == id:
		return fmt.Errorf("the store %v is in %s, and its disk can be read: nothing is given up. If the disk is to go, unmount it first; "+
			"what is on it then goes with the disk, so erase or destroy that", id, dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("couldn't tell whether the store %v is in %s; unmount its disk first: %w", id, dir, err)
	}
	if slices.ContainsFunc(e.stores, func(s footage.Store) bool { return s.ID == id }) {
		return fmt.Errorf("the disk of the store %v went away while varuh ran, which still holds its key slots: stop varuh, say this again, and start it", id)
	}
	return nil
}

// weigh tells what goes with a store.
func (e *eraser) weigh(ctx context.Context, a *storeAnswer) error {
	s, err := e.situation(ctx, e.time.observe())
	if err != nil {
		return err
	}
	all, err := retention.Survey(s, func(yield func(footage.Segment, error) bool) {
		for seg, err := range e.settled() {
			if err == nil && seg.Store != a.Store {
				continue
			}
			if err == nil && (a.Oldest.IsZero() || seg.Start.Before(a.Oldest)) {
				a.Oldest = seg.Start
			}
			if err == nil && seg.End.After(a.Newest) {
				a.Newest = seg.End
			}
			if !yield(seg, err) {
				return
			}
		}
	})
	for _, c := range all {
		a.Segments += c.Segments
		a.Bytes += c.Bytes
		a.Held += c.Held
	}
	return err
}

// finishLost does what is not done yet of what the diary says of lost stores.
func (e *eraser) finishLost(ctx context.Context, d *diary.Diary) error {
	e.deciding.Lock()
	defer e.deciding.Unlock()
	entries, err := d.EntriesOf(ctx, opStoreLost)
	if err != nil || len(entries) == 0 {
		return err
	}
	a, err := readAppliance(e.state)
	if err != nil {
		return err
	}
	var errs []error
	for _, x := range entries {
		text, err := d.Manifest(ctx, x.Index)
		var n lostNote
		if err == nil {
			err = json.Unmarshal(text, &n)
		}
		if was := a.Lost[n.Store]; err == nil && x.Index >= was.Entry && (!was.Done || x.Index > was.Entry || e.keysOf(n.Store)) {
			err = e.forgetStore(a, n, lostStore{Dir: n.Dir, Entry: x.Index, Since: x.Time})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("couldn't end what entry %d says of a lost disk; it is tried again with every start: %w", x.Index, err))
		}
	}
	e.mu.Lock()
	e.lost = a.Lost
	e.mu.Unlock()
	return errors.Join(errs...)
}

// keysOf tells whether the state folder has keys of a store, or may have.
func (e *eraser) keysOf(id keyring.ID) bool {
	_, err := os.Lstat(filepath.Join(e.state, "keys", id.String()))
	return !errors.Is(err, fs.ErrNotExist)
}

// forgetStore does steps 2 to 5.
func (e *eraser) forgetStore(a appliance, n lostNote, l lostStore) error {
	a.Lost[n.Store] = l
	for dir, id := range a.Stores {
		if id == n.Store {
			delete(a.Stores, dir)
		}
	}
	if err := writeJSON(applianceFile(e.state), a); err != nil {
		return err
	}
	if slices.ContainsFunc(e.stores, func(s footage.Store) bool { return s.ID == n.Store }) {
		return fmt.Errorf("the disk of the store %v is here: restart varuh, which refuses it then", n.Store)
	}
	if err := wipeFolder(filepath.Join(e.state, "keys", n.Store.String())); err != nil {
		return err
	}
	if err := e.dropRows(n.Store); err != nil {
		return err
	}
	l.Done = true
	a.Lost[n.Store] = l
	return writeJSON(applianceFile(e.state), a)
}

// wipeFolder overwrites all files in a folder with zeros and removes it.
func wipeFolder(dir string) error {
	err := filepath.WalkDir(dir, func(name string, f fs.DirEntry, err error) error {
		if err == nil && f.Type().IsRegular() {
			err = keyring.Wipe(durable.OS, name)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.RemoveAll(dir)
	}
	if err == nil {
		err = durable.OS.SyncDir(filepath.Dir(dir))
	}
	if err != nil {
		return fmt.Errorf("couldn't destroy the keys in %s: %w", dir, err)
	}
	return nil
}

// rowsAtOnce is how many rows go in one change of the index, for which a segment that begins may wait.
const rowsAtOnce = 256

// dropRows removes the rows of a store from the index.
func (e *eraser) dropRows(store keyring.ID) error {
	var ids []keyring.ID
	for s, err := range e.index.All() {
		if err != nil {
			return err
		}
		if s.Store == store {
			ids = append(ids, s.ID)
		}
	}
	for part := range slices.Chunk(ids, rowsAtOnce) {
		if err := e.index.Remove(part...); err != nil {
			return err
		}
	}
	return nil
}

// isLost tells a purge which disks never come back, with nothing of their keys left here.
func (e *eraser) isLost(id keyring.ID) bool {
	e.mu.Lock()
	done := e.lost[id].Done
	e.mu.Unlock()
	return done && !e.keysOf(id)
}
