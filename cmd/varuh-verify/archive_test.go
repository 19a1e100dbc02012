//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/evidence/evidencetest"
	tools "varuh/recorder/rtsp/rtsptest/outside"
)

// repacked is a package that somebody packed anew, in a folder with letters of his, by a command that is given the archive's
// name, and then the folder's.
func repacked(t *testing.T, pkg fstest.MapFS, command ...string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(filepath.Join(dir, "Šolski paket"), pkg))
	c := exec.Command(command[0], append(command[1:], "a.zip", "Šolski paket")...)
	c.Dir, c.Env = dir, append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v: %s", command, err, out)
	}
	return filepath.Join(dir, "a.zip")
}

// byWindows is an archive with names as some programs of Windows write them.
func byWindows(t *testing.T, pkg fstest.MapFS, name func(string) string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	must(t, fs.WalkDir(pkg, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name(path), Method: zip.Deflate, NonUTF8: true})
		if err == nil {
			_, err = w.Write(pkg[path].Data)
		}
		return err
	}))
	must(t, z.Close())
	return file(t, "a.zip", b.Bytes())
}

// A package that was packed anew by what people have is the package still, and comes out of it whole.
func TestRepacked(t *testing.T) {
	t.Parallel()
	tools.Needs(t, "p7zip-full", "7z", "i")
	tools.Needs(t, "libarchive-tools", "bsdtar", "--version")
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	for what, archive := range map[string]string{
		"7-Zip":                         repacked(t, pkg, "7z", "a", "-tzip"),
		"7-Zip, with a passphrase":      repacked(t, pkg, "7z", "a", "-tzip", "-mem=AES256", "-p"+passphrase),
		"7-Zip, not compressed":         repacked(t, pkg, "7z", "a", "-tzip", "-mx0", "-mem=AES256", "-p"+passphrase),
		"bsdtar":                        repacked(t, pkg, "bsdtar", "-a", "-c", "-f"),
		"Windows, by its code page":     byWindows(t, pkg, func(name string) string { return "\xe6olski paket/" + name }),
		"Windows, by backslashes":       byWindows(t, pkg, func(name string) string { return `paket\` + strings.ReplaceAll(name, "/", `\`) }),
		"both":                          byWindows(t, pkg, func(name string) string { return "\xe6olski\\" + strings.ReplaceAll(name, "/", `\`) }),
		"Windows, by backslashes, flat": byWindows(t, pkg, func(name string) string { return strings.ReplaceAll(name, "/", `\`) }),
	} {
		code, out, complaint := check(t, passphrase+"\n", append(slices.Clone(know), archive)...)
		if code != exitGood || strings.Count(out, "[√]") != 6 {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, complaint)
		}
		dir := filepath.Join(t.TempDir(), "paket")
		if code, out, complaint = check(t, passphrase+"\n", append(slices.Clone(know), "--unpack", dir, archive)...); code != exitGood {
			t.Errorf("%s, unpacked: %d\n%s\n%s", what, code, out, complaint)
		}
		same(t, dir, pkg)
		if !archivesPackage(archive) {
			t.Errorf("%s: a double click beside it does not find it", what)
		}
	}
	if got := oldName("\xe6olski paket \xac\xa7\x9f"); got != "Šolski paket Čžč" {
		t.Errorf("by code page 852 it is %q", got)
	}
}

// So is the diary's.
func TestRepackedDiary(t *testing.T) {
	t.Parallel()
	d := seeded(t)
	for _, folder := range []string{"\xe6ola\\", "\xe6ola/"} {
		if code, out, complaint := check(t, "", "--key", d.key.String(), file(t, "a.zip", renamed(t, d, folder))); code != exitGood {
			t.Errorf("in %q: %d\n%s\n%s", folder, code, out, complaint)
		}
	}
}

// What is compressed as nothing here reads it is not called a package that was changed: what to do is said.
func TestRepackedUnread(t *testing.T) {
	t.Parallel()
	tools.Needs(t, "p7zip-full", "7z", "i")
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	for method, want := range map[string]string{"-mm=Deflate64": "raziskovalec sistema Windows", "-mm=LZMA": "Razširite ga", "-mm=BZip2": "Razširite ga",
		"-p" + passphrase: "šifriran drugače"} {
		code, out, complaint := check(t, passphrase+"\n", repacked(t, pkg, "7z", "a", "-tzip", method))
		if code != exitUnchecked || out != "" || !unfolded(complaint, want) {
			t.Errorf("%s: %d\n%s\n%s", method, code, out, complaint)
		}
	}
}

// Backslashes lead no further than slashes, and among slashes they are for nobody a folder's.
func TestBackslashes(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	for what, name := range map[string]func(string) string{
		"above":         func(name string) string { return `..\` + strings.ReplaceAll(name, "/", `\`) },
		"on a drive":    func(name string) string { return `C:\` + strings.ReplaceAll(name, "/", `\`) },
		"on a server":   func(name string) string { return `\\pc\` + strings.ReplaceAll(name, "/", `\`) },
		"some of both":  func(name string) string { return strings.Replace("a/b/"+name, "/", `\`, 1) },
		"twice":         func(string) string { return `posnetki\0001.mp4` },
		"another drive": func(name string) string { return "D:" + name },
	} {
		around := t.TempDir()
		code, out, complaint := check(t, "", "--unpack", filepath.Join(around, "paket"), byWindows(t, pkg, name))
		if list, err := os.ReadDir(around); code != exitUnchecked || out != "" || complaint == "" || err != nil || len(list) != 0 {
			t.Errorf("%s: %d, %v, %v\n%s\n%s", what, code, list, err, out, complaint)
		}
	}
}
