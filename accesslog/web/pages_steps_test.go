package web

import (
	"testing"

	"github.com/chromedp/cdproto/browser"

	"varuh/accesslog/disclosure"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// staysWith tries that a look at a package that comes to nothing is not the last one, and that a request whose answer comes late is not
// shown in the place of the one that is asked for meanwhile.
func (b *tab) staysWith(id, slow string) {
	b.t.Helper()
	b.visit("/requests")
	b.visit("/request#id=" + id)
	js[bool](b, `(() => {
		const asks = fetch, later = setTimeout;
		window.looks = 0;
		window.setTimeout = (work, ms, ...rest) => later(work, ms === 5000 ? 50 : ms, ...rest);
		window.fetch = async (at, ...rest) => {
			if (at.includes('/packages?') && ++looks < 3) throw new TypeError('unreachable');
			if (at.endsWith('`+slow+`')) await new Promise((go) => { window.go = go; });
			return asks(at, ...rest);
		};
		return true;
	})()`)
	js[bool](b, "location.hash = '#id="+slow+"', true")
	b.until("window.go")
	js[bool](b, "location.hash = '#id="+id+"', true")
	b.until("looks > 3 && !document.querySelector('#request[aria-busy]')")
	js[bool](b, "go(), setTimeout(() => { window.late = true; }, 300), true")
	b.until("window.late")
	b.says("#title", id, "")
	b.says("#package", "Čaka", "")
	b.visit("/request#id=" + id)
}

// The steps that not every request takes: its paper comes after it, its term is extended, another law is followed, it is refused
// with a letter; another one is shown on the premises; another one is withdrawn.
func TestRequestStepsInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	dir := t.TempDir()
	clerk := s.client(t).logIn("caretaker.sl", ownPassword)
	enter := func(kind disclosure.Kind, way disclosure.Way, form disclosure.Form) string {
		asked := RequestAsked{Kind: kind, Way: way, Content: paperOf(noon.AddDate(0, 0, -2), "2254-9/2026")}
		if asked.Content.Form = form; kind == disclosure.Subject {
			asked.Content.Basis, asked.Content.Identity = "gdpr-15", "osebna izkaznica"
		}
		if way == disclosure.Paper {
			asked.Scan = s.scan(clerk)
		}
		var out RequestEntered
		clerk.api("POST", "/requests", asked, &out)
		return out.Request.ID
	}
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	command(b, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
	step := func(name, state string, fields ...string) {
		t.Helper()
		b.click("[data-step='" + name + "']")
		b.until("document.querySelector('dialog[open]')")
		b.enter("dialog form", fields...)
		b.is(state)
	}

	b.visit("/requests")
	b.until("document.querySelector('#list .empty') && document.documentElement.dataset.live")
	enter(disclosure.Authority, disclosure.Oral, disclosure.Folder)
	b.request("complete") // which is there by itself
	b.says("#tags", "listina sledi", "")
	b.click("[data-step=scan]")
	b.click("dialog[open] button[type=submit]")
	b.until("!document.querySelector('dialog .form-error').hidden") // there is no scan yet
	b.scans(dir, "dopis.pdf", "%PDF-1.4\ndopis")
	b.until("document.querySelector('dialog .tag.good')")
	b.click("dialog[open] button[type=submit]")
	b.until("!document.querySelector('#tags').textContent.includes('listina sledi')")
	b.is("complete")
	step("extend", "extended", "day", "2026-12-18", "agreed", "po telefonu z Matejem Hrenom")
	b.says("#due", "18. 12. 2026", "")
	b.says("#due", "velja dogovorjeni dan", "")
	step("follow law", "own law", "law", "ZNPPol, 13. člen", "day", "2026-12-30")
	step("refuse", "refused", "reasons", "Obseg presega namen.")
	b.press("#next-now .actions button:last-child")
	appears(t, b.letter(dir, "odlocba-o-zavrnitvi-"+js[string](b, "new URLSearchParams(location.hash.slice(1)).get('id')")))
	if body := s.said(s.lastOf("request.refuse")); body.Note != "Obseg presega namen." || body.Actor.Name != "Vera Zajc" {
		t.Errorf("%+v", body)
	}

	id := enter(disclosure.Subject, disclosure.Paper, disclosure.View)
	b.visit("/request#id=" + id)
	step("approve", "approved")
	b.click("[data-step=show]")
	b.until("document.querySelector('dialog[open] a[href*=footage]') && !document.querySelector('dialog[open] [type=submit]')") // nobody has shown it yet
	b.click("dialog[open] button.plain")
	b.until("!document.querySelector('dialog')")

	id = enter(disclosure.Subject, disclosure.Paper, disclosure.Masked)
	b.visit("/request#id=" + id)
	step("approve", "approved")
	b.says("#next-now .note.warn", "ne zakrije", "") // nothing is built for a masked one
	if js[bool](b, "document.querySelector('[data-step=build]') || !document.querySelector('[data-step=show]')") {
		t.Error("a package for a masked copy is offered")
	}
	masked := id

	id = enter(disclosure.Authority, disclosure.Paper, disclosure.Zip)
	b.visit("/request#id=" + id)
	step("approve", "approved")
	step("build", "approved") // nothing builds it here
	b.staysWith(id, masked)
	b.says("#package", "Čaka, da bodo izdelani prejšnji paketi", "")
	b.inspect("request-building-sl")
	b.click("[data-step=cancel]")
	b.click("dialog[open] button.danger")
	b.until("document.querySelector('#package').textContent.includes('Izdelava je bila prekinjena') && document.querySelector('[data-step=build]')")

	id = enter(disclosure.Other, disclosure.Paper, disclosure.Zip)
	b.visit("/request#id=" + id)
	step("withdraw", "withdrawn", "said", "odvetnica po telefonu")
	b.says("#next-now", "Posnetki ostanejo zadržani", "")
	step("release", "withdrawn", "reason", "nihče jih več ne potrebuje")
	for script, want := range map[string]string{
		`[[], [{}], [{end: 2, result: 'cut off'}], [{end: 2, result: 'not fetched'}]].map((list) => m.packageNext({entry: 1, taken: false, deliveries: list.map((one) => ({...one, package: 1}))}).split(/[.,] /)[1]).join('|')`: "Vzemite ga z naprave in ga predajte prejemniku.|Ko bo prevzet v celoti|zato predaje še ni mogoče vpisati|zato predaje še ni mogoče vpisati",
		`m.packageNext({entry: 1, taken: true, deliveries: []})`: "Paket je zapustil napravo. Ko ga prejemnik ima, vpišite predajo.",
		`[m.packageFacts({step: 'over', why: 'failed', failed: 'Na disku ni prostora', deliveries: ['cut off', 'not fetched', 'unknown'].map((result) => ({entry: 4, end: 5, way: 'folder', at: '2026-11-21T12:00:00Z', result}))}, {})].flat(3).map((e) => e.textContent).join(' ').replace(/\s*21\. november 2026, 13:00:00 CET · /g, '; ')`: "Paketa ni bilo mogoče izdelati. Zadnji poskus ni uspel: Na disku ni prostora.Kar je nastalo, je uničeno, predano ni bilo nič. Ko je vzrok odpravljen, paket izdelajte znova. Kako je paket zapustil napravo; zapis na ključek prekinjeno · zapis 4; zapis na ključek ni bil prevzet · zapis 4; zapis na ključek ni znano, ali v celoti · zapis 4",
	} {
		if got := module[string](b, "packing", script); got != want {
			t.Errorf("%s is %q, want %q", script, got, want)
		}
	}
	b.until("document.querySelector('#next-now').textContent.includes('ni več zadržano nič')")
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}
