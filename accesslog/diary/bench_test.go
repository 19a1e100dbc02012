package diary

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// bareCommits writes n times the bytes of an entry to a table of SQLite alone, durably, and returns how
// long one took.
func bareCommits(tb testing.TB, n int) time.Duration {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "bare.db")
	must(tb, os.WriteFile(path, nil, 0o600))
	db, err := connect(path, 1, false)
	must(tb, err)
	defer func() { must(tb, db.Close()) }()
	_, err = db.Exec(`CREATE TABLE leaves (i INTEGER PRIMARY KEY, leaf TEXT) STRICT; CREATE TABLE bodies (i INTEGER PRIMARY KEY, body BLOB) STRICT`)
	must(tb, err)
	leaf, body := make([]byte, 150), make([]byte, 400)
	begun := time.Now()
	for i := range n {
		tx, err := db.Begin()
		must(tb, err)
		_, err = tx.Exec(`INSERT INTO leaves VALUES (?, ?)`, i, string(leaf))
		must(tb, err)
		_, err = tx.Exec(`INSERT INTO bodies VALUES (?, ?)`, i, body)
		must(tb, err)
		must(tb, tx.Commit())
	}
	return time.Since(begun) / time.Duration(n)
}

// BenchmarkAppend is one writer that waits for each entry, against bare commits of SQLite on the same disk.
func BenchmarkAppend(b *testing.B) {
	bare := bareCommits(b, 300)
	d := newRig(b).create(b)
	for b.Loop() {
		if _, err := d.Append(b.Context(), viewing(1), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bare), "×bare")
}

// BenchmarkAppend64 is 64 writers that each wait for their entries.
func BenchmarkAppend64(b *testing.B) {
	d := newRig(b).create(b)
	single := timeAppends(b, d, 1, 200)
	b.ResetTimer()
	each := timeAppends(b, d, 64, max(b.N/64, 1))
	b.ReportMetric(float64(single)/float64(each), "×single")
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
