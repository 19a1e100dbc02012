package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// types puts text into a field as somebody who leaves it then.
func (b *tab) types(id, text string) {
	b.t.Helper()
	js[bool](b, fmt.Sprintf("(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event('change', {bubbles: true})); return true })()", id, text))
}

// marked waits for a range to be said as marked: a pattern of its beginning, end and length.
func (b *tab) marked(pattern string) {
	b.t.Helper()
	b.until(fmt.Sprintf("/^%s$/.test(document.querySelector('#marked:not([hidden]) [role=status]')?.textContent)", pattern))
}

// bodyOf is the timeline as the window has it: its left and top, and its width.
func (b *tab) bodyOf() []float64 {
	b.t.Helper()
	b.until("document.querySelector('.timeline-name') && document.querySelector('.timeline-body').getAttribute('aria-valuetext')")
	left, top, width := b.Place(".timeline-body", 0.5, 60)
	return []float64{left, top, width}
}

// A range is marked by keys, mouse, fingers and by typing; what can be done about it gets just that range, and who may not do
// something is not offered it. In the night in which an hour comes twice it is two hours, and the one that is left out is none.
func TestMarkingInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	b := s.tab()
	b.look(widths[2], "light")
	b.as(s.session(t, "head", "sl"))
	s.handed(time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC), 30*time.Minute, func(id string) { s.previewed(b, id) })
	b.visit("/footage#camera=hall&day=2026-11-20")
	box := b.bodyOf()
	b.marksByKeys()
	b.marksByMouse(box)
	b.marksByFinger(box)
	b.marksByTyping()
	s.secures(b)
	s.offeredAsMay(b)
	b.as(s.session(t, "head", "sl"))
	b.seesHanded()
	b.marksTwiceTheHour()
	b.marksNoHour()
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// focuses gives the keys to the timeline.
func (b *tab) focuses() {
	b.t.Helper()
	js[bool](b, "(document.querySelector('.timeline-body').focus(), true)")
}

// hovers holds the mouse over an hour of the timeline, on a day of so many.
func (b *tab) hovers(box []float64, hour, hours float64) {
	b.t.Helper()
	command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: box[0] + box[2]*hour/hours, Y: box[1] + 60})
}

func (b *tab) marksByKeys() {
	b.t.Helper()
	b.focuses()
	b.keys("ni")
	b.marked("10:00:00 CET – 11:00:00 CET, dolžina 1:00:00")
	b.keys("no")
	b.marked("10:00:00 CET – 10:30:00 CET, dolžina 30:00")
}

// marksByMouse draws a range with Shift, and draws its end elsewhere without.
func (b *tab) marksByMouse(box []float64) {
	b.t.Helper()
	drag := func(from, to float64, shift int64) {
		b.t.Helper()
		for i, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMouseReleased} {
			x := box[0] + box[2]*[]float64{from, (from + to) / 2, to, to}[i]/24
			command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: box[1] + 60, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1, Modifiers: shift})
		}
	}
	drag(15, 13, 8) // Shift
	b.marked(`1[23]:\d\d:\d\d CET – 1[45]:\d\d:\d\d CET, dolžina (1:59|2:0[01]):\d\d`)
	drag(15, 14, 0)
	b.marked(`1[23]:\d\d:\d\d CET – 1[34]:\d\d:\d\d CET, dolžina (59:\d\d|1:0[01]:\d\d)`)
}

// marksByFinger draws the end of a range, which opens no viewing.
func (b *tab) marksByFinger(box []float64) {
	b.t.Helper()
	for i, kind := range []input.DispatchTouchEventType{input.DispatchTouchEventTypeTouchStart, input.DispatchTouchEventTypeTouchMove, input.DispatchTouchEventTypeTouchMove, input.DispatchTouchEventTypeTouchEnd} {
		points := []*input.TouchPoint{{X: box[0] + box[2]*[]float64{14, 15, 16, 16}[i]/24, Y: box[1] + 60}}
		if kind == input.DispatchTouchEventTypeTouchEnd {
			points = nil
		}
		command(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
	}
	b.marked(`1[23]:\d\d:\d\d CET – 1[56]:\d\d:\d\d CET, dolžina (2:59|3:0[01]):\d\d`)
	if js[bool](b, "document.querySelector('dialog') !== null") {
		b.t.Error("what marks a range opens a viewing")
	}
}

// marksByTyping types an end before its beginning, then five minutes, with which all can be done that the head may.
func (b *tab) marksByTyping() {
	b.t.Helper()
	b.types("marked-from-time", "16:00:00")
	b.types("marked-to-time", "15:00:00")
	b.until("document.querySelector('#marked-to-time-error')")
	b.types("marked-to-time", "16:05:00")
	b.marked("16:00:00 CET – 16:05:00 CET, dolžina 05:00")
	const range5 = "#camera=hall&from=2026-11-20T15%3A00%3A00.000Z&to=2026-11-20T15%3A05%3A00.000Z"
	b.offers("find"+range5, "seen"+range5, "receive"+range5)
}

// secures holds just what is marked, and searches in it.
func (s *stage) secures(b *tab) {
	s.t.Helper()
	b.click("#marked .actions button")
	b.until("document.querySelector('#secure-from-time')?.value === '16:00:00' && document.querySelector('#secure-to-time').value === '16:05:00'")
	b.enter("dialog form", "basis", "razbito okno")
	b.until("document.querySelector('#toasts .toast')") // which goes by itself
	b.until("!document.querySelector('dialog') && [...document.querySelectorAll('#day tbody tr')].some((row) => /16:00:00.*16:05:00.*zadržano/.test(row.textContent))")
	holds := s.entries("hold.set")
	if o := holds[len(holds)-1].Objects; len(o) != 1 || o[0].Camera != "hall" || o[0].From.UTC().Format("15:04:05") != "15:00:00" || o[0].To.UTC().Format("15:04:05") != "15:05:00" {
		s.t.Errorf("what is secured is %+v", o)
	}
	b.click("#marked a[data-page=find]")
	b.at("/find")
	b.until("document.querySelector('#range-from-time')?.value === '16:00:00'")
}

// offeredAsMay sees what a caretaker and a guard are offered for what they mark.
func (s *stage) offeredAsMay(b *tab) {
	s.t.Helper()
	for who, want := range map[string][]string{"caretaker": {"find", "receive"}, "guard": nil} {
		b.as(s.session(s.t, who, "sl"))
		b.visit("/footage#camera=hall&day=2026-11-21")
		b.bodyOf()
		if want == nil { // he sees the last two hours, in which nothing can be asked for
			want = []string{"find"}
		}
		b.focuses()
		b.keys("i")
		b.until("document.querySelector('#marked:not([hidden])')")
		hash := js[string](b, "new URL(document.querySelector('#marked a').href).hash")
		for i := range want {
			want[i] += hash
		}
		b.offers(want...)
	}
}

// seesHanded finds what was handed over in the list of a day and on its timeline.
func (b *tab) seesHanded() {
	b.t.Helper()
	b.visit("/footage#camera=hall&day=2026-11-19")
	b.until("document.querySelector('#day tbody tr')")
	b.says("#day tbody", "10:00:00 CET10:30:00 CETposredovano 21. november 2026, 13:00:00 CET, zapis št. ", "")
	b.hovers(b.bodyOf(), 10.25, 24)
	b.until("document.querySelector('.timeline-told').textContent.includes('Avla: posneto, zadržano, posredovano')")
}

// marksTwiceTheHour marks the hour that comes twice, from its first to its second half past.
func (b *tab) marksTwiceTheHour() {
	b.t.Helper()
	b.visit("/footage#camera=hall&day=2026-10-25")
	box := b.bodyOf()
	for hour, told := range map[float64]string{2.5: "02:30:0\\d CEST|02:29:\\d\\d CEST", 3.5: "02:30:0\\d CET|02:29:\\d\\d CET", 4.5: "03:30:0\\d CET|03:29:\\d\\d CET"} {
		b.hovers(box, hour, 25)
		b.until(fmt.Sprintf("/^(%s)/.test(document.querySelector('.timeline-told').textContent)", told))
	}
	b.focuses()
	b.keys("i")
	b.types("marked-from-time", "02:30:00")
	b.types("marked-to-time", "02:30:00")
	b.marked("02:30:00 CEST – 02:30:00 CET, dolžina 1:00:00")
}

// marksNoHour types a time of the hour that is left out in spring.
func (b *tab) marksNoHour() {
	b.t.Helper()
	js[bool](b, "(location.hash = '#camera=hall&day=2026-03-29', true)")
	b.until("document.querySelector('.timeline-body').getAttribute('aria-valuemax') === '82800' && document.querySelector('#marked').hidden && document.querySelector('#calendar .empty')")
	b.hovers(b.bodyOf(), 2.5, 23)
	b.until("/^03:(30:0|29:)/.test(document.querySelector('.timeline-told').textContent)")
	b.focuses()
	b.keys("i")
	b.types("marked-from-time", "02:30:00")
	b.until("document.querySelector('#marked-from-time-error')?.textContent.includes('ni bilo')")
	b.keys("\x1b")
	b.until("document.querySelector('#marked').hidden")
}

// offers complains if other pages than these are offered for what is marked.
func (b *tab) offers(want ...string) {
	b.t.Helper()
	got := js[string](b, "[...document.querySelectorAll('#marked .actions a')].map((a) => { const u = new URL(a.href); return u.pathname.slice(1) + u.hash }).join(' ')")
	if regexp.MustCompile(`\s+`).ReplaceAllString(got, " ") != strings.Join(want, " ") {
		b.t.Errorf("offered is %s, want %s", got, want)
	}
	for _, one := range want {
		page, _, _ := strings.Cut(one, "#")
		if !slices.ContainsFunc(pageRoutes, func(r route) bool { return r.page() == page }) {
			b.t.Errorf("there is no page %q", page)
		}
	}
}

// previewed looks at what a request asks for, to decide on it: the request is the purpose, and the viewing ends where that does.
func (s *stage) previewed(b *tab, id string) {
	s.t.Helper()
	b.visit("/footage#camera=hall&day=2026-11-19")
	box := b.bodyOf()
	b.mouse(input.DispatchMouseEventTypeMousePressed, box[0]+box[2]*10.25/24, box[1]+60, 0)
	b.mouse(input.DispatchMouseEventTypeMouseReleased, box[0]+box[2]*10.25/24, box[1]+60, 0)
	b.until("document.querySelector('dialog.purpose input')")
	b.says("dialog.purpose", "odločanje o zahtevi "+id, "")
	b.click("dialog.purpose input[value='request " + id + "']")
	b.click("dialog.purpose [type=submit]")
	b.until("document.querySelector('#viewing-bar:not([hidden])') || document.querySelector('dialog.purpose .form-error:not([hidden])')")
	e := s.entries("view.start")
	if len(e) != 1 || e[0].Actor.Name != "Vera Zajc" || e[0].Objects[0].To.UTC().Format("15:04") > "09:30" {
		s.t.Errorf("the diary has %+v; the page says %s", e, js[string](b, "(document.querySelector('dialog .form-error') ?? document.body).innerText.slice(0, 300)"))
	}
	b.visit("/account")
	b.take() // there are no files behind what is shown
}

// handed lets footage of the hall be asked for by telephone, and handed over; before is done before it is decided.
func (s *stage) handed(from time.Time, length time.Duration, before func(id string)) {
	s.t.Helper()
	content := RequestContent{Basis: "zkp-148", Purpose: "Preiskava vloma v shrambo koles.", Case: disclosure.Case{Subject: "vlom v shrambo koles", Number: "2254-7/2026", Body: "Policijska postaja Breg"},
		Applicant: disclosure.Applicant{Name: "Policijska postaja Breg", Address: "Cesta 5, 1000 Ljubljana", Contact: "01 234 56 70", Signatory: "Matej Hren", Rank: "policijski inšpektor"},
		Footage:   []Footage{{"hall", span{moment{from}, moment{from.Add(length)}}}}, Data: []disclosure.Datum{disclosure.Picture}, Form: disclosure.Folder, Manner: "osebno v tajništvu"}
	var out RequestEntered
	s.client(s.t).logIn("caretaker.sl", ownPassword).api("POST", "/requests", RequestAsked{Kind: disclosure.Authority, Way: disclosure.Oral, Content: content, Received: moment{noon}}, &out)
	id := out.Request.ID
	before(id)
	s.client(s.t).logIn("head.sl", ownPassword).api("POST", "/requests/"+id+"/approve", RequestApproval{Content: out.Request.ContentEntry}, nil)
	q, err := s.o.Requests.Request(s.t.Context(), id)
	must(s.t, err)
	packed := disclosure.Packed{Manifest: strings.Repeat("4f", 32), Entry: q.Last, Delivered: q.Wanted}
	_, err = s.o.Requests.Built(s.t.Context(), id, packed)
	must(s.t, err)
	approver := people.Session{Person: people.Person{ID: "deputy", Name: "Vera Zajc"}, Proof: "password",
		Authorisations: []people.Authorisation{{ID: "by-head", Role: people.Approver, From: noon.AddDate(0, 0, -1), Paper: noon.AddDate(0, 0, -1)}}}
	_, err = s.o.Requests.HandOver(s.t.Context(), approver, id, disclosure.Handing{Recipient: "Matej Hren", Known: "službena izkaznica št. 1234", Medium: "ključ USB 3", Manifest: packed.Manifest, Warned: true})
	must(s.t, err)
}
