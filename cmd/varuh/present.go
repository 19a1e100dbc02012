package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"varuh/recorder/footage"
)

// present tells whether the disk at a store's folder is still the one that was opened there. A disk that
// is unmounted or pulled out leaves an empty folder of the disk below, and another may come in its place.
// The marker is read by its name each time: the locked descriptor stays with the disk that went away.
func (s *site) present(store footage.Store) error {
	var m marker
	switch err := readJSON(filepath.Join(store.Dir, markerName), &m); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the store %v is no longer in %s: its disk was unmounted or taken out; mount it there again, "+
			"recording then goes on by itself", store.ID, store.Dir)
	case err != nil:
		return fmt.Errorf("couldn't read the marker of the store (is its disk healthy?): %w", err)
	case m.Appliance != s.appliance.ID:
		return fmt.Errorf("another disk is mounted at %s, a store of another appliance (%v): nothing is written to it; "+
			"mount the disk of the store %v there again", store.Dir, m.Appliance, store.ID)
	case m.Store != store.ID:
		return fmt.Errorf("another disk is mounted at %s, that of the store %v: nothing is written to it; "+
			"mount the disk of the store %v there again", store.Dir, m.Store, store.ID)
	}
	return nil
}
