package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"varuh/accesslog/diary/proof"
)

// What an archive may grow to: footage does not get smaller by compression, and lists not by more than so much.
const (
	maxGrowth = 100
	smallest  = 16 << 20 // bytes that any archive may have
	maxFiles  = 100_000
)

// unpackPackage writes a package out of an archive of some bytes into a folder that it makes, and takes that for the
// package. What was written is removed if not all of it was, or if it was not authentic.
func (p *program) unpackPackage(ctx context.Context, in *inputs, archived int64) (err error) {
	if err := os.Mkdir(p.unpack, 0o700); errors.Is(err, fs.ErrExist) {
		return refuse(nil, "%s: mapa že obstaja. Izberite mapo, ki je še ni, da se ne pomeša, kar je v njej.", "%s: the folder exists. Choose one that does not, so that nothing is mixed with what is in it.", p.unpack)
	} else if err != nil {
		return refuse(err, "%s: mape ni mogoče narediti.", "%s: the folder can't be made.", p.unpack)
	}
	root, err := os.OpenRoot(p.unpack)
	if err != nil {
		return refuse(errors.Join(err, os.Remove(p.unpack)), "%s: mape ni mogoče odpreti.", "%s: the folder can't be opened.", p.unpack)
	}
	fmt.Fprint(p.err, fold("", "Razširjam v mapo "+proof.Printable(p.unpack)+" … / Unpacking …"))
	if err := p.unpackAll(ctx, root, in.pkg, archived); err != nil {
		return errors.Join(err, root.Close(), os.RemoveAll(p.unpack))
	}
	in.close = append(in.close, root.Close)
	in.pkg, p.looked, p.checked = folder{root}, p.unpack, p.unpack
	return nil
}

// unpackAll writes all files into a folder, out of which no name leads, but for what operating systems have left among them.
func (p *program) unpackAll(ctx context.Context, to *os.Root, from fs.FS, archived int64) error {
	left, files := max(archived*maxGrowth, smallest), 0
	return fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." || p.left.Add(from, name, name, e.IsDir()) {
			return err
		}
		if e.IsDir() {
			return to.MkdirAll(name, 0o700)
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		files, left = files+1, left-info.Size()
		switch {
		case !info.Mode().IsRegular():
			return fmt.Errorf("%.100q: %w", name, errIrregular)
		case files > maxFiles || left < 0:
			return refuse(nil, "Arhiv bi zrasel v več, kot je v paketu: ni razširjen.", "The archive would grow to more than a package holds: it is not unpacked.")
		case !filepath.IsLocal(filepath.FromSlash(name)) || strings.TrimRight(path.Base(name), ". ") != path.Base(name):
			return refuse(nil, "V arhivu je ime datoteke, ki ga ta računalnik ne more imeti: %s", "The archive has the name of a file that this computer can't have: %s", name)
		}
		return unpackFile(ctx, to, from, name, info.Size())
	})
}

// unpackFile writes one file, to the end of which it reads: only there an encrypted one is authentic.
func unpackFile(ctx context.Context, to *os.Root, from fs.FS, name string, size int64) (err error) {
	r, err := from.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := to.MkdirAll(path.Dir(name), 0o700); err != nil {
		return unwritten(err, name)
	}
	w, err := to.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unwritten(err, name)
	}
	n, err := io.Copy(writing{w, name}, io.LimitReader(untilDone{ctx, r}, size+1))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = unwritten(w.Sync(), name)
	}
	return errors.Join(err, unwritten(w.Close(), name))
}

// writing tells apart that a file can't be written from that another can't be read.
type writing struct {
	w    io.Writer
	name string
}

// Write implements [io.Writer].
func (w writing) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	return n, unwritten(err, w.name)
}

func unwritten(err error, name string) error {
	if err == nil {
		return nil
	}
	return refuse(err, "Datoteke %s ni mogoče zapisati: morda ni dovolj prostora.", "The file %s can't be written: perhaps there is no room.", name)
}

// untilDone reads until a context is done.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// offer asks whoever sits there whether to unpack an archive: from one, clips are not played.
func (p *program) offer(ctx context.Context, archive string) error {
	dir := strings.TrimSuffix(archive, filepath.Ext(archive))
	for n := 2; ; n++ {
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			break
		}
		dir = fmt.Sprintf("%s-%d", strings.TrimSuffix(archive, filepath.Ext(archive)), n)
	}
	line, err := p.ask(ctx, fmt.Sprintf("Naj paket razširim v mapo %s, da ga boste lahko predvajali? (d/n)\nShall I unpack it into that folder, so that it can be played? (y/n)\n> ", proof.Printable(dir)))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch answer := strings.ToLower(line); {
	case err != nil: // nobody is there: it is checked as it is
	case answer == "d", answer == "da", answer == "y", answer == "yes":
		p.unpack = dir
	}
	return nil
}
