package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// inMemoryFolder lends a folder for private keys, and destroys what is in it afterwards.
func inMemoryFolder(name string, use func(dir string) error) (err error) {
	dir, err := memoryFolder(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, forget(dir)) }()
	return use(dir)
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

// memoryPrefix begins the name of every folder that memoryFolder makes.
const memoryPrefix = "varuh-"

// memoryFolder makes a folder of our own, mode 0700, on a file system in memory.
func memoryFolder(name string) (string, error) {
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/run"} {
		if base == "" {
			continue
		}
		kind, err := fileSystem(base)
		if err != nil || kind.why != inMemory {
			continue
		}
		if dir, err := os.MkdirTemp(base, memoryPrefix+name+"-"); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("there is no folder in memory for a private key (XDG_RUNTIME_DIR, /dev/shm, /run): name a place with --key FILE")
}
