package retention

import (
	"errors"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// erased is a rig with five segments of which it erased three, and what was on its disk before.
func erased(t *testing.T) (g *rig, gone, left []Erasure, before map[string][]byte) {
	t.Helper()
	g = newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 5)
	before = copyOf(t, g.disk, "/")
	g.start(t, 0)
	must1(g.Run(t.Context(), after, planned(yard[:3]...)))(t)
	return g, yard[:3], yard[3:], before
}

// under keeps the files whose names contain one of the parts.
func under(files map[string][]byte, parts ...string) map[string][]byte {
	some := maps.Clone(files)
	maps.DeleteFunc(some, func(name string, _ []byte) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(name, part) })
	})
	return some
}

// TestReplayAfterRestore puts parts of an old copy back: one twin of the keys, both, files, index, all of it but the
// diary. The next start ends with the same as before, without an entry; so does one after that.
func TestReplayAfterRestore(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]string{
		"state twin":       {rigState + "/keys"},
		"store twin":       {rigStore + "/keys"},
		"both twins":       {"/keys/"},
		"files":            {".seg"},
		"index":            {rowsFile},
		"keys and files":   {"/keys/", ".seg"},
		"all but diary":    {"/keys/", ".seg", rowsFile},
		"nothing":          {"nothing"},
		"twin and file":    {rigStore},
		"index and a twin": {rowsFile, rigState + "/keys"},
	} {
		g, gone, left, before := erased(t)
		putBack(t, g.disk, under(before, parts...))
		for range 2 {
			g = newRig(t, g.disk)
			report := g.start(t, 0)
			if report.Erased+report.Open > 0 {
				t.Errorf("%s: report %+v", name, report)
			}
			g.wantGone(t, gone...)
			g.wantWhole(t, left...)
			g.wantEntries(t, OpStart, OpEnd)
			g.wantEvents(t)
		}
		if t.Failed() {
			t.Fatalf("after %s was put back", name)
		}
	}
}

// TestReplayFrom: what ended before the mark is not looked at again; what did not end always is.
func TestReplayFrom(t *testing.T) {
	t.Parallel()
	g, gone, _, before := erased(t)
	putBack(t, g.disk, before)
	putBack(t, g.disk, map[string][]byte{tapeFile: nil})
	must(t, g.disk.Remove(tapeFile))
	g = newRig(t, g.disk)
	one, two := must1(newList(gone[:1]))(t), must1(newList(gone[1:2]))(t)
	must1(g.diary.Enter(t.Context(), Entry{Op: OpStart, Manifest: one.manifest}))(t)
	must1(g.diary.Enter(t.Context(), Entry{Op: OpEnd, Ref: new(int64)}))(t)
	must1(g.diary.Enter(t.Context(), Entry{Op: OpStart, Manifest: two.manifest}))(t)
	if report := g.start(t, 3); report.Erased != 1 {
		t.Errorf("report %+v", report)
	}
	g.wantWhole(t, gone[0], gone[2])
	g.wantGone(t, gone[1])
	g.wantEntries(t, OpStart, OpEnd, OpStart, OpEnd)
	g.start(t, 0)
	g.wantGone(t, gone[:2]...)
}

// TestReplayReleasedHold: what was erased stays erased, also if an old copy of its key is put back while a hold of
// later is over it.
func TestReplayReleasedHold(t *testing.T) {
	t.Parallel()
	g, gone, _, before := erased(t)
	putBack(t, g.disk, before)
	must(t, writeJSON(g.disk, tapeFile, []entry{{Op: OpStart, Manifest: must1(newList(gone))(t).manifest}, {Op: OpEnd, Ref: new(int64)}}))
	g = newRig(t, g.disk)
	g.holds.holds = []Hold{hold(gone[1])}
	g.start(t, 0)
	g.wantGone(t, gone...)
}

// TestReplayUnreadableManifest: a list of a newer version, or none, is told, and does not stop the others.
func TestReplayUnreadableManifest(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 1)
	must(t, writeJSON(g.disk, tapeFile, []entry{{Op: OpStart, Manifest: []byte(`{"v":2}`)}, {Op: OpStart},
		{Op: OpStart, Manifest: must1(newList(yard))(t).manifest}}))
	if _, err := g.Replay(t.Context(), after, 0); !errors.Is(err, ErrManifest) || !errors.Is(err, ErrManifestVersion) {
		t.Errorf("replay: %v", err)
	}
	g.wantGone(t, yard...)
	g.wantEntries(t, OpStart, OpStart, OpStart, OpEnd)
	g.wantEvents(t, EventFailed)
}

// TestReplayWithoutDiary: what could not be read at the start is made sure of as soon as it can be.
func TestReplayWithoutDiary(t *testing.T) {
	t.Parallel()
	g, gone, left, before := erased(t)
	putBack(t, g.disk, under(before, "/keys/", ".seg", rowsFile))
	g = newRig(t, g.disk)
	g.diary.down = errDown
	if _, err := g.Replay(t.Context(), after, 0); !errors.Is(err, errDown) {
		t.Errorf("replay: %v", err)
	}
	g.wantWhole(t, gone...)
	if _, err := g.Run(t.Context(), after, planned()); !errors.Is(err, errDown) {
		t.Errorf("run: %v", err)
	}
	g.diary.down = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantGone(t, gone...)
	g.wantWhole(t, left...)
	g.wantEntries(t, OpStart, OpEnd)
}

// TestReplayFails: what cannot be made sure of is told, stays open, and is tried again by every run.
func TestReplayFails(t *testing.T) {
	t.Parallel()
	g, gone, _, before := erased(t)
	putBack(t, g.disk, before)
	must(t, writeJSON(g.disk, tapeFile, []entry{{Op: OpStart, Manifest: must1(newList(gone))(t).manifest}, {Op: OpEnd, Ref: new(int64)}}))
	g = newRig(t, g.disk)
	fsys := &stubborn{Disk: g.disk, stuck: []string{".seg"}}
	g.FS = fsys
	for i := range 2 {
		var report Report
		var err error
		if i == 0 {
			report, err = g.Replay(t.Context(), after, 0)
		} else {
			report, err = g.Run(t.Context(), after, planned())
		}
		if err == nil || len(report.Failures) != 3 || report.Open != 1 {
			t.Errorf("report %+v, %v", report, err)
		}
		g.wantEvents(t, EventFailed)
	}
	fsys.stuck = nil
	must1(g.Run(t.Context(), after, planned()))(t)
	g.wantGone(t, gone...)
	g.wantEntries(t, OpStart, OpEnd, OpIncident)
}

// TestPurgeCrash tries every fault and every loss of power at every step of a purge, with the diary, without, and of the
// start that enters what went without, and what the next start makes of each: nothing is erased that no entry names, no entry names what is
// there, all that began has ended, and neither a twin nor an index made anew brings anything back.
func TestPurgeCrash(t *testing.T) {
	t.Parallel()
	for _, diary := range []string{"there", "down", "back"} {
		t.Run(diary, func(t *testing.T) {
			t.Parallel()
			var all []Erasure
			checks := 0
			purge := func(d *durabletest.Disk, down bool) error {
				g := newRig(t, d)
				if down {
					g.diary.down = errDown
				}
				_, err := g.Replay(t.Context(), after, 0)
				report, errRun := g.Run(t.Context(), after, planned(all[0], all[1], all[3]))
				if down && report.Erased == 3 {
					return nil // all that there is to be wished for
				}
				return errors.Join(err, errRun)
			}
			ops := durabletest.Sweep(t, durabletest.Story{
				Before: func(t *testing.T, d *durabletest.Disk) {
					g := newRig(t, d)
					all = slices.Concat(g.record(t, "yard", taped, 3), g.record(t, "gate", taped, 2))
					if diary == "back" {
						must(t, purge(d, true))
					}
				},
				Do: func(d *durabletest.Disk) error {
					if diary == "back" {
						_, err := newRig(t, d).Replay(t.Context(), after, 0)
						return err
					}
					return purge(d, diary == "down")
				},
				Check: func(t *testing.T, d *durabletest.Disk, did error) {
					var g *rig
					for _, from := range []int64{math.MaxInt64, 0} { // as the marks say; then all that ended once more
						g = newRig(t, d)
						if _, err := g.Replay(t.Context(), after, from); err != nil {
							t.Fatal(err)
						}
						g.wantConsistent(t, all, did == nil)
					}
					if checks++; checks%9 == 0 {
						g.wantSameIndex(t)
					}
				},
			})
			t.Logf("%d operations, %d disks", ops, checks)
		})
	}
}

// wantConsistent holds disk and diary against each other.
func (g *rig) wantConsistent(t *testing.T, all []Erasure, done bool) {
	t.Helper()
	named, open := map[keyring.ID]int{}, 0
	for _, e := range must1(g.diary.read())(t) {
		switch e.Op {
		case OpStart:
			open++
			for _, s := range must1(ParseManifest(e.Manifest))(t).Segments {
				named[s.ID]++
			}
		case OpEnd:
			open--
			if e.Manifest != nil {
				t.Errorf("something was kept, and nothing was held: %s", e.Manifest)
			}
		}
	}
	if open != 0 || done && len(named) != 3 || len(g.on.Files(rigLate)) > 0 {
		t.Errorf("%d lists are open, %d segments are named, and beside the diary are %v", open, len(named), g.on.Files(rigLate))
	}
	for _, e := range all {
		switch named[e.Segment.ID] {
		case 0:
			g.wantWhole(t, e)
		case 1:
			g.wantGone(t, e)
		default:
			t.Errorf("%v is named %d times", e.Segment.ID, named[e.Segment.ID])
		}
	}
}

// wantSameIndex makes the index anew, as a start does that has none, and demands the rows that there are.
func (g *rig) wantSameIndex(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "footage.db")
	must1(footage.Rebuild(t.Context(), g.disk, path, g.Stores))(t)
	ix := must1(footage.Open(path))(t)
	defer func() { must(t, ix.Close()) }()
	ids := must1(g.index.read())(t)
	for _, id := range ids {
		if _, err := ix.Get(id); err != nil {
			t.Error(err)
		}
	}
	if files := g.disk.Files(rigStore + "/yard"); len(files)+len(g.disk.Files(rigStore+"/gate")) != len(ids) {
		t.Errorf("%d rows, and files %v", len(ids), files)
	}
}

// TestReplayWithRealIndex: a rebuild in the middle of an erasure brings nothing back, and what it enters goes again.
func TestReplayWithRealIndex(t *testing.T) {
	t.Parallel()
	g, gone, left, before := erased(t)
	putBack(t, g.disk, under(before, "/keys/", ".seg"))
	path := filepath.Join(t.TempDir(), "footage.db")
	must1(footage.Rebuild(t.Context(), g.disk, path, g.Stores))(t)
	ix := must1(footage.Open(path))(t)
	defer func() { must(t, ix.Close()) }()
	if _, err := ix.Get(gone[0].Segment.ID); err != nil {
		t.Errorf("the old copy is not in the index: %v", err)
	}
	g = newRig(t, g.disk)
	g.Index = ix
	g.start(t, 0)
	for _, e := range gone {
		if _, err := ix.Get(e.Segment.ID); !errors.Is(err, footage.ErrUnknown) {
			t.Errorf("the index still has %v: %v", e.Segment.ID, err)
		}
	}
	for _, e := range left {
		must1(ix.Get(e.Segment.ID))(t)
	}
}

var _ Index = (*footage.Index)(nil)
var _ durable.FS = (*stubborn)(nil)
