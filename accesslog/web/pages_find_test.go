package web

import (
	"fmt"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// findLooks are those at the search for a change, and at who has seen something.
var findLooks = map[string]visit{
	"findPage": {who: "caretaker", path: "/find", do: func(b *tab) { b.until("document.querySelector('#range-from-day')") }},
	"findPage nothing": {who: "caretaker", path: "/find#camera=hall&from=2026-11-01T10:00:00Z&to=2026-11-01T11:00:00Z", do: func(b *tab) {
		b.until("document.querySelector('#range-from-day')")
		b.click("#range button[type=submit]")
		b.until("!document.querySelector('.form-error').hidden")
		b.says(".form-error", "ni posnetkov", "no footage")
	}},
	"findPage order": {who: "caretaker", path: "/find", do: func(b *tab) {
		b.until("document.querySelector('#range-from-day')")
		b.enter("#range", "from-day", "2026-11-21", "from-time", "12:00:00", "to-day", "2026-11-21", "to-time", "11:00:00")
		b.until("document.activeElement.id === 'range-to-time' && document.querySelectorAll('.field-error').length === 1")
	}},
	"findPage search": {who: "head", path: filmed, do: func(b *tab) {
		b.search()
		b.says(".search-line", "zadnjo sliko", "last picture without")
		b.says(".more summary", "3 deli", "3 parts")
		b.click(".frame:nth-child(4)")
		b.until("document.querySelector('.frame:nth-child(4)[aria-pressed=true] .frame-mark')")
		b.says(".search-line", "prvo sliko", "first picture with")
	}},
	"findPage found": {who: "head", path: filmed, do: func(b *tab) {
		b.search()
		b.halve()
		b.click(".back")
		b.until("document.querySelectorAll('.frame').length > 2 && " + allThere)
		b.halve()
	}},
	"findPage playing": {who: "head", path: filmed, do: func(b *tab) {
		b.search()
		b.halve()
		b.click(".result + .actions button.main")
		b.until("document.querySelector('.result-player video')?.currentTime > 0.1")
		b.says(".result-player .clock", "CEST", "CEST")
		js[string](b, "document.querySelector('.result-player video').pause() ?? ''")
	}},
	"findPage secure": {who: "head", path: filmed, do: func(b *tab) {
		b.search()
		module[bool](b, "secure", "(m.secure({camera: {id: 'hall', name: 'Avla'}, from: new Date('2026-11-21T11:00:00Z'), to: new Date('2026-11-21T11:01:00Z')}), true)")
		b.until("document.activeElement.id === 'secure-basis'")
	}},
	"seenPage": {who: "auditor", path: "/seen", do: func(b *tab) { b.until("document.querySelector('#range-from-day')") }},
	"seenPage nobody": {who: "auditor", path: "/seen#camera=yard&from=2026-11-01T10:00:00Z&to=2026-11-01T11:00:00Z", do: func(b *tab) {
		b.until("document.querySelector('#range-from-day')")
		b.enter("#range", "reason", "zahteva po členu 15")
		b.until("document.querySelector('#uses .empty')")
	}},
	"seenPage uses": {who: "auditor", path: "/seen#camera=yard&from=2026-09-10T10:00:00Z&to=2026-09-10T10:10:00Z", do: func(b *tab) {
		b.until("document.querySelector('#range-from-day')")
		b.enter("#range", "reason", "zahteva po členu 15, št. 0701-3/2026")
		b.until("document.querySelectorAll('#uses tbody tr').length >= 4")
		b.says("#uses", "prijavljeno", "reported")
	}},
}

// filmed asks for what [stage.addFilm] has recorded.
const filmed = "/find#camera=yard&from=2026-09-10T09:59:00Z&to=2026-09-10T10:04:00Z"

// allThere says that no picture is still to come.
const allThere = `[...document.querySelectorAll('.frame')].every((f) => f.getAttribute('aria-disabled') === 'false')`

// search begins one, and waits for its first pictures.
func (b *tab) search() {
	b.t.Helper()
	b.asks()
	b.until("document.querySelectorAll('.frame').length === 16 && " + allThere)
}

// asks asks for what the address says, and states a purpose.
func (b *tab) asks() {
	b.t.Helper()
	b.until("document.querySelector('#range-from-day')")
	b.click("#range button[type=submit]")
	b.until("document.querySelector('dialog[open] input[name=purpose]')")
	b.click("dialog input[name=purpose]")
	b.click("dialog button[type=submit]")
}

// halved says that what comes after two marks is there: other pictures, or the two that are left.
const halved = `document.querySelector('.result') !== null || document.querySelector('.frame[aria-pressed=true]') === null && ` + allThere

// halve goes on between the first two pictures until there is nothing between them.
func (b *tab) halve() {
	b.t.Helper()
	for js[bool](b, "document.querySelector('.result') === null") {
		b.click(".frame:nth-child(1)")
		b.click(".frame:nth-child(2)")
		b.until(halved)
	}
}

// addFilm lets there be footage of the yard that can be seen, in two pieces, and uses of it.
func (s *stage) addFilm() {
	s.t.Helper()
	at := time.Date(2026, 9, 10, 10, 0, 0, 0, time.UTC)
	for i, length := range []int{4, 2} {
		s.record(s.t, reel{Camera: "yard", Stream: "main", Film: load(s.t, clips.Hall, length), Start: at.Add(time.Duration(2*i) * time.Minute), Segment: 20 * time.Second})
	}
	must(s.t, s.index.AddGap(footage.Gap{Camera: "yard", Stream: "main", Gap: segment.Gap{From: at.Add(80 * time.Second), To: at.Add(2 * time.Minute), Cause: "unreachable"}}))
	v := s.viewer()
	o := v.open(asks("yard", at, time.Minute))
	for _, second := range []int{5, 31, 47} {
		v.get(fmt.Sprintf("%s/frame?at=2026-09-10T10:00:%02dZ", stream(o, "yard"), second))
	}
	v.json("POST", prefix+"/viewings/"+o.ID+"/end", endedViewing{accesslog.Reported}, nil)
	v.refused("POST", prefix+"/viewings", askedViewing{Purpose: "marketing", place: asks("yard", at, time.Minute).place})
	v.json("POST", prefix+"/cameras/yard/holds", SecureAsked{span{moment{at}, moment{at.Add(time.Minute)}}, "razbito okno", "Vir sporočila: policijska postaja"}, nil)
	v.json("POST", prefix+"/holds", HoldAsked{"*", span{moment{at}, moment{at.Add(time.Hour)}}, Settled{Kind: hold.Order, Basis: "odredba sodišča", Case: "I K 5/2026", Review: day{noon.AddDate(0, 1, 0)}}}, nil)
}
