package reader_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/chromedp/cdproto/emulation"
	inpage "github.com/chromedp/cdproto/page"

	"varuh/accesslog/web/browsertest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tab is a page of a folder in a real browser, in which nothing goes wrong unseen.
type tab struct {
	*browsertest.Page
	t testing.TB
}

// tabOf starts a browser in which a script runs before those of every page.
func tabOf(t testing.TB, before string) *tab {
	t.Helper()
	b := &tab{browsertest.Listen(t, browsertest.Start(t), ""), t}
	b.Before("if (location.protocol === 'file:') {" + before + "}") // not on the empty page of before
	return b
}

// quiet fails the test if anything went wrong, or was asked of a network.
func (b *tab) quiet() {
	b.t.Helper()
	wrong, _ := b.Take()
	for _, w := range wrong {
		b.t.Error(w)
	}
}

// js runs a script in the page, and reads what it promises.
func js[T any](b *tab, script string) T {
	b.t.Helper()
	return browsertest.Evaluate[T](b, script)
}

// until waits for something to be so in the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	b.Until(condition)
}

// open shows the page of a folder.
func (b *tab) open(dir string) {
	b.t.Helper()
	b.Visit("file://" + filepath.Join(dir, "1_PREBERI.html"))
	b.until("document.documentElement.classList.contains('scripted')")
}

// pick chooses a folder as the dialogue would, and waits for what comes of it.
func (b *tab) pick(dir string) {
	b.t.Helper()
	js[bool](b, "document.getElementById('result').hidden = document.getElementById('stopped').hidden = true") // what was found before
	b.Pick("#folder", dir)
	b.until("!document.getElementById('result').hidden || !document.getElementById('stopped').hidden")
}

// types enters a fingerprint, as if by keys.
func (b *tab) types(fingerprint string) {
	b.t.Helper()
	js[bool](b, fmt.Sprintf("{ const f = document.getElementById('fingerprint'); f.value = %q; f.dispatchEvent(new Event('input')); } true", fingerprint))
}

// told is what the page says: the sum, the verdicts, and the findings as code and text.
type told struct {
	Sum      string            `json:"sum"`
	Verdicts map[string]string `json:"verdicts"`
	Bad      []string          `json:"bad"`
	Notes    []string          `json:"notes"`
}

func (b *tab) told() told {
	b.t.Helper()
	return js[told](b, `(() => {
		const list = (bad) => Array.from(document.querySelectorAll('#findings li')).filter((l) => l.classList.contains('bad') === bad)
			.map((l) => l.dataset.code + ': ' + l.querySelector('[lang=en]').textContent);
		return {sum: document.getElementById('sum').dataset.sum ?? '', bad: list(true), notes: list(false),
			verdicts: Object.fromEntries(Array.from(document.querySelectorAll('[data-verdict]'), (v) => [v.dataset.verdict, v.dataset.state]))};
	})()`)
}

// look makes the window so wide, in light or dark.
func (b *tab) look(width int, scheme string) {
	b.t.Helper()
	b.Wide(int64(width))
	browsertest.Command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// picture writes one of the whole page, for people to look at.
func (b *tab) picture(name string) {
	b.t.Helper()
	must(b.t, os.MkdirAll("testdata/screens", 0o755))
	yes := true
	out := browsertest.Command(b, inpage.CaptureScreenshot, inpage.CaptureScreenshotParams{Format: inpage.CaptureScreenshotFormatPng, CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes})
	must(b.t, os.WriteFile(filepath.Join("testdata/screens", name+".png"), out.Data, 0o644))
}

// unpack writes a package into a folder.
func unpack(t testing.TB, pkg fstest.MapFS) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range pkg {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, f.Data, 0o600))
	}
	return dir
}
