package people

import (
	"runtime"
	"testing"
)

// BenchmarkLogin is one log-in at the default cost, with its entry: nearly all of it is argon2id.
func BenchmarkLogin(b *testing.B) {
	r := newRig(b)
	r.o.Cost = DefaultCost
	var err error
	r.Register, err = New(b.Context(), r.o)
	must(b, err)
	_, err = r.First(b.Context(), first())
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		r.in(b, "vida.head", headPassword)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapSys)/(1<<20), "MiB-heap")
}

// BenchmarkSession is what each request pays to know who asks.
func BenchmarkSession(b *testing.B) {
	r, s := school(b)
	text := s.Token.Text()
	for b.Loop() {
		if _, err := r.Session(b.Context(), text); err != nil {
			b.Fatal(err)
		}
	}
}
