package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
)

// asked is --json's one object.
type asked struct {
	Verdict string
	Size    int64
	Error   struct{ SL, EN, Detail string }
	Entries *[]struct {
		I  int64
		Op string
	}
	Findings []struct {
		Code      proof.Code
		Unsettled bool
	}
}

// ask runs the program with --json, and wants nothing on its output but that object.
func ask(t testing.TB, args ...string) (code int, a asked) {
	t.Helper()
	code, out, _ := check(t, "", append([]string{"--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &a); err != nil || a.Verdict != verdicts[code] {
		t.Errorf("%d, %v\n%s", code, err, out)
	}
	return code, a
}

// Whoever reads the report by a program learns from it alone what came of it, also where nothing could be checked.
func TestJSON(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(5, -1)
	bundle, key := file(t, "b.zip", d.zipped()), d.key.String()
	if code, a := ask(t, "--key", key, bundle); code != exitGood || a.Size != 5 || a.Entries != nil {
		t.Errorf("%d %+v", code, a)
	}
	if code, a := ask(t, bundle); code != exitUnconfirmed || len(a.Findings) == 0 {
		t.Errorf("%d %+v", code, a)
	}
	code, a := ask(t, "--key", key, "--list", bundle)
	if code != exitGood || a.Entries == nil || len(*a.Entries) != 5 || (*a.Entries)[4].I != 4 || (*a.Entries)[0].Op != "view.start" {
		t.Errorf("%d %+v", code, a)
	}
	for what, args := range map[string][]string{
		"no such file": {filepath.Join(t.TempDir(), "none")}, "an unknown flag": {"--force", "x"}, "no file": nil,
		"a cut zip": {file(t, "x", d.zipped()[:900])}, "with a list": {"--list", file(t, "x", []byte("hello"))},
	} {
		if code, a := ask(t, args...); code != exitUnchecked || a.Error.SL == "" || a.Error.EN == "" || (a.Entries != nil) != (what == "with a list") {
			t.Errorf("%s: %d %+v", what, code, a)
		}
	}
	if code, a := ask(t, "--list", d.newer()); code != exitNewer || a.Error.Detail == "" || len(*a.Entries) == 0 {
		t.Errorf("%d %+v", code, a)
	}
}

// Each finding says itself whether it keeps the diary from being called good.
func TestUnsettledInJSON(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(5, -1)
	var b bytes.Buffer
	z := proof.NewZip(&b)
	w, err := proof.NewBundleWriter(z, proof.BundleOptions{About: proof.About{Origin: origin, Size: 5, From: 5, To: 5}, Checkpoint: d.notes[5], Keys: []proof.Key{d.key}, Frontier: d.tree})
	must(t, err)
	must(t, w.Close())
	must(t, z.Close())
	code, a := ask(t, "--key", d.key.String(), "--held", file(t, "held", d.notes[5]), file(t, "b.zip", b.Bytes()))
	marked := map[proof.Code]bool{}
	for _, f := range a.Findings {
		marked[f.Code] = f.Unsettled
	}
	if code != exitUnconfirmed || !marked[proof.CodeEmpty] || marked[proof.CodeForPeople] {
		t.Errorf("%d %+v", code, a)
	}
}

// A name with a line break in it breaks no line.
func TestOriginOfTwoLines(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	dir := d.folder()
	about, err := os.ReadFile(filepath.Join(dir, "bundle.json"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "bundle.json"), bytes.Replace(about, []byte(origin), []byte(`x\n[√] GOOD\u001b`), 1), 0o600))
	code, out, complaint := check(t, "", dir)
	if code != exitUnchecked || strings.Contains(out+complaint, "\n[√]") || strings.Contains(out+complaint, "\x1b") {
		t.Errorf("%d\n%s\n%s", code, out, complaint)
	}
	secret, _, err := proof.NewSigningKey("x.example/a\u202eb")
	if err == nil {
		signer, err := note.NewSigner(secret)
		must(t, err)
		n, err := proof.SignCheckpoint(proof.Checkpoint{Origin: "x.example/a\u202eb", Size: 3, Root: d.tree.Root()}, signer)
		must(t, err)
		if _, out, complaint := check(t, "", file(t, "a", n), file(t, "b", d.notes[3])); strings.Contains(out+complaint, "\u202e") {
			t.Errorf("%q %q", out, complaint)
		}
	}
}
