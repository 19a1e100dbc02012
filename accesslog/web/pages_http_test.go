package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/people"
)

// look asks for a page as a browser does.
func (c *client) look(path string) *httptest.ResponseRecorder {
	c.t.Helper()
	q := httptest.NewRequestWithContext(c.t.Context(), http.MethodGet, "https://varuh.local"+path, nil)
	q.RemoteAddr = c.from
	q.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if c.cookie != "" {
		q.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	}
	return answer(c.r.Handler(), q)
}

// links are the pages of the menu in a page.
func links(page string) (list []string) {
	_, menu, _ := strings.Cut(page, `<nav class="menu"`)
	menu, _, _ = strings.Cut(menu, "</nav>")
	for _, found := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(menu, -1) {
		list = append(list, found[1])
	}
	return list
}

// The menu of each role has the pages that it may see, and no other; what is no page of its reader's is not in the HTML
// of any of his pages.
func TestMenu(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		c := r.visitor(t, head, string(role), r.granted(role))
		own := links(c.look("/account").Body.String())
		for _, route := range menuOf(routes()) {
			w := c.look(route.path())
			if may := w.Code == http.StatusOK; may != slices.Contains(own, route.path()) {
				t.Errorf("%s: %s is answered with %d, and the menu has %q", role, route.path(), w.Code, own)
			} else if may && !slices.Equal(links(w.Body.String()), own) {
				t.Errorf("%s: another menu on %s", role, route.path())
			}
			if w.Code != http.StatusOK && (w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "<h1>")) {
				t.Errorf("%s: %s is answered with %d %s", role, route.path(), w.Code, w.Body)
			}
			if !slices.Contains(own, route.path()) && strings.Contains(c.look("/account").Body.String(), `"`+route.path()) {
				t.Errorf("%s: the own account leads to %s", role, route.path())
			}
		}
		want := "/account"
		if len(own) > 0 {
			want = own[0]
		}
		if w := c.look("/"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s is led to %q, want %q", role, w.Header().Get("Location"), want)
		}
	}
}

// Where nobody is logged in, or a duty comes first, a page leads to what has to be done, and from there back.
func TestPagesLead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	nobody, head := r.client(t), r.head(t)
	head.api("POST", "/persons", AskedPerson{Login: "duty.oseba", Name: "Prva Prijava", Password: firstOne, Authorisations: []AskedAuthorisation{r.granted(people.Caretaker)}}, nil)
	duty := r.client(t).logIn("duty.oseba", firstOne)
	for _, tt := range []struct {
		c        *client
		path, to string
	}{
		{nobody, "/", "/login"},
		{nobody, "/footage", "/login?next=%2Ffootage"},
		{nobody, "/account", "/login?next=%2Faccount"},
		{duty, "/", "/password"},
		{duty, "/footage", "/password?next=%2Ffootage"},
		{head, "/", "/footage"},
	} {
		if w := tt.c.look(tt.path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != tt.to {
			t.Errorf("%s: %d %q, want %q", tt.path, w.Code, w.Header().Get("Location"), tt.to)
		}
	}
	for next, want := range map[string]string{"/footage": `data-next="/footage"`, "https://evil.example/": `data-next=""`, "//evil.example": `data-next=""`, `/\evil.example`: `data-next=""`,
		"/a/../b": `data-next=""`, "javascript:alert(1)": `data-next=""`, "/\t/evil.example": `data-next=""`, "/\n/evil.example": `data-next=""`, "/%2509/evil.example": `data-next=""`} {
		w := nobody.look("/login?next=" + strings.NewReplacer("/", "%2F", `\`, "%5C", ":", "%3A", "\t", "%2509", "\n", "%250A").Replace(next))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("next %q: %d, and no %s", next, w.Code, want)
		}
	}
}

// A page that there is not, and a request that is wrong, are told as a page to who looks at pages, and as a problem to
// who asks the API.
func TestProblemPages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.client(t)
	for path, status := range map[string]int{"/nowhere": 404, "/login?x=1": 422, "/static/x/js/page.js": 404, "/certificate/varuh.crt": 404} {
		w := c.look(path)
		if w.Code != status || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(w.Body.String(), "<h1>") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	if w := c.look(prefix + "/session"); w.Code != 401 || w.Header().Get("Content-Type") != problemType {
		t.Errorf("the API answers with %d %v", w.Code, w.Header())
	}
	page := c.look("/login").Body.String()
	file := regexp.MustCompile(`/static/[0-9a-f]+/sl/page\.js`).FindString(page)
	if w := c.look(file); w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q: %d %v", file, w.Code, w.Header())
	}
}
