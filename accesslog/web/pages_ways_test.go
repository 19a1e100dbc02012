package web

import (
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp/kb"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/web/browsertest"
)

// alone has the head enter a request, approve it for a reason that he writes, and hand it over encrypted.
func (s *stage) alone(b *tab, marked, dir string) (id string) {
	s.t.Helper()
	b.as(s.session(s.t, "head", "sl"))
	b.visit(marked)
	b.click("#kind-subject")
	for field, text := range map[string]string{"r-name": "Neža Oblak", "r-address": "Cesta 7, Ljubljana", "r-identity": "osebna izkaznica", "r-manner": "po e-pošti"} {
		b.keysInto("#"+field, text)
	}
	b.click("#form-zip")
	b.scans(dir, "zahteva.pdf", "%PDF-1.4\nzahteva")
	b.until("document.querySelector('#missing .note.good')")
	b.click("#receive button[type=submit]")
	b.click("dialog[open] button[type=submit]")
	b.is("complete")
	id = js[string](b, "new URLSearchParams(location.hash.slice(1)).get('id')")
	b.click("[data-step=approve]")
	b.click("dialog[open] button[type=submit]")
	b.until("document.querySelector('#ask-single_reason-error')")
	b.enter("dialog form", "single_reason", "Drugega odločevalca ta teden ni.")
	b.is("approved")
	b.until("document.querySelector('#tags .warn').textContent === 'odobrila ena oseba'")
	b.click("[data-step=build]")
	b.click("dialog[open] button[type=submit]")
	b.is("built")
	b.links()
	b.click("[data-step=take]")
	b.click("#ask-warned")
	b.enter("dialog form", "recipient", "Neža Oblak")
	b.until("document.querySelector('#once')?.textContent.length > 12")
	b.keys(kb.Escape)
	b.keys(kb.Escape)
	b.inspect("request-passphrase-sl") // which is still there
	b.click("#download")
	browsertest.Appears(s.t, filepath.Join(dir, "paket-"+id+".zip"))
	b.click("dialog[open]:has(#download) .actions button")
	b.click("[data-step='hand over']")
	b.says("dialog[open] .deliveries", "v celoti", "") // beside what is entered
	b.click("#ask-warned")
	b.enter("dialog form", "recipient", "Neža Oblak", "known", "osebna izkaznica", "medium", "po e-pošti, geslo po telefonu")
	b.is("handed over")
	if body := s.said(s.lastOf("request.approve")); body.Data["single_handed"] != "yes" || body.Data["single_reason"] != "Drugega odločevalca ta teden ni." {
		s.t.Errorf("%+v", body)
	}
	return id
}

// shows has a request for a look on the premises entered and approved, and footage of it shown in a viewing, which then is on the list of
// those by which it was shown.
func (s *stage) shows(b *tab, from, to time.Time) (id string) {
	s.t.Helper()
	clerk := s.client(s.t).logIn("caretaker.sl", ownPassword)
	asked := RequestAsked{Kind: disclosure.Subject, Content: paperOf(from, "2254-12/2026"), Scan: s.scan(clerk)}
	asked.Content.Basis, asked.Content.Identity, asked.Content.Form = "gdpr-15", "osebna izkaznica", disclosure.View
	asked.Content.Footage = []Footage{{"hall", span{moment{from}, moment{to}}}}
	var out RequestEntered
	clerk.api("POST", "/requests", asked, &out)
	id = out.Request.ID
	s.client(s.t).logIn("head.sl", ownPassword).api("POST", "/requests/"+id+"/approve", RequestApproval{Content: out.Request.ContentEntry}, nil)
	b.as(s.session(s.t, "caretaker", "sl"))
	b.visit("/request#id=" + id)
	b.click("#footage td:last-child a")
	b.until("document.querySelector('.timeline-told')?.textContent.includes('zahtevano')")
	b.click(".timeline-buttons .main")
	b.click("dialog.purpose [value='request " + id + "']")
	b.says("dialog.purpose label", "ogled v prostorih po zahtevi "+id, "") // the first of them
	b.click("dialog.purpose [type=submit]")
	b.until("document.querySelector('.screen video')?.currentTime > 0.5")
	b.click("#viewing-bar button")
	b.click("dialog[open] .outcomes button")
	b.until("document.querySelector('#viewing-bar[hidden]')")
	b.visit("/request#id=" + id)
	b.click("[data-step=show]")
	b.until("document.querySelectorAll('dialog[open] [name=viewing]:checked').length === 1")
	b.inspect("request-show-sl")
	b.click("#ask-warned")
	b.enter("dialog form", "recipient", "Neža Oblak", "known", "osebna izkaznica")
	b.is("handed over")
	if body := s.said(s.lastOf("request.shown")); body.Data["viewing"] == nil {
		s.t.Errorf("%+v", body)
	}
	return id
}

// links makes a secret address for whoever can't come, which is shown once, and ends it.
func (b *tab) links() {
	b.t.Helper()
	b.click("[data-step=link]")
	b.click("#ask-warned")
	b.enter("dialog form", "recipient", "Neža Oblak", "days", "6", "uses", "2")
	b.until("document.querySelector('#link-address')?.textContent.startsWith('https://kamere.sola.example/pickup#') && document.querySelector('#passphrase').textContent.length > 12")
	b.inspect("request-link-sl")
	b.until("document.querySelectorAll('dialog[open] .two-ways li button').length === 2")
	b.click("dialog[open]:has(#link-address) .actions button")
	b.until("document.querySelector('#package .more li')?.textContent.includes('še 2 prenosa')")
	b.click("#package .more li button")
	b.click("dialog[open] button.danger")
	b.until("!document.querySelector('#package .more li button') && document.querySelector('[data-step=link]')")
}
