package keyring

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSealedKeyIsBoundToItsPlace(t *testing.T) {
	t.Parallel()
	private, store := generate(t), NewID(noon)
	key, id := newKey(), NewID(noon)
	keys, err := sealTo([]PublicKey{private.Public()}, key, KindSegment, store, id)
	must(t, err)
	good := Slot{Ref: Ref{ID: id}, Kind: KindSegment, State: StateOpen, Keys: keys}
	if got, err := (Identity{private}).Open(store, good); err != nil || got != key {
		t.Fatalf("its own slot: %v", err)
	}
	elsewhere := map[string]func(s *Slot, store *ID){
		"another object": func(s *Slot, _ *ID) { s.ID[15]++ },
		"another store":  func(_ *Slot, store *ID) { store[15]++ },
		"another kind":   func(s *Slot, _ *ID) { s.Kind = KindPackage },
		"another box":    func(s *Slot, _ *ID) { s.Keys = []SealedKey{{To: keys[0].To, Box: [80]byte{1}}} },
	}
	for name, move := range elsewhere {
		s, at := good, store
		move(&s, &at)
		if _, err := (Identity{private}).Open(at, s); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIdentityTellsWhyNot(t *testing.T) {
	t.Parallel()
	s := sampleSlots()
	if _, err := (Identity{generate(t)}).Open(ID{}, s[0]); !errors.Is(err, ErrNoKey) {
		t.Errorf("sealed to others: %v", err)
	}
	if _, err := (Identity{generate(t)}).Open(ID{}, s[2]); !errors.Is(err, ErrErased) {
		t.Errorf("erased: %v", err)
	}
}

// holder is how a careless caller might log secrets.
type holder struct {
	K Key
	P PrivateKey
	I Identity
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	k := generate(t)
	h := holder{Key{0xab, 0xcd}, k, Identity{k}}
	secret := k.secret()
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", h.K, h.P, h)
	}
	for _, leak := range []string{"abcd", "ABCD", "171", fmt.Sprintf("%x", secret[:4]), fmt.Sprint(secret[:2])} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in\n%s", leak, out.String())
		}
	}
	for _, v := range []any{h.K, h.P, h} {
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("%T was marshalled to %s", v, b)
		}
	}
}
