package web

import (
	"fmt"
	"strings"
	"testing"

	"varuh/accesslog/people"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// keys types as on a keyboard.
func (b *tab) keys(text string) {
	b.t.Helper()
	b.Keys(text)
}

// at waits for the browser to be on a page whose modules have run.
func (b *tab) at(path string) {
	b.t.Helper()
	b.until(fmt.Sprintf("location.pathname === %q && document.readyState === 'complete'", path))
}

// Somebody who comes for the first time is led from the page that he wants through all that comes first, and back to it; by the
// keyboard alone.
func TestNewcomerInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	b.visit("/footage#camera=hall&day=2026-11-21")
	b.at("/login")
	b.tabTo("name")
	b.keys("newcomer.sl\t" + firstOne + "\r")
	b.at("/password")
	b.tabTo("old")
	b.keys(firstOne + "\tkratko\tkratko\r")
	b.until("document.activeElement.id === 'next' && document.querySelector('#next-error')")
	js[string](b, "document.getElementById('next').value = document.getElementById('again').value = ''")
	b.keys("newcomer.sl newcomer.sl\tnewcomer.sl newcomer.sl\r") // little more than the own name
	b.until("document.querySelector('#next-error')?.textContent.includes('komaj kaj več')")
	js[string](b, "document.getElementById('next').value = document.getElementById('again').value = ''")
	b.keys(ownPassword + "\t" + ownPassword + "\r")
	b.at("/footage")
	b.until("location.hash === '#camera=hall&day=2026-11-21' && document.querySelector('#day h2')")
	b.click("button[data-language=en]")
	b.until("document.documentElement.lang === 'en' && document.querySelector('h1').textContent === 'Footage' && document.querySelector('#day h2')")
	b.click("#log-out")
	b.at("/login")
	b.visit("/footage")
	b.at("/login")
}

// A second factor is set up with what the page shows, and asked for at the next log-in; a one-time code does for it, once.
// Taken away, it is asked for no more.
func TestSecondInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/second?next=/account")
	b.click("#draw")
	b.until("document.querySelector('svg.qr path')")
	secret, err := people.ParseSecond(strings.ReplaceAll(js[string](b, "document.getElementById('secret').textContent"), " ", ""))
	must(t, err)
	right := secret.Code(s.clock())
	wrong := "000000"
	if right == wrong {
		wrong = "111111"
	}
	b.enter("#enrol", "code", wrong, "password", ownPassword)
	b.until("document.querySelector('#code-error')?.textContent.includes('Koda se ne ujema')")
	b.enter("#enrol", "code", right, "password", "ni pravo geslo")
	b.until("document.querySelector('#password-error')")
	b.enter("#enrol", "code", right, "password", ownPassword)
	b.until("document.querySelectorAll('#codes li').length > 5")
	codes := js[[]string](b, "[...document.querySelectorAll('#codes li')].map((one) => one.textContent)")
	b.click("#go")
	b.at("/account")
	logIn := func(code string) {
		b.click("#log-out")
		b.at("/login")
		b.enter("#login", "login", "head.sl", "password", ownPassword)
		b.until("document.activeElement.id === 'code'")
		b.enter("#login", "code", code)
	}
	logIn(codes[0])
	b.at("/footage")
	logIn(codes[0])
	b.until("document.querySelector('.form-error').textContent.includes('zavrnjena')")
	b.enter("#login", "code", codes[1])
	b.at("/footage")

	b.visit("/account")
	b.click("#drop")
	b.until("document.querySelector('dialog[open]')")
	b.inspect("account-drop-sl")
	b.enter("#drop-form", "password", ownPassword)
	b.until("document.readyState === 'complete' && !document.querySelector('#drop')")
	b.click("#log-out")
	b.at("/login")
	b.enter("#login", "login", "head.sl", "password", ownPassword)
	b.at("/footage")
}

// Who could open a locked door is told so on every page, logs in once more, and it is open. Who could not is told nothing.
func TestLockedInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	locker := s.client(t).logIn("head.en", ownPassword)
	b := s.tab()
	for _, language := range []string{"sl", "en"} {
		b.as(s.session(t, "head", language))
		locker.api("POST", "/lock", nil, nil)
		b.visit("/account")
		b.says(".band.warn", "Vrata so zaklenjena.", "The door is locked.")
		b.inspect("locked-" + language)
		b.click(".band.warn a")
		b.at("/login")
		b.says(".note.warn", "Vrata so zaklenjena.", "The door is locked.")
		b.enter("#login", "password", ownPassword)
		b.at("/account")
		if js[bool](b, "document.querySelector('.band.warn') !== null") || len(s.locked()) > 0 {
			t.Errorf("the door is still locked: %q", s.locked())
		}
	}
	locker = s.client(t).logIn("head.en", ownPassword)
	b.as(s.session(t, "maintainer", "sl"))
	locker.api("POST", "/lock", nil, nil)
	b.visit("/account")
	if js[bool](b, "document.querySelector('.band.warn') !== null") {
		t.Error("a maintainer is asked to open the door")
	}
}

// The first person comes in by the link that the console shows, and logs in; the link is good once.
func TestFirstPersonInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := &stage{rig: newEmptyRig(t), t: t}
	s.serve(s.Handler())
	token, _, err := s.people.Link(t.Context())
	must(t, err)
	b := s.tab()
	link := "/first?language=sl#" + token.Text()
	b.visit(link)
	b.click("a[data-keep]")
	b.until("document.documentElement.lang === 'en' && location.hash.length > 20")
	b.enter("#first-form", "name", "Vida Ravnik", "login", "Vida Ravnik", "password", headPassword, "again", headPassword)
	b.until("!document.querySelector('.form-error').hidden")
	b.enter("#first-form", "login", "vida.head")
	b.until("!document.getElementById('done').hidden && location.hash === ''")
	b.click("#done a")
	b.at("/login")
	b.enter("#login", "login", "vida.head", "password", headPassword)
	b.at("/footage")
	var me Me
	s.head(t).api("GET", "/session", nil, &me)
	if len(me.Authorisations) != 3 || me.Person.Language != "en" {
		t.Errorf("%+v", me)
	}
	b.visit(link)
	b.enter("#first-form", "name", "Drugi", "login", "drugi", "password", headPassword, "again", headPassword)
	b.until("!document.querySelector('.form-error').hidden")
	b.says(".form-error", "Ta povezava ni več dobra", "This link is good no more")
}
