package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// noticesLooks are those at notices.
var noticesLooks = map[string]visit{
	"noticesPage": {who: "head", path: "/notices#camera=hall", do: func(b *tab) {
		b.says("#missing", "pisna odločitev predstojnika", "written decision")
		b.until("document.querySelector('#versions article')")
		b.says("#versions", "varovanje premoženja", "protection of property")
	}},
	"noticesPage new": {who: "head", path: "/notices", do: func(b *tab) {
		b.until("document.querySelector('#versions article')")
		b.click("#new")
		b.until("document.activeElement.id === 'write' && document.querySelectorAll('.purpose-row').length === 2")
	}},
	"noticesPage end": {who: "head", path: "/notices", do: func(b *tab) {
		b.until("document.querySelector('#versions article')")
		b.click("#versions .actions button:last-child")
		b.until("document.querySelector('dialog[open]')")
		b.says("dialog", "ni mogoče gledati", "can’t be looked at")
	}},
}

// An administrator enters a new version by the form, which begins with what the one before says; the decision; who was informed;
// and ends the version. What the law asks for and is missing is told. The sign is given for paper.
func TestNoticesInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/notices#camera=yard")
	b.until("document.querySelectorAll('#versions article').length === 1")
	b.click("#versions .actions button") // one like this
	b.until("document.activeElement.id === 'write'")
	b.click("#purpose-add")
	row := "#purposes .purpose-row:last-child "
	for name, text := range map[string]string{"sl": "varnost ljudi", "en": "safety of people", "basis": "ZVOP-2, 77. člen", "id": "Varnost!"} {
		b.keysInto(row+"[data-purpose="+name+"]", text)
	}
	b.click("#notice button[type=submit]")
	b.until("!document.querySelector('#notice .form-error').hidden") // the id of the purpose is none
	b.keysInto(row+"[data-purpose=id]", "safety")
	b.keysInto("#c-phone", "02 345 67 89")
	b.click("#notice [name=live]")
	b.click("#notice button[type=submit]")
	b.until("document.querySelector('#write').hidden && document.querySelectorAll('#versions article').length === 2")
	versions, err := s.o.Notices.Versions(t.Context(), "yard")
	must(t, err)
	if n := versions[len(versions)-1]; n.Controller.Phone != "02 345 67 89" || n.Controller.Name != "Šola" || len(n.Purposes) != 2 || n.Purposes[1].En != "safety of people" || n.Live || n.Area.Sl != "besedilo" || !n.Officer.None {
		t.Errorf("%+v", n.Content)
	}
	if hall, err := s.o.Notices.Versions(t.Context(), "hall"); err != nil || len(hall) != 1 {
		t.Errorf("the hall has %d versions, %v", len(hall), err)
	}

	b.click("#decide")
	b.enter("dialog form", "number", "031-1/2026", "date", "2026-09-01", "reasons", "Večkrat poškodovan vhod.")
	b.until("!document.querySelector('dialog') && document.querySelector('#versions').textContent.includes('031-1/2026')")
	b.click("#versions article .actions button:nth-last-child(2)") // informed
	b.enter("dialog form", "names", "Ana Novak\n\nBoris Kos ", "date", "2026-11-20")
	b.until("!document.querySelector('dialog') && document.querySelector('#versions').textContent.includes('2 podpisa')")

	dir := t.TempDir()
	b.Downloads(dir)
	b.click("#versions article .actions a")
	browsertest.Appears(t, filepath.Join(dir, "obvestilo-sign.html"))
	sign, err := os.ReadFile(filepath.Join(dir, "obvestilo-sign.html"))
	must(t, err)
	if !strings.Contains(string(sign), "02 345 67 89") {
		t.Error("the sign lacks what the version says")
	}
	keep(t, "noticesPage-sign.html", sign)

	s.set(noon.Add(time.Minute))
	b.click("#versions article .actions button:last-child")
	b.enter("dialog form", "reason", "kamera je odstranjena")
	b.until("!document.querySelector('dialog') && document.querySelector('#missing .tag.bad')")
	if body := s.said(s.lastOf("notice.end")); body.Actor.Name != "Vera Zajc" {
		t.Errorf("%+v", body)
	}
	wrong, _ := b.take()
	for _, w := range wrong {
		if !strings.Contains(w, "the server responded with a status of 4") {
			t.Error(w)
		}
	}
}

// Who may not enter notices has neither the form nor the buttons.
func TestNoticesPageOfRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		w := r.visitor(t, head, string(role), r.granted(role)).look("/notices")
		enters := people.Allows(role, people.Notices)
		if may := enters || people.Allows(role, people.System); may != (w.Code == 200) {
			t.Errorf("%s: %d", role, w.Code)
		}
		for _, part := range []string{`id="new"`, `id="decide"`, `id="notice"`, "data-may"} {
			if has := strings.Contains(w.Body.String(), part); has != enters {
				t.Errorf("%s has %s: %v", role, part, has)
			}
		}
	}
}
