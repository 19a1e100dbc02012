package segment

import (
	"bytes"
	"math"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
)

// headerSeeds are headers that use every part of the format.
func headerSeeds(t testing.TB) (seeds [][]byte) {
	t.Helper()
	full := sampleHeader()
	full.Camera, full.Stream, full.Clock = string(bytes.Repeat([]byte("č"), MaxCamera/2)), "sub", Unsynchronised
	full.Format, full.Start = string(bytes.Repeat([]byte("f"), MaxFormat)), time.Time{}
	full.Gaps = nil
	for range MaxGaps {
		full.Gaps = append(full.Gaps, Gap{earliest, latest, string(bytes.Repeat([]byte("c"), MaxCause))})
	}
	for i, h := range []Header{sampleHeader(), full, {Camera: "c", Stream: "main"}} {
		b, err := (&head{Header: h, cipher: bothCiphers[i%2]}).encode()
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, b)
	}
	return seeds
}

// FuzzHeader: what is accepted is encoded to the same bytes.
func FuzzHeader(f *testing.F) {
	for _, b := range headerSeeds(f) {
		f.Add(b)
		f.Add(b[:len(b)-crcSize])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, b := range [][]byte{b, fixCRC(b)} {
			h, err := parseHeader(b)
			if err != nil {
				continue
			}
			again, err := h.encode()
			if err != nil || !bytes.Equal(again, b[:h.size]) {
				t.Errorf("%x\nis encoded as\n%x, %v", b, again, err)
			}
		}
	})
}

// fixCRC ends a copy of b with the right checksum, so that fuzzing gets past it.
func fixCRC(b []byte) []byte {
	if len(b) < crcSize {
		return b
	}
	return appendCRC(bytes.Clone(b[:len(b)-crcSize]))
}

// FuzzSeal: what is accepted is encoded to the same bytes.
func FuzzSeal(f *testing.F) {
	d := durabletest.New()
	s := sealed(f, d, sampleName, AES256GCM, 3)
	whole := fileBytes(f, d, sampleName)
	r := open(f, d, sampleName)
	end := s.Index[3].Offset + s.Index[3].Size
	f.Add(whole[end : len(whole)-trailerSize])
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, b := range [][]byte{b, fixCRC(b)} {
			for _, off := range []int64{end, r.head.size, int64(len(b))} {
				s, ok := parseSeal(b, &r.head, off)
				if !ok {
					continue
				}
				again := s.encode(&r.head, indexOf(t, s.Index), off)
				if !bytes.Equal(again[:len(again)-trailerSize], b) {
					t.Errorf("%x\nis encoded as\n%x", b, again)
				}
			}
		}
	})
}

// indexOf encodes entries.
func indexOf(t *testing.T, list []Entry) []byte {
	t.Helper()
	var l ledger
	for _, e := range list {
		start, err := encodeTime(e.Start)
		if err != nil {
			t.Fatal(err)
		}
		l.add(&recordHead{Record: e.Record, size: e.Size, start: start})
	}
	return l.index
}

// FuzzRecordHead: what is accepted is encoded to the same bytes.
func FuzzRecordHead(f *testing.F) {
	d := durabletest.New()
	s := sealed(f, d, sampleName, AES256GCM, 2)
	whole := fileBytes(f, d, sampleName)
	for _, e := range s.Index {
		f.Add(whole[e.Offset : e.Offset+headSize])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < headSize {
			return
		}
		h, err := parseRecordHead(b)
		if err != nil {
			return
		}
		again := make([]byte, headSize)
		h.put(again)
		if !bytes.Equal(again, b[:headSize]) {
			t.Errorf("%x\nis encoded as\n%x", b[:headSize], again)
		}
	})
}

// FuzzFile: no bytes make reading crash; a file that is sound is made of what its parts encode to;
// any other that is recovered is sound.
func FuzzFile(f *testing.F) {
	d := durabletest.New()
	sealed(f, d, sampleName, AES256GCM, 3)
	whole := fileBytes(f, d, sampleName)
	f.Add(whole)
	f.Add(whole[:len(whole)-5])
	f.Add(whole[:600])
	f.Add([]byte(magic))
	for _, h := range headerSeeds(f) {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := diskWith(t, b)
		if len(Verify(d, sampleName, nil, &sampleKey)) == 0 || len(Verify(d, sampleName, nil, nil)) == 0 {
			checkSound(t, d, b)
		}
		s, err := Recover(d, sampleName)
		if err != nil {
			return
		}
		sound(t, Verify(d, sampleName, &SealedAs{s.Records, s.Root}, nil))
	})
}

// checkSound builds the file again out of what was read of it.
func checkSound(t *testing.T, d *durabletest.Disk, b []byte) {
	t.Helper()
	r := open(t, d, sampleName)
	again, err := r.head.encode()
	if err != nil {
		t.Fatal(err)
	}
	for n, e := range r.index {
		_, record, err := r.readEntry(n, nil)
		if err != nil || e.Offset != int64(len(again)) {
			t.Fatalf("record %d at byte %d: %v", n, e.Offset, err)
		}
		again = append(again, record...)
	}
	s, err := r.Seal()
	if err != nil {
		t.Fatal(err)
	}
	again = append(again, s.encode(&r.head, indexOf(t, s.Index), int64(len(again)))...)
	if !bytes.Equal(again, b) {
		t.Errorf("%x\nis encoded as\n%x", b, again)
	}
}

func TestSeedsAreThere(t *testing.T) {
	t.Parallel()
	seeds := headerSeeds(t)
	if len(seeds) < 3 {
		t.Fatal("no seeds for the fuzz tests")
	}
	longest := 0
	for _, b := range seeds {
		longest = max(longest, len(b))
	}
	if longest > maxHeader {
		t.Errorf("a header can be %d bytes long, more than %d", longest, maxHeader)
	}
}

func TestHeaderRefuses(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return string(make([]byte, n)) }
	for name, change := range map[string]func(h *Header){
		"stream":         func(h *Header) { h.Stream = "third" },
		"no camera":      func(h *Header) { h.Camera = "" },
		"camera":         func(h *Header) { h.Camera = long(MaxCamera + 1) },
		"not UTF-8":      func(h *Header) { h.Camera = "\xff" },
		"format":         func(h *Header) { h.Format = long(MaxFormat + 1) },
		"clock":          func(h *Header) { h.Clock = 2 },
		"start":          func(h *Header) { h.Start = time.Date(2262, 4, 12, 0, 0, 0, 0, time.UTC) },
		"gaps":           func(h *Header) { h.Gaps = make([]Gap, MaxGaps+1) },
		"cause":          func(h *Header) { h.Gaps = []Gap{{Cause: long(MaxCause + 1)}} },
		"start of a gap": func(h *Header) { h.Gaps = []Gap{{From: time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)}} },
		"end of a gap":   func(h *Header) { h.Gaps = []Gap{{To: time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)}} },
	} {
		h := sampleHeader()
		change(&h)
		if _, err := (&head{Header: h, cipher: AES256GCM}).encode(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, want := range []time.Time{{}, earliest.UTC(), latest.UTC(), time.Unix(0, 0).UTC(), sampleStart} {
		ns, err := encodeTime(want)
		if got := decodeTime(ns); err != nil || !got.Equal(want) {
			t.Errorf("%s: %d, %v, %s", want, ns, err, got)
		}
	}
	for _, ns := range []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64} {
		if got, err := encodeTime(decodeTime(ns)); got != ns || err != nil {
			t.Errorf("%d: %d, %v", ns, got, err)
		}
	}
}
