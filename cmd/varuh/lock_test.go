package main

import (
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
