package segment

import (
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// TestFormatExample makes the example of FORMAT.md and demands that the document shows its bytes.
func TestFormatExample(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	d := durabletest.New()
	var key keyring.Key
	for i := range key {
		key[i] = byte(i)
	}
	w, err := Create(d, sampleName, Header{
		ID: keyring.ID{0x01, 0x9a, 0xa5}, Store: keyring.ID{0xbb}, Slot: 7, Camera: "gate", Stream: "main",
		Run: keyring.ID{0xcc}, Boot: [16]byte{0xdd}, BootTime: time.Second, Start: start, Clock: Synchronised,
		Format: "H264", Gaps: []Gap{{start.Add(-time.Minute), start, "schedule"}},
	}, key, AES256GCM)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(Record{Kind: Init, Start: start}, []byte("init")); err != nil {
		t.Fatal(err)
	}
	picture := Record{Kind: Video, Flags: KeyFrame, Start: start, Duration: time.Second}
	if err := w.Append(picture, slices.Concat(box("moof", nil), box("mdat", []byte("picture")))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Seal(false); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	dump := hex.Dump(fileBytes(t, d, sampleName))
	for line := range strings.Lines(dump) {
		if !strings.Contains(string(doc), strings.TrimSpace(line)) {
			t.Fatalf("FORMAT.md lacks %q; the example is\n%s", line, dump)
		}
	}
}
