package web

import (
	"crypto/x509"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
)

// Every sentinel error that the packages behind this one export has words of its own, in both languages.
func TestEveryErrorHasWords(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	ast.Inspect(parsed(t, "words.go"), func(n ast.Node) bool {
		if list, ok := n.(*ast.CompositeLit); ok && len(list.Elts) == 6 {
			said[selector(list.Elts[0])] = true
		}
		return true
	})
	count := 0
	for folder, pkg := range map[string]string{"..": "accesslog", "../people": "people", "../notice": "notice", "../hold": "hold", "../disclosure": "disclosure", "../diary": "diary", "../playback": "playback", "../packing": "packing", "../packing/sealed": "sealed"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		must(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for sentinel, same := range sentinels(parsed(t, name)) {
				count++
				if !said[pkg+"."+sentinel] && !said[same] {
					t.Errorf("%s.%s has no words", pkg, sentinel)
				}
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d sentinel errors were found", count)
	}
}

func parsed(t *testing.T, name string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	must(t, err)
	return f
}

// sentinels are the exported errors of a file, with that of another package which each of them is, or "".
func sentinels(f *ast.File) map[string]string {
	found := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			for i, name := range v.Names {
				if strings.HasPrefix(name.Name, "Err") && len(v.Values) == len(v.Names) {
					found[name.Name] = selector(v.Values[i])
				}
			}
		}
	}
	return found
}

// selector is an expression like people.ErrSelf, or "".
func selector(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name + "." + s.Sel.Name
		}
	}
	return ""
}

// Each saying is whole, and has an id of its own unless it says the same.
func TestSayings(t *testing.T) {
	t.Parallel()
	titles := map[string]string{}
	for _, s := range sayings {
		for _, words := range []text{s.title, s.detail} {
			if words.sl == "" || words.en == "" || words.sl == words.en {
				t.Errorf("%s: %+v", s.id, words)
			}
		}
		if other, ok := titles[s.id]; ok && other != s.title.en {
			t.Errorf("%s is %q and %q", s.id, other, s.title.en)
		}
		titles[s.id] = s.title.en
		if s.status < 400 || s.status == 500 && s.err != errUnknown || http.StatusText(s.status) == "" {
			t.Errorf("%s: %d", s.id, s.status)
		}
		if got := sayingOf(fmt.Errorf("couldn't do it: %w", s.err)); got.id != s.id {
			t.Errorf("%v is said to be %s", s.err, got.id)
		}
	}
}

// What nobody has foreseen is a 500 that tells nothing, while the log has all of it; so is a panic.
func TestUnknownError(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*Site, *call) (nothing, error)
	}{
		{"error", func(*Site, *call) (nothing, error) {
			return nothing{}, fmt.Errorf("couldn't read /var/lib/varuh/keys: %w", errors.New("secret thing"))
		}},
		{"panic", func(*Site, *call) (nothing, error) { panic("secret thing at /var/lib/varuh/keys") }},
	} {
		r := newRig(t)
		c := r.client(t)
		mux, err := r.muxOf([]route{{"GET", "/thing", "thing", forAll, gives(tt.do), "A thing."}})
		must(t, err)
		r.Site.handler = r.outermost(mux)
		w := c.do("GET", prefix+"/thing", nil)
		if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "/var") {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
		if log := r.log.String(); !strings.Contains(log, "secret thing") || !strings.Contains(log, "/var/lib/varuh/keys") || !strings.Contains(log, "ERROR") {
			t.Errorf("%s: %s", tt.name, log)
		}
	}
}

// A problem is said in the language of the person, else in the one that is asked for, else in Slovenian.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"": "sl", "en": "en", "en-GB,en;q=0.9": "en", "sl,en;q=0.8": "sl", "en;q=0.2,sl;q=0.4": "sl", "de": "sl", "fr,en;q=0.5": "en", ";q=x": "sl", "en;q=abc": "sl"} {
		if got := language(accept); got != want {
			t.Errorf("%q: %s", accept, got)
		}
	}
	r := newRig(t)
	c := r.client(t)
	if _, p := c.refused("GET", "/status", nil); p.Title != "Niste prijavljeni" {
		t.Error(p)
	}
	c.accept = "en"
	if _, p := c.refused("GET", "/status", nil); p.Title != "You are not logged in" {
		t.Error(p)
	}
	c.logIn("vida.head", headPassword)
	if _, p := c.refused("GET", "/nothing", nil); p.Title != "There is no such page" {
		t.Error(p) // nobody is asked who he is for what is not there
	}
	if _, p := c.refused("POST", "/persons", "{}"); p.Detail != "To manjka." || p.Field != "login" {
		t.Error(p)
	}
	c.api("PUT", "/session/language", LanguageChange{"en"}, nil)
	if _, p := c.refused("POST", "/persons", "{}"); p.Detail != "This is missing." {
		t.Error(p)
	}
}

// Whoever has to wait is told how long.
func TestWait(t *testing.T) {
	t.Parallel()
	p := sayingOf(people.WaitError{For: 40 * time.Second}).problem("sl", people.WaitError{For: 40 * time.Second})
	if p.Wait != 40 || p.Status != 429 {
		t.Error(p)
	}
	r := newRig(t)
	c := r.client(t)
	for range 20 {
		w := c.do("POST", prefix+"/session", Credentials{Login: "vida.head", Password: "ni pravo geslo"})
		if w.Code == 429 {
			if w.Header().Get("Retry-After") == "" {
				t.Error(w.Header())
			}
			return
		}
	}
	t.Error("nobody had to wait")
}

// What each answer says to browsers.
func TestHeaders(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/", prefix + "/session", prefix + "/openapi.json", prefix + "//x"} {
		h := r.client(t).do("GET", path, nil).Header()
		csp := h.Get("Content-Security-Policy")
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" ||
			!strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	for own, want := range map[bool]string{true: "max-age=31536000", false: ""} {
		o := r.o
		o.Own = ownership(own)
		s, err := New(o)
		must(t, err)
		r.Site = s
		if got := r.client(t).do("GET", "/", nil).Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("own %v: %q", own, got)
		}
	}
}

// ownership is a certificate that is the controller's own or not, for varuh.local.
type ownership bool

func (o ownership) Own() bool               { return bool(o) }
func (o ownership) Knows(host string) bool  { return host == "varuh.local" }
func (o ownership) Root() []byte            { return nil }
func (o ownership) Leaf() *x509.Certificate { return &x509.Certificate{} }

// The session's cookie is one that no script, other site or plain page can have.
func TestCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.client(t).do("POST", prefix+"/session", Credentials{Login: "vida.head", Password: headPassword})
	k := w.Result().Cookies()
	if len(k) != 1 || k[0].Name != "__Host-varuh" || !k[0].Secure || !k[0].HttpOnly || k[0].SameSite != http.SameSiteStrictMode || k[0].Path != "/" || k[0].Domain != "" {
		t.Errorf("%v", w.Header())
	}
	if strings.Contains(w.Body.String(), k[0].Value) {
		t.Error("the token is in the answer")
	}
}

// Hosts, paths and methods that are none, and pages of other sites.
func TestTurnedAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.o
	o.Own = ownership(false)
	s, err := New(o)
	must(t, err)
	r.Site = s
	head := r.head(t)
	for _, tt := range []struct {
		method, path, host, origin, site string
		want                             int
	}{
		{"GET", "/api/v1/status", "varuh.local", "", "", 200},
		{"GET", "/api/v1/status", "varuh.local:8443", "", "", 200},
		{"GET", "/api/v1/status", "evil.example", "", "", 421},
		{"GET", "/api/v1/status", "evil.example:443", "", "", 421},
		{"GET", "/api/v1/status", "[::2]:443", "", "", 421},
		{"GET", "/api/v1/status", "", "", "", 421},
		{"HEAD", "/api/v1/status", "varuh.local", "", "", 405},
		{"DELETE", "/api/v1/status", "varuh.local", "", "", 405},
		{"GET", "/api/v1/../v1/status", "varuh.local", "", "", 404},
		{"GET", "/api//v1/status", "varuh.local", "", "", 404},
		{"GET", "/api/v1/cameras/..%2Fhall/days", "varuh.local", "", "", 404},
		{"GET", "/api/v1/cameras/%00/days", "varuh.local", "", "", 404},
		{"GET", "/api/v1/cameras/" + strings.Repeat("a", 200) + "/days", "varuh.local", "", "", 404},
		{"GET", "/" + strings.Repeat("a", 2000), "varuh.local", "", "", 404},
		{"GET", "/api/v1/status?x=1", "varuh.local", "", "", 422},
		{"POST", "/api/v1/lock", "varuh.local", "https://evil.example", "", 403},
		{"POST", "/api/v1/lock", "varuh.local", "", "cross-site", 403},
		{"POST", "/api/v1/lock", "varuh.local", "null", "", 403},
		{"POST", "/api/v1/lock", "varuh.local", "https://varuh.local", "same-origin", 204},
	} {
		q, err := http.NewRequestWithContext(t.Context(), tt.method, "https://varuh.local"+tt.path, http.NoBody)
		must(t, err)
		q.Host, q.RemoteAddr = tt.host, office
		q.AddCookie(&http.Cookie{Name: cookieName, Value: head.cookie})
		if tt.origin != "" {
			q.Header.Set("Origin", tt.origin)
		}
		if tt.site != "" {
			q.Header.Set("Sec-Fetch-Site", tt.site)
		}
		if w := answer(r.Handler(), q); w.Code != tt.want || (w.Code == 405) != (w.Header().Get("Allow") != "") {
			t.Errorf("%s %s of %q, from %q %q: %d, want %d: %s", tt.method, tt.path, tt.host, tt.origin, tt.site, w.Code, tt.want, w.Body)
		}
	}
}

// A table that leaves something open is refused.
func TestWrongTable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := statusRoutes[0]
	for name, spoil := range map[string]func(*route){
		"nobody":    func(r *route) { r.access = access{} },
		"no action": func(r *route) { r.access = may() },
		"no name":   func(r *route) { r.name = "" },
	} {
		bad := good
		spoil(&bad)
		if _, err := r.muxOf([]route{bad}); err == nil {
			t.Error(name)
		}
	}
	other := good
	other.pattern = "/other"
	if _, err := r.muxOf(slices.Concat([]route{good}, []route{other})); err == nil {
		t.Error("two of one name")
	}
}
