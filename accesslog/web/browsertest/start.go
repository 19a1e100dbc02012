package browsertest

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// flags keep a browser to what a test asks of it: no word to anybody else, no wait for a screen or a sound card, and no press of a key or
// the mouse lost because the page is not painted yet, as people see it before they press.
var flags = []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update",
	"disable-sync", "disable-dev-shm-usage", "mute-audio", "hide-scrollbars", "allow-pre-commit-input"}

// Start starts a browser in which nobody has logged in, and ends it with the test. The context is that of its first page.
func Start(t testing.TB, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	outside.Needs(t, "chromium", "chromium", "--version")
	options := append([]chromedp.ExecAllocatorOption{chromedp.ExecPath("chromium"), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck}, more...)
	for _, flag := range flags {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, gone := chromedp.NewContext(ctx)
	t.Cleanup(gone)
	return ctx
}
