package sealed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// single is the name of the file of an object that has one.
const single = "file"

// Kept is a file that was put on the shelf.
type Kept struct {
	Place
	Size int64
	Hash [32]byte // SHA-256
}

// Put puts a file on the shelf as it comes, such as the scan of a paper, of at most so many bytes: no part of it is anywhere
// in the clear. Whoever puts it notes its Place durably where [Shelf.Sweep]'s known finds it: what nobody knows is destroyed
// at the next start. The errors are [ErrLarge], [ErrFull], [ErrAway], or that of r; after one nothing is left.
func (s *Shelf) Put(ctx context.Context, r io.Reader, most int64) (k Kept, err error) {
	w, err := s.Begin(ctx, 0)
	if err != nil {
		return k, err
	}
	if k, err = put(ctx, w, r, most); err != nil {
		return Kept{}, errors.Join(err, w.Discard(context.WithoutCancel(ctx)))
	}
	return k, nil
}

func put(ctx context.Context, w *Writer, r io.Reader, most int64) (k Kept, err error) {
	to, err := w.Create(single)
	if err != nil {
		return k, err
	}
	h := sha256.New()
	if k.Size, err = io.Copy(io.MultiWriter(to, h), io.LimitReader(r, most+1)); err != nil {
		return k, err
	}
	if k.Size > most {
		return k, fmt.Errorf("%w: %d MiB", ErrLarge, most>>20)
	}
	if err := to.Close(); err != nil {
		return k, err
	}
	h.Sum(k.Hash[:0])
	k.Place, err = w.Finish(ctx)
	return k, err
}

// Take opens a file that was put on the shelf. Closing it closes the object.
func (s *Shelf) Take(p Place) (fs.File, error) {
	o, err := s.Open(p)
	if err != nil {
		return nil, err
	}
	f, err := o.Open(single)
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return taken{f, o}, nil
}

type taken struct {
	fs.File
	o *Object
}

func (t taken) Close() error { return errors.Join(t.File.Close(), t.o.Close()) }
