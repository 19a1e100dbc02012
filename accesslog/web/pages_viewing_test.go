package web

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// tap presses and releases the mouse at a place of an element, as a part of its width, so many px below its top.
func (b *tab) tap(element string, part, below float64) {
	b.t.Helper()
	at := js[[]float64](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width * %v, r.y + %v] })()`, element, part, below))
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// partOf is where a moment is on the timeline of its day in Ljubljana, from 0 to 1.
func partOf(at time.Time) float64 {
	local := at.In(time.FixedZone("CET", 3600))
	return local.Sub(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())).Hours() / 24
}

// standing waits until the player stands still, and gives when what it shows of a camera was taken, by its clock, and the
// corner of the picture in which its number is burned in.
func (b *tab) standing(camera string) (at time.Time, pixels string) {
	b.t.Helper()
	b.until(`document.querySelector('.clock-time')?.textContent.match(/[.,]\d{3} /)`)
	shown := js[[]string](b, fmt.Sprintf(`(async () => {
		const frame = () => new Promise((done) => requestAnimationFrame(done));
		for (let i = 0; i < 4; i++) await frame();
		const screen = document.querySelector('.screen[data-camera="%s"]');
		const picture = screen.querySelector('video:not([hidden]), canvas:not([hidden])');
		const canvas = document.createElement('canvas');
		Object.assign(canvas, {width: 640, height: 360});
		const g = canvas.getContext('2d');
		g.drawImage(picture, 0, 0, 640, 360);
		const {data} = g.getImageData(0, 296, 240, 48);
		let text = '';
		for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
		return [document.querySelector('.clock-time').textContent, btoa(text)];
	})()`, camera))
	clock, err := time.Parse("2006-01-02 15:04:05.000 -0700", noon.Format("2006-01-02 ")+strings.Replace(strings.Replace(shown[0], ",", ".", 1), "CET", "+0100", 1))
	if err != nil {
		b.t.Fatalf("the clock says %q", shown[0])
	}
	return clock, shown[1]
}

// film is 60 s of the hall, and of the yard, from a moment on.
func (s *stage) films() {
	s.t.Helper()
	s.entrance(dawn)
	s.record(s.t, reel{Camera: "yard", Stream: "main", Film: load(s.t, clips.Entrance, 3), Start: dawn.Add(-7 * time.Second), Segment: 20 * time.Second})
}

// The caretaker's path: who has never been here logs in, chooses camera and day, clicks, states a purpose, and sees the
// picture of the moment, in six clicks. The viewing is logged as he was told, and ends with one tap.
func TestCaretakerInBrowser(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.films()
	numbers := browsertest.NumbersOf(t, clips.Entrance)
	b := s.tab()
	b.look(widths[2], "light")
	b.visit("/?language=sl")
	b.at("/login")
	clicks := 0
	click := func(what string) {
		t.Helper()
		b.until(fmt.Sprintf("(() => { const e = document.querySelector(%q); e?.click(); return e })()", what)) // a list that is filled anew has other elements
		clicks++
	}
	b.enter("#login", "login", "caretaker.sl", "password", ownPassword)
	clicks++
	b.at("/footage")
	click(".camera")
	click("a.calendar-day[href*='2026-11-21']")
	b.until("document.querySelector('#day table tbody tr') && document.activeElement.id === 'day'")
	b.tap(".timeline-body", partOf(dawn.Add(-30*time.Second)), 60) // 65 s to a px: what comes next is shown
	clicks++
	click("dialog.purpose input[value=property]")
	click("dialog.purpose button[type=submit]")
	b.until("document.querySelector('#viewing-bar:not([hidden])')")
	b.says("#viewing-bar", "Ana Novak, namen: varovanje premoženja", "")
	if clicks > 6 {
		t.Errorf("it takes %d clicks", clicks)
	}
	b.until("document.querySelector('.screen video').currentTime > 0.5")
	b.keys("k")
	at, pixels := b.standing("hall")
	shown := func(since time.Duration, pixels string) {
		t.Helper()
		want := int(math.Floor(since.Seconds()*25+0.001)) % 500
		if got := numbers.Read(t, pixels); got != want {
			t.Errorf("at %v frame %d is shown, want %d", since, got, want)
		}
	}
	shown(at.Sub(dawn), pixels)
	if !strings.Contains(js[string](b, "document.querySelector('.watermark').textContent"), "Ana Novak") {
		t.Error("the viewer's name is not over the picture")
	}
	if met := js[string](b, `(() => { const r = document.querySelector('.picture').getBoundingClientRect(), e = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		return e.closest('.watermark') ? String(e.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))) : e.tagName })()`); met != "false" {
		t.Errorf("a right click reaches %s under the watermark", met)
	}
	b.says("#toasts", "Slike od tod ni mogoče shraniti", "")
	b.click("#toasts .toast:last-child button")

	// a typed time, a step, key frames, and the next that there is behind a gap
	jump := func(time string) {
		t.Helper()
		js[bool](b, fmt.Sprintf("(document.getElementById('go-time').value = %q, true)", time))
		b.click(".go button[type=submit]")
		b.until(fmt.Sprintf("document.querySelector('.clock-time').textContent.startsWith(%q)", time))
		js[bool](b, "(document.querySelector('.player').focus(), true)")
	}
	jump("12:00:21")
	at, pixels = b.standing("hall")
	shown(at.Sub(dawn), pixels)
	for _, way := range []string{".", ".", ","} {
		before := js[string](b, "document.querySelector('.clock-time').textContent")
		b.keys(way)
		b.until(fmt.Sprintf("document.querySelector('.clock-time').textContent !== %q", before))
		at, pixels = b.standing("hall")
		shown(at.Sub(dawn), pixels)
	}
	if at.Sub(dawn).Round(40*time.Millisecond) != 21040*time.Millisecond && at.Sub(dawn).Truncate(40*time.Millisecond) != 21040*time.Millisecond {
		t.Errorf("two frames on and one back is %v", at.Sub(dawn))
	}
	js[bool](b, "(document.getElementById('go-time').value = '12:00:31', true)")
	b.click(".go button[type=submit]")
	b.until("document.querySelector('.clock-time').textContent.startsWith('12:00:34')")
	b.says("#toasts", "Od 12:00:31 CET do 12:00:34 CET ni posnetka.", "")
	jump("12:00:02")
	b.keys("lll ")
	b.until("document.querySelector('.screen canvas:not([hidden])')")
	b.until("document.querySelector('.clock-time').textContent > '12:00:1'")
	b.keys("k")

	b.standing("hall")

	// drawn along, the playhead shows key frames, and in the end the moment itself
	place := js[[]float64](b, "(() => { const e = document.querySelector('.timeline-body'); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(), h = document.querySelector('.timeline-head').getBoundingClientRect(); return [h.x + h.width / 2, r.y + 60, r.width] })()")
	b.mouse(input.DispatchMouseEventTypeMousePressed, place[0], place[1], 0)
	b.mouse(input.DispatchMouseEventTypeMouseMoved, place[0]+20, place[1], 0)
	b.until("document.querySelector('.screen canvas:not([hidden])')")
	b.mouse(input.DispatchMouseEventTypeMouseMoved, place[0]+place[2]/20/60*20, place[1], 0) // 20 min are shown
	b.mouse(input.DispatchMouseEventTypeMouseReleased, place[0]+place[2]/20/60*20, place[1], 0)
	b.until("document.querySelector('.screen video:not([hidden])')")
	at, pixels = b.standing("hall")
	shown(at.Sub(dawn), pixels)

	js[bool](b, "(document.querySelector('.player').focus(), true)")
	b.keys("e")
	b.until("document.querySelector('.outcomes')")
	b.click(".outcomes button[value='nothing found']")
	b.until("document.querySelector('#viewing-bar[hidden]') && !document.querySelector('.player')")
	start, end := s.entries("view.start"), s.entries("view.end")
	if len(start) != 1 || len(end) != 1 || start[0].Actor.Name != "Ana Novak" || !strings.Contains(start[0].Purpose, "varovanje premoženja") || end[0].Result != "nothing found" {
		t.Fatalf("the diary has %+v and %+v", start, end)
	}
	for _, o := range end[0].Objects {
		if o.Camera != "hall" || o.From.Before(dawn) || o.To.After(dawn.Add(61*time.Second)) {
			t.Errorf("delivered was %+v", o)
		}
	}
	wrong, _ := b.take()
	if wrong = slices.DeleteFunc(wrong, func(w string) bool { return strings.Contains(w, "status of 401") }); len(wrong) > 0 {
		t.Error(wrong)
	}
}
