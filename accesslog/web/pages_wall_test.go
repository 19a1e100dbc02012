package web

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
	"github.com/mattn/go-sqlite3"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/footage"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// moreCameras lets there be more cameras.
func moreCameras(more ...Camera) func(*Options) {
	return func(o *Options) {
		all := append(o.Cameras(), more...)
		o.Cameras = func() []Camera { return all }
		o.Notices.Known = func(id string) bool { return slices.ContainsFunc(all, func(c Camera) bool { return c.ID == id }) }
	}
}

// noticed lets a notice for cameras be in force that allows no live pictures: since long ago where there was none, else from now on.
func (s *stage) noticed(cameras ...string) {
	s.t.Helper()
	both := notice.Text{Sl: "besedilo", En: "text"}
	a := notice.Asked{Content: notice.Content{
		Controller: notice.Party{Name: "Šola", Address: "Cesta 1", Phone: "01 234 56 78"}, Officer: notice.Officer{None: true}, Area: both,
		Purposes:   []notice.Purpose{{ID: "property", Sl: "varovanje premoženja", En: "protection of property", Basis: "ZVOP-2, 77. člen"}},
		Recipients: both, Kept: both, Effects: both},
		Cameras: cameras, From: s.clock(), By: proof.Actor{Name: "Vida Ravnik", Proof: "console"}}
	if !slices.Contains(cameras, "yard") {
		a.From, a.Stated = noon.AddDate(-1, 0, 0), "the caretaker, who put it up"
	}
	_, err := s.o.Notices.Add(s.t.Context(), a)
	must(s.t, err)
}

// wall are 16 cameras of which four have a film of the same minute. One of them has 200 gaps on that morning, the others ten.
func wall(t *testing.T) *stage {
	t.Helper()
	var more []Camera
	var ids []string
	for i := 3; i <= 16; i++ {
		ids = append(ids, fmt.Sprintf("c%d", i))
		more = append(more, Camera{ids[len(ids)-1], fmt.Sprintf("Kamera %d", i), []string{"main"}})
	}
	s := newStage(t, moreCameras(more...))
	s.addCast()
	s.noticed(ids...)
	begin := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
	for at, camera := range s.o.Cameras() {
		gaps := 10
		if at == 0 {
			gaps = 200
		}
		part := dawn.Add(-time.Minute).Sub(begin) / time.Duration(gaps)
		for i := range gaps {
			from := begin.Add(time.Duration(i) * part)
			s.indexed(camera.ID, from, from.Add(part*4/5), true)
			must(t, s.index.AddGap(footage.Gap{Camera: camera.ID, Stream: "main", Gap: segment.Gap{From: from.Add(part * 4 / 5), To: from.Add(part), Cause: "unreachable"}}))
		}
	}
	for i, camera := range []string{"hall", "yard", "c3", "c4"} {
		s.record(t, reel{Camera: camera, Stream: "main", Film: load(t, clips.Entrance, 6), Start: dawn.Add(-time.Duration(7*i) * time.Second), Segment: 20 * time.Second})
	}
	return s
}

// adds lets the player show a further camera, and waits for all of them to play.
func (b *tab) adds(camera string, count int) {
	b.t.Helper()
	js[bool](b, fmt.Sprintf("(() => { const more = document.getElementById('more'); more.value = %q; more.dispatchEvent(new Event('change')); return true })()", camera))
	b.until(fmt.Sprintf("document.querySelectorAll('.screen video').length === %d && [...document.querySelectorAll('.screen video')].every((v) => v.currentTime > 0.2 && !v.paused)", count))
}

// watchTasks counts what holds the browser up from the beginning of each page on; takeTask gives the longest task since the
// last time in ms, 0 for one under 50.
const (
	watchTasks = `globalThis.tasks = []; globalThis.watcher = new PerformanceObserver((list) => tasks.push(...list.getEntries())); watcher.observe({type: 'longtask', buffered: true});`
	takeTask   = `(tasks.push(...watcher.takeRecords()), Math.max(0, ...tasks.splice(0).map((e) => e.duration)))`
)

// figures lets what a machine takes be held to its bounds: on one that does much else it says nothing.
var figures = os.Getenv("VARUH_FIGURES") != ""

// Four of 16 cameras, on a day of 200 gaps and more, go in step: they show what was taken at the same moment, exactly while they stand, and
// a frame apart at most while they play. Neither showing such a day, nor zooming and playing at once, holds the browser up. All
// speeds are what they say, the curve is what the API says, nothing of it is on paper, and without a diary no picture stays.
func TestWallInBrowser(t *testing.T) {
	outside.NeedsFFmpeg(t)
	outside.Needs(t, "chromium", "chromium", "--version")
	s := wall(t)
	numbers := browsertest.NumbersOf(t, clips.Entrance)
	b := s.tab()
	b.Before(watchTasks)
	b.look(widths[2], "light")
	cookie := s.session(t, "head", "sl")
	b.as(cookie)
	b.showsQuietly()
	b.playsFilm()
	for i, camera := range []string{"yard", "c3", "c4"} {
		b.adds(camera, i+2)
	}
	if !js[bool](b, "document.getElementById('more').hidden") {
		t.Error("a fifth camera is offered")
	}
	b.inSteps(numbers)
	b.playsQuietly()
	b.curves(s, cookie)
	b.fillsScreen()
	b.speeds()
	b.inspect("player-wall-sl")
	b.printsNothing()
	s.withoutDiary(b, cookie)
	b.ended("reported")
	wrong, _ := b.take()
	for _, w := range wrong {
		if !strings.Contains(w, "status of 503") {
			t.Error(w)
		}
	}

	b.as(s.session(t, "head", "en"))
	b.playsInEnglish()
	b.ended("secured")
	for i, e := range s.entries("view.end") {
		if e.Result != []string{"reported", "secured"}[i] {
			t.Errorf("the diary has %+v", e)
		}
	}
}

// showsQuietly shows a day of all cameras. What other programs of the machine take is not the page's: the best go counts.
func (b *tab) showsQuietly() {
	b.t.Helper()
	quiet := math.Inf(1)
	for range 4 {
		b.visit("/footage#camera=hall&day=2026-11-21")
		b.until("document.querySelectorAll('.timeline-name').length === 16")
		quiet = min(quiet, js[float64](b, "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done("+takeTask+"))))"))
		if quiet <= 100 || !figures {
			break
		}
	}
	if quiet > 100 && figures {
		b.t.Errorf("showing the day takes a task of %v ms", quiet)
	}
}

// playsFilm goes to the beginning of the film, states a purpose, and waits for it to play.
func (b *tab) playsFilm() {
	b.t.Helper()
	b.focuses()
	b.keys(kb.End)
	b.keys("pp\r")
	b.until("document.querySelector('dialog.purpose input[value=property]')")
	b.click("dialog.purpose input[value=property]")
	b.click("dialog.purpose [type=submit]")
	b.until("document.querySelector('.screen video')?.currentTime > 0.2")
}

// printsNothing looks at the page as a printer does.
func (b *tab) printsNothing() {
	b.t.Helper()
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if js[bool](b, "[...document.querySelectorAll('.picture')].some((e) => e.getClientRects().length > 0)") {
		b.t.Error("footage is printed")
	}
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: ""})
}

// withoutDiary goes on to other footage while the diary takes no entry, which leaves no picture, and again when it does.
func (s *stage) withoutDiary(b *tab, cookie string) {
	s.t.Helper()
	s.hooked(func(func() (diary.Receipt, error)) (diary.Receipt, error) {
		return diary.Receipt{}, sqlite3.Error{Code: sqlite3.ErrFull}
	})
	s.sharing(cookie).refused("POST", prefix+"/viewings", asks("hall", dawn, time.Minute)) // from now on no entry of before counts
	js[bool](b, "(document.getElementById('go-time').value = '12:01:50', true)")
	b.click(".go button[type=submit]")
	b.until("document.querySelector('.player-trouble:not([hidden])')")
	b.says(".player-trouble", "Dnevnika ni mogoče zapisati, zato posnetkov ni na vpogled", "")
	b.until("[...document.querySelectorAll('.screen')].every((e) => e.querySelector('video').readyState === 0 && e.querySelector('canvas').width === 0 && !e.querySelector('.cover').hidden)")
	b.glance("player-no-diary-sl")
	s.hooked(nil)
	b.click(".player-trouble button")
	b.until("document.querySelector('.player-trouble[hidden]') && document.querySelector('.clock-time').textContent.startsWith('12:01:50')")
}

// playsInEnglish shows the player and its keys to somebody who reads English.
func (b *tab) playsInEnglish() {
	b.t.Helper()
	b.visit("/footage#camera=hall&day=2026-11-21")
	b.bodyOf()
	b.playsFilm()
	b.adds("yard", 2)
	b.keys("k")
	b.standing("hall")
	b.inspect("player-en")
	b.keys("?")
	b.until("document.querySelector('dialog[open] .keys')")
	b.glance("player-keys-en")
	b.click("dialog[open] button[value=close]")
}

// ended ends the viewing by the key, and looks at the question.
func (b *tab) ended(outcome string) {
	b.t.Helper()
	js[bool](b, "(document.querySelector('.player').focus(), true)")
	b.keys("e")
	b.until("document.querySelector('.outcomes') && document.activeElement.value === ''") // Enter alone ends nothing
	b.glance("player-outcome-" + js[string](b, "document.documentElement.lang"))
	b.click(".outcomes button[value='" + outcome + "']")
	b.until("!document.querySelector('.player') && document.activeElement.className === 'timeline-body'")
}

// inSteps reads what all cameras show, while they play and while they stand; each began 7 s before the one before it.
func (b *tab) inSteps(numbers browsertest.Numbers) {
	b.t.Helper()
	const apart = 7 * 25 // frames
	off := func(shown []string) (most int) {
		for i := range shown {
			d := (numbers.Read(b.t, shown[i]) - numbers.Read(b.t, shown[0]) - i*apart + 2000) % 500
			most = max(most, min(d, 500-d))
		}
		return most
	}
	var list []int
	for range 9 {
		list = append(list, off(js[[]string](b, inStep)))
	}
	b.t.Logf("they are %v frames apart", list)
	if near := len(slices.DeleteFunc(slices.Clone(list), func(d int) bool { return d > 1 })); near < 3 && figures { // a machine that is busy shows a frame late now and then
		b.t.Errorf("they are %v frames apart", list)
	}
	js[bool](b, "(document.querySelector('.player').focus(), true)")
	b.keys("k")
	b.until("[...document.querySelectorAll('.screen video')].every((v) => v.paused && !v.seeking) && document.querySelector('.clock-time').textContent.match(/[.,]\\d{3} /)")
	var shown []string
	for _, camera := range []string{"hall", "yard", "c3", "c4"} {
		_, pixels := b.standing(camera)
		shown = append(shown, pixels)
	}
	if d := off(shown); d != 0 {
		b.t.Errorf("they stand %d frames apart", d)
	}
}

// playsQuietly plays all cameras, and zooms meanwhile.
func (b *tab) playsQuietly() {
	b.t.Helper()
	b.keys("k")
	b.until("[...document.querySelectorAll('.screen video')].every((v) => !v.paused)")
	box := b.bodyOf()
	best := math.Inf(1)
	for range 6 {
		js[float64](b, takeTask)
		for i := range 8 {
			b.mouse(input.DispatchMouseEventTypeMouseWheel, box[0]+box[2]/2, box[1]+60, []float64{120, -120}[i%2])
		}
		if best = min(best, js[float64](b, "new Promise((done) => setTimeout(() => done("+takeTask+"), 700))")); best <= 100 || !figures {
			break
		}
	}
	b.t.Logf("the longest task is %v ms", best)
	if best > 100 && figures {
		b.t.Errorf("playing and zooming take a task of %v ms", best)
	}
	js[bool](b, "(document.querySelector('.player').focus(), true)")
	b.keys("k")
}

// curves holds the curve of the timeline against what the API says of fragments: how much more there is of a moment than of the
// stillest of its kind.
func (b *tab) curves(s *stage, cookie string) {
	b.t.Helper()
	const asked = "performance.getEntriesByType('resource').map((e) => e.name).findLast((name) => name.includes('/hall/main/timeline?'))"
	b.until(asked)
	path := strings.TrimPrefix(js[string](b, asked), "https://"+b.host)
	var got timeline
	s.sharing(cookie).json("GET", path, nil, &got)
	least := map[bool]float64{true: math.Inf(1), false: math.Inf(1)}
	rate := func(f fragment) float64 { return float64(f.Bytes) / float64(f.Duration) }
	for _, f := range got.Fragments {
		least[f.KeyFrame] = min(least[f.KeyFrame], rate(f))
	}
	var want []float64
	for _, f := range got.Fragments {
		want = append(want, rate(f)/least[f.KeyFrame]-1)
	}
	text, err := json.Marshal(got.Fragments)
	must(b.t, err)
	drawn := module[[]float64](b, "activity", fmt.Sprintf("m.curveOf(%s).values.map(({size}) => size)", text))
	if len(drawn) == 0 || !slices.EqualFunc(drawn, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
		b.t.Errorf("the curve is %v, want %v", drawn, want)
	}
	if slices.Max(want) == 0 {
		b.t.Error("nothing moves")
	}
}

// fillsScreen shows all cameras on the whole screen, and goes back.
func (b *tab) fillsScreen() {
	b.t.Helper()
	b.click(".control-row button:nth-last-of-type(2)")
	b.until("document.fullscreenElement?.className === 'player' && ['viewing-bar', 'toasts'].every((id) => document.fullscreenElement.contains(document.getElementById(id))) && [...document.querySelectorAll('.picture')].every((e) => { const r = e.getBoundingClientRect(); return r.width > 200 && r.top >= 0 && r.bottom <= innerHeight })")
	b.until("document.querySelector('.player .clock-time').getBoundingClientRect().bottom <= innerHeight")
	b.keys("f")
	b.until("document.fullscreenElement === null && document.querySelector('body > #viewing-bar + noscript') && document.querySelector('body > #toasts')")
}

// speeds plays at each, by the keys: up to 2 × all frames, beyond key frames.
func (b *tab) speeds() {
	b.t.Helper()
	js[bool](b, "(document.getElementById('speed').value = '0.25', document.getElementById('speed').dispatchEvent(new Event('change')), document.querySelector('.player').focus(), true)")
	for n, speed := range []float64{0.25, 0.5, 1, 2, 4, 8, 16} {
		begin := fmt.Sprintf("12:00:%02d", 12-2*n%8) // not where it stands already
		js[bool](b, "(document.getElementById('go-time').value = '"+begin+"', document.getElementById('go-time').focus(), true)")
		b.keys("\r")
		b.until("/^" + begin + "[.,]000 /.test(document.querySelector('.clock-time').textContent) && [...document.querySelectorAll('.screen video')].every((v) => !v.seeking)")
		js[bool](b, "(document.querySelector('.player').focus(), true)")
		b.keys(" ")
		if speed <= 2 {
			b.until(fmt.Sprintf("document.querySelector('.screen video:not([hidden])').playbackRate === %v && !document.querySelector('.screen video').paused", speed))
		} else {
			b.until("document.querySelector('.screen canvas:not([hidden])')")
		}
		took := js[float64](b, map[bool]string{true: videoPast, false: secondsPast}[speed <= 2])
		if math.Abs(took/speed-1) > 0.5 && figures {
			b.t.Errorf("at %v × a second takes %v", speed, took)
		}
		b.keys(" ")
		b.standing("hall")
		b.keys("l")
	}
	js[bool](b, "(document.getElementById('speed').value = '1', document.getElementById('speed').dispatchEvent(new Event('change')), true)")
}

// videoPast is how many seconds of the first video pass in one.
const videoPast = `(async () => {
	const video = document.querySelector('.screen video');
	const frame = () => new Promise((done) => video.requestVideoFrameCallback((now, {mediaTime}) => done([now, mediaTime])));
	const [begin, a] = await frame();
	for (;;) {
		const [end, z] = await frame();
		if (end - begin > 500) return (z - a) / ((end - begin) / 1000);
	}
})()`

// secondsPast is how many seconds of footage pass in one, by the clock of the player, from one full second that it shows to another.
const secondsPast = `(async () => {
	const seconds = () => { const [h, m, s] = document.querySelector('.clock-time').textContent.split(/[:. ,]/).map(Number); return (h * 60 + m) * 60 + s };
	const turn = async (from) => { while (seconds() === from) await new Promise((done) => requestAnimationFrame(done)); return [seconds(), performance.now()] };
	const [a, begin] = await turn(seconds());
	let [z, end] = [a, begin];
	while (z - a < 1 || end - begin < 900) [z, end] = await turn(z);
	return (z - a) / ((end - begin) / 1000);
})()`

// inStep reads the corners of all pictures that are shown at once.
const inStep = `new Promise((done) => setTimeout(() => requestAnimationFrame(() => {
	const g = Object.assign(document.createElement('canvas'), {width: 640, height: 360}).getContext('2d', {willReadFrequently: true});
	const all = [...document.querySelectorAll('.screen video')].map((video) => { g.drawImage(video, 0, 0, 640, 360); return g.getImageData(0, 296, 240, 48).data; });
	done(all.map((data) => {
		let text = '';
		for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
		return btoa(text);
	}));
}), 250))`
