package certificate

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// ask asks the handler of port 80 with a Host header.
func ask(h http.Handler, method, host, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.Host = host
	r.URL = &url.URL{Path: path}
	if p, q, ok := strings.Cut(path, "?"); ok {
		r.URL = &url.URL{Path: p, RawQuery: q}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Whatever name a browser asked for, it is sent to one that is the appliance's.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	for host, want := range map[string]string{
		"varuh-box.local":         "https://varuh-box.local/a?b=c",
		"VARUH-BOX.local:80":      "https://VARUH-BOX.local/a?b=c",
		"192.168.1.20":            "https://192.168.1.20/a?b=c",
		"192.168.1.20:8080":       "https://192.168.1.20/a?b=c",
		"[fd12::20]":              "https://[fd12::20]/a?b=c",
		"[fd12::20]:80":           "https://[fd12::20]/a?b=c",
		"bank.example":            "https://varuh-box.sola.lan/a?b=c",
		"varuh-box.local.example": "https://varuh-box.sola.lan/a?b=c",
		"192.168.1.21":            "https://varuh-box.sola.lan/a?b=c",
		"":                        "https://varuh-box.sola.lan/a?b=c",
		"a/b@c":                   "https://varuh-box.sola.lan/a?b=c",
		"\"><script>":             "https://varuh-box.sola.lan/a?b=c",
	} {
		w := ask(k.Plain(443), "GET", host, "/a?b=c")
		if got := w.Header().Get("Location"); w.Code != http.StatusTemporaryRedirect || got != want {
			t.Errorf("%q: %d to %q, want %q", host, w.Code, got, want)
		}
	}
	if got := ask(k.Plain(8443), "HEAD", "[fd12::20]", "/a").Header().Get("Location"); got != "https://[fd12::20]:8443/a" {
		t.Errorf("another port: %q", got)
	}
	r := httptest.NewRequest("GET", "/a", nil)
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP("192.168.1.20"), Port: 80}))
	w := httptest.NewRecorder()
	k.Plain(443).ServeHTTP(w, r)
	if got := w.Header().Get("Location"); got != "https://192.168.1.20/a" {
		t.Errorf("an unknown name, by a known address: %q", got)
	}
}

// Nothing is sent on but GET and HEAD, and every answer says the same of itself.
func TestMethodsAndHeaders(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range []string{"/", "/login", "/varuh.crt"} {
			if w := ask(k.Plain(443), method, "varuh-box.local", path); w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
	for _, path := range []string{"/", "/x", "/varuh.crt", "/varuh.pem", "/varuh.mobileconfig"} {
		h := ask(k.Plain(443), "GET", "varuh-box.local", path).Header()
		if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Cache-Control") != "no-store" || h.Get("Set-Cookie") != "" || h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// The page has the fingerprint of what it hands out, in both languages, no script and no data.
func TestWelcome(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	page := html.UnescapeString(ask(k.Plain(443), "GET", "varuh-box.local", "/").Body.String())
	for _, text := range append(Rows(Fingerprint(k.Root())), k.authorityName(), `href="https://varuh-box.local/"`, "Windows", "Android", "iPhone", "macOS", "Firefox",
		"Namestitev potrdila", "Installing the certificate", `lang="sl"`, `lang="en"`) {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not have %q", text)
		}
	}
	if regexp.MustCompile(`(?i)<script|<form|<input|<img|src=|url\(|onclick`).MatchString(page) {
		t.Error("the page has a script, a form or another file")
	}
	if strings.Index(page, "Namestitev potrdila") > strings.Index(page, "Installing the certificate") {
		t.Error("English comes first")
	}
	if page := ask(k.Plain(443), "GET", `"><script>alert(1)</script>`, "/").Body.String(); strings.Contains(page, "<script") {
		t.Error("the page has what a browser asked for")
	}
}

// All three forms are the same authority.
func TestForms(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	get := func(path, kind string) []byte {
		w := ask(k.Plain(443), "GET", "varuh-box.local", path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d, %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		return w.Body.Bytes()
	}
	der := get("/varuh.crt", "application/x-x509-ca-cert")
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	if !cert.IsCA || !bytes.Equal(der, k.Root()) {
		t.Error("another certificate is handed out")
	}
	if block, rest := pem.Decode(get("/varuh.pem", "application/x-pem-file")); block == nil || !bytes.Equal(block.Bytes, der) || len(rest) > 0 {
		t.Error("PEM is another one")
	}
	var profile struct {
		Dict struct {
			Array struct {
				Dict struct {
					Data   string   `xml:"data"`
					String []string `xml:"string"`
				} `xml:"dict"`
			} `xml:"array"`
		} `xml:"dict"`
	}
	must(t, xml.Unmarshal(get("/varuh.mobileconfig", "application/x-apple-aspen-config"), &profile))
	inner := profile.Dict.Array.Dict
	if got, err := base64.StdEncoding.DecodeString(inner.Data); err != nil || !bytes.Equal(got, der) || len(inner.String) != 4 || inner.String[2] != "com.apple.security.root" {
		t.Errorf("the profile has another one: %v, %q", err, inner.String)
	}
	if !regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`).MatchString(inner.String[3]) {
		t.Errorf("its UUID is %s", inner.String[3])
	}
}

// With the controller's own certificate there is nothing to install: all goes on to HTTPS.
func TestPlainWithOwn(t *testing.T) {
	t.Parallel()
	r, c := newRig(t), newController(t)
	leaf := c.issue("varuh.sola.example", noon)
	c.put(leaf, leaf)
	r.Own = c.files()
	k := r.open(t)
	if got := ask(k.Plain(443), "GET", "varuh.sola.example", "/").Header().Get("Location"); got != "https://varuh.sola.example/" {
		t.Errorf("sent to %q", got)
	}
	if got := ask(k.Plain(443), "GET", "bank.example", "/").Header().Get("Location"); got != "https://varuh.sola.example/" {
		t.Errorf("sent to %q", got)
	}
	if w := ask(k.Plain(443), "GET", "varuh.sola.example", "/varuh.crt"); w.Code != http.StatusNotFound {
		t.Errorf("an authority that nobody uses: %d", w.Code)
	}
}

// Whatever is asked, the answer leads to this appliance alone and is no fault of the server.
func FuzzPlain(f *testing.F) {
	k := newRig(f).open(f)
	handler := k.Plain(443)
	for _, s := range []string{"/", "//bank.example/x", "/\\bank.example", "/a%20b", "/%0d%0aX:%20y", "/varuh.crt", "/../x", "http://bank.example/x", "*", "/?q=\xff"} {
		f.Add("varuh-box.local", s)
	}
	f.Add("bank.example", "/")
	f.Fuzz(func(t *testing.T, host, target string) {
		at, err := url.ParseRequestURI(target) // as the server does, which refuses the rest itself
		if err != nil {
			return
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.URL = host, at
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%q %q: %d", host, target, w.Code)
		}
		to := w.Header().Get("Location")
		if to == "" {
			return
		}
		at, err = url.Parse(to)
		if err != nil || at.IsAbs() && (at.Scheme != "https" || !k.Knows(at.Hostname())) || !at.IsAbs() && at.Host != "" {
			t.Errorf("%q %q: sent to %q: %v", host, target, to, err)
		}
	})
}
