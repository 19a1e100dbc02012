package keyring

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
)

// sampleSlots are one slot of each state.
func sampleSlots() []Slot {
	ref := Ref{ID: NewID(noon), Slot: 7}
	keys := []SealedKey{{To: KeyID{1}, Box: [80]byte{2}}, {To: KeyID{3}, Box: [80]byte{4}}}
	return []Slot{
		{Ref: ref, Kind: KindSegment, State: StateOpen, Generation: 1, Keys: keys},
		{Ref: ref, Kind: KindPackage, State: StateSealed, Generation: 2, Keys: keys, Records: 601, Root: [32]byte{9}},
		{Ref: ref, Kind: KindSegment, State: StateErased, Generation: 3},
		{Ref: Ref{ID: ref.ID}, Kind: KindSegment, State: stateRetired, Generation: 3, Records: 12},
	}
}

func TestSlotRoundTrip(t *testing.T) {
	t.Parallel()
	store := NewID(noon)
	for _, want := range sampleSlots() {
		b := want.encode(store)
		got, gotStore, err := decode(&b)
		must(t, err)
		if gotStore != store || got.encode(store) != b {
			t.Errorf("%v slot came back as %+v", want.State, got)
		}
	}
}

func TestSlotEveryBitCounts(t *testing.T) {
	t.Parallel()
	for _, s := range sampleSlots() {
		whole := s.encode(ID{1})
		for bit := range SlotSize * 8 {
			b := whole
			b[bit/8] ^= 1 << (bit % 8)
			if _, _, err := decode(&b); !errors.Is(err, errTorn) {
				t.Fatalf("%v slot with bit %d flipped: %v", s.State, bit, err)
			}
		}
	}
}

func TestSlotVersionIsNotDamage(t *testing.T) {
	t.Parallel()
	b := sampleSlots()[0].encode(ID{1})
	b[atVersion+1] = 2
	resum(&b)
	if _, _, err := decode(&b); !errors.Is(err, ErrVersion) {
		t.Fatalf("got %v", err)
	}
}

// resum gives changed bytes a right checksum.
func resum(b *[SlotSize]byte) {
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[:atCRC], crcTable))
}

func FuzzSlot(f *testing.F) {
	for _, s := range sampleSlots() {
		b := s.encode(ID{1})
		f.Add(b[:])
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var b [SlotSize]byte
		copy(b[:], in)
		resum(&b) // or the fuzzer would see little but wrong checksums
		s, store, err := decode(&b)
		if err == nil && s.encode(store) != b {
			t.Fatal("a slot was read that would be written otherwise")
		}
	})
}
