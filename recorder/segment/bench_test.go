package segment

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"varuh/recorder/durable"
)

// sink takes what is written and keeps nothing, so that only the work in the program counts.
type sink struct{ durable.FS }

func (s sink) Create(string, fs.FileMode) (durable.File, error) { return sinkFile{}, nil }

type sinkFile struct{ durable.File }

func (sinkFile) Write(b []byte) (int, error) { return len(b), nil }
func (sinkFile) Close() error                { return nil }

// BenchmarkAppend is the recorder's hot path for one second of a 4-Mbit/s stream: leaf, encryption,
// checksum, and a write that costs nothing. 32 such streams cost 32 of these a second.
func BenchmarkAppend(b *testing.B) {
	for _, c := range bothCiphers {
		for _, size := range []int{8 << 10, 500_000} {
			b.Run(fmt.Sprintf("%s/%d", c, size), func(b *testing.B) { benchmarkAppend(b, sink{}, "", c, size) })
		}
	}
}

// BenchmarkAppendFile is the same into a file of the operating system, without sync.
func BenchmarkAppendFile(b *testing.B) {
	benchmarkAppend(b, durable.OS, b.TempDir(), PreferredCipher(), 500_000)
}

func benchmarkAppend(b *testing.B, fsys durable.FS, dir string, c Cipher, size int) {
	const perSegment = 600
	plain := fragment(size)
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	r := Record{Kind: Video, Flags: KeyFrame, Start: time.Now(), Duration: time.Second}
	var w *Writer
	for n := 0; b.Loop(); n++ {
		if n%perSegment == 0 { // about as often as a segment changes
			b.StopTimer()
			if w != nil {
				if err := errors.Join(w.Close(), fsys.Remove(w.name)); err != nil {
					b.Fatal(err)
				}
			}
			w = begin(b, fsys, dir+sampleName, c, 0)
			b.StartTimer()
		}
		if err := w.Append(r, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func (s sink) Remove(string) error { return nil }

// TestAppendAllocatesNothing holds the hot path to it.
func TestAppendAllocatesNothing(t *testing.T) {
	w, err := Create(sink{}, "", sampleHeader(), sampleKey, AES256GCM)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(Record{Kind: Init}, []byte("init")); err != nil {
		t.Fatal(err)
	}
	plain := fragment(100_000)
	r := Record{Kind: Video, Start: time.Now(), Duration: time.Second}
	allocs := testing.AllocsPerRun(500, func() {
		if err := w.Append(r, plain); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations for each record", allocs)
	}
}

// BenchmarkVerify is a keyless check of a segment of 60 records of 500 kB.
func BenchmarkVerify(b *testing.B) {
	name := b.TempDir() + sampleName
	w := begin(b, durable.OS, name, PreferredCipher(), 0)
	for range 60 {
		if err := w.Append(Record{Kind: Video}, fragment(500_000)); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Seal(false); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(w.Size())
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if p := Verify(durable.OS, name, nil, nil); len(p) > 0 {
			b.Fatal(p[0])
		}
	}
}
