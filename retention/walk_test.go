package retention

import (
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// indexed gives a rig a real index of what lies on its disk.
func (g *rig) indexed(t *testing.T) *footage.Index {
	t.Helper()
	path := filepath.Join(t.TempDir(), "footage.db")
	must1(footage.Rebuild(t.Context(), g.disk, path, g.Stores))(t)
	ix := must1(footage.Open(path))(t)
	t.Cleanup(func() { must(t, ix.Close()) })
	g.Index = ix
	return ix
}

// every gives all rows of a camera.
func every(ix *footage.Index, camera string) iter.Seq2[footage.Segment, error] {
	return func(yield func(footage.Segment, error) bool) {
		list, _, err := ix.Span(camera, "", taped.AddDate(-1, 0, 0), taped.AddDate(1, 0, 0))
		if err != nil {
			yield(footage.Segment{}, err)
		}
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// TestWalkAdopts: a file that nobody knew is found, told, entered, and erased with the next run since its header's
// date is past its term; a row without a file is told and goes likewise.
func TestWalkAdopts(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 3)
	ix := g.indexed(t)
	g.start(t, 0)
	must(t, ix.Remove(yard[0].Segment.ID))
	must(t, g.disk.Remove(g.file(yard[1])))

	var told []string
	walked, err := g.Walk(t.Context(), after, ix, func(f footage.Finding) { told = append(told, f.Sentence) })
	must(t, err)
	if walked.Adopted != 1 || walked.Segments != 2 || walked.Warnings != 1 || walked.Incidents != 1 || walked.Removed+walked.Retired > 0 {
		t.Errorf("walked %+v", walked)
	}
	if len(told) != 2 || !strings.Contains(told[0], "file is gone") || !strings.Contains(told[1], "no row for the file") {
		t.Errorf("told %q", told)
	}
	report := must1(g.Run(t.Context(), after, func() ([]Erasure, error) {
		return Plan(Situation{Present: after}, every(ix, "yard"))
	}))(t)
	if report.Erased != 3 {
		t.Errorf("report %+v", report)
	}
	must(t, g.index.Remove(yard[0].Segment.ID, yard[1].Segment.ID, yard[2].Segment.ID)) // which stood for the real one
	g.wantGone(t, yard...)
	entries := g.wantEntries(t, OpStart, OpEnd)
	if m := must1(ParseManifest(entries[0].Manifest))(t); len(m.Segments) != 3 || !m.Segments[0].From.Equal(taped) {
		t.Errorf("entered %+v", m)
	}
}

// TestWalkRemoves: a file whose key is destroyed goes, also from where it does not belong and if its header is
// damaged; what is no segment stays for a person.
func TestWalkRemoves(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 3)
	files := copyOf(t, g.disk, rigStore+"/yard")
	ix := g.indexed(t)
	g.start(t, 0)
	must1(g.Run(t.Context(), after, planned(yard[:2]...)))(t)
	putBack(t, g.disk, under(files, yard[0].Segment.ID.String()))
	moved := rigStore + "/yard/2024/01-01/" + filepath.Base(g.file(yard[0]))
	alive := rigStore + "/yard/2024/01-01/" + filepath.Base(g.file(yard[2]))
	odd := filepath.Join(filepath.Dir(g.file(yard[2])), keyring.NewID(yard[2].Segment.Start).String()+".seg")
	putBack(t, g.disk, map[string][]byte{
		moved: files[g.file(yard[0])], alive: files[g.file(yard[2])], odd: []byte("not a segment"),
		g.file(yard[1]): files[g.file(yard[1])][:40], rigStore + "/yard/note.txt": []byte("mine"),
	})
	walked, err := g.Walk(t.Context(), after, ix, nil)
	must(t, err)
	if walked.Removed != 3 || walked.Adopted != 0 {
		t.Errorf("walked %+v", walked)
	}
	for name, want := range map[string]bool{
		g.file(yard[0]): false, moved: false, g.file(yard[1]): false,
		g.file(yard[2]): true, alive: true, odd: true, rigStore + "/yard/note.txt": true,
	} {
		if _, err := g.disk.Stat(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.wantEvents(t)
}

// TestWalkDamagedHeader: a file that no rebuild can read has a key all the same, and goes at its term by its id.
func TestWalkDamagedHeader(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	b := must1(durable.ReadFile(g.disk, g.file(yard[0]), 1<<20))(t)
	clear(b[:64])
	putBack(t, g.disk, map[string][]byte{g.file(yard[0]): b})
	ix := g.indexed(t)
	g.start(t, 0)
	for i := range 2 {
		walked := must1(g.Walk(t.Context(), after, ix, nil))(t)
		if walked.Adopted != 1-i || walked.Incidents == 0 {
			t.Errorf("walked %+v", walked)
		}
	}
	row := must1(ix.Get(yard[0].Segment.ID))(t)
	if !row.Start.Equal(taped) || row.Bytes != int64(len(b)) || !row.Sealed || row.Slot != yard[0].Segment.Slot {
		t.Errorf("entered as %+v", row)
	}
	must1(g.Run(t.Context(), after, func() ([]Erasure, error) { return Plan(Situation{Present: after}, every(ix, "yard")) }))(t)
	must(t, g.index.Remove(yard[0].Segment.ID, yard[1].Segment.ID)) // which stood for the real one
	g.wantGone(t, yard...)
}

// TestWalkRetires: the slots of a day of which nothing is left become one, once nothing is begun on that day any more.
// Days that still have a key, or of which a twin has one, stay.
func TestWalkRetires(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	first, second := g.record(t, "yard", taped.Add(-48*time.Hour), 2), g.record(t, "yard", taped.Add(-24*time.Hour), 2)
	third := g.record(t, "yard", taped, 2)
	before := copyOf(t, g.disk, rigState+"/keys")
	ix := g.indexed(t)
	g.start(t, 0)
	must1(g.Run(t.Context(), after, planned(first[0], first[1], second[0], second[1], third[0])))(t)
	putBack(t, g.disk, under(before, second[0].Segment.ID.Time().Format(time.DateOnly)))
	size := func(e Erasure) (n int) {
		for _, dir := range []string{rigState, rigStore} {
			b := must1(durable.ReadFile(g.disk, dir+"/keys/slots/"+e.Segment.ID.Time().Format(time.DateOnly)+".slots", 1<<20))(t)
			n += len(b)
		}
		return n
	}
	for i, now := range []Present{{}, {Certain: taped.Add(-26 * time.Hour)}, after, after} {
		walked, err := g.Walk(t.Context(), now, ix, nil)
		must(t, err)
		if want := map[int]int{2: 1}[i]; walked.Retired != want {
			t.Errorf("walk %d retired %d days, want %d", i, walked.Retired, want)
		}
	}
	if a, b, c := size(first[0]), size(second[0]), size(third[0]); a != 2*keyring.SlotSize || b != 4*keyring.SlotSize || c != 4*keyring.SlotSize {
		t.Errorf("slots of %d, %d and %d bytes", a, b, c)
	}
	g = newRig(t, g.disk)
	g.start(t, 0)
	g.wantGone(t, second...)
	if walked := must1(g.Walk(t.Context(), after, ix, nil))(t); walked.Retired != 1 {
		t.Errorf("when the twins agree: %+v", walked)
	}
	putBack(t, g.disk, under(before, first[0].Segment.ID.Time().Format(time.DateOnly)))
	g = newRig(t, g.disk)
	g.start(t, 0)
	for _, e := range first {
		if slot := must1(g.Stores[0].Ring.Slot(listed(e).ref()))(t); slot.State != keyring.StateErased || slot.Fault != nil {
			t.Errorf("an old copy of a retired twin: %+v", slot)
		}
	}
}

// TestWalkWithoutDisk: a store that is not mounted is told and not walked, so its footage does not seem to be gone.
func TestWalkWithoutDisk(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	g.record(t, "yard", taped, 1)
	ix := g.indexed(t)
	away := errors.New("nothing is mounted there")
	g.Mounted = func(footage.Store) error { return away }
	walked, err := g.Walk(t.Context(), after, ix, nil)
	if !errors.Is(err, away) || walked.Incidents > 0 || walked.Warnings != 1 {
		t.Errorf("walked %+v, %v", walked, err)
	}
}

// TestIdly: the thread of the walk has the idle class, and that of the caller keeps its own.
func TestIdly(t *testing.T) {
	t.Parallel()
	class := func() uintptr {
		p, _, e := syscall.Syscall(syscall.SYS_IOPRIO_GET, 1, 0, 0)
		if e != 0 {
			t.Error(e)
		}
		return p >> 13
	}
	var inside uintptr
	if err := idly(func() { inside = class() }); err != nil {
		t.Fatal(err)
	}
	if inside != 3 || class() == 3 {
		t.Errorf("class %d inside, %d outside", inside, class())
	}
}

// TestWalkStrays: a key that has neither row nor file goes at the term of what it was for, with its entries, unless
// something of that time is held of any camera; one that is younger, or has a row, does not.
func TestWalkStrays(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 4)
	young := g.record(t, "yard", after.Certain.AddDate(0, -1, 0), 1)
	ix := g.indexed(t)
	g.start(t, 0)
	for _, e := range []Erasure{yard[0], yard[1], young[0]} {
		must(t, ix.Remove(e.Segment.ID))
		must(t, g.disk.Remove(g.file(e)))
	}
	must(t, g.disk.Remove(g.file(yard[2]))) // has a row
	begun := keyring.NewID(taped)           // and nothing came of it
	_, slot, err := g.Stores[0].Ring.Create(t.Context(), begun, keyring.KindSegment)
	must(t, err)
	walked := must1(g.Walk(t.Context(), after, ix, nil))(t)
	if len(walked.Strays) != 3 || walked.Strays[0].Segment.ID != yard[0].Segment.ID || !walked.Strays[0].Due.Equal(Law.End(yard[0].Segment.ID.Time(), nil)) {
		t.Fatalf("strays: %+v", walked.Strays)
	}
	g.holds.holds = []Hold{{Camera: "gate", From: yard[1].Segment.Start, To: yard[1].Segment.End, PastTerm: true}}
	if report := must1(g.Run(t.Context(), after, planned(walked.Strays...)))(t); report.Spared != 3 || report.Erased > 0 {
		t.Errorf("under a hold: %+v", report) // each may be as long as two hours
	}
	g.holds.holds = nil
	if report := must1(g.Run(t.Context(), after, planned(walked.Strays...)))(t); report.Erased != 3 {
		t.Errorf("report %+v", report)
	}
	entries := g.wantEntries(t, OpStart, OpEnd)
	m := must1(ParseManifest(entries[0].Manifest))(t)
	if len(m.Segments) != 3 || m.Segments[0].Camera != NoCamera || !m.has(begun) {
		t.Errorf("entered %+v", m)
	}
	if got, err := g.Stores[0].Ring.Slot(keyring.Ref{ID: begun, Slot: slot}); err != nil || got.State != keyring.StateErased {
		t.Errorf("the key that nothing came of is %v, %v", got.State, err)
	}
	for _, e := range walked.Strays {
		if stray, err := Stray(e, g.Stores[0], ix); err != nil || stray {
			t.Errorf("afterwards it is a stray: %v, %v", stray, err)
		}
	}
	if walked := must1(g.Walk(t.Context(), after, ix, nil))(t); len(walked.Strays) > 0 {
		t.Errorf("afterwards: %+v", walked.Strays)
	}
}

// TestWalkDamagedStray: a slot that is damaged in both twins may show its key; it goes a year after its day, if no row
// knows whose it is.
func TestWalkDamagedStray(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped.Truncate(24*time.Hour), 3)
	ix := g.indexed(t)
	g.start(t, 0)
	must(t, ix.Remove(yard[0].Segment.ID))
	must(t, g.disk.Remove(g.file(yard[0])))
	for _, twin := range []string{rigState, rigStore} {
		f := must1(g.disk.OpenRW(filepath.Join(twin, "keys", "slots", taped.Format(time.DateOnly)+".slots")))(t)
		for _, e := range yard[:2] {
			must1(f.WriteAt([]byte{0xff}, int64(e.Segment.Slot)*keyring.SlotSize+60))(t)
		}
		must(t, f.Close())
	}
	walked := must1(g.Walk(t.Context(), after, ix, nil))(t)
	if len(walked.Strays) != 1 || walked.Strays[0].Segment.Slot != yard[0].Segment.Slot {
		t.Fatalf("strays: %+v", walked.Strays)
	}
	if report := must1(g.Run(t.Context(), after, planned(walked.Strays...)))(t); report.Erased != 1 {
		t.Errorf("report %+v", report)
	}
	for _, left := range g.there(t, yard[0]) {
		if left == "key" {
			t.Error("its key is still there")
		}
	}
	if walked := must1(g.Walk(t.Context(), after, ix, nil))(t); len(walked.Strays) > 0 {
		t.Errorf("afterwards: %+v", walked.Strays)
	}
	must1(g.Run(t.Context(), after, planned(yard[1])))(t) // with its row
	g.wantEntries(t, OpStart, OpEnd, OpStart, OpEnd)
}
