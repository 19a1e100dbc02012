//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// around is a package in a folder, with other files around it.
func around(pkg fstest.MapFS, folder string, others ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, f := range pkg {
		all[folder+name] = f
	}
	for _, name := range others {
		all[name] = &fstest.MapFile{Data: evidencetest.Left(name), Mode: 0o600}
	}
	return all
}

// asZip is what [around] makes, as an archive.
func asZip(t testing.TB, all fstest.MapFS) string {
	var b bytes.Buffer
	packed(t, all, "", zip.NewWriter(&b))
	return file(t, "paket.zip", b.Bytes())
}

// A true package with anything around it is not checked, so that nobody takes that for checked: not a film where everybody looks
// for the footage, with the package hidden below. The files are named, and the folder to give, which is then good.
func TestAround(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	for what, tt := range map[string]struct {
		folder string
		others []string
		says   string
		misled bool
	}{
		"below the proofs":          {"proof/podatki/", []string{"posnetki/0001.mp4", "1_PREBERI.html", "manifest.json", "SHA256SUMS.txt", "SHA256SUMS.sig", evidence.RecordFile, "varuh-verify.exe"}, "1_PREBERI.html, SHA256SUMS.sig, SHA256SUMS.txt, …", true},
		"below the films":           {"posnetki/sistem/", []string{"posnetki/0001.mp4", "posnetki/0002.mp4"}, "posnetki/0001.mp4, posnetki/0002.mp4", true},
		"of another spelling":       {"x/", []string{"Posnetki/0001.mp4"}, "Posnetki/0001.mp4", true},
		"a film alone":              {"x/", []string{"0001.mp4"}, "0001.mp4", false},
		"in a folder far below":     {"x/", []string{"a/b/c/d/e/f/0001.mp4"}, "a/b/c/d/e/", false},
		"notes beside it":           {"paket/", []string{"opombe.txt"}, "opombe.txt", false},
		"a system's name elsewhere": {"paket/", []string{"fotografije/System Volume Information/0001.mp4"}, "fotografije/System Volume Information/0001.mp4", false},
	} {
		all := around(pkg, tt.folder, tt.others...)
		dir := unpacked(t, all)
		for _, at := range []string{dir, asZip(t, all)} {
			code, out, complaint := check(t, "", append(slices.Clone(know), at)...)
			if code != exitUnchecked || out != "" || !unfolded(complaint, tt.says) || unfolded(complaint, "to mislead") != tt.misled || !unfolded(complaint, strings.TrimSuffix(tt.folder, "/")) {
				t.Errorf("%s: %d\n%s\n%s", what, code, out, complaint)
			}
			to := filepath.Join(t.TempDir(), "to")
			if code, _, _ := check(t, "", append(slices.Clone(know), "--unpack", to, at)...); code != exitUnchecked || there(to) {
				t.Errorf("%s, unpacked: %d", what, code)
			}
		}
		if code, out, complaint := check(t, "", append(slices.Clone(know), filepath.Join(dir, tt.folder))...); code != exitGood {
			t.Errorf("%s, the folder alone: %d\n%s\n%s", what, code, out, complaint)
		}
	}
}

// Whoever carries an encrypted package has neither key nor passphrase, and can give its entries other names, which nothing
// authenticates: what he puts around them is found.
func TestAroundEncrypted(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	_, _, encrypted := archived(t, pkg)
	z, err := zip.OpenReader(encrypted)
	must(t, err)
	defer z.Close()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		h := f.FileHeader
		h.Name = "paket/proof/podatki/" + strings.TrimPrefix(f.Name, "paket/")
		to, err := w.CreateRaw(&h)
		must(t, err)
		from, err := f.OpenRaw()
		must(t, err)
		_, err = io.Copy(to, from)
		must(t, err)
	}
	to, err := w.Create("paket/posnetki/0001.mp4")
	must(t, err)
	_, err = io.WriteString(to, "another film")
	must(t, err)
	must(t, w.Close())
	code, out, complaint := check(t, "", "--passphrase-file", file(t, "p", []byte(passphrase)), "--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String(), file(t, "paket.zip", b.Bytes()))
	if code != exitUnchecked || out != "" || !unfolded(complaint, "paket/posnetki/0001.mp4") {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
}

// Where the package lies in a folder of what was given, the first line says which folder was checked, in both languages, in the
// page, and to programs; where it is what was given, nothing is said.
func TestCheckedFolder(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	all := around(pkg, "primer/paket/")
	for _, at := range []string{unpacked(t, all), asZip(t, all)} {
		page, checked := filepath.Join(t.TempDir(), "p.html"), filepath.Join(at, "primer", "paket")
		code, out, _ := check(t, "", append(slices.Clone(know), "--report", page, at)...)
		sl, en, _ := strings.Cut(out, between)
		sl, _, _ = strings.Cut(sl, "\nV REDU")
		en, _, _ = strings.Cut(en, "\nGOOD")
		if code != exitGood || !unfolded(sl, "Preverjeno je samo to, kar je v "+checked+".") || !unfolded(en, "What was checked is in "+checked+", and nothing else.") {
			t.Errorf("%d\n%s", code, out)
		}
		if b, err := os.ReadFile(page); err != nil || strings.Count(string(b), checked) != 2 {
			t.Errorf("%v %s", err, b)
		}
		_, out, _ = check(t, "", append(slices.Clone(know), "--json", at)...)
		var a packageAnswer
		if must(t, json.Unmarshal([]byte(out), &a)); a.Checked != checked {
			t.Errorf("%s", out)
		}
	}
	if _, out, _ := check(t, "", append(slices.Clone(know), unpacked(t, pkg))...); !strings.HasPrefix(out, "V REDU") {
		t.Errorf("%s", out)
	}
}

// What operating systems leave in a package, at the root of the stick that it lies on or around it is told, and is no harm; a
// package that somebody threw away is none.
func TestLeftBySystems(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	for _, name := range []string{"System Volume Information/WPSettings.dat", "System Volume Information/tracking.log", ".Trash-1000/info/x", "._1_PREBERI.html", "desktop.ini", ".fseventsd/fseventsd-uuid",
		"$RECYCLE.BIN/desktop.ini", ".directory", "__MACOSX/._manifest.json"} {
		inside := maps.Clone(pkg)
		inside[name] = &fstest.MapFile{Data: evidencetest.Left(name), Mode: 0o600}
		for what, all := range map[string]fstest.MapFS{"inside": inside, "around": around(pkg, "a/paket/", name), "in between": around(pkg, "a/paket/", "a/"+name)} {
			for _, at := range []string{unpacked(t, all), asZip(t, all)} {
				code, out, complaint := check(t, "", append(slices.Clone(know), at)...)
				first, _, _ := strings.Cut(name, "/")
				if code != exitGood || !unfolded(out, first+" ni del paketa: naredi jo operacijski sistem.") {
					t.Errorf("%s, %s: %d\n%s\n%s", name, what, code, out, complaint)
				}
			}
		}
	}
	for _, name := range []string{"posnetki/._0001.mp4", "proof/.DS_Store", "proof/diary/pinned/._x"} {
		if code, out, _ := check(t, "", append(slices.Clone(know), unpacked(t, around(pkg, "", name)))...); code != exitGood || !unfolded(out, "The file "+name+" is no part of the package: operating systems make it.") {
			t.Errorf("%s: %d\n%s", name, code, out)
		}
	}
	all := around(pkg, "paket/")
	maps.Copy(all, around(pkg, ".Trash-1000/files/paket/"))
	if code, out, complaint := check(t, "", append(slices.Clone(know), unpacked(t, all))...); code != exitGood {
		t.Errorf("a package in the bin: %d\n%s\n%s", code, out, complaint)
	}
}

// A film under the name of a system's file, or in the folder of a system's, is bad in a package, be it a folder, an archive or what is
// unpacked of that, and keeps one from being checked that lies beside it.
func TestHiddenAsSystems(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	for _, name := range []string{"posnetki/._0001.mp4", ".DS_Store", "__MACOSX/posnetki/0001.mp4", "System Volume Information/0001.mp4"} {
		put := func(all fstest.MapFS) fstest.MapFS {
			all[name] = pkg["posnetki/0001.mp4"]
			return all
		}
		archive := asZip(t, put(around(pkg, "")))
		for what, args := range map[string][]string{"a folder": {unpacked(t, put(around(pkg, "")))}, "an archive": {archive}, "unpacked": {"--unpack", filepath.Join(t.TempDir(), "to"), archive}} {
			if code, out, complaint := check(t, "", append(slices.Clone(know), args...)...); code != exitBad || !unfolded(out, "The file "+name+" is no part of the package: somebody added it.") {
				t.Errorf("%s, %s: %d\n%s\n%s", name, what, code, out, complaint)
			}
		}
		all := put(around(pkg, "a/paket/"))
		for _, at := range []string{unpacked(t, all), asZip(t, all)} {
			if code, out, complaint := check(t, "", append(slices.Clone(know), at)...); code != exitUnchecked || out != "" || !unfolded(complaint, name) {
				t.Errorf("%s beside it: %d\n%s\n%s", name, code, out, complaint)
			}
		}
	}
}

// Started by a double click the program says which folder it found; where its own looks like a package, it does not take
// another one in that for it.
func TestDoubleClickAround(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	home := unpacked(t, around(pkg, "paket/", "opombe.txt"))
	if code, out, complaint, _, _ := double(t, home, "\n\n"); code != exitUnconfirmed || !unfolded(out[:300], "Preverjeno je samo to, kar je v "+filepath.Join(home, "paket")+".") {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
	home = unpacked(t, around(pkg, "sistem/", "posnetki/0001.mp4"))
	if code, out, complaint, _, _ := double(t, home, "\n\n"); code != exitUnchecked || !unfolded(complaint, "posnetki/0001.mp4") {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
}

// A diary is not called good with a film around it, either, nor is a bundle where a package has its marks.
func TestAroundDiary(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	all := fstest.MapFS{"posnetki/0001.mp4": &fstest.MapFile{Data: []byte("another film"), Mode: 0o600}}
	for name, b := range within(t, d.zipped(), "") {
		all["dnevnik/"+name] = &fstest.MapFile{Data: b, Mode: 0o600}
	}
	if code, out, complaint := check(t, "", "--key", d.key.String(), unpacked(t, all)); code != exitUnchecked || !unfolded(complaint, "posnetki/0001.mp4") {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
	both := fstest.MapFS{"manifest.sig": &fstest.MapFile{Data: []byte("x"), Mode: 0o600}}
	for name, b := range within(t, d.zipped(), "") {
		both[name] = &fstest.MapFile{Data: b, Mode: 0o600}
	}
	if code, out, _ := check(t, "", "--key", d.key.String(), unpacked(t, both)); code != exitBad {
		t.Errorf("%d\n%s", code, out)
	}
}

// The bundle of a diary that somebody made to look like a package is not checked, for he could have it called good: whole or as the
// proofs of a package are, with films, pages or the names of a package's files, in a folder or an archive.
func TestDiaryAsPackage(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	for name, refused := range map[string]bool{"posnetki/0001.mp4": true, "leaves/0001.MOV": true, "1_PREBERI.html": true, "manifest.json": true, "x.mp4. ": true, "Posnetki/x": true, "._0001.mp4": true,
		"dnevnik.html": false, "varuh-verify.exe": false, "opombe.txt": false, "desktop.ini": false} {
		for _, folder := range []string{"", "a/dnevnik/"} {
			all := fstest.MapFS{folder + name: &fstest.MapFile{Data: []byte("another film"), Mode: 0o600}}
			for n, b := range within(t, d.zipped(), "") {
				all[folder+n] = &fstest.MapFile{Data: b, Mode: 0o600}
			}
			for _, at := range []string{unpacked(t, all), asZip(t, all)} {
				code, out, complaint := check(t, "", "--key", d.key.String(), at)
				if refused && (code != exitUnchecked || out != "" || !unfolded(complaint, name) || !unfolded(complaint, "to mislead")) || !refused && code != exitGood {
					t.Errorf("%s in %q: %d\n%s\n%s", name, folder, code, out, complaint)
				}
			}
		}
	}
	all := fstest.MapFS{"._dnevnik.html": &fstest.MapFile{Data: evidencetest.Left("._x"), Mode: 0o600}}
	for n, b := range within(t, d.zipped(), "") {
		all[n] = &fstest.MapFile{Data: b, Mode: 0o600}
	}
	if code, out, complaint := check(t, "", "--key", d.key.String(), unpacked(t, all)); code != exitGood {
		t.Errorf("with what a system left: %d\n%s\n%s", code, out, complaint)
	}
}

// Nobody has a line of his begin as one of the program's does, by the name of a camera or of a folder: neither in a report nor where
// nothing could be checked.
func TestLinesOfOthers(t *testing.T) {
	t.Parallel()
	var list []string
	for n := range width {
		list = append(list, "x"+strings.Repeat(" ", n)+"[√] UNCHANGED since capture", "x"+strings.Repeat(" ", n)+"GOOD: what could be checked holds.")
	}
	mine := func(text string) string {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "[√]") || strings.HasPrefix(line, "GOOD") {
				return line
			}
		}
		return ""
	}
	for _, name := range list {
		r := &evidence.Report{Cameras: map[string]string{"hall": name}, Clips: []evidence.Clipped{{Path: film1, Camera: "hall"}}}
		if line := mine(englishPackage.report(r, exitUnconfirmed)); line != "" {
			t.Fatalf("a camera: %q", line)
		}
		var complaint bytes.Buffer
		p := &program{checked: "/tmp/" + name, err: &complaint}
		if line := mine(p.where(english)); line != "" {
			t.Fatalf("a folder: %q", line)
		}
		if p.explain(notAlone(fstest.MapFS{}, "/tmp", name, []string{name})); mine(complaint.String()) != "" {
			t.Fatalf("where nothing was checked: %s", &complaint)
		}
	}
}
