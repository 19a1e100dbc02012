package retention

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
)

var errDown = errors.New("the diary's disk is full")

// TestDiaryDown: while the diary cannot be written only footage goes whose term is over within a day, and it is
// entered when the diary is back.
func TestDiaryDown(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 4)
	yard[1].Due = after.Certain.Add(25 * time.Hour)
	yard[2].Reason = ByPressure
	yard[3].Reason = ByPolicy
	g.start(t, 0)
	g.diary.down = errDown
	report, err := g.Run(t.Context(), after, planned(yard...))
	if !errors.Is(err, errDown) || report.Late != 1 || report.Waiting != 3 || report.Erased != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantGone(t, yard[0])
	g.wantWhole(t, yard[1:]...)
	g.wantEvents(t, EventLate)
	if list := g.disk.Files(rigLate); len(list) != 1 {
		t.Errorf("kept beside the diary: %v", list)
	}
	report, err = g.Run(t.Context(), after, planned(yard[1:]...))
	if !errors.Is(err, errDown) || report.Late != 1 || report.Waiting != 3 {
		t.Errorf("an hour later: %+v, %v", report, err)
	}
	g.wantEvents(t, EventLate)

	g.diary.down = nil
	report, err = g.Run(t.Context(), after, planned(yard[1:]...))
	if err != nil || report.Late+report.Waiting+report.Open > 0 || report.Erased != 3 {
		t.Errorf("when it is back: %+v, %v", report, err)
	}
	g.wantGone(t, yard...)
	entries := g.wantEntries(t, OpStart, OpEnd, OpStart, OpEnd)
	if entries[0].Data["late"] != "yes" || entries[2].Data["late"] != nil || !must1(ParseManifest(entries[0].Manifest))(t).has(yard[0].Segment.ID) {
		t.Errorf("entered %+v", entries)
	}
	g.wantEvents(t)
	if list := g.disk.Files(rigLate); len(list) > 0 {
		t.Errorf("still beside the diary: %v", list)
	}
}

// TestDiaryDownOverStarts: a list beside the diary is made sure of by every start, and entered by the first that has
// a diary again.
func TestDiaryDownOverStarts(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	g := newRig(t, d)
	yard := g.record(t, "yard", taped, 2)
	before := copyOf(t, d, "/")
	g.start(t, 0)
	g.diary.down = errDown
	if _, err := g.Run(t.Context(), after, planned(yard[0])); !errors.Is(err, errDown) {
		t.Error(err)
	}
	list := copyOf(t, d, rigLate)
	putBack(t, d, before) // as if the machine had stopped before a key was destroyed
	putBack(t, d, list)

	g = newRig(t, d)
	g.diary.down = errDown
	if _, err := g.Replay(t.Context(), after, 0); !errors.Is(err, errDown) {
		t.Errorf("a start without the diary: %v", err)
	}
	g.wantGone(t, yard[0])
	if _, err := g.Run(t.Context(), after, planned(yard[1])); !errors.Is(err, errDown) {
		t.Errorf("a run without the diary: %v", err)
	}
	g.wantGone(t, yard[1])
	g.wantEvents(t, EventLate, EventLate)

	g = newRig(t, d)
	g.start(t, 0)
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpEnd, OpStart, OpEnd)
	if left := d.Files(rigLate); len(left) > 0 {
		t.Errorf("still beside the diary: %v", left)
	}
}

// TestUncertainEntry: an erase.start that is written although Enter failed is brought to its end, with what went by
// the list beside the diary, and is not entered twice. So is an erase.end.
func TestUncertainEntry(t *testing.T) {
	t.Parallel()
	for _, op := range []string{OpStart, OpEnd} {
		g := newRig(t, durabletest.New())
		yard := g.record(t, "yard", taped, 2)
		yard[1].Reason = ByPressure
		g.start(t, 0)
		g.diary.hook = func(now string) {
			if now == op {
				g.diary.down, g.diary.lies = errDown, op
			}
		}
		if _, err := g.Run(t.Context(), after, planned(yard...)); !errors.Is(err, errDown) {
			t.Errorf("%s: %v", op, err)
		}
		g.diary.down, g.diary.hook = nil, nil
		must1(g.Run(t.Context(), after, planned()))(t)
		g.wantGone(t, yard...)
		g.wantEntries(t, OpStart, OpEnd)
		if left := g.disk.Files(rigLate); len(left) > 0 {
			t.Errorf("%s: still beside the diary: %v", op, left)
		}
	}
}

// TestNoPlaceForTheList: where neither the diary nor the file beside it can be written, nothing goes.
func TestNoPlaceForTheList(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	g.start(t, 0)
	g.diary.down = errDown
	g.FS = &hooked{g.disk, func(name string) error {
		if strings.HasPrefix(name, rigLate) { // which WriteFile removes first
			return fs.ErrPermission
		}
		return nil
	}}
	report, err := g.Run(t.Context(), after, planned(yard...))
	if !errors.Is(err, fs.ErrPermission) || report.Waiting != 2 || report.Open > 0 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantWhole(t, yard...)
	g.wantEvents(t, EventLate)
}

// TestDamagedList: a file among the lists that is none is told, and does not stop the others. One that is there twice is
// one.
func TestDamagedList(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	g := newRig(t, d)
	yard := g.record(t, "yard", taped, 1)
	b := must1(manifest(lines(yard)).Encode())(t)
	putBack(t, d, map[string][]byte{rigLate + "/00000007.json": b[:40], rigLate + "/00000008.json": b,
		rigLate + "/00000009.json": b, rigLate + "/00000010.json.new": b[:9]})
	if _, err := g.Replay(t.Context(), after, 0); !errors.Is(err, ErrManifest) {
		t.Errorf("replay: %v", err)
	}
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpEnd)
	g.wantEvents(t, EventFailed)
	if left := d.Files(rigLate); !slices.Equal(left, []string{rigLate + "/00000007.json"}) {
		t.Errorf("left %v", left)
	}
	for range 2 { // it is told for as long as it is there
		if _, err := g.Run(t.Context(), after, planned()); !errors.Is(err, ErrManifest) {
			t.Errorf("a later run: %v", err)
		}
		g.wantEvents(t, EventFailed)
	}
	gate := g.record(t, "gate", taped, 1) // it is brought back whole
	putBack(t, d, map[string][]byte{rigLate + "/00000007.json": must1(manifest(lines(gate)).Encode())(t)})
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantGone(t, gate...)
	g.wantEntries(t, OpStart, OpEnd, OpStart, OpEnd)
	g.wantEvents(t)

	putBack(t, d, map[string][]byte{rigLate + "/00000011.json": b[:40]})
	g = newRig(t, d)
	if _, err := g.Replay(t.Context(), after, 0); !errors.Is(err, ErrManifest) {
		t.Errorf("replay: %v", err)
	}
	must(t, d.Remove(rigLate+"/00000011.json")) // a person takes it away
	must1(g.Run(t.Context(), after, planned()))(t)
}

// TestDiaryAway: while no diary can be trusted and nothing is due, that alone is no failure of a purge. Its copies are
// asked once the diary has the list.
func TestDiaryAway(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	c := &copies{}
	g.Copies = c
	g.diary.down = fmt.Errorf("a witness remembers more: %w", ErrNoDiary)
	if _, err := g.Replay(t.Context(), after, 0); !errors.Is(err, ErrNoDiary) {
		t.Error(err)
	}
	if _, err := g.Run(t.Context(), after, planned()); !errors.Is(err, ErrNoDiary) {
		t.Error(err)
	}
	g.wantEvents(t)
	for range 2 {
		if report, err := g.Run(t.Context(), after, planned(yard...)); !errors.Is(err, ErrNoDiary) || report.Late != 1 || len(report.Failures) > 0 {
			t.Errorf("report %+v, %v", report, err)
		}
	}
	g.wantEvents(t, EventLate, EventLate)
	g.wantGone(t, yard...)
	if len(c.asked) > 0 {
		t.Error("copies were asked that nobody knows")
	}
	g.diary.down, c.err = nil, errors.New("the replica does not answer")
	if report, err := g.Run(t.Context(), after, planned()); !errors.Is(err, c.err) || report.Open != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	c.err = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantEntries(t, OpStart, OpEnd)
	if len(c.asked) != 2 || len(c.asked[1]) != 2 {
		t.Errorf("asked %v", c.asked)
	}
}

// TestPolicyWhileDiaryDown: what a policy asks for waits, but not past the term that was in force when it was recorded.
func TestPolicyWhileDiaryDown(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 3)
	for i := range yard {
		yard[i].Reason, yard[i].Due, yard[i].Term = ByPolicy, taped.AddDate(0, 1, 0), yard[i].Due
	}
	yard[1].Term = after.Certain.Add(25 * time.Hour)
	yard[2].Reason = ByPressure
	g.start(t, 0)
	g.diary.down = errDown
	if report, err := g.Run(t.Context(), after, planned(yard...)); !errors.Is(err, errDown) || report.Waiting != 2 || report.Erased != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantGone(t, yard[0])
	g.wantWhole(t, yard[1:]...)
	g.diary.down = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	if l := must1(ParseManifest(g.wantEntries(t, OpStart, OpEnd)[0].Manifest))(t).Segments; len(l) != 1 || l[0].Reason != ByTerm {
		t.Errorf("entered %+v", l)
	}
}
