package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"varuh/recorder/durable"
)

// writeWhole writes a file that gets its name only when it is whole, readable to this user alone. It never takes
// the place of another, nor writes through one: a name mistyped must not cost a key or the diary itself, and the
// folder may be everybody's. Until then the file lies beside, named by [unfinished].
func writeWhole(name string, write func(io.Writer) error) error {
	if err := isFree(name); err != nil {
		return err
	}
	if err := removeUnfinished(name); err != nil {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	f, err := createUnfinished(name)
	if err != nil {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = giveName(f, name)
	}
	if err != nil {
		return errors.Join(err, removeOwn(f), f.Close())
	}
	return errors.Join(durable.OS.SyncDir(filepath.Dir(name)), f.Close())
}

// unfinished stands behind the name of a file that is being written, before 26 random characters. Whoever writes
// it holds a lock (flock) on it, so that one without is left over from a run that was killed.
const unfinished = ".unfinished-"

// createUnfinished makes the file that is to get a name, and locks it.
func createUnfinished(name string) (*os.File, error) {
	for {
		f, err := os.OpenFile(name+unfinished+rand.Text(), os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = flock(f)
		if err == nil && isAt(f, f.Name()) {
			return f, nil
		}
		if err = errors.Join(err, f.Close()); err != nil && !errors.Is(err, errHeld) {
			return nil, err
		} // another run took it for a leftover before it was locked
	}
}

// isAt tells whether a name is that of an open file.
func isAt(f *os.File, name string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(name)
	return err == nil && os.SameFile(open, there)
}

// removeOwn takes away what createUnfinished made, if it is still there.
func removeOwn(f *os.File) error {
	if !isAt(f, f.Name()) {
		return nil
	}
	return os.Remove(f.Name())
}

// removeUnfinished takes away what runs left of a name that were killed. Whatever is not surely such a file stays.
func removeUnfinished(name string) error {
	all, err := os.ReadDir(filepath.Dir(name))
	if err != nil && !errors.Is(err, fs.ErrPermission) { // a folder may be such that one only puts things there
		return err
	}
	for _, e := range all {
		random, ok := strings.CutPrefix(e.Name(), filepath.Base(name)+unfinished)
		if !ok || len(random) != len(rand.Text()) || strings.Trim(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" || !e.Type().IsRegular() {
			continue
		}
		if err := removeLeftover(filepath.Join(filepath.Dir(name), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// removeLeftover removes a file of this user that only he reads, has no other name, and that nobody writes any more.
func removeLeftover(name string) error {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil // another's, or gone meanwhile
	}
	var st unix.Stat_t
	err = unix.Fstat(int(f.Fd()), &st)
	if err == nil && st.Mode == unix.S_IFREG|0o600 && int(st.Uid) == os.Geteuid() && st.Nlink == 1 {
		if err = flock(f); err == nil {
			err = removeOwn(f)
		} else if errors.Is(err, errHeld) {
			err = nil
		}
	}
	return errors.Join(err, f.Close())
}

// giveName gives a file its name, if nothing bears it.
func giveName(f *os.File, name string) error {
	err := renameFree(f.Name(), name)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // a file system without RENAME_NOREPLACE, such as NFS
		err = linkFree(f.Name(), name)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(name)
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTSUP):
		return fmt.Errorf("couldn't write %s: on this file system a file can't get its name without the risk that it takes another's place; write to another disk: %w", name, err)
	case err != nil:
		return fmt.Errorf("couldn't write %s: %w", name, err)
	case !isAt(f, name):
		return fmt.Errorf("couldn't write %s: somebody else put another file there meanwhile, which stays; choose a folder that only you write to", name)
	}
	return nil
}

// renameFree renames a file, but never onto another.
func renameFree(old, name string) error {
	if err := unix.Renameat2(unix.AT_FDCWD, old, unix.AT_FDCWD, name, unix.RENAME_NOREPLACE); err != nil {
		return &os.LinkError{Op: "rename", Old: old, New: name, Err: err}
	}
	return nil
}

// linkFree does the same by a second name and the removal of the first.
func linkFree(old, name string) error {
	if err := os.Link(old, name); err != nil {
		return err
	}
	return os.Remove(old)
}

// isFree refuses a name that something bears already; "" bears nothing.
func isFree(name string) error {
	if name == "" {
		return nil
	}
	if _, err := os.Lstat(name); err == nil {
		return taken(name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	return nil
}

func taken(name string) error {
	return fmt.Errorf("there is a file %s already, and it stays: choose another name", name)
}
