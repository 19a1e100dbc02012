package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// inMemoryFolder lends a folder for private keys, and destroys what is in it afterwards. It holds the folder for as long, so that
// one whose process was killed is known by nobody holding it: see forgetLeft.
func inMemoryFolder(name string, use func(dir string) error) (err error) {
	if err := forgetLeft(); err != nil {
		return err
	}
	dir, hold, err := heldFolder(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, forget(dir), hold.Close()) }()
	return use(dir)
}

// heldFolder makes a folder in memory that this process holds. Before it does another one may take it for left, and destroy it.
func heldFolder(name string) (dir string, hold lockFile, err error) {
	for range 10 {
		if dir, err = memoryFolder(name); err != nil {
			return "", hold, err
		}
		if hold, err = holdFolder(dir); err != nil {
			continue
		}
		made, err := hold.Stat()
		if there, gone := os.Lstat(dir); err == nil && gone == nil && os.SameFile(made, there) {
			return dir, hold, nil
		}
		if err := errors.Join(err, hold.Close()); err != nil {
			return "", hold, err
		}
	}
	return "", hold, errors.Join(fmt.Errorf("the folder of private keys in memory, %s, was taken away: run the rotation again", dir), err)
}

// forget destroys a folder of private keys, whatever a rotation left in it: it overwrites every file before
// it removes it, since a page of memory that is only given back keeps what it held.
func forget(dir string) error {
	entries, err := os.ReadDir(dir)
	errs := []error{err}
	for _, e := range entries {
		errs = append(errs, keyring.Wipe(durable.OS, filepath.Join(dir, e.Name())))
	}
	if err := errors.Join(append(errs, os.RemoveAll(dir))...); err != nil {
		return fmt.Errorf("a private key may still be in %s: remove the folder, or restart the machine: %w", dir, err)
	}
	return nil
}

// rotationFolder names the folders of private keys that a rotation lends itself.
const rotationFolder = "rotation"

// forgetLeft destroys what rotations that were killed left in memory: private keys, which may be in force by now. A folder that
// a rotation holds stays. Folders of another account are that one's to destroy, for whoever owns a folder decides what the names in
// it lead to.
func forgetLeft() error {
	var errs []error
	for _, base := range memoryBases() {
		entries, err := os.ReadDir(base)
		if err != nil {
			continue // no rotation lends itself a folder there
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), memoryPrefix+rotationFolder+"-") {
				errs = append(errs, forgetUnheld(filepath.Join(base, e.Name())))
			}
		}
	}
	return errors.Join(errs...)
}

// forgetUnheld destroys a folder of our own that nobody holds.
func forgetUnheld(dir string) error {
	st, err := os.Lstat(dir)
	if err != nil || !st.IsDir() || st.Sys().(*syscall.Stat_t).Uid != uint32(os.Geteuid()) {
		return nil // gone by now, or not ours
	}
	hold, err := holdFolder(dir)
	if errors.Is(err, errHeld) || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(forget(dir), hold.Close())
}

// holdFolder holds a folder for this process, until it is closed or the process ends.
func holdFolder(dir string) (lockFile, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return lockFile{}, fmt.Errorf("couldn't hold the folder of private keys in memory: %w", err)
	}
	if err := flock(f); err != nil {
		return lockFile{}, errors.Join(err, f.Close())
	}
	return lockFile{f}, nil
}

// memoryPrefix begins the name of every folder that memoryFolder makes.
const memoryPrefix = "varuh-"

// memoryBases are where folders in memory are made.
func memoryBases() (list []string) {
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/run"} {
		if kind, err := fileSystem(base); base != "" && err == nil && kind.why == inMemory {
			list = append(list, base)
		}
	}
	return list
}

// memoryFolder makes a folder of our own, mode 0700, on a file system in memory.
func memoryFolder(name string) (string, error) {
	for _, base := range memoryBases() {
		if dir, err := os.MkdirTemp(base, memoryPrefix+name+"-"); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("there is no folder in memory for a private key (XDG_RUNTIME_DIR, /dev/shm, /run): name a place with --key FILE")
}
