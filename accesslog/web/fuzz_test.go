package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// nasty are values in the place of those that are asked for.
var nasty = []any{
	nil, true, 0, -1, 1 << 62, 1e300, "", " ", "x", "*", "\x00", "\n", "\u202e", "\U0010ffff", "../../etc/passwd", "'; DROP TABLE persons; --", "%00",
	"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2200-12-31T23:59:59Z", "2000-01-01", "2026-11-21T12:00:00+23:59",
	"law:authority", "hall", "main", "sl", "-1", "9223372036854775808", strings.Repeat("č", 3000), []any{}, []any{nil}, []any{"hall", "hall"}, map[string]any{},
}

// Whatever stands in the place of any value of any request, nothing is a 500, and every answer is as the document says.
func TestNastyValues(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	examples := requests(t)
	for _, one := range routes() {
		q := examples[one.name]
		for _, changed := range variants(t, q) {
			head.sane(one.method, one.url(changed), changed.Body)
		}
	}
}

// variants are a request with each of its values in turn made nasty.
func variants(t *testing.T, q request) (list []request) {
	for name := range q.Path {
		for _, v := range nasty {
			one := q
			one.Path = maps.Clone(q.Path)
			one.Path[name] = url.PathEscape(fmt.Sprint(v))
			list = append(list, one)
		}
	}
	values, err := url.ParseQuery(q.Query)
	must(t, err)
	for name := range values {
		for _, v := range nasty {
			one, changed := q, maps.Clone(values)
			changed[name] = []string{fmt.Sprint(v)}
			one.Query = changed.Encode()
			list = append(list, one)
		}
	}
	if q.Body == nil {
		return list
	}
	var body any
	must(t, json.Unmarshal(q.Body, &body))
	replaced(body, func() {
		text, err := json.Marshal(body)
		must(t, err)
		one := q
		one.Body = text
		list = append(list, one)
	})
	if len(list) > 10*len(nasty) { // of many values, each gets some
		list = slices.Collect(func(yield func(request) bool) {
			for i := 0; i < len(list) && yield(list[i]); i += 4 {
			}
		})
	}
	return list
}

// replaced calls f with each value inside of one in turn made nasty.
func replaced(in any, f func()) {
	switch in := in.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(in)) {
			replacedAt(in[name], func(v any) { in[name] = v }, f)
		}
	case []any:
		for i := range in {
			replacedAt(in[i], func(v any) { in[i] = v }, f)
		}
	}
}

func replacedAt(old any, set func(any), f func()) {
	for _, v := range nasty {
		set(v)
		f()
	}
	set(old)
	replaced(old, f)
}

// sane asks for something, which must not be a 500.
func (c *client) sane(method, path string, body []byte) {
	c.t.Helper()
	u, err := url.Parse("https://varuh.local" + path)
	if err != nil {
		return // no client could ask for it
	}
	var text any
	if body != nil {
		text = string(body)
	}
	if w := c.do(method, u.RequestURI(), text); w.Code == http.StatusInternalServerError || w.Code == http.StatusUnauthorized && c.cookie == "" {
		c.t.Errorf("%s %s %s: %d %s", method, path, body, w.Code, w.Body)
	} else if w.Code == http.StatusUnauthorized || method == http.MethodDelete {
		c.still()
	}
}

// still logs the head in again, if a request has logged him out; whoever had to wait need not any more.
func (c *client) still() {
	c.t.Helper()
	if c.do("GET", prefix+"/session", nil).Code != http.StatusOK {
		c.r.set(c.r.clock().Add(6 * time.Minute))
		c.logIn("vida.head", headPassword)
	}
}

// FuzzRequests: no request gives a 500, however it is made.
func FuzzRequests(f *testing.F) {
	r := newRig(f)
	head := r.head(f)
	examples := requests(f)
	for _, one := range routes() {
		q := examples[one.name]
		f.Add(true, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: varuh.local\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", one.method, one.url(q), len(q.Body), q.Body))
	}
	f.Add(false, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add(false, "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add(false, "GET /api/v1/cameras/%2e%2e/days HTTP/1.0\r\nAuthorization: Bearer x\r\nCookie: __Host-varuh=a; __Host-varuh=b\r\n\r\n")
	f.Add(true, "POST /api/v1/lock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
	f.Fuzz(func(t *testing.T, loggedIn bool, text string) {
		q, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			return
		}
		q = q.WithContext(t.Context())
		q.RemoteAddr = office
		if loggedIn {
			c := *head
			c.t = t
			c.still()
			head.cookie = c.cookie
			q.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
		}
		if w := answer(r.Handler(), q); w.Code == http.StatusInternalServerError {
			t.Errorf("%s\n%d %s\n%s", text, w.Code, w.Body, r.log)
		}
	})
}
