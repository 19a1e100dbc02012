package evidence_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// A clip whose samples a player could take from another file, which nothing covers, is neither written nor verified, even if it was
// recorded so.
func TestSamplesElsewhere(t *testing.T) {
	t.Parallel()
	init := evidencetest.Tiny(t, "a").Segments[0][0].Plain[0]
	if err := evidence.ReadInit(init); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(init, []byte("url \x00\x00\x00\x01"))
	for what, changed := range map[string][]byte{
		"by its flag":     slices.Concat(init[:at+7], []byte{0}, init[at+8:]),
		"by a name":       slices.Concat(init[:at], []byte("urn "), init[at+4:]),
		"of two entries":  slices.Concat(init[:at-5], []byte{2}, init[at-4:]),
		"of none":         slices.Concat(init[:at-5], []byte{0}, init[at-4:]),
		"of another form": slices.Concat(init[:at-12], []byte{1}, init[at-11:]),
	} {
		if err := evidence.ReadInit(changed); !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
