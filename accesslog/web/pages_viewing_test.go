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

// partOf is where a moment is on the timeline of its day in Ljubljana, from 0 to 1.
func partOf(at time.Time) float64 {
	local := at.In(time.FixedZone("CET", 3600))
	return local.Sub(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())).Hours() / 24
}

// standing waits until the player stands still, and gives when what it shows of a camera was taken, by its clock in Ljubljana, and the
// corner of the picture in which its number is burned in.
func (b *tab) standing(camera string) (at time.Time, pixels string) {
	b.t.Helper()
	since, pixels := b.Standing(camera)
	return noon.Truncate(24 * time.Hour).Add(since - time.Hour), pixels
}

// film is 60 s of the hall, and of the yard, from a moment on.
func (s *stage) films() {
	s.t.Helper()
	s.entrance(dawn)
	s.record(s.t, reel{Camera: "yard", Stream: "main", Film: load(s.t, clips.Entrance, 3), Start: dawn.Add(-7 * time.Second), Segment: 20 * time.Second})
}

// newcomer is somebody who looks at footage of the hall, and whose clicks are counted.
type newcomer struct {
	*tab
	numbers browsertest.Numbers
	clicks  int
}

// presses clicks an element, and counts it.
func (n *newcomer) presses(what string) {
	n.t.Helper()
	n.click(what)
	n.clicks++
}

// sees holds the frame at which the player stands against that of the moment which its clock says, and gives how far into the film it is.
func (n *newcomer) sees() time.Duration {
	n.t.Helper()
	at, pixels := n.standing("hall")
	since := at.Sub(dawn)
	want := int(math.Floor(since.Seconds()*25+0.001)) % 500
	if got := n.numbers.Read(n.t, pixels); got != want {
		n.t.Errorf("at %v frame %d is shown, want %d", since, got, want)
	}
	return since
}

// asksFor types a time to go to.
func (n *newcomer) asksFor(time string) {
	n.t.Helper()
	js[bool](n.tab, fmt.Sprintf("(document.getElementById('go-time').value = %q, true)", time))
	n.click(".go button[type=submit]")
}

// jumps goes to a time that is typed, of which there is footage.
func (n *newcomer) jumps(time string) {
	n.t.Helper()
	n.asksFor(time)
	n.until(fmt.Sprintf("document.querySelector('.clock-time').textContent.startsWith(%q)", time))
	js[bool](n.tab, "(document.querySelector('.player').focus(), true)")
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
	n := &newcomer{tab: s.tab(), numbers: browsertest.NumbersOf(t, clips.Entrance)}
	n.look(widths[2], "light")
	n.comesIn()
	n.seesWhoLooks()
	n.goesAbout()
	n.drawsAlong()
	n.taps()
	s.loggedLook()
	wrong, _ := n.take()
	if wrong = slices.DeleteFunc(wrong, func(w string) bool { return strings.Contains(w, "status of 401") }); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// comesIn logs in and has the picture of a moment within six clicks.
func (n *newcomer) comesIn() {
	n.t.Helper()
	n.visit("/?language=sl")
	n.at("/login")
	n.enter("#login", "login", "caretaker.sl", "password", ownPassword)
	n.clicks++
	n.at("/footage")
	n.presses(".camera")
	n.presses("a.calendar-day[href*='2026-11-21']")
	n.until("document.querySelector('#day table tbody tr') && document.activeElement.id === 'day'")
	n.Tap(".timeline-body", partOf(dawn.Add(-30*time.Second)), 60) // 65 s to a px: what comes next is shown
	n.clicks++
	n.presses("dialog.purpose input[value=property]")
	n.presses("dialog.purpose button[type=submit]")
	n.until("document.querySelector('#viewing-bar:not([hidden])')")
	n.says("#viewing-bar", "Ana Novak, namen: varovanje premoženja", "")
	if n.clicks > 6 {
		n.t.Errorf("it takes %d clicks", n.clicks)
	}
	n.until("document.querySelector('.screen video').currentTime > 0.5")
	n.keys("k")
	n.sees()
}

// seesWhoLooks finds the viewer's name over the picture, which can't be saved from under it.
func (n *newcomer) seesWhoLooks() {
	n.t.Helper()
	if !strings.Contains(js[string](n.tab, "document.querySelector('.watermark').textContent"), "Ana Novak") {
		n.t.Error("the viewer's name is not over the picture")
	}
	if met := js[string](n.tab, `(() => { const r = document.querySelector('.picture').getBoundingClientRect(), e = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		return e.closest('.watermark') ? String(e.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))) : e.tagName })()`); met != "false" {
		n.t.Errorf("a right click reaches %s under the watermark", met)
	}
	n.says("#toasts", "Slike od tod ni mogoče shraniti", "")
	n.click("#toasts .toast:last-child button")
}

// goesAbout types a time, goes by steps and by key frames, and to the next that there is behind a gap.
func (n *newcomer) goesAbout() {
	n.t.Helper()
	n.jumps("12:00:21")
	since := n.sees()
	for _, way := range []string{".", ".", ","} {
		before := js[string](n.tab, "document.querySelector('.clock-time').textContent")
		n.keys(way)
		n.until(fmt.Sprintf("document.querySelector('.clock-time').textContent !== %q", before))
		since = n.sees()
	}
	if since.Round(40*time.Millisecond) != 21040*time.Millisecond && since.Truncate(40*time.Millisecond) != 21040*time.Millisecond {
		n.t.Errorf("two frames on and one back is %v", since)
	}
	n.asksFor("12:00:31")
	n.until("document.querySelector('#toasts').textContent.includes('Od 12:00:31 CET do 12:00:34 CET ni posnetka.')") // which goes by itself
	n.until("document.querySelector('.clock-time').textContent.startsWith('12:00:34')")
	n.jumps("12:00:02")
	n.keys("lll ")
	n.until("document.querySelector('.screen canvas:not([hidden])')")
	n.until("document.querySelector('.clock-time').textContent > '12:00:1'")
	n.keys("k")
	n.standing("hall")
}

// drawsAlong draws the playhead along, which shows key frames, and in the end the moment itself.
func (n *newcomer) drawsAlong() {
	n.t.Helper()
	box := n.bodyOf()
	head, y := js[float64](n.tab, "(({x, width}) => x + width / 2)(document.querySelector('.timeline-head').getBoundingClientRect())"), box[1]+60
	n.Mouse(input.DispatchMouseEventTypeMousePressed, head, y)
	n.Mouse(input.DispatchMouseEventTypeMouseMoved, head+20, y)
	n.until("document.querySelector('.screen canvas:not([hidden])')")
	n.Mouse(input.DispatchMouseEventTypeMouseMoved, head+box[2]/20/60*20, y) // 20 min are shown
	n.Mouse(input.DispatchMouseEventTypeMouseReleased, head+box[2]/20/60*20, y)
	n.until("document.querySelector('.screen video:not([hidden])')")
	n.sees()
}

// taps ends the viewing with one tap.
func (n *newcomer) taps() {
	n.t.Helper()
	js[bool](n.tab, "(document.querySelector('.player').focus(), true)")
	n.keys("e")
	n.until("document.querySelector('.outcomes')")
	n.click(".outcomes button[value='nothing found']")
	n.until("document.querySelector('#viewing-bar[hidden]') && !document.querySelector('.player')")
}

// loggedLook finds the viewing in the diary, with its purpose, its outcome and no footage but what was shown.
func (s *stage) loggedLook() {
	s.t.Helper()
	start, end := s.entries("view.start"), s.entries("view.end")
	if len(start) != 1 || len(end) != 1 || start[0].Actor.Name != "Ana Novak" || !strings.Contains(start[0].Purpose, "varovanje premoženja") || end[0].Result != "nothing found" {
		s.t.Fatalf("the diary has %+v and %+v", start, end)
	}
	for _, o := range end[0].Objects {
		if o.Camera != "hall" || o.From.Before(dawn) || o.To.After(dawn.Add(61*time.Second)) {
			s.t.Errorf("delivered was %+v", o)
		}
	}
}
