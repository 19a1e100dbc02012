package proof

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// same fails unless what a parser took is encoded to the same bytes.
func same(t *testing.T, what string, b, again []byte, err error) {
	t.Helper()
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("%s %q is encoded as %q, %v", what, b, again, err)
	}
}

func FuzzLeaf(f *testing.F) {
	for _, l := range []Leaf{sampleLeaf(), {Op: "start", Time: testStart}} {
		b, err := EncodeLeaf(l)
		must(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := ParseLeaf(b); err == nil {
			again, err := EncodeLeaf(l)
			same(t, "leaf", b, again, err)
		} else if !errors.Is(err, ErrCanonical) && !errors.Is(err, ErrVersion) {
			t.Error(err)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, body := range []Body{sampleBody(), {}} {
		b, err := EncodeBody(body)
		must(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if body, err := ParseBody(b); err == nil {
			again, err := EncodeBody(body)
			same(t, "body", b, again, err)
		}
	})
}

func FuzzValue(f *testing.F) {
	f.Add([]byte(`{"a b":[true,false,-7,"č\n",{},[]],"z":"\u001f"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := Parse(b); err == nil {
			again, err := Encode(v)
			same(t, "value", b, again, err)
		}
	})
}

// FuzzText is for all forms that are lines of text.
func FuzzText(f *testing.F) {
	l := seededLog(f, 7, "fuzz")
	front, keys, signed := l.frontier(7), l.keys, l.at(7)
	rotation, err := Rotation{l.key(), witness(f, "w", testStart).Key, "yearly"}.Encode()
	must(f, err)
	prune, err := Prune{Cut: 10, Year: 2026, Term: 2, Evidence: ByWitness, Size: 20, Time: testStart, Party: "w.example"}.Encode()
	must(f, err)
	about, err := l.options().Encode()
	must(f, err)
	for _, text := range [][]byte{
		[]byte(signed.Text()), []byte(front.Text()), []byte(l.key().String()), l.proofFile(3, 7), Inclusion{0, nil, nil, l.sign(7)}.Text(),
		Consistency{3, l.consistency(3, 7), l.sign(7)}.Text(), rotation, prune, about, l.sign(7),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text := string(b)
		if c, err := ParseCheckpoint(text); err == nil {
			same(t, "checkpoint", b, []byte(c.Text()), nil)
		}
		if front, err := ParseFrontier(text); err == nil {
			same(t, "frontier", b, []byte(front.Text()), nil)
		}
		if k, err := ParseKey(text); err == nil {
			same(t, "key", b, []byte(k.String()), nil)
		}
		if p, err := ParseInclusion(b); err == nil {
			same(t, "proof", b, p.Text(), nil)
		}
		if p, err := ParseConsistency(b); err == nil {
			same(t, "proof", b, p.Text(), nil)
		}
		if m, err := ParseRotation(b); err == nil {
			again, err := m.Encode()
			same(t, "manifest", b, again, err)
		}
		if m, err := ParsePrune(b); err == nil {
			again, err := m.Encode()
			same(t, "manifest", b, again, err)
		}
		if a, err := ParseAbout(b); err == nil {
			again, err := a.Encode()
			same(t, "bundle.json", b, again, err)
		}
		if s, err := OpenCheckpoint(b, keys...); err == nil && s.Checkpoint != signed {
			t.Errorf("a checkpoint that was never signed: %q", b)
		}
	})
}

// FuzzBundle puts other bytes into one file of a bundle: none make verifying crash, and none of the
// log's own files can be another and still verify.
func FuzzBundle(f *testing.F) {
	l := seededLog(f, 4, "fuzz")
	elder := l.sign(4)
	l.enter("incident.rollback", Body{Data: map[string]any{"kind": "rollback"}})
	l.add("collect", []byte(`{"camera":"hall","from":"2026-11-21T13:00:00.000000000Z","segments":[],"seq":0,"to":"2026-11-21T14:00:00.000000000Z"}`))
	old := l.keys[0]
	l.accept(accepted())
	l.enter("incident.rollback", Body{})
	i, signed := l.rotate("yearly")
	o, keys, root := l.options(), append([]Key{old}, l.keys...), l.at(l.size()).Root
	o.Keys = keys
	o.Rotations = []RotationProof{l.rotationProof(i, signed)}
	o.Past = []Past{{Note: l.sign(8), Consistency: l.consistency(8, l.size()), Timestamps: [][]byte{{1}}}}
	files := unpack(f, l.zip(o))
	names := slices.Sorted(maps.Keys(files))
	for n, name := range names {
		f.Add(byte(n), files[name].Data)
	}
	f.Fuzz(func(t *testing.T, n byte, b []byte) {
		name := names[int(n)%len(names)]
		changed := maps.Clone(files)
		changed[name] = &fstest.MapFile{Data: b}
		r, err := VerifyBundle(t.Context(), changed, VerifyOptions{Keys: keys, Held: [][]byte{elder}})
		if err != nil || r.Intact.State != Yes {
			return
		}
		leaves := strings.HasPrefix(name, leavesDir) || strings.HasPrefix(name, bodiesDir)
		if r.Root != root || r.Complete.State != Yes || !r.Unsettled() || leaves && !bytes.Equal(b, files[name].Data) && r.Bodies == l.size() {
			t.Errorf("%s verifies with %q: %+v", name, b, r)
		}
	})
}
