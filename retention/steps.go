package retention

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// destroy destroys the keys of a list and returns the segments that have none any more, durably, in both
// twins. Whose key is still whole and who is kept now is spared; kept is nil where nobody asks. The caller is
// inside the gate.
func (r *run) destroy(ctx context.Context, l *list, kept *keepers) (dead []Listed) {
	for id, segments := range byStore(l.segments) {
		store, here := r.store(id)
		if r.lost(id) {
			dead = append(dead, slices.DeleteFunc(slices.Clone(segments), func(s Listed) bool { return l.spared[s.ID] })...)
			continue
		}
		err := errAway
		if here {
			err = r.mounted(store)
		}
		if err != nil {
			r.fail(l, StepStore, err, segments...)
			continue
		}
		dead = append(dead, r.destroyIn(ctx, store, l, segments, kept)...)
	}
	slices.SortFunc(dead, func(a, b Listed) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return dead
}

func byStore(segments []Listed) map[keyring.ID][]Listed {
	stores := map[keyring.ID][]Listed{}
	for _, s := range segments {
		stores[s.Store] = append(stores[s.Store], s)
	}
	return stores
}

// destroyIn is destroy in one store.
func (r *run) destroyIn(ctx context.Context, store footage.Store, l *list, segments []Listed, kept *keepers) (dead []Listed) {
	var dying []Listed
	for _, s := range segments {
		slot, err := store.Ring.Slot(s.ref())
		taken := err == nil && slot.State == keyring.StateErased
		switch {
		case l.spared[s.ID] || !taken && kept != nil && kept.bar(l.dated(s, r.now)):
			r.spare(l, s)
		case errors.Is(err, keyring.ErrNoSlot), l.ended && taken && slot.Fault == nil:
			dead = append(dead, s)
		case err != nil && !errors.Is(err, keyring.ErrDamaged):
			r.fail(l, StepKey, err, s)
		default:
			dying = append(dying, s)
		}
	}
	doubts := maxDoubts
	died := r.eraseKeys(ctx, store.Ring, l, dying, &doubts)
	var taken []dated
	for _, s := range r.taken(store.Ring, dying, died) {
		taken = append(taken, l.dated(s, r.now))
	}
	r.Gate.take(taken)
	return append(dead, died...)
}

func (l Listed) ref() keyring.Ref { return keyring.Ref{ID: l.ID, Slot: l.Slot} }

// spare notes that a hold came before the key of a segment was destroyed. It stays noted: should the hold be
// cleared, the segment comes into a list of its own.
func (r *run) spare(l *list, s Listed) {
	if !l.spared[s.ID] {
		l.spared[s.ID] = true
		r.report.Spared++
	}
}

// maxDoubts is how often the keys of a list are halved to find those that fail. One bad sector takes eleven; a
// disk that takes nothing must not be asked two thousand times while holds wait.
const maxDoubts = 40

// eraseKeys erases keys together, and by halves where that fails. It returns those that are erased.
func (r *run) eraseKeys(ctx context.Context, ring *keyring.Ring, l *list, segments []Listed, doubts *int) []Listed {
	if len(segments) == 0 {
		return nil
	}
	refs := make([]keyring.Ref, len(segments))
	for i, s := range segments {
		refs[i] = s.ref()
	}
	err := ring.Erase(ctx, refs)
	if err == nil {
		return segments
	}
	*doubts--
	if len(segments) == 1 || *doubts <= 0 || ctx.Err() != nil {
		r.fail(l, StepKey, err, segments...)
		return nil
	}
	half := len(segments) / 2
	first := r.eraseKeys(ctx, ring, l, segments[:half], doubts)
	return slices.Concat(first, r.eraseKeys(ctx, ring, l, segments[half:], doubts))
}

// taken are the segments whose keys no hold can save any more: those that died, and those of which a twin alone has
// a tombstone.
func (r *run) taken(ring *keyring.Ring, dying, died []Listed) []Listed {
	if len(died) == len(dying) {
		return died
	}
	return slices.DeleteFunc(slices.Clone(dying), func(s Listed) bool {
		slot, err := ring.Slot(s.ref())
		return err != nil || slot.State != keyring.StateErased
	})
}

// rest does all that follows the keys of a list. What fails at one step does not come to the next; the others do.
func (r *run) rest(ctx context.Context, l *list, dead []Listed) {
	dead, lost := r.apart(dead)
	gone := r.removeRows(l, append(r.removeFiles(ctx, l, dead), lost...))
	asked := l.index < 0 || r.askCopies(ctx, l, gone)
	gone, lost = r.apart(gone)
	gone = append(r.lookAgain(l, gone), lost...)
	if len(gone)+len(l.spared) < len(l.segments) {
		return
	}
	l.done, l.asked = true, asked && l.index >= 0
	if !l.ended {
		r.report.Erased += len(gone)
	}
	if asked {
		r.end(ctx, l)
	}
}

// lost tells whether the disk of a store is gone for good: nothing on it can be erased from here.
func (p *Purge) lost(id keyring.ID) bool {
	_, here := p.store(id)
	return !here && p.Lost != nil && p.Lost(id)
}

// apart divides segments into those whose files are here and those on disks that are lost.
func (r *run) apart(segments []Listed) (here, lost []Listed) {
	for _, s := range segments {
		if r.lost(s.Store) {
			lost = append(lost, s)
		} else {
			here = append(here, s)
		}
	}
	return here, lost
}

// path is where the file of a segment lies.
func (p *Purge) path(s Listed) string {
	store, _ := p.store(s.Store)
	return store.Path(s.Camera, s.ID)
}

// byFolder groups segments by the folder of their file, in the order of the folders' first.
func (r *run) byFolder(segments []Listed) (folders []string, in map[string][]Listed) {
	in = map[string][]Listed{}
	for _, s := range segments {
		dir := filepath.Dir(r.path(s))
		if in[dir] == nil {
			folders = append(folders, dir)
		}
		in[dir] = append(in[dir], s)
	}
	return folders, in
}

// removeFiles removes files, durably, folder by folder, and returns the segments that have none any more.
func (r *run) removeFiles(ctx context.Context, l *list, segments []Listed) (gone []Listed) {
	folders, in := r.byFolder(segments)
	for _, dir := range folders {
		removed, here := 0, []Listed(nil)
		for _, s := range in[dir] {
			err := ctx.Err()
			if err == nil {
				err = r.FS.Remove(r.path(s))
			}
			switch {
			case err == nil:
				removed++
				r.report.Freed += s.Bytes
			case !errors.Is(err, fs.ErrNotExist):
				r.fail(l, StepFile, err, s)
				continue
			}
			here = append(here, s)
		}
		if removed > 0 || !l.ended {
			if err := r.FS.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				r.fail(l, StepFile, err, here...)
				continue
			}
		}
		gone = append(gone, here...)
	}
	return gone
}

// rowsAtOnce is how many rows go in one change of the index, for which a segment that begins may wait.
const rowsAtOnce = 256

// removeRows removes rows from the index, and returns the segments that have none any more.
func (r *run) removeRows(l *list, segments []Listed) (gone []Listed) {
	for part := range slices.Chunk(segments, rowsAtOnce) {
		ids := make([]keyring.ID, len(part))
		for i, s := range part {
			ids[i] = s.ID
		}
		if err := r.Index.Remove(ids...); err != nil {
			r.fail(l, StepRow, err, part...)
			continue
		}
		gone = append(gone, part...)
	}
	return gone
}

// went are the segments of a list that nothing spared.
func (l *list) went() []Listed {
	return slices.DeleteFunc(slices.Clone(l.segments), func(s Listed) bool { return l.spared[s.ID] })
}

// askCopies reports whether all copies have answered for the segments. Which copies there are stands beside the diary:
// those of a list that it does not have yet are asked once it has it.
func (r *run) askCopies(ctx context.Context, l *list, gone []Listed) bool {
	if r.Copies == nil || len(gone) == 0 || l.ended {
		return true
	}
	if err := r.Copies.Erase(ctx, gone); err != nil {
		r.report.Copies++
		r.slow = append(r.slow, fmt.Errorf("a copy of erased footage has not answered: %w", err))
		return false
	}
	return true
}

// lookAgain reads the folders that were touched, and returns the segments that are in none of them.
func (r *run) lookAgain(l *list, segments []Listed) (gone []Listed) {
	folders, in := r.byFolder(segments)
	for _, dir := range folders {
		entries, err := r.FS.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.fail(l, StepFolder, err, in[dir]...)
			continue
		}
		names := map[string]bool{}
		for _, e := range entries {
			names[e.Name()] = true
		}
		for _, s := range in[dir] {
			if names[filepath.Base(r.path(s))] {
				r.fail(l, StepFolder, fmt.Errorf("%s was removed and is there again", r.path(s)), s)
				continue
			}
			gone = append(gone, s)
		}
		if err == nil && len(entries) == 0 {
			r.failed(r.tidy(dir, in[dir][0].ID.Time()))
		}
	}
	return gone
}

// tidyAfter is how long after a day began nothing is made for it any more, whatever clock the recorder went by.
const tidyAfter = 48 * time.Hour

// tidy removes the empty folder of a day, and that of its year if it was the last.
func (r *run) tidy(dir string, day time.Time) error {
	if r.now.Certain.Sub(day) < tidyAfter {
		return nil
	}
	for range 2 {
		err := r.FS.Remove(dir)
		if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			dir = filepath.Dir(dir)
			err = r.FS.SyncDir(dir)
		}
		if err != nil {
			return fmt.Errorf("couldn't remove an empty folder: %w", err)
		}
	}
	return nil
}

// end enters that all of a list is erased. Until then it stays open.
func (r *run) end(ctx context.Context, l *list) {
	if l.index < 0 {
		return // the diary does not know that it began
	}
	if !l.asked {
		if l.asked = r.askCopies(ctx, l, l.went()); !l.asked {
			return
		}
	}
	if !l.ended {
		if err := r.enterEnd(ctx, l); err != nil {
			r.failed(err)
			return
		}
	}
	r.open = slices.DeleteFunc(r.open, func(o *list) bool { return o == l })
}

func (r *run) enterEnd(ctx context.Context, l *list) error {
	if err := r.dropLate(l); err != nil {
		return err
	}
	spared := slices.DeleteFunc(slices.Clone(l.segments), func(s Listed) bool { return !l.spared[s.ID] })
	went := Manifest{l.went()}
	e := Entry{Op: OpEnd, Ref: &l.index, Data: map[string]any{"count": int64(len(went.Segments)), "bytes": went.bytes()}}
	if len(spared) > 0 {
		e.Data["kept"] = int64(len(spared))
		e.Note = "a hold or a restriction was set before the keys of some segments were destroyed; they are listed and stay"
		var err error
		if e.Manifest, err = manifest(spared).Encode(); err != nil {
			return err
		}
	}
	if _, lost := r.apart(went.Segments); len(lost) > 0 {
		e.Data["lost"] = int64(len(lost))
		e.Note = strings.TrimPrefix(e.Note+"; the disk of some segments is lost: it is not here, and what the state folder had of their keys is destroyed", "; ")
	}
	if _, err := r.Journal.Enter(ctx, e); err != nil {
		r.unsure = true
		return fmt.Errorf("couldn't enter into the diary that footage is erased: %w", err)
	}
	return nil
}
