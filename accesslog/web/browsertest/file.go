package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// File starts a browser that shows a page of a disk, as whoever double-clicks on it sees it. Whatever asks a network is told
// of by [Ears.Take].
func File(t testing.TB, path string) *Browser {
	t.Helper()
	ctx := Start(t)
	b := &Browser{Listen(t, ctx, ""), t, ctx, "file://"}
	b.Visit(path)
	return b
}

// Pick chooses files, or a folder, as the dialogue of an input would.
func (b *Browser) Pick(input string, paths ...string) {
	b.t.Helper()
	b.run(chromedp.SetUploadFiles(chromedp.CSS(input), paths))
}
