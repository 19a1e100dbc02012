package keyring

import (
	"sync"
	"testing"

	"varuh/recorder/durable"
)

// BenchmarkBoundary is what 32 cameras do to the keyring when they reach a boundary together: each
// makes a slot for its next segment and seals the one before. Both twins are on the disk of the
// temporary folder, so the figure is mostly that of its fdatasync.
func BenchmarkBoundary(b *testing.B) {
	box := newBox(b)
	r, err := Open(durable.OS, b.TempDir(), b.TempDir(), box.store, box.pubs())
	must(b, err)
	last := make([]object, 32)
	for i := range last {
		last[i] = create(b, r)
	}
	for b.Loop() {
		var cameras sync.WaitGroup
		for i := range last {
			cameras.Go(func() {
				next := create(b, r)
				must(b, r.Seal(b.Context(), last[i].sealing()))
				last[i] = next
			})
		}
		cameras.Wait()
	}
}

// BenchmarkSealTo is the sealing of one key to a reading and a recovery key.
func BenchmarkSealTo(b *testing.B) {
	box, key, id := newBox(b), newKey(), NewID(noon)
	for b.Loop() {
		_, err := sealTo(box.pubs(), key, KindSegment, box.store, id)
		must(b, err)
	}
}

// BenchmarkOpenKey is the opening of one slot with the reading key.
func BenchmarkOpenKey(b *testing.B) {
	box, id := newBox(b), NewID(noon)
	keys, err := sealTo(box.pubs(), newKey(), KindSegment, box.store, id)
	must(b, err)
	slot := Slot{Ref: Ref{ID: id}, Kind: KindSegment, State: StateOpen, Keys: keys}
	for b.Loop() {
		_, err := (Identity{box.reading}).Open(box.store, slot)
		must(b, err)
	}
}

// BenchmarkRead is the reading of one slot from both twins.
func BenchmarkRead(b *testing.B) {
	box := newBox(b)
	r, err := Open(durable.OS, b.TempDir(), b.TempDir(), box.store, box.pubs())
	must(b, err)
	o := create(b, r)
	for b.Loop() {
		_, err := r.Slot(o.Ref)
		must(b, err)
	}
}
