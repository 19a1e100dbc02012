package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/web/browsertest"
	tools "varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// On the demo, which is the real program, over HTTPS with the certificate it made: the caretaker logs in, and sees in six clicks
// the picture that was taken then, as its burned-in number tells. The data protection officer finds that in the diary with
// purpose and range, checks the entry and the whole diary, and takes a bundle, which varuh-verify accepts.
func TestDemoPaths(t *testing.T) {
	tools.NeedsFFmpeg(t)
	now := time.Now()
	list := scenes(t)[:1]
	s := showDemo(t, now, list)
	b := browsertest.Open(t, s.site(), s.root)
	b.Take()
	b.Wide(1440)
	s.sees(t, b, list[0], list[0].from(now))
	wellBehaved(t, b)
	s.audits(t, b, list[0].from(now))
	wellBehaved(t, b)
}

// wellBehaved complains of errors on the console, requests to others, and breaches of the policy.
func wellBehaved(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	wrong, _ := b.Take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// logIn goes to a page, and types the name and the password of a person of the demo where that leads.
func (s *showing) logIn(b *browsertest.Browser, login, to string) {
	b.Visit(to + "?language=sl")
	b.Enter("#login", "login", login, "password", s.passwordOf(login))
	b.Until(fmt.Sprintf("location.pathname === %q && document.readyState === 'complete'", to))
}

// sees is the caretaker's path to what the entrance showed from a moment on.
func (s *showing) sees(t *testing.T, b *browsertest.Browser, c scene, from time.Time) {
	t.Helper()
	s.logIn(b, "hisnik", "/footage")
	clicks := 1
	click := func(what string) {
		t.Helper()
		b.Click(what)
		clicks++
	}
	local := from.Local()
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.Local)
	click(fmt.Sprintf("a.camera[href*=%s]", c.camera))
	click(fmt.Sprintf("a.calendar-day[href*='%s']", local.Format(time.DateOnly)))
	b.Until("document.querySelector('#day table tbody tr') && document.activeElement.id === 'day'")
	b.Tap(".timeline-body", (from.Sub(midnight)-30*time.Second).Hours()/24, 60) // what comes next is shown
	clicks++
	click("dialog.purpose input[value=safety]")
	click("dialog.purpose button[type=submit]")
	b.Until("document.querySelector('.screen video')?.currentTime > 0.5")
	if clicks > 6 {
		t.Errorf("it takes %d clicks", clicks)
	}
	b.Keys("k")
	since, pixels := b.Standing(c.camera)
	at := midnight.Add(since)
	if got, want := browsertest.NumbersOf(t, clips.Entrance).Read(t, pixels), c.number(at.Sub(from)+time.Millisecond); got != want {
		t.Errorf("at %v after the beginning picture %d is shown, want %d", at.Sub(from), got, want)
	}
	b.Click("#viewing-bar button")
	b.Click(".outcomes button[value='nothing found']")
	b.Until("document.querySelector('#viewing-bar[hidden]')")
	b.Click("#log-out")
	b.Until("location.pathname === '/login'")
}

// audits is the data protection officer's path.
func (s *showing) audits(t *testing.T, b *browsertest.Browser, from time.Time) {
	t.Helper()
	s.logIn(b, "dpo", "/diary")
	b.Enter("#reason-form", "purpose", "control", "detail", "zadeva 12/2026")
	b.Until("document.querySelector('#list table')")
	b.Enter("#find", "op", "view.", "camera", "entrance", "person", "Hišnik (demo)")
	b.Until("!document.querySelector('#list[aria-busy]') && document.querySelector('#list tbody tr, #list .empty') && document.querySelectorAll('#list tbody tr').length < 4")
	rows := browsertest.Evaluate[[]string](b, "[...document.querySelectorAll('#list tbody tr')].map((row) => row.textContent)")
	if !slices.ContainsFunc(rows, func(row string) bool {
		return strings.Contains(row, "Hišnik (demo)") && strings.Contains(row, "varnost ljudi")
	}) {
		t.Errorf("the diary lists %q", rows)
	}
	b.Click("#list tbody tr:last-child a") // the first: the beginning of the viewing
	b.Until("document.querySelector('#proof-verdict.good')")
	if text := browsertest.Evaluate[string](b, "document.querySelector('#entry').textContent"); !strings.Contains(text, from.Local().Format("15:04")) {
		t.Errorf("the entry says %q", text)
	}
	b.Click("#look")
	b.Until("document.querySelector('#look-state .note.good')")
	dir := t.TempDir()
	b.Downloads(dir)
	b.Click("#bundle button[type=submit]")
	b.Until("document.querySelector('#bundle-state .tag.good')")
	name := filepath.Join(dir, "dnevnik.zip")
	browsertest.Appears(t, name)
	keys := browsertest.Evaluate[[]string](b, "fetch('/api/v1/diary/checkpoint').then((a) => a.json()).then((c) => c.keys)")
	program := filepath.Join(t.TempDir(), "varuh-verify")
	if out, err := exec.Command("go", "build", "-o", program, "varuh/cmd/varuh-verify").CombinedOutput(); err != nil {
		t.Fatalf("couldn't build varuh-verify: %v: %s", err, out)
	}
	if out, err := exec.Command(program, "--key", keys[0], name).CombinedOutput(); err != nil {
		t.Errorf("varuh-verify: %v: %s", err, out)
	}
}
