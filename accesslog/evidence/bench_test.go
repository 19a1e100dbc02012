package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// hours is footage that is made as it is read: a fragment of a second, again and again, with numbers and times that go on.
type hours struct {
	init     []byte
	fragment []byte
	boxes    int      // bytes of it before its mdat
	samples  [32]byte // hash of its samples
}

// newHours takes pictures of one camera that have so many bytes a second.
func newHours(t testing.TB, bytesPerSecond int) *hours {
	init, list := evidencetest.Second(t, bytesPerSecond).Cut(t, evidencetest.Dawn)
	h := &hours{init: init, fragment: list[0].Data}
	h.boxes = bytes.Index(h.fragment, []byte("mdat")) - 4
	h.samples = sha256.Sum256(h.fragment[h.boxes+8:])
	return h
}

// at puts fragment n, from 1, into buf.
func (h *hours) at(n int, buf []byte) []byte {
	b := append(buf[:0], h.fragment...)
	be := binary.BigEndian
	be.PutUint64(b[16:], uint64(evidencetest.Dawn.Unix()+2208988800+int64(n))<<32)
	be.PutUint64(b[24:], uint64(n)*90000)
	be.PutUint32(b[52:], uint32(n))
	be.PutUint64(b[92:], uint64(n)*90000)
	return b
}

// segments are those of so many seconds, 600 each, and the stretch of all of them.
func (h *hours) segments(t testing.TB, seconds int) (list []*evidencetest.Segment, s evidence.Stretch) {
	var buf []byte
	for from := 1; from <= seconds; from += 600 {
		x := &evidencetest.Segment{ID: sha256Of(from), Camera: "hall", Stream: "main", Start: evidencetest.Dawn.Add(time.Duration(from) * time.Second)}
		x.End = x.Start.Add(10 * time.Minute)
		for n := range 601 {
			boxes, samples := h.init, sha256.Sum256(nil)
			if n > 0 {
				buf = h.at(from+n-1, buf)
				boxes, samples = buf[:h.boxes], h.samples
			}
			salt, err := x.Salt(n)
			must(t, err)
			hash := sha256.Sum256(boxes)
			x.Hashes, x.Plain = append(x.Hashes, sha256.Sum256(slices.Concat([]byte{0}, salt[:], hash[:], samples[:]))), append(x.Plain, nil)
		}
		p := x.Part(1, 601)
		p.Open = func(context.Context) (evidence.Records, error) { return made{x, h, from}, nil }
		list, s = append(list, x), append(s, p)
	}
	return list, s
}

func sha256Of(n int) [16]byte {
	h := sha256.Sum256(fmt.Append(nil, n))
	return [16]byte(h[:16])
}

// made is a segment whose records are made as they are read.
type made struct {
	*evidencetest.Segment
	h    *hours
	from int
}

func (m made) Read(n int, buf []byte) (evidence.Record, error) {
	if n == 0 {
		return evidence.Record{Data: m.h.init}, nil
	}
	return evidence.Record{Data: m.h.at(m.from+n-1, buf)}, nil
}

// long is a case of so many seconds.
func (h *hours) long(t testing.TB, seconds int) *evidencetest.Case {
	list, s := h.segments(t, seconds)
	c := evidencetest.NewCase(t, "a", true, list)
	for i := range s {
		s[i].Collect = list[i].Collect
	}
	c.Stretches = []evidence.Stretch{s}
	return c
}

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
	c := newHours(b, 500_000).long(b, 1200)
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
	c := newHours(b, 5_000).long(b, 24*3600)
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

// Verifying is at least 0.4 times as fast as openssl makes one hash of the same bytes.
func BenchmarkVerify(b *testing.B) {
	c := newHours(b, 500_000).long(b, 600)
	pkg, _ := c.Written(b)
	size := int64(0)
	for _, f := range pkg {
		size += int64(len(f.Data))
	}
	for b.Loop() {
		begun := evidencetest.Worked(b)
		mem := evidencetest.Peak(func() {
			if r, err := evidence.Verify(b.Context(), pkg, c.Knowing()); err != nil || !r.Good() {
				b.Fatalf("%v %+v", err, r)
			}
		})
		took := evidencetest.Worked(b) - begun
		speed := evidencetest.OpenSSL(b, size, "dgst", "-sha256").Seconds() / took.Seconds()
		b.ReportMetric(speed, "×openssl")
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		if speed < 0.4 || mem > promisedMiB<<20 {
			b.Errorf("%.2f times as fast as openssl, promised 0.4; %d MiB, promised %d", speed, mem>>20, promisedMiB)
		}
	}
}
