package retention

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// Three years of eight cameras, with power cuts, clocks that are not set or lie, witnesses that lie, holds,
// restrictions, policies that change, cameras that go and come back, full disks and restarts, against a naive model that
// knows the truth: not one segment is past its term unless that was said, not one held segment is lost, and not one
// is erased early but for room or by a policy that was confirmed.
func TestSimulate(t *testing.T) {
	t.Parallel()
	seeds := uint64(5)
	if os.Getenv("VARUH_LONG") == "1" {
		seeds = 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			w.policies, _ = Policies{}.Review(w.asked, w.last, w.true)
			recorded, held, steps := 0, 0, 0
			for end := w.true.AddDate(3, 0, 0); w.true.Before(end); steps++ {
				w.pass()
				p := w.look()
				if p.Certain.After(w.true) {
					t.Fatalf("%s is certain, but it is %s", shown(p.Certain), shown(w.true))
				}
				if !w.wasDark && !w.lastRunHeld && !p.Held {
					w.judgeLateness(p, "before")
				}
				w.govern(p)
				n := len(w.live)
				w.record()
				recorded += len(w.live) - n
				w.run(p)
				w.lastRunHeld = p.Held
				if p.Held {
					held++
				}
			}
			t.Logf("liar %d, witness %v: %d segments recorded; by term %d, by policy %d, for room %d; %d past their term while that was told; %d of %d runs held",
				w.liar, w.witness, recorded, w.erased[0], w.erased[1], w.erased[2], w.erased[3], held, steps)
			if w.erased[0] < 1000 || w.erased[1] == 0 || (w.erased[2] == 0) != (w.capacity > 1<<60) {
				t.Errorf("the history is too quiet: %v went", w.erased)
			}
		})
	}
}

// run is one run of the purge.
func (w *world) run(p Present) {
	w.lead = 12*time.Hour + Tolerance + RunTakes
	list, err := Plan(w.situation(p), w.index)
	must(w.t, err)
	w.erase(p, list)
	w.judgeLateness(p, "after")
	if need := w.bytes - w.capacity; need > 0 {
		r, err := PlanRelief(w.situation(p), w.index, need)
		must(w.t, err)
		w.erase(p, r.Erasures)
		w.judgeRelief(p, r, need)
	}
}
