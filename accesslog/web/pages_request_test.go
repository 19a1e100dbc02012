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

	inpage "github.com/chromedp/cdproto/page"

	"varuh/accesslog/people"
	"varuh/accesslog/web/browsertest"
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
	c := s.newCase()
	c.lacksSomething()
	c.isCompleted()
	c.isLookedAt()
	c.isBuilt()
	c.isTakenOut()
	c.isHandedOver()
	c.isReleased()
	want := []string{"request.receive", "request.supplement", "request.approve", "request.built", "request.handover", "request.confirm", "request.release"}
	if got := s.course(c.id); !slices.Equal(got, want) {
		t.Errorf("the course is %q, want %q", got, want)
	}
	second := s.alone(c.tab, c.marked, c.dir)
	third := s.shows(c.tab, c.from, c.to)
	s.register(c.tab, second, third)
	wrong, _ := c.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// paperCase is a request that goes through all its steps, in one tab.
type paperCase struct {
	*tab
	s        *stage
	dir      string // of what is downloaded
	from, to time.Time
	marked   string // the page on which it is entered, for a range that was marked
	id       string
}

// newCase is a request for 20 s of the hall that nobody has entered yet. What nobody touches of them keeps its milliseconds.
func (s *stage) newCase() *paperCase {
	s.t.Helper()
	c := &paperCase{tab: s.tab(), s: s, dir: s.t.TempDir(), from: dawn.Add(250 * time.Millisecond), to: dawn.Add(20 * time.Second)}
	c.look(widths[2], "light")
	c.Downloads(c.dir)
	c.marked = "/receive#" + url.Values{"camera": {"hall"}, "from": {c.from.Format(time.RFC3339Nano)}, "to": {c.to.Format(time.RFC3339)}}.Encode()
	return c
}

// lacksSomething has the caretaker enter the paper, who is told what is missing, may ask for that with a letter, and decides nothing.
func (c *paperCase) lacksSomething() {
	c.t.Helper()
	c.as(c.s.session(c.t, "caretaker", "sl"))
	c.id = c.entersPaper(c.marked, c.dir)
	c.until("document.querySelector('#next-now ul')?.children.length === 2") // its number and the rank
	if body := c.s.said(c.s.lastOf("request.receive")); body.Actor.Name != "Ana Novak" || body.Data["missing"] != "rank,number" || body.Data["scan"] == nil {
		c.t.Errorf("%+v", body)
	}
	if js[bool](c.tab, "document.querySelector('[data-step=approve], [data-step=refuse], [data-step=release]') !== null") {
		c.t.Error("a caretaker is offered a decision")
	}
	c.click("#next-now .actions button") // the letter
	browsertest.Appears(c.t, c.letter(c.dir, "poziv-k-dopolnitvi-"+c.id))
	c.click(".course-step button") // the scan
	browsertest.Appears(c.t, filepath.Join(c.dir, fmt.Sprintf("zahteva-%s-%d.pdf", c.id, c.s.lastOf("request.receive"))))
}

// isCompleted types in what was missing; the times that were marked are still asked for, to the millisecond.
func (c *paperCase) isCompleted() {
	c.t.Helper()
	c.click("#next-now .actions a")
	c.until("location.pathname === '/receive' && !document.querySelector('#receive[aria-busy]') && document.querySelector('#missing li')")
	c.keysInto("#r-rank", "kriminalistična inšpektorica")
	c.keysInto("#r-number", "2254-11/2026")
	c.until("document.querySelector('#missing .note.good')")
	c.keeps(c.s.session(c.t, "caretaker", "sl"))
	c.click("#receive button[type=submit]")
	c.click("dialog[open] button[type=submit]")
	c.is("complete")
	if q, err := c.s.o.Requests.Request(c.t.Context(), c.id); err != nil || !q.Wanted[0].From.Equal(c.from) || !q.Wanted[0].To.Equal(c.to) {
		c.t.Errorf("it asks for %v, %v", q.Wanted, err)
	}
}

// isLookedAt has the head look at the footage, for the decision. Another day keeps what it is looked at for.
func (c *paperCase) isLookedAt() {
	c.t.Helper()
	c.as(c.s.session(c.t, "head", "sl"))
	c.visit("/request#id=" + c.id)
	c.click("#footage td:last-child a")
	c.until("location.pathname === '/footage' && location.hash.includes('camera=hall&day=2026-11-21') && document.querySelector('#day h2')")
	c.until("document.querySelector('.timeline-told')?.textContent.includes('zahtevano') && document.querySelector('.swatch.requested') && document.querySelector('#day-list')?.textContent.includes('zahtevano')")
	c.says("#requested", "zahteva "+c.id, "")
	c.inspect("footage-requested-sl")
	c.click("#requested li a")
	c.until("location.hash.includes('from=') && !document.querySelector('#day[aria-busy]')")
	c.click("#day-head a:last-of-type")
	c.until("location.hash.includes('day=2026-11-20') && location.hash.includes('request=" + c.id + "') && !document.querySelector('#day-list')?.textContent.includes('zahtevano')")
}

// isBuilt approves it, for which another person needs no reason, and has its package built.
func (c *paperCase) isBuilt() {
	c.t.Helper()
	c.visit("/request#id=" + c.id)
	c.click("[data-step=approve]")
	c.until("document.querySelector('dialog[open] .note.good') && !document.querySelector('#ask-single_reason')")
	c.click("dialog[open] button[type=submit]")
	c.is("approved")
	c.click("[data-step=build]")
	c.click("dialog[open] button[type=submit]")
	c.is("built")
	c.until("document.querySelector('#package .manifest')")
	c.click("[data-step=record]")
	browsertest.Appears(c.t, filepath.Join(c.dir, "zapisnik-o-predaji-"+c.id+".pdf"))
}

// isTakenOut downloads the package, once somebody was warned. Then it can't be refused any more.
func (c *paperCase) isTakenOut() {
	c.t.Helper()
	c.click("[data-step=take]")
	c.enter("dialog form", "recipient", "Matej Hren, PP Breg")
	c.until("document.querySelector('dialog .field-error')") // nobody was warned
	c.click("#ask-warned")
	c.click("dialog[open] button[type=submit]")
	c.until("document.querySelector('#download.main') && !document.querySelector('#once-done.main')")
	c.click("#download")
	c.until("document.querySelector('#once-done.main') && !document.querySelector('#download.main')")
	browsertest.Appears(c.t, filepath.Join(c.dir, "paket-"+c.id+".zip"))
	c.click("dialog[open]:has(#download) .actions button")
	c.until("document.querySelector('[data-step=\"hand over\"]') && document.querySelector('#package .deliveries')?.textContent.includes('v celoti')")
	c.says("#next-now .note", "ni več mogoče zavrniti", "")
	c.says("#package", "Sedem dni od takrat", "")
	if js[bool](c.tab, "document.querySelector('[data-step=refuse]') !== null || document.querySelector('[data-step=withdraw]') === null") {
		c.t.Error("what has left can be refused, or its applicant can't withdraw it")
	}
	c.inspect("request-left-sl")
	c.visit("/requests")
	c.says("#list", "vpisati predajo", "")
}

// isHandedOver enters to whom it was given, and has the record to be signed, which is confirmed.
func (c *paperCase) isHandedOver() {
	c.t.Helper()
	c.visit("/request#id=" + c.id)
	c.click("[data-step='hand over']")
	c.says("dialog[open] .deliveries", "v celoti", "") // beside what is entered
	c.click("#ask-warned")
	c.enter("dialog form", "recipient", "Matej Hren, PP Breg", "known", "službena izkaznica št. 1234", "medium", "ključ USB z oznako 3")
	c.is("handed over")
	c.until("document.querySelector('[data-step=record]')") // it is signed now
	c.click("[data-step=confirm]")
	c.enter("dialog form", "how", "s podpisom na zapisniku")
	c.is("confirmed")
}

// isReleased ends the holds of what was handed over.
func (c *paperCase) isReleased() {
	c.t.Helper()
	c.click("[data-step=release]")
	c.says("dialog", "se izbriše v eni uri", "")
	c.enter("dialog form", "reason", "zadeva je zaključena")
	c.until("document.querySelector('#next-now').textContent.includes('ni več zadržano nič') && document.querySelectorAll('.course-step').length === 7")
	if holds, err := c.s.o.Holds.List(c.t.Context()); err != nil || len(holds) != 0 {
		c.t.Errorf("%d holds are left, %v", len(holds), err)
	}
}

// register reads all three disclosures in the register as the auditor does, and prints it, with what a restore may have taken out.
func (s *stage) register(b *tab, second, third string) {
	s.t.Helper()
	b.as(s.session(s.t, "auditor", "sl"))
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
		s.t.Error("what a restore may have taken out is not on the print")
	}
	b.inspect("register-deliveries-sl")
	yes := true
	paper := command(b, inpage.PrintToPDF, inpage.PrintToPDFParams{PreferCSSPageSize: &yes}).Data
	if !regexp.MustCompile(`/MediaBox \[0 0 84\d(\.\d+)? 59\d`).Match(paper) {
		s.t.Error("the register is not printed on A4 across")
	}
	keep(s.t, "register-sl.pdf", paper)
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
	name := strings.Fields(browsertest.Await[string](b, "[...document.querySelectorAll('.toast')].map((one) => one.textContent).find((text) => text.startsWith('Dopis '))"))[1]
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
