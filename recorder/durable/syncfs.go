package durable

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// SyncFS calls syncfs(2) on a descriptor that stays open from one call to the next. Linux reports a failed
// write-back of a file system once to every descriptor that was open when it failed (errseq_t, since 5.8).
// A descriptor opened for each call would count a failure as old news that somebody else's sync, or a plain
// sync(1), was told of just before; and bytes that never reached the disk would be taken for durable.
func (o *osFS) SyncFS(name string) error {
	f, err := o.held(name)
	if err != nil {
		return err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	ctlErr := conn.Control(func(fd uintptr) { err = unix.Syncfs(int(fd)) })
	if err = errors.Join(err, ctlErr); err != nil {
		return &fs.PathError{Op: "syncfs", Path: name, Err: err}
	}
	return nil
}

// held is the descriptor of a folder. Where another disk was mounted meanwhile, or the folder made anew, a
// new one takes its place: the old one would sync what nobody writes to any more.
func (o *osFS) held(name string) (*os.File, error) {
	now, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.syncing[name]
	if old != nil {
		st, err := old.Stat()
		if err == nil && os.SameFile(st, now) {
			return old, nil
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	o.syncing[name] = f
	if old != nil {
		// Only folders are read through it, so that closing it loses nothing; a syncfs under way ends first.
		return f, old.Close()
	}
	return f, nil
}
