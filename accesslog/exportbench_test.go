package accesslog_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/packing"
)

// nowhere is a folder that keeps nothing.
type nowhere struct{ bytes int64 }

func (f *nowhere) Create(string) (io.WriteCloser, error) { return f, nil }
func (f *nowhere) Close() error                          { return nil }
func (f *nowhere) Write(p []byte) (int, error) {
	f.bytes += int64(len(p))
	return len(p), nil
}

// What is promised of a package of an hour of 4 Mbit/s, from the stored footage on: it takes at most 3 times what openssl takes
// for one encryption and one hash of it, and 128 MiB. A sealed object around it takes its own part of that time.
const (
	exportRatio = 3.0
	exportMiB   = 128
)

// BenchmarkExport takes footage out of a real store, through the door, into a package that is kept nowhere. Ten minutes tell as
// much as an hour; with VARUH_LONG it is an hour.
func BenchmarkExport(b *testing.B) {
	length := 10 * time.Minute
	if os.Getenv("VARUH_LONG") != "" {
		length = time.Hour
	}
	r := accesslog.NewRig(b)
	start := accesslog.Noon.Add(-2 * time.Hour)
	r.Tape("hall", start, length, 500_000)
	asked := evidence.Range{Camera: "hall", From: start, To: start.Add(length)}
	r.Request(asked)
	for b.Loop() {
		var out nowhere
		begun := evidencetest.Worked(b)
		memory := evidencetest.Peak(func() {
			r.Written(&out, r.Export(asked), func(disclose int64, manifest []byte) (evidence.Disclosed, error) {
				p, err := packing.Prove(context.Background(), r.Diary(), disclose, manifest)
				return p.Disclosed, err
			})
		})
		took := evidencetest.Worked(b) - begun
		other := evidencetest.OpenSSL(b, out.bytes, "enc", "-aes-256-ctr", "-K", fmt.Sprintf("%064x", 1), "-iv", fmt.Sprintf("%032x", 1), "-out", "/dev/null") +
			evidencetest.OpenSSL(b, out.bytes, "dgst", "-sha256")
		ratio := took.Seconds() / other.Seconds()
		b.ReportMetric(ratio, "×openssl")
		b.ReportMetric(float64(memory)/(1<<20), "MiB")
		if ratio > exportRatio*accesslog.Slack() || memory > exportMiB<<20 || out.bytes < int64(length.Seconds())*490_000 {
			b.Errorf("%d bytes took %.2f times what openssl does, promised %.1f; %d MiB, promised %d", out.bytes, ratio, exportRatio, memory>>20, exportMiB)
		}
	}
}
