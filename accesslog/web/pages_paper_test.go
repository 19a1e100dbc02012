package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/disclosure"
	"varuh/recorder/rtsp/rtsptest/outside"
)

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
	b.session("")
	b.click("#receive button[type=submit]")
	b.click("dialog[open] button[type=submit]")
	b.until("document.querySelector('dialog[open] .form-error a[target=_blank]')?.textContent.includes('novem zavihku')")
	if got := js[string](b, "document.querySelector('#r-number').value"); got != "2254-11/2026" {
		b.t.Errorf("the form says %q", got)
	}
	b.inspect("request-kept-sl")
	b.session(cookie)
	b.click("dialog[open] button.plain")
	b.until("!document.querySelector('dialog[open]')")
	b.take() // the refusal
}

// tabTo goes to an element by the keyboard.
func (b *tab) tabTo(id string) {
	b.t.Helper()
	b.TabTo(fmt.Sprintf("e.id === %q", id))
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
	b.goes("Preglej in shrani", "\r")
	b.until("document.querySelector('dialog[open]')?.textContent.includes('Avla: 21. november 2026, 12:00:00 CET – 12:00:20 CET')")
	b.goes("Shrani zahtevo", "\r")
	b.is("incomplete")
	return js[string](b, "new URLSearchParams(location.hash.slice(1)).get('id')")
}

// scansBadly chooses files that are no scans, loses the connection, and stops a transfer: each is said, and the next one can be chosen.
func (b *tab) scansBadly(dir string) {
	b.t.Helper()
	must(b.t, os.WriteFile(filepath.Join(dir, "velik.pdf"), nil, 0o600))
	must(b.t, os.Truncate(filepath.Join(dir, "velik.pdf"), 1<<30))
	b.Pick("#scan-file", filepath.Join(dir, "velik.pdf"))
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
	b.Pick("#scan-file", file)
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
		b.click("#kind-" + strings.ReplaceAll(string(kind), " ", "-"))
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
	b.click("#kind-authority")
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
	b.click("#receive button[type=submit]")
	b.until(row + ".querySelector('.field-error')?.textContent.includes('Vpišite še »Do ure«')")
	b.says(".stretch .field-error", "pritisnite »Izprazni«", "")
	set("to-time", "12:05:00")
	b.says("#missing", "bodo zadržani", "")
	b.click("#receive button[type=submit]")
	b.until("document.querySelector('dialog[open] .note.warn')")
	b.says("dialog[open]", "Za ta čas ni posnetkov: ", "")
	if js[bool](b, "document.querySelector('dialog[open]').textContent.includes('Od zdaj bodo zadržani')") {
		t.Error("what there is not is told to be held")
	}
	b.says("dialog[open]", "Najstarejši posnetki so z dne 21. 11. 2026.", "")
	b.click("dialog[open] button.plain")
	set("from-day", "2026-11-21")
	set("to-day", "2026-11-21")
	b.click("#receive button[type=submit]")
	b.until("document.querySelector('dialog[open]')")
	b.says("dialog[open]", "Od zdaj bodo zadržani", "")
	if js[bool](b, "document.querySelector('dialog[open]').textContent.includes('ni posnetkov')") {
		t.Error("there is no footage of what there is")
	}
	b.click("dialog[open] button.plain")
	js[bool](b, "((f) => { f.value = '2019-11-22'; return f.dispatchEvent(new Event('input', { bubbles: true })); })(document.querySelector('#r-day'))")
	b.click("#receive button[type=submit]")
	b.until("document.querySelector('#r-time-error')?.textContent.includes('Preverite leto')")
	b.click(".stretch button")
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
