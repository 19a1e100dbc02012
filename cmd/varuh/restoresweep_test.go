package main

import (
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/retention/copies"
)

// frail is the machine's file system, of which one operation fails, or after one of which the power is gone.
type frail struct {
	durable.FS
	mu    sync.Mutex
	n     int // operations so far
	at    int // the one that fails; -1: none
	power bool
	dark  bool // the power is gone
}

var errFrail = errors.New("it failed in a test")

func (f *frail) do(work func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	switch hit := f.n-1 == f.at; {
	case f.dark:
		return errFrail
	case hit && f.power:
		f.dark = true
		return errors.Join(work(), errFrail) // it was done, and nobody learnt of it
	case hit:
		return errFrail
	}
	return work()
}

func (f *frail) file(open func() (durable.File, error)) (file durable.File, err error) {
	err = f.do(func() (err error) {
		file, err = open()
		return err
	})
	if err != nil && file != nil {
		err = errors.Join(err, file.Close())
	}
	return &frailFile{file, f}, err
}

func (f *frail) Create(name string, perm iofs.FileMode) (durable.File, error) {
	return f.file(func() (durable.File, error) { return f.FS.Create(name, perm) })
}
func (f *frail) OpenRW(name string) (durable.File, error) {
	return f.file(func() (durable.File, error) { return f.FS.OpenRW(name) })
}
func (f *frail) Mkdir(name string, perm iofs.FileMode) error {
	return f.do(func() error { return f.FS.Mkdir(name, perm) })
}
func (f *frail) Rename(from, to string) error {
	return f.do(func() error { return f.FS.Rename(from, to) })
}
func (f *frail) Remove(name string) error  { return f.do(func() error { return f.FS.Remove(name) }) }
func (f *frail) SyncDir(name string) error { return f.do(func() error { return f.FS.SyncDir(name) }) }
func (f *frail) SyncFS(name string) error  { return f.do(func() error { return f.FS.SyncFS(name) }) }

// frailFile is one of its files.
type frailFile struct {
	durable.File
	fs *frail
}

func (f *frailFile) Write(b []byte) (n int, err error) {
	err = f.fs.do(func() (err error) {
		n, err = f.File.Write(b)
		return err
	})
	return n, err
}
func (f *frailFile) WriteAt(b []byte, at int64) (n int, err error) {
	err = f.fs.do(func() (err error) {
		n, err = f.File.WriteAt(b, at)
		return err
	})
	return n, err
}
func (f *frailFile) Sync() error { return f.fs.do(f.File.Sync) }
func (f *frailFile) Truncate(n int64) error {
	return f.fs.do(func() error { return f.File.Truncate(n) })
}

// Whatever fails in a restore, and wherever the power goes, there is the empty place of before or the whole appliance, and
// the next restore into the empty place succeeds.
func TestRestoreAtEveryPoint(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	store := s.stores[0]
	s.record(t, store)
	recovery, err := keyring.GenerateKey()
	must(t, err)
	var made copies.Copy
	s.with(t, func(d *diary.Diary) {
		m := s.backupMaker(d, func() []configs.Camera { return nil })
		m.Recovery = func() (keyring.PublicKey, error) { return recovery.Public(), nil }
		made, err = m.Make(t.Context(), copies.Order{Dir: t.TempDir(), Keep: keptAnyway})
		must(t, err)
	})
	disk := t.TempDir()
	must(t, os.CopyFS(disk, os.DirFS(store.Dir)))
	restore := func(dir string, f *frail) error {
		r := restoring{restoreCmd: restoreCmd{File: made.Path(), Store: []string{disk}, Actor: "Ana", Reason: "stolen"}, dir: dir,
			term: terminal{strings.NewReader(asTyped(recovery)), io.Discard, io.Discard}, fs: f, destroy: func(dir string) error {
				if f.dark {
					return nil
				}
				return os.RemoveAll(dir)
			}}
		return r.run(context.WithoutCancel(t.Context()))
	}
	whole := func(dir string) bool {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if errors.Is(err, iofs.ErrNotExist) || err == nil && len(entries) == 0 {
			return false
		}
		must(t, err)
		a, err := readAppliance(dir)
		must(t, err)
		d, err := openDiary(t.Context(), dir, a)
		must(t, err)
		if d.Fault() == nil || a.ID != s.appliance.ID {
			t.Errorf("%s is half restored: %v", dir, d.Fault())
		}
		must(t, d.Close())
		return true
	}
	count := &frail{FS: durable.OS, at: -1}
	must(t, restore(filepath.Join(t.TempDir(), "box"), count))
	if count.n < 20 {
		t.Fatalf("only %d operations", count.n)
	}
	step := max(1, count.n/15)
	if os.Getenv("VARUH_LONG") == "1" {
		step = 1
	}
	for at := 0; at < count.n; at++ {
		if at%step != 0 && at < count.n-6 { // the last ones give it its name
			continue
		}
		for _, power := range []bool{false, true} {
			dir := filepath.Join(t.TempDir(), "box")
			must(t, os.Mkdir(dir, 0o700))
			f := &frail{FS: durable.OS, at: at, power: power}
			err := restore(dir, f)
			done := whole(dir)
			left, err2 := filepath.Glob(dir + ".*")
			if must(t, err2); !power && len(left) > 0 {
				t.Errorf("operation %d failed, and %v is left", at, left)
			}
			if done {
				continue
			}
			if err == nil {
				t.Errorf("operation %d, power gone %v: it said that all was well", at, power)
			}
			if err := restore(dir, &frail{FS: durable.OS, at: -1}); err != nil || !whole(dir) {
				t.Errorf("operation %d, power gone %v: the next restore: %v", at, power, err)
			}
		}
	}
}
