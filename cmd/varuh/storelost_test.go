package main

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// openStill takes a site with its index until let go.
func openStill(t *testing.T, dir string) (s *still, letGo func()) {
	t.Helper()
	cfg, err := loadConfig(dir, terminal{strings.NewReader(""), io.Discard, io.Discard})
	must(t, err)
	held, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(dir))
	must(t, err)
	return &still{held, ix}, func() { must(t, errors.Join(ix.Close(), held.Close())) }
}

// twoDisks makes an appliance with two disks and footage on both, of which a part of the second's is being erased.
func twoDisks(t *testing.T) (dir string, here, lost footage.Segment) {
	t.Helper()
	dir, here, lost, _ = twoDisksOf(t)
	return dir, here, lost
}

// twoDisksOf is twoDisks for who has the recovery key.
func twoDisksOf(t *testing.T) (dir string, here, lost footage.Segment, recovery keyring.PrivateKey) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "box")
	c := initCmd{Store: []string{filepath.Join(dir, "one"), filepath.Join(dir, "two")}, Controller: "sola.example", YesIWroteDown: true}
	recovery, err := c.make(dir, terminal{strings.NewReader(""), io.Discard, io.Discard})
	must(t, err)
	s, letGo := openStill(t, dir)
	here, lost = s.record(t, s.stores[0]), s.record(t, s.stores[1])
	other := s.recordAt(t, s.stores[1], "gate", time.Now().Add(-2*time.Hour))
	e, d, _ := s.eraserOf(t, later(t, 7, 0))
	_, err = e.setHold(t.Context(), holdOrder{who: herself, ground: ground{Basis: "order 3", Review: time.Now().AddDate(0, 0, 2).Format(time.DateOnly)},
		span: span{"gate", other.Start.Format(time.RFC3339), other.End.Add(time.Second).Format(time.RFC3339)}, Kind: string(hold.Order)})
	must(t, err)
	_, err = journal{d}.Enter(t.Context(), retention.Entry{Op: retention.OpStart, Manifest: listOf(t, here, lost)})
	must(t, err)
	must(t, d.Close())
	letGo()
	return dir, here, lost, recovery
}

// eraserOf is eraser for who closes the diary himself.
func (s *still) eraserOf(t *testing.T, boot *laterBoot) (e *eraser, d *diary.Diary, err error) {
	t.Helper()
	d, err = openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	e = newEraser(s.site, s.index, openTimekeeper(s.cfg.State, boot, slog.New(slog.DiscardHandler)), slog.New(slog.DiscardHandler))
	e.begin(d)
	return e, d, nil
}

// answer runs a command with what is typed.
func answer(t *testing.T, dir, typed string, args ...string) (code int, out string) {
	t.Helper()
	var b strings.Builder
	code = run(t.Context(), append(args, "--dir", dir), terminal{strings.NewReader(typed), &b, &b})
	return code, b.String()
}

// A disk that is gone leaves an erasure open. Once it is given up, no key of it is in the state folder, no row in the index,
// the open list ends and says so, and what is on the other disk is as it was; a disk that comes back is refused.
func TestStoreLost(t *testing.T) {
	t.Parallel()
	dir, here, lost := twoDisks(t)
	two := filepath.Join(dir, "two")
	a, err := readAppliance(dir)
	must(t, err)
	id := a.Stores[two]
	if code, out := answer(t, dir, "y\n", "store", "lost", two, "--actor", "Ana", "--reason", "stolen"); code == 0 || !strings.Contains(out, "can be read") {
		t.Fatalf("a disk that is here was given up: %s", out)
	}
	must(t, os.Rename(two, two+".away"))
	for _, typed := range []string{"", "n\n"} {
		if code, out := answer(t, dir, typed, "store", "lost", id.String(), "--actor", "Ana", "--reason", "stolen"); code == 0 || !strings.Contains(out, "has 2 segments") || !strings.Contains(out, "1 segment is held") {
			t.Errorf("typed %q: %d, %s", typed, code, out)
		}
	}
	code, out := answer(t, dir, "y\n", "store", "lost", id.String(), "--actor", "Ana", "--reason", "stolen")
	if code != 0 || !strings.Contains(out, "a copy of its key") || !strings.Contains(out, "art. 33") {
		t.Fatalf("given up: %d, %s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys", id.String())); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy of its keys: %v", err)
	}
	s, letGo := openStill(t, dir)
	if _, err := s.index.Get(lost.ID); !errors.Is(err, footage.ErrUnknown) {
		t.Errorf("its row: %v", err)
	}
	boot := later(t, 7, 0)
	e, d, _ := s.eraserOf(t, boot)
	must(t, e.replay(t.Context(), d, 0))
	for x, err := range (journal{d}).Started(t.Context(), 0) {
		must(t, err)
		if !x.Ended {
			t.Errorf("a list is open: %+v", x)
		}
	}
	s.gone(t, s.stores[0], here)
	if len(s.stores) != 1 || count1(ops(t, d), opStoreLost) != 1 {
		t.Errorf("%d stores; entries %q", len(s.stores), ops(t, d))
	}
	must(t, d.Close())
	letGo()

	must(t, os.Rename(two+".away", two))
	s, letGo = openStill(t, dir)
	defer letGo()
	if len(s.stores) != 1 || len(s.warnings) == 0 || !strings.Contains(strings.Join(s.warnings, "\n"), "was given up as lost on") {
		t.Errorf("it came back: %d stores, %q", len(s.stores), s.warnings)
	}
	if code, out := answer(t, filepath.Dir(dir), "", "store", "lost", two, "--actor", "Ana", "--reason", "x"); code == 0 {
		t.Errorf("without an appliance: %s", out)
	}
}

// A crash after the entry leaves what the next start ends; and the only disk can be given up, too, and another one made.
func TestStoreLostCrash(t *testing.T) {
	t.Parallel()
	dir, _, lost := twoDisks(t)
	for _, name := range []string{"one", "two"} {
		must(t, os.Rename(filepath.Join(dir, name), filepath.Join(dir, name+".away")))
	}
	a, err := readAppliance(dir)
	must(t, err)
	one, two := a.Stores[filepath.Join(dir, "one")], a.Stores[filepath.Join(dir, "two")]
	d, err := openDiary(t.Context(), dir, a)
	must(t, err)
	_, err = d.Append(t.Context(), diary.Entry{Op: opStoreLost, Clear: true, Manifest: []byte(`{"dir":"` + filepath.Join(dir, "two") + `","store":"` + two.String() + `","v":1}`)}, nil)
	must(t, err)
	must(t, d.Close())
	if code, out := answer(t, dir, "y\n", "store", "lost", filepath.Join(dir, "one"), "--actor", "Ana", "--reason", "both burnt"); code != 0 {
		t.Fatal(out)
	}
	a, err = readAppliance(dir)
	must(t, err)
	if len(a.Stores) != 0 || len(a.Lost) != 2 || !a.Lost[one].Done || !a.Lost[two].Done {
		t.Errorf("the appliance is %+v", a)
	}
	for _, id := range []keyring.ID{one, two} {
		if _, err := os.Stat(filepath.Join(dir, "keys", id.String())); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("keys of %v: %v", id, err)
		}
	}
	must(t, os.RemoveAll(filepath.Join(dir, "one")))
	if code, out := answer(t, dir, "", "init", "--store", filepath.Join(dir, "one")); code != 0 {
		t.Fatal(out)
	}
	s, letGo := openStill(t, dir)
	defer letGo()
	if _, err := s.index.Get(lost.ID); !errors.Is(err, footage.ErrUnknown) || len(s.stores) != 1 || s.stores[0].ID == one {
		t.Errorf("the new store: %v, %v", s.stores, err)
	}
}

// The keys are overwritten before their names go.
func TestWipeFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "keys", "slots"), 0o700))
	name, kept := filepath.Join(dir, "keys", "slots", "2026-11-22.slots"), filepath.Join(dir, "kept")
	must(t, os.WriteFile(name, []byte("a key"), 0o600))
	must(t, os.Link(name, kept)) // the bytes, once the name is gone
	for range 2 {
		must(t, wipeFolder(filepath.Join(dir, "keys")))
	}
	if b, err := os.ReadFile(kept); err != nil || strings.Trim(string(b), "\x00") != "" {
		t.Errorf("left is %q, %v", b, err)
	}
}
