package retention

import (
	"os"
	"testing"
	"time"
)

// What a plan over a million segments may take, on a machine that does nothing else, and for how long a round is
// waited for in which nothing else was done.
const (
	planWithin = time.Second
	patience   = 20 * time.Second
)

// BenchmarkPlanMillion fails if a plan over a million segments takes longer than is promised, be there little or much
// to erase. The best round counts, and half as much again is allowed: what else the machine does decides about
// that. VARUH_LONG holds the promise itself.
func BenchmarkPlanMillion(b *testing.B) {
	allowed := planWithin
	if os.Getenv("VARUH_LONG") == "" {
		allowed = planWithin * 3 / 2
	}
	due, segments := million(b, 1e6)
	backlog := due
	backlog.Present.Certain, backlog.Most = noon(365+180), 20_000 // as the daemon asks for
	for b.Loop() {
		for name, s := range map[string]Situation{"due": due, "backlog": backlog} {
			best := time.Hour
			for first := time.Now(); best > planWithin && time.Since(first) < patience; {
				began := time.Now()
				list, err := Plan(s, segments)
				if err != nil || len(list) < 20_000 {
					b.Fatal(len(list), err)
				}
				best = min(best, time.Since(began))
			}
			b.ReportMetric(float64(best.Milliseconds()), "ms-"+name)
			if best > allowed {
				b.Errorf("the plan (%s) took %v; %v is promised", name, best, planWithin)
			}
		}
	}
}
