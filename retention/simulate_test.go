package retention

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// seedsOf is how many histories a simulation goes through: a few, or all that it is to be trusted by.
func seedsOf(few, all uint64) uint64 {
	if os.Getenv("VARUH_LONG") == "1" {
		return all
	}
	return few
}

// Three years of eight cameras, with power cuts, clocks that are not set or lie, boots that nobody wrote down, witnesses that lie, holds,
// restrictions, policies that change, cameras that go and come back, full disks, and a restart before every run, against
// a naive model that knows the truth: not one segment is past its term unless that was told, not one held
// segment is lost, and not one is erased early but for room or by a policy that was confirmed.
func TestSimulate(t *testing.T) {
	t.Parallel()
	for seed := range seedsOf(5, 60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed, PublicTransport)
			w.live3Years()
			if w.erased[0] < 1000 || w.erased[1] == 0 || (w.erased[2] == 0) != (w.capacity > 1<<60) {
				t.Errorf("the history is too quiet: %v went", w.erased)
			}
		})
	}
}

// The same with days between the runs, and with a purge that carries them out on a disk that fails and loses
// power in their midst: what was to go is gone after the next start, and all else is there.
func TestSimulatePurge(t *testing.T) {
	t.Parallel()
	for seed := range seedsOf(5, 50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2*seed, Term{Days: 14}) // no full disk: the rig's files have sizes of their own
			w.least, w.most, w.often = 4*24*time.Hour, 10*24*time.Hour, 20
			w.rig = newRig(t, durabletest.New())
			w.rig.start(t, 0)
			w.live3Years()
			if w.erased[0] < 500 || w.erased[1] == 0 {
				t.Errorf("the history is too quiet: %v went", w.erased)
			}
		})
	}
}

// live3Years is the history, run by run.
func (w *world) live3Years() {
	w.lead = w.most + Tolerance + RunTakes
	recorded, held, runs, lookedAhead := 0, 0, 0, false
	for end := w.true.AddDate(3, 0, 0); w.true.Before(end); runs++ {
		w.pass()
		p := w.look()
		if p.Certain.After(w.true) {
			w.t.Fatalf("%s is certain, but it is %s", shown(p.Certain), shown(w.true))
		}
		if !w.wasDark && lookedAhead && !p.Held {
			w.judgeLateness(p, "before")
		}
		w.govern(p)
		before := len(w.live)
		w.record()
		recorded += len(w.live) - before
		w.run(p)
		lookedAhead = !p.Held && (w.liar == nobody || w.clockWasTrue)
		if p.Held {
			held++
		}
	}
	w.t.Logf("liar %d, witness %v: %d segments recorded; by term %d, by policy %d, for room %d; %d past their term while that was told; %d of %d runs held",
		w.liar, w.witness, recorded, w.erased[0], w.erased[1], w.erased[2], w.erased[3], held, runs)
}

// run is one run of the purge.
func (w *world) run(p Present) {
	list, err := Plan(w.situation(p), w.index)
	must(w.t, err)
	w.erase(p, list)
	w.judgeLateness(p, "after")
	if w.rig != nil {
		w.carryOut(p, list)
	}
	if need := w.bytes - w.capacity; need > 0 {
		r, err := PlanRelief(w.situation(p), w.index, need)
		must(w.t, err)
		w.broken = r.Broken
		w.erase(p, r.Erasures)
		w.judgeRelief(p, r, need)
	}
}

// carryOut lets the purge do what is planned, now and then on a disk that fails, and starts anew after it.
func (w *world) carryOut(p Present, list []Erasure) {
	ctx := w.t.Context()
	s := w.situation(p)
	w.rig.holds.holds, w.rig.holds.restrictions = s.Holds, s.Restrictions
	faulty := w.chance(2)
	if faulty {
		w.rig.disk.FailAt(len(w.rig.disk.Ops())+w.r.IntN(20+8*len(list)), durabletest.Faults[w.r.IntN(len(durabletest.Faults))])
	}
	if _, err := w.rig.Run(ctx, p, planned(list...)); err != nil && !faulty {
		w.t.Fatal(err)
	}
	holds := w.rig.holds
	w.rig = newRig(w.t, w.rig.disk.AfterPowerLoss(durabletest.Losses[w.r.IntN(len(durabletest.Losses))]))
	w.rig.holds = holds
	w.rig.Purge.Holds = holds
	must1(w.rig.Replay(ctx, p, int64(len(must1(w.rig.diary.read())(w.t)))))(w.t)
	left := must1(w.rig.index.read())(w.t)
	rest := slices.DeleteFunc(slices.Clone(list), func(e Erasure) bool { return !slices.Contains(left, e.Segment.ID) })
	must1(w.rig.Run(ctx, p, planned(rest...)))(w.t)
	w.rig.wantGone(w.t, list[:min(len(list), 3)]...)
	w.compare()
}

// compare demands that rows and files are those of the footage that is to be there.
func (w *world) compare() {
	rows := make(map[keyring.ID]bool)
	for _, id := range must1(w.rig.index.read())(w.t) {
		rows[id] = true
	}
	files := 0
	for _, name := range w.rig.disk.Files(rigStore) {
		if strings.HasSuffix(name, ".seg") {
			files++
		}
	}
	for _, s := range w.live {
		if !rows[s.ID] {
			w.t.Fatalf("%s of %s is to be there, and has no row", s.ID, s.Camera)
		}
		if _, err := w.rig.disk.Stat(w.rig.Stores[0].Path(s.Camera, s.ID)); err != nil {
			w.t.Fatal(err)
		}
	}
	if len(rows) != len(w.live) || files != len(w.live) {
		w.t.Fatalf("%d rows and %d files are there for %d segments", len(rows), files, len(w.live))
	}
}
