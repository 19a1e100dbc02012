package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"varuh/recorder/durable"
)

// demoMark is the file varuh-demo.json. It tells the folder of a demo, which the demo may write to and even
// make anew, from an appliance, whose cameras it must leave alone. It is written before anything else is.
type demoMark struct {
	Version int    `json:"version"`
	Keys    string `json:"keys"` // folder of the private keys, in memory
	Made    bool   `json:"made"` // the folder was not there before
}

const (
	demoMarkName = "varuh-demo.json"
	demoKeys     = "demo" // in the name of the folder of the private keys
)

// take makes the folder of a demo or takes one that is there, and holds it. In a new one, and in one where a
// demo ended before anything could be recorded, nothing is left but lock and mark. The caller closes the lock.
func (d *demo) take() (lock lockFile, err error) {
	if err := demoMayUse(d.dir); err != nil {
		return lock, err
	}
	_, before := os.Stat(d.dir)
	if err := durable.MkdirAll(durable.OS, d.dir, 0o700); err != nil {
		return lock, fmt.Errorf("couldn't make the folder of the demo: %w", err)
	}
	if lock, err = lockState(d.dir); err != nil {
		return lock, err
	}
	if err := d.settle(errors.Is(before, fs.ErrNotExist)); err != nil {
		return lock, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// demoMayUse refuses a folder that has anything in it and was not made by a demo.
func demoMayUse(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%s is no folder: name a new one with --dir, or leave --dir out", dir)
	}
	if err != nil {
		return fmt.Errorf("couldn't look into the folder for the demo: %w", err)
	}
	other := ""
	for _, e := range entries {
		switch e.Name() {
		case demoMarkName:
			return nil
		case "lock", demoMarkName + ".new": // a demo may have ended between the two
		default:
			other = e.Name()
		}
	}
	if other == "" {
		return nil
	}
	return fmt.Errorf("%s was not made by a demo and is not empty (it has %q): nothing was changed in it; "+
		"name a new folder with --dir, or leave --dir out", dir, other)
}

// settle reads the mark, or writes it.
func (d *demo) settle(made bool) error {
	if err := demoMayUse(d.dir); err != nil { // what came before the lock was taken
		return err
	}
	err := readJSON(filepath.Join(d.dir, demoMarkName), &d.mark)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && d.mark.Version != markerVersion {
		return fmt.Errorf("the demo in %s is of version %d, which this varuh does not know: use a new folder", d.dir, d.mark.Version)
	}
	if err != nil {
		d.mark = demoMark{Version: markerVersion, Made: made}
	}
	if _, err := os.Stat(applianceFile(d.dir)); !errors.Is(err, fs.ErrNotExist) {
		d.fresh = false
		return err
	}
	d.fresh = true
	return d.clear()
}

// clear empties a folder in which nothing can have been recorded yet, makes a folder for new private keys and
// marks it.
func (d *demo) clear() (err error) {
	if d.ownKeys() {
		if err := forget(d.mark.Keys); err != nil {
			return err
		}
	}
	if d.mark.Keys, err = memoryFolder(demoKeys); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(d.dir, demoMarkName), d.mark); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.dir)
	for _, e := range entries {
		if name := e.Name(); name != "lock" && name != demoMarkName {
			err = errors.Join(err, os.RemoveAll(filepath.Join(d.dir, name)))
		}
	}
	return err
}

// ownKeys tells whether the folder of the private keys is there and a demo's, whatever the mark says: the
// demo removes no other, nor does it tell anybody to.
func (d *demo) ownKeys() bool {
	st, err := os.Lstat(d.mark.Keys)
	return err == nil && st.IsDir() && strings.HasPrefix(filepath.Base(d.mark.Keys), memoryPrefix+demoKeys+"-")
}

// keysLost tells whether the private key went with the memory that it lay in.
func (d *demo) keysLost() bool {
	_, err := os.Stat(d.keyFile)
	return d.keyFile != "" && errors.Is(err, fs.ErrNotExist)
}

var errKeysLost = errors.New("the private key of this demo was in memory and is gone, as after a restart of the machine: what it recorded " +
	"before can't be opened any more, nor can what it records now; for a demo with a new key take a new folder, or leave --dir out")

// leftovers says what to remove: what the demo made, and nothing else.
func (d *demo) leftovers() string {
	what := d.dir
	if !d.mark.Made {
		what = "what is in " + d.dir
	}
	if d.ownKeys() {
		what += " and " + d.mark.Keys
	}
	return "When done, remove " + what + "."
}

// recorded says what came of a run.
func recorded(st status) string {
	var n uint64
	for _, s := range st.Streams {
		n += s.Segments
	}
	if n == 0 {
		return "Stopped before anything was recorded: a camera's first picture takes some seconds. Let it run longer."
	}
	return fmt.Sprintf("Stopped: %s recorded and sealed.", count(int(n), "segment was", "segments were"))
}
