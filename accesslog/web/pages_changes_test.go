package web

import (
	"context"
	"encoding/json"
	"fmt"
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
	if rows := js[int](b, "new Promise((done) => setTimeout(() => done(document.querySelectorAll('#holds tbody tr').length), 300))"); rows != 2 {
		t.Errorf("while a question is open, %d rows are shown", rows)
	}
	b.keys("\x1b")
	b.until("!document.querySelector('dialog[open]') && document.querySelectorAll('#holds tbody tr').length === 3")
	letGo := b.down("h1") // nothing is made anew under what is pressed
	held(noon.Add(-7 * time.Hour))
	if rows := js[int](b, "new Promise((done) => setTimeout(() => done(document.querySelectorAll('#holds tbody tr').length), 300))"); rows != 3 {
		t.Errorf("while something is pressed, %d rows are shown", rows)
	}
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

	b.click("#look") // goes on when the page is left, and is found again
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

// down presses the mouse on something; what it gives lets it go.
func (b *tab) down(what string) (letGo func()) {
	b.t.Helper()
	at := js[[2]float64](b, "(() => { const e = document.querySelector('"+what+"'); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
	b.mouse(input.DispatchMouseEventTypeMousePressed, at[0], at[1], 0)
	return func() { b.mouse(input.DispatchMouseEventTypeMouseReleased, at[0], at[1], 0) }
}
