package web

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	inpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// A paper is entered by the keyboard, lacks something, and is completed; another person approves it; its package is built while
// the page looks on, taken out, handed over and confirmed; it is in the register; what it held is released. Then one person
// alone does the same, says in writing why, and gets an encrypted package whose passphrase is shown once. The register, which is
// printed, says what a restore may have taken out of it.
func TestRequestInBrowser(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.putBack(t, dawn.AddDate(0, 0, -1))
	s.addCast()
	s.entrance(dawn)
	s.packs()
	b := s.tab()
	b.look(widths[2], "light")
	dir := t.TempDir()
	command(b, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
	from, to := dawn.Add(250*time.Millisecond), dawn.Add(20*time.Second) // what nobody touches keeps its milliseconds
	marked := "/receive#" + url.Values{"camera": {"hall"}, "from": {from.Format(time.RFC3339Nano)}, "to": {to.Format(time.RFC3339)}}.Encode()

	b.as(s.session(t, "caretaker", "sl"))
	id := b.entersPaper(marked, dir)
	b.until("document.querySelector('#next-now ul')?.children.length === 2") // its number and the rank
	if body := s.said(s.lastOf("request.receive")); body.Actor.Name != "Ana Novak" || body.Data["missing"] != "rank,number" || body.Data["scan"] == nil {
		t.Errorf("%+v", body)
	}
	if js[bool](b, "document.querySelector('[data-step=approve], [data-step=refuse], [data-step=release]') !== null") {
		t.Error("a caretaker is offered a decision")
	}
	b.press("#next-now .actions button") // the letter
	appears(t, b.letter(dir, "poziv-k-dopolnitvi-"+id))
	b.click(".course-step button") // the scan
	appears(t, filepath.Join(dir, fmt.Sprintf("zahteva-%s-%d.pdf", id, s.lastOf("request.receive"))))
	b.click("#next-now .actions a")
	b.until("location.pathname === '/receive' && !document.querySelector('#receive[aria-busy]') && document.querySelector('#missing li')")
	b.keysInto("#r-rank", "kriminalistična inšpektorica")
	b.keysInto("#r-number", "2254-11/2026")
	b.until("document.querySelector('#missing .note.good')")
	cookie := s.session(t, "caretaker", "sl")
	b.keeps(cookie)
	b.click("#receive button[type=submit]")
	b.click("dialog[open] button[type=submit]")
	b.is("complete")
	if q, err := s.o.Requests.Request(t.Context(), id); err != nil || !q.Wanted[0].From.Equal(from) || !q.Wanted[0].To.Equal(to) {
		t.Errorf("it asks for %v, %v", q.Wanted, err)
	}

	b.as(s.session(t, "head", "sl"))
	b.visit("/request#id=" + id)
	b.click("#footage td:last-child a") // a look at the footage, for the decision
	b.until("location.pathname === '/footage' && location.hash.includes('camera=hall&day=2026-11-21') && document.querySelector('#day h2')")
	b.until("document.querySelector('.timeline-told')?.textContent.includes('zahtevano') && document.querySelector('.swatch.requested') && document.querySelector('#day-list')?.textContent.includes('zahtevano')")
	b.says("#requested", "zahteva "+id, "")
	b.inspect("footage-requested-sl")
	b.click("#requested li a")
	b.click("#day-head a:last-of-type") // another day keeps what it is looked at for
	b.until("location.hash.includes('day=2026-11-20') && location.hash.includes('request=" + id + "') && !document.querySelector('#day-list')?.textContent.includes('zahtevano')")
	b.visit("/request#id=" + id)
	b.click("[data-step=approve]")
	b.until("document.querySelector('dialog[open] .note.good') && !document.querySelector('#ask-single_reason')")
	b.click("dialog[open] button[type=submit]")
	b.is("approved")
	b.click("[data-step=build]")
	b.click("dialog[open] button[type=submit]")
	b.is("built")
	b.until("document.querySelector('#package .manifest')")
	b.click("[data-step=record]")
	appears(t, filepath.Join(dir, "zapisnik-o-predaji-"+id+".pdf"))
	b.click("[data-step=take]")
	b.enter("dialog form", "recipient", "Matej Hren, PP Breg")
	b.until("document.querySelector('dialog .field-error')") // nobody was warned
	b.press("#ask-warned")
	b.click("dialog[open] button[type=submit]")
	b.until("document.querySelector('#download.main') && !document.querySelector('#once-done.main')")
	b.click("#download")
	b.until("document.querySelector('#once-done.main') && !document.querySelector('#download.main')")
	appears(t, filepath.Join(dir, "paket-"+id+".zip"))
	b.click("dialog[open]:has(#download) .actions button")
	b.until("document.querySelector('[data-step=\"hand over\"]') && document.querySelector('#package .deliveries')?.textContent.includes('v celoti')")
	b.says("#next-now .note", "ni več mogoče zavrniti", "")
	b.says("#package", "Sedem dni od takrat", "")
	if js[bool](b, "document.querySelector('[data-step=refuse]') !== null || document.querySelector('[data-step=withdraw]') === null") {
		t.Error("what has left can be refused, or its applicant can't withdraw it")
	}
	b.inspect("request-left-sl")
	b.visit("/requests")
	b.says("#list", "vpisati predajo", "")
	b.visit("/request#id=" + id)
	b.click("[data-step='hand over']")
	b.says("dialog[open] .deliveries", "v celoti", "") // beside what is entered
	b.press("#ask-warned")
	b.enter("dialog form", "recipient", "Matej Hren, PP Breg", "known", "službena izkaznica št. 1234", "medium", "ključ USB z oznako 3")
	b.is("handed over")
	b.until("document.querySelector('[data-step=record]')") // it is signed now
	b.click("[data-step=confirm]")
	b.enter("dialog form", "how", "s podpisom na zapisniku")
	b.is("confirmed")
	b.click("[data-step=release]")
	b.says("dialog", "se izbriše v eni uri", "")
	b.enter("dialog form", "reason", "zadeva je zaključena")
	b.until("document.querySelector('#next-now').textContent.includes('ni več zadržano nič') && document.querySelectorAll('.course-step').length === 7")
	if holds, err := s.o.Holds.List(t.Context()); err != nil || len(holds) != 0 {
		t.Errorf("%d holds are left, %v", len(holds), err)
	}
	want := []string{"request.receive", "request.supplement", "request.approve", "request.built", "request.handover", "request.confirm", "request.release"}
	if got := s.course(id); !slices.Equal(got, want) {
		t.Errorf("the course is %q, want %q", got, want)
	}

	second := s.alone(b, marked, dir)
	third := s.shows(b, from, to)
	b.as(s.session(t, "auditor", "sl"))
	b.visit("/register")
	b.enter("#asked", "reason", "letni pregled")
	b.until("document.querySelectorAll('.register-table tbody').length === 3")
	b.says(".register-table", "Matej Hren, PP Breg", "")
	b.says(".register-table tbody:nth-of-type(2)", second, "")
	b.says(".register-table tbody:nth-of-type(2)", "odobrila ena oseba", "")
	b.says(".register-table tbody:nth-of-type(2) .ways", "v celoti", "")
	b.says(".register-table tbody:nth-of-type(2) .ways", "za: Neža Oblak", "")
	b.says(".register-table tbody:nth-of-type(3)", third, "")
	b.says("#disclosures .restored", "ni v tej evidenci", "")
	if js[bool](b, "document.querySelector('#disclosures .restored').closest('.no-print') !== null") {
		t.Error("what a restore may have taken out is not on the print")
	}
	b.inspect("register-deliveries-sl")
	yes := true
	paper := command(b, inpage.PrintToPDF, inpage.PrintToPDFParams{PreferCSSPageSize: &yes}).Data
	if !regexp.MustCompile(`/MediaBox \[0 0 84\d(\.\d+)? 59\d`).Match(paper) {
		t.Error("the register is not printed on A4 across")
	}
	keep(t, "register-sl.pdf", paper)
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// keeps tries that what was typed into the form of a request is still there when somebody turns to the other language by mistake, or
// when his session has ended: then he logs in beside it, and saves.
func (b *tab) keeps(cookie string) {
	b.t.Helper()
	if !js[bool](b, "!dispatchEvent(new Event('beforeunload', { cancelable: true }))") {
		b.t.Error("nobody is asked whether he leaves what is not saved")
	}
	b.click("button[data-language]")
	b.says("dialog[open]", "še ni shranjeno", "")
	b.click("dialog[open] button[value=no]")
	b.until("!document.querySelector('dialog[open]')")
	b.as("")
	b.click("#receive button[type=submit]")
	b.click("dialog[open] button[type=submit]")
	b.until("document.querySelector('dialog[open] .form-error a[target=_blank]')?.textContent.includes('novem zavihku')")
	if got := js[string](b, "document.querySelector('#r-number').value"); got != "2254-11/2026" {
		b.t.Errorf("the form says %q", got)
	}
	b.inspect("request-kept-sl")
	b.as(cookie)
	b.click("dialog[open] button.plain")
	b.until("!document.querySelector('dialog[open]')")
	b.take() // the refusal
}

// packs has what is ordered built, while the test goes on.
func (s *stage) packs() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.jobs.Run(ctx) }()
	s.t.Cleanup(func() { stop(); <-done })
}

// tabTo goes to an element by the keyboard.
func (b *tab) tabTo(id string) {
	b.t.Helper()
	for range 60 {
		if js[string](b, "document.activeElement.id") == id {
			return
		}
		b.keys("\t")
	}
	b.t.Fatalf("the keyboard does not come to %s", id)
}

// entersPaper enters one of the police by the keyboard alone, but for its scan. It lacks the rank of who signed it, and the
// number of the case.
func (b *tab) entersPaper(marked, dir string) (id string) {
	b.t.Helper()
	b.visit(marked)
	b.tabTo("kind-authority")
	b.keys(" ")
	for _, field := range [][2]string{{"r-name", "Policijska postaja Breg"}, {"r-address", "Cesta 5, Ljubljana"}, {"r-signatory", "Matej Hren"}, {"r-basis", "ZKP, 148"},
		{"r-purpose", "Preiskava vloma."}, {"r-subject", "vlom v shrambo koles"}, {"r-body", "Policijska postaja Breg"}} {
		b.tabTo(field[0])
		b.keys(field[1])
	}
	for _, box := range []string{"data-picture", "form-folder"} {
		b.tabTo(box)
		b.keys(" ")
	}
	b.tabTo("r-manner")
	b.keys("osebno v tajništvu")
	b.scansBadly(dir)
	b.scans(dir, "dopis.pdf", "%PDF-1.4\n"+strings.Repeat("dopis ", 1000))
	b.until("document.querySelector('#scan .tag.good')")
	b.until("document.querySelectorAll('#missing li').length === 2")
	for js[string](b, "document.activeElement.textContent") != "Preglej in shrani" {
		b.keys("\t")
	}
	b.keys("\r")
	b.until("document.querySelector('dialog[open]')?.textContent.includes('Avla: 21. november 2026, 12:00:00 CET – 12:00:20 CET')")
	for js[string](b, "document.activeElement.textContent") != "Shrani zahtevo" {
		b.keys("\t")
	}
	b.keys("\r")
	b.is("incomplete")
	return js[string](b, "new URLSearchParams(location.hash.slice(1)).get('id')")
}

// scansBadly chooses files that are no scans, loses the connection, and stops a transfer: each is said, and the next one can be chosen.
func (b *tab) scansBadly(dir string) {
	b.t.Helper()
	must(b.t, os.WriteFile(filepath.Join(dir, "velik.pdf"), nil, 0o600))
	must(b.t, os.Truncate(filepath.Join(dir, "velik.pdf"), 1<<30))
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#scan-file"), []string{filepath.Join(dir, "velik.pdf")}))
	b.until("document.querySelector('#scan-file-error')?.textContent.includes('nižjo ločljivostjo')")
	b.scans(dir, "zapis.txt", "to ni sken")
	b.until("document.querySelector('#scan-file-error')?.textContent.includes('ne PDF ne slika')")
	b.scans(dir, "prazen.pdf", "")
	b.until("document.querySelector('#scan-file-error')?.textContent.includes('prazna')")
	b.scans(dir, "zapis.pdf", "to ni sken")
	b.until("document.querySelector('#scan-file-error') && !document.querySelector('#scan progress') && !document.querySelector('#scan-file-error').textContent.includes('prazna')") // the appliance looks into it
	b.take()
	js[bool](b, "window.sends = XMLHttpRequest.prototype.send, XMLHttpRequest.prototype.send = function () { this.dispatchEvent(new ProgressEvent('error')); }, true")
	b.scans(dir, "dopis.pdf", "%PDF-1.4")
	b.until("document.querySelector('#scan-file-error')?.textContent.includes('Povezava z napravo')")
	js[bool](b, "XMLHttpRequest.prototype.send = function () { this.upload.dispatchEvent(new ProgressEvent('progress', { loaded: 4 })); }, true")
	b.scans(dir, "dopis.pdf", "%PDF-1.4\n%")
	b.until("document.querySelector('#scan progress')?.value === 4")
	b.click("#scan button")
	b.until("document.querySelector('#scan').textContent.includes('ni ostalo nič') && !document.querySelector('#scan progress') && document.querySelector('#scan-file').value === ''")
	js[bool](b, "XMLHttpRequest.prototype.send = window.sends, true")
}

// scans chooses a file in the field for a scan.
func (b *tab) scans(dir, name, content string) {
	b.t.Helper()
	file := filepath.Join(dir, name)
	must(b.t, os.WriteFile(file, []byte(content), 0o600))
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#scan-file"), []string{file}))
}

// is waits for the page of a request in a state.
func (b *tab) is(state string) {
	b.t.Helper()
	b.until(fmt.Sprintf("location.pathname === '/request' && document.querySelector('#request[data-state=%q]:not([aria-busy])') && !document.querySelector('dialog[open]')", state))
}

// letter is the file of a letter, as it is saved, which has a name.
func (b *tab) letter(dir, called string) string {
	b.t.Helper()
	told := "[...document.querySelectorAll('.toast')].map((one) => one.textContent).find((text) => text.startsWith('Dopis '))"
	b.until(told)
	name := strings.Fields(js[string](b, told))[1]
	if name != called+".pdf" {
		b.t.Errorf("the letter is %q, not %q", name, called)
	}
	return filepath.Join(dir, name)
}

// course are the operations of a request, in order.
func (s *stage) course(id string) (ops []string) {
	s.t.Helper()
	list, err := s.o.Requests.Course(s.t.Context(), id)
	must(s.t, err)
	for _, one := range list {
		ops = append(ops, one.Op)
	}
	return ops
}

// alone has the head enter a request, approve it for a reason that he writes, and hand it over encrypted.
func (s *stage) alone(b *tab, marked, dir string) (id string) {
	s.t.Helper()
	b.as(s.session(s.t, "head", "sl"))
	b.visit(marked)
	b.press("#kind-subject")
	for field, text := range map[string]string{"r-name": "Neža Oblak", "r-address": "Cesta 7, Ljubljana", "r-identity": "osebna izkaznica", "r-manner": "po e-pošti"} {
		b.keysInto("#"+field, text)
	}
	b.press("#form-zip")
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
	b.press("#ask-warned")
	b.enter("dialog form", "recipient", "Neža Oblak")
	b.until("document.querySelector('#once')?.textContent.length > 12")
	b.keys(kb.Escape)
	b.keys(kb.Escape)
	b.inspect("request-passphrase-sl") // which is still there
	b.click("#download")
	appears(s.t, filepath.Join(dir, "paket-"+id+".zip"))
	b.click("dialog[open]:has(#download) .actions button")
	b.click("[data-step='hand over']")
	b.says("dialog[open] .deliveries", "v celoti", "") // beside what is entered
	b.press("#ask-warned")
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
	b.press("#ask-warned")
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
	b.press("#ask-warned")
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

// Who may do nothing with requests has none of their pages; who may only read has no way to enter one.
func TestRequestPagesOfRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		c := r.visitor(t, head, string(role), r.granted(role))
		enters, decides, reads := people.Allows(role, people.Extract), people.Allows(role, people.Approve), people.Allows(role, people.ReadDiary)
		for path, may := range map[string]bool{"/requests": enters || decides || reads, "/request": enters || decides || reads, "/receive": enters, "/register": reads} {
			if w := c.look(path); may != (w.Code == 200) {
				t.Errorf("%s: %s is answered with %d", role, path, w.Code)
			}
		}
		for part, want := range map[string]bool{`href="/receive"`: enters, `href="/register"`: reads} {
			if has := strings.Contains(c.look("/requests").Body.String(), part); has != want {
				t.Errorf("%s has %s: %v", role, part, has)
			}
		}
		if has := strings.Contains(c.look("/request").Body.String(), "data-extract"); has != enters {
			t.Errorf("%s may see to packages: %v", role, has)
		}
	}
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

// What the form says is missing is what the API says once it is saved, for each kind of request and however little it says.
func TestMissingInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	b.as(s.session(t, "caretaker", "sl"))
	for _, kind := range disclosure.Kinds {
		b.visit("/receive")
		b.press("#kind-" + strings.ReplaceAll(string(kind), " ", "-"))
		b.until("document.querySelector('#missing li')")
		told := js[int](b, "document.querySelectorAll('#missing li').length")
		b.click("#receive button[type=submit]")
		b.click("dialog[open] button[type=submit]")
		b.is("incomplete")
		if said := js[int](b, "document.querySelector('#next-now ul').children.length"); said != told {
			t.Errorf("of %s the form misses %d fields, the API %d", kind, told, said)
		}
	}
}

// Whoever types a paper in is told, before it is saved, what the letter calls a field, what a row of footage still lacks, that there is
// no footage of a time, and that nothing is held where no footage is named.
func TestPaperIsLookedThrough(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.entrance(dawn)
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/receive")
	b.press("#kind-authority")
	for _, field := range []string{"purpose", "subject", "body", "data", "form", "manner"} {
		b.says("#letter-"+field, disclosure.Field(field).In("sl"), "")
	}
	b.says("#missing", "Zadržano zdaj ne bo nič", "")
	row := "document.querySelector('.stretch')"
	if js[bool](b, "!"+row+".querySelector('button').hidden") {
		t.Error("an empty row can be emptied")
	}
	wide := "new Set([...document.querySelectorAll('.stretch .field:not(.stretch-camera)')].map((one) => Math.round(one.getBoundingClientRect().top))).size"
	for width, rows := range map[int]int{360: 2, 768: 1, 1200: 1} {
		b.look(width, "light")
		if got := js[int](b, wide); got != rows {
			t.Errorf("day and time stand in %d rows at %d pixels, not in %d", got, width, rows)
		}
	}
	set := func(part, value string) {
		js[bool](b, fmt.Sprintf("((f) => { f.value = %q; return f.dispatchEvent(new Event('input', { bubbles: true })) && f.dispatchEvent(new Event('change', { bubbles: true })); })(document.querySelector('.stretch [data-part=%s]'))", value, part))
	}
	set("camera", "hall")
	set("from-day", "2025-12-30")
	set("from-time", "12:00:00")
	b.press("#receive button[type=submit]")
	b.until(row + ".querySelector('.field-error')?.textContent.includes('Vpišite še »Do ure«')")
	b.says(".stretch .field-error", "pritisnite »Izprazni«", "")
	set("to-time", "12:05:00")
	b.says("#missing", "bodo zadržani", "")
	b.press("#receive button[type=submit]")
	b.until("document.querySelector('dialog[open] .note.warn')")
	b.says("dialog[open]", "Za ta čas ni posnetkov: ", "")
	if js[bool](b, "document.querySelector('dialog[open]').textContent.includes('Od zdaj bodo zadržani')") {
		t.Error("what there is not is told to be held")
	}
	b.says("dialog[open]", "Najstarejši posnetki so z dne 21. 11. 2026.", "")
	b.click("dialog[open] button.plain")
	set("from-day", "2026-11-21")
	set("to-day", "2026-11-21")
	b.press("#receive button[type=submit]")
	b.until("document.querySelector('dialog[open]')")
	b.says("dialog[open]", "Od zdaj bodo zadržani", "")
	if js[bool](b, "document.querySelector('dialog[open]').textContent.includes('ni posnetkov')") {
		t.Error("there is no footage of what there is")
	}
	b.click("dialog[open] button.plain")
	js[bool](b, "((f) => { f.value = '2019-11-22'; return f.dispatchEvent(new Event('input', { bubbles: true })); })(document.querySelector('#r-day'))")
	b.press("#receive button[type=submit]")
	b.until("document.querySelector('#r-time-error')?.textContent.includes('Preverite leto')")
	b.press(".stretch button")
	b.says("#missing", "Zadržano zdaj ne bo nič", "")
	for by, want := range map[string]string{"2099-12-07T23:00:00Z": "do 7. 12. 2099 izdelati paket", "2099-12-08T14:00:00Z": "do 7. 12. 2099 izdelati paket", "2026-11-02T14:00:00Z": "do 2. 11. 2026, 15:00:00 CET izdelati paket"} {
		if got := module[string](b, "due", "m.dueOf({ state: 'approved', due: [{ what: 'building', by: '"+by+"' }] })[0].textContent"); got != want {
			t.Errorf("due by %s: %q, not %q", by, got, want)
		}
	}
	if got := module[string](b, "dom", "m.toast('Prvo.') && m.toast('Ne gre.', 'bad') && m.toast('Drugo.') && [...document.querySelectorAll('.toast p')].map((one) => one.textContent).join(' ')"); got != "Ne gre. Drugo." {
		t.Errorf("told in passing are %q", got)
	}
	if wrong, _ := b.take(); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
}
