//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/anchor/timestamp/timestamptest"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// packed is a package in an archive, in a folder of it.
func packed(t testing.TB, pkg fstest.MapFS, folder string, w interface {
	Create(string) (io.Writer, error)
	Close() error
}) {
	t.Helper()
	must(t, fs.WalkDir(pkg, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f, err := w.Create(folder + name)
		if err == nil {
			_, err = f.Write(pkg[name].Data)
		}
		return err
	}))
	must(t, w.Close())
}

func unpacked(t testing.TB, pkg fstest.MapFS) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, pkg))
	return dir
}

const passphrase = "correct-horse-battery"

// archived is the package as a zip file, as an encrypted one, and each in a folder of it.
func archived(t testing.TB, pkg fstest.MapFS) (plain, folder, encrypted string) {
	t.Helper()
	var a, b, c bytes.Buffer
	packed(t, pkg, "", zip.NewWriter(&a))
	packed(t, pkg, "primer/paket/", zip.NewWriter(&b))
	w, err := aeszip.NewWriter(&c, passphrase)
	must(t, err)
	packed(t, pkg, "paket/", w)
	return file(t, "a.zip", a.Bytes()), file(t, "b.zip", b.Bytes()), file(t, "c.zip", c.Bytes())
}

// A package is checked wherever it lies, and its three verdicts are said in two languages.
func TestPackage(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	c.About.Cameras = map[string]string{"hall": "Avla"}
	pkg, _ := c.Written(t)
	plain, folder, encrypted := archived(t, pkg)
	fingerprint, witness := c.Diary.Key.Fingerprint(), c.Diary.Witness.Key.String()
	for what, args := range map[string][]string{"a folder": {unpacked(t, pkg)}, "a zip file": {plain}, "folders in one": {folder},
		"an encrypted one": {"--passphrase-file", file(t, "p", []byte(passphrase)), encrypted}} {
		code, out, complaint := check(t, "", append(args, "--key", fingerprint, "--key", witness)...)
		sl, en, _ := strings.Cut(out, "\n----\n")
		if code != exitGood || complaint != "" || strings.Count(out, "[√]") != 6 || !unfolded(sl, "NESPREMENJENO od snemanja") || !unfolded(en, "DISCLOSED AS LOGGED") {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, complaint)
		}
		if !unfolded(en, "Clip posnetki/0001.mp4: camera hall (Avla) (main), from 2026-11-21 06:30:00 UTC to 2026-11-21 06:30:04 UTC.") || !strings.Contains(en, fingerprint) {
			t.Errorf("%s", en)
		}
	}
	code, out, _ := check(t, "", plain)
	if code != exitUnconfirmed || strings.Count(out, "[?]") != 6 || strings.Contains(out, "[√]") {
		t.Errorf("nobody compared the fingerprint: %d\n%s", code, out)
	}
	if code, out, _ = check(t, "", "--key", fingerprint, plain); code != exitUnconfirmed || strings.Count(out, "[√]") != 4 {
		t.Errorf("nobody knows the witness: %d\n%s", code, out)
	}
	if code, out, _ = check(t, "", "--key", "0000 0000 0000 0000 0000 0000 0000 0000", plain); code != exitBad || strings.Contains(out, "[√]") ||
		strings.Count(out, "[×] NI POTRJENO") != 3 || !unfolded(out, "[×] NOT CONFIRMED to be unchanged since capture: it is signed by a key that is not the one on your paper. Check that the fingerprint was typed rightly.") {
		t.Errorf("another fingerprint: %d\n%s", code, out)
	}
	wrong := unpacked(t, pkg)
	must(t, os.WriteFile(filepath.Join(wrong, "posnetki", "0003.mp4"), nil, 0o600))
	if code, out, _ = check(t, "", "--key", "0000 0000 0000 0000 0000 0000 0000 0000", wrong); code != exitBad || strings.Contains(out, "NI POTRJENO, da") || !unfolded(out, "[×] NOT EXPORTED AS RECORDED") {
		t.Errorf("another fingerprint, and more: %d\n%s", code, out)
	}
}

// What was done to a package is named, by the exit status and in the report for programs.
func TestPackageTampered(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--json", "--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	for what, tt := range map[string]struct {
		change func(dir string) error
		code   int
		find   evidence.Code
		file   string
	}{
		"nothing": {func(string) error { return nil }, exitGood, "", ""},
		"a byte of a clip": {func(dir string) error {
			name := filepath.Join(dir, "posnetki", "0002.mp4")
			b, err := os.ReadFile(name)
			must(t, err)
			b[len(b)-1] ^= 1
			return os.WriteFile(name, b, 0o600)
		}, exitBad, evidence.CodeFragment, "posnetki/0002.mp4"},
		"a clip":        {func(dir string) error { return os.Remove(filepath.Join(dir, "posnetki", "0001.mp4")) }, exitBad, evidence.CodeMissing, "posnetki/0001.mp4"},
		"the signature": {func(dir string) error { return os.Remove(filepath.Join(dir, "manifest.sig")) }, exitBad, evidence.CodeMissing, "manifest.sig"},
		"the manifest":  {func(dir string) error { return os.Remove(filepath.Join(dir, "manifest.json")) }, exitBad, evidence.CodeMissing, "manifest.json"},
		"the diary":     {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "proof", "diary")) }, exitBad, evidence.CodeDiary, "proof/diary"},
		"a file beside": {func(dir string) error { return os.WriteFile(filepath.Join(dir, "opombe.txt"), nil, 0o600) }, exitBad, evidence.CodeExtra, "opombe.txt"},
		"a folder opened": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "posnetki", "Thumbs.db"), evidencetest.Left("Thumbs.db"), 0o600)
		}, exitGood, evidence.CodeExtra, "posnetki/Thumbs.db"},
		"a film beside": {func(dir string) error { return os.WriteFile(filepath.Join(dir, "posnetki", "0003.mp4"), nil, 0o600) }, exitBad, evidence.CodeExtra, "posnetki/0003.mp4"},
	} {
		dir := unpacked(t, pkg)
		must(t, tt.change(dir))
		code, out, complaint := check(t, "", append(slices.Clone(know), dir)...)
		var a packageAnswer
		must(t, json.Unmarshal([]byte(out), &a))
		if code != tt.code || a.Verdict != verdicts[tt.code] || complaint != "" || tt.find == "" && len(a.Findings) > 0 || tt.find != "" && !slices.ContainsFunc(a.Findings, func(f packageFinding) bool { return f.Code == tt.find && f.File == tt.file }) {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, complaint)
		}
	}
}

// A checkpoint that somebody kept counts, and one that can't be compared keeps a package from being good.
func TestPackageHeld(t *testing.T) {
	t.Parallel()
	c := evidencetest.NewCase(t, "a", true, evidencetest.Small(t, "a").Segments[0])
	pkg, _ := c.Written(t)
	kept := file(t, "kept.txt", c.Diary.Past[0])
	c.Diary.Witnessed()
	later := file(t, "later.txt", c.Diary.Past[1])
	dir := unpacked(t, pkg)
	if code, out, _ := check(t, "", "--key", c.Diary.Key.Fingerprint(), dir, kept); code != exitGood {
		t.Errorf("%d\n%s", code, out)
	}
	other := evidencetest.NewCase(t, "a", false, evidencetest.Small(t, "a").Segments[1], evidencetest.Small(t, "a").Segments[0])
	other.Diary.Add("start", nil, nil)
	other.Diary.Witnessed()
	if code, out, _ := check(t, "", "--key", c.Diary.Key.Fingerprint(), "--held", file(t, "other.txt", other.Diary.Past[0]), "--held", kept, dir); code == exitGood {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := check(t, "", "--key", c.Diary.Key.Fingerprint(), "--held", later, dir); code == exitGood || code == exitUnchecked {
		t.Errorf("%d\n%s", code, out)
	}
}

// A time-stamping authority is a witness, too, if its certificate was given.
func TestPackageTimestamp(t *testing.T) {
	t.Parallel()
	tsa, other := timestamptest.New(t, timestamptest.Options{}), timestamptest.New(t, timestamptest.Options{})
	c := evidencetest.Tiny(t, "a")
	c.Diary.Stamp = func(text []byte) []byte {
		token, err := tsa.Answer(timestamp.NewRequest(sha256.Sum256(text)).DER())
		must(t, err)
		return token
	}
	pkg, _ := c.Written(t)
	dir, key := unpacked(t, pkg), c.Diary.Key.Fingerprint()
	if code, out, _ := check(t, "", "--key", key, "--tsa", tsa.RootsFile, dir); code != exitGood || strings.Count(out, "[√]") != 6 {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := check(t, "", "--key", key, dir); code != exitUnconfirmed {
		t.Errorf("nobody looked at the timestamp: %d\n%s", code, out)
	}
	if code, out, _ := check(t, "", "--key", key, "--tsa", other.RootsFile, dir); code != exitBad {
		t.Errorf("by another authority: %d\n%s", code, out)
	}
}

// Whoever takes the entries out that say when somebody asked, and makes the sums anew, gets no good answer.
func TestPackageAskedUnproven(t *testing.T) {
	t.Parallel()
	c := evidencetest.NewCase(t, "a", false, evidencetest.Small(t, "a").Segments[0])
	request := c.About.Export - 1
	c.Diary.Witnessed() // after the request
	c.About.Export = c.Diary.Add("export", nil, &request)
	c.Entries = append(c.Entries[:len(c.Entries)-1], c.About.Export)
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	if code, out, _ := check(t, "", append(slices.Clone(know), unpacked(t, pkg))...); code != exitUnconfirmed {
		t.Errorf("as it is: %d\n%s", code, out)
	}
	delete(pkg, fmt.Sprintf("proof/diary/pinned/%016d.tlog-proof", c.About.Export))
	delete(pkg, "SHA256SUMS.txt")
	delete(pkg, "SHA256SUMS.sig")
	var sums bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(pkg)) {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(pkg[name].Data), name)
	}
	pkg["SHA256SUMS.txt"] = &fstest.MapFile{Data: sums.Bytes(), Mode: 0o600}
	code, out, _ := check(t, "", append(know, unpacked(t, pkg))...)
	if code != exitBad || !unfolded(out, "The package does not prove when its contents were asked for: entry 4") {
		t.Errorf("%d\n%s", code, out)
	}
}

// What can't be checked at once is refused with a sentence.
func TestPackageMistakes(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	dir, bundle := unpacked(t, pkg), file(t, "dnevnik.zip", newDiary(t).fill(3, -1).zipped())
	two := t.TempDir()
	must(t, os.CopyFS(filepath.Join(two, "a"), pkg))
	must(t, os.CopyFS(filepath.Join(two, "b"), pkg))
	for what, args := range map[string][]string{"a diary, too": {dir, bundle}, "two": {dir, unpacked(t, pkg)}, "two in a folder": {two}, "entries": {"--list", dir}} {
		if code, out, complaint := check(t, "", args...); code != exitUnchecked || complaint == "" || out != "" {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, complaint)
		}
	}
}

// Of a newer version, a package is not damaged, and a newer program is asked for.
func TestPackageNewer(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	p := c.Package()
	newer := func(b []byte) []byte { return bytes.Replace(b, []byte(`"v":1}`), []byte(`"v":2}`), 1) }
	m := evidencetest.Memory{}
	_, err := evidence.Write(t.Context(), m, p)
	must(t, err)
	pkg := m.FS()
	pkg["manifest.json"] = &fstest.MapFile{Data: newer(pkg["manifest.json"].Data), Mode: 0o600}
	if code, out, _ := check(t, "", unpacked(t, pkg)); code != exitBad {
		t.Errorf("a byte was changed, and it is %d\n%s", code, out)
	}
	sums := m["SHA256SUMS.txt"].String()
	again := func(name string, b []byte) {
		sums = strings.Replace(sums, fmt.Sprintf("%x", sha256.Sum256(m[name].Bytes())), fmt.Sprintf("%x", sha256.Sum256(b)), 1)
		pkg[name] = &fstest.MapFile{Data: b, Mode: 0o600}
		pkg["SHA256SUMS.txt"] = &fstest.MapFile{Data: []byte(sums), Mode: 0o600}
	}
	again("manifest.json", pkg["manifest.json"].Data)
	if code, out, _ := check(t, "", unpacked(t, pkg)); code != exitBad {
		t.Errorf("nobody signed it, and it is %d\n%s", code, out)
	}
	sig, err := c.Diary.Sign(pkg["manifest.json"].Data)
	must(t, err)
	again("manifest.sig", sig)
	sig, err = c.Diary.Sign(pkg["SHA256SUMS.txt"].Data)
	must(t, err)
	pkg["SHA256SUMS.sig"] = &fstest.MapFile{Data: sig, Mode: 0o600}
	if code, out, complaint := check(t, "", unpacked(t, pkg)); code != exitNewer || !unfolded(complaint, "newer varuh-verify") {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
}

// No sentence in Slovenian has English within.
func TestPackageSlovenianAlone(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	dir := unpacked(t, pkg)
	for _, name := range []string{"manifest.json", "proof/clips/0001.jsonl", "proof/diary/keys.txt", "posnetki/0002.mp4", "SHA256SUMS.txt"} {
		b := slices.Clone(pkg[name].Data)
		b[len(b)/2] ^= 1
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	_, out, _ := check(t, "", dir)
	sl, _, _ := strings.Cut(out, "\n----\n")
	for _, word := range []string{" not ", "signed", " the ", "malformed", "invalid", "canonical", "want "} {
		if strings.Contains(sl, word) {
			t.Errorf("%q in\n%s", word, sl)
		}
	}
}

// Other programs open the encrypted archive of a package, and what they unpack is good.
func TestPackageOthersUnpack(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	_, _, encrypted := archived(t, pkg)
	for tool, args := range map[string][]string{"7z": {"x", "-y", "-p" + passphrase, encrypted}, "bsdtar": {"-x", "--passphrase", passphrase, "-f", encrypted}} {
		path, err := exec.LookPath(tool)
		if err != nil && os.Getenv("CI") == "" {
			t.Skipf("%s is missing: apt-get install p7zip-full libarchive-tools", tool)
		}
		must(t, err)
		cmd := exec.Command(path, args...)
		cmd.Dir = t.TempDir()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tool, err, out)
		}
		if code, out, _ := check(t, "", "--key", c.Diary.Key.String(), "--key", c.Diary.Witness.Key.String(), cmd.Dir); code != exitGood {
			t.Errorf("%s: %d\n%s", tool, code, out)
		}
	}
}

// A package that was forged as a whole, with a page that calls itself good, is not good before the fingerprint was compared, and
// bad then; whoever has the true record sees, too, that its manifest has another SHA-256.
func TestPackageForged(t *testing.T) {
	t.Parallel()
	c, forger := evidencetest.Small(t, "a"), evidencetest.Small(t, "forger")
	forger.Enclosed = []evidence.Enclosure{evidencetest.Text("1_PREBERI.html", evidence.KindReading, "<p class=\"sum good\">V REDU: vse tri sodbe držijo.\n")}
	own, _ := c.Written(t)
	pkg, _ := forger.Written(t)
	dir := unpacked(t, pkg)
	code, out, _ := check(t, "", dir)
	if code != exitUnconfirmed || strings.Contains(out, "[√]") {
		t.Errorf("before the fingerprint: %d\n%s", code, out)
	}
	code, out, _ = check(t, "", "--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String(), dir)
	if code != exitBad || strings.Contains(out, "[√] IZ") || !strings.Contains(out, "[×]") {
		t.Errorf("after it: %d\n%s", code, out)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(own["manifest.json"].Data)); strings.Contains(out, sum) || !strings.Contains(out, fmt.Sprintf("%x", sha256.Sum256(pkg["manifest.json"].Data))) {
		t.Errorf("the manifest's SHA-256 is not that of this package:\n%s", out)
	}
	page := filepath.Join(t.TempDir(), "p.html")
	if code, _, _ := check(t, "", "--report", page, "--key", c.Diary.Key.Fingerprint(), dir); code != exitBad {
		t.Errorf("%d", code)
	}
	b, err := os.ReadFile(page)
	must(t, err)
	if strings.Contains(string(b), `class="sum good"`) {
		t.Errorf("%s", b)
	}
}
