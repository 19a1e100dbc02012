package retention

import (
	"context"
	"testing"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// An erasure on a disk that is gone stays open, and ends once somebody says that the disk is lost; the entry says so. What
// lies on other disks goes as ever.
func TestLostStore(t *testing.T) {
	t.Parallel()
	g := newRig(t, durabletest.New())
	yard := g.record(t, "yard", taped, 2)
	away := yard[1]
	away.Segment.ID, away.Segment.Store = keyring.NewID(taped.Add(1)), keyring.ID{77}
	m := manifest(lines([]Erasure{yard[0], away}))
	list := must1(m.Encode())(t)
	must1(g.diary.Enter(context.Background(), Entry{Op: OpStart, Manifest: list}))(t)
	report, err := g.Replay(t.Context(), after, 0)
	if err == nil || report.Open != 1 || len(report.Failures) != 1 || report.Failures[0].Step != StepStore {
		t.Fatalf("while its disk may come back: %+v, %v", report, err)
	}
	g.wantGone(t, yard[0])
	g.Lost = func(id keyring.ID) bool { return id == keyring.ID{77} }
	report, err = g.Run(t.Context(), after, planned())
	must(t, err)
	if report.Open != 0 {
		t.Errorf("once it is lost: %+v", report)
	}
	entries := g.wantEntries(t, OpStart, OpIncident, OpEnd)
	if end := entries[2]; end.Data["lost"] != 1.0 || end.Data["count"] != 2.0 {
		t.Errorf("it ends with %+v", end)
	}
	g.wantWhole(t, yard[1])
}
