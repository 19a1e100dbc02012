package keyring

import (
	"bytes"
	"testing"
	"time"
)

// A copy of the slot files opens what the ring opens; where the state twin can't be read the store twin is, and where
// neither can that is an error.
func TestSlotFiles(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	disk, r := b.disk(t)
	var keys []Key
	var refs []Ref
	for i := range 3 {
		id := NewID(noon.Add(time.Duration(i) * 24 * time.Hour))
		key, n, err := r.Create(t.Context(), id, KindSegment)
		if err != nil {
			t.Fatal(err)
		}
		keys, refs = append(keys, key), append(refs, Ref{ID: id, Slot: n})
	}
	var whole []SlotFile
	for f, err := range r.SlotFiles(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, f)
	}
	if len(whole) != 3 || whole[0].Name > whole[1].Name {
		t.Fatalf("%d files", len(whole))
	}
	for i, f := range whole {
		s, store, err := decode((*[SlotSize]byte)(f.Data))
		if err != nil || store != r.Store() || s.ID != refs[i].ID {
			t.Errorf("file %s: %v, %v", f.Name, s.ID, err)
		}
		if key, err := (Identity{b.reading}).Open(store, s); err != nil || key != keys[i] {
			t.Errorf("file %s: another key, %v", f.Name, err)
		}
	}
	twin := r.twins[0].file(dayOf(refs[1].ID))
	if err := disk.Remove(twin); err != nil {
		t.Fatal(err)
	}
	got, err := r.slotFile(dayOf(refs[1].ID))
	if err != nil || !bytes.Equal(got, whole[1].Data) {
		t.Errorf("from the other twin: %v", err)
	}
	if _, err := r.slotFile("2001-01-01"); err == nil {
		t.Error("a day that is nowhere is copied")
	}
}
