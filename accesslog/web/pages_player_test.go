package web

import (
	"strings"
	"testing"
	"time"

	inpage "github.com/chromedp/cdproto/page"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// watches opens a viewing from the timeline, by the keyboard alone: the cursor stands where footage begins.
func (b *tab) watches(camera string) {
	b.t.Helper()
	b.visit("/footage#camera=" + camera + "&day=2026-11-21")
	b.until("document.querySelectorAll('.timeline-name').length > 0 && document.querySelector('.timeline-body').getAttribute('aria-valuetext')")
	js[bool](b, "(document.querySelector('.timeline-body').focus(), true)")
	b.keys("\r")
	b.until("document.querySelector('dialog.purpose input')")
	js[bool](b, "(document.querySelector('dialog.purpose input[value=property]').focus(), true)")
	b.keys(" \r")
	b.until("document.querySelector('#viewing-bar:not([hidden])')")
}

// glance looks at the page that is there as inspect does, on a phone in the dark alone, and writes a picture of the window.
func (b *tab) glance(name string) {
	b.t.Helper()
	b.look(widths[0], "dark")
	if wide := js[int](b, "document.documentElement.scrollWidth"); wide > widths[0] {
		b.t.Errorf("%s is %d wide on a screen of %d: %s", name, wide, widths[0], js[string](b, widest))
	}
	out := command(b, inpage.CaptureScreenshot, inpage.CaptureScreenshotParams{Format: inpage.CaptureScreenshotFormatJpeg})
	keep(b.t, name+".jpg", out.Data)
	for _, barrier := range b.barriers() {
		b.t.Errorf("%s: %s", name, barrier)
	}
	b.look(widths[2], "light")
}

// Two cameras go in step: they show what was taken at the same moment, exactly while they stand, and a frame apart at most
// while they play.
func TestStepInBrowser(t *testing.T) {
	outside.NeedsFFmpeg(t)
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.films()
	numbers := browsertest.NumbersOf(t, clips.Entrance)
	b := s.tab()
	for _, language := range []string{"sl", "en"} {
		b.as(s.session(t, "head", language))
		b.watches("hall")
		b.until("document.querySelector('.screen video')?.currentTime > 0.2")
		js[bool](b, "(() => { const more = document.getElementById('more'); more.value = 'yard'; more.dispatchEvent(new Event('change')); return true })()")
		b.until("document.querySelectorAll('.screen video').length === 2 && [...document.querySelectorAll('.screen video')].every((v) => v.currentTime > 0.2 && !v.paused)")
		b.keys("k")
		const apart = 7 * 25 // frames: the yard began 7 s before
		differ := func(a, b string) int {
			return (numbers.Read(t, b) - numbers.Read(t, a) - apart + 1000) % 500
		}
		if language == "sl" {
			b.keys("k")
			b.until("[...document.querySelectorAll('.screen video')].every((v) => !v.paused)")
			var list []int
			for range 7 {
				shown := js[[]string](b, inStep)
				list = append(list, differ(shown[0], shown[1]))
			}
			near := 0
			for _, d := range list {
				if d <= 1 || d == 499 {
					near++
				}
			}
			t.Logf("they are %v frames apart", list)
			if near < 4 { // a machine that is busy shows a frame late now and then, and no two cameras at once
				t.Errorf("they are %v frames apart", list)
			}
			b.keys("k")
		}
		b.until("[...document.querySelectorAll('.screen video')].every((v) => v.paused && !v.seeking)")
		_, hall := b.standing("hall")
		_, yard := b.standing("yard")
		if d := differ(hall, yard); d != 0 {
			t.Errorf("they stand %d frames apart", d)
		}
		b.inspect("player-" + language)
		b.keys("?")
		b.until("document.querySelector('dialog[open] .keys')")
		b.glance("player-keys-" + language)
		b.click("dialog[open] button[value=close]")
		b.keys("e")
		b.until("document.querySelector('.outcomes') && document.activeElement.value === ''") // Enter alone ends nothing
		b.glance("player-outcome-" + language)
		b.click(".outcomes button[value='reported']")
		b.until("!document.querySelector('.player') && document.activeElement.className === 'timeline-body'")
		wrong, _ := b.take()
		for _, w := range wrong {
			t.Error(w)
		}
	}
	for _, e := range s.entries("view.end") {
		if e.Result != "reported" {
			t.Errorf("the diary has %+v", e)
		}
	}
}

// inStep reads the corners of both pictures that are shown at once.
const inStep = `new Promise((done) => setTimeout(() => requestAnimationFrame(() => {
	const g = Object.assign(document.createElement('canvas'), {width: 640, height: 360}).getContext('2d', {willReadFrequently: true});
	const all = [...document.querySelectorAll('.screen video')].map((video) => { g.drawImage(video, 0, 0, 640, 360); return g.getImageData(0, 296, 240, 48).data; });
	done(all.map((data) => {
		let text = '';
		for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
		return btoa(text);
	}));
}), 250))`

// What the browser can't play is shown smaller, or by key frames, or it is said that it can't be shown: never a black picture.
// A page that is left ends its viewing, and a door that is locked ends what plays with a plain sentence.
func TestUnplayableInBrowser(t *testing.T) {
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.record(t, reel{Camera: "hall", Stream: "main", Film: load(t, clips.Yard, 2), Start: dawn, Segment: 20 * time.Second})
	s.record(t, reel{Camera: "hall", Stream: "sub", Film: load(t, clips.YardSub, 2), Start: dawn, Segment: 20 * time.Second})
	s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.Motion, 8), Start: dawn, Segment: 20 * time.Second})
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.watches("hall")
	b.until("document.querySelector('.screen-note:not([hidden])')")
	b.says(".screen-note", "zato vidite manjšo", "")
	b.until("document.querySelector('.screen video:not([hidden])').videoWidth === 320 && document.querySelector('.screen video').currentTime > 0.2")
	js[bool](b, "(() => { const more = document.getElementById('more'); more.value = 'yard'; more.dispatchEvent(new Event('change')); return true })()")
	b.until("document.querySelectorAll('.screen').length === 2 && document.querySelector('.screen[data-camera=yard] canvas:not([hidden])')?.width === 320")
	b.says(".screen[data-camera=yard] .screen-note", "zato vidite ključne slike", "")
	b.glance("player-unplayable-sl")

	locker := s.client(t).logIn("head.en", ownPassword)
	locker.api("POST", "/lock", nil, nil)
	js[bool](b, "(document.getElementById('go-time').value = '12:00:15', true)")
	b.click(".go button[type=submit]")
	b.until("document.querySelector('.player-trouble:not([hidden])')")
	b.says(".player-trouble", "Ključi so zaklenjeni", "")
	s.client(t).logIn("head.en", ownPassword)
	b.click(".player-trouble button")
	b.until("document.querySelector('.player-trouble[hidden]') && document.querySelector('.clock-time').textContent.startsWith('12:00:15')")

	b.visit("/account")
	deadline := time.Now().Add(never)
	for len(s.entries("view.end")) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("a page that is left doesn't end its viewing")
		}
		js[bool](b, "new Promise((done) => setTimeout(() => done(true), 50))")
	}
	if e := s.entries("view.end")[0]; e.Result != "not stated" {
		t.Errorf("the diary has %+v", e)
	}
	wrong, _ := b.take()
	for _, w := range wrong {
		if !strings.Contains(w, "status of 503") {
			t.Error(w)
		}
	}
}

// Live pictures are offered where the notice allows them, and nowhere else, with the same question and the same bar.
func TestLiveInBrowser(t *testing.T) {
	outside.Needs(t, "chromium", "chromium", "--version")
	feed := newFeed()
	s := newStage(t, func(o *Options) { o.Closed = feed })
	s.addCast()
	both := notice.Text{Sl: "besedilo", En: "text"}
	_, err := s.o.Notices.Add(t.Context(), notice.Asked{Content: notice.Content{
		Controller: notice.Party{Name: "Šola", Address: "Cesta 1", Phone: "01 234 56 78"}, Officer: notice.Officer{None: true}, Area: both,
		Purposes:   []notice.Purpose{{ID: "property", Sl: "varovanje premoženja", En: "protection of property", Basis: "ZVOP-2, 77. člen"}},
		Recipients: both, Kept: both, Effects: both},
		Cameras: []string{"yard"}, From: s.clock(), By: proof.Actor{Name: "Vida Ravnik", Proof: "console"}})
	must(t, err)
	cam := s.camera(feed, reel{Camera: "hall", Stream: "main", Film: load(t, clips.Entrance, 1), Start: dusk, Segment: 8 * time.Second})
	for range 5 {
		cam.step()
	}
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/footage#camera=yard")
	b.until("document.querySelector('.calendar')")
	b.until("document.getElementById('live').hidden && document.getElementById('live').childElementCount === 0")
	js[bool](b, "(location.hash = '#camera=hall', true)")
	b.until("document.querySelector('#live:not([hidden]) button')")
	b.says("#live", "V živo: Avla", "")
	b.click("#live button")
	b.until("document.querySelector('dialog.purpose input')")
	b.click("dialog.purpose input[value=property]")
	b.click("dialog.purpose button[type=submit]")
	b.until("document.querySelector('#viewing-bar:not([hidden])')")
	for len(cam.rest) > 2 {
		cam.step()
	}
	b.until("document.querySelector('.watch video').videoWidth === 640 && document.querySelector('.watch .clock-time')?.textContent.startsWith('18:00:')")
	b.glance("player-live-sl")
	b.click("#viewing-bar button")
	b.click(".outcomes button[value='nothing found']")
	b.until("!document.querySelector('.watch') && document.querySelector('#live button')")
	end := s.entries("view.end")
	if len(end) != 1 || end[0].Result != "nothing found" || len(end[0].Objects) == 0 || end[0].Objects[0].Camera != "hall" {
		t.Errorf("the diary has %+v", end)
	}
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}
