package reader_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	inpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"varuh/recorder/rtsp/rtsptest/outside"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tab is a page of a folder in a real browser, in which nothing goes wrong unseen.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu    sync.Mutex
	wrong []string // errors on the console, and whatever was asked of a network
}

// browser starts one for a test.
func browser(t testing.TB) context.Context {
	t.Helper()
	outside.Needs(t, "chromium", "chromium", "--version")
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath("chromium"), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-dev-shm-usage", "mute-audio", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, gone := chromedp.NewContext(ctx)
	t.Cleanup(gone)
	_, err := chromedp.Run(ctx, chromedp.Navigate("about:blank"))
	must(t, err)
	return ctx
}

// tabOf opens a tab, in which a script runs before those of every page.
func tabOf(t testing.TB, browser context.Context, before string) *tab {
	t.Helper()
	ctx, gone := chromedp.NewContext(browser)
	t.Cleanup(gone)
	b := &tab{t: t, ctx: ctx}
	must(t, chromedp.Listen(ctx, b.hears))
	command(b, network.Enable, network.EnableParams{})
	command(b, log.Enable, cdp.Empty{})
	command(b, inpage.AddScriptToEvaluateOnNewDocument, inpage.AddScriptToEvaluateOnNewDocumentParams{
		Source: "addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));" + before})
	return b
}

func command[P, R any](b *tab, what cdp.Command[P, R], with P) R {
	b.t.Helper()
	out, err := chromedp.Call(b.ctx, what, with)
	must(b.t, err)
	return out
}

// hears takes note of what goes wrong.
func (b *tab) hears(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var said []string
		for _, o := range e.Args {
			said = append(said, string(o.Value)+o.Description)
		}
		b.wrong = append(b.wrong, "console: "+strings.Join(said, " "))
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *log.EventEntryAdded:
		b.wrong = append(b.wrong, "log: "+e.Entry.Text+" "+e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "file" && u.Scheme != "blob" && u.Scheme != "data" { // data: the browser's own controls
			b.wrong = append(b.wrong, fmt.Sprintf("a network: %.200s", e.Request.URL))
		}
	}
}

// quiet fails the test if anything went wrong.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wrong {
		b.t.Error(w)
	}
}

func (b *tab) run(what chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	must(b.t, chromedp.Do(ctx, what))
}

// js runs a script in the page, and reads what it promises.
func js[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.300s: %v", script, err)
	}
	return out
}

// until waits for something to be so in the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	if !js[bool](b, fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + 30000, look = () => (%s) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 10);
		look();
	})`, condition)) {
		b.t.Fatalf("it does not come to %s: %s", condition, js[string](b, "document.body.innerText.slice(0, 2000)"))
	}
}

// open shows the page of a folder.
func (b *tab) open(dir string) {
	b.t.Helper()
	b.run(chromedp.Navigate("file://" + filepath.Join(dir, "1_PREBERI.html")))
	b.until("document.documentElement.classList.contains('scripted')")
}

// pick chooses a folder as the dialogue would, and waits for what comes of it.
func (b *tab) pick(dir string) {
	b.t.Helper()
	js[bool](b, "document.getElementById('result').hidden = document.getElementById('stopped').hidden = true") // what was found before
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#folder"), []string{dir}))
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
	b.run(chromedp.EmulateViewport(int64(width), 900))
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// picture writes one of the whole page, for people to look at.
func (b *tab) picture(name string) {
	b.t.Helper()
	must(b.t, os.MkdirAll("testdata/screens", 0o755))
	yes := true
	out := command(b, inpage.CaptureScreenshot, inpage.CaptureScreenshotParams{Format: inpage.CaptureScreenshotFormatPng, CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes})
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
