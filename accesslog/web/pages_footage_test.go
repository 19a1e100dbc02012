package web

import (
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// footageLooks are those at the footage page.
var footageLooks = map[string]visit{
	"footagePage": {who: "caretaker", path: "/footage", do: func(b *tab) {
		b.until("document.querySelectorAll('a.calendar-day').length > 10 && document.querySelector('.camera-state .tag')")
		b.says(".camera-state", "snema", "recording")
	}},
	"footagePage day": {who: "head", path: "/footage#camera=hall&day=2026-11-20", do: func(b *tab) {
		b.until("document.querySelector('#day table tbody tr')")
		b.says("#day .day-title", "petek, 20. november 2026", "Friday")
		b.says("#day p", "Posneto 23 h 30 min.", "23 h 30 min recorded.")
		b.says("#day p", "1 izpad.", "1 gap.")
		b.says("#day tbody", "kamera se ne odziva", "the camera does not answer")
		b.says("#day tbody", "začasno zadržanje", "secured provisionally")
		b.until("document.querySelector('.timeline-name')")
		b.click(".timeline-buttons button:nth-child(4)")
		b.says("#marked h3", "Označeno: Avla", "Marked: Avla")
	}},
	"footagePage long day": {who: "head", path: "/footage#camera=hall&day=2026-10-25", do: func(b *tab) {
		b.until("document.querySelector('#day table tbody tr')")
		b.says("#day p", "Posneto 25 h 0 min.", "25 h 0 min recorded.")
		b.says("#day p", "CEST / CET", "CEST / CET")
	}},
	"footagePage nothing": {who: "head", path: "/footage#camera=yard", do: func(b *tab) {
		b.until("document.querySelector('.empty')")
	}},
	"footagePage turned": {who: "head", path: "/footage", do: func(b *tab) {
		b.until("document.querySelector('.calendar')")
		b.click(".calendar-head .turn")
		b.until("document.querySelectorAll('a.calendar-day').length === 1")
		b.click("a.calendar-day")
		b.until("location.hash === '#camera=hall&day=2026-10-25' && document.activeElement.id === 'day'")
	}},
	"footagePage bar": {who: "caretaker", path: "/footage", do: func(b *tab) {
		b.until("document.querySelector('.calendar')")
		module[bool](b, "bar", "m.showBar({entry: 128, name: 'Ana Novak', purpose: 'varovanje premoženja', button: 'Končaj vpogled', end: () => m.hideBar()}) && true")
		module[bool](b, "dom", "m.toast('Posnetek je zadržan do 5. decembra 2026.') && m.toast('Naprava se ne odziva. Preverite, ali je vaš računalnik v omrežju, in poskusite znova.', 'bad') && true")
		b.says("#viewing-bar", "Vpogled št. 128", "Viewing no. 128")
	}},
	"footagePage question": {who: "caretaker", path: "/footage", do: func(b *tab) {
		b.until("document.querySelector('.calendar')")
		module[bool](b, "dom", "(m.confirm({title: 'Odstranim osebo?', text: ['Njena pooblastila in seje se končajo.', 'Tega ni mogoče razveljaviti.'], yes: 'Odstrani', danger: true}).then((yes) => { window.said = yes }), true)")
		b.until("document.activeElement.value === 'no'") // whoever presses Enter at once destroys nothing
	}},
	"footagePage none": {who: "guard", path: "/footage", do: func(b *tab) { b.until("document.querySelector('.camera')") }},
}

// addFootage lets the index have footage of the hall of many days, with a gap, and something that is held. No files are behind it.
func (s *stage) addFootage() {
	s.t.Helper()
	local := time.FixedZone("CET", 3600)
	midnight := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, local) }
	s.indexed("hall", time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC), true)
	s.indexed("hall", midnight(2).Add(9*time.Hour), midnight(20).Add(10*time.Hour), true)
	s.indexed("hall", midnight(20).Add(10*time.Hour+30*time.Minute), midnight(21), true)
	s.indexed("hall", midnight(21), noon, false)
	must(s.t, s.index.AddGap(footage.Gap{Camera: "hall", Stream: "main",
		Gap: segment.Gap{From: midnight(20).Add(10 * time.Hour), To: midnight(20).Add(10*time.Hour + 30*time.Minute), Cause: "unreachable"}}))
	head := s.head(s.t)
	head.api("POST", "/cameras/hall/holds", SecureAsked{span{moment{midnight(20).Add(14 * time.Hour)}, moment{midnight(20).Add(15 * time.Hour)}}, "razbito okno", ""}, nil)
}

// indexed lets the index have footage of a camera without a gap, in segments of at most an hour; sealed or not at its end.
func (s *stage) indexed(camera string, from, to time.Time, sealed bool) {
	s.t.Helper()
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		end := at.Add(time.Hour)
		if end.After(to) {
			end = to
		}
		g := footage.NewSegment(segment.Header{ID: keyring.NewID(at), Camera: camera, Stream: "main", Start: at, Clock: segment.Synchronised})
		g.Store = s.store.ID
		must(s.t, s.index.Begin(g))
		if end.Equal(to) && !sealed {
			return
		}
		g.Sealed, g.End, g.Bytes, g.Records = true, end, 1<<20, 600
		must(s.t, s.index.Sealed(g))
	}
}
