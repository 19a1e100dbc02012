package segment

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

const (
	sampleName = "/s.seg"
	canary     = "plaintext canary: the guard dog sleeps"
)

var (
	sampleStart = time.Date(2026, 11, 21, 8, 30, 0, 123456789, time.UTC)
	sampleKey   = keyring.Key{1, 2, 3}
	otherKey    = keyring.Key{1, 2, 4}
	bothCiphers = []Cipher{AES256GCM, ChaCha20Poly1305}
)

func sampleHeader() Header {
	return Header{
		ID: keyring.ID{1, 15: 2}, Store: keyring.ID{3}, Slot: 77, Camera: "gate", Stream: "main",
		Run: keyring.ID{4}, Boot: [16]byte{5}, BootTime: 90 * time.Minute, Start: sampleStart,
		Clock: Synchronised, Format: "H264 640x360, AAC 48000 Hz",
		Gaps: []Gap{{sampleStart.Add(-time.Hour), sampleStart.Add(-time.Minute), "unreachable"}},
	}
}

// box is an ISO box around a payload.
func box(name string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(payload)))
	return append(append(b, name...), payload...)
}

// fragment is plaintext such as cmaf makes, with a payload of n bytes that begins with the canary.
func fragment(n int) []byte {
	payload := make([]byte, n)
	copy(payload, canary)
	return slices.Concat(box("prft", make([]byte, 16)), box("moof", bytes.Repeat([]byte(canary), 2)), box("mdat", payload))
}

// sampleRecords are an init record and n fragments, picture and sound in turn.
func sampleRecords(n int) (records []Record, plains [][]byte) {
	records = append(records, Record{Kind: Init, Start: sampleStart})
	plains = append(plains, slices.Concat(box("ftyp", []byte("cmfc")), box("moov", []byte(canary))))
	for i := range n {
		r := Record{Kind: Video, Start: sampleStart.Add(time.Duration(i) * time.Second), Duration: time.Second}
		switch {
		case i%2 == 1:
			r.Kind = Audio
		case i%4 == 0:
			r.Flags = KeyFrame | GapBefore
		default:
			r.Flags = Loss
		}
		records, plains = append(records, r), append(plains, fragment(50+7*i))
	}
	return records, plains
}

// begin creates a segment and appends the init record and n fragments.
func begin(t testing.TB, fsys durable.FS, name string, c Cipher, n int) *Writer {
	t.Helper()
	w, err := Create(fsys, name, sampleHeader(), sampleKey, c)
	if err != nil {
		t.Fatal(err)
	}
	records, plains := sampleRecords(n)
	for i, r := range records {
		if err := w.Append(r, plains[i]); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// sealed writes a whole segment.
func sealed(t testing.TB, fsys durable.FS, name string, c Cipher, n int) Seal {
	t.Helper()
	w := begin(t, fsys, name, c, n)
	s, err := w.Seal(false)
	if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, fsys durable.FS, name string) *Reader {
	t.Helper()
	r, err := Open(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// readAll decrypts all records and demands that they are the first ones of sampleRecords. It returns
// how many there are.
func readAll(t testing.TB, r *Reader) int {
	t.Helper()
	if err := r.Unlock(sampleKey); err != nil {
		t.Fatal(err)
	}
	records, plains := sampleRecords(64)
	for n := 0; ; n++ {
		rec, plain, err := r.Read(n, nil)
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec != records[n] || !bytes.Equal(plain, plains[n]) {
			t.Errorf("record %d: %+v with %d bytes, want %+v with %d", n, rec, len(plain), records[n], len(plains[n]))
		}
		if rec, plain, err = r.Play(n, nil); err != nil || rec != records[n] || !bytes.Equal(plain, plains[n]) {
			t.Errorf("record %d played: %+v with %d bytes, %v", n, rec, len(plain), err)
		}
	}
}

// fileBytes is what a file of the disk holds.
func fileBytes(t testing.TB, fsys durable.FS, name string) []byte {
	t.Helper()
	b, err := durable.ReadFile(fsys, name, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// diskWith is a disk that holds one file.
func diskWith(t testing.TB, b []byte) *durabletest.Disk {
	t.Helper()
	d := durabletest.New()
	if err := durable.WriteFile(d, sampleName, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// sound fails the test for each problem in the list.
func sound(t testing.TB, problems []*Problem) {
	t.Helper()
	for _, p := range problems {
		t.Errorf("problem: %v", p)
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func describe(problems []*Problem) string { return fmt.Sprint(problems) }
