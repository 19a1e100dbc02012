package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// recordDark makes a segment of a boot that the guard does not know and whose clock was never set.
func (s *still) recordDark(t *testing.T, store footage.Store) footage.Segment {
	t.Helper()
	row := s.recordAt(t, store, "yard", time.Unix(60, 0))
	must(t, s.index.Remove(row.ID))
	row.Boot, row.Clock = [16]byte{99}, segment.Unsynchronised
	must(t, errors.Join(s.index.Begin(row), s.index.Sealed(row)))
	return row
}

// Footage that nothing dates is one entry, however often it is met and the program starts anew; status and metrics tell of
// it with a day on which it goes, and it goes then. So is footage that was recorded in the future.
func TestUndatedFootage(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	dark := s.recordDark(t, s.stores[0])
	ahead := s.recordAt(t, s.stores[0], "gate", time.Now().AddDate(9, 0, 0))
	kept := s.record(t, s.stores[1])
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.cycle(t.Context())
	if text := strings.Join(e.status().Troubles, "\n"); !strings.Contains(text, "yard: nobody can tell when 1 segment was recorded") || !strings.Contains(text, "stays until it is certain") {
		t.Errorf("before the time is certain: %s", text)
	}
	e.time.told("person", boot.Now())
	for range 3 {
		e.cycle(t.Context())
	}
	st := e.status()
	day := boot.Now().UTC().AddDate(1, 0, 0).Format(time.DateOnly)
	text := strings.Join(st.Troubles, "\n")
	if st.Undated != 2 || st.Astray != 0 || !strings.Contains(text, "it goes on "+day+" at the latest") || !strings.Contains(text, "varuh hold set") {
		t.Errorf("%d without a date, %d astray: %s", st.Undated, st.Astray, text)
	}
	if n := count1(ops(t, d), "incident.open"); n != 2 { // of the yard, then of the gate, once the present is certain
		t.Errorf("%d incidents are entered", n)
	}
	e.lasting, e.time = openLasting(s.cfg.State, e.log), openTimekeeper(s.cfg.State, boot, e.log) // a restart
	e.cycle(t.Context())
	if n := count1(ops(t, d), "incident.open"); n != 2 {
		t.Errorf("after a restart %d incidents are entered", n)
	}
	s.whole(t, s.stores[0], dark)
	boot.ahead = 366 * 24 * time.Hour
	e.time.told("witness w", boot.Now())
	e.time.told("person", boot.Now())
	e.cycle(t.Context())
	s.gone(t, s.stores[0], dark)
	s.gone(t, s.stores[0], ahead)
	s.gone(t, s.stores[1], kept)
	if n, _ := e.lasting.of(partUndated); n != 0 || e.status().Undated != 0 {
		t.Errorf("%d cameras are still remembered", n)
	}
}

// What a walk finds is entered once and told of with the day since when it lasts; what comes on top is entered, and what
// came back is.
func TestWalkEntersOnce(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	lose := func() string {
		row := s.record(t, s.stores[0])
		path := s.stores[0].Path(row.Camera, row.ID)
		must(t, os.Rename(path, path+".away"))
		return path
	}
	path := lose()
	walks := func(want int, when string) {
		t.Helper()
		e.walk(t.Context())
		if n := count1(ops(t, d), "incident.open"); n != want {
			t.Fatalf("%s: %d incidents are entered, want %d", when, n, want)
		}
	}
	walks(1, "at first")
	_, since := e.lasting.of(partWalk)
	boot.ahead = 24 * time.Hour
	walks(1, "a day later")
	e.lasting = openLasting(s.cfg.State, e.log)
	walks(1, "after a restart")
	if st := e.status(); st.Findings == 0 || !st.Since.Equal(since) || !strings.Contains(strings.Join(st.Troubles, "\n"), "since "+stamp(since)) {
		t.Errorf("the status is %+v", st)
	}
	found := e.status().Findings
	other := lose()
	walks(2, "with another one missing")
	if n := e.status().Findings; n <= found {
		t.Errorf("%d findings, %d before", n, found)
	}
	for _, p := range []string{path, other} {
		must(t, os.Rename(p+".away", p))
	}
	walks(2, "once they are back")
	if st := e.status(); st.Findings != 0 {
		t.Errorf("%d findings last: %q", st.Findings, st.Troubles)
	}
	must(t, os.Rename(path, path+".away"))
	walks(3, "missing once more")
	must(t, os.WriteFile(lastingFile(s.cfg.State), []byte("{"), 0o600))
	e.lasting = openLasting(s.cfg.State, e.log)
	walks(4, "with a damaged file")
	if _, err := os.Stat(filepath.Join(s.cfg.State, "lasting.json")); errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// The same in a daemon: the footage is there when it starts; a person confirms the clock; status, metrics and diary say when it
// goes, a restart enters nothing more, and a year later it goes.
func TestDaemonTellsOfUndated(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	b := startBox(t, addr, nil)
	b.end(t)
	s, store := b.opened(t)
	dark := s.recordDark(t, store)
	must(t, errors.Join(s.index.Close(), s.Close()))
	command := func(args ...string) {
		t.Helper()
		var out strings.Builder
		if code := run(t.Context(), append(args, "--dir", b.dir), terminal{strings.NewReader(""), &out, &out}); code != 0 {
			t.Fatalf("%s: %s", args, &out)
		}
	}
	confirm := func() {
		t.Helper()
		command("clock", "confirm", "--actor", "Ana", "--reason", "by the radio", "--time", b.boot.Now().UTC().Format(time.RFC3339))
	}
	boot := later(t, 7, 0)
	b.boot = boot
	b.again(t)
	confirm()
	b.says(t, "it goes on "+boot.Now().UTC().AddDate(1, 0, 0).Format(time.DateOnly)+" at the latest")
	resp, err := http.Get("http://" + addr + "/metrics")
	must(t, err)
	if text := readAll(t, resp.Body); !strings.Contains(text, "\nvaruh_footage_undated_segments 1\n") || !strings.Contains(text, "\nvaruh_footage_terms_ok 0\n") {
		t.Errorf("the metrics don't say so:\n%s", text)
	}
	b.end(t)
	b.again(t)
	b.says(t, "at the latest")
	b.end(t)
	b.boot = later(t, 8, 366*24*time.Hour)
	b.again(t)
	confirm()
	b.log.await(t, "erased 1 segment")
	b.end(t)
	s, store = b.opened(t)
	s.gone(t, store, dark)
	must(t, errors.Join(s.index.Close(), s.Close()))
	s.with(t, func(d *diary.Diary) {
		if list := ops(t, d); count1(list, "incident.open") != 1 || count1(list, "erase.end") != 1 {
			t.Errorf("the entries are %q", list)
		}
	})
}
