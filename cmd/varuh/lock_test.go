package main

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A child that is being started has every file open too, as a duplicate has here. It must not hold on to the lock.
func TestClosedLockIsFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	child, err := unix.Dup(int(first.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(child)
	must(t, first.Close())
	second, err := lockState(dir)
	if err != nil {
		t.Fatalf("a lock that was let go is held on: %v", err)
	}
	must(t, second.Close())
}

// A pipe in the place of the lock is refused at once, and one in the place of a store's marker.
func TestPipeForALock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, unix.Mkfifo(filepath.Join(dir, "lock"), 0o600))
	if l, err := lockState(dir); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("locked %v: %v", l, err)
	}
	must(t, unix.Mkfifo(filepath.Join(dir, markerName), 0o600))
	if _, err := (appliance{}).holdStore(dir); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("held a pipe: %v", err)
	}
}
