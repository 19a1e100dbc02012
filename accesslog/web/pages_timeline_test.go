package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// The timeline of a day, in a real browser.
func TestTimelineInBrowser(t *testing.T) {
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	b := s.tab()
	b.look(widths[2], "light")
	b.as(s.session(t, "head", "sl"))
	b.visit("/footage#camera=hall&day=2026-11-20")
	for _, part := range []struct {
		name string
		f    func(*testing.T, *tab)
	}{{"scale", scaleIsRight}, {"crowd", crowdIsNoBurden}, {"pointing", pointingMoves}} {
		t.Run(part.name, func(t *testing.T) {
			b.of(t)
			part.f(t, b)
			wrong, _ := b.take()
			for _, w := range wrong {
				t.Error(w)
			}
		})
	}
}

// The scale of the timeline is right from a whole day to a minute, in the nights in which the clock is changed too: the
// hour that comes twice is drawn twice, and both say which they are.
func scaleIsRight(t *testing.T, b *tab) {
	const day = `const whole = (d) => m.wholeOf(d), names = (v, d, px) => m.marks(v, d, px).map((x) => x.name + (x.change && ' ' + x.change)).join(' ');`
	for _, tt := range []struct{ script, want string }{
		{`names(whole('2026-11-21'), '2026-11-21', 1200)`, "00:00 01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 18:00 19:00 20:00 21:00 22:00 23:00"},
		{`names(whole('2026-11-21'), '2026-11-21', 320)`, "00:00 04:00 08:00 12:00 16:00 20:00"},
		{`names(whole('2026-10-25'), '2026-10-25', 1400)`, "00:00 01:00 02:00 02:00 CET 03:00 04:00 05:00 06:00 07:00 08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 18:00 19:00 20:00 21:00 22:00 23:00"},
		{`names(whole('2026-10-25'), '2026-10-25', 400)`, "00:00 02:00 CET 06:00 09:00 12:00 15:00 18:00 21:00"},
		{`names(whole('2026-03-29'), '2026-03-29', 1200)`, "00:00 01:00 03:00 CEST 04:00 05:00 06:00 07:00 08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 18:00 19:00 20:00 21:00 22:00 23:00"},
		{`m.length(whole('2026-10-25')) / 3600e3 + ' ' + m.length(whole('2026-03-29')) / 3600e3`, "25 23"},
		{`names(m.around(Date.parse('2026-10-25T01:00:00Z'), 1800e3, whole('2026-10-25')), '2026-10-25', 400)`, "02:45 02:50 02:55 02:00 CET 02:05 02:10 02:15"},
		{`names(m.around(Date.parse('2026-11-21T12:00:30Z'), 1, whole('2026-11-21')), '2026-11-21', 500)`, "13:00:00 13:00:10 13:00:20 13:00:30 13:00:40 13:00:50 13:01:00"},
		{`(() => { let v = whole('2026-11-21'); for (let i = 0; i < 40; i++) v = m.zoomed(v, whole('2026-11-21'), 0.5, v.from); return m.length(v) + ' ' + (v.from === whole('2026-11-21').from) })()`, "60000 true"},
		{`(() => { const w = whole('2026-11-21'), at = w.from + 5 * 3600e3, v = m.zoomed(w, w, 0.25, at); return m.placeOf(v, at) === m.placeOf(w, at) })()`, "true"},
		{`(() => { const w = whole('2026-11-21'); return m.zoomed(m.around(w.to, 3600e3, w), w, 100, w.to).to === w.to && m.shifted(m.around(w.from, 3600e3, w), w, -1e9).from === w.from })()`, "true"},
		{`m.strokes([{from: 0, to: 10}, {from: 90, to: 91}, {from: 200, to: 300}], {from: 0, to: 100}, 50, 3).map(({x, w}) => x + '+' + w).join(' ')`, "0+5 45+3"},
		{`m.nextRecorded({recorded: [{from: 10, to: 20}, {from: 30, to: 40}]}, 25) + ' ' + m.nextRecorded({recorded: [{from: 10, to: 20}]}, 15) + ' ' + m.nextRecorded({recorded: [{from: 10, to: 20}]}, 20)`, "30 15 undefined"},
		{`m.border({recorded: [{from: 1000, to: 2000}], gaps: []}, 0, 1) + ' ' + m.border({recorded: [{from: 1000, to: 2000}], gaps: []}, 1000, 1) + ' ' + m.border({recorded: [], gaps: []}, 0, -1)`, "1000 2000 undefined"},
	} {
		if got := module[string](b, "scale", fmt.Sprintf("(() => { %s return String(%s); })()", day, tt.script)); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.script, got, tt.want)
		}
	}
}

// longest does steps several times, and gives the longest task of each as the browser's own observer has it, in ms: 0 for
// one under 50 ms. What other programs of the machine take is not the page's: the best go of each step counts.
const longest = `(async () => {
	const tasks = [];
	const watcher = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
	watcher.observe({entryTypes: ['longtask']});
	const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
	%s
	const best = steps.map(() => Infinity);
	for (let go = 0; go < 4; go++) {
		for (const [i, step] of steps.entries()) {
			const begin = performance.now();
			step();
			await frame();
			await frame();
			const end = performance.now();
			tasks.push(...watcher.takeRecords());
			best[i] = Math.min(best[i], Math.max(0, ...tasks.filter((e) => e.startTime + e.duration > begin && e.startTime < end).map((e) => e.duration)));
		}
	}
	watcher.disconnect();
	return best;
})()`

// crowd are the rows of 16 cameras with 200 gaps each, on a day.
const crowd = `const day = '2026-11-20', begin = new Date(2026, 10, 20).getTime(), part = 24 * 3600e3 / 200;
	const rows = Array.from({length: 16}, (_, c) => ({camera: 'c' + c, name: 'Kamera ' + c, marks: [{kind: 'hold', from: begin, to: begin + 9e6}, {kind: 'restriction', from: begin + 8e6, to: begin + 2e7}],
		recorded: Array.from({length: 200}, (_, i) => ({from: new Date(begin + i * part), to: new Date(begin + (i + 0.9) * part)})),
		gaps: Array.from({length: 200}, (_, i) => ({from: new Date(begin + (i + 0.9) * part), to: new Date(begin + (i + 1) * part), cause: 'unreachable'}))}));`

// A day of 16 cameras with 200 gaps each is drawn, zoomed and moved along without holding the browser up.
func crowdIsNoBurden(t *testing.T, b *tab) {
	took := js[[]float64](b, fmt.Sprintf(longest, crowd+`
		const {Timeline} = await import(document.querySelector('script[src$="/page.js"]').src.replace('page.js', 'timeline.js'));
		const place = document.createElement('div');
		document.getElementById('day').append(place);
		const line = new Timeline(place, {pick() {}, scrub() {}});
		const press = (key) => line.slider.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
		const steps = [() => line.show(day, rows, 0), ...Array.from({length: 6}, () => () => press('+')), () => press('n'), () => press('ArrowRight'), () => press('-'), () => press('0'), () => press('ArrowDown'), () => line.play(begin + 9e6), () => line.play(begin + 9.1e6), () => press('End'),
			() => { globalThis.crowded = line.told.textContent; }, () => { for (const end = performance.now() + 150; performance.now() < end;); }];`))
	last := len(took) - 1
	if took[last] < 140 && figures {
		t.Errorf("a task of 150 ms is seen as one of %v", took[last])
	}
	for i, ms := range took[:last] {
		if ms > 100 && figures {
			t.Errorf("step %d takes a task of %v ms", i, ms)
		}
	}
	if said := js[string](b, "crowded"); !strings.Contains(said, "Kamera 1: ") {
		t.Errorf("it is told %q", said)
	}
	t.Logf("the longest task of each step: %v ms", took)
}

// mouse moves, presses or lets go of the mouse at a place of the window; wheel is by how much it turns.
func (b *tab) mouse(kind input.DispatchMouseEventType, x, y, wheel float64) {
	b.t.Helper()
	p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, DeltaY: wheel}
	if kind == input.DispatchMouseEventTypeMouseWheel {
		p.DeltaX = 0.01 // the browser insists on one
	} else {
		p.Button, p.Buttons, p.ClickCount = input.MouseButtonLeft, 1, 1
	}
	command(b, input.DispatchMouseEvent, p)
}

// A gap says its cause to whoever points at it, and to whoever goes there by keys; the wheel and two fingers zoom, one moves
// along, and neither opens anything.
func pointingMoves(t *testing.T, b *tab) {
	const told = "document.querySelector('.timeline-told').textContent"
	b.until(told + ".includes('00:00:00 CET · Avla: posneto')")
	box := b.bodyOf()
	at := func(hour float64) float64 { return box[0] + box[2]*hour/24 }
	command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: at(10.25), Y: box[1] + 60})
	b.until(told + ".includes('Avla: izpad od 10:00:00 CET, dolg 30:00: kamera se ne odziva')")
	command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: at(14.5), Y: box[1] + 60})
	b.until(told + ".includes('Avla: posneto, zadržano')")
	b.focuses()
	b.keys("n")
	b.until("document.querySelector('.timeline-body').getAttribute('aria-valuetext').startsWith('10:00:00 CET · Avla: izpad')")
	if got := js[string](b, "document.querySelector('.timeline-body').getAttribute('aria-valuenow')"); got != "36000" {
		t.Errorf("the slider stands at %s s", got)
	}

	shot := func() string {
		return js[string](b, "(async () => { for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done)); return document.querySelector('.timeline-canvas').toDataURL() })()")
	}
	seen := map[string]bool{shot(): true}
	fresh := func(what string) {
		t.Helper()
		if one := shot(); seen[one] {
			t.Errorf("%s changes nothing", what)
		} else {
			seen[one] = true
		}
	}
	for range 6 {
		b.mouse(input.DispatchMouseEventTypeMouseWheel, at(10.25), box[1]+60, -120)
	}
	fresh("the wheel")
	b.mouse(input.DispatchMouseEventTypeMousePressed, at(12), box[1]+60, 0)
	b.mouse(input.DispatchMouseEventTypeMouseMoved, at(10), box[1]+60, 0)
	b.mouse(input.DispatchMouseEventTypeMouseReleased, at(10), box[1]+60, 0)
	fresh("drawing along")
	touch := func(kind input.DispatchTouchEventType, hours ...float64) {
		points := []*input.TouchPoint{}
		for i, hour := range hours {
			id := float64(i)
			points = append(points, &input.TouchPoint{X: at(hour), Y: box[1] + 60, ID: &id})
		}
		command(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
	}
	touch(input.DispatchTouchEventTypeTouchStart, 8, 12)
	touch(input.DispatchTouchEventTypeTouchMove, 5, 15)
	touch(input.DispatchTouchEventTypeTouchMove, 4, 16)
	touch(input.DispatchTouchEventTypeTouchEnd)
	fresh("two fingers")
	if js[bool](b, "document.querySelector('dialog') !== null") {
		t.Error("what moves the timeline opens a viewing")
	}
}
