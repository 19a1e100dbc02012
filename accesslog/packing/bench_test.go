package packing

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/packing/sealed"
	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// fragments of one segment, a second each: little enough to be in memory while it is stored.
const seconds = 120

// moved is a fragment of a second, so many seconds later in its run.
func moved(f cmaf.Fragment, n int) cmaf.Fragment {
	b := bytes.Clone(f.Data)
	be := binary.BigEndian
	f.Start = evidencetest.Dawn.Add(time.Duration(n) * time.Second)
	be.PutUint64(b[16:], uint64(f.Start.Unix()+2208988800)<<32)
	be.PutUint64(b[24:], uint64(n)*90000)
	be.PutUint32(b[52:], uint32(n))
	be.PutUint64(b[92:], uint64(n)*90000)
	f.Data = b
	return f
}

// stored is footage of so many bytes a second in segments that the recorder sealed on a real disk, and the case of its disclosure.
func stored(b *testing.B, bytesPerSecond, segments int) *evidencetest.Case {
	b.Helper()
	init, list := evidencetest.Second(b, bytesPerSecond).Cut(b, evidencetest.Dawn)
	dir := b.TempDir()
	var files []evidencetest.File
	var known []*evidencetest.Segment
	for n := range segments {
		var part []cmaf.Fragment
		for i := range seconds {
			part = append(part, moved(list[0], n*seconds+i+1))
		}
		var key keyring.Key
		rand.Read(key[:])
		f, s := evidencetest.Sealed(b, durable.OS, filepath.Join(dir, fmt.Sprint(n)), key, init, part)
		s.Plain = nil // it is read from the disk
		files, known = append(files, f), append(known, s)
	}
	c := evidencetest.NewCase(b, "a", true, known)
	for i, s := range known {
		c.Stretches[0][i] = files[i].Part(s, 1, seconds+1)
	}
	return c
}

// into writes into an object.
type into struct{ *sealed.Writer }

// What is promised: to build a package of footage of 4 Mbit/s, from the recorder's sealed segments into a sealed object, takes at
// most 3 times what openssl takes for one encryption of as many bytes, which it stores, too, and one hash of them; and 128 MiB.
// Ten minutes tell as much as an hour.
const (
	promisedRatio = 3.0
	promisedMiB   = 128
)

func BenchmarkBuild(b *testing.B) {
	c := stored(b, 500_000, 5)
	r := newRigOn(b, durable.OS, b.TempDir())
	for b.Loop() {
		var size int64
		begun := evidencetest.Worked(b)
		mem := evidencetest.Peak(func() {
			w, err := r.o.Shelf.Begin(b.Context(), 0)
			must(b, err)
			_, err = evidence.Write(b.Context(), into{w}, c.Package())
			must(b, err)
			place, err := w.Finish(b.Context())
			must(b, err)
			size = w.Size()
			must(b, r.o.Shelf.Destroy(b.Context(), place))
		})
		took := evidencetest.Worked(b) - begun
		other := evidencetest.OpenSSL(b, size, "enc", "-aes-256-ctr", "-K", fmt.Sprintf("%064x", 1), "-iv", fmt.Sprintf("%032x", 1), "-out", filepath.Join(r.root, "enc")) +
			evidencetest.OpenSSL(b, size, "dgst", "-sha256")
		ratio := took.Seconds() / other.Seconds()
		b.ReportMetric(ratio, "×openssl")
		b.ReportMetric(float64(mem)/(1<<20), "MiB")
		if size < 5*seconds*500_000 {
			b.Fatalf("only %d bytes were written", size)
		}
		if ratio > promisedRatio || mem > promisedMiB<<20 {
			b.Errorf("it took %.2f times what openssl does, promised %.1f; %d MiB, promised %d", ratio, promisedRatio, mem>>20, promisedMiB)
		}
	}
}
