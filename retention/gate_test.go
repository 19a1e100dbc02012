package retention

import (
	"context"
	"errors"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// hold keeps a segment.
func hold(e Erasure) Hold {
	return Hold{Camera: e.Segment.Camera, From: e.Segment.Start.Add(time.Minute), To: e.Segment.Start.Add(2 * time.Minute), PastTerm: true}
}

// TestHoldSincePlan: a hold set after the plan was made keeps its segment, and nothing says that it was to go.
func TestHoldSincePlan(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 3)
	g.start(t, 0)
	g.holds.holds = []Hold{hold(yard[1])}
	report, err := g.Run(t.Context(), after, planned(yard...))
	must(t, err)
	if report.Spared != 1 || report.Erased != 2 {
		t.Errorf("report %+v", report)
	}
	g.wantGone(t, yard[0], yard[2])
	g.wantWhole(t, yard[1])
	if entries := g.wantEntries(t, OpStart, OpEnd); must1(ParseManifest(entries[0].Manifest))(t).has(yard[1].Segment.ID) {
		t.Error("what is held is in the list")
	}
}

// TestWhatKeeps has each kind of hold against each reason to erase.
func TestWhatKeeps(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	e := g.record(t, "yard", taped, 1)[0]
	lapsed, lasts := after.Certain, after.Certain.Add(time.Second)
	for _, tt := range []struct {
		name     string
		hold     *Hold
		restrict *Restriction
		keeps    map[Reason]bool
	}{
		{"past the term", &Hold{PastTerm: true}, nil, map[Reason]bool{ByTerm: true, ByPolicy: true, ByPressure: true}},
		{"to the term", &Hold{}, nil, map[Reason]bool{ByPolicy: true, ByPressure: true}},
		{"provisional", &Hold{Until: lasts}, nil, map[Reason]bool{ByPolicy: true, ByPressure: true}},
		{"lapsed", &Hold{PastTerm: true, Until: lapsed}, nil, map[Reason]bool{}},
		{"restricted", nil, &Restriction{Camera: "yard"}, map[Reason]bool{ByPolicy: true, ByPressure: true}},
		{"restricted past the term", nil, &Restriction{PastTerm: true}, map[Reason]bool{ByTerm: true, ByPolicy: true, ByPressure: true}},
		{"of another camera", &Hold{Camera: "gate", PastTerm: true}, nil, map[Reason]bool{}},
	} {
		g.holds.holds, g.holds.restrictions = nil, nil
		if tt.hold != nil {
			tt.hold.From, tt.hold.To = taped, taped.Add(time.Second)
			g.holds.holds = []Hold{*tt.hold}
		} else {
			tt.restrict.From, tt.restrict.To = taped, taped.Add(time.Second)
			g.holds.restrictions = []Restriction{*tt.restrict}
		}
		r := &run{Purge: g.Purge, now: after}
		kept := must1(r.keepers(t.Context()))(t)
		for _, reason := range []Reason{ByTerm, ByPolicy, ByPressure} {
			e.Reason = reason
			if kept.bar(e.dated(after)) != tt.keeps[reason] {
				t.Errorf("a hold that is %s, and %s: kept %v", tt.name, reason, !tt.keeps[reason])
			}
		}
	}
}

// TestHoldsUnreadable: where nobody can tell what is held, nothing goes.
func TestHoldsUnreadable(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 1)
	g.start(t, 0)
	g.holds.down = errors.New("the database is locked")
	if _, err := g.Run(t.Context(), after, planned(yard...)); !errors.Is(err, g.holds.down) {
		t.Errorf("run: %v", err)
	}
	g.wantWhole(t, yard...)
	g.wantEntries(t)
	g.wantEvents(t, EventFailed)
}

// TestHoldWhilePurging sets a hold at every operation of a purge. Either the segment is whole and the hold was
// told nothing, or it is gone and the hold was told so; what erase.end says is what happened.
func TestHoldWhilePurging(t *testing.T) {
	t.Parallel()
	operations := -1 // counted by the first run
	for at := -1; at < operations || at < 0; at++ {
		d := durabletest.New()
		g := newRig(t, d)
		yard := g.record(t, "yard", taped, 3)
		g.start(t, 0)
		set, ops := make(chan []Listed, 1), 0
		d.OnOp(func(durabletest.Op) {
			if ops++; ops-1 != at {
				return
			}
			go func() {
				h := hold(yard[1])
				err := g.Gate.Set(t.Context(), h.Camera, h.From, h.To, func(late []Listed) error {
					g.holds.holds = []Hold{h}
					set <- late
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}()
		})
		report, err := g.Run(t.Context(), after, planned(yard...))
		must(t, err)
		d.OnOp(nil)
		if at < 0 {
			operations = ops
			continue
		}
		late := <-set
		if len(late) > 0 != (len(g.there(t, yard[1])) == 0) || report.Spared != 1-len(late) {
			t.Errorf("at operation %d: told of %d, and there is %v; %+v", at, len(late), g.there(t, yard[1]), report)
		}
		g.wantGone(t, yard[0], yard[2])
	}
}

// TestHoldAfterFailedKey: a key that could not be destroyed is still whole, so a hold set then keeps it although its
// erasure is in the diary; the end says so, and a replay leaves it alone.
func TestHoldAfterFailedKey(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	good := g.Stores[0].Ring
	fsys := &hooked{g.disk, func(string) error { return errors.New("no answer") }}
	g.Stores[0].Ring = must1(keyring.Open(fsys, rigState+"/keys", rigStore+"/keys", keyring.ID{9}, nil))(t)
	g.start(t, 0)
	if _, err := g.Run(t.Context(), after, planned(yard...)); err == nil {
		t.Error("a key was destroyed on a disk that does not answer")
	}
	g.Stores[0].Ring = good
	h := hold(yard[0])
	must(t, g.Gate.Set(t.Context(), h.Camera, h.From, h.To, func(late []Listed) error {
		if len(late) > 0 {
			t.Errorf("told that %v came too late", late)
		}
		g.holds.holds = []Hold{h}
		return nil
	}))
	report, err := g.Run(t.Context(), after, planned())
	must(t, err)
	if report.Spared != 1 || report.Erased != 1 {
		t.Errorf("report %+v", report)
	}
	g.wantWhole(t, yard[0])
	g.wantGone(t, yard[1])
	entries := g.wantEntries(t, OpStart, OpIncident, OpEnd)
	if m, err := ParseManifest(entries[2].Manifest); err != nil || len(m.Segments) != 1 || !m.has(yard[0].Segment.ID) || entries[2].Data["kept"] != 1.0 {
		t.Errorf("the end says %+v, %v", entries[2], err)
	}

	next := newRig(t, g.disk)
	next.start(t, 0) // with no hold at all: what was kept has to come into a list of its own
	next.wantWhole(t, yard[0])
	next.wantEntries(t, OpStart, OpIncident, OpEnd)
}

// TestGateTellsLate: whoever sets a hold is told of what went shortly before, of that camera and time alone.
func TestGateTellsLate(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard, gate := g.record(t, "yard", taped, 2), g.record(t, "gate", taped, 1)
	g.start(t, 0)
	must1(g.Run(t.Context(), after, planned(append(yard, gate...)...)))(t)
	told := func(camera string, from, to time.Time) (n int) {
		must(t, g.Gate.Set(t.Context(), camera, from, to, func(late []Listed) error { n = len(late); return nil }))
		return n
	}
	if a, b, c, d := told("yard", taped, taped.Add(time.Hour)), told("yard", taped, taped.Add(time.Minute)), told("", taped, taped.Add(time.Minute)),
		told("yard", taped.Add(time.Hour), taped.Add(2*time.Hour)); a != 2 || b != 1 || c != 2 || d != 0 {
		t.Errorf("told of %d, %d, %d, %d", a, b, c, d)
	}
	g.Gate.take(make([]dated, remembered))
	if n := told("yard", taped, taped.Add(time.Hour)); n != 0 || len(g.Gate.taken) != remembered {
		t.Errorf("a gate remembers %d for ever", len(g.Gate.taken))
	}
}

// TestGateRecalls: after a crash between the keys and the end of their list, whoever sets a hold is told which came too
// late for it, before anything is carried on, and each once.
func TestGateRecalls(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 3)
	g.start(t, 0)
	must1(g.diary.Enter(t.Context(), Entry{Op: OpStart, Manifest: must1(Manifest{lines(yard[:2])}.Encode())(t)}))(t)
	must(t, g.Stores[0].Ring.Erase(t.Context(), []keyring.Ref{listed(yard[0]).ref()}))

	next := newRig(t, g.disk)
	told := func() (late []Listed) {
		must(t, next.Gate.Set(t.Context(), "yard", taped, taped.Add(time.Hour), func(l []Listed) error { late = l; return nil }))
		return late
	}
	for range 2 {
		must(t, next.Recall(t.Context(), after))
		if late := told(); len(late) != 1 || late[0].ID != yard[0].Segment.ID {
			t.Errorf("told of %+v", late)
		}
	}
	next.wantWhole(t, yard[1], yard[2])
}

// TestGateGivesUp: whoever waits for an erasure longer than their time is told why.
func TestGateGivesUp(t *testing.T) {
	t.Parallel()
	g := NewGate()
	ctx, cancel := context.WithCancel(t.Context())
	must(t, g.pass(ctx, func() error {
		cancel()
		if err := g.Set(ctx, "yard", taped, taped, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("set: %v", err)
		}
		return nil
	}))
}
