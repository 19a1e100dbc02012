package segment

import (
	"errors"
	"io"

	"varuh/recorder/internal/spare"
)

// scan reads the records of a file without a key and without its seal, from the first to the last
// whole one. torn says why it stopped: with a nil error, at the end or at the seal. An error is one
// of reading, never of damage: a disk that does not answer must not make recovery cut anything.
func scan(f io.ReaderAt, h *head, size int64) (l ledger, torn error, err error) {
	l.end = h.size
	buf := spare.Borrow(spare.Step)
	defer func() { spare.Return(buf) }()
	for l.end < size && l.count < maxRecords {
		var r recordHead
		r, buf, err = readRecord(f, l.end, size, l.count, buf)
		switch {
		case errors.Is(err, ErrDamaged):
			return l, err, nil
		case err != nil:
			return l, nil, err
		}
		l.add(&r)
	}
	return l, nil, nil
}
