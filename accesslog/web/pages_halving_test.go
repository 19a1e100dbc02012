package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"varuh/accesslog"
	"varuh/accesslog/hold"
	"varuh/recorder/cmaf"
	"varuh/recorder/footage"
	"varuh/recorder/recordertest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// The night of which somebody knows that something was changed in it, and no more.
const (
	nightLong  = 14 * time.Hour
	nightEvery = 10 * time.Second // from one key frame to the next
)

// picture is a small one of one colour.
func picture(t testing.TB, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 32, 16))
	draw.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

// night is a film of a camera that sends tiny pictures, of which each tenth second is a key frame: blue ones, and from a
// moment on red ones.
func night(t testing.TB, change time.Duration) film {
	t.Helper()
	return coloured(t, nightLong, func(at time.Duration) bool { return at >= change })
}

// coloured is such a film of some length.
func coloured(t testing.TB, long time.Duration, changed func(time.Duration) bool) film {
	t.Helper()
	blue, red := picture(t, color.RGBA{B: 200, A: 255}), picture(t, color.RGBA{R: 200, A: 255})
	f := recordertest.Film{Track: cmaf.Track{Codec: "MJPEG", Timescale: 90000, Width: 32, Height: 16}, Length: long}
	for at := time.Duration(0); at < long; at += nightEvery {
		data := blue
		if changed(at) {
			data = red
		}
		for i, after := range []time.Duration{0, time.Second} {
			ticks := int64((at + after) * 9 / 1e5)
			f.Units = append(f.Units, cmaf.Unit{PTS: ticks, DTS: ticks, Key: i == 0, Data: data})
		}
	}
	return f
}

// colours are those of the pictures on the page: R, B, or nothing where none is.
const colours = `[...document.querySelectorAll('.frame canvas')].map((c) => { const [r, , b] = c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data;
	return r > 100 ? 'R' : b > 100 ? 'B' : '-' }).join('')`

// What appears at an unknown minute of 14 hours is found by what the pictures show, with at most 8 marks and 80 pictures.
// No other picture is asked for, and the end of the viewing lists just these.
func TestHalving(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	minute := rand.IntN(int(nightLong/time.Minute)-2) + 1
	began := noon.Add(-15 * time.Hour)
	change := began.Add(time.Duration(minute) * time.Minute)
	t.Logf("it changes in minute %d", minute)
	s.record(t, reel{Camera: "hall", Stream: "main", Film: night(t, change.Sub(began)), Start: began, Segment: time.Hour})
	b := s.tab()
	var asked atomic.Int64
	must(t, chromedp.Listen(b.Ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok && strings.Contains(e.Request.URL, "/frame?") {
			asked.Add(1)
		}
	}))
	b.as(s.session(t, "caretaker", "sl"))
	b.visit("/find#camera=hall&from=" + began.Format(time.RFC3339) + "&to=" + began.Add(nightLong).Format(time.RFC3339))
	b.search()
	marks, seen := 0, 16
	for marks < 8 && js[bool](b, "document.querySelector('.result') === null") {
		shown := js[string](b, colours)
		last, first := strings.LastIndex(shown, "B"), strings.Index(shown, "R")
		if last < 0 || first != last+1 || strings.Contains(shown, "-") {
			t.Fatalf("the pictures are %s", shown)
		}
		b.click(fmt.Sprintf(".frame:nth-child(%d)", last+1))
		b.until("document.activeElement.matches('.frame[aria-pressed=true]')")
		b.Keys(kb.ArrowRight + kb.Enter)
		marks += 2
		b.until(halved)
		if js[bool](b, "document.querySelector('.result') === null") {
			seen += js[int](b, "document.querySelectorAll('.frame').length") - 2
		}
	}
	if js[bool](b, "document.querySelector('.result') === null") || seen > 80 {
		t.Fatalf("%d marks and %d pictures did not find it", marks, seen)
	}
	t.Logf("%d marks, %d pictures", marks, seen)
	local := time.FixedZone("CET", 3600)
	b.says(".search-line", change.Add(-nightEvery).In(local).Format("15:04:05 MST")+" in "+change.In(local).Format("15:04:05 MST"), "")
	if n := int(asked.Load()); n != seen {
		t.Errorf("%d pictures were asked for, %d are shown", n, seen)
	}
	b.click("#viewing-bar button")
	b.click("dialog .outcomes button[value=reported]")
	b.until("document.querySelector('#search').hidden && document.querySelector('.frame, .result') === null")
	ends := s.entries("view.end")
	if len(ends) != 1 || ends[0].Result != string(accesslog.Reported) {
		t.Fatalf("%+v", ends)
	}
	spans := ends[0].Objects
	if len(spans) != seen {
		t.Errorf("the end lists %d pictures, %d were shown", len(spans), seen)
	}
	for _, o := range spans {
		if since := o.From.Sub(began); o.Camera != "hall" || since%nightEvery != 0 || o.To.Sub(o.From) != time.Second {
			t.Errorf("%+v is not one key frame", o)
		}
	}
	if wrong, _ := b.take(); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
}

// It never takes more than 8 marks and 80 pictures, whenever it changes: at each key frame of the night, by what chooses them.
func TestHalvingWorst(t *testing.T) {
	outside.Needs(t, "chromium", "chromium", "--version")
	b := newStage(t).tab()
	b.visit("/login?language=sl")
	worst := module[[]int](b, "halving", `(() => {
		const keys = Array.from({length: 5040}, (_, i) => i);
		let marks = 0, pictures = 0;
		for (let change = 1; change < keys.length; change++) {
			let list = m.spread([{from: 0, to: keys.length - 1}], m.most).map(Math.floor);
			for (let took = 0, shown = list.length; ; shown += list.length - 2) {
				took += 2;
				const after = list.findIndex((key) => key >= change);
				const [a, z] = [list[after - 1], list[after]];
				const between = m.pick(keys.slice(a + 1, z), m.most - 2);
				[marks, pictures] = [Math.max(marks, took), Math.max(pictures, shown)];
				if (between.length === 0) break;
				list = [a, ...between, z];
			}
		}
		return [marks, pictures];
	})()`)
	if worst[0] > 8 || worst[1] > 80 || worst[1] < 30 {
		t.Errorf("at worst %d marks and %d pictures", worst[0], worst[1])
	}
	for script, want := range map[string]string{
		`m.stretches([{from: 0, to: 100}], {from: 10, to: 90}, [{from: 20, to: 30}, {from: 80, to: 200}])`: `[{"from":10,"to":20},{"from":30,"to":80}]`,
		`m.stretches([{from: 0, to: 100}], {from: 10, to: 90}, [{from: 0, to: 200}])`:                      `[]`,
		`m.stretches([{from: 0, to: 5}, {from: 50, to: 60}], {from: 10, to: 90}, [{from: 0, to: 9}])`:      `[{"from":50,"to":60}]`,
		`m.spread([{from: 0, to: 10}, {from: 100, to: 110}], 5)`:                                           `[0,5,10,105,110]`,
		`m.pick([1, 2, 3, 4, 5, 6], 3)`: `[2,4,6]`,
		`m.pick([1, 2], 3)`:             `[1,2]`,
	} {
		if got := module[string](b, "halving", "JSON.stringify("+script+")"); got != want {
			t.Errorf("%s is %s, want %s", script, got, want)
		}
	}
}

// What is missing is said and not shown, and what the browser can't show is shown smaller, with a sentence.
func TestHalvingAround(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.record(t, reel{Camera: "hall", Stream: "main", Film: load(t, clips.Yard, 2), Start: dawn, Segment: 20 * time.Second})
	s.record(t, reel{Camera: "hall", Stream: "sub", Film: load(t, clips.YardSub, 2), Start: dawn, Segment: 20 * time.Second})
	closed := span{moment{dawn.Add(10 * time.Second)}, moment{dawn.Add(18 * time.Second)}}
	s.head(t).api("POST", "/restrictions", RestrictionAsked{Camera: "hall", span: closed, Ground: hold.Accuracy, Basis: "zahteva 7/2026", Review: day{noon.AddDate(0, 3, 0)}}, nil)
	b := s.tab()
	b.as(s.session(t, "caretaker", "sl"))
	b.visit("/find#camera=hall&from=" + dawn.Format(time.RFC3339) + "&to=" + dawn.Add(40*time.Second).Format(time.RFC3339))
	b.asks()
	b.until("document.querySelectorAll('.frame').length > 8 && " + allThere)
	b.says(".search > .card > .note", "zato vidite manjšo", "")
	b.says(".search .more", "omejena", "")
	if !js[bool](b, "document.querySelector('.strip-withheld') !== null && [...document.querySelectorAll('.frame canvas')].every((c) => c.width === 320)") {
		t.Error("the strip does not show what is withheld, or a picture is not the smaller one")
	}
	b.picture("findPage-around-sl")
	b.click("#viewing-bar button")
	b.click("dialog .outcomes button[value='nothing found']")
	b.until("document.querySelector('#search').hidden")
	end := s.entries("view.end")[0]
	if len(end.Objects) < 8 {
		t.Errorf("%+v", end)
	}
	for _, o := range end.Objects {
		if o.From.Before(closed.To.Time) && o.To.After(closed.From.Time) {
			t.Errorf("%+v is restricted", o)
		}
	}
}

// What changes while nothing is recorded is found to lie in the gap, which is named with its cause and can be played over; a
// picture for which the connection broke is asked for again, and nothing that is recorded only in part is shown twice. No picture
// stays when the session ends elsewhere.
func TestHalvingGap(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.Site.pulse.each = 50 * time.Millisecond
	began := noon.Add(-8 * time.Hour)
	gap := segment.Gap{From: began.Add(time.Hour), To: began.Add(4 * time.Hour), Cause: "unreachable"}
	s.record(t, reel{Camera: "hall", Stream: "main", Film: coloured(t, time.Hour, func(time.Duration) bool { return false }), Start: began, Segment: time.Hour})
	s.record(t, reel{Camera: "hall", Stream: "main", Film: coloured(t, time.Minute, func(time.Duration) bool { return true }), Start: gap.To, Segment: time.Hour})
	must(t, s.index.AddGap(footage.Gap{Camera: "hall", Stream: "main", Gap: gap}))
	b := s.tab()
	cookie := s.session(t, "caretaker", "sl")
	b.as(cookie)
	b.visit("/find#camera=hall&from=" + began.Format(time.RFC3339) + "&to=" + began.Add(5*time.Hour).Format(time.RFC3339))
	js[bool](b, `(() => { const real = window.fetch; let n = 0;
		window.fetch = (a, ...r) => String(a).includes('/frame?') && [5, 6].includes(++n) ? n === 5 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(new Response('<html>', {status: 503})) : real(a, ...r);
		return true; })()`)
	b.search()
	for _, i := range []int{5, 6} {
		frame := fmt.Sprintf(".frame:nth-child(%d)", i)
		b.says(frame, "Naprava se ne odziva", "")
		b.click(frame)
		b.until(fmt.Sprintf("document.querySelector('%s .watermark')", frame))
	}
	for marks := 0; marks < 8 && js[bool](b, "document.querySelector('.result') === null"); marks += 2 {
		shown := js[string](b, colours)
		last := strings.LastIndex(shown, "B")
		if last < 0 || last == len(shown)-1 || js[bool](b, "new Set([...document.querySelectorAll('.frame-time')].map((e) => e.textContent)).size < document.querySelectorAll('.frame').length") {
			t.Fatalf("the pictures are %s: %s", shown, js[string](b, "document.querySelector('.sheet').innerText"))
		}
		b.click(fmt.Sprintf(".frame:nth-child(%d)", last+1))
		b.click(fmt.Sprintf(".frame:nth-child(%d)", last+2))
		b.until(halved)
	}
	local := time.FixedZone("CET", 3600)
	b.says(".search-line", "leži v izpadu ali tik ob njem: od "+gap.From.In(local).Format("15:04:05 MST")+" do "+gap.To.In(local).Format("15:04:05 MST")+", kamera se ne odziva.", "")
	b.says(".result + .actions button.main", "Predvajaj pred izpadom in po njem", "")
	total := js[string](b, "document.querySelector('.search .quiet').textContent")
	b.click("#viewing-bar button")
	b.click("dialog .outcomes button[value=reported]")
	b.until("document.querySelector('#search').hidden")
	if n := len(s.entries("view.end")[0].Objects); !strings.Contains(total, fmt.Sprint(" ", n, " ")) {
		t.Errorf("%q, and the diary lists %d", total, n)
	}
	if wrong, _ := b.take(); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}

	b.asks()
	b.until("document.querySelectorAll('.frame').length === 16 && " + allThere)
	js[bool](b, "(document.querySelector('main').append(Object.assign(document.createElement('p'), {id: 'here'})), true)")
	elsewhere := s.client(t)
	elsewhere.cookie = cookie
	elsewhere.api("DELETE", "/session", nil, nil)
	b.until("location.pathname === '/login' && !document.querySelector('#here, .frame')")
	if ends := s.entries("view.end"); len(ends) != 2 {
		t.Errorf("the diary has %+v", ends)
	}
}
