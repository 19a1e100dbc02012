package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
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
	f := evidencetest.Load(t, 1, clips.Entrance)
	f.Tracks, f.Length = f.Tracks[:1], time.Second
	f.Units = nil
	for n := range int64(25) {
		picture := bytes.Repeat([]byte{byte(n), 7}, bytesPerSecond/50)
		f.Units = append(f.Units, cmaf.Unit{PTS: n * 3600, DTS: n * 3600, Key: n == 0, Data: picture})
	}
	init, list := f.Cut(t, evidencetest.Dawn)
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

// openssl is how long openssl takes for as many bytes.
func openssl(b *testing.B, size int64, args ...string) time.Duration {
	b.Helper()
	tool(b, "openssl", "openssl")
	cmd := exec.Command("openssl", args...)
	in, err := cmd.StdinPipe()
	must(b, err)
	begun := time.Now()
	must(b, cmd.Start())
	for block := make([]byte, 1<<20); size > 0; size -= int64(len(block)) {
		_, err := in.Write(block[:min(size, int64(len(block)))])
		must(b, err)
	}
	must(b, in.Close())
	must(b, cmd.Wait())
	return time.Since(begun)
}

// peak is the most memory that the program had from the operating system, above what it had before.
func peak(do func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	now := func() uint64 { metrics.Read(sample); return sample[0].Value.Uint64() - sample[1].Value.Uint64() }
	debug.FreeOSMemory()
	before, most, done, ended := now(), uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most = max(most, now())
			case <-done:
				return
			}
		}
	}()
	do()
	close(done)
	<-ended
	return max(most, before) - before
}

// What is promised: an hour of 4 Mbit/s takes at most 3 times what openssl takes for one encryption and one hash of it, and
// 128 MiB, of which the door's decryption needs some.
const (
	promisedRatio = 3.0
	promisedMiB   = 96
)

func BenchmarkWriteHour(b *testing.B) {
	c := newHours(b, 500_000).long(b, 3600)
	for b.Loop() {
		var out counted
		begun := time.Now()
		mem := peak(func() {
			_, err := evidence.Write(b.Context(), &out, c.Package())
			must(b, err)
		})
		took := time.Since(begun)
		other := openssl(b, out.bytes, "enc", "-aes-256-ctr", "-K", fmt.Sprintf("%064x", 1), "-iv", fmt.Sprintf("%032x", 1), "-out", "/dev/null") +
			openssl(b, out.bytes, "dgst", "-sha256")
		ratio := took.Seconds() / other.Seconds()
		b.ReportMetric(ratio, "×openssl")
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		if ratio > promisedRatio || mem > promisedMiB<<20 {
			b.Errorf("an hour took %.2f times what openssl does, promised %.1f; %d MiB, promised %d", ratio, promisedRatio, mem>>20, promisedMiB)
		}
	}
}

// Memory does not grow with the range: a day has some ten clips, each as long as a clip is let be.
func BenchmarkWriteDay(b *testing.B) {
	c := newHours(b, 5_000).long(b, 24*3600)
	for b.Loop() {
		var m evidence.Manifest
		mem := peak(func() {
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
		begun := time.Now()
		mem := peak(func() {
			if r, err := evidence.Verify(b.Context(), pkg, c.Knowing()); err != nil || !r.Good() {
				b.Fatalf("%v %+v", err, r)
			}
		})
		took := time.Since(begun)
		speed := openssl(b, size, "dgst", "-sha256").Seconds() / took.Seconds()
		b.ReportMetric(speed, "×openssl")
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		if speed < 0.4 || mem > promisedMiB<<20 {
			b.Errorf("%.2f times as fast as openssl, promised 0.4; %d MiB, promised %d", speed, mem>>20, promisedMiB)
		}
	}
}
