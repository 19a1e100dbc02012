package proof

import (
	"strings"
	"testing"
	"time"
)

// Whoever holds a checkpoint finds what root rewrote and signed again, and where.
func TestRewritten(t *testing.T) {
	t.Parallel()
	l := newLog(t, 50)
	before, after := l.sign(20), l.sign(45)
	forged := newLog(t, 0)
	forged.keys, forged.signers = l.keys, l.signers
	for i, e := range l.entries {
		if i == 30 {
			forged.now = testStart.Add(time.Minute)
			forged.add("login.failed", nil)
			continue
		}
		forged.put(e)
	}
	b := forged.bundle(forged.options())
	wantStates(t, verify(t, b, VerifyOptions{Keys: l.keys}), Yes, Unknown, Unknown)
	wantStates(t, verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{before}}), Yes, Yes, No)
	r := verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{before, after}})
	wantStates(t, r, Yes, No, No)
	f := has(t, r, CodeRewritten, true)
	if *f.Size != 45 || !strings.Contains(f.EN, "entries 20 to 44 ") || !strings.Contains(f.SL, "od 20 do 44.") {
		t.Errorf("it breaks at %d: %s", *f.Size, f.EN)
	}
}

// A log that lost its end, as after an old disk was put back.
func TestWentBack(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	held := l.sign(30)
	l.entries, l.hashes = l.entries[:20], l.hashes[:storedCount(20)]
	b := l.bundle(l.options())
	r := verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{held}, Latest: true})
	wantStates(t, r, Yes, No, Unknown)
	has(t, r, CodeRollback, true)
	// What was handed out may just as well be older than the checkpoint: nobody is accused, and nothing is good.
	r = verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{held}})
	wantStates(t, r, Yes, Unknown, Unknown)
	if f := has(t, r, CodeOlder, false); r.Bad() || *f.Size != 30 || !strings.Contains(f.EN, "older export") {
		t.Errorf("%+v", r)
	}
	r, err := VerifyInclusion(l.proofFile(3, 20), nil, VerifyOptions{Keys: l.keys, Held: [][]byte{held}})
	must(t, err)
	if has(t, r, CodeOlder, false); r.Bad() || r.Complete.State != Unknown {
		t.Errorf("%+v", r)
	}
}

func storedCount(n int64) (sum int64) {
	for ; n > 0; n >>= 1 {
		sum += n
	}
	return sum
}

func TestHeldSaysNothing(t *testing.T) {
	t.Parallel()
	l, other := newLog(t, 30), newLog(t, 10)
	stranger := newLog(t, 10)
	stranger.origin = "x.example/varuh/1/dnevnik"
	stranger.newKey()
	for what, tt := range map[string]struct {
		held []byte
		code Code
	}{
		"of a key unknown":  {other.sign(10), CodeOtherKey},
		"of another log":    {stranger.sign(10), CodeOtherLog},
		"below the bundle":  {l.sign(5), CodeNotJoined},
		"no checkpoint":     {[]byte("hello\n"), CodeNotJoined},
		"behind the bundle": {l.sign(28), CodeNotJoined},
	} {
		r := verify(t, l.bundle(l.partial(12, 25)), VerifyOptions{Keys: l.keys, Held: [][]byte{tt.held}})
		t.Log(what)
		if r.Complete.State != Unknown || r.Intact.State != Unknown || r.Bad() {
			t.Errorf("%s: %+v", what, r)
		}
		has(t, r, tt.code, false)
	}
}

// A held checkpoint below the cut joins by a stored proof; a lie about it does not help.
func TestStoredConsistency(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	o := l.partial(12, 30)
	o.Past = []Past{{Note: l.sign(5), Consistency: l.consistency(5, 30)}}
	wantStates(t, verify(t, l.bundle(o), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(5)}}), Unknown, Unknown, No)

	forged := newLog(t, 30)
	forged.keys, forged.signers = l.keys, l.signers
	forged.entries, forged.hashes = nil, nil
	forged.add("start", nil)
	for _, e := range l.entries[1:] {
		forged.put(e)
	}
	o = forged.partial(12, 30)
	o.Past = []Past{{Note: forged.sign(5), Consistency: forged.consistency(5, 30)}}
	r := verify(t, forged.bundle(o), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(5)}})
	wantStates(t, r, Unknown, No, Unknown)
	has(t, r, CodeRewritten, true)
}

// A diary that went back says so itself, and earlier checkpoints are those of another name.
func TestNewOrigin(t *testing.T) {
	t.Parallel()
	l := newLog(t, 9)
	old := l.sign(5)
	l.origin = "sola.example/varuh/00000000/dnevnik"
	l.keys, l.signers = nil, nil
	l.newKey()
	l.add("origin.begin", []byte(`{"state":""}`))
	o := l.options()
	o.Past = []Past{{Note: old}}
	r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
	wantStates(t, r, Yes, Unknown, Unknown)
	has(t, r, CodeNewOrigin, false)
	has(t, r, CodeOtherLog, false)
}
