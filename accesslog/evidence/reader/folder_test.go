package reader_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/evidence/reader"
	"varuh/accesslog/web/browsertest"
)

// drop lets go of a folder over the page.
func (b *tab) drop(dir string) {
	b.t.Helper()
	at := js[[]float64](b, "(() => { const d = document.getElementById('drop'); d.scrollIntoView(); const r = d.getBoundingClientRect(); return [r.x + 20, r.y + 20]; })()")
	data := input.DragData{Items: []*input.DragDataItem{}, Files: []string{dir}, DragOperationsMask: 1}
	for _, what := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		browsertest.Command[input.DispatchDragEventParams, cdp.Empty](b, input.DispatchDragEvent, input.DispatchDragEventParams{Type: what, X: at[0], Y: at[1], Data: &data})
	}
	b.until("!document.getElementById('result').hidden || !document.getElementById('stopped').hidden")
}

// What somebody did to the folder is named on the page, and is bad also with the right fingerprint. What is written in a
// forged page changes nothing of that, as long as its script is the page's.
func TestFolder(t *testing.T) {
	t.Parallel()
	b := tabOf(t, "")
	pkg, c := small(t)
	forged := bytes.Replace(pkg["1_PREBERI.html"].Data, []byte("Kaj je v paketu"), []byte("V REDU: vse drži, preverjati ni treba"), 1)
	forged = bytes.Replace(forged, []byte("posnetki/0001.mp4\",\"camera"), []byte("posnetki/0002.mp4\",\"camera"), 1)
	for _, change := range []struct {
		what  string
		do    func(dir string)
		found string
	}{
		{"a byte of a clip", func(dir string) { write(t, dir, "posnetki/0001.mp4", flipped(pkg["posnetki/0001.mp4"].Data, 100)) },
			"changed: The file posnetki/0001.mp4 was changed: the first wrong byte is between 0 and "},
		{"a clip is gone", func(dir string) { must(t, os.Remove(filepath.Join(dir, "posnetki/0002.mp4"))) }, "missing: The file posnetki/0002.mp4 is missing."},
		{"a clip more", func(dir string) { write(t, dir, "posnetki/0003.mp4", []byte("x")) }, "strange: The file posnetki/0003.mp4 is no part of the package: somebody added it."},
		{"a forged page", func(dir string) { write(t, dir, "1_PREBERI.html", forged) }, "changed: The file 1_PREBERI.html was changed"},
	} {
		dir := unpack(t, pkg)
		change.do(dir)
		b.open(dir)
		b.types(c.Diary.Key.Fingerprint())
		b.pick(dir)
		got := b.told()
		if got.Sum != "bad" || got.Verdicts["exported"] != "no" || !slices.ContainsFunc(got.Bad, func(s string) bool { return strings.HasPrefix(s, change.found) }) {
			t.Errorf("%s: %+v", change.what, got)
		}
	}

	// Chosen with the folder around it, and dropped.
	parent := t.TempDir()
	dir := filepath.Join(parent, "paket")
	must(t, os.Rename(unpack(t, pkg), dir))
	b.open(dir)
	b.types(c.Diary.Key.Fingerprint())
	b.pick(parent)
	if got := b.told(); got.Sum != "good" || b.where() != "What was checked is in the folder "+filepath.Base(parent)+"/paket, and nothing else." {
		t.Errorf("the folder around it: %+v, %q", got, b.where())
	}
	must(t, os.MkdirAll(filepath.Join(parent, ".Trash-1000", "files"), 0o700)) // a stick's root
	write(t, parent, ".Trash-1000/files/0001.mp4", []byte("x"))
	write(t, parent, ".Trash-1000/files/manifest.json", []byte("x"))
	write(t, parent, "._paket", evidencetest.Left("._paket"))
	b.pick(parent)
	if got := b.told(); got.Sum != "good" || len(got.Notes) != 2 || !slices.Contains(got.Notes, "besideFolder: The folder .Trash-1000 is no part of the package: operating systems make it. Files in it: 2; none was checked.") {
		t.Errorf("the root of a stick: %+v", got)
	}
	write(t, parent, "._paket", pkg["posnetki/0001.mp4"].Data)
	b.pick(parent)
	if said := js[string](b, "document.querySelector('#stopped [lang=en]').textContent"); !strings.Contains(said, "._paket") || js[bool](b, "!document.getElementById('result').hidden") {
		t.Errorf("a film that is called as a system's file: %s", said)
	}
	must(t, os.Remove(filepath.Join(parent, "._paket")))
	must(t, os.RemoveAll(filepath.Join(parent, ".Trash-1000")))
	b.open(dir)
	b.types(c.Diary.Key.Fingerprint())
	b.drop(dir)
	if got := b.told(); got.Sum != "good" {
		t.Errorf("dropped: %+v %s", got, js[string](b, "document.getElementById('stopped').textContent"))
	}
	b.types("0000 0000 0000 0000 0000 0000 0000 0000")
	said := js[string](b, "document.getElementById('verdicts').innerText")
	if got := b.told(); got.Sum != "bad" || strings.Count(said, "ki ni tisti z vašega papirja. Preverite, ali je prstni odtis pravilno prepisan") != 3 || strings.Contains(said, "NE DRŽI") {
		t.Errorf("a fingerprint mistyped: %+v %s", got, said)
	}
	b.types(c.Diary.Key.Fingerprint())
	write(t, dir, "Thumbs.db", evidencetest.Left("Thumbs.db")) // as Windows does
	b.pick(dir)
	if got := b.told(); got.Sum != "good" || !slices.Contains(got.Notes, "beside: The file Thumbs.db is no part of the package: operating systems make it.") || b.where() != "" {
		t.Errorf("with a file of the system's: %+v", got)
	}
	other := t.TempDir()
	write(t, other, "x.txt", []byte("x"))
	b.pick(other)
	if said := js[string](b, "document.getElementById('stopped').textContent"); !strings.Contains(said, "manifest.json") || js[bool](b, "!document.getElementById('result').hidden") {
		t.Errorf("a folder that is no package: %s", said)
	}
	b.quiet()
}

// where is the line that says which folder was checked; "" if there is none to be seen.
func (b *tab) where() string {
	return js[string](b, "document.getElementById('where').hidden ? '' : document.querySelector('#where [lang=en]').textContent")
}

// A true package with anything around it is not verified: neither the true page nor a film where everybody looks for the footage, with the
// package hidden below. The page names them, and the folder to choose, which is then good.
func TestAround(t *testing.T) {
	t.Parallel()
	b := tabOf(t, "")
	pkg, c := small(t)
	top := filepath.Join(t.TempDir(), "paket")
	must(t, os.MkdirAll(filepath.Join(top, "posnetki"), 0o700))
	below := filepath.Join(top, "sistem")
	must(t, os.Rename(unpack(t, pkg), below))
	write(t, top, "1_PREBERI.html", pkg["1_PREBERI.html"].Data)
	write(t, top, "posnetki/0001.mp4", []byte("another film"))
	b.open(top)
	b.types(c.Diary.Key.Fingerprint())
	said := func() string { return js[string](b, "document.querySelector('#stopped [lang=en]').textContent") }
	for what, choose := range map[string]func(string){"chosen": b.pick, "dropped": b.drop} {
		choose(top)
		if got := b.told(); got.Sum == "good" || !strings.Contains(said(), "The package is in the folder paket/sistem") || !strings.Contains(said(), "posnetki/0001.mp4") || !strings.Contains(said(), "to mislead") {
			t.Errorf("%s: %+v %s", what, got, said())
		}
		js[bool](b, "document.getElementById('stopped').hidden = true")
	}
	b.pick(below)
	if got := b.told(); got.Sum != "good" || b.where() != "" {
		t.Errorf("the folder alone: %+v", got)
	}
	must(t, os.RemoveAll(filepath.Join(top, "posnetki")))
	must(t, os.Remove(filepath.Join(top, "1_PREBERI.html")))
	write(t, top, "opombe.txt", []byte("x"))
	b.pick(top)
	if strings.Contains(said(), "mislead") || !strings.Contains(said(), "paket/opombe.txt") || !strings.Contains(said(), "Choose the folder paket/sistem alone.") || js[bool](b, "!document.getElementById('result').hidden") {
		t.Errorf("with notes beside it: %s", said())
	}
	b.quiet()
}

// What systems leave is the same to the page as to varuh-verify.
func TestSystemTables(t *testing.T) {
	t.Parallel()
	text := reader.Verifier()
	for name, want := range map[string]any{"systemFiles": evidence.SystemFiles, "systemFolders": evidence.SystemFolders, "bins": evidence.Bins, "mistakable": evidence.Mistakable, "resourceFolder": evidence.ResourceFolder, "renaming": evidence.Renaming} {
		list, found := reflect.New(reflect.TypeOf(want)), regexp.MustCompile("const "+name+` = ([^;]*);`).FindStringSubmatch(text)
		if found == nil || json.Unmarshal([]byte(found[1]), list.Interface()) != nil || !reflect.DeepEqual(list.Elem().Interface(), want) {
			t.Errorf("%s: the page has %v, varuh-verify %v", name, list.Elem(), want)
		}
	}
}

func write(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o600))
}
