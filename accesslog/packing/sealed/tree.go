package sealed

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// tree is what is in each folder of an object, by the folder's path.
type tree map[string][]fs.DirEntry

func treeOf(l list) tree {
	t := tree{".": nil}
	for _, f := range l.Files {
		dir, base := split(f.Path)
		t.folder(dir, l.Made)
		t[dir] = append(t[dir], info{base, f.Size, l.Made, 0o400})
	}
	for _, entries := range t {
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return t
}

// folder sees that there is one, and those around it.
func (t tree) folder(name string, made time.Time) {
	if _, ok := t[name]; ok {
		return
	}
	t[name] = nil
	dir, base := split(name)
	t.folder(dir, made)
	t[dir] = append(t[dir], info{base, 0, made, fs.ModeDir | 0o500})
}

// info describes a file or a folder.
type info struct {
	name string
	size int64
	made time.Time
	mode fs.FileMode
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return i.size }
func (i info) Mode() fs.FileMode          { return i.mode }
func (i info) Type() fs.FileMode          { return i.mode.Type() }
func (i info) ModTime() time.Time         { return i.made }
func (i info) IsDir() bool                { return i.mode.IsDir() }
func (i info) Sys() any                   { return nil }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

// Open implements fs.FS. A file can be read from any place.
func (o *Object) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	_, base := split(name)
	if entries, ok := o.names[name]; ok {
		return &dir{info{base, 0, o.list.Made, fs.ModeDir | 0o500}, entries}, nil
	}
	for _, f := range o.list.Files {
		if f.Path == name {
			p := o.whole()
			return &file{io.NewSectionReader(p, f.at, f.Size), p, info{base, f.Size, o.list.Made, 0o400}}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS.
func (o *Object) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, ok := o.names[name]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return slices.Clone(entries), nil
}

// file is one that is open: io.Reader, io.ReaderAt and io.Seeker.
type file struct {
	*io.SectionReader
	p *plaintext
	i info
}

func (f *file) Stat() (fs.FileInfo, error) { return f.i, nil }

func (f *file) Close() error {
	f.p.forget()
	return nil
}

// dir is an open folder.
type dir struct {
	i    info
	left []fs.DirEntry
}

func (d *dir) Stat() (fs.FileInfo, error) { return d.i, nil }
func (d *dir) Close() error               { return nil }

func (d *dir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.i.name, Err: errors.New("it is a folder")}
}

// ReadDir implements fs.ReadDirFile.
func (d *dir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.left) {
		if n > 0 && len(d.left) == 0 {
			return nil, io.EOF
		}
		n = len(d.left)
	}
	list := slices.Clone(d.left[:n])
	d.left = d.left[n:]
	return list, nil
}
