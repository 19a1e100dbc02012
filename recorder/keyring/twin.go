package keyring

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"varuh/recorder/durable"
)

// day is a UTC date, such as 2026-11-21. It names the slot file of the objects made on it, and
// sorts by age.
type day string

const dayLayout = "2006-01-02"

func dayOf(id ID) day { return day(id.Time().Format(dayLayout)) }

// firstID is the lowest id of the day.
func (d day) firstID() (id ID) {
	if t, err := time.Parse(dayLayout, string(d)); err == nil {
		id.setTime(t)
	}
	return id
}

// twin is one of the two copies of a ring's slot files. The files lie in dir/slots; dir itself must
// be there, so that nothing is written into the mount point of a disk that is not mounted.
type twin struct {
	fs    durable.FS
	dir   string
	name  string       // "state" or "store", for people
	named map[day]bool // files whose name this process knows to be durable; only the committer uses it
}

func newTwin(fsys durable.FS, dir, name string) *twin {
	return &twin{fs: fsys, dir: dir, name: name, named: map[day]bool{}}
}

func (t *twin) folder() string            { return filepath.Join(t.dir, "slots") }
func (t *twin) file(d day) string         { return filepath.Join(t.folder(), string(d)+".slots") }
func (t *twin) wrap(d day, e error) error { return fmt.Errorf("%s twin of %s: %w", t.name, d, e) }

// days lists the days that have a slot file.
func (t *twin) days() ([]day, error) {
	entries, err := t.fs.ReadDir(t.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't list the key slots of the %s twin: %w", t.name, err)
	}
	var days []day
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".slots")
		if _, err := time.Parse(dayLayout, name); ok && err == nil {
			days = append(days, day(name))
		}
	}
	return days, nil
}

// slotFile is the file of a day, open for reading. One that does not exist reads as empty, one that
// cannot be opened gives its error for every slot, so that the other twin can answer.
type slotFile struct {
	durable.File
	err   error
	twin  *twin
	store ID
	day   day
}

func (t *twin) open(store ID, d day) slotFile {
	f, err := t.fs.Open(t.file(d))
	if err != nil {
		f = nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return slotFile{f, err, t, store, d}
}

func (f slotFile) close() error {
	if f.File == nil {
		return nil
	}
	return f.File.Close()
}

// slots is how many slots the file has room for or stands for; a torn last one counts.
func (f slotFile) slots() (uint32, error) {
	if f.File == nil {
		return 0, f.err
	}
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	n := uint32((st.Size() + SlotSize - 1) / SlotSize)
	return max(n, f.retired()), nil
}

// retired is for how many slots the first one stands, 0 if the day was not retired.
func (f slotFile) retired() uint32 {
	if first := f.at(0); first.err == nil && first.slot.State == stateRetired {
		return first.slot.Records
	}
	return 0
}

// view is what one twin says of one slot.
type view struct {
	slot Slot
	err  error // nil, errAbsent, errTorn, errForeign, errRetired, ErrVersion, or the disk's
}

// look reads slot n, or finds that it was retired with its day.
func (f slotFile) look(n uint32) view {
	v := f.at(n)
	if n > 0 && v.err == errAbsent && n < f.retired() {
		return view{err: errRetired}
	}
	return v
}

// at reads what lies at slot n.
func (f slotFile) at(n uint32) view {
	if f.File == nil {
		return view{err: cmp.Or(f.err, errAbsent)}
	}
	var b [SlotSize]byte
	got, err := f.ReadAt(b[:], int64(n)*SlotSize)
	switch {
	case errors.Is(err, io.EOF) && got == 0:
		return view{err: errAbsent}
	case errors.Is(err, io.EOF) && got < SlotSize:
		return view{err: errTorn}
	case err != nil && !errors.Is(err, io.EOF):
		return view{err: err}
	}
	s, store, err := decode(&b)
	if err == nil && (s.Slot != n || store != f.store || dayOf(s.ID) != f.day) {
		err = errForeign
	}
	return view{slot: s, err: err}
}

// image is a slot as it is to lie on disk.
type image struct {
	number uint32
	bytes  [SlotSize]byte
}

// write overwrites slots of a day and returns when that is durable.
func (t *twin) write(d day, images []image) error {
	f, err := t.openRW(d)
	if err != nil {
		return t.wrap(d, err)
	}
	for i := range images {
		if _, err = f.WriteAt(images[i].bytes[:], int64(images[i].number)*SlotSize); err != nil {
			break
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = t.nameDurably(d)
	}
	if err != nil {
		return t.wrap(d, err)
	}
	return nil
}

// openRW opens the file of a day for writing and makes it where it is missing.
func (t *twin) openRW(d day) (durable.File, error) {
	f, err := t.fs.OpenRW(t.file(d))
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := t.fs.Mkdir(t.folder(), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return t.fs.Create(t.file(d), 0o600)
}

// nameDurably makes the name of a day's file durable, once per process: that a file is there does
// not tell whether whoever made it came to sync its folder.
func (t *twin) nameDurably(d day) error {
	if t.named[d] {
		return nil
	}
	if err := t.fs.SyncDir(t.folder()); err != nil {
		return err
	}
	if len(t.named) == 0 {
		if err := t.fs.SyncDir(t.dir); err != nil {
			return err
		}
	}
	t.named[d] = true
	return nil
}
