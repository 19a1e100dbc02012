package packing

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sync/atomic"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/packing/sealed"
)

// Out is a package on its way out. Whoever has it closes it, which enters how much of it left: all if he said so before.
type Out struct {
	Package    Package
	Passphrase string // "" for a plain one

	j      *Jobs
	d      *delivery
	object *sealed.Object
	over   atomic.Bool // nothing leaves any more
	asked  int64       // how many bytes may leave before it is asked again whether more may; of who reads
	bytes  atomic.Int64
	files  atomic.Int64
	whole  bool // of whoever has it
}

// out opens the package of a delivery that was taken. The error is [ErrOver] where that was halted meanwhile.
func (j *Jobs) out(d *delivery, p Package) (*Out, error) {
	object, err := j.opened(p)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if d.end != nil || j.closed {
		return nil, errors.Join(ErrOver, object.Close())
	}
	j.outs.Add(1)
	d.out = &Out{Package: p, Passphrase: d.passphrase, j: j, d: d, object: object}
	return d.out, nil
}

// askEach is how many bytes leave before it is asked again whether they are restricted, and whether he still may who takes them.
const askEach = 1 << 20

// still says why nothing more leaves.
func (o *Out) still(ctx context.Context) error {
	if due := o.Package.Due; o.over.Load() || !due.IsZero() && !o.j.o.Now().Before(due) {
		return ErrOver
	}
	if o.bytes.Load() < o.asked {
		return nil
	}
	o.asked = o.bytes.Load() + askEach
	if err := o.j.entitled(ctx, o.d, o.Package); err != nil {
		return err
	}
	return o.j.unrestricted(ctx, o.Package)
}

// Whole says that the last byte arrived: it was written without an error, and all before it.
func (o *Out) Whole() { o.whole = o.given() }

// given tells whether all files were read to their ends.
func (o *Out) given() bool { return int(o.files.Load()) == len(o.object.Names()) }

// Awaits leaves it to another who has read it back from the disk to say, by [Jobs.Told] under a token, whether it is whole; it counts
// once all was given, and for an hour.
func (o *Out) Awaits(token string) {
	o.j.mu.Lock()
	defer o.j.mu.Unlock()
	if o.given() {
		o.d.token, o.d.until = token, o.j.o.Now().Add(toldWithin)
	}
}

// Close ends the delivery, unless somebody is to tell of it yet.
func (o *Out) Close() error {
	defer o.j.outs.Done()
	err := o.object.Close()
	o.j.mu.Lock()
	awaits := o.d.token != ""
	o.j.mu.Unlock()
	if awaits {
		return err
	}
	o.j.conclude(context.Background(), o.d, o.end(o.whole))
	return err
}

// end is how the delivery ended.
func (o *Out) end(whole bool) End {
	e := End{CutOff, o.bytes.Load(), o.files.Load()}
	if whole {
		e.How = Whole
	}
	return e
}

// leaving is a file on its way out. What is read of it counts as having left.
type leaving struct {
	fs.File
	ctx   context.Context // of who reads it
	o     *Out
	ended bool
}

func (o *Out) open(ctx context.Context, name string) (*leaving, error) {
	f, err := o.object.Open(name)
	if err != nil {
		return nil, err
	}
	return &leaving{File: f, ctx: ctx, o: o}, nil
}

func (l *leaving) Read(b []byte) (int, error) {
	if err := l.o.still(l.ctx); err != nil {
		return 0, err
	}
	n, err := l.File.Read(b)
	l.o.bytes.Add(int64(n))
	if errors.Is(err, io.EOF) && !l.ended {
		l.ended = true
		l.o.files.Add(1)
	}
	return n, err
}

// Zip writes a package as a ZIP file, front to back. Its contents are films, which don't shrink; the plain one is written in
// blocks that say where they end, so that every tool reads it.
func (o *Out) Zip(ctx context.Context, w io.Writer) error {
	var to interface {
		Create(string) (io.Writer, error)
		Close() error
	}
	if o.Passphrase != "" {
		z, err := aeszip.NewWriter(w, o.Passphrase)
		if err != nil {
			return err
		}
		z.Stored = func(name string) bool { return path.Ext(name) == ".mp4" }
		to = z
	} else {
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.NoCompression) })
		to = z
	}
	for _, name := range o.object.Names() {
		f, err := to.Create(name)
		if err == nil {
			err = o.copy(ctx, f, name)
		}
		if err != nil {
			return fmt.Errorf("couldn't hand over %s: %w", name, err)
		}
	}
	return to.Close()
}

// copyBuffer is how much is copied at a time.
const copyBuffer = 256 << 10

// copy copies one file, until ctx ends.
func (o *Out) copy(ctx context.Context, w io.Writer, name string) (err error) {
	f, err := o.open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buf := make([]byte, copyBuffer)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Each gives the files one after the other, with their sizes.
func (o *Out) Each(ctx context.Context, each func(name string, size int64, r io.Reader) error) error {
	for _, name := range o.object.Names() {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := fs.Stat(o.object, name)
		if err != nil {
			return err
		}
		f, err := o.open(ctx, name)
		if err == nil {
			err = errors.Join(each(name, info.Size(), f), f.Close())
		}
		if err != nil {
			return fmt.Errorf("couldn't hand over %s: %w", name, err)
		}
	}
	return nil
}
