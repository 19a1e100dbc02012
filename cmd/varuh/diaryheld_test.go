package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A kept checkpoint is read as varuh-verify reads it, and what compares nothing is no success.
func TestHeldFiles(t *testing.T) {
	t.Parallel()
	b, other, dir := newShelfBox(t), newShelfBox(t), t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	put := func(name, text string) { must(t, os.WriteFile(file(name), []byte(text), 0o600)) }
	for _, args := range [][]string{{"checkpoint", "--out", file("note"), "--page", file("page.html")}, {"export", "--out", file("b.zip"), "--actor", "a", "--reason", "r"}} {
		if code, said := b.run(t, append([]string{"diary"}, args...)...); code != 0 {
			t.Fatal(said)
		}
	}
	if code, said := other.run(t, "diary", "checkpoint", "--out", file("other")); code != 0 {
		t.Fatal(said)
	}
	note, err := os.ReadFile(file("note"))
	must(t, err)
	put("crlf", "\ufeff"+strings.ReplaceAll(string(note), "\n", "\r\n"))
	put("bare", strings.TrimRight(string(note), "\n"))
	put("text", "hello")
	put("unsigned", strings.Replace(string(note), "— sola", "— rola", 1))
	put("large", strings.Repeat("x", maxHeld+1))
	must(t, unix.Mkfifo(file("pipe"), 0o600))

	for name, want := range map[string]struct {
		code int
		says string
	}{
		"note": {0, "[!] NOT ANCHORED as a whole, only up to size 9"}, "crlf": {0, "COMPLETE up to"}, "bare": {0, "COMPLETE up to"}, "page.html": {0, "COMPLETE up to"},
		"text": {1, "this is no checkpoint"}, "b.zip": {1, "this is a bundle, not a checkpoint"}, "none": {1, "there is no such file"},
		"pipe": {1, "is no file, but a folder, a pipe or a device"}, "": {1, "is no file, but a folder"}, "large": {1, "is larger"},
		"other": {1, "could not be held against every checkpoint"}, "unsigned": {1, "signed by ANOTHER key"},
	} {
		code, said := b.run(t, "diary", "verify", "--held", file(name))
		holds(t, said, want.says)
		if code != want.code {
			t.Errorf("%s: %d\n%s", name, code, said)
		}
	}
	if code, said := b.run(t, "diary", "verify", "--held", file("note"), "--held", file("other")); code != 1 {
		t.Errorf("one of two: %d\n%s", code, said)
	}
}
