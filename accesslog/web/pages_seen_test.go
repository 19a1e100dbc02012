package web

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	inpage "github.com/chromedp/cdproto/page"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// Who has found something secures it, and who may read the diary sees who looked at it, why and what came of it, on one page
// that can be printed. Who may only look is offered neither.
func TestSecureAndSeen(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFilm()
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit(filmed)
	b.search()
	b.halve()
	b.click("button.secure")
	b.until("document.activeElement.id === 'secure-basis'")
	b.click("dialog button[type=submit]")
	b.until("document.querySelector('#secure-basis-error') !== null")
	b.enter("dialog form", "basis", "izginilo kolo", "caller", "mati učenke, po telefonu")
	b.until("document.querySelector('.toast')?.textContent.includes('5. december 2026')") // which goes by itself
	b.until("document.querySelector('dialog') === null")
	holds := s.entries("hold.set")
	last := holds[len(holds)-1]
	if last.Basis != "izginilo kolo" || !strings.Contains(last.Note, "mati učenke, po telefonu") || last.Actor.Name != "Vera Zajc" || len(last.Objects) != 1 || last.Objects[0].Camera != "yard" {
		t.Errorf("%+v", last)
	}
	b.click("#viewing-bar button")
	b.click("dialog .outcomes button[value=secured]")
	b.until("document.querySelector('#search').hidden")

	b.as(s.session(t, "auditor", "sl"))
	b.visit("/seen#camera=yard&from=2026-09-10T10:00:00Z&to=2026-09-10T10:05:00Z")
	b.until("document.querySelector('#range-from-day')")
	b.enter("#range", "reason", "zahteva po členu 15")
	b.until("document.querySelector('#uses table')")
	page := js[string](b, "document.querySelector('#uses').innerText")
	for _, want := range []string{"Vera Zajc", "zavarovano", "prijavljeno", "izginilo kolo", "mati učenke", "policijska postaja", "odredba sodišča", "I K 5/2026",
		"namen ni bil dovoljen", "zahteva po členu 15", "10. september 2026 (CEST): 12:00:03, 12:00:29, 12:00:45"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page: %s", want, page)
		}
	}
	read := s.entries("diary.read")
	if e := read[len(read)-1]; e.Purpose != "zahteva po členu 15" || e.Actor.Name != "Dana Zupan" {
		t.Errorf("%+v", e)
	}
	s.printed(b, "Vera Zajc", "izginilo kolo")
	if list, want := deliveriesSeen(b), "prevzem z naprave prekinjeno|prevzem z naprave v celoti|prevzem z naprave poteka ali čaka na prenos|vpisana predaja|konec prevzema z naprave"; list != want {
		t.Errorf("deliveries are told as %q, want %q", list, want)
	}
	shown := viewingsSeen(b)
	for i, want := range []string{
		"Največ to je bilo prikazano; vpogled je prekinil izpad naprave: hall, 10. september 2026 (CEST): 12:00:00–12:01:00 yard, 10. september 2026 (CEST): 12:05:00–12:06:00",
		"Posnetki niso bili prikazani. Potek dogajanja (kdaj se je kaj premikalo, brez slike): 10. september 2026 (CEST): 12:00:00–13:00:00",
		"10. september 2026 (CEST): 12:00:00–12:01:00 12 kB Potek dogajanja (kdaj se je kaj premikalo, brez slike): 10. september 2026 (CEST): 12:00:00–13:00:00",
		"Nič ni bilo prikazano.",
		"Vpogled še traja. Odprto je: hall, 10. september 2026 (CEST): 12:00:00–12:01:00 yard, 10. september 2026 (CEST): 12:05:00–12:06:00",
		"Največ to je bilo prikazano; vpogled je prekinil izpad naprave: hall, 10. september 2026 (CEST): 12:00:00–12:01:00 yard, 10. september 2026 (CEST): 12:05:00–12:06:00",
	} {
		if got := shown[i]; got != want {
			t.Errorf("viewing %d is told as %q, want %q", i, got, want)
		}
	}
	if wrong, _ := b.take(); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}

	b.as(s.session(t, "inspector", "sl"))
	b.visit("/find")
	b.until("document.querySelector('#range-from-day')")
	if js[bool](b, "document.querySelector('#search').dataset.seen !== 'yes'") {
		t.Error("an inspector, who may read the diary, is not led there")
	}
	b.as(s.session(t, "caretaker", "sl"))
	b.visit("/find")
	b.until("document.querySelector('#range-from-day')")
	if js[bool](b, "document.documentElement.outerHTML.includes('/seen') || document.querySelector('#search').dataset.seen === 'yes'") {
		t.Error("a caretaker is led to the diary")
	}
}

// printed looks at the page as it is printed: on paper there is what was found, and no form. The paper itself is written
// beside the pictures, for people to look at.
func (s *stage) printed(b *tab, want ...string) {
	b.t.Helper()
	yes := true
	out := command(b, inpage.PrintToPDF, inpage.PrintToPDFParams{PreferCSSPageSize: &yes})
	keep(b.t, "seenPage-sl.pdf", out.Data)
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	defer command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: ""})
	text := js[string](b, "document.body.innerText")
	for _, w := range want {
		if !strings.Contains(text, w) {
			b.t.Errorf("%q is not on the paper: %s", w, text)
		}
	}
	for _, w := range []string{"Pokaži", "Natisni", "Odjava"} {
		if strings.Contains(text, w) {
			b.t.Errorf("%q is on the paper: %s", w, text)
		}
	}
}

// deliveriesSeen is what the page says of deliveries: each is one line with how it ended, and an end whose beginning is gone is one, too.
func deliveriesSeen(b *tab) string {
	b.t.Helper()
	return js[string](b, `Promise.all(['uses', 'usestables'].map((name) => import(document.querySelector('script[src$="/page.js"]').src.replace('page.js', name + '.js')))).then(([uses, tables]) => {
		const at = '2026-09-10T10:00:00Z';
		const one = (entry, op, more) => ({ entry, op, time: at, footage: [], ...more });
		const { others } = uses.sorted([one(7, 'handover'), one(8, 'handover.end', { ref: 7, result: 'cut off' }), one(9, 'handover'), one(10, 'handover'),
			one(11, 'handover.end', { ref: 9, result: 'whole' }), one(12, 'request.handover'), one(13, 'handover.end', { ref: 2, result: 'whole' })]);
		return [...tables.otherTable(others, {}).querySelectorAll('tbody tr')].map((row) => [...row.cells[0].childNodes].map((node) => node.textContent).filter(Boolean).join(' ')).join('|');
	})`)
}

// viewingsSeen is what the page says was shown: of a viewing that a crash cut off all that it had opened, of one in which only the
// activity was looked at that, of one with footage both, of one with neither that it was nothing, of one that goes on all that it
// has opened, and of one whose beginning is gone what is left.
func viewingsSeen(b *tab) []string {
	b.t.Helper()
	return js[[]string](b, `Promise.all(['uses', 'usestables'].map((name) => import(document.querySelector('script[src$="/page.js"]').src.replace('page.js', name + '.js')))).then(([uses, tables]) => {
		const part = (camera, from, to) => ({ camera, from: '2026-09-10T' + from + ':00Z', to: '2026-09-10T' + to + ':00Z' });
		const [hall, yard, hour] = [part('hall', '10:00', '10:01'), part('yard', '10:05', '10:06'), part('hall', '10:00', '11:00')];
		const one = (entry, op, ref, footage, more) => ({ entry, op, ref, time: hall.from, footage, ...more });
		const { viewings } = uses.sorted([
			one(1, 'view.start', undefined, [hall]), one(2, 'view.more', 1, [yard]), one(3, 'view.end', 1, [], { result: 'interrupted' }),
			one(4, 'view.start', undefined, [hall]), one(5, 'view.activity', 4, [hour]), one(6, 'view.end', 4, [], { result: 'reported' }),
			one(7, 'view.start', undefined, [hall]), one(8, 'view.activity', 7, [hour]), one(9, 'view.end', 7, [hall], { result: 'reported', bytes: 12000 }),
			one(10, 'view.start', undefined, [hall]), one(11, 'view.more', 10, [yard]), one(12, 'view.end', 10, [], { result: 'reported' }),
			one(13, 'view.start', undefined, [hall]), one(14, 'view.more', 13, [yard]),
			one(15, 'view.more', 2, [hall]), one(16, 'view.more', 2, [yard]), one(17, 'view.end', 2, [], { result: 'interrupted' })]);
		const texts = (node) => node.nodeType === Node.TEXT_NODE ? [node.textContent] : [...node.childNodes].flatMap(texts);
		return [...tables.viewingTable(viewings, {}).querySelectorAll('tbody tr')].map((row) => texts(row.cells[3]).join(' '));
	})`)
}
