package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// errIrregular is the error of what is neither a file nor a folder: a pipe, a socket, a device. To read one may take for ever.
var errIrregular = errors.New("it is no regular file")

// noWait are the flags of opening by which nothing waits for somebody at the other end of a pipe.
func noWait() int {
	if runtime.GOOS == "windows" {
		return os.O_RDONLY
	}
	return os.O_RDONLY | syscall.O_NONBLOCK
}

// regular closes what is neither a file nor a folder.
func regular(f *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: f.Name(), Err: errIrregular}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openFile opens a file or a folder, and nothing else.
func openFile(name string) (*os.File, error) { return regular(os.OpenFile(name, noWait(), 0)) }

// folder is a bundle's folder, out of which no link leads.
type folder struct{ root *os.Root }

// Open implements [fs.FS]: it waits for nobody.
func (f folder) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	file, err := regular(f.root.OpenFile(name, noWait(), 0))
	if err != nil {
		return nil, err // and no *os.File of nil, which would be a file
	}
	return file, nil
}

// readFile reads a file of a size that is sensible.
func readFile(name string) ([]byte, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, unreadable(err, name)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, unreadable(err, name)
	}
	if len(b) > maxFile {
		return nil, refuse(nil, "%s: datoteka je prevelika za to, kar bi morala biti.", "%s: the file is too large for what it should be.", name)
	}
	return b, nil
}

// unreadable says why a file can't be read.
func unreadable(err error, name string) error {
	if errors.Is(err, errIrregular) {
		return refuse(err, "%s: to ni navadna datoteka (morda cev ali naprava). Shranite v datoteko, kar prihaja iz nje.",
			"%s: this is no regular file (perhaps a pipe or a device). Save what comes from it to a file.", name)
	}
	return refuse(err, "%s: datoteke ni mogoče prebrati.", "%s: the file can't be read.", name)
}
