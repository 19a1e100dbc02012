package browsertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Visit loads a page of the site.
func (b *Browser) Visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate("about:blank")) // or a change behind # would load nothing
	b.run(chromedp.Navigate(b.site + path))
	b.Until("document.readyState === 'complete' && !document.querySelector('main [aria-busy=true]')")
}

func (b *Browser) run(what chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, most)
	defer cancel()
	if err := chromedp.Do(ctx, what); err != nil {
		b.t.Fatal(err)
	}
}

// Until waits for something to be so in the page, also over a change of the page.
func (b *Browser) Until(condition string) {
	b.t.Helper()
	Until(b.t, b.ctx, b.Ears, condition)
}

// Until waits for something to be so in the page of a browser. Where it does not come to that, it says where the browser is, what
// stands there, and what went wrong.
func Until(t testing.TB, browser context.Context, ears *Ears, condition string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, most)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		so, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if so && err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			wrong, _ := ears.Take()
			ctx, cancel := context.WithTimeout(browser, 10*time.Second)
			defer cancel()
			there, unread := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + ' ' + document.body.innerText.slice(0, 900)"))
			t.Fatalf("it does not come to %s: %v; at %s; %q", condition, errors.Join(err, unread), there, wrong)
		}
	}
}

// Click clicks on an element once it is there. One that is made anew meanwhile is looked for again.
func (b *Browser) Click(what string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("(() => { const e = document.querySelector(%q); e?.click(); return e })()", what))
}

// Tap presses the mouse in an element: at a part of its width, and so many pixels below its top.
func (b *Browser) Tap(element string, part, below float64) {
	b.t.Helper()
	at := Evaluate[[]float64](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width * %v, r.y + %v] })()`, element, part, below))
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		Command(b.t, b.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// Keys types.
func (b *Browser) Keys(text string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(text))
}

// Enter types into fields of a form by their names, and submits it.
func (b *Browser) Enter(form string, fields ...string) {
	b.t.Helper()
	for pair := range slices.Chunk(fields, 2) {
		b.run(chromedp.SetValue(chromedp.CSS(form+" [name="+pair[0]+"]"), pair[1]))
	}
	b.Click(form + " button[type=submit]")
}

// Wide makes the window so wide, for 900 pixels of height.
func (b *Browser) Wide(width int64) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, 900))
}

// Downloads has the browser keep what pages save in a folder.
func (b *Browser) Downloads(dir string) {
	b.t.Helper()
	Command(b.t, b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
}
