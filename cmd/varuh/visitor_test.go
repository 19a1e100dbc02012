package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// visitor is a browser that trusts the appliance's authority alone.
type visitor struct {
	t      *testing.T
	client *http.Client
	base   string
	cookie *http.Cookie
}

// do asks for something and decodes what comes into answer, unless that is nil.
func (v *visitor) do(ctx context.Context, method, path string, body, answer any) *http.Response {
	v.t.Helper()
	text, err := json.Marshal(body)
	must(v.t, err)
	var in io.Reader = http.NoBody
	if body != nil {
		in = bytes.NewReader(text)
	}
	q, err := http.NewRequestWithContext(ctx, method, v.base+path, in)
	must(v.t, err)
	q.Header.Set("Content-Type", "application/json")
	if v.cookie != nil {
		q.AddCookie(v.cookie)
	}
	r, err := v.client.Do(q)
	must(v.t, err)
	if answer != nil {
		raw, err := io.ReadAll(r.Body)
		must(v.t, err)
		must(v.t, r.Body.Close())
		if r.StatusCode/100 != 2 || json.Unmarshal(raw, answer) != nil {
			v.t.Fatalf("%s %s: %s: %s", method, path, r.Status, raw)
		}
	}
	return r
}

// stranger comes to a box whose pages are at an address, and has not logged in.
func (b *box) stranger(t *testing.T, address string) *visitor {
	t.Helper()
	b.log.await(t, "pages are served")
	roots := x509.NewCertPool()
	b.entrance.mu.Lock()
	root, err := x509.ParseCertificate(b.entrance.keeper.Root())
	b.entrance.mu.Unlock()
	must(t, err)
	roots.AddCert(root)
	v := &visitor{t: t, base: "https://" + strings.Replace(address, "127.0.0.1", "localhost", 1) + "/api/v1", client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	t.Cleanup(v.client.CloseIdleConnections)
	return v
}

// visit comes to a box and logs in as the head.
func (b *box) visit(t *testing.T, address string) *visitor {
	t.Helper()
	v := b.stranger(t, address)
	var me struct{ Duty string }
	r := v.do(t.Context(), "POST", "/session", map[string]string{"login": "ravnatelj", "password": goodPassword}, &me)
	if len(r.Cookies()) != 1 || me.Duty != "" {
		t.Fatalf("the log-in gave %v, %+v", r.Cookies(), me)
	}
	v.cookie = r.Cookies()[0]
	return v
}
