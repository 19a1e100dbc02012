package durabletest

import (
	"bytes"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// node is a file or a folder, apart from its names. The disk's lock guards it.
type node struct {
	dir    bool
	perm   fs.FileMode
	data   []byte // what the program sees
	synced []byte // what is durable
	dirty  []span // of data: what the next sync makes durable
	last   write  // the last write that is not durable, if any
}

// span is a part of a file, as offsets.
type span struct{ from, to int }

// write remembers what one write replaced, so that half of it can be undone.
type write struct {
	off, n   int
	replaced []byte // old bytes from off on
	size     int    // length of the file before
}

// sync makes the length durable, and the bytes written since the last sync, failed ones included.
func (n *node) sync() {
	n.synced, n.dirty, n.last = n.nextSynced(), nil, write{}
}

func (n *node) nextSynced() []byte {
	b := make([]byte, len(n.data))
	copy(b, n.synced)
	for _, s := range n.dirty {
		if s.from < len(b) {
			copy(b[s.from:min(s.to, len(b))], n.data[s.from:])
		}
	}
	return b
}

// put stores b at off and fills a hole before it with zeros.
func (n *node) put(b []byte, off int) {
	end := off + len(b)
	n.last = write{off: off, n: len(b), size: len(n.data)}
	if off < len(n.data) {
		n.last.replaced = bytes.Clone(n.data[off:min(end, len(n.data))])
	}
	n.resize(max(end, len(n.data)))
	copy(n.data[off:], b)
	n.dirty = append(n.dirty, span{off, end})
}

// resize cuts the file, or lengthens it with zeros.
func (n *node) resize(size int) {
	if size > len(n.data) {
		n.dirty = append(n.dirty, span{len(n.data), size})
	}
	if size > len(n.data) {
		n.data = append(n.data, make([]byte, size-len(n.data))...)
	}
	n.data = n.data[:size]
}

// file is one open file.
type file struct {
	disk     *Disk
	name     string
	node     *node
	writable bool
	pos      int64 // the disk's lock guards it, and closed
	closed   bool
}

// usable says whether the handle can be used; the caller holds the lock.
func (f *file) usable(writing bool) error {
	switch {
	case f.closed:
		return fs.ErrClosed
	case f.disk.dark:
		return ErrPower
	case writing && !f.writable:
		return syscall.EBADF
	}
	return nil
}

func (f *file) Read(b []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	n, err := f.readAt(b, f.pos)
	f.pos += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return f.readAt(b, off)
}

func (f *file) readAt(b []byte, off int64) (int, error) {
	if err := f.usable(false); err != nil {
		return 0, err
	}
	n := copy(b, f.node.data[min(off, int64(len(f.node.data))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) Write(b []byte) (n int, err error) {
	err = f.disk.do("Write", f.name, func() error {
		n, err = f.writeAt(b, f.pos)
		f.pos += int64(n)
		return err
	})
	return n, err
}

func (f *file) WriteAt(b []byte, off int64) (n int, err error) {
	err = f.disk.do("WriteAt", f.name, func() error {
		n, err = f.writeAt(b, off)
		return err
	})
	return n, err
}

func (f *file) writeAt(b []byte, off int64) (int, error) {
	if err := f.usable(true); err != nil {
		return 0, err
	}
	fits := max(int64(len(f.node.data))+f.disk.room()-off, 0)
	if int64(len(b)) > fits {
		f.node.put(b[:fits], int(off))
		return int(fits), syscall.ENOSPC
	}
	f.node.put(b, int(off))
	return len(b), nil
}

func (f *file) Truncate(size int64) error {
	return f.disk.do("Truncate", f.name, func() error {
		if err := f.usable(true); err != nil {
			return err
		}
		f.node.resize(int(size))
		f.node.last = write{}
		return nil
	})
}

func (f *file) Sync() error {
	return f.disk.do("Sync", f.name, func() error {
		if err := f.usable(false); err != nil {
			return err
		}
		f.node.sync()
		return nil
	})
}

func (f *file) Stat() (fs.FileInfo, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.usable(false); err != nil {
		return nil, err
	}
	return f.node.info(f.name), nil
}

func (f *file) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.closed {
		return fs.ErrClosed
	}
	f.closed = true
	return nil
}

// info is a snapshot of a node under one of its names.
type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (n *node) info(name string) info {
	mode := n.perm
	if n.dir {
		mode |= fs.ModeDir
	}
	return info{filepath.Base(name), int64(len(n.data)), mode}
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// torn is the content with only the first half of its last volatile write.
func (n *node) torn() []byte {
	b, w := slices.Clone(n.data), n.last
	if w.n == 0 {
		return b
	}
	half := w.off + w.n/2
	if half-w.off < len(w.replaced) {
		copy(b[half:], w.replaced[half-w.off:])
	}
	return b[:min(len(b), max(w.size, half))]
}

// zeroed is the synced content in the volatile length: the rest was never written out.
func (n *node) zeroed() []byte {
	b := make([]byte, len(n.data))
	copy(b, n.synced)
	return b
}
