package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/anchor/witnesstest"
	"varuh/accesslog/people"
	"varuh/recorder"
)

// Two parties said that a day had come that has not. Two persons take that back, where the machine's clock says the same;
// nobody else does, and nothing that was signed before counts again after a restart.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	order := func(actor, second string, at time.Time) backOrder {
		return backOrder{clockOrder{who: played(actor), Reason: "the time server was wrong", Time: at}, playedSecond(second)}
	}
	refused := func(why string, o backOrder) {
		t.Helper()
		if _, err := e.setBackClock(t.Context(), o); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want %q", err, why)
		}
	}
	e.time.told(person, boot.Now())
	refused("nothing to take back", order("Ana", "Bor", boot.Now()))
	boot.ahead = 1000 * time.Hour
	_, err := e.confirmClock(t.Context(), clockOrder{who: herself, Reason: "by the radio", Time: boot.Now()})
	must(t, err)
	boot.ahead = 0
	e.time.observe()
	if list := strings.Join(e.status().Troubles, "\n"); !strings.Contains(list, "varuh clock set-back") {
		t.Errorf("the troubles are %s", list)
	}
	refused("two persons", order("Ana", "ANA", boot.Now()))
	refused("two persons", order("Ana", "", boot.Now()))
	refused("Set the clock right first", order("Ana", "Bor", boot.Now().Add(time.Hour)))
	refused("--reason", backOrder{clockOrder{who: herself, Time: boot.Now()}, playedSecond("Bor")})
	if n := count1(ops(t, d), opClockSetBack); n != 0 {
		t.Errorf("%d refusals are entered", n)
	}
	now := boot.Now()
	a, err := e.setBackClock(t.Context(), order("Ana", "Bor", now))
	must(t, err)
	if a.Present.Held || a.Present.Certain.Sub(now).Abs() > time.Minute {
		t.Errorf("set back to %s: %+v", now, a)
	}
	again := openTimekeeper(s.cfg.State, boot, slog.New(slog.DiscardHandler))
	must(t, again.recall(t.Context(), d))
	if p := again.now(); p.Held || p.Certain.Sub(now).Abs() > time.Minute {
		t.Errorf("after a restart: %+v", p)
	}
	if n := count1(ops(t, d), opClockSetBack); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// The command states what it takes back, wants the time typed twice, and works on a state folder that no daemon holds.
func TestClockSetBackCommand(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "box")
	_, err := initCmd{Store: []string{filepath.Join(dir, "store")}, Controller: "sola.example", YesIWroteDown: true}.make(dir, terminal{strings.NewReader(""), io.Discard, io.Discard})
	must(t, err)
	k := openTimekeeper(dir, later(t, 7, 9000*time.Hour), slog.New(slog.DiscardHandler))
	k.told(person, k.boot.Now())
	to := time.Now().UTC().Format("2006-01-02T15:04Z")
	for typed, code := range map[string]int{"": 1, "y\n": 1, to[:10] + "\n": 1} {
		var out strings.Builder
		if got := run(t.Context(), []string{"clock", "set-back", "--to", to, "--actor", "Ana", "--second", "Bor", "--reason", "wrong", "--dir", dir}, terminal{strings.NewReader(typed), &out, &out}); got != code || !strings.Contains(out.String(), "nothing was changed") {
			t.Errorf("typed %q: %d, %s", typed, got, &out)
		}
	}
	var out strings.Builder
	if code := run(t.Context(), []string{"clock", "set-back", "--to", to, "--actor", "Ana", "--second", "Bor", "--reason", "wrong", "--dir", dir}, terminal{strings.NewReader(to + "\n"), &out, &out}); code != 0 ||
		!strings.Contains(out.String(), stamp(k.now().Certain)[:8]) || !strings.Contains(out.String(), "which is certain") {
		t.Errorf("set back: %d, %s", code, &out)
	}
}

// The installer is asked once, at the end of init; whoever does not answer is asked by the status.
func TestInitAsksForTheClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first, says, want string
		held              bool
	}{
		{"", "y\nAna Novak\n", "which is certain", false},
		{"", "Y\n\n", "can be said later", true},
		{"", "n\n", "can be said later", true},
		{"", "", "can be said later", true},
		{"ravnatelj", "y\n" + goodPassword + "\n", "which is certain", false},
		{"ravnatelj", "y\nuganjeno geslo 7\n", "that did not work: the log-in was refused", true},
		{"ravnatelj", "n\n", "can be said later", true},
	} {
		dir := filepath.Join(t.TempDir(), "box")
		c := initCmd{Store: []string{filepath.Join(dir, "store")}, Controller: "sola.example"}
		c.YesIWroteDown = true
		if tt.first != "" {
			c.firstAdmin = firstAdmin{Admin: tt.first, Name: "Ana Novak", Language: "sl", Role: []people.Role{people.Administrator, people.Approver}, Paper: "2026-01-02"}
		}
		_, err := c.make(dir, terminal{strings.NewReader(goodPassword + "\n" + goodPassword + "\n"), io.Discard, io.Discard})
		must(t, err)
		var out strings.Builder
		must(t, firstClock(t.Context(), &cli{Dir: dir}, terminal{strings.NewReader(tt.says), &out, &out}, tt.first))
		if !strings.Contains(out.String(), tt.want) || !strings.Contains(out.String(), time.Now().UTC().Format("2 January 2006")) {
			t.Errorf("%q: %s", tt.says, &out)
		}
		boot, err := recorder.ThisBoot()
		must(t, err)
		k := openTimekeeper(dir, boot, slog.New(slog.DiscardHandler))
		if p := k.now(); p.Certain.IsZero() != tt.held {
			t.Errorf("%q: %+v", tt.says, p)
		}
	}
}

// A fresh appliance that asks somebody outside bothers nobody for an hour; without one it says at once what is to be done,
// and why.
func TestCalmAtFirst(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	e, _, _ := s.eraser(t, later(t, 7, 0))
	says := func() string { return strings.Join(e.status().Troubles, "\n") }
	if !strings.Contains(says(), "say once that the machine's clock is right (varuh clock confirm)") {
		t.Errorf("without anybody outside: %s", says())
	}
	e.outside = true
	if strings.Contains(says(), "clock") {
		t.Errorf("with somebody outside, at first: %s", says())
	}
	e.born -= calmFor
	if !strings.Contains(says(), "varuh clock confirm") {
		t.Errorf("with somebody outside who said nothing for an hour: %s", says())
	}
}

// A start recalls from the diary what witnesses and authorities have signed, so that a lost file costs none of it; not what
// two persons took back since.
func TestAnchorsAreRecalled(t *testing.T) {
	t.Parallel()
	o := newOutside(t, witnesstest.Build(t))
	must(t, o.anchoring.round(t.Context()))
	must(t, os.RemoveAll(timeFile(o.state)))
	log := slog.New(slog.DiscardHandler)
	k := openTimekeeper(o.state, later(t, 1, 400*24*time.Hour), log)
	must(t, k.recall(t.Context(), o.diary))
	if p := k.now(); !p.Held || time.Since(p.Certain).Abs() > time.Minute {
		t.Errorf("recalled: %+v, %+v", p, k.guard.Said)
	}
	if said := k.guard.Said; len(said) != 2 || said[0].Here || said[1].Here {
		t.Errorf("recalled was %+v", said)
	}
	onDatabase(t, o.state, `UPDATE diary_anchors SET time = time + 400 * 86400000`) // who does so has no key of theirs
	k = openTimekeeper(t.TempDir(), later(t, 1, 0), log)
	must(t, k.recall(t.Context(), o.diary))
	for _, said := range k.guard.Said {
		if time.Since(said.Time).Abs() > time.Minute {
			t.Errorf("a changed row was believed: %+v", said)
		}
	}
	o.append(t, opClockSetBack)
	k = openTimekeeper(t.TempDir(), later(t, 1, 0), log)
	must(t, k.recall(t.Context(), o.diary))
	if len(k.guard.Said) != 0 {
		t.Errorf("after it was taken back: %+v", k.guard.Said)
	}
}

// A time is read with its minutes and its zone.
func TestClockParse(t *testing.T) {
	t.Parallel()
	a := clockAnswer{Wall: time.Date(2026, 11, 22, 5, 0, 9, 0, time.UTC), Zone: "Europe/Ljubljana"}
	for text, want := range map[string]string{"2026-11-22T05:00Z": "2026-11-22T05:00:00Z", " 2026-11-22T05:00:07Z ": "2026-11-22T05:00:07Z", "2026-11-22 06:00": "2026-11-22T05:00:00Z",
		"2026-11-22T06:00+01:00": "2026-11-22T05:00:00Z", "2026-11-22": "", "now": ""} {
		at, err := a.parse("--time", text)
		if got := at.UTC().Format(time.RFC3339); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	if text := a.shown(); !strings.Contains(text, "Sunday, 22 November 2026, 06:00:09 CET") || !strings.Contains(text, "05:00:09 UTC") {
		t.Errorf("shown: %s", text)
	}
}
