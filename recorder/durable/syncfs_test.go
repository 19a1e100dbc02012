package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// The error cursor of syncfs belongs to the descriptor: the same one must serve every call for a folder,
// also when calls overlap, until another folder has its name.
func TestSyncFSKeepsItsDescriptor(t *testing.T) {
	t.Parallel()
	o := &osFS{syncing: map[string]*os.File{}}
	dir := filepath.Join(t.TempDir(), "store")
	synced := func() *os.File {
		t.Helper()
		if err := o.SyncFS(dir); err != nil {
			t.Fatal(err)
		}
		return o.syncing[dir]
	}
	if err := o.SyncFS(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	first := synced()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := o.SyncFS(dir); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if synced() != first {
		t.Error("a later sync used another descriptor")
	}
	if err := errors.Join(os.Rename(dir, dir+".old"), os.Mkdir(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	if synced() == first {
		t.Error("the descriptor of the folder that was there before is still used")
	}
	if _, err := first.Stat(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the old descriptor was not closed: %v", err)
	}
	if len(o.syncing) != 1 {
		t.Errorf("%d descriptors are held", len(o.syncing))
	}
	if err := o.syncing[dir].Close(); err != nil {
		t.Fatal(err)
	}
}
