package diary

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// bare is a table of SQLite alone, for commits of the bytes of one entry.
type bare struct {
	db         *sql.DB
	leaf, body []byte
	n          int
}

// newBare takes leaf and body of the entry i for an example.
func newBare(tb testing.TB, d *Diary, i int64) *bare {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "bare.db")
	must(tb, os.WriteFile(path, nil, 0o600))
	db, err := connect(path, 1, false)
	must(tb, err)
	tb.Cleanup(func() { must(tb, db.Close()) })
	_, err = db.Exec(`CREATE TABLE leaves (i INTEGER PRIMARY KEY, leaf TEXT) STRICT; CREATE TABLE bodies (i INTEGER PRIMARY KEY, body BLOB) STRICT`)
	must(tb, err)
	x := &bare{db: db}
	must(tb, d.read.QueryRow(`SELECT leaf, body FROM diary_leaves JOIN diary_bodies USING (i) WHERE i = ?`, i).Scan(&x.leaf, &x.body))
	return x
}

// commit writes them durably.
func (x *bare) commit(tb testing.TB) {
	tx, err := x.db.Begin()
	must(tb, err)
	_, err = tx.Exec(`INSERT INTO leaves VALUES (?, ?)`, x.n, string(x.leaf))
	must(tb, err)
	_, err = tx.Exec(`INSERT INTO bodies VALUES (?, ?)`, x.n, x.body)
	must(tb, err)
	must(tb, tx.Commit())
	x.n++
}

// What is promised of the diary's commits.
const (
	promisedBare   = 2.0  // one entry takes at most so many times as long as a bare commit
	promisedSingle = 10.0 // 64 writers write at least so many times as many entries as one
)

// slack is by how much a promise may be missed before its benchmark fails. On a disk that syncs in a tenth of a
// millisecond what else the machine does decides about the rest, so the promise itself is enforced only where
// VARUH_LONG asks for it, on a machine that does nothing else.
func slack() float64 {
	if os.Getenv("VARUH_LONG") != "" {
		return 1
	}
	return 1.5
}

// A measuring is at least so many rounds, each of so many turns, and goes on for so long until a round holds.
const (
	fewestRounds = 3
	turnsARound  = 21
	patience     = 20 * time.Second
)

// round is what one round came to: the medians of what the second way took, and of how many times as long that
// was as the first in the same turn.
type round struct {
	took  time.Duration
	ratio float64
}

// measure does something in two ways by turns, so that whatever else the machine does meanwhile strikes both. Both
// are done for a round first: the WAL then grows no more, and no sync is of the file's length, too. It returns the
// best round and the worst. Other work on the machine takes time from the second way, which computes more, and little
// from the first, which waits for the disk. So a promise holds if it does in the best round; while it does not,
// there are further rounds.
func measure(first, second func() time.Duration, promised float64) (best, worst round) {
	begun := time.Now()
	for n := 0; n <= fewestRounds || best.ratio > promised && time.Since(begun) < patience; n++ {
		var list []time.Duration
		var ratios []float64
		for range turnsARound {
			a, b := first(), second()
			list, ratios = append(list, b), append(ratios, float64(b)/float64(a))
		}
		slices.Sort(list)
		slices.Sort(ratios)
		r := round{list[turnsARound/2], ratios[turnsARound/2]}
		if n <= 1 || r.ratio < best.ratio { // the first only warms up
			best = r
		}
		if n <= 1 || r.ratio > worst.ratio {
			worst = r
		}
	}
	return best, worst
}

// settled is after how many commits the WAL grows no more.
const settled = 600

// BenchmarkAppend is one writer that waits for each entry, in turns with bare commits of SQLite on the same disk. It
// fails beyond what is promised and the slack.
func BenchmarkAppend(b *testing.B) {
	d := newRig(b).create(b)
	timeAppends(b, d, 1, 1)
	x := newBare(b, d, 1)
	for range settled {
		x.commit(b)
	}
	timeAppends(b, d, 1, settled)
	const each = 20
	bare := func() time.Duration {
		begun := time.Now()
		for range each {
			x.commit(b)
		}
		return time.Since(begun) / each
	}
	for b.Loop() {
		best, worst := measure(bare, func() time.Duration { return timeAppends(b, d, 1, each) }, promisedBare)
		b.ReportMetric(float64(best.took), "ns/entry")
		b.ReportMetric(best.ratio, "x-bare")
		b.ReportMetric(worst.ratio, "x-bare-worst")
		if best.ratio > promisedBare*slack() {
			b.Errorf("an entry takes %.2f times as long as a bare commit, promised are %.0f", best.ratio, promisedBare)
		}
	}
}

// BenchmarkAppend64 is 64 writers that each wait for their entries, in turns with one. It fails beyond what is promised and
// the slack.
func BenchmarkAppend64(b *testing.B) {
	d := newRig(b).create(b)
	timeAppends(b, d, 1, settled)
	single := func() time.Duration { return timeAppends(b, d, 1, 20) }
	for b.Loop() {
		best, worst := measure(single, func() time.Duration { return timeAppends(b, d, 64, 15) }, 1/promisedSingle)
		b.ReportMetric(float64(best.took), "ns/entry")
		b.ReportMetric(1/best.ratio, "x-single")
		b.ReportMetric(1/worst.ratio, "x-single-worst")
		if 1/best.ratio < promisedSingle/slack() {
			b.Errorf("64 writers write %.1f times as many entries as one, promised are %.0f", 1/best.ratio, promisedSingle)
		}
	}
}

// timeAppends has a number of writers append n entries each, and returns the time per entry.
func timeAppends(tb testing.TB, d *Diary, writers, n int) time.Duration {
	begun := time.Now()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range n {
				if _, err := d.Append(tb.Context(), viewing(i), nil); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begun) / time.Duration(writers*n)
}

// fillDiary puts n entries into a diary by its own commit sequence, many in one commit.
func fillDiary(tb testing.TB, r *rig, n int) {
	tb.Helper()
	d := r.create(tb)
	shut(tb, d)
	d, err := newDiary(r.options(), r.options().Path)
	must(tb, err)
	must(tb, d.load(tb.Context()))
	for n > 0 {
		var list []*request
		for range min(n, 5000) {
			q, err := d.prepare(Entry{Op: "view.more", Body: proof.Body{Bytes: int64(n), Purpose: "purpose"}})
			must(tb, err)
			list = append(list, q)
		}
		n -= len(list)
		must(tb, d.commitAll(list))
	}
	must(tb, truncateWAL(d.w.db))
	must(tb, d.read.Close())
	must(tb, d.w.db.Close())
}

// BenchmarkOpenMillion is a start with 1,000,000 entries, or VARUH_ENTRIES of them.
func BenchmarkOpenMillion(b *testing.B) {
	n := 1_000_000
	if text := os.Getenv("VARUH_ENTRIES"); text != "" {
		_, err := fmt.Sscan(text, &n)
		must(b, err)
	}
	r := newRig(b)
	fillDiary(b, r, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		d, err := Open(b.Context(), r.options())
		must(b, err)
		shut(b, d)
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.Sys)/(1<<20), "MiB-sys")
}

// BenchmarkExport writes a bundle of 200,000 entries with their bodies, or of VARUH_ENTRIES.
func BenchmarkExport(b *testing.B) {
	n := 200_000
	if text := os.Getenv("VARUH_ENTRIES"); text != "" {
		_, err := fmt.Sscan(text, &n)
		must(b, err)
	}
	r := newRig(b)
	fillDiary(b, r, n)
	d := r.open(b)
	var peak runtime.MemStats
	for b.Loop() {
		z := proof.NewZip(io.Discard)
		must(b, d.Export(b.Context(), z, Export{Opener: d.Opener(keyring.Identity{r.reading})}))
		must(b, z.Close())
	}
	runtime.ReadMemStats(&peak)
	b.ReportMetric(float64(peak.Sys)/(1<<20), "MiB-sys")
}
