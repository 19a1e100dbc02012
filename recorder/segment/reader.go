package segment

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"iter"

	"varuh/recorder/durable"
	"varuh/recorder/internal/spare"
	"varuh/recorder/keyring"
)

// Reader reads one segment, sealed or still being written. One goroutine at a time uses it.
type Reader struct {
	name    string
	file    durable.File
	head    head
	seal    Seal
	sealErr error    // why there is no seal
	secrets *secrets // nil until unlocked
	index   []Entry  // of the seal; without one, of the records found so far
	end     int64    // where the next record to be found begins, if there is no seal
}

// Open opens a segment without any key: it reads the header, and the seal if there is one. Without
// a good seal the records are found one by one, by their heads. The errors are [ErrNotSegment], [ErrVersion],
// [ErrNoHeader], [ErrDamaged] for a damaged header, or those of the file system.
func Open(fsys durable.FS, name string) (*Reader, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't open segment: %w", err)
	}
	r := &Reader{name: name, file: f}
	if err := r.begin(); err != nil {
		return nil, fmt.Errorf("couldn't open segment %s: %w", name, errors.Join(err, f.Close()))
	}
	return r, nil
}

func (r *Reader) begin() (err error) {
	if r.head, err = readHeader(r.file); err != nil {
		return err
	}
	st, err := r.file.Stat()
	if err != nil {
		return err
	}
	r.seal, _, r.sealErr = readSeal(r.file, &r.head, st.Size())
	if r.sealErr != nil && !errors.Is(r.sealErr, ErrUnsealed) && !errors.Is(r.sealErr, ErrDamaged) {
		return r.sealErr
	}
	r.index, r.end = r.seal.Index, r.head.size
	return nil
}

// Header is the segment's header.
func (r *Reader) Header() Header { return r.head.Header }

// Cipher is what the segment is encrypted with.
func (r *Reader) Cipher() Cipher { return r.head.cipher }

// Seal is the segment's seal. The error is [ErrUnsealed] if there is none, [ErrDamaged] if it
// cannot be trusted.
func (r *Reader) Seal() (Seal, error) { return r.seal, r.sealErr }

// All walks the records in order without a key, and checks that each is whole. A damaged record of a
// sealed segment comes with a [Problem] as error, and the walk goes on; in a segment without
// a seal the walk ends before the first record that is not whole, and a later walk sees more.
func (r *Reader) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		buf := spare.Borrow(spare.Step)
		defer func() { spare.Return(buf) }()
		for n := 0; ; n++ {
			e, err := r.Entry(n)
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil {
				_, buf, err = r.readEntry(n, buf)
			}
			if r.sealErr != nil && e.Size > 0 && errors.Is(err, ErrDamaged) {
				r.index, r.end = r.index[:n], e.Offset
				return
			}
			if !yield(e, err) || e.Size == 0 {
				return
			}
		}
	}
}

// Entry is the line of the seek index for record n, from 0. The error is an [io.EOF] if there is no
// such record; in a segment that is being written it may come.
func (r *Reader) Entry(n int) (Entry, error) {
	for r.sealErr != nil && n >= len(r.index) {
		if err := r.find(); err != nil {
			return Entry{}, err
		}
	}
	if n < 0 || n >= len(r.index) {
		return Entry{}, fmt.Errorf("segment %s has no record %d: %w", r.name, n, io.EOF)
	}
	return r.index[n], nil
}

// find looks for one more record in a segment without a seal. It reads the head alone: whoever looks at what is being
// recorded now would else wait for minutes of footage to be read. Whether the rest is as it should be Read tells.
func (r *Reader) find() error {
	st, err := r.file.Stat()
	if err != nil {
		return err
	}
	n := len(r.index)
	var buf [headSize]byte
	h, err := readHead(r.file, r.end, st.Size(), uint32(n), buf[:])
	switch {
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("segment %s has no record %d yet: %w", r.name, n, io.EOF)
	case err != nil:
		return err
	}
	r.index = append(r.index, Entry{h.Record, r.end, h.size})
	r.end += h.size
	return nil
}

// readEntry reads record n, which is in the index, into buf and checks it against the index.
func (r *Reader) readEntry(n int, buf []byte) (recordHead, []byte, error) {
	return r.readAs(readRecord, n, buf)
}

// readAs is readEntry by one of two ways to read a record.
func (r *Reader) readAs(read func(io.ReaderAt, int64, int64, uint32, []byte) (recordHead, []byte, error), n int, buf []byte) (recordHead, []byte, error) {
	e := r.index[n]
	h, buf, err := read(r.file, e.Offset, e.Offset+e.Size, uint32(n), buf)
	if err == nil && (h.size != e.Size || h.Kind != e.Kind || h.Flags != e.Flags || h.Duration != e.Duration || !h.Start.Equal(e.Start)) {
		err = damaged("the seek index says something else of it")
	}
	if err != nil {
		err = &Problem{n, e.Offset, err}
	}
	return h, buf, err
}

// Unlock takes the segment's key, so that Read can decrypt. The error is an [ErrKey] if the key is
// not the one that the header is committed to.
func (r *Reader) Unlock(k keyring.Key) error {
	s, err := newSecrets(k, r.head.cipher)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(s.commit[:], r.head.commit[:]) == 0 {
		return fmt.Errorf("couldn't unlock segment %s: %w", r.name, ErrKey)
	}
	s.bind(r.head.hash)
	r.secrets = s
	return nil
}

// Whole checks that record n, from 0, is whole, without a key: what its checksum says. It reads into buf, if that has room,
// and returns it for the next one. The errors are those of Read but [ErrLocked].
func (r *Reader) Whole(n int, buf []byte) ([]byte, error) {
	if _, err := r.Entry(n); err != nil {
		return buf, err
	}
	_, buf, err := r.readEntry(n, buf)
	if err != nil {
		err = fmt.Errorf("couldn't read segment %s: %w", r.name, err)
	}
	return buf, err
}

// Read decrypts record n, from 0, and checks it against its leaf. The plaintext is in buf if that
// has room for the whole record ([Entry].Size), else in a new one. The errors are [ErrLocked]; an
// [io.EOF] if there is no such record (yet); a [Problem] if it is damaged, which says nothing of the
// others.
func (r *Reader) Read(n int, buf []byte) (Record, []byte, error) { return r.read(n, buf, true) }

// Play is Read without holding the record against its leaf and its checksum, for whoever only looks at it: that a record
// is what the writer wrote, and where, its AEAD says, which covers the leaf, too. What the leaf adds is a proof for
// others, and it costs more than the decryption; what the checksum adds is a reason, which is found when it is asked for.
func (r *Reader) Play(n int, buf []byte) (Record, []byte, error) { return r.read(n, buf, false) }

func (r *Reader) read(n int, buf []byte, proven bool) (Record, []byte, error) {
	if r.secrets == nil {
		return Record{}, nil, fmt.Errorf("couldn't read segment %s: %w", r.name, ErrLocked)
	}
	e, err := r.Entry(n)
	if err != nil {
		return Record{}, nil, err
	}
	way := readUnchecked
	if proven {
		way = readRecord
	}
	h, b, err := r.readAs(way, n, buf)
	if err != nil {
		return Record{}, nil, fmt.Errorf("couldn't read segment %s: %w", r.name, err)
	}
	plain, err := r.secrets.open(&h, b, proven)
	if err == nil {
		return h.Record, plain, nil
	}
	if _, _, torn := r.readEntry(n, b); torn != nil { // b is no longer what was read
		return Record{}, nil, fmt.Errorf("couldn't read segment %s: %w", r.name, torn)
	}
	return Record{}, nil, fmt.Errorf("couldn't read segment %s: %w", r.name, &Problem{n, e.Offset, err})
}

// open decrypts a whole record in its place and, if it is to be proven, checks its leaf.
func (s *secrets) open(h *recordHead, b []byte, proven bool) ([]byte, error) {
	plain, err := s.decrypt(b[lengthSize:headSize], b[headSize:len(b)-crcSize])
	if err != nil || !proven {
		return plain, err
	}
	boxes, payload, err := split(h.Kind, plain)
	if err != nil {
		return nil, damaged("%v", err)
	}
	if s.leaf(h.sequence, boxes, payload) != h.leaf {
		return nil, damaged("its leaf is not the hash of what it holds")
	}
	return plain, nil
}

// Close closes the file and forgets the key.
func (r *Reader) Close() error {
	r.secrets = nil
	return r.file.Close()
}
