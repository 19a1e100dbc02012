//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe at which nobody writes holds up nothing, wherever it stands.
func TestPipes(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	pipe := func(dir, name string) string {
		name = filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(name), 0o700))
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		must(t, syscall.Mkfifo(name, 0o600))
		return name
	}
	alone, bundle := pipe(t.TempDir(), "pipe"), file(t, "b.zip", d.zipped())
	linked := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(alone, linked))
	for what, args := range map[string][]string{
		"as a bundle": {alone}, "by a link": {linked}, "a device": {"/dev/zero"},
		"as held": {"--held", alone, bundle}, "as a key": {"--key", alone, bundle}, "as certificates": {"--tsa", alone, bundle},
	} {
		if code, out, err := check(t, "", args...); code != exitUnchecked || what != "as a key" && !unfolded(err, "to ni navadna datoteka") {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, err)
		}
	}
	for _, name := range []string{"bundle.json", "frontier.txt", "checkpoint.txt", "leaves/0000000000000000.txt", "checkpoints/000000.txt", "rotations/0000000000000001.tlog-proof"} {
		dir := d.folder()
		pipe(dir, name)
		if code, out, err := check(t, "", "--key", d.key.String(), dir); code == exitGood || code == exitUnconfirmed {
			t.Errorf("%s: %d\n%s\n%s", name, code, out, err)
		}
	}
	dir := d.folder() // one that is no part of a bundle is named
	pipe(dir, "extra/pipe")
	if code, out, _ := check(t, "", "--key", d.key.String(), dir); code != exitGood || !strings.Contains(out, "extra/pipe") {
		t.Errorf("%d\n%s", code, out)
	}
}

// A link out of a bundle's folder would have something read that nobody gave.
func TestLinkOutside(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	dir := d.folder()
	name := filepath.Join(dir, "frontier.txt")
	b, err := os.ReadFile(name)
	must(t, err)
	must(t, os.Remove(name))
	must(t, os.Symlink(file(t, "outside", b), name))
	if code, out, complaint := check(t, "", dir); code != exitUnchecked {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
}
