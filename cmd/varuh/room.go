package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// room watches the disk of the state folder, where diary, index and keys are. On a disk that it shares with
// a store, footage stops at the store's reserve long before. On another, such as a memory card that logs
// fill, nothing keeps others from taking all: so that recording does not end with the last free byte, a file
// holds some space that is given up then, for a person to have the time to make room.
type room struct {
	dir  string // of the state
	log  *slog.Logger
	wake chan struct{}

	looking sync.Mutex // held by who looks

	mu   sync.Mutex
	free uint64 // guarded by mu
	gone bool   // there is no file that holds space; guarded by mu
	err  error  // why its free space can't be told; guarded by mu
}

const (
	roomHeld = 16 << 20        // bytes of the file
	roomFull = 2 << 20         // free bytes below which they are given up
	roomLow  = 32 << 20        // free bytes below which the status says so, and above which they are held again
	roomEach = 2 * time.Second // how often it is looked at
)

// heldFile is the file that holds the space.
func heldFile(state string) string { return filepath.Join(state, "reserve") }

func newRoom(state string, log *slog.Logger) *room {
	return &room{dir: state, log: log, wake: make(chan struct{}, 1)}
}

// watch looks again and again until ctx ends.
func (r *room) watch(ctx context.Context) {
	tick := time.NewTicker(roomEach)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
		r.look()
	}
}

// rouse has it looked at soon.
func (r *room) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// look measures the disk and gives up or takes back what is held.
func (r *room) look() {
	r.looking.Lock()
	defer r.looking.Unlock()
	free, err := freeOf(r.dir)
	_, missing := os.Stat(heldFile(r.dir))
	gone := missing != nil
	switch {
	case err != nil:
	case free < roomFull && !gone:
		if err = os.Remove(heldFile(r.dir)); err == nil {
			gone = true
			r.log.Error(fmt.Sprintf("%s; the %s that were held for this are given up now, and when they are used up nothing can be recorded any more",
				fullSentence(r.dir, free), size(roomHeld)))
		}
	case free >= roomLow+roomHeld && gone:
		if err = holdSpace(heldFile(r.dir)); err == nil {
			gone = false
		}
	}
	r.mu.Lock()
	was := r.err
	r.free, r.gone, r.err = free, gone, err
	r.mu.Unlock()
	if err != nil && was == nil {
		r.log.Warn("no space is held for diary and index on the disk of the state folder", "err", err)
	}
}

// freeOf is how many bytes may still be written on a folder's disk without being root.
func freeOf(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("couldn't ask for the free space of %s: %w", dir, err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// holdSpace makes the file. Its blocks are its own though nothing is written into them.
func holdSpace(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("couldn't hold space: %w", err)
	}
	err = unix.Fallocate(int(f.Fd()), 0, 0, roomHeld)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("couldn't hold space with %s: %w", name, err), os.Remove(name))
	}
	return nil
}

// fullSentence says that the disk is full, and what to do.
func fullSentence(dir string, free uint64) string {
	return fmt.Sprintf("the disk of the state folder %s is full (%s free): delete what is not varuh's on it, such as old logs (journalctl --vacuum-size=100M) and packages (apt-get clean), or move the folder to a larger disk",
		dir, size(free))
}

// stateStatus is what the daemon tells of the disk of the state folder.
type stateStatus struct {
	Dir      string `json:"dir"`
	Free     uint64 `json:"free"`     // bytes
	Sentence string `json:"sentence"` // what is wrong, "" for nothing
}

// status is as of the last look; it never waits for the disk.
func (r *room) status() stateStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	st := stateStatus{Dir: r.dir, Free: r.free}
	switch {
	case r.err != nil && r.free == 0 && !errors.Is(r.err, fs.ErrNotExist):
		st.Sentence = r.err.Error()
	case r.free < roomFull:
		st.Sentence = fullSentence(r.dir, r.free)
	case r.free < roomLow:
		st.Sentence = fmt.Sprintf("the disk of the state folder %s has only %s left, and diary, index and keys go there: make room on it before it is full", r.dir, size(r.free))
	}
	return st
}

// explain adds to an error what to do if the disk is full.
func (r *room) explain(err error) error {
	if err == nil {
		return nil
	}
	if free, asked := freeOf(r.dir); asked == nil && free < roomFull {
		return fmt.Errorf("%s, and start varuh again (systemd does that by itself): %w", fullSentence(r.dir, free), err)
	}
	return err
}
