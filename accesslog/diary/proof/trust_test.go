package proof

import (
	"testing"
	"testing/fstest"
)

// An old key on paper is enough, through any number of changes; so is any key between.
func TestKeyChanges(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3)
	var changes []int64
	var signed [][]byte
	for range 3 {
		i, s := l.rotate("yearly")
		changes, signed = append(changes, i), append(signed, s)
		l.add("view.start", nil)
	}
	o := l.options()
	for n, i := range changes {
		o.Rotations = append(o.Rotations, l.rotationProof(i, signed[n]))
	}
	b := l.bundle(o)
	for n, k := range l.keys {
		r := verify(t, b, VerifyOptions{Keys: []Key{k}})
		wantStates(t, r, Yes, Unknown, Unknown)
		if f := has(t, r, CodeKeyChanged, false); *f.Index != changes[0] || r.Key != l.key().String() {
			t.Errorf("key %d: %+v", n, r)
		}
	}
	o.Rotations = o.Rotations[1:]
	r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[:1]})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeSignature, true)
}

// Whoever stole the key that was replaced cannot go on with it in a log that tells of the change.
func TestOldKey(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3)
	i, signed := l.rotate("compromise")
	l.add("view.start", nil)
	o := l.options()
	o.Rotations = []RotationProof{l.rotationProof(i, signed)}
	newer := l.signers
	l.signers = l.signers[:1]
	o.Checkpoint = l.sign(l.size())
	r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[:1]})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeOldKey, true)
	o.Rotations = nil
	r = verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[:1]})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeOldKey, true)
	l.signers = newer
	o.Checkpoint = l.sign(l.size())
	r = verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[1:]})
	wantStates(t, r, Yes, Unknown, Unknown)
	has(t, r, CodeKeyChanged, false)
}

// A change of the key that is not signed by the old one changes nothing.
func TestFalseChange(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3)
	i, _ := l.rotate("yearly")
	l.add("stop", nil)
	good := l.rotationProof(i, l.sign(i+1, l.signers[0]))
	stranger := newLog(t, 0)
	for what, change := range map[string]func(*RotationProof){
		"not signed by the old key":  func(r *RotationProof) { r.Checkpoint = l.sign(i + 1) },
		"signed by a stranger":       func(r *RotationProof) { r.Checkpoint = l.sign(i+1, stranger.signers[0]) },
		"another manifest":           func(r *RotationProof) { r.Manifest, _ = Rotation{l.keys[0], stranger.keys[0], "yearly"}.Encode() },
		"an entry of another kind":   func(r *RotationProof) { r.Leaf = l.entries[1].Leaf },
		"no proof of the entry":      func(r *RotationProof) { r.Inclusion = nil },
		"no proof that it goes on":   func(r *RotationProof) { r.Consistency = nil },
		"a checkpoint of later size": func(r *RotationProof) { r.Checkpoint = l.sign(l.size(), l.signers[0]) },
	} {
		o, r := l.options(), good
		change(&r)
		o.Rotations = []RotationProof{r}
		if r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[:1]}); r.Intact.State != No {
			t.Errorf("%s: %+v", what, r)
		}
	}
	o := l.options()
	o.Rotations = []RotationProof{good}
	wantStates(t, verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[:1]}), Yes, Unknown, Unknown)
	files := l.bundle(o).(fstest.MapFS)
	delete(files, rotationName(i, ".json"))
	r := verify(t, files, VerifyOptions{Keys: l.keys[:1]})
	has(t, r, CodeKeyChanged, true)
}

// Whoever stole the old key can sign with it, but the log itself must tell of the new one.
func TestChangeNotInLog(t *testing.T) {
	t.Parallel()
	l, thief := newLog(t, 3), newLog(t, 0)
	m, err := Rotation{l.keys[0], thief.keys[0], "yearly"}.Encode()
	must(t, err)
	other := l.add("view.start", nil)
	manifested := l.add("erase.end", m)
	rotated, _ := l.rotate("yearly")
	l.add("stop", nil)
	for what, i := range map[string]int64{"an entry without the manifest": other, "an entry of another operation": manifested, "another change": rotated} {
		o := l.options()
		signed, err := SignCheckpoint(l.at(i+1), l.signers[0], thief.signers[0])
		must(t, err)
		o.Rotations = []RotationProof{{l.entries[i].Leaf, m, l.inclusion(i, i+1), signed, l.consistency(i+1, l.size())}}
		o.Checkpoint, err = SignCheckpoint(l.at(l.size()), thief.signers[0])
		must(t, err)
		if r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys[:1]}); r.Intact.State != No || r.Confirmed {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// Changes that do not follow from one another lead nowhere.
func TestChainOfKeys(t *testing.T) {
	t.Parallel()
	a, b, c, d := newLog(t, 0).key(), newLog(t, 0).key(), newLog(t, 0).key(), newLog(t, 0).key()
	tr := newTrust(testOrigin, []Key{a}, nil, nil)
	tr.rotations = []rotation{{Rotation: Rotation{Old: a, New: b}, index: 10}, {Rotation: Rotation{Old: c, New: d}, index: 20}}
	if !tr.confirmed(b) || tr.confirmed(c) || tr.confirmed(d) {
		t.Error("a key is confirmed that does not follow, or one is not that does")
	}
	tr.rotations = []rotation{{Rotation: Rotation{Old: b, New: c}, index: 10}, {Rotation: Rotation{Old: a, New: b}, index: 20}}
	if tr.confirmed(c) {
		t.Error("a key was changed before it was in force")
	}
}

// A fingerprint on paper that no key has means that the diary is somebody else's.
func TestKeyNotOnPaper(t *testing.T) {
	t.Parallel()
	l, other := newLog(t, 5), newLog(t, 5)
	i, signed := l.rotate("yearly")
	o := l.options()
	o.Rotations, o.Keys = []RotationProof{l.rotationProof(i, signed)}, l.keys[1:]
	b := l.bundle(o)
	r := verify(t, b, VerifyOptions{Fingerprints: []string{"0000 0000 0000 0000 0000 0000 0000 0000"}})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeSignature, true)
	for _, k := range l.keys { // one that only the change tells of will do
		wantStates(t, verify(t, b, VerifyOptions{Fingerprints: []string{k.Fingerprint()}}), Yes, Unknown, Unknown)
	}
	r = verify(t, b, VerifyOptions{Held: [][]byte{other.sign(3)}})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeOtherKey, true)
	r = verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{other.sign(3)}})
	wantStates(t, r, Yes, Unknown, Unknown)
	has(t, r, CodeOtherKey, false)
}
