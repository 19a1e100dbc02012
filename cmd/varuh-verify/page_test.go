//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/evidence/evidencetest"
)

// The page says what was checked, with which fingerprint from where, what came of it and by which program: in Slovenian
// first, and it loads nothing.
func TestReport(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, m := c.Written(t)
	dir, page := unpacked(t, pkg), filepath.Join(t.TempDir(), "p.html")
	code, _, complaint := check(t, "", "--report", page, "--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String(), dir)
	b, err := os.ReadFile(page)
	must(t, err)
	text := string(b)
	sl, en, both := strings.Cut(text, `<section lang="en">`)
	if code != exitGood || complaint != "" || !both {
		t.Fatalf("%d\n%s\n%s", code, complaint, text)
	}
	for _, want := range []string{"NESPREMENJENO od snemanja", `class="sum good"`, c.Diary.Key.Fingerprint() + " (podan v ukazni vrstici)", dir, "Preveril varuh-verify", "posnetki/0001.mp4: kamera hall"} {
		if !strings.Contains(sl, want) {
			t.Errorf("in Slovenian the page does not say %q", want)
		}
	}
	for _, want := range []string{"DISCLOSED AS LOGGED", "given on the command line", "Checked by varuh-verify"} {
		if !strings.Contains(en, want) {
			t.Errorf("in English the page does not say %q", want)
		}
	}
	if strings.Count(text, `<li class="good">`) != 6 || !strings.Contains(text, "SHA-256") || len(m.Clips) == 0 {
		t.Errorf("%s", text)
	}
	if other := regexp.MustCompile(`(https?:|\burl\(|@import|<script|\b(src|href)=)`).FindString(text); other != "" {
		t.Errorf("the page leads to %q", other)
	}
	if code, _, complaint := check(t, "", "--report", page, dir); code != exitUnchecked || complaint == "" {
		t.Errorf("over a page that is there: %d", code)
	}
	again, err := os.ReadFile(page)
	must(t, err)
	if !bytes.Equal(again, b) {
		t.Error("the page was written over")
	}
	if code, _, _ := check(t, "", "--report", filepath.Join(t.TempDir(), "p.html"), file(t, "dnevnik.zip", newDiary(t).fill(3, -1).zipped())); code != exitUnchecked {
		t.Errorf("a diary: %d", code)
	}
}

// What is wrong is on the page, nothing of it is green before the fingerprint was compared, and what a package says stays text.
func TestReportBad(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	dir := unpacked(t, pkg)
	page := filepath.Join(t.TempDir(), "p.html")
	if code, _, _ := check(t, "", "--report", page, dir); code != exitUnconfirmed {
		t.Errorf("%d", code)
	}
	b, err := os.ReadFile(page)
	must(t, err)
	if strings.Contains(string(b), `class="good"`) || !strings.Contains(string(b), "prstni odtis s papirja ni bil podan") {
		t.Errorf("%s", b)
	}
	bad := slices.Clone(pkg["posnetki/0001.mp4"].Data)
	bad[len(bad)-1] ^= 1
	must(t, os.WriteFile(filepath.Join(dir, "posnetki", "0001.mp4"), bad, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "<img src=x>.txt"), nil, 0o600))
	page = filepath.Join(t.TempDir(), "p.html")
	if code, _, _ := check(t, "", "--report", page, "--key", c.Diary.Key.Fingerprint(), dir); code != exitBad {
		t.Errorf("%d", code)
	}
	b, err = os.ReadFile(page)
	must(t, err)
	if !strings.Contains(string(b), `class="sum bad"`) || !strings.Contains(string(b), "posnetki/0001.mp4") || strings.Contains(string(b), "<img") || !strings.Contains(string(b), "&lt;img") {
		t.Errorf("%s", b)
	}
}
