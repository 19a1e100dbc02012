package diary

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// promisedMiB is what an export, and reading it in, may take: a few chunks, however many entries there are.
const promisedMiB = 64

// BenchmarkExportMillion takes 1,000,000 entries, or VARUH_ENTRIES of them, out of a diary with all that they
// say, into a file, and reads that in again as an auditor does, with proof alone. Neither holds the entries in
// memory: what the process grew by meanwhile, beyond what it had before, is reported for both; it fails beyond promisedMiB.
func BenchmarkExportMillion(b *testing.B) {
	n := 1_000_000
	if text := os.Getenv("VARUH_ENTRIES"); text != "" {
		_, err := fmt.Sscan(text, &n)
		must(b, err)
	}
	r := newRig(b)
	fillDiary(b, r, n)
	d := r.open(b)
	keys, err := d.Keys(b.Context())
	must(b, err)
	name := filepath.Join(b.TempDir(), "diary.zip")
	var out, in time.Duration
	var outMiB, inMiB float64
	for b.Loop() {
		begun := time.Now()
		outMiB = max(outMiB, grown(b, func() { r.exportTo(b, d, name) }))
		out += time.Since(begun)
		begun = time.Now()
		inMiB = max(inMiB, grown(b, func() { importFrom(b, name, keys, d.Head().Size) }))
		in += time.Since(begun)
	}
	st, err := os.Stat(name)
	must(b, err)
	entries := float64(d.Head().Size) * float64(b.N)
	b.ReportMetric(float64(st.Size())/(1<<20), "file-MiB")
	b.ReportMetric(entries/out.Seconds(), "export-entries/s")
	b.ReportMetric(outMiB, "export-grown-MiB")
	b.ReportMetric(entries/in.Seconds(), "import-entries/s")
	b.ReportMetric(inMiB, "import-grown-MiB")
	if most := max(outMiB, inMiB); most > promisedMiB {
		b.Errorf("handing out, or reading in, took %.0f MiB, which is to be %d at most however many entries there are", most, promisedMiB)
	}
}

// exportTo writes the whole diary, opened, into a file.
func (r *rig) exportTo(tb testing.TB, d *Diary, name string) {
	f, err := os.Create(name)
	must(tb, err)
	z := proof.NewZip(f)
	must(tb, d.Export(tb.Context(), z, Export{Opener: d.Opener(keyring.Identity{r.reading})}))
	must(tb, z.Close())
	must(tb, f.Close())
}

// importFrom reads such a file, and looks at every body in it.
func importFrom(tb testing.TB, name string, keys []proof.Key, size int64) {
	z, err := zip.OpenReader(name)
	must(tb, err)
	seen := int64(0)
	report, err := proof.VerifyBundle(tb.Context(), z, proof.VerifyOptions{Keys: keys, Each: func(_ proof.Leaf, body *proof.Body, _ []byte) error {
		if body != nil {
			seen++
		}
		return nil
	}})
	must(tb, err)
	must(tb, z.Close())
	if report.Intact.State != proof.Yes || seen != size {
		tb.Fatalf("%d of %d bodies: %+v", seen, size, report)
	}
}

// grown runs f and returns by how much more memory than before the process had meanwhile, at most, in MiB; 0
// where the system does not tell.
func grown(tb testing.TB, f func()) float64 {
	tb.Helper()
	if os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) != nil { // 5: begin the peak anew
		f()
		return 0
	}
	before := memory(tb, "VmRSS:")
	f()
	return max(0, memory(tb, "VmHWM:")-before)
}

// memory is a line of the process's status, in MiB.
func memory(tb testing.TB, what string) float64 {
	tb.Helper()
	b, err := os.ReadFile("/proc/self/status")
	must(tb, err)
	_, line, _ := bytes.Cut(b, []byte(what))
	kB, err := strconv.Atoi(strings.Fields(string(line))[0])
	must(tb, err)
	return float64(kB) / 1024
}
