package unseal

import (
	"errors"
	"os"
	"testing"

	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// What proves a segment takes no key but for the salts, and nothing proves what was erased.
func TestProve(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s, _ := r.segment(t, 5, true)
	leaves, err := r.keys.Leaves(s)
	must(t, err)
	if len(leaves) != 5 {
		t.Errorf("%d leaves of 5 records", len(leaves))
	}
	var buf []byte
	for n := range leaves {
		buf, err = r.keys.Whole(s, n, buf)
		must(t, err)
	}
	if _, err := r.keys.Salt(s, 1); !errors.Is(err, people.ErrLocked) {
		t.Errorf("a salt while all is locked: %v", err)
	}
	r.unlock()
	one, err := r.keys.Salt(s, 1)
	must(t, err)
	if other, err := r.keys.Salt(s, 2); err != nil || other == one {
		t.Errorf("the salts are alike, %v", err)
	}
	e, err := r.keys.Entry(s, 3)
	must(t, err)
	f, err := os.OpenFile(r.store.Path(s.Camera, s.ID), os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt([]byte{0xff, 0xfe}, e.Offset+e.Size-9)
	must(t, errors.Join(err, f.Close()))
	if _, err := r.keys.Whole(s, 3, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("a record that was changed: %v", err)
	}
	if _, err := r.keys.Whole(s, 4, nil); err != nil {
		t.Errorf("the next one: %v", err)
	}
	must(t, r.store.Ring.Erase(t.Context(), []keyring.Ref{{ID: s.ID, Slot: s.Slot}}))
	if _, err := r.keys.Leaves(s); !errors.Is(err, ErrErased) {
		t.Errorf("leaves after the erasure: %v", err)
	}
	if _, err := r.keys.Salt(s, 1); !errors.Is(err, ErrErased) {
		t.Errorf("a salt after the erasure: %v", err)
	}
}
