// Package browsertest guards that pages are tried in a real browser: Debian's chromium, driven from a test, logs in at a
// site, plays by the scripts that the site serves, and tells the number burned into the picture that it shows.
package browsertest

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

//go:embed driver.js
var driver string

// Browser is a real one, with a page of a site open and what drives it in there.
type Browser struct {
	*Page
	site string
}

// Open starts a browser and goes to a site, which shows a certificate that an authority has signed: what the browser then
// trusts is that certificate alone. It is closed when the test ends.
func Open(t testing.TB, site string, authority *x509.Certificate) *Browser {
	t.Helper()
	key := sha256.Sum256(certificateOf(t, site, authority).RawSubjectPublicKeyInfo)
	ctx := Start(t, chromedp.Flag("ignore-certificate-errors-spki-list", base64.StdEncoding.EncodeToString(key[:])))
	b := &Browser{Listen(t, ctx, strings.TrimPrefix(site, "https://")), site}
	b.Run(chromedp.Navigate(site + "/static/hls.light.LICENSE"))
	Evaluate[bool](b, driver)
	return b
}

// certificateOf is what a site shows. It must be signed by the authority, for the name of the site.
func certificateOf(t testing.TB, site string, authority *x509.Certificate) *x509.Certificate {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	c, err := tls.Dial("tcp", strings.TrimPrefix(site, "https://"), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatalf("%s is not to be trusted: %v", site, err)
	}
	leaf := c.ConnectionState().PeerCertificates[0]
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return leaf
}

// Visit loads a page of the site.
func (b *Browser) Visit(path string) {
	b.T.Helper()
	b.Page.Visit(b.site + path)
}

// API asks the site for something as its pages do, with what becomes JSON, and reads the answer.
func API[T any](b *Browser, method, path string, body any) T {
	b.T.Helper()
	return Evaluate[T](b, fmt.Sprintf("drive.api(%q, %q, %s)", method, path, b.script(body)))
}

// script is a value as it stands in a script.
func (b *Browser) script(v any) string {
	b.T.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		b.T.Fatal(err)
	}
	return string(text)
}

// Shown is a picture as the browser shows it.
type Shown struct {
	At     float64 `json:"at"`     // when it was taken by what the playlist says, in ms since 1970
	Pixels string  `json:"pixels"` // see [Numbers.Read]
}

// Footage opens a playlist in the page.
func (b *Browser) Footage(playlist string) { b.FootageAt(playlist, time.UnixMilli(0)) }

// FootageAt opens a playlist in the page, from a moment on.
func (b *Browser) FootageAt(playlist string, at time.Time) {
	b.T.Helper()
	Evaluate[int](b, fmt.Sprintf("drive.footage(%q, %d)", playlist, at.UnixMilli()))
}

// Jump shows a moment.
func (b *Browser) Jump(moment time.Time) Shown {
	b.T.Helper()
	return Evaluate[Shown](b, fmt.Sprintf("drive.jump(%d)", moment.UnixMilli()))
}

// Play plays from where it stands until a moment, so many times as fast, and gives what is shown last.
func (b *Browser) Play(until time.Time, rate int) Shown {
	b.T.Helper()
	return Evaluate[Shown](b, fmt.Sprintf("drive.play(%d, %d)", until.UnixMilli(), rate))
}

// Look is a glance at live pictures.
type Look struct {
	Pixels string  `json:"pixels"`
	Now    float64 `json:"now"`    // in ms since 1970, by the machine's clock
	Behind float64 `json:"behind"` // in seconds, as the script tells the page
}

// Live plays the stream at a path, until Leave.
func (b *Browser) Live(path string) {
	b.T.Helper()
	Evaluate[any](b, fmt.Sprintf("drive.live(%q)", path))
}

// Looks reads live pictures, so far apart.
func (b *Browser) Looks(count int, apart time.Duration) []Look {
	b.T.Helper()
	return Evaluate[[]Look](b, fmt.Sprintf("drive.looks(%d, %d)", count, apart.Milliseconds()))
}

// Source is the address of what the video element plays, once that is another MediaSource than before.
func (b *Browser) Source(before string) string {
	b.T.Helper()
	return Evaluate[string](b, fmt.Sprintf("drive.source(%q)", before))
}

// NewRun waits until live pictures of another run are shown in the same MediaSource.
func (b *Browser) NewRun() {
	b.T.Helper()
	Evaluate[any](b, "drive.newRun()")
}

// Leave stops watching live, and gives the word with which that ended.
func (b *Browser) Leave() string {
	b.T.Helper()
	return Evaluate[string](b, "drive.stop()")
}

// Ended waits until live pictures end by themselves, and gives the word for why, or what is wrong: the class of the error with
// its status and problem, or with the type that the browser can't play.
func (b *Browser) Ended() string {
	b.T.Helper()
	return Evaluate[string](b, "drive.ended()")
}

// Refused is what is wrong with a playlist, told as by [Browser.Ended], and "" where nothing is.
func (b *Browser) Refused(playlist string) string {
	b.T.Helper()
	return Evaluate[string](b, fmt.Sprintf("drive.refused(%q)", playlist))
}

// Lost jumps to a moment that is not to be had, and gives what is wrong, told as by [Browser.Ended].
func (b *Browser) Lost(moment time.Time) string {
	b.T.Helper()
	return Evaluate[string](b, fmt.Sprintf("drive.lost(%d)", moment.UnixMilli()))
}
