package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// errHeld is returned where another process holds a state folder or a store.
var errHeld = errors.New("is in use by another process")

// lockFile is a file that this process holds alone, until it is closed or the process ends.
type lockFile struct{ *os.File }

// Close lets the lock go. A child that is being started has the file open as well, until it becomes its program, and
// would hold on to what was only closed.
func (l lockFile) Close() error {
	return errors.Join(unix.Flock(int(l.Fd()), unix.LOCK_UN), l.File.Close())
}

// lockState takes the state folder for this process.
func lockState(dir string) (lockFile, error) {
	name := filepath.Join(dir, "lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return lockFile{}, fmt.Errorf("couldn't lock the state folder: %w", err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() { // reading a pipe would wait for ever
		return lockFile{}, errors.Join(err, fmt.Errorf("couldn't lock the state folder: %s is no file: remove it", name), f.Close())
	}
	if err := flock(f); err != nil {
		if errors.Is(err, errHeld) {
			err = fmt.Errorf("the state folder %s %w%s: stop that one first, or ask it with varuh status --dir %[1]s", dir, errHeld, holder(f))
		}
		return lockFile{}, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprintln(os.Getpid()))); err != nil {
		return lockFile{}, errors.Join(fmt.Errorf("couldn't write %s: %w", name, err), f.Close())
	}
	return lockFile{f}, nil
}

// holder says which process holds a lock, "" if that does not stand in it: the other may be about to write it.
func holder(f io.Reader) string {
	who, err := io.ReadAll(io.LimitReader(f, 32))
	pid, bad := strconv.Atoi(strings.TrimSpace(string(who)))
	if err != nil || bad != nil {
		return ""
	}
	return fmt.Sprintf(" (pid %d)", pid)
}

func writeAt(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

// flock takes an exclusive lock or returns errHeld at once.
func flock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errHeld
	}
	if err != nil {
		return fmt.Errorf("couldn't lock %s: %w", f.Name(), err)
	}
	return nil
}
