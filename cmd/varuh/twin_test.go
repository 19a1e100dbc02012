package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/recorder/keyring"
)

// The state folder's copy of the key slots may be lost: it is made anew whole, the erased slots too, and
// this is said. Only once: what a crash left half made is not taken for it.
func TestTwinLost(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "box")
	term := terminal{strings.NewReader(""), io.Discard, io.Discard}
	if _, err := (initCmd{Store: []string{filepath.Join(dir, "store")}, YesIWroteDown: true}).make(dir, term); err != nil {
		t.Fatal(err)
	}
	open := func() *site {
		t.Helper()
		cfg, err := loadConfig(dir, term)
		if err != nil {
			t.Fatal(err)
		}
		s, err := openSite(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	clean := len(s.warnings) // a warning about the file system, it may be
	ring, store := s.stores[0].Ring, s.stores[0].ID.String()
	var refs []keyring.Ref
	for age := range 40 { // more than the recorder mends by itself
		id := keyring.NewID(time.Now().AddDate(0, 0, -9*age))
		_, slot, err := ring.Create(t.Context(), id, keyring.KindSegment)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, keyring.Ref{ID: id, Slot: slot})
	}
	if err := ring.Erase(t.Context(), refs[30:32]); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	twin := filepath.Join(dir, "keys", store)
	if err := os.Rename(twin, twin+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(twin+".new", "slots", refs[5].ID.Time().Format("2006-01-02")+".slots")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{clean + 1, clean} {
		s := open()
		if len(s.warnings) != want || want > clean && !strings.Contains(strings.Join(s.warnings, "\n"), "from the copy on the store: 40 slots. Find") {
			t.Errorf("warnings: %q", s.warnings)
		}
		for i, ref := range refs {
			slot, err := s.stores[0].Ring.Slot(ref)
			if err != nil || slot.Fault != nil || (slot.State == keyring.StateErased) != (i == 30 || i == 31) {
				t.Fatalf("slot %d is %v, %v, %v", i, slot.State, slot.Fault, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
