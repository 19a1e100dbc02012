package proof

import (
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// Whoever stole a key that was replaced can sign another change from it, to a key of his own; that changes nothing.
func TestChangeFromReplacedKey(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	old, oldSigner := l.keys[0], l.signers[0]
	first, firstSigned := l.rotate("compromise")
	l.add("view.start", nil)
	next, held := l.key(), l.sign(l.size())
	l.add("view.start", nil)
	l.signers, l.keys = []note.Signer{oldSigner}, []Key{old}
	second, secondSigned := l.rotate("yearly")
	l.add("view.start", nil)
	o := l.options()
	o.Keys = []Key{old, next, l.key()}
	for what, changes := range map[string][]RotationProof{
		"the true change is not proven": {l.rotationProof(second, secondSigned)},
		"both are proven":               {l.rotationProof(first, firstSigned), l.rotationProof(second, secondSigned)},
		"neither is":                    nil,
	} {
		o.Rotations = changes
		b := l.bundle(o)
		for _, known := range [][]Key{{old}, {next}, {old, next}, {old, next, l.key()}} {
			r := verify(t, b, VerifyOptions{Keys: known, Held: [][]byte{held}})
			if r.Intact.State != No || r.Confirmed != (len(known) == 3) {
				t.Errorf("%s, %d known: %+v", what, len(known), r)
			}
			named := false
			for _, f := range r.Findings {
				named = named || f.Code == CodeOldKey && f.Bad && *f.Index == second
			}
			if !named {
				t.Errorf("%s, %d known: the second change is not named: %+v", what, len(known), r.Findings)
			}
		}
	}
	l.entries[first].Manifest = nil
	o.Rotations = []RotationProof{l.rotationProof(second, secondSigned)}
	if r := verify(t, l.bundle(o), VerifyOptions{Keys: []Key{old}}); r.Intact.State == Yes || !r.Unsettled() {
		t.Errorf("the true change is withheld: %+v", r)
	}
}

// A change that is withheld puts an unknown key in force, but none that was replaced before.
func TestOrderBehindWithheld(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		from int // whose key the last change is from
		bad  bool
	}{"from the key in force": {2, false}, "from the key that was replaced": {1, true}, "from the first key": {0, true}} {
		l := newLog(t, 2)
		a, aSigned := l.rotate("yearly")
		withheld, _ := l.rotate("yearly")
		l.entries[withheld].Manifest = nil
		signers, keys := l.signers, l.keys
		l.signers, l.keys = signers[:tt.from+1:tt.from+1], keys[:tt.from+1:tt.from+1]
		c, cSigned := l.rotate("yearly")
		o := l.options()
		o.Rotations = []RotationProof{l.rotationProof(a, aSigned), l.rotationProof(c, cSigned)}
		r := verify(t, l.bundle(o), VerifyOptions{Keys: keys})
		if r.Bad() != tt.bad || r.Intact.State == Yes {
			t.Errorf("%s: %+v", what, r)
		}
	}
}
