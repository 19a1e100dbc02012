package web

import (
	"strings"
	"testing"
	"time"

	inpage "github.com/chromedp/cdproto/page"

	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// watches opens a viewing from the timeline, by the keyboard alone: the cursor stands where footage begins.
func (b *tab) watches(camera string) {
	b.t.Helper()
	b.visit("/footage#camera=" + camera + "&day=2026-11-21")
	b.bodyOf()
	b.focuses()
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

// What the browser can't play is shown smaller, or by key frames, or it is said that it can't be shown: never a black picture.
// A page that is left ends its viewing, and a door that is locked ends what plays with a plain sentence.
func TestUnplayableInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t, moreCameras(Camera{"gate", "Vrata", []string{"main"}}))
	s.addCast()
	s.noticed("gate")
	s.record(t, reel{Camera: "gate", Stream: "main", Film: load(t, clips.Yard, 2), Start: dawn, Segment: 20 * time.Second})
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
	js[bool](b, "(() => { const more = document.getElementById('more'); more.value = 'gate'; more.dispatchEvent(new Event('change')); return true })()")
	b.until("document.querySelector('.screen[data-camera=gate] .cover:not([hidden])')")
	b.says(".screen[data-camera=gate] .cover", "ne more pokazati slike te kamere", "")
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
	for deadline := time.Now().Add(browsertest.Most); len(s.entries("view.end")) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a page that is left doesn't end its viewing")
		}
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
	s.noticed("yard")
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
