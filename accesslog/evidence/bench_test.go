package evidence_test

import (
	"fmt"
	"io"
	"slices"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// counted is a folder that keeps nothing.
type counted struct{ bytes int64 }

func (c *counted) Create(string) (io.WriteCloser, error) { return c, nil }
func (c *counted) Close() error                          { return nil }
func (c *counted) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}

// What is promised: footage of 4 Mbit/s takes at most 3 times what openssl takes for one encryption and one hash of it, and
// 128 MiB, of which the door's decryption needs some. Twenty minutes tell as much as an hour.
const (
	promisedRatio = 3.0
	promisedMiB   = 96
)

func BenchmarkWrite(b *testing.B) {
	c := evidencetest.NewHours(b, 500_000).Long(b, 1200)
	for b.Loop() {
		var out counted
		begun := evidencetest.Worked(b)
		mem := evidencetest.Peak(func() {
			_, err := evidence.Write(b.Context(), &out, c.Package())
			must(b, err)
		})
		took := evidencetest.Worked(b) - begun
		other := evidencetest.OpenSSL(b, out.bytes, "enc", "-aes-256-ctr", "-K", fmt.Sprintf("%064x", 1), "-iv", fmt.Sprintf("%032x", 1), "-out", "/dev/null") +
			evidencetest.OpenSSL(b, out.bytes, "dgst", "-sha256")
		ratio := took.Seconds() / other.Seconds()
		b.ReportMetric(ratio, "×openssl")
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		if ratio > promisedRatio || mem > promisedMiB<<20 {
			b.Errorf("it took %.2f times what openssl does, promised %.1f; %d MiB, promised %d", ratio, promisedRatio, mem>>20, promisedMiB)
		}
	}
}

// Memory does not grow with the range: a day has some ten clips, each as long as a clip is let be.
func BenchmarkWriteDay(b *testing.B) {
	c := evidencetest.NewHours(b, 5_000).Long(b, 24*3600)
	for b.Loop() {
		var m evidence.Manifest
		mem := evidencetest.Peak(func() {
			var err error
			m, err = evidence.Write(b.Context(), &counted{}, c.Package())
			must(b, err)
		})
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		b.ReportMetric(float64(len(m.Clips)), "clips")
		if mem > promisedMiB<<20 || len(m.Clips) < 9 {
			b.Errorf("a day in %d clips took %d MiB, promised %d", len(m.Clips), mem>>20, promisedMiB)
		}
	}
}

// Verifying is at least 0.4 times as fast as openssl makes one hash of the same bytes: by turns, and the middle one of five, since what
// one of the two takes alone is now and then half as much again.
func BenchmarkVerify(b *testing.B) {
	c := evidencetest.NewHours(b, 500_000).Long(b, 600)
	pkg, _ := c.Written(b)
	size := int64(0)
	for _, f := range pkg {
		size += int64(len(f.Data))
	}
	for b.Loop() {
		var speeds []float64
		mem := uint64(0)
		for range 5 {
			begun := evidencetest.Worked(b)
			mem = max(mem, evidencetest.Peak(func() {
				if r, err := evidence.Verify(b.Context(), pkg, c.Knowing()); err != nil || !r.Good() {
					b.Fatalf("%v %+v", err, r)
				}
			}))
			took := evidencetest.Worked(b) - begun
			speeds = append(speeds, evidencetest.OpenSSL(b, size, "dgst", "-sha256").Seconds()/took.Seconds())
		}
		slices.Sort(speeds)
		speed := speeds[len(speeds)/2]
		b.ReportMetric(speed, "×openssl")
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		if speed < 0.4 || mem > promisedMiB<<20 {
			b.Errorf("%.2f times as fast as openssl, promised 0.4; %d MiB, promised %d", speed, mem>>20, promisedMiB)
		}
	}
}
