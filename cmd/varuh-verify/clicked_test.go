//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/evidence/evidencetest"
)

// Started with the mouse out of a package's folder, the program checks that package, and asks for the fingerprint.
func TestClicked(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	dir, fingerprint := unpacked(t, pkg), c.Diary.Key.Fingerprint()
	witness := []string{"--held", file(t, "kept.txt", c.Diary.Past[0]), dir}
	for what, tt := range map[string]struct {
		home string
		args []string
		in   string
		code int
		asks int
	}{
		"in the package":       {dir, nil, fingerprint + "\r\n", exitUnconfirmed, 1}, // nobody knows the witness
		"with a checkpoint":    {dir, witness, fingerprint + "\n", exitGood, 1},
		"typed wrong at first": {dir, witness, "4cb8\n" + strings.ToUpper(fingerprint) + "\n", exitGood, 2},
		"another":              {dir, witness, "0000 0000 0000 0000 0000 0000 0000 0000\n", exitBad, 1},
		"none":                 {dir, witness, "\n", exitUnconfirmed, 1},
		"nobody there":         {dir, witness, "", exitUnconfirmed, 1},
		"never right":          {dir, witness, "a\nb\nc\nd\n", exitUnconfirmed, 3},
		"elsewhere":            {t.TempDir(), nil, "", exitUnchecked, 0},
		"it was given":         {dir, append([]string{"--key", fingerprint}, witness...), "", exitGood, 0},
		"a diary":              {t.TempDir(), []string{file(t, "dnevnik.zip", newDiary(t).fill(3, -1).zipped())}, "", exitUnconfirmed, 0},
	} {
		var out, complaint bytes.Buffer
		p := &program{in: strings.NewReader(tt.in), out: &out, err: &complaint, now: noon, clicked: true, home: tt.home}
		if code := p.run(t.Context(), tt.args); code != tt.code || strings.Count(complaint.String(), "Prstni odtis ključa z zapisnika") != tt.asks {
			t.Errorf("%s: %d\n%s\n%s", what, code, out.String(), complaint.String())
		}
	}
}

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// double is a double click: what is said, what was typed and not read, and the pages that were written.
func double(t *testing.T, home, typed string) (code int, out, complaint string, left int, pages []string) {
	t.Helper()
	var o, e bytes.Buffer
	in := strings.NewReader(typed)
	p := &program{in: in, out: &o, err: &e, now: noon, clicked: true, home: home}
	code = p.start(t.Context(), nil)
	for _, dir := range []string{home, filepath.Dir(home)} {
		list, err := filepath.Glob(filepath.Join(dir, "preverjanje*.html"))
		must(t, err)
		pages = append(pages, list...)
	}
	return code, o.String(), e.String(), in.Len(), pages
}

// On Windows the program is double-clicked where it lies: in the package, beside its folder, beside its archive. It asks for the
// fingerprint, writes the report beside the package and never in it, and waits for Enter.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	fingerprint := c.Diary.Key.Fingerprint()
	plain, deeper, encrypted := archived(t, pkg)
	with := func(name, archive string) string {
		dir := filepath.Join(t.TempDir(), "delo")
		must(t, os.Mkdir(dir, 0o700))
		b, err := os.ReadFile(archive)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "varuh-verify.exe"), []byte("MZ"), 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "slike.zip"), []byte("PK no archive"), 0o600))
		return dir
	}
	folder := with("opombe.txt", plain)
	must(t, os.CopyFS(filepath.Join(folder, "paket"), pkg))
	for what, tt := range map[string]struct {
		home, typed string
		unpacked    string // the folder that is there afterwards
		page        string // where the report is
	}{
		"in the package":                {filepath.Join(folder, "paket"), fingerprint + "\n\n", "", folder},
		"beside its folder":             {folder, fingerprint + "\n\n", "", folder},
		"beside an archive":             {with("a.zip", plain), "n\n" + fingerprint + "\n\n", "", "."},
		"beside one, unpacked":          {with("a.zip", deeper), "d\n" + fingerprint + "\n\n", "a", "."},
		"beside an encrypted one":       {with("paket.zip", encrypted), passphrase + "\nd\n" + fingerprint + "\n\n", "paket", "."},
		"typed wrong, and then rightly": {with("paket.zip", encrypted), "geslo\n" + passphrase + "\nda\n0000\n" + fingerprint + "\n\n", "paket", "."},
	} {
		code, out, complaint, left, pages := double(t, tt.home, tt.typed)
		if code != exitUnconfirmed || left != 0 || !strings.Contains(out, "Za konec pritisnite Enter") || !unfolded(out, "Poročilo je v datoteki") || strings.Count(out, "[√]") != 4 {
			t.Errorf("%s: %d, %d bytes were not read\n%s\n%s", what, code, left, out, complaint)
		}
		at := tt.page
		if at == "." {
			at = tt.home
		}
		if len(pages) == 0 || !slices.ContainsFunc(pages, func(name string) bool { return filepath.Dir(name) == at }) {
			t.Fatalf("%s: the report is at %q", what, pages)
		}
		b, err := os.ReadFile(pages[0])
		must(t, err)
		if !strings.Contains(string(b), fingerprint+" (vpisan z zapisnika") || !strings.Contains(string(b), "2026-11-22 12:00:00 UTC") {
			t.Errorf("%s: %s", what, b)
		}
		if tt.unpacked != "" {
			same(t, filepath.Join(tt.home, tt.unpacked), pkg)
		}
	}
	same(t, filepath.Join(folder, "paket"), pkg)
	if pages, err := filepath.Glob(filepath.Join(folder, "preverjanje*.html")); err != nil || len(pages) != 2 {
		t.Errorf("of two checks there are the reports %q, %v", pages, err)
	}
}

// With two packages beside it, or none, it says what to do; with nobody there it ends.
func TestDoubleClickAlone(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Tiny(t, "a").Written(t)
	two := t.TempDir()
	must(t, os.CopyFS(filepath.Join(two, "a"), pkg))
	must(t, os.CopyFS(filepath.Join(two, "b"), pkg))
	if code, out, complaint, left, _ := double(t, two, "\n"); code != exitUnchecked || left != 0 || !unfolded(complaint, "več paketov (a in b)") || !strings.Contains(out, "Enter") {
		t.Errorf("two: %d\n%s\n%s", code, out, complaint)
	}
	if code, _, complaint, left, _ := double(t, t.TempDir(), "\n"); code != exitUnchecked || left != 0 || !strings.Contains(complaint, "Kako: mapo paketa") {
		t.Errorf("none: %d\n%s", code, complaint)
	}
	if code, _, _, _, pages := double(t, unpacked(t, pkg), ""); code != exitUnconfirmed || len(pages) != 1 {
		t.Errorf("nobody there: %d, %q", code, pages)
	}
}

// Where nothing can be written beside the package, such as on a disk that is read alone, the report is in the person's own
// folder; where nowhere, that is said, and the answer stays.
func TestReportElsewhere(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for what, tt := range map[string]struct {
		looked, home string
	}{
		"read-only":          {filepath.Join(home, "none", "paket"), home},
		"the root of a disk": {"/", home},
		"nowhere":            {filepath.Join(home, "none", "paket"), filepath.Join(home, "gone")},
	} {
		t.Setenv("HOME", tt.home)
		var out, complaint bytes.Buffer
		p := &program{out: &out, err: &complaint, looked: tt.looked}
		p.keep([]byte("page"))
		list, err := filepath.Glob(filepath.Join(home, "preverjanje*.html"))
		must(t, err)
		if said := unfolded(out.String(), "Poročilo je v datoteki"); said == (what == "nowhere") || said == unfolded(complaint.String(), "Poročila ni mogoče zapisati") {
			t.Errorf("%s: %q\n%s\n%s", what, list, out.String(), complaint.String())
		}
	}
	if list, err := filepath.Glob(filepath.Join(home, "preverjanje*.html")); err != nil || len(list) != 2 {
		t.Errorf("%q, %v", list, err)
	}
}
