package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// appliance is the file appliance.json in the state folder.
type appliance struct {
	Version int                   `json:"version"`
	ID      keyring.ID            `json:"appliance"`
	Stores  map[string]keyring.ID `json:"stores"` // id of each store that was made, by its folder
	Diary   string                `json:"diary"`  // origin of the diary

	Restored bool `json:"restored,omitempty"` // it was made again from a backup at least once

	Lost map[keyring.ID]lostStore `json:"lost,omitempty"` // stores that were given up
}

// marker is the file varuh-store.json on a store. It tells a store from the empty folder that
// stays where a disk is not mounted, and a disk of this appliance from that of another.
type marker struct {
	Version   int        `json:"version"`
	Appliance keyring.ID `json:"appliance"`
	Store     keyring.ID `json:"store"`
}

const (
	markerName    = "varuh-store.json"
	markerVersion = 1
)

func applianceFile(state string) string { return filepath.Join(state, "appliance.json") }

func publicFile(dir string) string { return filepath.Join(dir, "keys", "public.json") }

// readAppliance reads appliance.json.
func readAppliance(state string) (appliance, error) {
	var a appliance
	err := readJSON(applianceFile(state), &a)
	if errors.Is(err, fs.ErrNotExist) {
		return a, fmt.Errorf("%s is no state folder of varuh yet: run varuh init --dir %[1]s", state)
	}
	if err == nil && a.Version != markerVersion {
		err = fmt.Errorf("%s is of version %d, which this varuh does not know: update varuh", applianceFile(state), a.Version)
	}
	if a.Lost == nil {
		a.Lost = map[keyring.ID]lostStore{}
	}
	return a, err
}

func writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = durable.WriteFile(durable.OS, name, append(b, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	return nil
}

func readJSON(name string, v any) error {
	b, err := durable.ReadFile(durable.OS, name, 1<<20)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s is damaged: %w", name, err)
	}
	return nil
}

// heldMarker is a store's marker, locked for this process.
type heldMarker struct {
	marker
	lock lockFile
}

// holdStore reads and locks the marker of the store in dir, which must be writable. The marker is not open for writing:
// a disk on which nothing is recorded just now can be remounted read-only while it is held.
func (a appliance) holdStore(dir string) (heldMarker, error) {
	name := filepath.Join(dir, markerName)
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0) // what is no file, and refused below, keeps nobody waiting
	if errors.Is(err, fs.ErrNotExist) {
		return heldMarker{}, a.missing(dir)
	}
	if err == nil {
		if err = unix.Access(dir, unix.W_OK); err != nil {
			err = errors.Join(err, f.Close())
		}
	}
	if err != nil {
		return heldMarker{}, fmt.Errorf("couldn't open the store %s (is its disk healthy, mounted and writable?): %w", dir, err)
	}
	m, err := a.lockMarker(dir, f)
	if err != nil {
		return heldMarker{}, errors.Join(err, f.Close())
	}
	return heldMarker{m, lockFile{f}}, nil
}

func (a appliance) lockMarker(dir string, f *os.File) (m marker, err error) {
	if err := flock(f); errors.Is(err, errHeld) {
		return m, fmt.Errorf("the store %s %w: another varuh records there; stop it first", dir, errHeld)
	} else if err != nil {
		return m, err
	}
	if err := readJSON(f.Name(), &m); err != nil {
		return m, fmt.Errorf("couldn't read the marker of the store: %w", err)
	}
	switch {
	case m.Version != markerVersion:
		return m, fmt.Errorf("the marker of the store %s is of version %d, which this varuh does not know: update varuh", dir, m.Version)
	case m.Appliance != a.ID:
		return m, fmt.Errorf("the store %s belongs to another appliance (%v, this one is %v): nothing was changed on it; "+
			"mount the right disk, or name it nowhere (store: in varuh.yml, --store)", dir, m.Appliance, a.ID)
	}
	return m, a.isGivenUp(dir, m.Store)
}

// isGivenUp refuses a store that was given up as lost.
func (a appliance) isGivenUp(dir string, id keyring.ID) error {
	l, lost := a.Lost[id]
	if !lost {
		return nil
	}
	return fmt.Errorf("the disk in %s (store %v) was given up as lost on %s, by entry %d of the diary: nothing is read from it and nothing written to it. "+
		"Its copy of the keys opens what is on it: erase the disk (mkfs), then varuh init --store %[1]s makes a new store of it",
		dir, id, l.Since.Format(time.DateOnly), l.Entry)
}

// missing says why a store has no marker.
func (a appliance) missing(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the store %s does not exist: mount its disk, or make the store with varuh init --store %[1]s", dir)
	}
	for id, l := range a.Lost {
		if l.Dir == dir && a.Stores[dir] == (keyring.ID{}) {
			return fmt.Errorf("the store %v in %s was given up as lost, by entry %d of the diary: take the folder out of store: in varuh.yml, "+
				"or make a new store in it with varuh init --store %[2]s", id, dir, l.Entry)
		}
	}
	if id, ok := a.Stores[dir]; ok {
		return fmt.Errorf("the folder %s is there, but not the store %v that was made in it: its disk is probably not mounted; "+
			"mount it and start again; if the disk is gone for good: varuh store lost %[1]s", dir, id)
	}
	return fmt.Errorf("the folder %s is no store (it has no %s): make it one with varuh init --store %[1]s", dir, markerName)
}
