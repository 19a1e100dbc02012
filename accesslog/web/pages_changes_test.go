package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// live is so once a page is told of what changes.
const live = "document.documentElement.dataset.live"

// What others do is shown without a page being loaded anew: holds and terms, notices, persons, and, as a sentence, entries of the diary. Where
// a question is open, or something is pressed, it waits until that is over. Work that takes long goes on when the page is left.
func TestChangesInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	looks := make(chan struct{}) // a look through the diary goes on until it is closed
	s := newStage(t, func(o *Options) {
		o.Verify = func(_ context.Context, tell func(int64)) (Verified, error) {
			tell(7)
			<-looks
			return Verified{Entries: 9, Found: []Line{}}, nil
		}
	})
	s.Site.pulse.each = 50 * time.Millisecond
	s.addCast()
	s.addFootage()
	v := s.viewer()
	held := func(from time.Time) {
		t.Helper()
		v.json("POST", prefix+"/holds", HoldAsked{"hall", span{moment{from}, moment{from.Add(time.Hour)}}, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}}, nil)
	}
	b := s.tab()
	b.as(s.session(t, "head", "sl"))

	b.visit("/retention")
	b.until("document.querySelectorAll('#holds tbody tr').length === 1")
	b.until(live)
	held(noon.Add(-3 * time.Hour))
	b.until("document.querySelectorAll('#holds tbody tr').length === 2")
	b.click("#hold-new")
	b.until("document.querySelector('dialog[open]')")
	held(noon.Add(-6 * time.Hour))
	b.waits("while a question is open", 2)
	b.keys("\x1b")
	b.until("!document.querySelector('dialog[open]') && document.querySelectorAll('#holds tbody tr').length === 3")
	letGo := b.down("h1") // nothing is made anew under what is pressed
	held(noon.Add(-7 * time.Hour))
	b.waits("while something is pressed", 3)
	letGo()
	b.until("document.querySelectorAll('#holds tbody tr').length === 4")

	b.visit("/notices")
	b.until("document.querySelectorAll('#versions article').length > 0")
	b.until(live)
	before := js[int](b, "document.querySelectorAll('#versions article').length")
	var asked AskedNotice
	must(t, json.Unmarshal(requests(t)["addNotice"].Body, &asked))
	asked.From = moment{noon.AddDate(0, 0, 1)}
	v.json("POST", prefix+"/notices", asked, nil)
	b.until(fmt.Sprintf("document.querySelectorAll('#versions article').length > %d", before))

	b.visit("/diary")
	b.reads("control", "zadeva 12/2026")
	b.until(live)
	held(noon.Add(-9 * time.Hour))
	b.until("!document.querySelector('#newer').hidden")
	b.says("#newer", "Odtlej ima dnevnik", "")
	letGo = b.down("#newer button")
	told := js[string](b, "document.querySelector('#newer').textContent")
	held(noon.Add(-12 * time.Hour))
	b.until(fmt.Sprintf("document.querySelector('#newer').textContent !== %q", told))
	letGo()
	b.until("document.querySelector('#newer').hidden && document.querySelector('#list tbody').textContent.includes('zadržanje')")

	js[bool](b, `(() => { // what is asked for reaches the appliance late, which is asked meanwhile how far it is
		const asks = fetch;
		window.looks = 0;
		window.fetch = async (at, init) => {
			if (String(at).endsWith('/diary/verification') && init.method === 'POST') await new Promise((go) => { window.go = go; });
			else if (String(at).endsWith('/diary/verification')) looks++;
			return asks(at, init);
		};
		return true;
	})()`)
	b.click("#look") // goes on when the page is left, and is found again
	b.until("window.go && looks > 2 && document.querySelector('#look').disabled")
	js[bool](b, "(go(), true)")
	b.until("document.querySelector('#look-state progress')?.value === 7")
	b.visit("/persons")
	b.until("document.querySelectorAll('#list tbody tr').length > 0")
	b.until(live)
	rows := js[int](b, "document.querySelectorAll('#list tbody tr').length")
	s.visitor(t, s.head(t), "vratar", s.granted(people.Caretaker))
	b.until(fmt.Sprintf("document.querySelectorAll('#list tbody tr').length > %d", rows))
	b.visit("/diary")
	b.until("document.querySelector('#look-state progress')?.value === 7 && document.querySelector('#look').disabled")
	close(looks)
	b.until("document.querySelector('#look-state .note.good')")
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// waits tries that something newer than so many rows of what is held was told of, and that these are shown all the same.
func (b *tab) waits(when string, want int) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector('#holds').dataset.waits === '' || document.querySelectorAll('#holds tbody tr').length !== %d", want))
	if rows := js[int](b, "document.querySelectorAll('#holds tbody tr').length"); rows != want {
		b.t.Errorf("%s, %d rows are shown, want %d", when, rows, want)
	}
}

// stopsAnswers lets the answers to a path wait until go() is called; what has asked is in window.go.
func (b *tab) stopsAnswers(end string) {
	b.t.Helper()
	js[bool](b, `(() => {
		const asks = fetch;
		window.fetch = async (at, ...rest) => {
			const said = await asks(at, ...rest);
			if (String(at).endsWith('`+end+`')) await new Promise((done) => { window.go = () => { window.go = undefined; done(); }; });
			return said;
		};
		return true;
	})()`)
}

// What is asked for before something is pressed, or before the keyboard stands somewhere, and answered after that, takes away neither what is
// pressed nor where the keyboard stands: what was begun is done. It is shown when that is over. What can't be had leaves what is shown.
func TestLateAnswersInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.Site.pulse.each = 50 * time.Millisecond
	s.addCast()
	s.addFootage()
	v := s.viewer()
	hours := 2
	held := func() {
		t.Helper()
		hours++
		from := noon.Add(-time.Duration(hours) * time.Hour)
		v.json("POST", prefix+"/holds", HoldAsked{"hall", span{moment{from}, moment{from.Add(time.Hour)}}, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}}, nil)
	}
	const rows = "document.querySelectorAll('#holds tbody tr').length"
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/retention")
	b.until(rows + " === 1 && " + live)
	b.stopsAnswers("/holds")

	held()
	b.until("window.go") // it has asked, and the answer is on its way
	letGo := b.down("#holds tbody button")
	js[bool](b, "(go(), true)")
	b.waits("under what is pressed", 1)
	letGo()
	b.until("document.querySelector('dialog[open]')")
	b.keys("\x1b")
	b.until("!document.querySelector('dialog[open]')")
	js[bool](b, "(document.querySelector('#hold-new').focus(), true)") // from where the table may be made anew
	b.until("window.go && !document.querySelector('#holds :focus')")
	js[bool](b, "(go(), true)")
	b.until(rows + " === 2")

	held()
	b.until("window.go")
	b.goes("Končaj", "")
	js[bool](b, "(go(), true)")
	b.waits("under the keyboard", 2)
	b.keys("\r")
	b.until("document.querySelector('dialog[open]')")
	b.keys("\x1b")
	js[bool](b, "(document.querySelector('#hold-new').focus(), true)")
	b.until("window.go")
	js[bool](b, "(go(), true)")
	b.until(rows + " === 3")

	js[bool](b, "(() => { const asks = fetch; window.fetch = (at, ...rest) => (String(at).endsWith('/holds') ? Promise.reject(new TypeError('unreachable')) : asks(at, ...rest)); return true; })()")
	held()
	b.until("document.querySelector('#toasts .toast.bad')")
	b.says("#toasts .toast.bad", "Naprava se ne odziva", "")
	if shown := js[int](b, rows); shown != 3 {
		t.Errorf("after an update that could not be had, %d rows are shown, want the 3 of before", shown)
	}
}

// An answer that breaks off is a Problem that says so, and one that is given up is an AbortError: neither is an answer with nothing in it.
func TestCutOffInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	b := s.tab()
	b.visit("/login?language=sl")
	js[bool](b, `(() => {
		window.fetch = async (at, { signal }) => {
			const body = new ReadableStream({ start(body) {
				body.enqueue(new TextEncoder().encode('{"probl'));
				if (!signal) body.error(new TypeError('network error'));
			} });
			const said = new Response(body, { headers: { 'Content-Type': 'application/json' } });
			if (signal) said.json = () => new Promise((_, reject) => { signal.onabort = () => reject(signal.reason); window.giveUp(); });
			return said;
		};
		return true;
	})()`)
	const told = ".then((v) => 'it gives ' + JSON.stringify(v), (e) => e.constructor.name + ' ' + e.name + ': ' + (e.said ?? ''))"
	for _, tt := range []struct{ script, want string }{
		{"m.get('/status')" + told, "Problem Error: Prenos je bil prekinjen"},
		{"m.askFile('GET', '/status')" + told, "Problem Error: Prenos je bil prekinjen"},
		{"((given) => { window.giveUp = () => given.abort(); return m.get('/status', {}, { signal: given.signal })" + told + "; })(new AbortController())", "DOMException AbortError: "},
	} {
		if got := module[string](b, "api", tt.script); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.script, got, tt.want)
		}
	}
}

// down presses the mouse on something; what it gives lets it go.
func (b *tab) down(what string) (letGo func()) {
	b.t.Helper()
	at := js[[2]float64](b, "(() => { const e = document.querySelector('"+what+"'); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
	b.mouse(input.DispatchMouseEventTypeMousePressed, at[0], at[1], 0)
	return func() { b.mouse(input.DispatchMouseEventTypeMouseReleased, at[0], at[1], 0) }
}
