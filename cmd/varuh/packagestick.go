package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"varuh/accesslog/evidence"
	"varuh/recorder/durable"
)

// stick is a folder on a disk that a package is written into, for somebody to take along. It gets its name only when it is
// whole and verified: nobody takes a part for the package.
type stick struct {
	dir  string // that it will be
	part string // the same while it is written
	disk uint64 // device on which dir was when it was looked at first
	line packageLine
	got  int64 // bytes of files that came
}

const (
	stickSpare = 8 << 20 // bytes for the names and the tables of the file system
	stickPart  = ".not-whole"
)

// mountPlaces are the folders in which disks are mounted.
var mountPlaces = []string{"/media", "/run/media", "/mnt"}

// mounted refuses a folder in which a disk is to be mounted, and none is: what is written there lies on this machine's own disk,
// unencrypted and for ever, and whoever takes the stick along finds nothing on it.
func mounted(dir string, places []string) error {
	at, err := filepath.Abs(dir)
	if err == nil {
		at, err = filepath.EvalSymlinks(at)
	}
	var own, here unix.Stat_t
	for _, place := range places {
		if err != nil || at != place && !strings.HasPrefix(at, place+"/") {
			continue
		}
		if err = errors.Join(unix.Stat(filepath.Dir(place), &own), unix.Stat(at, &here)); err == nil && own.Dev == here.Dev {
			return fmt.Errorf("no disk is mounted in %s: put it in, and mount it there; without it the footage would lie unencrypted on the disk of this machine", dir)
		}
	}
	if err != nil {
		return fmt.Errorf("couldn't look whether a disk is mounted in %s: %w", dir, err)
	}
	return nil
}

// foreign refuses a folder on a disk of this machine, by files that lie on those: what is written there stays unencrypted when the
// footage has come to its term, and nobody can take it along.
func foreign(dir string, own []string) error {
	var there, here unix.Stat_t
	if err := unix.Stat(dir, &there); err != nil {
		return fmt.Errorf("couldn't look on what disk %s is: %w", dir, err)
	}
	for _, name := range own {
		if err := unix.Stat(name, &here); err != nil {
			continue // a store whose disk is away, on which nothing can be written either
		}
		if there.Dev == here.Dev {
			return fmt.Errorf("%s is on a disk of this machine, as %s is: the footage would lie there unencrypted past its term. Mount the disk that is handed over, and name the folder where it is mounted; or give --folder, and remove the package there yourself once it is taken away", dir, name)
		}
	}
	return nil
}

// newStick looks whether a package fits onto a disk, before anything is entered.
func newStick(dir string, l packageLine) (*stick, error) {
	// Before anything else is looked at: what was taken out since is another disk then. What is mounted only when it is used is mounted
	// by looking into the folder, and not by looking at it.
	var here unix.Stat_t
	if err := unix.Stat(dir+"/.", &here); err != nil {
		return nil, fmt.Errorf("couldn't look on what disk %s is: %w", dir, err)
	}
	if err := mounted(dir, mountPlaces); err != nil {
		return nil, err
	}
	s := &stick{dir: filepath.Join(dir, "paket-"+l.Request), disk: uint64(here.Dev), line: l}
	s.part = s.dir + stickPart
	if _, err := os.Lstat(s.dir); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return nil, fmt.Errorf("%s is there already, and stays: take another disk, or move it away: %w", s.dir, err)
	}
	if err := os.RemoveAll(s.part); err != nil { // of a run that was killed: it would take the room
		return nil, s.explain(err)
	}
	free, err := durable.OS.Free(dir)
	if err != nil {
		return nil, fmt.Errorf("couldn't ask how much room there is on %s: %w", dir, err)
	}
	if need := uint64(l.Bytes) + stickSpare; free < need {
		return nil, fmt.Errorf("the package takes %s, and there are %s on %s: make room on it, or take a larger disk", size(need), size(free), dir)
	}
	return s, nil
}

// fill writes what deliver gives, verifies it, and gives it its name. After an error nothing of it is left, where that can
// be helped.
func (s *stick) fill(ctx context.Context, deliver func(take func(io.Reader) error) error) error {
	if err := os.Mkdir(s.part, 0o700); err != nil {
		return s.explain(err)
	}
	info, err := os.Lstat(s.part)
	if err == nil {
		err = s.stays(info)
	}
	if err == nil {
		err = deliver(func(r io.Reader) error { return s.write(ctx, r) })
	}
	if err == nil {
		err = s.verify(ctx)
	}
	if err == nil {
		err = s.name()
	}
	if err != nil {
		return errors.Join(s.explain(err), s.remove())
	}
	return nil
}

// stays refuses a folder that is on another disk than the one that was looked at: that one was taken out meanwhile, and what lies
// below the place where it was mounted is on this machine.
func (s *stick) stays(info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || uint64(st.Dev) != s.disk {
		return fmt.Errorf("the disk in %s was taken out before anything was written: put it in, mount it there, and give the command once more", filepath.Dir(s.dir))
	}
	return nil
}

// write takes the files of a tar file.
func (s *stick) write(ctx context.Context, r io.Reader) (err error) {
	root, err := os.OpenRoot(s.part)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	info, err := root.Stat(".") // from here on all goes into this folder, whatever becomes of its name
	if err == nil {
		err = s.stays(info)
	}
	if err != nil {
		return err
	}
	to, from := evidence.Dir{Root: root}, tar.NewReader(r)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := from.Next()
		if errors.Is(err, io.EOF) && s.got == s.line.Bytes {
			return nil
		}
		if err != nil {
			return cutOff(err)
		}
		if err := writeOne(to, h.Name, from); err != nil {
			return err
		}
		s.got += h.Size
	}
}

func writeOne(to evidence.Dir, name string, from io.Reader) (err error) {
	f, err := to.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(writing{f}, from)
	return cutOff(err)
}

// writing marks errors of the disk, so that they are told from those of the daemon.
type writing struct{ io.Writer }

type diskError struct{ error }

func (e diskError) Unwrap() error { return e.error }

func (w writing) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if err != nil {
		err = diskError{err}
	}
	return n, err
}

// cutOff says of an error that is not the disk's that the daemon ended in the middle.
func cutOff(err error) error {
	var disk diskError
	if err == nil || errors.As(err, &disk) {
		return err
	}
	return fmt.Errorf("the daemon ended in the middle of the package (it was destroyed or locked, or the disk took nothing for a minute): %w", err)
}

// verify reads from the disk, not from memory, what was written, and holds it against what was to be.
func (s *stick) verify(ctx context.Context) error {
	if err := durable.OS.SyncFS(s.part); err != nil {
		return err
	}
	err := filepath.WalkDir(s.part, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return durable.Reread(durable.OS, name)
	})
	if err != nil {
		return err
	}
	manifest, err := os.ReadFile(filepath.Join(s.part, evidence.ManifestFile))
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(manifest); hex.EncodeToString(sum[:]) != s.line.Manifest {
		return fmt.Errorf("the disk gives another manifest than was written: it is bad, take another one")
	}
	report, err := evidence.Verify(ctx, os.DirFS(s.part), evidence.Options{Fingerprints: []string{s.line.Fingerprint}})
	if err != nil {
		return err
	}
	return badDisk(report)
}

// badDisk blames the disk for what is wrong with a package that was whole, and not for what is merely told of it.
func badDisk(r *evidence.Report) error {
	for _, f := range r.Findings {
		if f.Bad {
			return fmt.Errorf("the disk gives other bytes than were written (%s): it is bad, take another one", f.EN)
		}
	}
	return nil
}

// name gives the folder its name, durably.
func (s *stick) name() error {
	if err := os.Rename(s.part, s.dir); err != nil {
		return err
	}
	return errors.Join(durable.OS.SyncDir(filepath.Dir(s.dir)), durable.OS.SyncFS(s.dir))
}

// remove takes away what was written.
func (s *stick) remove() error {
	for _, dir := range []string{s.part, s.dir} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("what was written is no package, and could not be removed from the disk: don't hand it over: %w", err)
		}
	}
	return nil
}

// explain says of errors of a disk what to do.
func (s *stick) explain(err error) error {
	at := filepath.Dir(s.dir)
	switch {
	case errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%s is full: make room on it, or take a larger disk: %w", at, err)
	case errors.Is(err, unix.EROFS):
		return fmt.Errorf("%s can't be written to (it may be locked by a switch, or was taken out before it was unmounted): %w", at, err)
	case errors.Is(err, unix.EFBIG):
		return fmt.Errorf("%s does not take files of this size: format it as exFAT or FAT32, or take another disk: %w", at, err)
	case errors.Is(err, unix.EIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ESTALE), errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%s is not there any more, or fails: it was taken out, or is bad; nothing was handed over: %w", at, err)
	}
	return err
}
