package proof

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestBundle(t *testing.T) {
	t.Parallel()
	l := newLog(t, chunkEntries+10)
	l.add("erase.end", []byte(`{"segments":[]}`))
	n := int64(0)
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(100), l.sign(l.size())},
		Each: func(leaf Leaf, b *Body, manifest []byte) error {
			if leaf.Index != n || b == nil || b.Data["count"] != n || (manifest != nil) != (leaf.Op == "erase.end") {
				t.Errorf("entry %d comes as %+v, %v, %s", n, leaf, b, manifest)
			}
			n++
			return nil
		}})
	wantStates(t, r, Yes, Yes, Yes)
	if r.Bad() || n != l.size() || r.Bodies != n || !r.Confirmed {
		t.Errorf("after %d entries: %+v", n, r)
	}
	has(t, r, CodeForPeople, false)
}

// Without a key from elsewhere nothing is confirmed; the fingerprint on paper is enough.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	b := l.bundle(l.options())
	r := verify(t, b, VerifyOptions{})
	wantStates(t, r, Unknown, Unknown, Unknown)
	has(t, r, CodeKeyUnknown, false)
	typed := strings.ToUpper(strings.ReplaceAll(l.key().Fingerprint(), " ", "-"))
	wantStates(t, verify(t, b, VerifyOptions{Fingerprints: []string{typed}}), Yes, Unknown, Unknown)
	other := newLog(t, 1)
	r = verify(t, b, VerifyOptions{Keys: other.keys})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeSignature, true)
}

// Parts of the log, and entries without their bodies, verify against the same checkpoint.
func TestPartial(t *testing.T) {
	t.Parallel()
	l := newLog(t, 40)
	for _, part := range [][2]int64{{0, 40}, {0, 17}, {17, 40}, {17, 23}, {8, 8}, {0, 0}, {40, 40}} {
		o := l.partial(part[0], part[1])
		for i := range l.entries {
			if i%3 == 0 {
				l.entries[i].Body = nil
			}
		}
		r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
		if part[0] == part[1] {
			wantStates(t, r, Unknown, Unknown, Unknown)
			has(t, r, CodeEmpty, false)
			continue
		}
		if part[0] > 0 {
			wantStates(t, r, Unknown, Unknown, Unknown)
		} else {
			wantStates(t, r, Yes, Unknown, Unknown)
		}
		if part != [2]int64{0, 40} {
			has(t, r, CodePartial, false)
		}
		has(t, r, CodeWithheld, false)
	}
}

// Cosignatures anchor as far as they reach; one by a key that only the bundle names is said to be that.
func TestAnchored(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	w := witness(t, "witness.example/1", testStart)
	o := l.options()
	o.Past = []Past{{Note: l.sign(25, w)}}
	o.Keys = append(o.Keys, w.Key)
	b := l.bundle(o)
	r := verify(t, b, VerifyOptions{Keys: l.keys})
	wantStates(t, r, Yes, Unknown, Unknown)
	if len(r.Anchors) != 1 || r.Anchors[0].Known || r.Anchors[0].Size != 25 || r.Anchors[0].Time != "2026-11-21T12:00:00Z" {
		t.Errorf("anchors: %+v", r.Anchors)
	}
	r = verify(t, b, VerifyOptions{Keys: append(l.keys, w.Key)})
	wantStates(t, r, Yes, Unknown, No)
	if !strings.Contains(r.Anchored.EN, "25") || !strings.Contains(r.Anchored.EN, "entries 25 to 29") {
		t.Error(r.Anchored.EN)
	}
	o.Checkpoint = l.sign(30, w)
	wantStates(t, verify(t, l.bundle(o), VerifyOptions{Keys: append(l.keys, w.Key)}), Yes, Unknown, Yes)
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	o := l.options()
	o.Past = []Past{{Note: l.sign(30), Timestamps: [][]byte{[]byte("token"), []byte("more")}}}
	b := l.bundle(o)
	has(t, verify(t, b, VerifyOptions{Keys: l.keys}), CodeTimestamp, false)
	check := func(token, text []byte) (time.Time, string, error) {
		if string(text) != l.at(30).Text() {
			t.Errorf("the text is %q", text)
		}
		return testStart, "tsa.example", nil
	}
	wantStates(t, verify(t, b, VerifyOptions{Keys: l.keys, Timestamp: check}), Yes, Unknown, Yes)
	wrong := func([]byte, []byte) (time.Time, string, error) { return time.Time{}, "", errors.New("no") }
	r := verify(t, b, VerifyOptions{Keys: l.keys, Timestamp: wrong})
	has(t, r, CodeTimestamp, true)
	wantStates(t, r, Yes, Unknown, Unknown)
}
