package proof

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

const newName = "sola.example/varuh/00000000/dnevnik"

// enter appends an entry with that body.
func (l *testLog) enter(op string, b Body) int64 {
	l.t.Helper()
	i := l.size()
	b.Salt = sha256.Sum256(fmt.Append(nil, i))
	body, err := EncodeBody(b)
	must(l.t, err)
	leaf, err := EncodeLeaf(Leaf{Index: i, Op: op, Time: l.now, Body: HashBody(body)})
	must(l.t, err)
	l.put(Entry{leaf, body, nil})
	return i
}

// wentBack is a diary of nine entries that found that it had gone back from twelve.
func wentBack(t *testing.T) *testLog {
	l := newLog(t, 9)
	l.enter("incident.rollback", Body{Note: "found", Data: map[string]any{"kind": "rollback", "by": "w", "there": int64(12), "here": int64(9)}})
	return l
}

// accept goes on under a new name, and returns the signer of the old one.
func (l *testLog) accept(b Body) (at int64, old testLog) {
	old = *l
	l.origin, l.keys, l.signers = newName, nil, nil
	l.newKey()
	return l.enter("origin.begin", b), old
}

func accepted() Body {
	return Body{Actor: &Actor{ID: "a", Name: "Živa Črnko"}, Note: "disk zamenjan", Data: map[string]any{"old_origin": testOrigin, "second_id": "Žan Hribar", "kind": "rollback"}}
}

func TestUnaccepted(t *testing.T) {
	t.Parallel()
	l := wentBack(t)
	l.add("incident.open", nil)
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
	wantStates(t, r, Yes, Unknown, Unknown)
	f := has(t, r, CodeUnaccepted, false)
	if r.Bad() || !r.Unsettled() || r.Incidents != 2 || *f.Index != 9 || !strings.Contains(f.EN, "an old copy") {
		t.Errorf("%+v", r)
	}
	if f := has(t, r, CodeIncident, false); !strings.Contains(f.EN, ": 2 (entry 9, ") || !strings.Contains(f.EN, "; entry 10, ") {
		t.Errorf("%+v", f)
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	l := wentBack(t)
	l.accept(accepted())
	l.add("incident.open", nil)
	o := l.options()
	r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
	wantStates(t, r, Yes, Unknown, Unknown)
	f := has(t, r, CodeNewOrigin, false)
	if r.Bad() || r.Unsettled() || *f.Index != 10 || !strings.Contains(f.SL, "Potrdila sta Živa Črnko in Žan Hribar; razlog: disk zamenjan.") {
		t.Errorf("%+v", r)
	}
	for i := range l.entries {
		l.entries[i].Body = nil
	}
	r = verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
	if f = has(t, r, CodeNewOrigin, false); strings.Contains(f.SL, "Živa") || !strings.Contains(f.EN, "Who accepted that is not in the bundle") || !r.Unsettled() {
		t.Errorf("%+v", f)
	}
	has(t, r, CodeAcceptUntold, false)
	if r = verify(t, l.bundle(o), VerifyOptions{}); r.Unsettled() || r.Confirmed {
		t.Errorf("a key that nobody confirmed: %+v", r)
	}
}

// It found it once more after it was accepted: that is open again.
func TestBackAgain(t *testing.T) {
	t.Parallel()
	l := wentBack(t)
	l.accept(Body{Actor: &Actor{ID: "a"}})
	for range 3 * maxListed {
		l.enter("incident.rollback", Body{Data: map[string]any{"kind": "state"}})
	}
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
	f := has(t, r, CodeUnaccepted, false)
	if *f.Index != 10 || len(r.Findings) > 2*maxListed || r.Incidents != 1+3*maxListed || !strings.Contains(f.EN, "entry 10 does not name two") {
		t.Errorf("%d findings: %+v", len(r.Findings), f)
	}
	if f = has(t, r, CodeNewOrigin, false); !strings.Contains(f.EN, "does not name two persons") {
		t.Errorf("%+v", f)
	}
	if f = has(t, r, CodeIncident, false); !strings.Contains(f.EN, fmt.Sprintf("the last is entry %d", l.size()-1)) {
		t.Errorf("%+v", f)
	}
}

// A checkpoint from before the diary had its present name is joined through the tree.
func TestHeldOfEarlierName(t *testing.T) {
	t.Parallel()
	l := wentBack(t)
	lost := wentBack(t)
	lost.keys, lost.signers, lost.entries, lost.hashes = l.keys, l.signers, nil, nil
	for _, e := range l.entries[:9] {
		lost.put(e)
	}
	for range 3 {
		lost.add("view.start", nil)
	}
	forged := newLog(t, 12)
	_, old := l.accept(accepted())
	l.add("start", nil)
	whole, part, bare := l.bundle(l.options()), l.bundle(l.partial(11, 12)), wentBack(t)
	bare.accept(Body{})
	for what, tt := range map[string]struct {
		held     []byte
		keys     []Key
		complete State
		code     Code
		bad      bool
	}{
		"before":                    {old.sign(7), old.keys, Yes, CodeNewOrigin, false},
		"before, key not at hand":   {old.sign(7), nil, Yes, CodeNewOrigin, false},
		"the last one":              {old.sign(10), old.keys, Yes, CodeNewOrigin, false},
		"lost ones":                 {lost.sign(12), old.keys, No, CodeRollback, true},
		"lost, of a size that is":   {lost.sign(10), old.keys, No, CodeRollback, true},
		"lost, key not at hand":     {lost.sign(12), nil, Unknown, CodeNotJoined, false},
		"forged":                    {forged.sign(12), old.keys, Unknown, CodeOtherKey, false},
		"another diary's, same key": {stranger(t).sign(1), old.keys, Unknown, CodeOtherLog, false},
	} {
		r := verify(t, whole, VerifyOptions{Keys: append(tt.keys, l.keys...), Held: [][]byte{tt.held}})
		if r.Complete.State != tt.complete || r.Intact.State != Yes {
			t.Errorf("%s: %+v", what, r)
		}
		has(t, r, tt.code, tt.bad)
	}
	r := verify(t, part, VerifyOptions{Keys: l.keys, Held: [][]byte{old.sign(7)}})
	if f := has(t, r, CodeOtherLog, false); !strings.Contains(f.EN, "does not tell") || r.Complete.State != Unknown {
		t.Errorf("%+v", r)
	}
	r = verify(t, bare.bundle(bare.options()), VerifyOptions{Keys: bare.keys, Held: [][]byte{lost.sign(12)}})
	if f := has(t, r, CodeOtherLog, false); !strings.Contains(f.EN, "does not tell") {
		t.Errorf("%+v", r)
	}
}

func stranger(t *testing.T) *testLog {
	l := &testLog{t: t, origin: "x.example/varuh/1/dnevnik", now: testStart}
	l.newKey()
	l.add("start", nil)
	return l
}

// Whoever has the old paper is told which key is in force, and by whom to have it confirmed; that is no confirmation.
func TestPaperOfEarlierName(t *testing.T) {
	t.Parallel()
	l := wentBack(t)
	_, old := l.accept(accepted())
	o := l.options()
	o.Keys = append(append([]Key{}, old.keys...), l.keys...)
	b := l.bundle(o)
	for _, known := range []VerifyOptions{{Keys: old.keys}, {Fingerprints: []string{old.key().Fingerprint()}}} {
		r := verify(t, b, known)
		if f := has(t, r, CodeKeyUnknown, false); r.Confirmed || r.Bad() || r.Intact.State != Unknown || !strings.Contains(f.EN, l.key().Fingerprint()) {
			t.Errorf("%+v", r)
		}
	}
	known := VerifyOptions{Keys: append([]Key{stranger(t).key()}, old.keys...)}
	if r := verify(t, b, known); !r.Bad() {
		t.Errorf("a key of a third name was taken for one of an earlier name: %+v", r)
	}
}

// What comes with a proof does for computing; a fingerprint makes it known.
func TestEnclosedKeys(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	other := newLog(t, 1).key().Fingerprint()
	for what, tt := range map[string]struct {
		o         VerifyOptions
		confirmed bool
		bad       bool
	}{
		"enclosed":               {VerifyOptions{Enclosed: l.keys}, false, false},
		"with its fingerprint":   {VerifyOptions{Enclosed: l.keys, Fingerprints: []string{l.key().Fingerprint()}}, true, false},
		"with another":           {VerifyOptions{Enclosed: l.keys, Fingerprints: []string{other}}, false, true},
		"known, and another one": {VerifyOptions{Keys: l.keys, Fingerprints: []string{other}}, true, false},
		"a fingerprint alone":    {VerifyOptions{Fingerprints: []string{l.key().Fingerprint()}}, false, false},
	} {
		one, err := VerifyInclusion(l.proofFile(3, 5), nil, tt.o)
		must(t, err)
		two, err := VerifyCheckpoints(l.sign(5), l.sign(5), nil, tt.o)
		must(t, err)
		for _, r := range []*Report{one, two} {
			if r.Confirmed != tt.confirmed || r.Bad() != tt.bad {
				t.Errorf("%s: %+v", what, r)
			}
		}
	}
}

// A bundle that is full of entries about itself is judged in bounds, and not called good.
func TestTooManyMarks(t *testing.T) {
	t.Parallel()
	v := &verifier{}
	v.mark(make([]mark, maxMarks))
	if len(v.report.Findings) != 0 {
		t.Errorf("%+v", v.report.Findings)
	}
	v.mark(make([]mark, 2))
	if len(v.marks) != maxMarks || len(v.report.Findings) != 1 || !v.report.Bad() {
		t.Errorf("%d marks, %+v", len(v.marks), v.report.Findings)
	}
}

// With a foreign signing key no incident can be signed: then the new name says itself why.
func TestBegunWithoutIncident(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{FaultKey: "The cause: the signing key was not", FaultUntold: "The cause: an entry says that something went back", "": "an incident, is not in the bundle"} {
		l := newLog(t, 3)
		b := accepted()
		if b.Data["kind"] = kind; kind == "" {
			delete(b.Data, "kind")
		}
		l.accept(b)
		r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
		if f := has(t, r, CodeNewOrigin, false); !strings.Contains(f.EN, want) {
			t.Errorf("%s", f.EN)
		}
	}
}
