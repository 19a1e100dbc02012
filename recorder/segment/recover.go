package segment

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"varuh/recorder/durable"
)

// Recover ends a segment whose writer is gone, without any key: it cuts what follows the last whole
// record, seals the file as recovered, and makes it durable. A file whose own seal is whole, and
// whose records all are, it only makes durable. Doing it again gives the same.
//
// It is for files whose key slot is open. One whose slot is sealed must not lose a byte.
//
// The errors are those of [Open]; with [ErrNoHeader] there was no footage in the file: remove it
// and erase its slot. In case of any error the file can be given to Recover again.
func Recover(fsys durable.FS, name string) (Seal, error) {
	f, err := fsys.OpenRW(name)
	if err != nil {
		return Seal{}, fmt.Errorf("couldn't recover segment: %w", err)
	}
	s, err := recoverFile(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fsys.SyncDir(filepath.Dir(name)) // the crash may have come before the first sync
	}
	if err != nil {
		return Seal{}, fmt.Errorf("couldn't recover segment %s: %w", name, err)
	}
	return s, nil
}

func recoverFile(f durable.File) (Seal, error) {
	st, err := f.Stat()
	if err != nil {
		return Seal{}, err
	}
	h, err := readHeader(f)
	if err != nil {
		return Seal{}, err
	}
	l, _, err := scan(f, &h, st.Size())
	if err != nil {
		return Seal{}, err
	}
	s, off, err := readSeal(f, &h, st.Size())
	switch {
	case err == nil && off == l.end && l.fits(&h, &s):
		return s, nil
	case err != nil && !errors.Is(err, ErrUnsealed) && !errors.Is(err, ErrDamaged):
		return Seal{}, err
	}
	return l.replaceTail(f, &h, st.Size())
}

// fits says whether a seal is of exactly these records. Both indexes come out of the same decoder,
// so that equal entries have equal bytes.
func (l *ledger) fits(h *head, s *Seal) bool {
	return s.Records == l.count && s.Root == l.root() && slices.Equal(s.Index, entries(l.index, h.size))
}

// replaceTail puts a seal in the place of everything behind the last whole record.
func (l *ledger) replaceTail(f durable.File, h *head, size int64) (Seal, error) {
	if size > l.end {
		if err := f.Truncate(l.end); err != nil {
			return Seal{}, err
		}
	}
	s, b := l.close(h, true, false)
	_, err := f.WriteAt(b, l.end)
	return s, err
}
