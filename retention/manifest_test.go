package retention

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// example is the list of two segments, as FORMAT.md of the diary's manifests would show it.
const example = `{"segments":[` +
	`{"bytes":300000000,"camera":"yard","from":"2025-11-21T10:00:00.123Z","id":"019aa5f1d87b00000000000000000001","reason":"term","slot":7,"store":"09000000000000000000000000000000","to":"2025-11-21T10:10:00.001Z"},` +
	`{"bytes":0,"camera":"gate","from":"2025-11-21T10:00:01.000Z","id":"019aa5f1d87b00000000000000000002","reason":"pressure","slot":4294967295,"store":"09000000000000000000000000000000","to":"2025-11-21T10:00:01.000Z"}` +
	`],"v":1}`

func TestManifest(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 11, 21, 10, 0, 0, 123_456_789, time.UTC)
	first := footage.Segment{ID: must1(keyring.ParseID("019aa5f1d87b00000000000000000001"))(t), Store: keyring.ID{9}, Slot: 7, Camera: "yard",
		Bytes: 300_000_000, Start: at.In(time.FixedZone("CET", 3600)), End: at.Truncate(time.Second).Add(10*time.Minute + 1)}
	second := footage.Segment{ID: must1(keyring.ParseID("019aa5f1d87b00000000000000000002"))(t), Store: keyring.ID{9}, Slot: 1<<32 - 1, Camera: "gate",
		Start: at.Truncate(time.Second).Add(time.Second), End: at.Truncate(time.Second).Add(time.Second)}
	m := manifest([]Listed{listed(Erasure{Segment: second, Reason: ByPressure}), listed(Erasure{Segment: first, Reason: ByTerm})})
	b, err := m.Encode()
	must(t, err)
	if string(b) != example {
		t.Errorf("encoded as\n%s\nwant\n%s", b, example)
	}
	back, err := ParseManifest(b)
	must(t, err)
	if !slices.Equal(back.Segments, m.Segments) {
		t.Errorf("read back as %+v", back)
	}
}

// TestManifestRefuses changes one thing of the example at a time.
func TestManifestRefuses(t *testing.T) {
	t.Parallel()
	for old, changed := range map[string]string{
		`"v":1`:                 `"v":01`,
		`"v":1}`:                `"v":1} `,
		`{"segments":[{"bytes"`: `{"segments":[ {"bytes"`,
		`"bytes":300000000`:     `"bytes":-1`,
		`"bytes":0`:             `"bytes":9007199254740992`,
		`"camera":"yard"`:       `"camera":"../yard"`,
		`"camera":"gate"`:       `"Camera":"gate"`,
		`{"bytes":0,`:           `{"bytes":1,"bytes":0,`,
		`"camera":"gate",`:      `"camera":"gate","person":"",`,
		`10:00:00.123Z`:         `10:00:00.1230Z`,
		`"from":"2025`:          `"from":"12025`,
		`"reason":"term"`:       `"reason":"whim"`,
		`"slot":4294967295`:     `"slot":4294967296`,
		`00000000000000000002`:  `00000000000000000001`,
		`"id":"019aa5f1d87b`:    `"id":"019AA5F1D87B`,
		`"reason":"pressure"`:   `"reason":"pressu\u0072e"`,
		`,{"bytes":0`:           `,null,{"bytes":0`,
		example[12:strings.Index(example, `],"v"`)]: `[`,
	} {
		b := strings.Replace(example, old, changed, 1)
		if b == example {
			t.Errorf("%s is not in the example", old)
		}
		if _, err := ParseManifest([]byte(b)); !errors.Is(err, ErrManifest) {
			t.Errorf("%s instead of %s: %v", changed, old, err)
		}
	}
	if _, err := ParseManifest([]byte(`{"new":1,"v":2}`)); !errors.Is(err, ErrManifestVersion) {
		t.Errorf("a later version: %v", err)
	}
	if _, err := ParseManifest(bytes.Repeat([]byte(" "), maxManifest+1)); !errors.Is(err, ErrManifest) {
		t.Errorf("too long: %v", err)
	}
}

// TestLongestManifest: what the bounds of a segment allow fits into the bound of a list.
func TestLongestManifest(t *testing.T) {
	t.Parallel()
	var list []Listed
	for i := range MaxListed {
		list = append(list, Listed{Bytes: maxNumber, Camera: strings.Repeat("y", 255), Reason: ByPressure, Slot: 1<<32 - 1,
			ID: keyring.ID{byte(i >> 8), byte(i)}, Store: keyring.ID{0xff}})
	}
	b, err := manifest(list).Encode()
	must(t, err)
	if len(b) > maxManifest {
		t.Errorf("%d bytes are more than %d", len(b), maxManifest)
	}
	if _, err := ParseManifest(b); err != nil {
		t.Error(err)
	}
	if _, err := manifest(append(list, Listed{ID: keyring.ID{0xff}, Camera: "y", Reason: ByTerm})).Encode(); err == nil {
		t.Error("a list that is too long was encoded")
	}
	if _, err := (Manifest{}).Encode(); err == nil {
		t.Error("an empty list was encoded")
	}
}

// FuzzManifest: what is read encodes to the same bytes.
func FuzzManifest(f *testing.F) {
	seeds, err := filepath.Glob("testdata/manifest/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds in testdata/manifest: %v", err)
	}
	for _, name := range seeds {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.TrimSuffix(b, []byte("\n")))
	}
	f.Add([]byte(example))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q was read, and encodes to %q, %v", b, again, err)
		}
	})
}
