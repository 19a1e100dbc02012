package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"varuh/recorder/durable/durabletest"
)

// TestEveryBit flips each bit of a segment in turn. The keyless check finds each, names the record
// if it is in one, and all the other records can still be decrypted.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 3)
	want := &SealedAs{s.Records, s.Root}
	whole := fileBytes(t, d, sampleName)
	last := s.Index[len(s.Index)-1]
	for bit := range 8 * len(whole) {
		at := int64(bit / 8)
		b := bytes.Clone(whole)
		b[at] ^= 1 << (bit % 8)
		d := diskWith(t, b)
		problems := Verify(d, sampleName, want, nil)
		if len(problems) == 0 {
			t.Fatalf("bit %d of byte %d: not found", bit%8, at)
		}
		switch hit := recordAt(s.Index, at); {
		case at < s.Index[0].Offset: // in the header: nothing can be decrypted
		case hit >= 0:
			p := problems[0]
			if len(problems) != 1 || p.Record != hit || p.Offset != s.Index[hit].Offset || !errors.Is(p, ErrDamaged) {
				t.Fatalf("byte %d of record %d: %v", at, hit, describe(problems))
			}
			if bit%8 == hit { // once for each byte
				othersReadable(t, d, int(s.Records), hit)
			}
		case at >= last.Offset+last.Size:
			if problems[0].Record >= 0 && problems[0].Offset < last.Offset+last.Size {
				t.Fatalf("byte %d of the seal: %v", at, describe(problems))
			}
			if bit%8 == 0 {
				othersReadable(t, d, int(s.Records), -1)
			}
		}
	}
}

// recordAt is the record that a byte of the file is in, or -1.
func recordAt(index []Entry, at int64) int {
	return slices.IndexFunc(index, func(e Entry) bool { return e.Offset <= at && at < e.Offset+e.Size })
}

// othersReadable demands that all records but one decrypt, and that one not. Played, that one may be what was written,
// where its checksum alone was hit, and nothing else.
func othersReadable(t *testing.T, d *durabletest.Disk, records, but int) {
	t.Helper()
	r := open(t, d, sampleName)
	if err := r.Unlock(sampleKey); err != nil {
		t.Fatal(err)
	}
	written, plains := sampleRecords(records)
	for n := range records {
		_, _, err := r.Read(n, nil)
		if damaged := errors.Is(err, ErrDamaged); damaged != (n == but) || err != nil && !damaged {
			t.Fatalf("record %d of a file with record %d damaged: %v", n, but, err)
		}
		rec, plain, err := r.Play(n, nil)
		if err == nil && (rec != written[n] || !bytes.Equal(plain, plains[n])) || err != nil && (n != but || !errors.Is(err, ErrDamaged)) {
			t.Fatalf("record %d, played, of a file with record %d damaged: %v, %v", n, but, rec, err)
		}
	}
}

// TestEveryTruncation cuts a sealed segment at every byte.
func TestEveryTruncation(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 3)
	whole := fileBytes(t, d, sampleName)
	for size := range whole {
		d := diskWith(t, whole[:size])
		if p := Verify(d, sampleName, &SealedAs{s.Records, s.Root}, nil); len(p) == 0 {
			t.Fatalf("cut at byte %d: not found with the slot", size)
		}
		if p := Verify(d, sampleName, nil, nil); len(p) == 0 {
			t.Fatalf("cut at byte %d: not found without the slot", size)
		}
	}
	if p := Verify(diskWith(t, append(whole, 0)), sampleName, nil, nil); len(p) == 0 {
		t.Error("a byte behind the trailer: not found")
	}
}

// TestWalkPastDamage walks a sealed segment with a damaged record, and one with a damaged seal.
func TestWalkPastDamage(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 3)
	whole := fileBytes(t, d, sampleName)
	for name, c := range map[string]struct {
		at  int64 // changed byte
		bad int   // record that is damaged by it
	}{
		"record":             {s.Index[2].Offset + headSize, 2},
		"length of a record": {s.Index[1].Offset, 1},
		"seal":               {s.Index[3].Offset + s.Index[3].Size + 10, -1},
		"trailer":            {int64(len(whole)) - 1, -1},
	} {
		b := bytes.Clone(whole)
		b[c.at] ^= 0x40
		r := open(t, diskWith(t, b), sampleName)
		if _, err := r.Seal(); (err == nil) != (c.bad >= 0) || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: seal: %v", name, err)
		}
		n := 0
		for e, err := range r.All() {
			var p *Problem
			if e != s.Index[n] || errors.As(err, &p) != (n == c.bad) || p != nil && p.Record != n {
				t.Errorf("%s: record %d: %+v, %v", name, n, e, err)
			}
			n++
		}
		if n != 4 {
			t.Errorf("%s: walked %d records, want 4", name, n)
		}
	}
}

// forge changes a record and makes its checksum right again, as one who knows the format can.
func forge(b []byte, e Entry, change func(record []byte)) []byte {
	b = bytes.Clone(b)
	record := b[e.Offset : e.Offset+e.Size]
	change(record)
	n := len(record) - crcSize
	binary.BigEndian.PutUint32(record[n:], crc32.Checksum(record[:n], castagnoli))
	return b
}

// TestForged has changes with right checksums: those that only the root shows, and those that only
// the key shows.
func TestForged(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 6)
	whole := fileBytes(t, d, sampleName)
	other := durabletest.New()
	h := sampleHeader()
	h.ID[5]++
	w, err := Create(other, sampleName, h, otherKey, AES256GCM)
	if err != nil {
		t.Fatal(err)
	}
	records, plains := sampleRecords(6)
	for i, r := range records {
		if err := w.Append(r, plains[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Seal(false); err != nil {
		t.Fatal(err)
	}
	foreign := fileBytes(t, other, sampleName)
	at := func(b []byte, n int) []byte { return b[s.Index[n].Offset : s.Index[n].Offset+s.Index[n].Size] }
	end := s.Index[6].Offset + s.Index[6].Size

	for name, c := range map[string]struct {
		file    []byte
		record  int // that the first problem names
		words   string
		keyless bool // found without the key
	}{
		"record from another segment": {forge(whole, s.Index[3], func(b []byte) { copy(b, at(foreign, 3)) }), -1, "root", true},
		"leaf":                        {forge(whole, s.Index[3], func(b []byte) { b[headSize-1] ^= 1 }), -1, "root", true},
		"start":                       {forge(whole, s.Index[3], func(b []byte) { b[17] ^= 1 }), 3, "index", true},
		"kind":                        {forge(whole, s.Index[3], func(b []byte) { b[4] = byte(Audio) }), 3, "index", true},
		"sequence":                    {forge(whole, s.Index[3], func(b []byte) { b[9] ^= 1 }), 3, "says that it is record 2", true},
		"ciphertext":                  {forge(whole, s.Index[3], func(b []byte) { b[headSize] ^= 1 }), 3, "decrypt", false},
		"header of another segment": {slices.Concat(foreign[:s.Index[0].Offset], whole[s.Index[0].Offset:]),
			-1, "seal is not that of this file", true},
		"seal of another segment":    {slices.Concat(whole[:end], foreign[end:]), -1, "seal is not that of this file", true},
		"another segment, all of it": {foreign, -1, "root is not the one in the key slot", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := diskWith(t, c.file)
			keyless := Verify(d, sampleName, &SealedAs{s.Records, s.Root}, nil)
			if (len(keyless) > 0) != c.keyless {
				t.Errorf("keyless: %v", describe(keyless))
			}
			problems := Verify(d, sampleName, &SealedAs{s.Records, s.Root}, &sampleKey)
			if len(problems) == 0 {
				t.Fatal("not found with the key")
			}
			named := slices.ContainsFunc(problems, func(p *Problem) bool {
				return p.Record == c.record && strings.Contains(p.Error(), c.words)
			})
			if !named {
				t.Errorf("want %q at record %d, got %v", c.words, c.record, describe(problems))
			}
		})
	}
}

// TestLeafIsChecked has a record that decrypts but was given a leaf that is not its hash: what a
// recorder gone wrong, or one who has the key, could write.
func TestLeafIsChecked(t *testing.T) {
	t.Parallel()
	s, err := newSecrets(sampleKey, AES256GCM)
	if err != nil {
		t.Fatal(err)
	}
	plain := fragment(60)
	h := recordHead{Record: Record{Kind: Video}, size: int64(overhead + len(plain)), sequence: 1}
	b := make([]byte, headSize)
	h.put(b)
	b = appendCRC(s.encrypt(b, b[lengthSize:headSize], plain))
	if _, err := s.open(&h, bytes.Clone(b), true); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "leaf") {
		t.Errorf("got %v", err)
	}
	// Whoever only plays it sees what the writer wrote, and that alone: any other bit, of the leaf as well, shows.
	if got, err := s.open(&h, bytes.Clone(b), false); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("played: %v", err)
	}
	for i := lengthSize * 8; i < (len(b)-crcSize)*8; i++ {
		bad := bytes.Clone(b)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := s.open(&h, bad, false); !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit %d changed: %v", i, err)
		}
	}
}

// TestOldOrNewVersion tells another version from damage.
func TestOldOrNewVersion(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	sealed(t, d, sampleName, AES256GCM, 1)
	whole := fileBytes(t, d, sampleName)
	for _, c := range []struct {
		name   string
		change func(b []byte) []byte
		want   error
		words  string
	}{
		{"newer", func(b []byte) []byte { b[11] = 2; return b }, ErrVersion, "a newer one wrote the file, so upgrade"},
		{"version 0", func(b []byte) []byte { b[11] = 0; return b }, ErrVersion, "no version 0"},
		{"another magic", func(b []byte) []byte { b[0] = 'V'; return b }, ErrNotSegment, sampleName},
		{"a text", func([]byte) []byte { return []byte("this is not a segment at all") }, ErrNotSegment, sampleName},
		{"empty", func([]byte) []byte { return nil }, ErrNoHeader, sampleName},
		{"zeros", func(b []byte) []byte { clear(b); return b }, ErrNoHeader, sampleName},
		{"long header", func(b []byte) []byte { b[12] = 1; return b }, ErrDamaged, "no header is"},
		{"changed header", func(b []byte) []byte { b[20]++; return b }, ErrDamaged, "checksum"},
	} {
		d := diskWith(t, c.change(bytes.Clone(whole)))
		_, err := Open(d, sampleName)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.name, err)
		}
		if p := Verify(d, sampleName, nil, nil); len(p) != 1 || !errors.Is(p[0], c.want) {
			t.Errorf("%s: verify: %v", c.name, describe(p))
		}
		before := fileBytes(t, d, sampleName)
		if _, err := Recover(d, sampleName); !errors.Is(err, c.want) {
			t.Errorf("%s: recover: %v", c.name, err)
		}
		if !bytes.Equal(before, fileBytes(t, d, sampleName)) {
			t.Errorf("%s: recover changed a file that it refused", c.name)
		}
	}
}
