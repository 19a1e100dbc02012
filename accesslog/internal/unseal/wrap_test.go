package unseal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

var wrapKey = [32]byte{1, 2, 3}

// wrap is a person's wrap of the reading key.
func (r *rig) wrap(t *testing.T, person string) []byte {
	t.Helper()
	r.unlock()
	blob, err := r.keys.Seal(people.FootageKey, wrapKey, person)
	must(t, err)
	r.keys.Lock()
	return blob
}

// A wrap opens for its person, its use and its wrap key, and with any bit changed for nobody.
func TestWrap(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	blob := r.wrap(t, "p1")
	if _, err := r.keys.Seal(people.FootageKey, wrapKey, "p2"); !errors.Is(err, people.ErrLocked) {
		t.Errorf("a wrap was made while locked: %v", err)
	}
	other := wrapKey
	other[31] ^= 1
	for name, err := range map[string]error{
		"another person":   r.keys.Unlock(people.FootageKey, wrapKey, "p2", blob),
		"another use":      r.keys.Unlock(people.DiaryKey, wrapKey, "p1", blob),
		"another password": r.keys.Unlock(people.FootageKey, other, "p1", blob),
		"nothing":          r.keys.Unlock(people.FootageKey, wrapKey, "p1", nil),
		"cut":              r.keys.Unlock(people.FootageKey, wrapKey, "p1", blob[:len(blob)-1]),
		"too many":         r.keys.Unlock(people.FootageKey, wrapKey, "p1", bytes.Repeat(blob, keyring.MaxKeys+1)),
	} {
		if !errors.Is(err, ErrWrap) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range len(blob) * 8 {
		bad := slices.Clone(blob)
		bad[i/8] ^= 1 << (i % 8)
		if err := r.keys.Unlock(people.FootageKey, wrapKey, "p1", bad); !errors.Is(err, ErrWrap) {
			t.Fatalf("bit %d changed: %v", i, err)
		}
	}
	if !r.keys.Locked(people.FootageKey) {
		t.Fatal("a wrap that did not open unlocked")
	}
	must(t, r.keys.Unlock(people.FootageKey, wrapKey, "p1", blob))
	if id, open := r.keys.Key(people.FootageKey); !open || id != r.reading.Public().ID().String() {
		t.Errorf("key %s, open: %v", id, open)
	}
	if _, open := r.keys.Key(people.DiaryKey); open {
		t.Error("the diary was unlocked with the footage")
	}
}

// While keys are rotated a wrap has both, and a new password keeps them.
func TestRewrap(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	next, err := keyring.GenerateKey()
	must(t, err)
	r.keys.UnlockAuto(people.FootageKey, keyring.Identity{r.reading})
	r.keys.UnlockAuto(people.FootageKey, keyring.Identity{next, r.reading})
	blob, err := r.keys.Seal(people.FootageKey, wrapKey, "p1")
	must(t, err)
	r.keys.Lock()
	changed := [32]byte{9}
	blob, err = r.keys.Rewrap(people.FootageKey, wrapKey, changed, "p1", blob)
	must(t, err)
	if !r.keys.Locked(people.FootageKey) {
		t.Error("rewrapping unlocked")
	}
	must(t, r.keys.Unlock(people.FootageKey, changed, "p1", blob))
	id, err := r.keys.identity(people.FootageKey)
	must(t, err)
	if len(id) != 2 || id[0].Public() != next.Public() || id[1].Public() != r.reading.Public() {
		t.Errorf("the wrap held %d keys, %v", len(id), id)
	}
	secret := r.reading.Bytes()
	if text := fmt.Sprintf("%v %+v %#v", r.keys, id, id); bytes.Contains(blob, secret[:]) || strings.Contains(text, fmt.Sprint(secret)) {
		t.Error("the private key can be seen")
	}
}

// While keys are replaced a wrap has both, and tells which by the ids in it; keys that nothing is sealed to any more are
// not wrapped again.
func TestWrapWhileKeysAreReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	next, err := keyring.GenerateKey()
	must(t, err)
	old, worth := r.reading.Public().ID(), []keyring.KeyID{r.reading.Public().ID(), next.Public().ID()}
	r.keys.o.Worth = func(people.Which) []keyring.KeyID { return worth }
	r.keys.Take(people.FootageKey, keyring.Identity{r.reading})
	r.keys.Take(people.FootageKey, keyring.Identity{next})
	both, err := r.keys.Seal(people.FootageKey, wrapKey, "p1")
	must(t, err)
	worth = worth[1:]
	one, err := r.keys.Seal(people.FootageKey, wrapKey, "p1")
	must(t, err)
	for _, x := range []struct {
		blob []byte
		id   keyring.KeyID
		want bool
	}{{both, old, true}, {both, worth[0], true}, {one, worth[0], true}, {one, old, false}, {one[1:], worth[0], false}, {nil, old, false}} {
		if got := r.keys.Holds(x.blob, x.id.String()); got != x.want {
			t.Errorf("a wrap of %d bytes holds %v: %v", len(x.blob), x.id, got)
		}
	}
	if id, err := r.keys.Identity(people.FootageKey); err != nil || len(id) != 2 {
		t.Errorf("in memory: %v, %v", id, err)
	}
	r.pass(40 * time.Minute)
	if _, err := r.keys.Aside(people.FootageKey); err != nil {
		t.Error(err)
	}
	r.pass(40 * time.Minute) // what the program does by itself is no use
	if !r.keys.Locked(people.FootageKey) {
		t.Error("keys that a rotation made stay however idle")
	}
	worth = nil
	r.unlock()
	if _, err := r.keys.Seal(people.FootageKey, wrapKey, "p1"); !errors.Is(err, people.ErrLocked) {
		t.Errorf("a wrap of nothing: %v", err)
	}
}
