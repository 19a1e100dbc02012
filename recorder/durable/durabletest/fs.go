package durabletest

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"varuh/recorder/durable"
)

// Open implements [durable.FS].
func (d *Disk) Open(name string) (durable.File, error) { return d.open(name, false) }

// OpenRW implements [durable.FS].
func (d *Disk) OpenRW(name string) (durable.File, error) { return d.open(name, true) }

func (d *Disk) open(name string, writable bool) (durable.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.lookup("open", name)
	switch {
	case err != nil:
		return nil, err
	case n.dir && writable:
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	case d.readOnly && writable:
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EROFS}
	}
	return &file{disk: d, name: clean(name), node: n, writable: writable}, nil
}

// lookup finds a name; the caller holds the lock.
func (d *Disk) lookup(op, name string) (*node, error) {
	if d.dark {
		return nil, &fs.PathError{Op: op, Path: name, Err: ErrPower}
	}
	n := d.names[clean(name)]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// add enters a new name into its folder.
func (d *Disk) add(name string, n *node) error {
	name = clean(name)
	if parent := d.names[filepath.Dir(name)]; parent == nil || !parent.dir {
		return fs.ErrNotExist
	}
	if d.names[name] != nil {
		return fs.ErrExist
	}
	d.names[name] = n
	return nil
}

// Create implements [durable.FS].
func (d *Disk) Create(name string, perm fs.FileMode) (durable.File, error) {
	n := &node{perm: perm}
	if err := d.do("Create", name, func() error { return d.add(name, n) }); err != nil {
		return nil, err
	}
	return &file{disk: d, name: clean(name), node: n, writable: true}, nil
}

// Mkdir implements [durable.FS].
func (d *Disk) Mkdir(name string, perm fs.FileMode) error {
	return d.do("Mkdir", name, func() error { return d.add(name, &node{dir: true, perm: perm}) })
}

// Rename implements [durable.FS], for files.
func (d *Disk) Rename(oldname, newname string) error {
	return d.do("Rename", oldname, func() error {
		from, to := clean(oldname), clean(newname)
		n, parent, old := d.names[from], d.names[filepath.Dir(to)], d.names[to]
		switch {
		case n == nil || parent == nil:
			return fs.ErrNotExist
		case n.dir || !parent.dir || old != nil && old.dir:
			return syscall.EINVAL
		}
		delete(d.names, from)
		d.names[to] = n
		return nil
	})
}

// Remove implements [durable.FS].
func (d *Disk) Remove(name string) error {
	return d.do("Remove", name, func() error {
		if d.names[clean(name)] == nil {
			return fs.ErrNotExist
		}
		if len(d.children(d.names, name)) > 0 {
			return syscall.ENOTEMPTY
		}
		delete(d.names, clean(name))
		return nil
	})
}

// children lists the names directly inside a folder, sorted.
func (d *Disk) children(names map[string]*node, dir string) []string {
	dir = clean(dir)
	return slices.Sorted(func(yield func(string) bool) {
		for name := range names {
			if name != "/" && filepath.Dir(name) == dir && !yield(name) {
				return
			}
		}
	})
}

// ReadDir implements [durable.FS].
func (d *Disk) ReadDir(name string) ([]fs.DirEntry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.dir {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
	}
	var list []fs.DirEntry
	for _, child := range d.children(d.names, name) {
		list = append(list, fs.FileInfoToDirEntry(d.names[child].info(child)))
	}
	return list, nil
}

// Stat implements [durable.FS].
func (d *Disk) Stat(name string) (fs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return n.info(clean(name)), nil
}

// SyncDir implements [durable.FS].
func (d *Disk) SyncDir(name string) error {
	return d.do("SyncDir", name, func() error {
		if n := d.names[clean(name)]; n == nil || !n.dir {
			return fs.ErrNotExist
		}
		for _, child := range d.children(d.durable, name) {
			delete(d.durable, child)
		}
		for _, child := range d.children(d.names, name) {
			d.durable[child] = d.names[child]
		}
		return nil
	})
}

// SyncFS implements [durable.FS]; the whole disk is one file system.
func (d *Disk) SyncFS(name string) error {
	return d.do("SyncFS", name, func() error {
		if d.names[clean(name)] == nil {
			return fs.ErrNotExist
		}
		for _, n := range d.names {
			n.sync()
		}
		d.durable = maps.Clone(d.names)
		return nil
	})
}

// Free implements [durable.FS].
func (d *Disk) Free(name string) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.lookup("statfs", name); err != nil {
		return 0, err
	}
	return uint64(d.room()), nil
}

// Files lists the paths of all files under a folder, sorted.
func (d *Disk) Files(dir string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	prefix := strings.TrimSuffix(clean(dir), "/") + "/"
	return slices.Sorted(func(yield func(string) bool) {
		for name, n := range d.names {
			if !n.dir && strings.HasPrefix(name, prefix) && !yield(name) {
				return
			}
		}
	})
}
