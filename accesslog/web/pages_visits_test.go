package web

import (
	"strings"
	"testing"

	"varuh/accesslog/people"
	"varuh/accesslog/web/certificate"
	"varuh/recorder/durable"
)

// visit is how a page is looked at.
type visit struct {
	who  string // of the cast, or "" for nobody
	path string
	do   func(b *tab) // before it is looked at
	bad  bool         // that something is refused belongs to it: the browser notes that as an error
}

// looks are all looks at pages, by the route and what is seen.
var looks = []map[string]visit{entryLooks, accountLooks, footageLooks, findLooks, diaryLooks, retentionLooks, noticesLooks, personsLooks, requestsLooks, systemLooks}

// entryLooks are those at what a person who comes sees first, and at what he sees to himself.
var entryLooks = map[string]visit{
	"loginPage": {path: "/login"},
	"loginPage refused": {path: "/login", bad: true, do: func(b *tab) {
		b.enter("#login", "login", "vida.head", "password", "ni pravo geslo")
		b.until("!document.querySelector('.form-error').hidden")
		b.says(".form-error", "zavrnjena", "refused")
	}},
	"loginPage empty": {path: "/login", do: func(b *tab) {
		b.enter("#login")
		b.until("document.querySelectorAll('.field-error').length === 1")
	}},
	"loginPage again":    {who: "head", path: "/login"},
	"firstPage":          {path: "/first#AAAA"},
	"firstPage no link":  {path: "/first"},
	"pickupPage":         {path: "/pickup#AAAA"},
	"pickupPage no link": {path: "/pickup"},
	"pickupPage refused": {path: "/pickup#AAAA", bad: true, do: func(b *tab) {
		b.click("[name=warned]")
		b.enter("#pickup-form", "passphrase", "00000-00000-00000-00000-00000")
		b.until("!document.querySelector('.form-error').hidden")
		b.says(".form-error", "povezave ni", "no such link")
	}},
	"passwordPage":       {who: "head", path: "/password"},
	"passwordPage first": {who: "newcomer", path: "/password"},
	"passwordPage differs": {who: "head", path: "/password", do: func(b *tab) {
		b.enter("#password-form", "old", ownPassword, "next", "zelena reka pod mostom", "again", "zelena reka nad mostom")
		b.until("document.querySelectorAll('.field-error').length === 1 && document.activeElement.id === 'again'")
	}},
	"secondPage": {who: "head", path: "/second"},
	"secondPage code": {who: "head", path: "/second", do: func(b *tab) {
		b.click("#draw")
		b.until("document.querySelector('svg.qr path')")
	}},
	"certificatePage": {path: "/certificate", do: func(b *tab) {
		js[int](b, "document.querySelectorAll('details').forEach((d) => { d.open = true }) ?? 0")
	}},
	"no page": {path: "/nowhere", bad: true},
}

// cast are the persons who look at pages, one of each for either language.
var cast = map[string]struct {
	name  string
	roles []people.Role
}{
	"head":       {"Vera Zajc", []people.Role{people.Administrator, people.Approver, people.Caretaker}},
	"caretaker":  {"Ana Novak", []people.Role{people.Caretaker}},
	"auditor":    {"Dana Zupan", []people.Role{people.Auditor}},
	"maintainer": {"Miha Kos", []people.Role{people.Maintainer}},
	"guard":      {"Boris Hribar", []people.Role{people.Guard}},
	"inspector":  {"Ivo Koren", []people.Role{people.Inspector}},
	"newcomer":   {"Nova Oseba", []people.Role{people.Caretaker}}, // has to choose a password first
}

// passwordOf is that of somebody of the cast.
func passwordOf(who string) string {
	if who == "newcomer" {
		return firstOne
	}
	return ownPassword
}

// addCast adds them. All have the hall in scope; the head has all cameras.
func (s *stage) addCast() {
	s.t.Helper()
	head := s.head(s.t)
	for who, person := range cast {
		for _, language := range []string{"sl", "en"} {
			login := who + "." + language
			a := AskedPerson{Login: login, Name: person.name, Language: language, Password: firstOne}
			if language == "en" {
				a.Name = strings.Replace(a.Name, " ", " E. ", 1) // no two persons have one name
			}
			for _, role := range person.roles {
				granted := s.granted(role)
				if who == "head" {
					granted.Cameras, granted.To = []string{everyCamera}, moment{}
				}
				a.Authorisations = append(a.Authorisations, granted)
			}
			head.api("POST", "/persons", a, nil)
			if passwordOf(who) != firstOne {
				s.client(s.t).logIn(login, firstOne).api("PUT", "/session/password", PasswordChange{firstOne, ownPassword}, nil)
			}
		}
	}
}

// withAuthority lets the stage have a certificate of the appliance's.
func withAuthority(t testing.TB) func(*Options) {
	return func(o *Options) {
		keeper, err := certificate.Open(certificate.Options{Dir: t.TempDir(), FS: durable.OS, Now: o.Now, Log: o.Log,
			Names: func() (certificate.Names, error) { return certificate.LocalNames([]string{"varuh.local"}) }})
		must(t, err)
		o.Own = keeper
	}
}

// session is the cookie of somebody of the cast, who reads a language and has just logged in.
func (s *stage) session(t testing.TB, who, language string) string {
	t.Helper()
	return s.client(t).logIn(who+"."+language, passwordOf(who)).cookie
}

// says complains if an element does not say something in the language of the page.
func (b *tab) says(element, sl, en string) {
	b.t.Helper()
	want := map[string]string{"sl": sl, "en": en}[js[string](b, "document.documentElement.lang")]
	if said := js[string](b, "document.querySelector('"+element+"').textContent"); !strings.Contains(said, want) {
		b.t.Errorf("%s says %q, want %q", element, said, want)
	}
}
