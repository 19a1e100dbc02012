package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"varuh/accesslog/hold"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// asksAt presses Enter on the timeline of the hall, some 15 s steps behind the beginning of its footage, by the keyboard.
func (b *tab) asksAt(steps int) {
	b.t.Helper()
	b.visit("/footage#camera=hall&day=2026-11-21")
	b.bodyOf()
	b.focuses()
	b.keys(strings.Repeat("+", 12)) // a minute
	for range steps {
		b.keys(kb.PageDown)
	}
	b.keys("\r")
	b.until("document.querySelector('dialog.purpose .actions')")
}

// slow lets what the page asks for under a path come later by some ms.
func (b *tab) slow(path string, ms int) {
	b.t.Helper()
	js[bool](b, fmt.Sprintf(`(() => { const real = window.fetch; window.fetch = async (a, ...r) => { if (String(a).includes(%q)) await new Promise((d) => setTimeout(d, %d)); return real(a, ...r); }; return true; })()`, path, ms))
}

// The question says which purposes there are and why; who may not see restricted footage is told so and asked nothing, who
// may states a ground; what the door refuses is said in the question, in plain words, and nothing is lost that was typed.
func TestPurposeInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.films()
	head := s.head(t)
	head.api("POST", "/restrictions", RestrictionAsked{Camera: "hall", span: span{moment{dawn}, moment{dawn.Add(20 * time.Second)}}, Ground: hold.Accuracy, Basis: "zahteva 7/2026", Review: day{noon.AddDate(0, 3, 0)}}, nil)
	b := s.tab()
	b.look(widths[2], "light")

	b.as(s.session(t, "caretaker", "sl"))
	b.asksAt(0)
	b.says("dialog.purpose", "Vaše pooblastilo ne zajema omejenih posnetkov", "")
	if js[bool](b, "document.querySelector('dialog.purpose input, dialog.purpose [type=submit]') !== null") {
		t.Error("who may not is asked all the same")
	}
	b.picture("purpose-restricted-sl")
	b.keys(kb.Escape)
	b.until("!document.querySelector('dialog')")

	b.as(s.session(t, "head", "en"))
	b.asksAt(0)
	b.says("dialog.purpose", "", "On the notice: ZVOP-2, 77. člen")
	b.says("dialog.purpose", "", "By law:")
	if got := js[string](b, "[...document.querySelectorAll('dialog.purpose .choice .help')].map((e) => e.textContent.startsWith('By law') ? 'law' : 'notice').join(' ').replace(/ (\\w+)(?= \\1\\b)/g, '')"); got != "notice law" || js[bool](b, "document.querySelector('dialog.purpose :checked[type=radio]') !== null") {
		t.Errorf("the purposes are in the order %q, or one is chosen beforehand", got)
	}
	b.enter("dialog.purpose form", "remark", "window")
	b.until("document.querySelectorAll('.field-error').length === 1")
	b.inspect("purpose-en")
	b.click("dialog.purpose input[value=property]")
	b.enter("dialog.purpose form", "ground", "claims")
	b.until("document.querySelector('#viewing-bar:not([hidden])') && !document.querySelector('dialog')")
	if e := s.entries("view.start"); len(e) != 1 || e[0].Note != "window" {
		t.Errorf("the diary has %+v", e)
	}

	cookie := s.session(t, "caretaker", "sl")
	b.as(cookie)
	b.asksAt(3)
	b.keys(kb.Escape)
	b.until("!document.querySelector('dialog')")
	b.slow("/purposes", 250)
	b.keys("\r")
	b.keys("\r") // whoever is impatient
	b.until("document.querySelector('dialog.purpose .actions')")
	b.slow("/viewings", 300)
	b.click("dialog.purpose input[value=property]")
	b.click("dialog.purpose [type=submit]")
	b.keys(kb.Escape)
	b.until("document.getElementById('toasts').innerText.includes('je končan')")
	if js[bool](b, "document.querySelector('dialog, .player') !== null || !document.getElementById('viewing-bar').hidden") {
		t.Error("there are two questions, or a viewing that nobody wanted any more")
	}
	if starts, ends := s.entries("view.start"), s.entries("view.end"); len(starts) != 2 || ends[len(ends)-1].Result != "not stated" {
		t.Errorf("the diary has %+v and %+v", starts, ends)
	}
	b.asksAt(3)
	s.client(t).logIn("head.en", ownPassword).api("POST", "/lock", nil, nil)
	b.click("dialog.purpose input[value=property]")
	b.enter("dialog.purpose form", "remark", "razbito okno")
	b.until("!document.querySelector('dialog.purpose .form-error').hidden")
	b.says("dialog.purpose .form-error", "Ključi so zaklenjeni", "")
	b.glance("purpose-refused-sl")
	s.client(t).logIn("head.en", ownPassword)
	b.click("dialog.purpose [type=submit]")
	b.until("document.querySelector('.screen video')?.currentTime > 0.2")
	var me Me
	s.sharing(cookie).json("GET", prefix+"/session", nil, &me)
	s.set(noon.Add(time.Minute))
	head.api("POST", "/authorisations/"+me.Authorisations[0].ID+"/end", Reason{"na drugo delovno mesto"}, nil)
	js[bool](b, "(document.getElementById('go-time').value = '12:00:36', true)")
	b.click(".go button[type=submit]")
	b.until("document.querySelector('.player-trouble:not([hidden])')")
	b.says(".player-trouble", "Vaša pooblastila tega ne dovoljujejo", "")
	if js[bool](b, "[...document.querySelectorAll('.screen video')].some((v) => !v.paused)") {
		t.Error("it plays on")
	}
	wrong, _ := b.take()
	for _, w := range wrong {
		cut := strings.Contains(w, "ERR_HTTP2_PROTOCOL_ERROR") && strings.Contains(w, "/part/") // what was on its way when the authorisation ended
		if !cut && !strings.Contains(w, "status of 403") && !strings.Contains(w, "status of 503") {
			t.Error(w)
		}
	}
}
