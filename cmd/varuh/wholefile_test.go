package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// content writes a text.
func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func fileHas(t *testing.T, name, want string) {
	t.Helper()
	if b, err := os.ReadFile(name); err != nil || string(b) != want {
		t.Errorf("%s holds %q (%v), want %q", name, b, err, want)
	}
}

// names are those in a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	must(t, err)
	var list []string
	for _, e := range all {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

// Whatever lies beside a file that is written stays as it is, and is not written through.
func TestWriteWholeKeepsOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name, key := filepath.Join(dir, "y.zip"), filepath.Join(dir, "key")
	must(t, os.WriteFile(key, []byte("secret"), 0o600))
	must(t, os.Symlink(key, name+".part"))
	must(t, writeWhole(name, content("bundle")))
	fileHas(t, name, "bundle")
	fileHas(t, key, "secret")
	if st, err := os.Lstat(name); err != nil || st.Mode() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	if got := names(t, dir); got != "key y.zip y.zip.part" {
		t.Error(got)
	}
	for _, there := range []string{name, name + ".part"} {
		if err := writeWhole(there, content("other")); err == nil || !strings.Contains(err.Error(), "already, and it stays") {
			t.Errorf("%s: %v", there, err)
		}
	}
	fileHas(t, name, "bundle")
}

// Of two that write to one name, the first that is whole gets it, and the other is told so.
func TestWriteWholeTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "y.zip")
	err := writeWhole(name, func(w io.Writer) error {
		must(t, content("slow")(w))
		return writeWhole(name, content("fast"))
	})
	if err == nil || !strings.Contains(err.Error(), "already, and it stays") {
		t.Error(err)
	}
	fileHas(t, name, "fast")
	if got := names(t, dir); got != "y.zip" {
		t.Error(got)
	}
}

// A write that fails leaves nothing.
func TestWriteWholeFails(t *testing.T) {
	t.Parallel()
	dir, failed := t.TempDir(), errors.New("failed")
	if err := writeWhole(filepath.Join(dir, "y.zip"), func(io.Writer) error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if got := names(t, dir); got != "" {
		t.Error(got)
	}
}

// Someone who may write to the folder puts another file in the place of the one that is written.
func TestWriteWholeExchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "y.zip")
	err := writeWhole(name, func(w io.Writer) error {
		part := filepath.Join(dir, names(t, dir))
		must(t, os.Remove(part))
		must(t, os.WriteFile(part, []byte("foreign"), 0o666))
		return content("bundle")(w)
	})
	if err == nil || !strings.Contains(err.Error(), "somebody else put another file there") {
		t.Error(err)
	}
	fileHas(t, name, "foreign")
}

// What a killed run left is removed by the next one to the same name; what is only like it stays.
func TestWriteWholeLeftover(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "y.zip")
	like := func(c string) string { return name + unfinished + strings.Repeat(c, 26) }
	left := like("A")
	for _, file := range []string{left, like("B"), like("C"), like("D"), like("E"), like("a"), name + unfinished + "A", filepath.Join(dir, "x.zip"+unfinished+strings.Repeat("A", 26))} {
		must(t, os.WriteFile(file, []byte("part"), 0o600))
	}
	must(t, os.Chmod(like("B"), 0o644))
	must(t, os.Link(like("C"), filepath.Join(dir, "kept")))
	must(t, os.Symlink(left, like("F")))
	must(t, unix.Mkfifo(like("G"), 0o600))
	if os.Geteuid() == 0 {
		must(t, os.Chown(like("D"), 1, 1))
	} else {
		must(t, os.Chmod(like("D"), 0o640))
	}
	busy, err := os.Open(like("E"))
	must(t, err)
	must(t, flock(busy))
	before := strings.Fields(names(t, dir))
	must(t, writeWhole(name, content("bundle")))
	must(t, busy.Close())
	got := names(t, dir)
	for _, file := range before {
		if want := filepath.Join(dir, file) != left; strings.Contains(" "+got+" ", " "+file+" ") != want {
			t.Errorf("%s: there %v, want %v", file, !want, want)
		}
	}
}

// Both ways to give a name leave what bears it.
func TestNoNameIsTaken(t *testing.T) {
	t.Parallel()
	for what, give := range map[string]func(string, string) error{"rename": renameFree, "link": linkFree} {
		dir := t.TempDir()
		part, name := filepath.Join(dir, "part"), filepath.Join(dir, "name")
		must(t, os.WriteFile(part, []byte("new"), 0o600))
		must(t, os.WriteFile(name, []byte("old"), 0o600))
		if err := give(part, name); !errors.Is(err, os.ErrExist) {
			t.Errorf("%s: %v", what, err)
		}
		fileHas(t, name, "old")
		must(t, os.Remove(name))
		must(t, give(part, name))
		fileHas(t, name, "new")
		if got := names(t, dir); got != "name" {
			t.Errorf("%s: %s", what, got)
		}
	}
}
