package web

import (
	"testing"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// staysWith tries that a look at a package that comes to nothing is not the last one, and that a request whose answer comes late is not
// shown in the place of the one that is asked for meanwhile; nor is anything shown under a question.
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
	js[bool](b, `(() => { // how far it has come is not shown under a question
		document.body.append(document.createElement('dialog'));
		document.querySelector('dialog').showModal();
		const asks = fetch;
		window.fetch = async (at, ...rest) => {
			const said = await asks(at, ...rest);
			if (!at.includes('/packages?')) return said;
			const now = await said.json();
			now.packages[0].step = 'writing';
			return new Response(JSON.stringify(now), { headers: { 'Content-Type': 'application/json' } });
		};
		return true;
	})()`)
	b.until("document.querySelector('#package').dataset.waits === '' || !document.querySelector('#package').textContent.includes('Čaka')")
	b.says("#package", "Čaka", "")
	js[bool](b, "(document.querySelector('dialog').close(), true)")
	b.until("!document.querySelector('#package').textContent.includes('Čaka')")
	b.visit("/request#id=" + id)
}

// sidesteps is a tab in which steps are taken that not every request takes.
type sidesteps struct {
	*tab
	s     *stage
	clerk *client
	dir   string // of what is downloaded
}

// enters enters a request of the police, or of somebody who is in the picture.
func (d *sidesteps) enters(kind disclosure.Kind, way disclosure.Way, form disclosure.Form) (id string) {
	d.t.Helper()
	asked := RequestAsked{Kind: kind, Way: way, Content: paperOf(noon.AddDate(0, 0, -2), "2254-9/2026")}
	if asked.Content.Form = form; kind == disclosure.Subject {
		asked.Content.Basis, asked.Content.Identity = "gdpr-15", "osebna izkaznica"
	}
	if way == disclosure.Paper {
		asked.Scan = d.s.scan(d.clerk)
	}
	var out RequestEntered
	d.clerk.api("POST", "/requests", asked, &out)
	return out.Request.ID
}

// opens enters such a request with its paper, and goes to its page.
func (d *sidesteps) opens(kind disclosure.Kind, form disclosure.Form) (id string) {
	d.t.Helper()
	id = d.enters(kind, disclosure.Paper, form)
	d.visit("/request#id=" + id)
	return id
}

// step takes a step, fills in its fields, and waits for the state that it leads to.
func (d *sidesteps) step(name, state string, fields ...string) {
	d.t.Helper()
	d.click("[data-step='" + name + "']")
	d.until("document.querySelector('dialog[open]')")
	d.enter("dialog form", fields...)
	d.is(state)
}

// The steps that not every request takes: its paper comes after it, its term is extended, another law is followed, it is refused
// with a letter; another one is shown on the premises; another one is withdrawn.
func TestRequestStepsInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	d := &sidesteps{s: s, dir: t.TempDir(), clerk: s.client(t).logIn("caretaker.sl", ownPassword), tab: s.tab()}
	d.as(s.session(t, "head", "sl"))
	d.Downloads(d.dir)
	d.paperFollows()
	d.refuses()
	d.showsOnPremises()
	d.waitsAndCancels(d.masks())
	d.withdraws()
	d.saysWhatLeft()
	wrong, _ := d.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// paperFollows has an oral request come into the open list by itself, and its paper after it.
func (d *sidesteps) paperFollows() {
	d.t.Helper()
	d.visit("/requests")
	d.until("document.querySelector('#list .empty') && document.documentElement.dataset.live")
	d.enters(disclosure.Authority, disclosure.Oral, disclosure.Folder)
	d.request("complete") // which is there by itself
	d.says("#tags", "listina sledi", "")
	d.click("[data-step=scan]")
	d.click("dialog[open] button[type=submit]")
	d.until("!document.querySelector('dialog .form-error').hidden") // there is no scan yet
	d.scans(d.dir, "dopis.pdf", "%PDF-1.4\ndopis")
	d.until("document.querySelector('dialog .tag.good')")
	d.click("dialog[open] button[type=submit]")
	d.until("!document.querySelector('#tags').textContent.includes('listina sledi')")
	d.is("complete")
}

// refuses the same in the end, after two other terms, with a letter.
func (d *sidesteps) refuses() {
	d.t.Helper()
	d.step("extend", "extended", "day", "2026-12-18", "agreed", "po telefonu z Matejem Hrenom")
	d.says("#due", "18. 12. 2026", "")
	d.says("#due", "velja dogovorjeni dan", "")
	d.step("follow law", "own law", "law", "ZNPPol, 13. člen", "day", "2026-12-30")
	d.step("refuse", "refused", "reasons", "Obseg presega namen.")
	d.click("#next-now .actions button:last-child")
	browsertest.Appears(d.t, d.letter(d.dir, "odlocba-o-zavrnitvi-"+js[string](d.tab, "new URLSearchParams(location.hash.slice(1)).get('id')")))
	if body := d.s.said(d.s.lastOf("request.refuse")); body.Note != "Obseg presega namen." || body.Actor.Name != "Vera Zajc" {
		d.t.Errorf("%+v", body)
	}
}

// showsOnPremises can't enter that footage was shown which nobody has shown.
func (d *sidesteps) showsOnPremises() {
	d.t.Helper()
	d.opens(disclosure.Subject, disclosure.View)
	d.step("approve", "approved")
	d.click("[data-step=show]")
	d.until("document.querySelector('dialog[open] a[href*=footage]') && !document.querySelector('dialog[open] [type=submit]')")
	d.click("dialog[open] button.plain")
	d.until("!document.querySelector('dialog')")
}

// masks approves a masked copy, for which nothing is built.
func (d *sidesteps) masks() (id string) {
	d.t.Helper()
	id = d.opens(disclosure.Subject, disclosure.Masked)
	d.step("approve", "approved")
	d.says("#next-now .note.warn", "ne zakrije", "")
	if js[bool](d.tab, "document.querySelector('[data-step=build]') || !document.querySelector('[data-step=show]')") {
		d.t.Error("a package for a masked copy is offered")
	}
	return id
}

// waitsAndCancels orders a package, which nothing builds here, and cancels it. Meanwhile the page of another request is slow to come.
func (d *sidesteps) waitsAndCancels(slow string) {
	d.t.Helper()
	id := d.opens(disclosure.Authority, disclosure.Zip)
	d.step("approve", "approved")
	d.step("build", "approved")
	d.staysWith(id, slow)
	d.says("#package", "Čaka, da bodo izdelani prejšnji paketi", "")
	d.inspect("request-building-sl")
	d.click("[data-step=cancel]")
	d.click("dialog[open] button.danger")
	d.until("document.querySelector('#package').textContent.includes('Izdelava je bila prekinjena') && document.querySelector('[data-step=build]')")
}

// withdraws another one, which leaves the footage held until that is released.
func (d *sidesteps) withdraws() {
	d.t.Helper()
	d.opens(disclosure.Other, disclosure.Zip)
	d.step("withdraw", "withdrawn", "said", "odvetnica po telefonu")
	d.says("#next-now", "Posnetki ostanejo zadržani", "")
	d.step("release", "withdrawn", "reason", "nihče jih več ne potrebuje")
	d.until("document.querySelector('#next-now').textContent.includes('ni več zadržano nič')")
}

// saysWhatLeft asks the module of the page what it says of packages, by how they left.
func (d *sidesteps) saysWhatLeft() {
	d.t.Helper()
	for script, want := range map[string]string{
		`[[], [{}], [{end: 2, result: 'cut off'}], [{end: 2, result: 'not fetched'}]].map((list) => m.packageNext({entry: 1, taken: false, deliveries: list.map((one) => ({...one, package: 1}))}).split(/[.,] /)[1]).join('|')`: "Vzemite ga z naprave in ga predajte prejemniku.|Ko bo prevzet v celoti|zato predaje še ni mogoče vpisati|zato predaje še ni mogoče vpisati",
		`m.packageNext({entry: 1, taken: true, deliveries: []})`: "Paket je zapustil napravo. Ko ga prejemnik ima, vpišite predajo.",
		`[m.packageFacts({step: 'over', why: 'failed', failed: 'Na disku ni prostora', deliveries: ['cut off', 'not fetched', 'unknown'].map((result) => ({entry: 4, end: 5, way: 'folder', at: '2026-11-21T12:00:00Z', result}))}, {})].flat(3).map((e) => e.textContent).join(' ').replace(/\s*21\. november 2026, 13:00:00 CET · /g, '; ')`: "Paketa ni bilo mogoče izdelati. Zadnji poskus ni uspel: Na disku ni prostora.Kar je nastalo, je uničeno, predano ni bilo nič. Ko je vzrok odpravljen, paket izdelajte znova. Kako je paket zapustil napravo; zapis na ključek prekinjeno · zapis 4; zapis na ključek ni bil prevzet · zapis 4; zapis na ključek ni znano, ali v celoti · zapis 4",
	} {
		if got := module[string](d.tab, "packing", script); got != want {
			d.t.Errorf("%s is %q, want %q", script, got, want)
		}
	}
}
