package retention

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
)

// pressed makes a plan for pressure, and notes what it was asked for.
type pressed struct {
	list []Erasure
	asks []int64
	err  error
	rig  *rig // only what has a row there is planned; nil: all is
}

func (p *pressed) plan(need int64) (Relief, error) {
	p.asks = append(p.asks, need)
	r := Relief{Broken: []string{"yard"}}
	for _, e := range p.list {
		if p.rig != nil {
			if ids, err := p.rig.index.read(); err != nil || !slices.Contains(ids, e.Segment.ID) {
				continue
			}
		}
		if e.Reason = ByPressure; r.Freed < need {
			r.Erasures, r.Freed = append(r.Erasures, e), r.Freed+e.Segment.Bytes
		}
	}
	r.Short = max(need-r.Freed, 0)
	return r, p.err
}

// full is a rig with four segments on a disk without room.
func full(t *testing.T) (*rig, *pressed) {
	t.Helper()
	g := newRig(t, durabletest.New())
	p := &pressed{list: g.record(t, "yard", taped, 4)}
	g.start(t, 0)
	g.disk.SetFree(0)
	return g, p
}

// room lets the diary and the index be written on the one disk of a rig, which stands for two.
const room = 64 << 10

// TestRelieve frees what is missing and no more, and says whose promise that breaks.
func TestRelieve(t *testing.T) {
	t.Parallel()
	g, p := full(t)
	g.disk.SetFree(room)
	size := p.list[0].Segment.Bytes
	report, err := g.Relieve(t.Context(), after, g.Stores[0], room+uint64(size)+1, p.plan)
	must(t, err)
	if report.Erased != 2 || report.Freed != 2*size || len(p.asks) != 1 || p.asks[0] != size+1 {
		t.Errorf("report %+v, asked for %v", report, p.asks)
	}
	g.wantGone(t, p.list[:2]...)
	g.wantWhole(t, p.list[2:]...)
	g.wantEvents(t, EventPromise)
	if entries := g.wantEntries(t, OpStart, OpEnd); !strings.Contains(string(entries[0].Manifest), `"reason":"pressure"`) {
		t.Errorf("entered %s", entries[0].Manifest)
	}
	if _, err := g.Relieve(t.Context(), after, g.Stores[0], room, p.plan); err != nil || len(p.asks) != 1 {
		t.Errorf("with room enough: asked %v, %v", p.asks, err)
	}
}

// TestRelieveBlind: a free space that cannot be told frees nothing, and is told.
func TestRelieveBlind(t *testing.T) {
	t.Parallel()
	g, p := full(t)
	blind := errors.New("input/output error")
	g.FS = &stubborn{Disk: g.disk, blind: blind}
	if _, err := g.Relieve(t.Context(), after, g.Stores[0], 1<<60, p.plan); !errors.Is(err, blind) || len(p.asks) > 0 {
		t.Errorf("asked %v, %v", p.asks, err)
	}
	g.wantEvents(t, EventFailed)
	g.FS = g.disk
	g.Mounted = func(footage.Store) error { return blind }
	if _, err := g.Relieve(t.Context(), after, g.Stores[0], 1<<60, p.plan); !errors.Is(err, blind) || len(p.asks) > 0 {
		t.Errorf("not mounted: asked %v, %v", p.asks, err)
	}
	g.wantWhole(t, p.list...)
}

// TestRelieveHeld: where all that is left is held, nothing goes and that is loud.
func TestRelieveHeld(t *testing.T) {
	t.Parallel()
	g, p := full(t)
	p.list = nil
	report, err := g.Relieve(t.Context(), after, g.Stores[0], 1<<20, p.plan)
	if err != nil || report.Erased != 0 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantEvents(t, EventFull, EventPromise)
	g.wantEntries(t)
}

// TestRelieveStopsAtFailure: of a disk that frees nothing few keys more are destroyed, however often it is asked.
func TestRelieveStopsAtFailure(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	p := &pressed{list: g.record(t, "yard", taped, maxStuck+4)}
	g.start(t, 0)
	g.disk.SetFree(room)
	fsys := &stubborn{Disk: g.disk, stuck: []string{".seg"}}
	g.FS = fsys
	for range maxStuck + 4 {
		g.disk.SetFree(room)
		if _, err := g.Relieve(t.Context(), after, g.Stores[0], room+1, p.plan); err == nil {
			t.Error("nothing was freed, and nobody was told")
		}
		g.wantEvents(t, map[bool][]string{true: {EventPromise, EventFailed}, false: {EventFailed}}[len(g.events) > 1]...)
	}
	if len(p.asks) != maxStuck+1 {
		t.Errorf("asked %v", p.asks)
	}
	g.wantWhole(t, p.list[maxStuck+1:]...)
	fsys.stuck = nil
	g.disk.SetFree(room)
	if report, err := g.Relieve(t.Context(), after, g.Stores[0], room+1, p.plan); err != nil || report.Erased != maxStuck+1 {
		t.Errorf("when it works again: %+v, %v", report, err)
	}
	g.wantWhole(t, p.list[maxStuck+1:]...)
}

// TestRelieveBesideStuck: files that can't be removed keep no others from going, be they the first in turn.
func TestRelieveBesideStuck(t *testing.T) {
	t.Parallel()
	for _, stuck := range []int{0, 1, 3} {
		g := newRig(t, durabletest.New())
		p := &pressed{list: g.record(t, "yard", taped, 8), rig: g}
		g.start(t, 0)
		size := p.list[0].Segment.Bytes
		g.FS = &stubborn{Disk: g.disk, stuck: []string{p.list[stuck].Segment.ID.String()}}
		for range 3 {
			g.disk.SetFree(room)
			if report, err := g.Relieve(t.Context(), after, g.Stores[0], room+uint64(2*size), p.plan); (err != nil) != (report.Open > 0) {
				t.Errorf("segment %d is stuck: %+v, %v", stuck, report, err)
			}
		}
		gone := 0
		for _, e := range p.list {
			if len(g.there(t, e)) == 0 {
				gone++
			}
		}
		if gone < 5 || gone > 6 {
			t.Errorf("segment %d is stuck, and %d others went for room of 6", stuck, gone)
		}
	}
}

// TestRelieveBesideCopies: a copy elsewhere that does not answer stops no relief.
func TestRelieveBesideCopies(t *testing.T) {
	t.Parallel()
	g, p := full(t)
	g.Copies = &copies{err: errors.New("the replica does not answer")}
	for i := range 3 {
		g.disk.SetFree(room)
		p.list = p.list[min(i, 1):]
		if report, err := g.Relieve(t.Context(), after, g.Stores[0], room+1, p.plan); report.Erased != 1 || err == nil {
			t.Errorf("relief %d: %+v, %v", i, report, err)
		}
		g.wantEvents(t, EventPromise, EventCopies)
	}
	g.wantEntries(t, OpStart, OpStart, OpStart)
}

// TestRelieveWaitsForDiary: pressure is no reason to erase without an entry.
func TestRelieveWaitsForDiary(t *testing.T) {
	t.Parallel()
	g, p := full(t)
	g.disk.SetFree(room)
	g.diary.down = errDown
	report, err := g.Relieve(t.Context(), after, g.Stores[0], room+1, p.plan)
	if !errors.Is(err, errDown) || report.Waiting != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	g.wantWhole(t, p.list...)
	g.wantEvents(t, EventPromise, EventLate)
}

// TestRelieveInVain: if footage went and the disk is as full as before, something else fills it.
func TestRelieveInVain(t *testing.T) {
	t.Parallel()
	g, p := full(t)
	g.disk.SetFree(room)
	g.diary.hook = func(op string) {
		if op == OpEnd {
			g.disk.SetFree(room)
		}
	}
	if _, err := g.Relieve(t.Context(), after, g.Stores[0], room+1, p.plan); err == nil || !strings.Contains(err.Error(), "what else fills it") {
		t.Errorf("relieve: %v", err)
	}
	g.wantEvents(t, EventPromise, EventFailed)
}
