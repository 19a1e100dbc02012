package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// FS is the seam between the recorder and a file system. Names are paths of the host.
// Implementations are safe for concurrent use.
type FS interface {
	// Open opens an existing file for reading. What is no regular file is refused at once, with [ErrIrregular]: a FIFO
	// under the name of a file would have whoever opens it wait for ever.
	Open(name string) (File, error)
	// OpenRW opens an existing file for reading and writing, and refuses what Open does.
	OpenRW(name string) (File, error)
	// Create makes a new file for reading and writing; it fails with fs.ErrExist if the name is taken.
	Create(name string, perm fs.FileMode) (File, error)
	// Mkdir makes one folder; it fails with fs.ErrExist if the name is taken.
	Mkdir(name string, perm fs.FileMode) error
	// Rename replaces the new name, if taken, in one step.
	Rename(oldname, newname string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// ReadDir lists a folder, sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Stat describes a file, following links.
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes the names inside a folder durable.
	SyncDir(name string) error
	// SyncFS makes everything durable on the file system that holds name.
	SyncFS(name string) error
	// Free tells how many bytes an unprivileged writer can still add to the file system that holds name.
	Free(name string) (uint64, error)
}

// File is an open file of an [FS]. Sync makes its bytes and its length durable (fdatasync),
// not its name.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// OS is the file system of the operating system. It keeps one descriptor open for every folder that SyncFS
// was asked for.
var OS FS = &osFS{syncing: map[string]*os.File{}}

type osFS struct {
	mu      sync.Mutex
	syncing map[string]*os.File // what SyncFS calls syncfs on, by name; guarded by mu
}

type osFile struct{ *os.File }

// Sync goes through SyscallConn, which keeps the descriptor alive: a Close meanwhile must not let
// another file that got the same number be synced in its place.
func (f osFile) Sync() error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	ctlErr := conn.Control(func(fd uintptr) {
		for err = unix.Fdatasync(int(fd)); errors.Is(err, unix.EINTR); {
			err = unix.Fdatasync(int(fd))
		}
	})
	if ctlErr != nil { // Control refuses nothing but a closed file, and says so in its own words
		err = fs.ErrClosed
	}
	if err != nil {
		return &fs.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}

// dropCache makes the kernel forget the clean pages of the file.
func (f osFile) dropCache() error {
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return &fs.PathError{Op: "fadvise", Path: f.Name(), Err: err}
	}
	return nil
}

func open(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// ErrIrregular is returned where a name is not a regular file's.
var ErrIrregular = errors.New("it is no regular file")

// openRegular opens a name, without waiting for whoever might be at the other end of it.
func openRegular(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: ErrIrregular}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return osFile{f}, nil
}

func (*osFS) Open(name string) (File, error)   { return openRegular(name, os.O_RDONLY) }
func (*osFS) OpenRW(name string) (File, error) { return openRegular(name, os.O_RDWR) }
func (*osFS) Create(name string, perm fs.FileMode) (File, error) {
	return open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
}
func (*osFS) Mkdir(name string, perm fs.FileMode) error  { return os.Mkdir(name, perm) }
func (*osFS) Rename(oldname, newname string) error       { return os.Rename(oldname, newname) }
func (*osFS) Remove(name string) error                   { return os.Remove(name) }
func (*osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }
func (*osFS) Stat(name string) (fs.FileInfo, error)      { return os.Stat(name) }

func (*osFS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (*osFS) Free(name string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(name, &st); err != nil {
		return 0, &fs.PathError{Op: "statfs", Path: name, Err: err}
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// WriteFile replaces a file as a whole and durably: after a crash the old content is there or
// the new one, never a mixture. It leaves name + ".new" behind only if the power fails in between;
// the next WriteFile of the same name removes it. So a name has one writer at a time: two would take
// each other's file away.
func WriteFile(fsys FS, name string, data []byte, perm fs.FileMode) error {
	tmp := name + ".new"
	if err := fsys.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := fsys.Create(tmp, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, fsys.Remove(tmp))
	}
	if err := fsys.Rename(tmp, name); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

// ReadFile reads a whole regular file of at most limit bytes.
func ReadFile(fsys FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is larger than the %d bytes that such a file can have", name, limit)
	}
	return b, errors.Join(err, f.Close())
}

// MkdirAll makes a folder and its missing parents, and makes each new name durable.
//
// A process that died may have made a folder without making its name durable. It can only be the
// deepest one that exists, since no folder is made inside another before that one's name is
// durable; so that name is made durable again.
func MkdirAll(fsys FS, name string, perm fs.FileMode) error {
	parent := filepath.Dir(name)
	st, err := fsys.Stat(name)
	switch {
	case err == nil && !st.IsDir():
		return &fs.PathError{Op: "mkdir", Path: name, Err: unix.ENOTDIR}
	case err == nil:
		err := fsys.SyncDir(parent)
		if errors.Is(err, fs.ErrPermission) { // we could not have made a name in there
			return nil
		}
		return err
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := MkdirAll(fsys, parent, perm); err != nil {
		return err
	}
	if err := fsys.Mkdir(name, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return fsys.SyncDir(parent)
}

// Rewrite writes a file's bytes again in their places. After a sync that failed, Linux counts pages as
// written that never were; only bytes written anew are covered by the next sync. It reads what the
// program saw, so it must run before the machine restarts.
func Rewrite(fsys FS, name string) error {
	f, err := fsys.OpenRW(name)
	if err != nil {
		return err
	}
	buf := make([]byte, 1<<20)
	for off := int64(0); err == nil; {
		var n int
		n, err = f.ReadAt(buf, off)
		if _, werr := f.WriteAt(buf[:n], off); werr != nil {
			err = werr
		}
		off += int64(n)
	}
	if errors.Is(err, io.EOF) {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Reread forgets what the kernel has cached of a file, so that what is read next is what the disk
// has. After a program ended in the middle of a failing disk, the cache may hold bytes that the kernel
// counts as written and that are not. Bytes still to be written stay.
func Reread(fsys FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	if cached, ok := f.(interface{ dropCache() error }); ok {
		err = cached.dropCache()
	}
	return errors.Join(err, f.Close())
}
