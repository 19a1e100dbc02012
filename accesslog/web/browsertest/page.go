package browsertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	inpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Page is what a browser shows, and what a test does with it. What is on a page may be made anew at any time, so all that is done to an
// element is done by one script, which finds it, and tries again until it can be done.
type Page struct {
	*Ears
	T   testing.TB // whose test it is now
	Ctx context.Context
}

// Most is when a wait for a browser gives up, on however busy a machine: it promises nothing. The limit of go test is longer.
const Most = 5 * time.Minute

// driven is whatever has a page.
type driven interface{ page() *Page }

func (p *Page) page() *Page { return p }

// Command gives a browser an order of its protocol.
func Command[P, R any](of driven, what cdp.Command[P, R], with P) R {
	p := of.page()
	p.T.Helper()
	out, err := chromedp.Call(p.Ctx, what, with)
	if err != nil {
		p.T.Fatal(err)
	}
	return out
}

// Run does something with the page.
func (p *Page) Run(what chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Most)
	defer cancel()
	if err := chromedp.Do(ctx, what); err != nil {
		p.T.Fatal(err)
	}
}

// Before has a script run before those of each page.
func (p *Page) Before(script string) {
	p.T.Helper()
	Command(p, inpage.AddScriptToEvaluateOnNewDocument, inpage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// Evaluate runs a script in the page, waits for what it promises, and reads that.
func Evaluate[T any](of driven, script string) T {
	p := of.page()
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Most)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.T.Fatalf("%.300s: %v", script, err)
	}
	return out
}

// Await waits for a script to give something else than false, null or "", also over a change of the page, and gives that. Where it does not
// come to that, it says where the browser is, what stands there, and what went wrong.
func Await[T any](of driven, script string, how ...chromedp.EvaluateOption) T {
	p := of.page()
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Most)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[*T]("("+script+") || null", how...))
		if got != nil && err == nil {
			return *got
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			wrong, _ := p.Take()
			ctx, cancel := context.WithTimeout(p.Ctx, 10*time.Second)
			defer cancel()
			there, unread := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + ' ' + document.body.innerText.slice(0, 900)"))
			p.T.Fatalf("it does not come to %s: %v; at %s; %q", script, errors.Join(err, unread), there, wrong)
		}
	}
}

// Until waits for something to be so in the page, also over a change of the page.
func (p *Page) Until(condition string) {
	p.T.Helper()
	Await[bool](p, "!!("+condition+")")
}

// Visit loads a page, and waits until its modules have run and what it has to do is done.
func (p *Page) Visit(address string) {
	p.T.Helper()
	p.Blank()
	p.Run(chromedp.Navigate(address))
	p.Until("document.readyState === 'complete' && !document.querySelector('main [aria-busy=true]')")
}

// Blank shows nothing. What the page of before still asks for is given up.
func (p *Page) Blank() {
	p.T.Helper()
	p.Run(chromedp.Navigate("about:blank")) // or a change behind # would load nothing
}

// Wide makes the window so wide, for 900 pixels of height.
func (p *Page) Wide(width int64) {
	p.T.Helper()
	p.Run(chromedp.EmulateViewport(width, 900))
}

// Downloads has the browser keep what pages save in a folder.
func (p *Page) Downloads(dir string) {
	p.T.Helper()
	Command(p, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
}
