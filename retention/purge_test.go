package retention

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// planned is a plan of these.
func planned(list ...Erasure) func() ([]Erasure, error) {
	return func() ([]Erasure, error) { return list, nil }
}

// TestPurge erases part of a store: the entries come around it, nothing is left of what went, the rest is
// whole, and empty folders are gone.
func TestPurge(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard, gate := g.record(t, "yard", taped, 4), g.record(t, "gate", taped, 2)
	g.start(t, 0)
	plan := slices.Concat(yard[:3], gate[:1]) // two of yard begin before midnight
	slot := must1(g.Stores[0].Ring.Slot(listed(plan[0]).ref()))(t)
	report, err := g.Run(t.Context(), after, planned(plan...))
	must(t, err)
	if want := (Report{Erased: 4, Freed: report.Freed}); fmt.Sprint(report) != fmt.Sprint(want) || report.Freed == 0 {
		t.Errorf("report %+v, want %+v", report, want)
	}
	g.wantGone(t, plan...)
	g.wantWhole(t, yard[3], gate[1])
	entries := g.wantEntries(t, OpStart, OpEnd)
	g.wantEvents(t)
	m, err := ParseManifest(entries[0].Manifest)
	must(t, err)
	if len(m.Segments) != 4 || m.bytes() != report.Freed || *entries[1].Ref != 0 || entries[1].Manifest != nil || entries[1].Data["count"] != 4.0 {
		t.Errorf("entered %+v", entries)
	}
	for name, b := range copyOf(t, g.disk, "/") {
		if bytes.Contains(b, slot.Keys[0].Box[:]) || bytes.Contains(b, slot.Keys[0].Box[32:]) {
			t.Errorf("%s still has a sealed key", name)
		}
	}
	if _, err := g.disk.Stat(filepath.Dir(g.file(yard[0]))); err == nil {
		t.Error("the empty folder of a day is still there")
	}
	if _, err := g.disk.Stat(filepath.Dir(g.file(yard[3]))); err != nil {
		t.Errorf("the folder of a day with footage is gone: %v", err)
	}
}

// TestPurgeInLists: a large purge has several lists, each of one store, and each ends.
func TestPurgeInLists(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	var plan []Erasure
	for i := range 2*MaxListed + 1 {
		at := taped.Add(time.Duration(i) * time.Second)
		plan = append(plan, Erasure{Reason: ByTerm, Due: at.AddDate(1, 0, 0),
			Segment: footage.Segment{ID: keyring.NewID(at), Store: keyring.ID{9}, Camera: "yard", Slot: uint32(i), Start: at, End: at, Bytes: 1, Sealed: true}})
	}
	g.start(t, 0)
	report, err := g.Run(t.Context(), after, planned(plan...)) // there never were such slots: their keys are gone
	must(t, err)
	if report.Erased != len(plan) || report.Open > 0 {
		t.Errorf("report %+v", report)
	}
	g.wantEntries(t, OpStart, OpEnd, OpStart, OpEnd, OpStart, OpEnd)
}

// TestRunNeedsReplay: nothing is erased before what an earlier start left was looked at.
func TestRunNeedsReplay(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 1)
	if _, err := g.Run(t.Context(), after, planned(yard...)); !errors.Is(err, errNotReplayed) {
		t.Errorf("run: %v", err)
	}
	if _, err := g.Relieve(t.Context(), after, g.Stores[0], 1<<60, nil); !errors.Is(err, errNotReplayed) {
		t.Errorf("relieve: %v", err)
	}
	g.wantWhole(t, yard...)
	g.wantEntries(t)
}

// TestOpenSegmentStays: what is being recorded is left alone.
func TestOpenSegmentStays(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	yard[0].Segment.Sealed = false
	g.start(t, 0)
	report, err := g.Run(t.Context(), after, planned(yard...))
	must(t, err)
	if report.Busy != 1 || report.Erased != 1 {
		t.Errorf("report %+v", report)
	}
	g.wantWhole(t, yard[0])
	g.wantGone(t, yard[1])
}

// TestSettled: what a crash left open and nobody could recover goes at its term all the same; what may still be written
// does not, whatever its clock says.
func TestSettled(t *testing.T) {
	t.Parallel()
	this, earlier := [16]byte{1}, [16]byte{2}
	for _, tt := range []struct {
		name string
		row  footage.Segment
		want bool
	}{
		{"sealed", footage.Segment{Sealed: true, Boot: this}, true},
		{"of an earlier boot", footage.Segment{Boot: earlier}, true},
		{"just begun", footage.Segment{Boot: this, BootTime: 100 * time.Hour}, false},
		{"begun a day ago", footage.Segment{Boot: this, BootTime: 76 * time.Hour}, false},
		{"begun longer ago", footage.Segment{Boot: this, BootTime: 75 * time.Hour}, true},
	} {
		rows := func(yield func(footage.Segment, error) bool) {
			if yield(tt.row, nil) {
				yield(footage.Segment{}, errDown)
			}
		}
		var got []footage.Segment
		for s, err := range Settled(rows, this, 100*time.Hour) {
			if err != nil {
				if !errors.Is(err, errDown) {
					t.Error(err)
				}
				continue
			}
			got = append(got, s)
		}
		if len(got) != 1 || got[0].Sealed != tt.want || got[0].End.After(got[0].Start) != (tt.want && !tt.row.Sealed) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// stubborn is a file system on which some names cannot be removed, as with the immutable flag, some folders not be
// listed, and the free space not be told.
type stubborn struct {
	*durabletest.Disk
	stuck []string // parts of names
	blind error
}

func (b *stubborn) Remove(name string) error {
	if slices.ContainsFunc(b.stuck, func(part string) bool { return strings.Contains(name, part) }) {
		return syscall.EPERM
	}
	return b.Disk.Remove(name)
}

func (b *stubborn) Free(name string) (uint64, error) {
	free, err := b.Disk.Free(name)
	return free, errors.Join(err, b.blind)
}

// TestImmutableFile: one file that cannot be removed stops none of the others. It is told within one run, entered
// once, and erased as soon as it can be.
func TestImmutableFile(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 5)
	fsys := &stubborn{Disk: g.disk, stuck: []string{yard[1].Segment.ID.String()}}
	g.FS = fsys
	g.start(t, 0)
	report, err := g.Run(t.Context(), after, planned(yard[:3]...))
	if !errors.Is(err, syscall.EPERM) || len(report.Failures) != 1 || report.Failures[0].Step != StepFile ||
		report.Failures[0].Segment.ID != yard[1].Segment.ID || report.Open != 1 || report.Erased != 0 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantGone(t, yard[0], yard[2])
	if left := g.there(t, yard[1]); !slices.Equal(left, []string{"file", "row"}) {
		t.Errorf("of the file that can't be removed there is %v", left)
	}
	entries := g.wantEntries(t, OpStart, OpIncident)
	if m, err := ParseManifest(entries[1].Manifest); err != nil || *entries[1].Ref != 0 || len(m.Segments) != 1 || m.Segments[0].ID != yard[1].Segment.ID {
		t.Errorf("the incident has %+v, %v", m, err)
	}
	g.wantEvents(t, EventFailed)

	report, err = g.Run(t.Context(), after, planned(yard[:4]...)) // the plan has what failed again, since its row is there
	if err == nil || len(report.Failures) != 1 || report.Erased != 1 {
		t.Errorf("second run: %+v, %v", report, err)
	}
	g.wantGone(t, yard[3])
	g.wantEntries(t, OpStart, OpIncident, OpStart, OpEnd)
	g.wantEvents(t, EventFailed)

	fsys.stuck = nil
	report, err = g.Run(t.Context(), after, planned())
	if err != nil || report.Erased != 3 || report.Open > 0 {
		t.Errorf("third run: %+v, %v", report, err)
	}
	g.wantGone(t, yard[:4]...)
	g.wantWhole(t, yard[4])
	g.wantEntries(t, OpStart, OpIncident, OpStart, OpEnd, OpEnd)
	g.wantEvents(t)
}

// TestReadOnlyStore: of a store that became read-only no file goes and every failure is told; when it takes
// writes again all goes.
func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	g := newRig(t, d)
	yard := g.record(t, "yard", taped, 3)
	g.start(t, 0)
	readOnly := false
	g.FS = &hooked{d, func(name string) error {
		if readOnly && strings.HasPrefix(name, rigStore) {
			return syscall.EROFS
		}
		return nil
	}}
	ring := must1(keyring.Open(g.FS, rigState+"/keys", rigStore+"/keys", keyring.ID{9}, nil))(t)
	g.Stores[0].Ring = ring
	readOnly = true
	report, err := g.Run(t.Context(), after, planned(yard...))
	if !errors.Is(err, syscall.EROFS) || len(report.Failures) != 3 || report.Failures[0].Step != StepKey {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantEntries(t, OpStart, OpIncident)
	g.wantEvents(t, EventFailed)
	readOnly = false
	report, err = g.Run(t.Context(), after, planned())
	if err != nil || report.Erased != 3 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpIncident, OpEnd)
}

// hooked is a disk that refuses changes of some names.
type hooked struct {
	*durabletest.Disk
	refuse func(name string) error
}

func (h *hooked) OpenRW(name string) (durable.File, error) {
	if err := h.refuse(name); err != nil {
		return nil, err
	}
	return h.Disk.OpenRW(name)
}

func (h *hooked) Remove(name string) error {
	if err := h.refuse(name); err != nil {
		return err
	}
	return h.Disk.Remove(name)
}

// TestBadSlot: one slot that cannot be written stops only its own segment.
func TestBadSlot(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped.Add(time.Hour), 9) // one day
	bad := yard[4].Segment
	slots := rigStore + "/keys/slots/" + bad.ID.Time().Format(time.DateOnly) + ".slots"
	fsys := &badSector{g.disk, slots, int64(bad.Slot) * keyring.SlotSize}
	ring := must1(keyring.Open(fsys, rigState+"/keys", rigStore+"/keys", keyring.ID{9}, nil))(t)
	g.Stores[0].Ring = ring
	g.start(t, 0)
	report, err := g.Run(t.Context(), after, planned(yard...))
	if !errors.Is(err, syscall.EIO) || len(report.Failures) != 1 || report.Failures[0].Segment.ID != bad.ID {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantGone(t, yard[:4]...)
	g.wantGone(t, yard[5:]...)
	if left := g.there(t, yard[4]); !slices.Contains(left, "file") {
		t.Errorf("the file went before its key did: %v", left)
	}
}

// badSector fails writes at one place of one file.
type badSector struct {
	*durabletest.Disk
	name string
	at   int64
}

func (b *badSector) OpenRW(name string) (durable.File, error) {
	f, err := b.Disk.OpenRW(name)
	if err != nil || name != b.name {
		return f, err
	}
	return badFile{f, b.at}, nil
}

type badFile struct {
	durable.File
	at int64
}

func (f badFile) WriteAt(b []byte, off int64) (int, error) {
	if off == f.at {
		return 0, syscall.EIO
	}
	return f.File.WriteAt(b, off)
}

// TestStoreAway: on a disk that is not mounted files seem to be gone. Nothing is entered or erased, and it is told.
func TestStoreAway(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	yard[1].Segment.Store = keyring.ID{8}
	g.start(t, 0)
	g.Mounted = func(footage.Store) error { return errors.New("another disk is mounted there") }
	report, err := g.Run(t.Context(), after, planned(yard...))
	if err == nil || len(report.Failures) != 2 || report.Failures[0].Step != StepStore || report.Failures[1].Step != StepStore {
		t.Errorf("report %+v, %v", report, err)
	}
	yard[1].Segment.Store = keyring.ID{9}
	g.wantWhole(t, yard...)
	g.wantEntries(t)
	g.wantEvents(t, EventFailed)
}

// copies is a replica that may be slow.
type copies struct {
	asked [][]Listed
	err   error
}

func (c *copies) Erase(_ context.Context, list []Listed) error {
	c.asked = append(c.asked, list)
	return c.err
}

// TestCopiesAnswer: an erasure has not ended before its copies have.
func TestCopiesAnswer(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	c := &copies{err: errors.New("the replica does not answer")}
	g.Copies = c
	g.start(t, 0)
	if report, err := g.Run(t.Context(), after, planned(yard...)); !errors.Is(err, c.err) || report.Open != 1 || report.Erased != 2 || len(report.Failures) != 0 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart)
	if says := g.events[0].Sentence; !strings.Contains(says, "1 list of footage is gone here") || !strings.Contains(says, c.err.Error()) {
		t.Errorf("told that %s", says)
	}
	g.wantEvents(t, EventCopies)
	if _, err := g.Run(t.Context(), after, planned()); !errors.Is(err, c.err) {
		t.Errorf("asked again: %v", err)
	}
	g.wantEvents(t, EventCopies)
	c.err = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantEntries(t, OpStart, OpEnd)
	if len(c.asked) != 3 || len(c.asked[2]) != 2 {
		t.Errorf("asked %v", c.asked)
	}
}

// TestSparedGoesLater: what a hold spared goes once the hold is cleared, though the rest of its list fails.
func TestSparedGoesLater(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	g.FS = &stubborn{Disk: g.disk, stuck: []string{yard[1].Segment.ID.String()}}
	g.start(t, 0)
	hold := Hold{Camera: "yard", From: taped, To: taped.Add(time.Second), PastTerm: true}
	must1(g.diary.Enter(t.Context(), Entry{Op: OpStart, Manifest: must1(newList(yard))(t).manifest}))(t)
	g.holds.holds = []Hold{hold}
	if report, err := g.Replay(t.Context(), after, 0); err == nil || report.Spared != 1 || report.Open != 1 {
		t.Errorf("replay: %+v, %v", report, err)
	}
	g.wantWhole(t, yard[0])
	g.holds.holds = nil
	if report, err := g.Run(t.Context(), after, planned(yard...)); err == nil || report.Erased != 1 || report.Open != 1 {
		t.Errorf("the hold is cleared: %+v, %v", report, err)
	}
	g.wantGone(t, yard[0])
	g.wantEntries(t, OpStart, OpIncident, OpStart, OpEnd)
}

// TestCutShort: a run that is told to stop leaves its list open and tells nobody; the next one ends it.
func TestCutShort(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	g.start(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	g.diary.hook = func(string) { cancel() }
	if report, err := g.Run(ctx, after, planned(yard...)); !errors.Is(err, context.Canceled) || report.Open != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantEvents(t)
	g.diary.hook = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpEnd)
}

// TestRowStays: as long as the index cannot be written its list is open, and the rows go when it can.
func TestRowStays(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	g.start(t, 0)
	g.index.down = errors.New("the index is locked")
	report, err := g.Run(t.Context(), after, planned(yard...))
	if !errors.Is(err, g.index.down) || len(report.Failures) != 2 || report.Failures[0].Step != StepRow {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantEntries(t, OpStart, OpIncident)
	g.index.down = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpIncident, OpEnd)
}

// TestPutThereAgain: a file that is there again when its folder is read is no erasure that has ended.
func TestPutThereAgain(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	g.start(t, 0)
	c := &meddling{func() { putBack(t, g.disk, map[string][]byte{g.file(yard[1]): []byte("again")}) }}
	g.Copies = c
	report, err := g.Run(t.Context(), after, planned(yard...))
	if err == nil || len(report.Failures) != 1 || report.Failures[0].Step != StepFolder || report.Open != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	c.meddle = func() {}
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantGone(t, yard...)
}

// meddling does something while copies are asked.
type meddling struct{ meddle func() }

func (m *meddling) Erase(context.Context, []Listed) error { m.meddle(); return nil }

// TestOddCamera: a segment whose camera no list can name stops none of the others.
func TestOddCamera(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	odd := yard[0]
	odd.Segment.Camera = "../yard"
	g.start(t, 0)
	report, err := g.Run(t.Context(), after, planned(odd, yard[1], yard[1]))
	if err == nil || report.Erased != 1 || report.Failures[0].Step != StepList {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantWhole(t, yard[0])
	g.wantGone(t, yard[1])
}

// TestNoPlan: without a plan a run still does what is open, and says that there is none.
func TestNoPlan(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 1)
	must1(g.diary.Enter(t.Context(), Entry{Op: OpStart, Manifest: must1(newList(yard))(t).manifest}))(t)
	g.Mounted = func(footage.Store) error { return errors.New("not yet") }
	if report, err := g.Replay(t.Context(), after, 0); err == nil || report.Open != 1 || report.Failures[0].Step != StepStore {
		t.Errorf("replay: %+v, %v", report, err)
	}
	g.Mounted = nil
	if report, err := g.Run(t.Context(), after, func() ([]Erasure, error) { return nil, errDown }); !errors.Is(err, errDown) || report.Erased != 1 {
		t.Errorf("run: %+v, %v", report, err)
	}
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpIncident, OpEnd)
}

// TestOneAtATime: whoever cannot wait for another run is told so.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	g.start(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	must1(g.Run(t.Context(), after, func() ([]Erasure, error) {
		cancel()
		if _, err := g.Run(ctx, after, planned()); !errors.Is(err, context.Canceled) {
			t.Errorf("a second run: %v", err)
		}
		return nil, nil
	}))(t)
}
