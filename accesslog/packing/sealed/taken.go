package sealed

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
)

// Taken is how many bytes the objects of all shelves on a store have.
func Taken(fsys durable.FS, store footage.Store) (sum int64, err error) {
	root := filepath.Join(store.Dir, folder)
	shelves, err := listDir(fsys, root)
	for _, shelf := range shelves {
		if !shelf.IsDir() {
			continue
		}
		files, other := listDir(fsys, filepath.Join(root, shelf.Name()))
		err = errors.Join(err, other)
		for _, f := range files {
			info, other := fsys.Stat(filepath.Join(root, shelf.Name(), f.Name()))
			if errors.Is(other, fs.ErrNotExist) {
				continue // it was destroyed meanwhile
			}
			if err = errors.Join(err, other); other == nil {
				sum += info.Size()
			}
		}
	}
	if err != nil {
		return 0, fmt.Errorf("couldn't look at the sealed objects of %s: %w", store.Dir, err)
	}
	return sum, nil
}

// listDir lists a folder; one that is not there has nothing in it.
func listDir(fsys durable.FS, dir string) ([]fs.DirEntry, error) {
	list, err := fsys.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return list, err
}
