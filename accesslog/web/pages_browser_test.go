package web

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	inpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// tab is a page in a real browser, in which nothing goes wrong unseen.
type tab struct {
	*browsertest.Page
	t    testing.TB
	host string
}

// tab opens a browser in which nobody has logged in. Its clock is the stage's, in Ljubljana.
func (s *stage) tab() *tab {
	s.t.Helper()
	ctx := browsertest.Start(s.t, chromedp.Flag("ignore-certificate-errors", true))
	u, err := url.Parse(s.server.URL)
	must(s.t, err)
	b := &tab{browsertest.Listen(s.t, ctx, u.Host), s.t, u.Host}
	command(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	command(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Ljubljana"})
	b.Before(fmt.Sprintf(before, s.clock().UnixMilli()))
	return b
}

// before runs before the scripts of a page: it sets the page's clock by the stage's.
const before = `{
	const Real = Date, ahead = %d - Real.now();
	globalThis.Date = class extends Real {
		constructor(...list) { list.length ? super(...list) : super(Real.now() + ahead); }
		static now() { return Real.now() + ahead; }
	};
}`

// of lets the tab be that of a part of the test.
func (b *tab) of(t testing.TB) { b.t, b.T = t, t }

// command gives the browser an order of its protocol.
func command[P, R any](b *tab, what cdp.Command[P, R], with P) R {
	b.t.Helper()
	return browsertest.Command(b, what, with)
}

// take is what went wrong since the last time, and how much was loaded.
func (b *tab) take() (wrong []string, loaded int) { return b.Take() }

// as lets the browser have a session, or none. The page of the session before is left, or what it asks for would be refused.
func (b *tab) as(cookie string) {
	b.t.Helper()
	b.Blank()
	b.session(cookie)
}

// session lets the page that is there have another session, or none.
func (b *tab) session(cookie string) {
	b.t.Helper()
	command(b, network.ClearBrowserCookies, cdp.Empty{})
	if cookie != "" {
		yes := true
		command(b, network.SetCookie, network.SetCookieParams{Name: cookieName, Value: cookie, URL: "https://" + b.host + "/", Path: "/", Secure: &yes, HTTPOnly: &yes,
			SameSite: network.CookieSameSiteStrict})
	}
}

// visit loads a page, and waits until its modules have run and what it has to do is done.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.Visit("https://" + b.host + path)
}

// js runs a script in the page, and reads what it promises.
func js[T any](b *tab, script string) T {
	b.t.Helper()
	return browsertest.Evaluate[T](b, script)
}

// until waits for something to be so in the page, also over a change of the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	b.Until(condition)
}

// enter types into fields of a form by their names, and submits it.
func (b *tab) enter(form string, fields ...string) {
	b.t.Helper()
	b.Enter(form, fields...)
}

// click clicks on an element as soon as somebody could.
func (b *tab) click(what string) {
	b.t.Helper()
	b.Click(what)
}

// look makes the window so wide, in light or dark.
func (b *tab) look(width int, scheme string) {
	b.t.Helper()
	b.Wide(int64(width))
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// axe is somebody else's checker of accessibility.
var axe = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("pages/testdata/axe.min.js") })

// barriers are what axe finds that is serious or worse.
func (b *tab) barriers() []string {
	b.t.Helper()
	source, err := axe()
	must(b.t, err)
	if !js[bool](b, "'axe' in window") {
		js[bool](b, string(source)+"\n;true")
	}
	return js[[]string](b, `axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
		.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' (' + (n.any.concat(n.all, n.none)[0] ?? {}).message + ')').join('; ')))`)
}

// screens is where pictures of the pages are written, for people to look at.
const screens = "testdata/screens"

// wanted tells whether pictures are written. Nothing else looks at them.
func wanted() bool { return os.Getenv("VARUH_SCREENS") == "1" }

// keep writes what people look at, with VARUH_SCREENS=1.
func keep(t testing.TB, name string, content []byte) {
	t.Helper()
	if !wanted() {
		return
	}
	must(t, os.MkdirAll(screens, 0o755))
	must(t, os.WriteFile(filepath.Join(screens, name), content, 0o644))
}

// picture writes one, of the whole page.
func (b *tab) picture(name string) {
	b.t.Helper()
	if !wanted() {
		return
	}
	yes, quality := true, int64(85)
	out := command(b, inpage.CaptureScreenshot, inpage.CaptureScreenshotParams{Format: inpage.CaptureScreenshotFormatJpeg, Quality: &quality, CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes})
	keep(b.t, name+".jpg", out.Data)
}

// widths are a phone, a tablet and a screen.
var widths = []int{360, 768, 1440}

// mostLoaded is the most that a first look at a page may load.
const mostLoaded = 400_000

// schemesOf are the schemes of colours by language. A page that is looked at in both languages is held to each scheme in one.
var schemesOf = map[string][]string{"": {"light", "dark"}, "sl": {"light"}, "en": {"dark"}}

// inspect looks at the page that is there, in all widths, light and dark, and with VARUH_SCREENS=1 writes pictures of it.
func (b *tab) inspect(name string) {
	b.t.Helper()
	b.inspectIn(name, "")
}

// inspectIn is inspect in the schemes of a language alone; "" for all. Pictures are of all.
func (b *tab) inspectIn(name, language string) {
	b.t.Helper()
	for _, scheme := range schemesOf[""] {
		held := slices.Contains(schemesOf[language], scheme)
		if !held && !wanted() {
			continue
		}
		for _, width := range widths {
			b.look(width, scheme)
			if !held {
				b.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
				continue
			}
			if wide := js[int](b, "document.documentElement.scrollWidth"); wide > width {
				b.t.Errorf("%s is %d wide on a screen of %d: %s", name, wide, width, js[string](b, widest))
			}
			b.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
			if scheme == "light" && width == widths[2] || scheme == "dark" && width == widths[0] {
				for _, barrier := range b.barriers() {
					b.t.Errorf("%s, %d px, %s: %s", name, width, scheme, barrier)
				}
			}
		}
	}
	b.look(widths[2], "light")
}

// widest names the elements that stand out on the right.
const widest = `[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className).slice(0, 8).join(' ')`

// Every page is looked at by a real browser: in both languages, three widths, light in one language and dark in the other. axe finds nothing serious, the
// console has no error, nothing goes to another host, the policy holds, nothing is wider than the screen, and a first look
// loads little.
func TestPagesInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t, withAuthority(t))
	s.addCast()
	s.addFootage()
	s.addRequests()
	s.addFilm()
	visits := map[string]visit{}
	for _, list := range looks {
		maps.Copy(visits, list)
	}
	for _, r := range pageRoutes {
		if r.handler.media == "text/html" && !slices.ContainsFunc(slices.Collect(maps.Keys(visits)), func(name string) bool { return strings.Fields(name)[0] == r.name }) {
			t.Errorf("nobody looks at %s", r.name)
		}
	}
	for _, language := range []string{"sl", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b := s.tab()
			for _, name := range slices.Sorted(maps.Keys(visits)) {
				t.Run(name, func(t *testing.T) {
					b.of(t)
					s.seen(b, name, language, visits[name])
				})
			}
		})
	}
}

// seen is one look.
func (s *stage) seen(b *tab, name, language string, v visit) {
	b.t.Helper()
	path := v.path
	if v.who == "" {
		b.as("")
		page, fragment, _ := strings.Cut(path, "#")
		path = page + "?language=" + language + "#" + fragment
	} else {
		b.as(s.session(b.t, v.who, language))
	}
	b.take()
	b.visit(path)
	if _, loaded := b.take(); loaded > mostLoaded || loaded == 0 {
		b.t.Errorf("a first look loads %d bytes", loaded)
	}
	if v.do != nil {
		v.do(b)
	}
	b.inspectIn(strings.ReplaceAll(name, " ", "-")+"-"+language, language)
	if got := js[string](b, "document.documentElement.lang"); got != language && !strings.HasPrefix(name, "no page") {
		b.t.Errorf("the page is in %q", got)
	}
	wrong, _ := b.take()
	for _, w := range wrong {
		if !v.bad || !strings.Contains(w, "the server responded with a status of 4") {
			b.t.Error(w)
		}
	}
}
