package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// A disk that went away, or in whose place another came, is noticed by the marker on it.
func TestPresent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "box")
	store := filepath.Join(dir, "store")
	c := initCmd{Store: []string{store}, YesIWroteDown: true}
	if _, err := c.make(dir, terminal{strings.NewReader(""), io.Discard, io.Discard}); err != nil {
		t.Fatal(err)
	}
	a, err := readAppliance(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{appliance: a}
	st := footage.Store{Dir: store, ID: a.Stores[store]}
	if err := s.present(st); err != nil {
		t.Fatal(err)
	}
	other := keyring.NewID(time.Now())
	for want, m := range map[string]any{
		"another disk is mounted at " + store + ", that of the store " + other.String():   marker{markerVersion, a.ID, other},
		"another disk is mounted at " + store + ", a store of another appliance":          marker{markerVersion, other, st.ID},
		"couldn't read the marker of the store (is its disk healthy?): " + store + "/var": "no marker",
	} {
		if err := writeJSON(filepath.Join(store, markerName), m); err != nil {
			t.Fatal(err)
		}
		if err := s.present(st); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := os.Rename(store, store+".away"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // without the folder, and with the empty one that is left of a mount
		if err := s.present(st); err == nil || !strings.Contains(err.Error(), "is no longer in "+store) {
			t.Errorf("got %v", err)
		}
		if err := os.MkdirAll(store, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}
