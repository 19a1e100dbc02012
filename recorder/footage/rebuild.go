package footage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Report says what was read from the stores.
type Report struct {
	Anew     bool      // the whole index was made; false: only stores that it did not know were added
	Segments int       // rows
	Gaps     int       // rows
	Bytes    int64     // of the files
	Findings []Finding // about files that have no row now, or a row that their slot does not confirm
}

// Rebuild makes the index anew from headers, seals and slots. It needs no key. No other index may
// be open at path. What is rebuilt are the rows that the index had, but for two things that no file
// tells: the pending gaps, and a time told to Redate that no segment has confirmed.
//
// In this order: the new index is made beside the old one and durable; the old one is removed, and
// its log, which SQLite would else apply to the new one; the new one takes its name. A crash
// before the last step leaves no index, which [Open] says, or the old one; Rebuild then begins anew.
func Rebuild(ctx context.Context, fsys durable.FS, path string, stores []Store) (*Report, error) {
	made := path + ".new"
	if err := removeIndex(made); err != nil {
		return nil, err
	}
	ix, err := create(made)
	if err != nil {
		return nil, err
	}
	b := &rebuild{ix: ix, fsys: fsys, report: &Report{Anew: true}}
	for _, s := range stores {
		if err = b.walk(ctx, s); err != nil {
			break
		}
	}
	if err = errors.Join(err, ix.Close()); err != nil {
		return nil, fmt.Errorf("couldn't rebuild the index of footage: %w", errors.Join(err, removeIndex(made)))
	}
	if err := replaceIndex(made, path); err != nil {
		return nil, fmt.Errorf("couldn't put the rebuilt index in its place: %w", err)
	}
	return b.report, nil
}

// create makes an empty index to be filled and closed. Nothing in it is durable before that.
func create(path string) (*Index, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("couldn't make an index of footage: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	ix := &Index{path: path, write: connect(path, 1, filling...), read: connect(path, readers)}
	if _, err := ix.write.Exec(schema); err != nil {
		return nil, errors.Join(explain(err, "couldn't make the tables of %s", path), ix.Close())
	}
	return ix, nil
}

// filling is how an index is written that nobody reads yet.
var filling = []string{"journal_mode=MEMORY", "synchronous=OFF", "foreign_keys=ON"}

// replaceIndex puts a closed index, durably, in the place of another.
func replaceIndex(made, path string) error {
	f, err := durable.OS.OpenRW(made)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := removeIndex(path); err != nil {
		return err
	}
	if err := durable.OS.Rename(made, path); err != nil {
		return err
	}
	return durable.OS.SyncDir(filepath.Dir(path))
}

// removeIndex removes an index, if there is one, with the files that SQLite keeps beside it: the index
// first, for its log alone is no index.
func removeIndex(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("couldn't remove the old index: %w", err)
		}
	}
	return nil
}

// rebuild gathers rows, and writes them many at a time.
type rebuild struct {
	ix     *Index
	fsys   durable.FS
	report *Report
	rows   []row
}

// row is what one file tells the index.
type row struct {
	Segment
	gaps []segment.Gap
	path string
}

// batch is how many rows share a transaction.
const batch = 1000

func (b *rebuild) note(f Finding) { b.report.Findings = append(b.report.Findings, f) }

// add reads one file. One that cannot be read is a finding, not an error: the others have to be
// found all the same.
func (b *rebuild) add(p place) error {
	r, finding := read(b.fsys, p)
	if finding != nil {
		b.note(*finding)
	}
	if r == nil {
		return nil
	}
	if b.rows = append(b.rows, *r); len(b.rows) < batch {
		return nil
	}
	return b.flush()
}

// flush enters the rows gathered. One that the index cannot take, whoever wrote such a header, does
// not keep the others out.
func (b *rebuild) flush() error {
	changes := make([]*request, len(b.rows))
	for i, r := range b.rows {
		changes[i] = &request{change: func(tx *tx) error { return tx.put(r.Segment, r.gaps) }}
	}
	if err := b.ix.commit(changes); err != nil {
		return explain(err, "couldn't write %s", b.ix.path)
	}
	for i, r := range b.rows {
		if err := changes[i].err; err != nil {
			b.note(Finding{Incident, r.ID, r.path, fmt.Sprintf("the index can't hold what its header says: %v", err)})
			continue
		}
		b.report.Segments++
		b.report.Gaps += len(r.gaps)
		b.report.Bytes += r.Bytes
	}
	b.rows = b.rows[:0]
	return nil
}

// read makes the row of a file, nil if it should have none. The slot decides what the file is:
//
//	slot      row
//	open      open, sealed file or not, whole header or not: recovery will end it
//	sealed    sealed, with the slot's count and root; without a seal the records tell the end
//	erased    none: whoever destroyed the key goes on to destroy the file
//	no slot   as the file says; it can never be opened, but its term must end
func read(fsys durable.FS, p place) (_ *row, f *Finding) {
	fault := func(s Severity, format string, args ...any) *Finding {
		return &Finding{s, p.id, p.path, fmt.Sprintf(format, args...)}
	}
	in, err := segment.Open(fsys, p.path)
	if errors.Is(err, segment.ErrNoHeader) {
		if r := husk(p); r != nil {
			return r, nil
		}
	}
	if err != nil {
		return nil, fault(Incident, "the file can't be read: %v", err)
	}
	defer func() {
		if err := in.Close(); err != nil && f == nil {
			f = fault(Warning, "the file couldn't be closed: %v", err)
		}
	}()
	h := in.Header()
	if h.ID != p.id || h.Camera != p.camera || h.Store != p.store.ID {
		return nil, fault(Incident, "the file is segment %s of %s on store %s and was put in another's place", h.ID, h.Camera, h.Store)
	}
	slot, err := p.store.Ring.Slot(keyring.Ref{ID: h.ID, Slot: h.Slot})
	if err != nil {
		f = fault(Incident, "its key slot can't be read: %v", err)
	}
	r := row{NewSegment(h), h.Gaps, p.path}
	switch slot.State {
	case keyring.StateErased:
		return nil, fault(Warning, "its key is destroyed, but the file is still there: remove it")
	case keyring.StateOpen:
		return &r, f
	}
	if r.Segment, err = sealed(fsys, in, p.path, r.Segment); err != nil {
		f = fault(Incident, "the segment was sealed and has lost its seal: %v", err)
	}
	if slot.State == keyring.StateSealed {
		r.Sealed, r.Records, r.Root = true, slot.Records, slot.Root
	}
	return &r, f
}

// Adopt enters one file that the index does not know, as Rebuild would. It returns the row, or what is
// wrong with the file.
func (ix *Index) Adopt(fsys durable.FS, s Store, camera string, id keyring.ID) (*Segment, *Finding, error) {
	r, finding := read(fsys, place{s, camera, id, s.Path(camera, id)})
	if r == nil {
		return nil, finding, nil
	}
	if err := ix.change(func(tx *tx) error { return tx.put(r.Segment, r.gaps) }); err != nil {
		return nil, nil, explain(err, "couldn't enter segment %s of %s", id, camera)
	}
	return &r.Segment, finding, nil
}

// husk is the row of a file that the power left before its header was whole, nil if it is not one: its
// slot, found by the id alone, must be open. The row has what recovery needs to remove the file.
func husk(p place) *row {
	for slot, err := range p.store.Ring.All(p.id.Time()) {
		switch {
		case err != nil || slot.ID != p.id:
		case slot.State == keyring.StateOpen:
			return &row{Segment: Segment{ID: p.id, Store: p.store.ID, Slot: slot.Slot, Camera: p.camera, Stream: "main",
				Start: p.id.Time(), End: p.id.Time(), HeaderStart: p.id.Time()}, path: p.path}
		default:
			return nil
		}
	}
	return nil
}

// sealed completes a row from the seal of the file, or from its records and with an error.
func sealed(fsys durable.FS, in *segment.Reader, path string, s Segment) (Segment, error) {
	st, err := fsys.Stat(path)
	if err != nil {
		return s, err
	}
	seal, err := in.Seal()
	if err == nil {
		return s.WithSeal(seal, st.Size()), nil
	}
	for e, broken := range in.All() {
		if broken == nil {
			seal.Index = append(seal.Index, e)
		}
	}
	s = s.WithSeal(seal, st.Size())
	s.Sealed = false
	return s, err
}
