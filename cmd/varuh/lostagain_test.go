package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/configs"
	"varuh/recorder/keyring"
	"varuh/retention/copies"
)

// A restore refuses a disk that was given up, and a place inside a store, and changes nothing.
func TestRestoreWithLostStore(t *testing.T) {
	t.Parallel()
	dir, _, _ := twoDisks(t)
	two := filepath.Join(dir, "two")
	must(t, os.Rename(two, two+".away"))
	if code, out := answer(t, dir, "y\n", "store", "lost", two, "--actor", "Ana", "--reason", "stolen"); code != 0 {
		t.Fatal(out)
	}
	recovery, err := keyring.GenerateKey()
	must(t, err)
	s, letGo := openStill(t, dir)
	_, d, _ := s.eraserOf(t, later(t, 7, 0))
	m := s.backupMaker(d, func() []configs.Camera { return nil })
	m.Recovery = func() (keyring.PublicKey, error) { return recovery.Public(), nil }
	made, err := m.Make(t.Context(), copies.Order{Dir: t.TempDir(), Keep: keptAnyway})
	must(t, err)
	must(t, d.Close())
	letGo()
	fresh := filepath.Join(t.TempDir(), "fresh")
	code, said := command(t, asTyped(recovery), "restore", made.Path(), "--dir", fresh, "--store", filepath.Join(dir, "one"), "--store", two+".away", "--actor", "Ana", "--reason", "burnt")
	if code == 0 || !strings.Contains(said, "was given up as lost on") {
		t.Errorf("exit status %d: %s", code, said)
	}
	if _, err := os.Stat(fresh); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is something of a refused restore: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(filepath.Join(dir, "one"), link))
	for _, inside := range []string{filepath.Join(dir, "one", "a", "b"), filepath.Join(link, "a")} {
		if code, said := command(t, asTyped(recovery), "restore", made.Path(), "--dir", inside, "--store", filepath.Join(dir, "one"), "--actor", "Ana", "--reason", "burnt"); code == 0 || !strings.Contains(said, "lies inside the store") {
			t.Errorf("into %s: %d, %s", inside, code, said)
		}
	}
	must0(t, asTyped(recovery), "restore", made.Path(), "--dir", fresh, "--store", filepath.Join(dir, "one"), "--actor", "Ana", "--reason", "burnt")
}

// Keys of a store that was given up go again where they came back into the state folder, before anything takes it for lost;
// and giving it up again does what its entry says.
func TestLostKeysComeBack(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		dir, _, lost := twoDisks(t)
		two := filepath.Join(dir, "two")
		a, err := readAppliance(dir)
		must(t, err)
		id := a.Stores[two]
		keys := filepath.Join(dir, "keys", id.String())
		saved := filepath.Join(t.TempDir(), "saved")
		must(t, os.CopyFS(saved, os.DirFS(keys)))
		must(t, os.Rename(two, two+".away"))
		if code, out := answer(t, dir, "y\n", "store", "lost", two, "--actor", "Ana", "--reason", "stolen"); code != 0 {
			t.Fatal(out)
		}
		must(t, os.CopyFS(keys, os.DirFS(saved)))
		a, err = readAppliance(dir)
		must(t, err)
		a.Stores[two] = id
		must(t, writeJSON(applianceFile(dir), a))
		if again {
			if code, out := answer(t, dir, "y\n", "store", "lost", two, "--actor", "Ana", "--reason", "stolen"); code != 0 {
				t.Fatal(out)
			}
		} else {
			s, letGo := openStill(t, dir)
			must(t, s.index.Begin(lost))
			e, d, _ := s.eraserOf(t, later(t, 7, 0))
			if e.isLost(id) {
				t.Error("a store whose keys are here counts as lost")
			}
			must(t, e.replay(t.Context(), d, 0))
			if !e.isLost(id) {
				t.Error("a store whose keys went again does not count as lost")
			}
			must(t, d.Close())
			letGo()
		}
		if _, err := os.Stat(keys); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("given up again %v: keys are in the state folder: %v", again, err)
		}
		if a, err = readAppliance(dir); err != nil || len(a.Stores) != 1 || !a.Lost[id].Done {
			t.Errorf("given up again %v: %+v, %v", again, a, err)
		}
	}
}
