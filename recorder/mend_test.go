package recorder

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"varuh/recorder/keyring"
)

// A key that nothing refers to is destroyed at a start, but not one whose file is there and only the
// index does not know it.
func TestOrphanedKeys(t *testing.T) {
	g := newRig(t, nil)
	r := g.open()
	defer func() { must(t, g.opts.Index.Close()) }()
	var refs [2]keyring.Ref
	for i := range refs {
		refs[i].ID = keyring.NewID(r.Boot.Now())
		_, slot, err := g.store.Ring.Create(t.Context(), refs[i].ID, keyring.KindSegment)
		must(t, err)
		refs[i].Slot = slot
	}
	unreadable := g.store.Path("door", refs[1].ID)
	must(t, os.MkdirAll(filepath.Dir(unreadable), 0o700))
	must(t, os.WriteFile(unreadable, []byte("damaged"), 0o600))
	r.disks[0].mendKeys(t.Context())
	for i, want := range []keyring.State{keyring.StateErased, keyring.StateOpen} {
		slot, err := g.store.Ring.Slot(refs[i])
		if err != nil && !errors.Is(err, keyring.ErrErased) || slot.State != want {
			t.Errorf("slot %d is %v (%v), want %v", i, slot.State, err, want)
		}
	}
}
