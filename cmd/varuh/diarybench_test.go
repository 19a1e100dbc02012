package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// BenchmarkDiaryVerify opens and checks every one of 200,000 entries, or of VARUH_ENTRIES, as diary verify does,
// and reports by how much the process grew meanwhile, at most.
func BenchmarkDiaryVerify(b *testing.B) {
	overDiary(b, func(k desk) {
		r, err := k.verify(b.Context(), nil)
		must(b, err)
		if r.Bad() || r.Bodies != k.diary.Head().Size {
			b.Fatalf("%+v", r)
		}
	})
}

// BenchmarkDiaryExport writes them into a bundle as diary export does, with the files for people.
func BenchmarkDiaryExport(b *testing.B) {
	overDiary(b, func(k desk) {
		out, err := k.export(b.Context(), diaryOrder{who: played("auditor"), Reason: "yearly check"}, io.Discard)
		must(b, errors.Join(err, out.err()))
	})
}

// overDiary measures what is done with the whole of a large diary.
func overDiary(b *testing.B, do func(desk)) {
	n := int64(200_000)
	if text := os.Getenv("VARUH_ENTRIES"); text != "" {
		_, err := fmt.Sscan(text, &n)
		must(b, err)
	}
	c, keys := keyed(b)
	d, err := openDiary(b.Context(), c.state, c.appliance)
	must(b, err)
	defer d.Close()
	fill(b, d, n)
	grown := 0.0
	for b.Loop() {
		must(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)) // begins the peak anew
		before := memoryOf(b, "VmRSS:")
		do(desk{diary: d, keys: keys})
		grown = max(grown, memoryOf(b, "VmHWM:")-before)
	}
	b.ReportMetric(float64(d.Head().Size)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(grown, "grown-MiB")
}

// fill writes entries into a diary until it has n, or a few more. Many do, for one commit takes many.
func fill(tb testing.TB, d *diary.Diary, n int64) {
	tb.Helper()
	var all sync.WaitGroup
	for range 256 {
		all.Go(func() {
			for d.Head().Size < n {
				if _, err := d.Append(tb.Context(), diary.Entry{Op: "collect", Body: proof.Body{Purpose: "purpose", Note: "n"}}, nil); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// memoryOf is a line of the process's status, in MiB.
func memoryOf(tb testing.TB, what string) float64 {
	tb.Helper()
	b, err := os.ReadFile("/proc/self/status")
	must(tb, err)
	_, line, _ := bytes.Cut(b, []byte(what))
	kB, err := strconv.Atoi(strings.Fields(string(line))[0])
	must(tb, err)
	return float64(kB) / 1024
}
