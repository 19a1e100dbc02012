package cmaf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// FuzzSamples has a fragment be refused with ErrFormat, or give the bytes it ends with.
func FuzzSamples(f *testing.F) {
	tracks := []cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Width: 8, Height: 8}}
	r := mux(f, tracks, []cmaf.Unit{unit(0, true, "first"), unit(3600, false, "second"), unit(7200, true, "third"), unit(1e6, true, "4")})
	if len(r.fragments) == 0 {
		f.Fatal("no seeds")
	}
	for _, fragment := range r.fragments {
		f.Add(fragment.Data)
	}
	f.Fuzz(func(t *testing.T, fragment []byte) {
		var samples []cmaf.Sample
		for s, err := range cmaf.Samples(r.init, fragment) {
			if err != nil {
				if !errors.Is(err, cmaf.ErrFormat) || len(samples) > 0 {
					t.Fatalf("%v after %d samples", err, len(samples))
				}
				return
			}
			samples = append(samples, s)
		}
		payload := bytes.Join(datas(samples), nil)
		if len(samples) == 0 || !bytes.HasSuffix(fragment, payload) || !bytes.HasSuffix(fragment[:len(fragment)-len(payload)], []byte("mdat")) {
			t.Errorf("%d samples are not what the fragment ends with", len(samples))
		}
		if _, err := cmaf.Wall(fragment); err != nil {
			t.Errorf("samples were read, but: %v", err)
		}
	})
}

// FuzzTimescales has no head crash the reader.
func FuzzTimescales(f *testing.F) {
	head, err := cmaf.InitSegment([]cmaf.Track{{Codec: cmaf.PCMA, Timescale: 8000, Channels: 1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(head)
	f.Fuzz(func(t *testing.T, head []byte) {
		clocks, err := cmaf.Timescales(head)
		if (err == nil) == (len(clocks) == 0) || err != nil && !errors.Is(err, cmaf.ErrFormat) {
			t.Errorf("got %d, %v", clocks, err)
		}
	})
}

func datas(samples []cmaf.Sample) [][]byte {
	all := make([][]byte, len(samples))
	for i, s := range samples {
		all[i] = s.Data
	}
	return all
}

// TestDamage has a fragment with any bit of its head changed, or cut anywhere, be refused or give
// the very same samples.
func TestDamage(t *testing.T) {
	t.Parallel()
	tracks, units := read(t, clips.Motion)
	r := mux(t, tracks, units[:3])
	fragment := r.fragments[0].Data
	for i := range fragment {
		for s, err := range cmaf.Samples(r.init, fragment[:i]) {
			if !errors.Is(err, cmaf.ErrFormat) {
				t.Fatalf("cut at %d: %+v, %v", i, s, err)
			}
		}
	}
	intact := 0
	for bit := range (len(fragment) - len(units[0].Data) - len(units[1].Data) - len(units[2].Data)) * 8 {
		flipped := bytes.Clone(fragment)
		flipped[bit/8] ^= 1 << (bit % 8)
		n := 0
		for s, err := range cmaf.Samples(r.init, flipped) {
			if err == nil && !bytes.Equal(s.Data, units[n].Data) {
				t.Fatalf("bit %d changed sample %d unnoticed", bit, n)
			}
			if err == nil {
				n++
			}
		}
		if n == 3 {
			intact++
		}
	}
	// Times, sequence, sync flag: what is free to differ cannot be told here; the record's tag does.
	if intact > 8*(8+8+8+4+3*12) {
		t.Errorf("%d flipped bits went unnoticed", intact)
	}
}

// FuzzMuxer writes any sequence of units: whatever is taken comes back once, in order, with its
// bytes and times, and nothing that was refused does.
func FuzzMuxer(f *testing.F) {
	f.Add([]byte{0x01, 0, 100, 0, 10, 0x00, 0, 100, 0, 5, 0x03, 0, 1, 0, 9})
	f.Add([]byte{0x09, 255, 255, 255, 255, 0x11, 0, 0, 0, 1, 0x20, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		tracks := []cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Width: 8, Height: 8}, {Codec: cmaf.PCMA, Timescale: 8000, Channels: 1}}
		head, err := cmaf.InitSegment(tracks)
		if err != nil {
			t.Fatal(err)
		}
		var want, got [2][]cmaf.Sample
		m := cmaf.NewMuxer(tracks, func(f cmaf.Fragment) error {
			for s, err := range cmaf.Samples(head, f.Data) {
				if err != nil {
					return err
				}
				s.Data = bytes.Clone(s.Data)
				got[s.Track] = append(got[s.Track], s)
			}
			return nil
		})
		for dts := int64(0); len(script) >= 5; script = script[5:] {
			op, step, size := script[0], int16(binary.BigEndian.Uint16(script[1:])), int(script[4])
			dts += int64(step) << (op >> 4 * 4) // up to far beyond what a fragment can tell
			u := cmaf.Unit{Track: int(op & 1), Key: op&2 != 0, Loss: op&4 != 0, DTS: dts, PTS: dts + int64(int8(script[3]))<<(op>>4*2),
				Wall: dawn.Add(time.Duration(dts)), Data: bytes.Repeat([]byte{op}, size)}
			if err := m.Write(u); err == nil {
				want[u.Track] = append(want[u.Track], cmaf.Sample{DTS: u.DTS, PTS: u.PTS, Key: u.Key, Data: u.Data})
			} else if !errors.Is(err, cmaf.ErrBackwards) && !errors.Is(err, cmaf.ErrUnit) {
				t.Fatal(err)
			}
			if op&8 != 0 {
				if err := m.Flush(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
		for track := range tracks {
			compare(t, got[track], want[track])
		}
	})
}

// compare has the times of both lists differ by one constant, and all else be equal.
func compare(t *testing.T, got, want []cmaf.Sample) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d units came back of %d", len(got), len(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		shift := uint64(w.DTS) - uint64(want[0].DTS)
		if uint64(g.DTS)-uint64(got[0].DTS) != shift || g.PTS-g.DTS != w.PTS-w.DTS || g.Key != w.Key || !bytes.Equal(g.Data, w.Data) {
			t.Fatalf("unit %d came back as %+v, want %+v", i, g, w)
		}
	}
}

// BenchmarkMuxer packs 4 Mbit/s, 25 pictures a second, a key frame every 2 s: what one camera costs
// here each second, in 25 writes.
func BenchmarkMuxer(b *testing.B) {
	const pictures = 50
	rnd := rand.New(rand.NewPCG(1, 2))
	var units [pictures]cmaf.Unit
	for i := range units {
		size := 15000 + rnd.IntN(6000)
		if i == 0 {
			size = 120000
		}
		units[i] = cmaf.Unit{Key: i == 0, Data: make([]byte, size)}
	}
	out := 0
	m := cmaf.NewMuxer([]cmaf.Track{picture}, func(f cmaf.Fragment) error { out += len(f.Data); return nil })
	b.ReportAllocs()
	ticks := int64(0)
	for b.Loop() {
		for range 25 {
			u := units[ticks/3600%pictures]
			u.PTS, u.DTS, u.Wall = ticks, ticks, dawn
			if err := m.Write(u); err != nil {
				b.Fatal(err)
			}
			ticks += 3600
		}
	}
	b.SetBytes(int64(out / b.N))
}

// TestNoAllocation has a unit cost none once the buffers have grown.
func TestNoAllocation(t *testing.T) {
	m := cmaf.NewMuxer([]cmaf.Track{picture}, func(cmaf.Fragment) error { return nil })
	u := cmaf.Unit{Data: make([]byte, 20000)}
	gop := func() {
		for i := range 50 {
			u.Key, u.PTS, u.DTS = i == 0, u.PTS+3600, u.DTS+3600
			if err := m.Write(u); err != nil {
				t.Fatal(err)
			}
		}
	}
	gop()
	gop()
	if n := testing.AllocsPerRun(50, gop); n != 0 {
		t.Errorf("%v allocations in 50 units", n)
	}
}
