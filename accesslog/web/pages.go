package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"varuh/accesslog/people"
	"varuh/accesslog/web/pages"
)

// pageRoutes are the pages and their files. Who may have a page is said here as for the rest; what is in the menu too.
var pageRoutes = []route{
	{"GET", "/{$}", "home", forSelf, onward((*Site).home), "Leads to the first page that the person may see."},
	{"GET", "/login", "loginPage", forAll, page("login"), "Lets a person log in."},
	{"GET", "/footage", "footagePage", may(people.Play, people.Live), page("footage").inMenu(), "Shows cameras, and what there is of each day."},
	{"GET", "/find", "findPage", may(people.Play), page("find").inMenu(), "Finds when something changed, by pictures between which one halves further."},
	{"GET", "/seen", "seenPage", may(people.ReadDiary), page("seen").inMenu(), "Tells who has seen footage, on one page to be printed."},
	{"GET", "/requests", "requestsPage", may(people.Extract, people.Approve, people.ReadDiary), page("requests").inMenu(), "Lists requests for footage, by what is due first."},
	{"GET", "/receive", "receivePage", may(people.Extract), page("receive"), "Lets people enter what a paper asks for, or complete what was entered."},
	{"GET", "/request", "requestPage", may(people.Extract, people.Approve, people.ReadDiary), page("request"), "Shows one request: what comes next, its terms, what is held, its package and its course."},
	{"GET", "/register", "registerPage", may(people.ReadDiary), page("register"), "Shows the register of disclosures, once somebody has said why, on pages to be printed."},
	{"GET", "/diary", "diaryPage", may(people.ReadDiary), page("diary").inMenu(), "Lets people read the diary and check it, once they have said why."},
	{"GET", "/retention", "retentionPage", may(people.System), page("retention").inMenu(), "Shows how long footage stays, what is held, and what goes."},
	{"GET", "/notices", "noticesPage", may(people.Notices, people.System), page("notices").inMenu(), "Shows what is missing on notices, and lets people enter them."},
	{"GET", "/persons", "personsPage", may(people.Persons, people.Authorise), page("persons").inMenu(), "Shows who may do what, and lets people authorise others, and issue tokens to authorities."},
	{"GET", "/system", "systemPage", may(people.System), page("system").inMenu(), "Shows how cameras, disks and clock are, and what needs a person."},
	{"GET", "/password", "passwordPage", forSelf, page("password"), "Lets a person choose another password."},
	{"GET", "/second", "secondPage", forSelf, page("second"), "Lets a person set up the second factor."},
	{"GET", "/account", "accountPage", forSelf, page("account"), "Shows a person what is known of him, and lets him see to password and second factor."},
	{"GET", "/first", "firstPage", forAll, page("first"), "Lets whoever has the one-time link add the first person."},
	{"GET", "/pickup", "pickupPage", forAll, page("pickup"), "Lets an outsider fetch a package, with a secret address and a passphrase."},
	{"GET", "/certificate", "certificatePage", forAll, page("certificate"), "Tells how the appliance's certificate is installed."},
	{"GET", "/certificate/{file}", "certificateFile", forAll, onward((*Site).certificateFile), "Gives the appliance's authority as a file."},
	{"GET", "/static/{version}/{folder}/{file}", "pageFile", forAll, onward((*Site).pageFile), "Gives a file of the pages."},
}

// PageAsked is what the address of a page says.
type PageAsked struct {
	Language string `json:"language,omitempty"` // of who has not logged in
	Next     string `json:"next,omitempty"`     // the page that a log-in leads to
}

// page makes a handler that shows a page.
func page(name string) handler {
	h := writes("text/html", func(s *Site, c *call, in PageAsked) error { return s.show(c, name, in) })
	h.page = true
	return h
}

// inMenu lets the menu have a page.
func (h handler) inMenu() handler {
	h.menu = true
	return h
}

// menuOf are the pages of a table that the menu has.
func menuOf(table []route) (list []route) {
	for _, r := range table {
		if r.handler.menu {
			list = append(list, r)
		}
	}
	return list
}

// onward makes a handler of something on the pages that is no page itself.
func onward(f func(*Site, *call, nothing) error) handler {
	h := writes("*/*", f)
	h.page = true
	return h
}

// path is where a route is found: all but the pages lie behind [prefix].
func (r route) path() string {
	if r.handler.page {
		return r.pattern
	}
	return prefix + r.pattern
}

// page is the name of the page that a route shows.
func (r route) page() string { return strings.TrimPrefix(r.pattern, "/") }

// show answers with a page.
func (s *Site) show(c *call, name string, in PageAsked) error {
	v := c.view()
	if v.Reader == nil && (in.Language == "sl" || in.Language == "en") {
		v.Language = in.Language
	}
	v.Next = inside(in.Next)
	return s.write(c.w, http.StatusOK, name, v)
}

// inside is the page of varuh's own that a log-in leads to, or "".
func inside(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !whole(u.Path) || strings.ContainsFunc(u.Path, misread) {
		return ""
	}
	return u.Path
}

// misread tells whether browsers read a character of an address as another one, or leave it out (WHATWG URL, section 4.4).
func misread(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }

// write writes a page.
func (s *Site) write(w http.ResponseWriter, status int, name string, v pages.View) error {
	var out strings.Builder
	if err := s.pages.Write(&out, name, v); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Language)
	w.WriteHeader(status)
	fmt.Fprint(w, out.String()) // an error says that nobody listens any more
	return nil
}

// view is what a page shows of who asks for it.
func (c *call) view() pages.View {
	v := pages.View{Language: c.language, Whose: c.site.whose(), Folder: c.site.o.Folder, Install: c.site.install()}
	if c.session.Person.ID == "" || c.session.Proof == "token" {
		return v
	}
	v.Reader = c.reader()
	for _, r := range c.site.menu {
		if c.mayVisit(r) {
			v.Menu = append(v.Menu, pages.Link{Page: r.page(), Path: r.path()})
		}
	}
	v.Locked = (c.allowed(people.Play, "") || c.allowed(people.Live, "")) && c.site.o.Keys.Locked(people.FootageKey) ||
		c.allowed(people.ReadDiary, "") && c.site.o.Keys.Locked(people.DiaryKey)
	return v
}

// whose is whose appliance it is; that it is varuh stands beside it.
func (s *Site) whose() string { return strings.TrimPrefix(s.o.Issuer, "varuh ") }

// reader is the person with what pages show of him.
func (c *call) reader() *pages.Reader {
	s := c.session
	r := &pages.Reader{Name: s.Person.Name, Login: s.Person.Login, Duty: s.Duty, Second: s.Person.Second, Began: s.Began, Ends: s.Ends}
	for _, a := range people.Actions {
		if c.allowed(a, "") {
			r.May = append(r.May, a)
		}
	}
	for _, a := range s.Authorisations {
		r.Authorisations = append(r.Authorisations, pages.Authorisation{Role: a.Role.Word(c.language), Cameras: c.site.called(a.Cameras), From: a.From, To: a.To,
			Signed: !a.Paper.IsZero(), Deputy: a.DeputyOf != "", Outside: a.Outside})
	}
	if s.Reset != nil {
		r.Reset = &pages.Reset{By: s.Reset.By, At: s.Reset.At}
	}
	return r
}

// called are the names of cameras; nil for all of them.
func (s *Site) called(ids []string) (names []string) {
	known := map[string]string{}
	for _, camera := range s.o.Cameras() {
		known[camera.ID] = camera.Name
	}
	for _, id := range ids {
		name := known[id]
		if name == "" {
			name = id
		}
		names = append(names, name)
	}
	return names
}

// mayVisit tells whether the person may see a page, of any camera.
func (c *call) mayVisit(r route) bool {
	if r.access.kind != byRole {
		return c.session.Duty == people.DutyNone
	}
	for _, action := range r.access.actions {
		if c.allowed(action, "") {
			return true
		}
	}
	return false
}

// home leads to the first page of the menu; who may see none of them, to the own account.
func (s *Site) home(c *call, _ nothing) error {
	to := "/account"
	switch v := c.view(); {
	case c.session.Duty == people.DutyPassword:
		to = "/password"
	case c.session.Duty == people.DutySecond:
		to = "/second"
	case len(v.Menu) > 0:
		to = v.Menu[0].Path
	}
	http.Redirect(c.w, c.Request, to, http.StatusSeeOther)
	return nil
}

// pageFile answers with a file of the pages. It has no data, and another address once it is another one: browsers may keep it.
func (s *Site) pageFile(c *call, _ nothing) error {
	a, ok := s.pages.Asset(c.PathValue("version"), c.PathValue("folder"), c.PathValue("file"))
	if !ok {
		return errNoPage
	}
	h, data := c.w.Header(), a.Plain
	h.Set("Content-Type", a.Media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(c.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		data = a.Gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	c.w.Write(data) // an error says that nobody listens any more
	return nil
}

// asksPage tells whether somebody looks at a page, so that a problem is shown as one.
func asksPage(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, prefix+"/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// insteads are the pages to which a problem leads.
var insteads = map[string]string{"no-session": "/login", "password-first": "/password", "second-first": "/second"}

// instead answers with a page in the place of one that there is not, or leads to what comes first.
func (s *Site) instead(w http.ResponseWriter, r *http.Request, language, id string, p Problem) {
	if to := insteads[id]; to != "" {
		if next := inside(r.URL.Path); next != "" && next != "/" {
			to += "?" + url.Values{"next": {next}}.Encode()
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	detail := p.Detail
	if p.Reason != "" {
		detail = p.Reason + ". " + detail
	}
	v := pages.View{Language: language, Whose: s.whose(), Problem: &pages.Problem{Status: p.Status, Title: p.Title, Detail: detail}}
	if err := s.write(w, p.Status, "problem", v); err != nil {
		s.o.Log.Error("a problem can't be shown as a page", "err", err)
	}
}
