package sealed

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// How a file is written: so many bytes are asked for at a time, and synced.
const stretch = 16 << 20

// Writer writes one object: files one after the other, then [Writer.Finish]. One goroutine uses it. After a failure it
// stays broken; whoever does not finish it calls [Writer.Discard].
type Writer struct {
	shelf *Shelf
	ctx   context.Context // of Begin: what waits for room ends with it
	store footage.Store
	place Place
	file  durable.File
	secrets
	hash  [32]byte // of the header
	list  list
	open  bool // a file is
	slot  bool // there is one
	plain []byte
	crypt []byte
	chunk int64
	size  int64 // of the plaintext that was taken
	asked int64 // bytes of the file for which there was room
	done  bool
	err   error
}

// Begin begins an object of about so many bytes (0: nobody knows) on the store with most room. One that fits on no disk is
// refused before anything is written or makes room for it. The errors are [ErrAway], [ErrFull], or the disk's; after one
// nothing is left.
func (s *Shelf) Begin(ctx context.Context, need int64) (*Writer, error) {
	store, err := s.roomFor(ctx, need)
	if err != nil {
		return nil, err
	}
	if err := s.room(ctx, store, stretch); err != nil {
		return nil, err
	}
	id := keyring.NewID(s.o.Now())
	s.busy(id, true)
	w := &Writer{shelf: s, ctx: ctx, store: store, place: Place{ID: id, Store: store.ID}, asked: stretch, list: list{Made: s.o.Now().UTC().Truncate(time.Second), Files: []listed{}},
		plain: make([]byte, 0, chunkSize), crypt: make([]byte, 0, chunkSize+tagSize)}
	if err := w.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't begin a sealed object on %s: %w", store.Dir, full(err)), w.Discard(context.WithoutCancel(ctx)))
	}
	return w, nil
}

// begin makes the file's name durable, then the slot, then writes the header.
func (w *Writer) begin() (err error) {
	s, name := w.shelf, w.shelf.nameOf(w.store, w.place.ID)
	if err := durable.MkdirAll(s.o.FS, filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if w.file, err = s.o.FS.Create(name, 0o600); err != nil {
		return err
	}
	if err := s.o.FS.SyncDir(filepath.Dir(name)); err != nil {
		return err
	}
	key, slot, err := w.store.Ring.Create(context.WithoutCancel(w.ctx), w.place.ID, keyring.KindPackage)
	if err != nil {
		return err
	}
	defer clear(key[:])
	w.place.Slot, w.slot = slot, true
	c := segment.PreferredCipher()
	if w.secrets, err = newSecrets(key, c); err != nil {
		return err
	}
	b := encodeHeader(w.place, c, w.commit)
	h, err := parseHeader(b)
	if err != nil {
		return err
	}
	w.hash = h.hash
	_, err = w.file.Write(b)
	return err
}

// Place is where the object will be.
func (w *Writer) Place() Place { return w.place }

// Size is how many bytes were taken.
func (w *Writer) Size() int64 { return w.size }

// Create begins a file. The one before it is to be closed.
func (w *Writer) Create(name string) (io.WriteCloser, error) {
	if w.open {
		return nil, errors.New("the file before it is not closed")
	}
	if w.err != nil {
		return nil, w.err
	}
	w.open = true
	w.list.Files = append(w.list.Files, listed{Path: name})
	return part{w}, nil
}

// part is the file that is being written.
type part struct{ w *Writer }

func (p part) Write(b []byte) (int, error) {
	if !p.w.open {
		return 0, errors.New("the file is closed")
	}
	n, err := p.w.write(b)
	p.w.list.Files[len(p.w.list.Files)-1].Size += int64(n)
	return n, err
}

func (p part) Close() error {
	p.w.open = false
	return p.w.err
}

// write takes plaintext. A chunk is written once there is more: the last one is told by its nonce.
func (w *Writer) write(b []byte) (n int, err error) {
	for len(b) > 0 && w.err == nil {
		if len(w.plain) == chunkSize {
			w.flush(false)
			continue
		}
		room := min(chunkSize-len(w.plain), len(b))
		w.plain = append(w.plain, b[:room]...)
		b, n = b[room:], n+room
		w.size += int64(room)
	}
	return n, w.err
}

// flush encrypts and writes a chunk.
func (w *Writer) flush(last bool) {
	if w.err != nil {
		return
	}
	if at := w.chunk * (chunkSize + tagSize); at+chunkSize+tagSize > w.asked {
		if w.err = errors.Join(w.ctx.Err(), w.file.Sync()); w.err == nil {
			w.err = w.shelf.room(w.ctx, w.store, stretch)
		}
		w.asked = at + stretch
	}
	if w.err == nil {
		w.crypt = w.aead.Seal(w.crypt[:0], nonce(w.chunk, last), w.plain, w.hash[:])
		_, w.err = w.file.Write(w.crypt)
	}
	clear(w.plain)
	w.plain, w.chunk = w.plain[:0], w.chunk+1
	if w.err = full(w.err); w.err != nil {
		w.err = fmt.Errorf("couldn't write a sealed object on %s: %w", w.store.Dir, w.err)
	}
}

// Finish ends the object: when it returns nil, it is there and durable. After an error it is to be discarded.
func (w *Writer) Finish(ctx context.Context) (Place, error) {
	if w.open {
		return w.place, errors.New("a file is not closed")
	}
	list, err := w.last()
	if err != nil {
		return w.place, err
	}
	if w.err = full(w.file.Sync()); w.err != nil {
		return w.place, fmt.Errorf("couldn't make a sealed object durable on %s: %w", w.store.Dir, w.err)
	}
	seal := keyring.Sealing{Ref: w.place.ref(), Records: uint32(w.chunk), Root: w.rootOf(list)}
	if w.err = w.store.Ring.Seal(ctx, []keyring.Sealing{seal}); w.err != nil {
		return w.place, fmt.Errorf("couldn't seal an object on %s: %w", w.store.Dir, w.err)
	}
	w.done, w.secrets = true, secrets{}
	w.shelf.busy(w.place.ID, false)
	return w.place, w.file.Close()
}

// last writes the list and the last chunk.
func (w *Writer) last() (list []byte, err error) {
	if list, err = w.list.encode(); err != nil {
		return nil, err
	}
	files := w.size
	if _, err := w.write(binary.BigEndian.AppendUint64(slices.Clone(list), uint64(len(list)))); err != nil {
		return nil, err
	}
	w.size = files
	w.flush(true)
	return list, w.err
}

// Discard destroys what was written, unless the object is finished. After an error what is left is destroyed by the next
// Sweep.
func (w *Writer) Discard(ctx context.Context) error {
	if w.done {
		return nil
	}
	w.done, w.secrets, w.err = true, secrets{}, errors.New("the object was discarded")
	defer w.shelf.busy(w.place.ID, false)
	var err error
	if w.file != nil {
		err = w.file.Close()
	}
	return errors.Join(err, w.shelf.erase(ctx, w.store, w.place, w.slot))
}
