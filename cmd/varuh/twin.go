package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// openRing opens the key slots of a store. The copy in the state folder, if it is gone, is first made anew
// from that on the store: recording must not wait for somebody to copy a folder.
func (s *site) openRing(dir string, store keyring.ID) (*keyring.Ring, error) {
	twin, onStore := filepath.Join(s.cfg.State, "keys", store.String()), filepath.Join(dir, "keys")
	if _, err := os.Stat(twin); errors.Is(err, fs.ErrNotExist) {
		mended, err := s.remakeTwin(twin, onStore, store)
		if err != nil {
			return nil, fmt.Errorf("the copy of the key slots in %s is gone and could not be made anew: %w", twin, err)
		}
		what := count(mended.Slots, "slot", "slots")
		if n := len(mended.Lost); n > 0 {
			what += fmt.Sprintf(", and %d that can't be read", n)
		}
		s.warnings = append(s.warnings, fmt.Sprintf("the copy of the key slots of %s in the state folder was gone (%s) and was made anew from the copy on the store: %s. "+
			"Find out what removed it. If the disk was put back from an older copy, footage erased since then can be opened again: run varuh footage check",
			dir, twin, what))
	}
	return keyring.Open(durable.OS, twin, onStore, store, s.public.Current())
}

// remakeTwin fills a folder of another name and renames it, so that a copy that a crash left incomplete is
// not taken for a whole one: the recorder mends only the last days at a start.
func (s *site) remakeTwin(twin, onStore string, store keyring.ID) (mended keyring.Mended, err error) {
	filling := twin + ".new"
	if err := os.RemoveAll(filling); err != nil {
		return mended, err
	}
	if err := durable.MkdirAll(durable.OS, filling, 0o700); err != nil {
		return mended, err
	}
	ring, err := keyring.Open(durable.OS, filling, onStore, store, nil)
	if err != nil {
		return mended, err
	}
	if mended, err = ring.Mend(context.Background(), time.Time{}); err != nil {
		return mended, err
	}
	if err := durable.OS.Rename(filling, twin); err != nil {
		return mended, err
	}
	return mended, durable.OS.SyncDir(filepath.Dir(twin))
}
