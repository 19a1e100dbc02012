package reader_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
)

// drop lets go of a folder over the page.
func (b *tab) drop(dir string) {
	b.t.Helper()
	at := js[[]float64](b, "(() => { const d = document.getElementById('drop'); d.scrollIntoView(); const r = d.getBoundingClientRect(); return [r.x + 20, r.y + 20]; })()")
	data := input.DragData{Items: []*input.DragDataItem{}, Files: []string{dir}, DragOperationsMask: 1}
	for _, what := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		command[input.DispatchDragEventParams, cdp.Empty](b, input.DispatchDragEvent, input.DispatchDragEventParams{Type: what, X: at[0], Y: at[1], Data: &data})
	}
	b.until("!document.getElementById('result').hidden || !document.getElementById('stopped').hidden")
}

// What somebody did to the folder is named on the page, and is bad also with the right fingerprint. What is written in a
// forged page changes nothing of that, as long as its script is the page's.
func TestFolder(t *testing.T) {
	t.Parallel()
	b := tabOf(t, browser(t), "")
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
	if got := b.told(); got.Sum != "good" {
		t.Errorf("the folder around it: %+v", got)
	}
	b.open(dir)
	b.types(c.Diary.Key.Fingerprint())
	b.drop(dir)
	if got := b.told(); got.Sum != "good" {
		t.Errorf("dropped: %+v %s", got, js[string](b, "document.getElementById('stopped').textContent"))
	}
	write(t, dir, "Thumbs.db", []byte("x")) // as Windows does
	b.pick(dir)
	if got := b.told(); got.Sum != "good" || !slices.Contains(got.Notes, "beside: The file Thumbs.db is no part of the package: a computer makes it when somebody opens the folder.") {
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

func write(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o600))
}
