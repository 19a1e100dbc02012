package copies

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"varuh/recorder/durable"
)

// Around is what a folder for backups is held against.
type Around struct {
	State  string   // the state folder
	Stores []string // the folders of the stores
}

// Look refuses a folder that can't take backups, and tells whether it is on another file system than the state folder.
func (a Around) Look(fsys durable.FS, dir string) (apart bool, err error) {
	st, err := fsys.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("the folder %s for backups is not there: mount its disk, or make it", dir)
	case err != nil:
		return false, fmt.Errorf("the folder %s for backups can't be used (is its disk healthy?): %w", dir, err)
	case !st.IsDir():
		return false, fmt.Errorf("%s is no folder, so that no backup can be put there", dir)
	}
	if err := a.Outside(dir); err != nil {
		return false, err
	}
	home, err := fsys.Stat(a.State)
	if err != nil {
		return false, fmt.Errorf("couldn't look at the state folder: %w", err)
	}
	return device(st) != device(home), nil
}

// Outside refuses a folder inside the state folder or a store, whatever links lead there.
func (a Around) Outside(dir string) error {
	for i, home := range append([]string{a.State}, a.Stores...) {
		what := "the store "
		if i == 0 {
			what = "the state folder "
		}
		if inside(real(dir), real(home)) {
			return fmt.Errorf("the folder %s for backups lies inside %s: whoever loses the one loses the other; name a folder on another disk", dir, what+home)
		}
	}
	return nil
}

// real is a path without links, as far as it is there.
func real(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return filepath.Clean(path)
}

func inside(a, b string) bool {
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// device tells file systems apart. A file system that is simulated has one.
func device(st fs.FileInfo) uint64 {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Dev)
	}
	return 0
}
