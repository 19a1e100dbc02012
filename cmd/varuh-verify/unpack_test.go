//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/evidence/evidencetest"
)

// same tells whether a folder has the files of a package and nothing else.
func same(t testing.TB, dir string, pkg fstest.MapFS) {
	t.Helper()
	n := 0
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		n++
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && !bytes.Equal(b, pkg[name].Data) {
			t.Errorf("%s was unpacked as something else", name)
		}
		return err
	}))
	if n != len(pkg) {
		t.Errorf("%d files were unpacked, of %d", n, len(pkg))
	}
}

// A package comes out of each archive as it went in, and is checked where it was unpacked to.
func TestUnpack(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	plain, deeper, encrypted := archived(t, pkg)
	for _, archive := range []string{plain, deeper, encrypted} {
		dir := filepath.Join(t.TempDir(), "paket")
		code, out, complaint := check(t, "wrong-phrase\n"+passphrase+"\n", "--unpack", dir, "--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String(), archive)
		if code != exitGood || strings.Count(out, "[√]") != 6 {
			t.Errorf("%s: %d\n%s\n%s", archive, code, out, complaint)
		}
		same(t, dir, pkg)
		if code, _, complaint := check(t, "", "--unpack", dir, plain); code != exitUnchecked || !unfolded(complaint, "mapa že obstaja") {
			t.Errorf("over a folder that is there: %d\n%s", code, complaint)
		}
		same(t, dir, pkg)
	}
	bundle := file(t, "dnevnik.zip", newDiary(t).fill(3, -1).zipped())
	for what, args := range map[string][]string{"a folder": {unpacked(t, pkg)}, "a diary": {bundle}} {
		dir := filepath.Join(t.TempDir(), "paket")
		code, _, complaint := check(t, "", append(args, "--unpack", dir)...)
		if code != exitUnchecked || !unfolded(complaint, "--unpack razširi paket iz arhiva ZIP") || there(dir) {
			t.Errorf("%s: %d\n%s", what, code, complaint)
		}
	}
}

// What systems left in a package that somebody zipped anew is told, and not unpacked.
func TestUnpackLeftovers(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	dir := filepath.Join(t.TempDir(), "paket")
	archive := asZip(t, around(pkg, "", "posnetki/._0001.mp4", "__MACOSX/a/._0002.mp4", "System Volume Information/x"))
	code, out, complaint := check(t, "", "--unpack", dir, "--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String(), archive)
	if code != exitGood || !unfolded(out, "Files in it: 1; none was checked.") || there(filepath.Join(dir, "__MACOSX")) {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
	same(t, dir, pkg)
}

func there(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// zipped is an archive of the package with one more entry in it, or with what somebody does to it as it is written.
func zipped(t testing.TB, pkg fstest.MapFS, more func(*zip.Writer)) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, f := range pkg {
		w, err := z.Create(name)
		must(t, err)
		_, err = w.Write(f.Data)
		must(t, err)
	}
	more(z)
	must(t, z.Close())
	return file(t, "a.zip", b.Bytes())
}

// Out of the folder nothing is written, and of an archive that is not as it should be nothing is left.
func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	entry := func(name string, mode fs.FileMode, text string) func(*zip.Writer) {
		return func(z *zip.Writer) {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate}
			h.SetMode(mode)
			w, err := z.CreateHeader(h)
			must(t, err)
			_, err = io.WriteString(w, text)
			must(t, err)
		}
	}
	for what, more := range map[string]func(*zip.Writer){
		"above":             entry("../a.txt", 0o600, "a"),
		"above, deeper":     entry("posnetki/../../a.txt", 0o600, "a"),
		"absolute":          entry("/tmp/a.txt", 0o600, "a"),
		"by a backslash":    entry(`..\a.txt`, 0o600, "a"),
		"on a drive":        entry("C:a.txt", 0o600, "a"),
		"too deep":          entry(strings.Repeat("a/", 32000)+"f", 0o600, "a"),
		"a link":            entry("povezava", fs.ModeSymlink|0o777, "../.."),
		"a device":          entry("naprava", fs.ModeDevice|0o600, ""),
		"twice":             entry("manifest.json", 0o600, "a"),
		"in another case":   entry("MANIFEST.json", 0o600, "a"),
		"a point at an end": entry("a.txt.", 0o600, "a"),
		"a bomb":            entry("bomba", 0o600, strings.Repeat("\x00", 50<<20)),
		"a false size": func(z *zip.Writer) {
			w, err := z.CreateRaw(&zip.FileHeader{Name: "a.txt", Method: zip.Store, CompressedSize64: 3, UncompressedSize64: 2})
			must(t, err)
			_, err = io.WriteString(w, "abc")
			must(t, err)
		},
		"too short": func(z *zip.Writer) {
			w, err := z.CreateRaw(&zip.FileHeader{Name: "a.txt", Method: zip.Store, CompressedSize64: 3, UncompressedSize64: 9})
			must(t, err)
			_, err = io.WriteString(w, "abc")
			must(t, err)
		},
		"what it says is a file": entry("posnetki/0001.mp4/a.txt", 0o600, "a"),
	} {
		around := t.TempDir()
		dir := filepath.Join(around, "paket")
		code, out, complaint := check(t, "", "--unpack", dir, zipped(t, pkg, more))
		list, err := os.ReadDir(around)
		must(t, err)
		if code != exitUnchecked || out != "" || complaint == "" || len(list) != 0 {
			t.Errorf("%s: %d, %d files are left\n%s\n%s", what, code, len(list), out, complaint)
		}
	}
	if there(filepath.Join(os.TempDir(), "a.txt")) {
		t.Error("a file was written out of the folder")
	}
}

// Each changed byte of an encrypted file keeps the package from being unpacked, and nothing of it stays.
func TestUnpackAuthentic(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	var b bytes.Buffer
	w, err := aeszip.NewWriter(&b, passphrase)
	must(t, err)
	packed(t, pkg, "", w)
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	words := file(t, "geslo.txt", []byte(passphrase))
	for _, f := range z.File {
		if f.Name != "posnetki/0001.mp4" && f.Name != "manifest.json" {
			continue
		}
		begin, err := f.DataOffset()
		must(t, err)
		for at := begin; at < begin+int64(f.CompressedSize64); at += max(1, int64(f.CompressedSize64)/20) {
			bad := bytes.Clone(b.Bytes())
			bad[at] ^= 1
			dir := filepath.Join(t.TempDir(), "paket")
			if code, _, complaint := check(t, "", "--passphrase-file", words, "--unpack", dir, file(t, "a.zip", bad)); code != exitUnchecked || complaint == "" || there(dir) {
				t.Errorf("%s, byte %d: %d\n%s", f.Name, at-begin, code, complaint)
			}
		}
	}
}

// Interrupted, it leaves nothing.
func TestUnpackInterrupted(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	plain, _, _ := archived(t, pkg)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "paket")
	var out, complaint bytes.Buffer
	if code := run(ctx, []string{"--unpack", dir, plain}, strings.NewReader(""), &out, &complaint); code != exitUnchecked || !unfolded(complaint.String(), "prekinjeno") || there(dir) {
		t.Errorf("%d\n%s", code, complaint.String())
	}
}
