package sealed

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Object is a finished one, open for reading: a file system of its files. Each file that is open has a chunk in memory at
// most. It may be used by many goroutines, and each of its open files by one.
type Object struct {
	shelf *Shelf
	store footage.Store
	header
	file   durable.File
	length int64 // of the plaintext, the list included
	chunks int64
	list   list
	names  tree
}

// Open opens an object. The errors are [ErrGone], [ErrAway], [ErrDamaged], [ErrVersion], or that of Options.Key.
func (s *Shelf) Open(p Place) (*Object, error) {
	store, err := s.store(p.Store)
	if err != nil {
		return nil, err
	}
	o := &Object{shelf: s, store: store}
	if o.header, err = s.headerOf(store, p.ID); err == nil && o.Place != p {
		err = fmt.Errorf("%w: the file is that of another object", ErrDamaged)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the object %v: %w", p.ID, ErrGone)
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't open the object %v: %w", p.ID, err)
	}
	if o.file, err = s.o.FS.Open(s.nameOf(store, p.ID)); err != nil {
		return nil, fmt.Errorf("couldn't open the object %v: %w", p.ID, err)
	}
	if err := o.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't open the object %v: %w", p.ID, err), o.Close())
	}
	return o, nil
}

// open reads the list, and holds it and the number of chunks against the slot.
func (o *Object) open() error {
	info, err := o.file.Stat()
	if err != nil {
		return err
	}
	size := info.Size() - headerSize
	o.chunks = (size + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	o.length = size - o.chunks*tagSize
	slot, err := o.store.Ring.Slot(o.ref())
	switch {
	case err != nil && !errors.Is(err, keyring.ErrNoSlot):
		return err
	case err != nil || slot.State >= keyring.StateErased:
		return ErrGone
	case slot.State != keyring.StateSealed:
		return fmt.Errorf("%w: it was never finished", ErrDamaged)
	case o.length < endSize || int64(slot.Records) != o.chunks:
		return fmt.Errorf("%w: it has %d chunks, and should have %d", ErrDamaged, o.chunks, slot.Records)
	}
	var end [endSize]byte
	if _, err := o.whole().ReadAt(end[:], o.length-endSize); err != nil {
		return err
	}
	n := binary.BigEndian.Uint64(end[:])
	if n > mostList || int64(n) > o.length-endSize {
		return fmt.Errorf("%w: its list can't have %d bytes", ErrDamaged, n)
	}
	b := make([]byte, n)
	if _, err := o.whole().ReadAt(b, o.length-endSize-int64(n)); err != nil {
		return err
	}
	if o.list, err = parseList(b, o.length-endSize-int64(n)); err != nil {
		return err
	}
	s, err := o.unlock()
	if root := s.rootOf(b); err == nil && !hmac.Equal(root[:], slot.Root[:]) {
		err = fmt.Errorf("%w: its list is not the one that its key slot has the hash of", ErrDamaged)
	}
	o.names = treeOf(o.list)
	return err
}

// unlock takes the key out of the slot. It does so for each chunk: whoever destroys the object or locks the appliance ends
// what is read.
func (o *Object) unlock() (secrets, error) {
	key, err := o.shelf.o.Key(o.store.Ring, o.ref())
	if errors.Is(err, keyring.ErrErased) || errors.Is(err, keyring.ErrNoSlot) {
		return secrets{}, fmt.Errorf("%w: %w", ErrGone, err)
	}
	if err != nil {
		return secrets{}, err
	}
	defer clear(key[:])
	s, err := newSecrets(key, o.cipher)
	if err == nil && s.commit != o.commit {
		err = fmt.Errorf("%w: the key is not the one that it was written with", ErrDamaged)
	}
	return s, err
}

// chunk decrypts one, into buf.
func (o *Object) chunk(n int64, buf []byte) ([]byte, error) {
	s, err := o.unlock()
	if err != nil {
		return nil, err
	}
	size := int64(chunkSize)
	if n == o.chunks-1 {
		size = o.length - n*chunkSize
	}
	buf = buf[:size+tagSize]
	if _, err := o.file.ReadAt(buf, headerSize+n*(chunkSize+tagSize)); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: it ends before its end", ErrDamaged)
		}
		return nil, err
	}
	plain, err := s.aead.Open(buf[:0], nonce(n, n == o.chunks-1), buf, o.hash[:])
	if err != nil {
		return nil, fmt.Errorf("%w: chunk %d was changed, or is of another place", ErrDamaged, n)
	}
	return plain, nil
}

// Size is how many bytes its files have.
func (o *Object) Size() (sum int64) {
	for _, f := range o.list.Files {
		sum += f.Size
	}
	return sum
}

// Names are the paths of its files, in the order in which they were written.
func (o *Object) Names() (names []string) {
	for _, f := range o.list.Files {
		names = append(names, f.Path)
	}
	return names
}

// Close closes the file.
func (o *Object) Close() error { return o.file.Close() }

// plaintext reads all of it. One goroutine uses it.
type plaintext struct {
	o     *Object
	at    int64 // number of the chunk in plain; -1 for none
	buf   []byte
	plain []byte
}

func (o *Object) whole() *plaintext { return &plaintext{o: o, at: -1} }

// ReadAt implements io.ReaderAt.
func (p *plaintext) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		if off+int64(n) >= p.o.length {
			return n, io.EOF
		}
		if err := p.load((off + int64(n)) / chunkSize); err != nil {
			return n, err
		}
		n += copy(b[n:], p.plain[(off+int64(n))%chunkSize:])
	}
	return n, nil
}

func (p *plaintext) load(n int64) (err error) {
	if p.at == n {
		return nil
	}
	if p.buf == nil {
		p.buf = make([]byte, chunkSize+tagSize)
	}
	p.at = -1
	if p.plain, err = p.o.chunk(n, p.buf); err == nil {
		p.at = n
	}
	return err
}

// forget overwrites what is in memory of it.
func (p *plaintext) forget() {
	clear(p.buf)
	p.at, p.plain = -1, nil
}

func split(name string) (dir, base string) { return path.Dir(name), path.Base(name) }
