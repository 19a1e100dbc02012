package web

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	inpage "github.com/chromedp/cdproto/page"

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

// packs has what is ordered built, while the test goes on.
func (s *stage) packs() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.jobs.Run(ctx) }()
	s.t.Cleanup(func() { stop(); <-done })
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
