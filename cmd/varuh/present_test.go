package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
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

// Nothing is recorded into the folder of a disk that went away while varuh ran, and the log says why.
func TestDiskTakenOut(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	b := startBox(t, configs.MetricsOff, nil)
	store := filepath.Join(b.dir, "store")
	if err := os.Rename(filepath.Join(store, markerName), filepath.Join(b.dir, "away")); err != nil {
		t.Fatal(err)
	}
	b.write(t, "cameras.d/hall.yml", camera("hall", server.URL("hall"), ""))
	b.log.await(t, "kind=disk", "is no longer in "+store)
	if err := os.Rename(filepath.Join(b.dir, "away"), filepath.Join(store, markerName)); err != nil {
		t.Fatal(err)
	}
	b.log.await(t, "works again")
	b.end(t)
}
