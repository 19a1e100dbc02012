package segment

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"varuh/recorder/durable"
	"varuh/recorder/internal/spare"
	"varuh/recorder/keyring"
)

// Writer writes one segment. One goroutine at a time calls Append, Seal and Close; Sync, Fail, Err,
// Size and Records may be called by any, at the same time.
type Writer struct {
	fsys durable.FS
	name string
	file durable.File

	head    head     // does not change
	secrets *secrets // nil once sealed, so that the key is in memory no longer than needed
	ledger  ledger

	size   atomic.Int64 // of the file
	count  atomic.Uint32
	named  atomic.Bool           // the file's name is durable
	broken atomic.Pointer[error] // the first failed write or sync; nothing is written after it
}

// Create makes the file and writes its header. It syncs nothing: that is the syncer's work. The key
// must be the segment's own, and its slot durable. A file that could not be begun is removed again.
func Create(fsys durable.FS, name string, h Header, k keyring.Key, c Cipher) (*Writer, error) {
	secrets, err := newSecrets(k, c)
	if err != nil {
		return nil, fmt.Errorf("couldn't derive the secrets of segment %s: %w", name, err)
	}
	w := &Writer{fsys: fsys, name: name, head: head{Header: h, cipher: c, commit: secrets.commit}, secrets: secrets}
	b, err := w.head.encode()
	if err != nil {
		return nil, fmt.Errorf("couldn't make the header of segment %s: %w", name, err)
	}
	if w.file, err = fsys.Create(name, 0o600); err != nil {
		return nil, fmt.Errorf("couldn't create segment: %w", err)
	}
	if _, err = w.file.Write(b); err != nil {
		err = errors.Join(err, w.file.Close(), fsys.Remove(name))
		return nil, fmt.Errorf("couldn't begin segment %s: %w", name, err)
	}
	secrets.bind(w.head.hash)
	w.size.Store(w.head.size)
	w.ledger.end = w.head.size
	w.ledger.index = make([]byte, 0, 1024*entrySize) // 10 minutes of 1-s fragments of one track, and some
	return w, nil
}

// Append encrypts plain and writes it as the next record, with exactly one write. The first record
// is the init record; the others each end with one mdat box, and hold at most [MaxPlain] bytes.
// plain may be in any buffer, and is not changed. A record that is refused ([ErrFull], wrong boxes)
// leaves the writer usable; a write that fails does not.
func (w *Writer) Append(r Record, plain []byte) error {
	h, err := w.next(r, plain)
	if err != nil {
		return fmt.Errorf("couldn't append to segment %s: %w", w.name, err)
	}
	boxes, payload, err := split(r.Kind, plain)
	if err != nil {
		return fmt.Errorf("couldn't append to segment %s: %w", w.name, err)
	}
	h.leaf = w.secrets.leaf(h.sequence, boxes, payload)
	b := spare.Borrow(int(h.size))
	defer spare.Return(b)
	h.put(b[:headSize])
	b = w.secrets.encrypt(b[:headSize], b[lengthSize:headSize], plain)
	b = appendCRC(b)
	if err := w.write(b); err != nil {
		return err
	}
	w.ledger.add(&h)
	w.count.Store(w.ledger.count)
	return nil
}

// next is the head of the record to come, but for its leaf.
func (w *Writer) next(r Record, plain []byte) (h recordHead, err error) {
	if err := w.Err(); err != nil {
		return h, err
	}
	h = recordHead{Record: r, size: int64(overhead + len(plain)), sequence: w.ledger.count}
	switch {
	case w.secrets == nil:
		return h, ErrSealed
	case w.ledger.count == maxRecords:
		return h, ErrFull
	case len(plain) == 0 || len(plain) > MaxPlain:
		return h, fmt.Errorf("a record can hold 1 to %d bytes, not %d", MaxPlain, len(plain))
	}
	if h.start, err = encodeTime(r.Start); err != nil {
		return h, err
	}
	return h, r.check(h.sequence)
}

// write appends b to the file. What a failed write leaves is a torn tail.
func (w *Writer) write(b []byte) error {
	n, err := w.file.Write(b)
	w.size.Add(int64(n))
	if err != nil {
		w.Fail(err)
		return w.Err()
	}
	return nil
}

// Seal writes the seal. Nothing can be appended after it. The caller then syncs, and only then
// seals the key slot. Say hard if the segment had to close without a key frame to close before.
func (w *Writer) Seal(hard bool) (Seal, error) {
	if err := w.Err(); err != nil {
		return Seal{}, err
	}
	if w.secrets == nil {
		return Seal{}, fmt.Errorf("couldn't seal segment %s: %w", w.name, ErrSealed)
	}
	w.secrets = nil
	s, b := w.ledger.close(&w.head, false, hard)
	return s, w.write(b)
}

// Sync makes durable all that was written before it was called, and the file's name.
func (w *Writer) Sync() error {
	if err := w.Err(); err != nil {
		return err
	}
	err := w.file.Sync()
	if err == nil && !w.named.Load() {
		if err = w.fsys.SyncDir(filepath.Dir(w.name)); err == nil {
			w.named.Store(true)
		}
	}
	if err != nil {
		w.Fail(err)
		return w.Err()
	}
	return nil
}

// Fail breaks the writer because of a failure elsewhere that covers its file, such as that of a
// SyncFS of the store. The first failure stays.
func (w *Writer) Fail(err error) {
	err = fmt.Errorf("segment %s is broken, begin another: %w", w.name, err)
	w.broken.CompareAndSwap(nil, &err)
}

// Err is what broke the writer, or nil.
func (w *Writer) Err() error {
	if p := w.broken.Load(); p != nil {
		return *p
	}
	return nil
}

// Close closes the file. Without Seal it stays as after a crash, for [Recover].
func (w *Writer) Close() error {
	w.secrets = nil
	return w.file.Close()
}

// Size is the length of the file, in bytes.
func (w *Writer) Size() int64 { return w.size.Load() }

// Records is the number of records written, the init record included.
func (w *Writer) Records() uint32 { return w.count.Load() }
