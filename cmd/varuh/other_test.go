package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// What was there first is given, and may grow a little. More is too much until it is gone, over restarts, or has stayed for a week.
func TestOtherData(t *testing.T) {
	t.Parallel()
	const gib, total = 1 << 30, 1000 << 30
	dir, log, id, now := t.TempDir(), slog.New(slog.DiscardHandler), keyring.ID{1}, time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	o := openOther(dir, log)
	for i, tt := range []struct {
		after time.Duration
		bytes int64
		want  int64
	}{
		{0, 10 * gib, 0},
		{0, 14 * gib, 0},
		{0, 15 * gib, gib},
		{time.Hour, 9 * gib, 0}, // less is the measure from now on
		{0, 14 * gib, gib},
		{6 * 24 * time.Hour, 15 * gib, 2 * gib},
		{25 * time.Hour, 15 * gib, 0}, // a week has passed
		{0, 19 * gib, 0},
		{0, 20 * gib, gib},
	} {
		now = now.Add(tt.after)
		if got := o.saw(id, tt.bytes, total, now); got != tt.want {
			t.Errorf("%d: %d bytes are too much, want %d", i, got, tt.want)
		}
		must(t, o.save())
		o = openOther(dir, log)
	}
	if got := openOther(t.TempDir(), log).saw(id, 20*gib, total, now); got != 0 {
		t.Errorf("without anything to compare with %d bytes are too much", got)
	}
	must(t, os.WriteFile(otherFile(dir), []byte("{"), 0o600))
	if got := openOther(dir, log).saw(id, 20*gib, total, now); got != 0 {
		t.Errorf("with a damaged file %d bytes are too much", got)
	}
}

// For other data no promise is broken; for footage it is.
func TestOtherDataBreaksNoPromise(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	for i := range 4 { // four days apart, with 10 MB each
		s.recordBig(t, s.stores[0], "yard", time.Now().Add(-time.Duration(16-4*i)*24*time.Hour), 10e6)
	}
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	old, err := readPolicies(t.Context(), d)
	must(t, err)
	_, err = writePolicies(t.Context(), d, opPolicySet, proof.Body{}, old, retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.Law, Keep: retention.Term{Days: 10}}}}})
	must(t, err)
	for _, tt := range []struct {
		excess int64
		goes   int
		kept   bool
	}{{0, 4, false}, {35e6, 2, true}, {10e6, 3, true}} {
		e.other.stores[s.stores[0].ID] = otherOn{excess: tt.excess}
		r, err := e.planRelief(t.Context(), e.time.now(), s.stores[0], 35e6, 0)
		must(t, err)
		if len(r.Erasures) != tt.goes || r.Kept > 0 != tt.kept || len(r.Broken) > 0 != (tt.goes > 2) {
			t.Errorf("%+v: %d go, %d bytes are kept, %q broken", tt, len(r.Erasures), r.Kept, r.Broken)
		}
	}
}

func oldestHeld(rows []footage.Segment) hold.Range {
	return hold.Range{Camera: rows[0].Camera, From: rows[0].Start, To: rows[0].End}
}

func allHeld(rows []footage.Segment) hold.Range {
	return hold.Range{From: rows[0].Start, To: time.Now().Add(time.Hour)}
}

// A stranger's file on the disk of a store that is full of footage is an alarm at once and an incident. Footage that nobody
// promised makes room, the oldest first, so that recording goes on; and when the file is gone the alarm ends.
func TestStrangersFile(t *testing.T) {
	t.Parallel()
	s, rows := fullStoreOf(t, 400, oldestHeld)
	must(t, s.start(t))
	s.log.await(t, "erased ")
	s.segments(t, 2)
	free, err := freeOf(s.disk)
	must(t, err)
	stranger := filepath.Join(s.disk, "holiday.mkv")
	must(t, os.WriteFile(stranger, make([]byte, leastOther+8<<20), 0o600))
	if now, err := freeOf(s.disk); err != nil || now >= free {
		t.Fatalf("%d bytes are free after %d, %v", now, free, err)
	}
	s.eraser.rouse()
	s.alarmed(t, "data that is not footage grows on the disk "+s.site.stores[0].Dir)
	s.until(t, "no room is made", func(status) bool { free, err := freeOf(s.disk); return err == nil && free > 64<<20 })
	s.segments(t, 2)
	(&still{s.site, s.index}).whole(t, s.site.stores[0], rows[0])
	must(t, os.Remove(stranger))
	s.eraser.rouse()
	s.until(t, "the alarm lasts", func(st status) bool {
		return !strings.Contains(strings.Join(st.Terms.Troubles, "\n"), "not footage") && st.Streams[0].State == "recording"
	})
	s.said(t, map[string]int{"incident.open": 1}, "other data on a disk: data that is not footage grows")
}

// On a disk without a free byte what is held for that lets the daemon start, the purge frees, the diary never fails and
// recording goes on, though whoever filled the disk does not go away.
func TestReallyFullStore(t *testing.T) {
	t.Parallel()
	s, rows := fullStoreOf(t, 400, oldestHeld)
	empty := durabletest.Fill(t, s.disk)
	defer empty()
	must(t, s.start(t))
	s.log.await(t, "were held for this are given up now", "erased ")
	s.until(t, "recording does not go on", func(st status) bool { return st.Streams[0].State == "recording" && st.Streams[0].Segments > 2 })
	must(t, s.read(t.Context(), "the diary goes on"))
	if text := s.log.String(); strings.Contains(text, "the diary can't be kept up to date") {
		t.Error(text)
	}
	(&still{s.site, s.index}).whole(t, s.site.stores[0], rows[0])
	s.said(t, map[string]int{"diary.read": 1})
}

// A disk that is full of held footage records again when a hold is cleared, and the alarm ends.
func TestHeldStoreGoesOn(t *testing.T) {
	t.Parallel()
	s, rows := fullStore(t, allHeld)
	must(t, s.start(t))
	s.alarmed(t, "all that is left on it is held")
	free, err := freeOf(s.disk)
	must(t, errors.Join(err, os.WriteFile(filepath.Join(s.disk, "more"), make([]byte, max(int(free)-60<<20, 0)), 0o600))) // as if cameras had done so
	s.until(t, "footage goes beyond the reserve", func(st status) bool { return st.Streams[0].State == "full" })
	register, _, err := s.eraser.books()
	must(t, err)
	holds, err := register.List(t.Context())
	must(t, err)
	_, err = register.Clear(t.Context(), holds[0].ID, ana, "the court is done")
	must(t, err)
	s.eraser.rouse()
	s.until(t, "recording does not go on", func(st status) bool {
		return st.Streams[0].State == "recording" && !strings.Contains(strings.Join(st.Terms.Troubles, "\n"), "is held")
	})
	(&still{s.site, s.index}).gone(t, s.site.stores[0], rows[0])
	s.said(t, map[string]int{"incident.open": 1, "hold.clear": 1}, "disk full of held footage: ")
}

// That it can't be told or remembered how much other data there is, is told of, and ends.
func TestOtherDataUnknown(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	e, _, _ := s.eraser(t, later(t, 7, 0))
	file := e.other.file
	e.other.file = filepath.Join(s.cfg.State, "nowhere", "other.json")
	e.watchOther(s.stores[0])
	e.settleEvents("a disk", true)
	if said := strings.Join(e.alarms(), "; "); !strings.Contains(said, "can't be remembered over a restart") {
		t.Errorf("said: %q", said)
	}
	e.other.file = file
	gone := s.stores[0]
	gone.Dir = filepath.Join(s.cfg.State, "nowhere")
	e.watchOther(gone)
	e.settleEvents("a disk", true)
	if said := strings.Join(e.alarms(), "; "); !strings.Contains(said, "is not footage can't be told") {
		t.Errorf("said: %q", said)
	}
	e.watchOther(s.stores[0])
	e.settleEvents("a disk", true)
	if list := e.alarms(); len(list) > 0 {
		t.Errorf("afterwards: %q", list)
	}
}
