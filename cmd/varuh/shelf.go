package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// shelf is the diary as the bundle that it would be handed out in, for whoever verifies it here: no file of it
// is written, and entries are read, and opened, when the verifier comes to them, a few thousand at a time.
type shelf struct {
	ctx    context.Context // of the one run that it is for
	diary  *diary.Diary
	opener *diary.Opener     // nil: bodies are not on the shelf
	small  map[string][]byte // the files that do not hold entries
	firsts []int64           // first entry of each chunk, and at the end what is behind the last

	mu     sync.Mutex
	rest   map[string][]byte // bodies and manifests of the chunks whose leaves were read; guarded by mu
	flawed func(int64, error)
	told   func(int64) // is told how many entries were read since the last time; nil: nobody waits for that
	failed error       // what kept an entry from being read, but for damage; guarded by mu
}

// Create takes a file of an export. Entries stay where they are.
func (s *shelf) Create(name string) (io.Writer, error) {
	if strings.HasPrefix(name, proof.LeavesDir+"/") {
		return io.Discard, nil
	}
	return &shelved{s, name}, nil
}

// shelved puts what is written to it on a shelf.
type shelved struct {
	s    *shelf
	name string
}

func (f *shelved) Write(p []byte) (int, error) {
	f.s.small[f.name] = append(f.s.small[f.name], p...)
	return len(p), nil
}

// Open opens a file. Those with bodies and manifests of a chunk are there once, after that with its leaves.
func (s *shelf) Open(name string) (fs.File, error) {
	if b, ok := s.small[name]; ok {
		return shelfFile(name, b), nil
	}
	for n, first := range s.firsts[:len(s.firsts)-1] {
		if leaves, _, _ := proof.ChunkFiles(first); leaves == name {
			b, err := s.chunk(first, s.firsts[n+1])
			return shelfFile(name, b), err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.rest[name]; ok {
		delete(s.rest, name)
		return shelfFile(name, b), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists a folder.
func (s *shelf) ReadDir(name string) (list []fs.DirEntry, err error) {
	seen := map[string]bool{} // whether it is a folder
	look := func(file string) {
		rest, inside := file, true
		if name != "." {
			rest, inside = strings.CutPrefix(file, name+"/")
		}
		if first, _, deeper := strings.Cut(rest, "/"); inside {
			seen[first] = deeper
		}
	}
	for file := range s.small {
		look(file)
	}
	for _, first := range s.firsts[:len(s.firsts)-1] {
		leaves, _, _ := proof.ChunkFiles(first)
		look(leaves)
	}
	if len(seen) == 0 {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	for file, folder := range seen {
		f := shelfFile(file, nil)
		f.folder = folder
		list = append(list, fs.FileInfoToDirEntry(f))
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// Stat tells of the shelf itself, where a walk begins, or of a file.
func (s *shelf) Stat(name string) (fs.FileInfo, error) {
	if name == "." {
		return &memoryFile{bytes.NewReader(nil), name, true}, nil
	}
	f, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	return f.Stat()
}

// chunk reads the leaves of a run of entries, and puts by what it opens behind them.
func (s *shelf) chunk(first, end int64) ([]byte, error) {
	var leaves, bodies, manifests bytes.Buffer
	for e, err := range s.diary.Entries(s.ctx, first, end) {
		var body, manifest []byte
		if err == nil && s.opener != nil {
			body, manifest, err = s.opener.Open(s.ctx, e.Index)
			if diary.Unreadable(err) {
				s.flaw(e.Index, err)
				manifest, err = nil, nil
			}
		}
		if err != nil {
			return nil, s.fail(err)
		}
		for _, line := range []struct {
			to   *bytes.Buffer
			text []byte
		}{{&leaves, e.Raw}, {&bodies, body}, {&manifests, manifest}} {
			line.to.Write(line.text)
			line.to.WriteByte('\n')
		}
	}
	if s.opener != nil {
		s.mu.Lock()
		_, bodiesFile, manifestsFile := proof.ChunkFiles(first)
		s.rest[bodiesFile], s.rest[manifestsFile] = bodies.Bytes(), manifests.Bytes()
		s.mu.Unlock()
	}
	if s.told != nil {
		s.told(end - first)
	}
	return leaves.Bytes(), nil
}

// flaw notes what is wrong with an entry.
func (s *shelf) flaw(i int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flawed(i, err)
}

// fail remembers an error that says nothing of the diary itself, which the verifier would take for damage.
func (s *shelf) fail(err error) error {
	if !errors.Is(err, diary.ErrDamaged) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failed = errors.Join(s.failed, err)
	}
	return err
}

// shelfFile is a file with its bytes in memory.
func shelfFile(name string, b []byte) *memoryFile {
	return &memoryFile{bytes.NewReader(b), path.Base(name), false}
}

type memoryFile struct {
	*bytes.Reader
	name   string
	folder bool
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memoryFile) Close() error               { return nil }
func (f *memoryFile) Name() string               { return f.name }
func (f *memoryFile) ModTime() time.Time         { return time.Time{} }
func (f *memoryFile) IsDir() bool                { return f.folder }
func (f *memoryFile) Mode() fs.FileMode {
	if f.folder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
func (f *memoryFile) Sys() any { return nil }
