package web

import (
	"fmt"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest/outside"
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

// Footage of a camera that is configured no more is shown under its id, and a link to a camera that there is not to no other one.
// Of what somebody may not see he is told that, and not that it is not there.
func TestReachInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t, func(o *Options) {
		all := o.Cameras()
		o.Cameras = func() []Camera { return all[:1] }
		o.Gone = func() []Camera { return []Camera{{"yard", "yard", []string{"main"}}} }
	})
	s.addCast()
	s.addFootage()
	s.indexed("yard", noon.Add(-72*time.Hour), noon.Add(-24*time.Hour), true)
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/footage#camera=yard&day=2026-11-19")
	b.until("document.querySelectorAll('.timeline-name').length === 2")
	b.says("a.camera[aria-current=true]", "yard (ni več v nastavitvah)", "")
	b.says("#day p", "Posneto 24 h 0 min.", "")
	b.visit("/footage#camera=cellar&day=2026-11-19")
	b.until("document.querySelector('#calendar .empty') && document.querySelector('#day').hidden && !document.querySelector('a.camera[aria-current=true]')")
	b.says("#calendar", "Te kamere ni.", "")
	b.visit("/footage#camera=hall&day=2026-02-31")
	b.until("document.querySelector('.calendar') && document.querySelector('#day').hidden")
	for _, page := range []string{"/find", "/seen"} {
		b.visit(page + "#camera=cellar&from=2026-11-19T08:00:00Z&to=2026-11-19T09:00:00Z")
		b.until("document.querySelector('#range-from-day')")
		if got := js[string](b, "[...document.querySelectorAll('#camera option')].map((o) => (o.selected ? '*' : '') + o.textContent).join()"); got != "*Izberite kamero,Avla,yard (ni več v nastavitvah)" {
			t.Errorf("%s offers %s", page, got)
		}
	}

	// Of the two hours of the night in October the one that was marked is meant, until the fields say another time.
	b.visit("/find#camera=hall&from=2026-10-25T01:10:00Z&to=2026-10-25T01:20:00Z")
	b.until("document.querySelector('#range-from-day')")
	b.says(".span-fields .help", "v časovnem pasu CET.", "")
	read := "JSON.stringify(m.readSpan('range'))"
	if got := module[string](b, "spanform", read); got != `{"from":"2026-10-25T01:10:00.000Z","to":"2026-10-25T01:20:00.000Z"}` {
		t.Errorf("the fields say %s", got)
	}
	b.types("range-from-time", "02:11:00")
	b.says(".span-fields .help", "v časovnem pasu CEST / CET.", "")
	if got := module[string](b, "spanform", read); got != `{"from":"2026-10-25T00:11:00.000Z","to":"2026-10-25T01:20:00.000Z"}` {
		t.Errorf("typed, the fields say %s", got)
	}

	for back, want := range map[int64]string{0: "ne zajema ogleda posnetkov", 15: "zajema le zadnjih 15 minut posnetkov"} {
		g := s.granted(people.Guard)
		g.Back = back
		b.as(s.visitor(t, s.head(t), fmt.Sprint("straza", back), g).cookie)
		b.visit("/footage#camera=hall&day=2026-11-20")
		b.until("document.querySelector('.timeline-body')?.getAttribute('aria-valuetext')")
		b.says("#calendar", want, "")
		b.says("#day-head", want, "")
		b.says(".timeline-told", "zunaj vašega pooblastila", "")
		b.visit("/find#camera=hall&from=2026-11-20T08:00:00Z&to=2026-11-20T09:00:00Z")
		b.until("document.querySelector('#range-from-day')")
		b.click("#range button[type=submit]")
		b.until("!document.querySelector('.form-error').hidden")
		b.says(".form-error", want, "")
	}
	if wrong, _ := b.take(); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
}
