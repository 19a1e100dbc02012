package proof

import (
	"bytes"
	"errors"
	"testing"
)

func (l *testLog) proofFile(i, size int64) []byte {
	return Inclusion{i, l.entries[i].Leaf, l.inclusion(i, size), l.sign(size)}.Text()
}

func TestVerifyInclusion(t *testing.T) {
	t.Parallel()
	l := newLog(t, 12)
	i := l.add("erase.end", []byte(`{"a":1}`))
	l.add("stop", nil)
	file, e := l.proofFile(i, 14), l.entries[i]
	known := VerifyOptions{Keys: l.keys}

	r, err := VerifyInclusion(file, [][]byte{e.Manifest, e.Body}, known)
	must(t, err)
	wantStates(t, r, Yes, Unknown, Unknown)
	if r.Bodies != 1 || r.Bad() {
		t.Errorf("%+v", r)
	}
	r, err = VerifyInclusion(file, [][]byte{[]byte("{}")}, known)
	must(t, err)
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeBody, true)

	r, err = VerifyInclusion(file, nil, VerifyOptions{})
	must(t, err)
	wantStates(t, r, Unknown, Unknown, Unknown)
	r, err = VerifyInclusion(file, nil, VerifyOptions{Keys: newLog(t, 1).keys})
	must(t, err)
	wantStates(t, r, No, Unknown, Unknown)

	for what, p := range map[string]Inclusion{
		"another entry": {i, l.entries[3].Leaf, l.inclusion(i, 14), l.sign(14)},
		"another place": {3, e.Leaf, l.inclusion(3, 14), l.sign(14)},
		"no entry":      {i, nil, l.inclusion(i, 14), l.sign(14)},
		"another tree":  {i, e.Leaf, l.inclusion(i, 13), l.sign(14)},
	} {
		r, err := VerifyInclusion(p.Text(), nil, known)
		must(t, err)
		if r.Intact.State != No || !r.Bad() {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// Every bit of a proof file counts.
func TestProofBits(t *testing.T) {
	t.Parallel()
	l := newLog(t, 7)
	file := l.proofFile(3, 7)
	for bit := range 8 * len(file) {
		r, err := VerifyInclusion(flip(file, bit), nil, VerifyOptions{Keys: l.keys})
		if err == nil && r.Intact.State == Yes {
			t.Fatalf("bit %d does not count: %s", bit, flip(file, bit))
		}
	}
}

func TestVerifyCheckpoints(t *testing.T) {
	t.Parallel()
	l, known := newLog(t, 30), VerifyOptions{}
	known.Keys = l.keys
	joined := Consistency{11, l.consistency(11, 30), l.sign(30)}.Text()
	r, err := VerifyCheckpoints(l.sign(30), l.sign(11), [][]byte{joined}, known)
	must(t, err)
	wantStates(t, r, Unknown, Yes, No)
	r, err = VerifyCheckpoints(l.sign(30), l.sign(11), nil, known)
	must(t, err)
	wantStates(t, r, Unknown, Unknown, Unknown)
	r, err = VerifyCheckpoints(l.sign(30), l.sign(30), nil, known)
	must(t, err)
	wantStates(t, r, Unknown, Yes, Yes)

	other := newLog(t, 30)
	other.keys, other.signers = l.keys, l.signers
	other.entries, other.hashes = nil, nil
	other.add("start", nil)
	for _, e := range l.entries[1:] {
		other.put(e)
	}
	r, err = VerifyCheckpoints(l.sign(30), other.sign(30), nil, known)
	must(t, err)
	wantStates(t, r, Unknown, No, Unknown)
	has(t, r, CodeRewritten, true)
	r, err = VerifyCheckpoints(l.sign(30), other.sign(11), [][]byte{joined}, known)
	must(t, err)
	wantStates(t, r, Unknown, Unknown, Unknown)
	has(t, r, CodeNotJoined, true)

	stranger := newLog(t, 1)
	stranger.origin = "y.example/varuh/2/dnevnik"
	stranger.newKey()
	if _, err := VerifyCheckpoints(l.sign(30), stranger.sign(1), nil, known); err == nil {
		t.Error("two logs were compared")
	}
}

func TestCheckpointSignatures(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3)
	first, w := l.key(), witness(t, "witness.example/1", testStart)
	_, both := l.rotate("yearly")
	msg := append(bytes.Clone(both), l.sign(4, w)[bytes.LastIndex(l.sign(4, w), []byte("—")):]...)
	s, err := OpenCheckpoint(msg, first, l.key(), w.Key)
	must(t, err)
	if len(s.Signers) != 2 || len(s.Cosignatures) != 1 || !s.Cosignatures[0].Time.Equal(testStart) || s.Size != 4 {
		t.Errorf("%+v", s)
	}
	for what, keys := range map[string][]Key{"none": nil, "a witness alone": {w.Key}, "a stranger": newLog(t, 1).keys} {
		if _, err := OpenCheckpoint(msg, keys...); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A witness of the log's name is no key of the log.
	as := witness(t, testOrigin, testStart)
	text := l.at(4)
	alone, err := SignCheckpoint(text, as)
	must(t, err)
	if _, err := OpenCheckpoint(alone, as.Key); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by a witness of the log's name: %v", err)
	}
	// A time before 1970 would read as one far ahead.
	early := witness(t, "witness.example/1", testStart.AddDate(-100, 0, 0))
	if _, err := OpenCheckpoint(l.sign(4, early), l.key(), early.Key); !errors.Is(err, ErrSignature) {
		t.Errorf("cosigned before 1970: %v", err)
	}
	// Nor is the key of another log.
	stranger := newLog(t, 0)
	stranger.origin = "x.example/varuh/1/dnevnik"
	stranger.newKey()
	alone, err = SignCheckpoint(text, stranger.signers[1])
	must(t, err)
	if _, err := OpenCheckpoint(alone, stranger.keys[1]); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by the key of another log: %v", err)
	}
	for bit := range 8 * len(both) {
		if s, err := OpenCheckpoint(flip(both, bit), first, l.key()); err == nil && len(s.Signers) == 2 {
			t.Fatalf("bit %d does not count: %s", bit, flip(both, bit))
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, k := range []Key{newLog(t, 0).key(), witness(t, "witness.example/1", testStart).Key} {
		again, err := ParseKey(k.String())
		must(t, err)
		if again != k || len(k.Fingerprint()) != 39 {
			t.Errorf("%v comes back as %v", k, again)
		}
		for bit := range 8 * len(k.String()) {
			if other, err := ParseKey(string(flip([]byte(k.String()), bit))); err == nil {
				t.Errorf("bit %d changed: %v", bit, other)
			}
		}
	}
}
