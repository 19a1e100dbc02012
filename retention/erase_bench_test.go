package retention

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"varuh/recorder/durable"
)

// BenchmarkErase10000 erases 10,000 expired segments of 16 cameras, of 10 MiB each, while 16 cameras write 4 Mbit/s to
// the same disk, for a look at the purge alone. That the promise is held beside the real recorder is shown by cmd/varuh's
// BenchmarkEraseWhileRecording. The store is an ext4 file system of its own on
// a sparse image beside the state, with its own journal but the same disk below. ms-replay is how long a start takes to
// see that all of it is still gone.
func BenchmarkErase10000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		g := newRealRig(b, 128<<30, 10_000, 10<<20)
		if _, err := g.Replay(b.Context(), after, 0); err != nil {
			b.Fatal(err)
		}
		worst := g.cameras(b)
		b.StartTimer()
		report, err := g.Run(b.Context(), after, planned(g.list...))
		b.StopTimer()
		if err != nil || report.Erased != len(g.list) {
			b.Fatalf("report %+v, %v", report, err)
		}
		b.ReportMetric(float64(worst().Milliseconds()), "ms-worst-write")
		began := time.Now()
		if _, err := g.Replay(b.Context(), after, 0); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-replay")
		b.StartTimer()
	}
}

// cameras has 16 cameras write half a megabyte a second each, with a sync of all every 5 s, until worst is called; that
// returns the longest that a write took.
func (g *realRig) cameras(b *testing.B) (worst func() time.Duration) {
	b.Helper()
	stop := make(chan struct{})
	took, errs := make([]time.Duration, 16), make([]error, 17)
	var wg sync.WaitGroup
	every := func(d time.Duration, work func()) {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				work()
			}
		}
	}
	for i := range took {
		f, err := os.Create(filepath.Join(g.Stores[0].Dir, fmt.Sprintf("recording-%d", i)))
		must(b, err)
		wg.Go(func() {
			fragment := make([]byte, 50<<10)
			every(100*time.Millisecond, func() {
				began := time.Now()
				_, err := f.Write(fragment)
				took[i] = max(took[i], time.Since(began))
				errs[i] = errors.Join(errs[i], err)
			})
			errs[i] = errors.Join(errs[i], f.Close())
		})
	}
	wg.Go(func() {
		every(5*time.Second, func() { errs[16] = errors.Join(errs[16], durable.OS.SyncFS(g.Stores[0].Dir)) })
	})
	return func() time.Duration {
		close(stop)
		wg.Wait()
		must(b, errors.Join(errs...))
		return slices.Max(took)
	}
}
