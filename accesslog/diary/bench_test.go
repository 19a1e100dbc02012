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

// turns measures two ways of doing something by turns, so that whatever else the machine does meanwhile strikes
// both, and returns the medians of what the second took and of how many times as long that was as the first in
// the same turn.
func turns(n int, first, second func() time.Duration) (took time.Duration, ratio float64) {
	var list []time.Duration
	var ratios []float64
	for range n {
		a, b := first(), second()
		list, ratios = append(list, b), append(ratios, float64(b)/float64(a))
	}
	slices.Sort(list)
	slices.Sort(ratios)
	return list[n/2], ratios[n/2]
}

// settled is after how many commits the WAL grows no more: until then each sync is of the file's length, too.
const settled = 600

// BenchmarkAppend is one writer that waits for each entry, in turns with bare commits of SQLite on the same disk.
// x-bare is to be 2 at most.
func BenchmarkAppend(b *testing.B) {
	d := newRig(b).create(b)
	timeAppends(b, d, 1, 1)
	x := newBare(b, d, 1)
	for range settled {
		x.commit(b)
	}
	timeAppends(b, d, 1, settled)
	const each = 20
	took, ratio := turns(max(b.N/each, 25), func() time.Duration {
		begun := time.Now()
		for range each {
			x.commit(b)
		}
		return time.Since(begun) / each
	}, func() time.Duration { return timeAppends(b, d, 1, each) })
	b.ReportMetric(float64(took), "ns/entry")
	b.ReportMetric(ratio, "x-bare")
}

// BenchmarkAppend64 is 64 writers that each wait for their entries, in turns with one. x-single is how many times
// as many entries they write in the same time, and is to be 10 at least.
func BenchmarkAppend64(b *testing.B) {
	d := newRig(b).create(b)
	timeAppends(b, d, 1, settled)
	took, ratio := turns(max(b.N/1000, 9),
		func() time.Duration { return timeAppends(b, d, 1, 40) },
		func() time.Duration { return timeAppends(b, d, 64, 15) })
	b.ReportMetric(float64(took), "ns/entry")
	b.ReportMetric(1/ratio, "x-single")
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
