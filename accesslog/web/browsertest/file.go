package browsertest

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// File starts a browser that shows a page of a disk, as whoever double-clicks on it sees it. Whatever asks a network is told
// of by [Ears.Take].
func File(t testing.TB, path string) *Browser {
	t.Helper()
	ctx := Start(t)
	b := &Browser{Listen(t, ctx, ""), "file://"}
	b.Visit(path)
	return b
}

// Pick chooses files, or a folder, as the dialogue of an input would.
func (p *Page) Pick(input string, paths ...string) {
	p.T.Helper()
	p.Run(chromedp.SetUploadFiles(chromedp.CSS(input), paths))
}

// Appears waits for a file that a browser writes: for all of it, if that is a ZIP.
func Appears(t testing.TB, name string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(Most); time.Now().Before(end); <-tick.C {
		data, err := os.ReadFile(name)
		if err != nil || len(data) == 0 {
			continue
		}
		if _, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil || !strings.HasSuffix(name, ".zip") {
			return
		}
	}
	t.Fatalf("%s does not come", name)
}
