package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/recorder"
	"varuh/recorder/rtsp/rtsptest"
)

// An appliance, and any other folder with something in it, is left as it is: not even a lock is put there.
func TestDemoLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	appliance := filepath.Join(t.TempDir(), "box")
	c := initCmd{Store: []string{filepath.Join(appliance, "store")}, YesIWroteDown: true}
	if _, err := c.make(appliance, terminal{strings.NewReader(""), io.Discard, io.Discard}); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{appliance, other, filepath.Join(other, "thesis.txt")} {
		before := tree(t, dir)
		var out strings.Builder
		code := run(t.Context(), []string{"demo", "--dir", dir, "--for", "1s"}, terminal{nil, &out, &out})
		if said := out.String(); code != 1 || !strings.Contains(said, "was not made by a demo") && !strings.Contains(said, "is no folder") {
			t.Errorf("%s: %d, %s", dir, code, said)
		}
		if after := tree(t, dir); after != before {
			t.Errorf("%s changed from\n%s\nto\n%s", dir, before, after)
		}
	}
}

// tree lists a folder with the times of its files.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(name string, st os.FileInfo, err error) error {
		if err == nil {
			b.WriteString(name + " " + st.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// startDemo prepares a demo and has its private keys removed in the end.
func startDemo(t *testing.T, dir string) (*demo, error) {
	t.Helper()
	server, err := serveClips("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	d := &demo{dir: dir, term: terminal{strings.NewReader(""), new(strings.Builder), io.Discard}}
	_, err = d.prepare(server, freeAddr(t))
	t.Cleanup(func() {
		if d.ownKeys() {
			os.RemoveAll(d.mark.Keys)
		}
	})
	return d, err
}

// A demo that ended before it could record is made anew; one that ended later goes on.
func TestDemoAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "shown")
	first, err := startDemo(t, dir)
	if err != nil || !first.fresh {
		t.Fatal(first, err)
	}
	second, err := startDemo(t, dir)
	if err != nil || second.fresh || second.keyFile != first.keyFile {
		t.Fatal(second, err)
	}
	for _, name := range []string{"appliance.json", "keys/public.json", "varuh.yml"} { // as if killed in ever earlier steps of init
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(applianceFile(dir)); err != nil && name != "appliance.json" {
			t.Fatal(err)
		}
		third, err := startDemo(t, dir)
		if err != nil || !third.fresh || third.keyFile == first.keyFile || third.keysLost() {
			t.Fatal(third, err)
		}
	}
	if first.ownKeys() {
		t.Errorf("%s is still there", first.mark.Keys)
	}
	lock, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	before := tree(t, filepath.Join(dir, "cameras.d"))
	if _, err := startDemo(t, dir); !errors.Is(err, errHeld) || tree(t, filepath.Join(dir, "cameras.d")) != before {
		t.Errorf("a demo that runs is disturbed: %v", err)
	}
}

// Without its key a demo records on and says what that means; with the cheat, which opens the diary, it stops.
func TestDemoKeyGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := startDemo(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	said := func() string {
		if err := errors.Join(d.greet(new(rtsptest.Server)), d.farewell()); err != nil {
			t.Fatal(err)
		}
		return d.term.out.(*strings.Builder).String()
	}
	if text := said(); !strings.Contains(text, "The private key that opens the footage is in memory:\n\n  "+d.keyFile) ||
		!strings.Contains(text, "When done, remove what is in "+dir+" and "+d.mark.Keys+".") {
		t.Error(text)
	}
	if err := os.RemoveAll(d.mark.Keys); err != nil {
		t.Fatal(err)
	}
	d.term.out = new(strings.Builder)
	if text := said(); strings.Contains(text, "is in memory:\n") || !strings.Contains(text, "can't be opened any more") ||
		!strings.Contains(text, "take a new folder") || !strings.HasSuffix(text, "remove what is in "+dir+".\n") {
		t.Error(text)
	}
	var out strings.Builder
	if code := run(t.Context(), []string{"demo", "--cheat", "--dir", dir}, terminal{nil, &out, &out}); code != 1 || !strings.Contains(out.String(), "can't be opened any more") {
		t.Error(out.String())
	}
}

// The demo tells nobody to remove what it did not make.
func TestDemoLeftovers(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"/dev/shm", "..", ".", "", "/"} {
		d := &demo{dir: "/x", mark: demoMark{Keys: keys, Made: true}}
		if got := d.leftovers(); got != "When done, remove /x." {
			t.Errorf("%q: %s", keys, got)
		}
	}
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	st := status{Status: recorder.Status{Streams: []recorder.StreamStatus{{}, {}}}}
	if got := recorded(st); !strings.HasPrefix(got, "Stopped before anything was recorded") {
		t.Error(got)
	}
	st.Streams[0].Segments, st.Streams[1].Segments = 1, 2
	if got := recorded(st); got != "Stopped: 3 segments were recorded and sealed." {
		t.Error(got)
	}
}
