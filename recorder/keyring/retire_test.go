package keyring

import (
	"errors"
	"testing"
	"time"
)

func TestRetire(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	objects := []object{create(t, r), create(t, r), create(t, r)}
	old := files(t, d, "/")[twinFile(storeDir)]
	must(t, r.Erase(t.Context(), []Ref{objects[0].Ref, objects[1].Ref}))
	if err := r.Retire(t.Context(), noon); err == nil {
		t.Fatal("a day with a living key was retired")
	}
	must(t, r.Erase(t.Context(), []Ref{objects[2].Ref}))
	must(t, r.Retire(t.Context(), noon))
	must(t, r.Retire(t.Context(), noon))
	must(t, r.Retire(t.Context(), noon.AddDate(-1, 0, 0))) // no such day
	if size := len(files(t, d, "/")[twinFile(stateDir)]); size != SlotSize {
		t.Errorf("the file has %d bytes", size)
	}
	erased := func(when string) {
		t.Helper()
		for _, o := range objects {
			if s, err := r.Slot(o.Ref); err != nil || s.State != StateErased || len(s.Keys) != 0 {
				t.Errorf("%s: %+v, %v", when, s, err)
			}
			if err := r.Seal(t.Context(), o.sealing()); !errors.Is(err, ErrErased) {
				t.Errorf("%s: sealed: %v", when, err)
			}
			must(t, r.Erase(t.Context(), []Ref{o.Ref}))
		}
	}
	erased("retired")

	replace(t, d, twinFile(storeDir), old)
	r = b.open(t, d)
	erased("an old copy put back")
	m, err := r.Mend(t.Context(), time.Time{})
	must(t, err)
	if len(m.Lost) != 0 {
		t.Errorf("mended: %+v", m)
	}
	erased("mended")
	for s, err := range r.All(time.Time{}) {
		if err != nil || s.State != StateErased || s.Fault != nil {
			t.Errorf("after mending: %+v, %v", s, err)
		}
	}
	if next := create(t, r); next.Slot != 3 {
		t.Errorf("a retired number was given out again: %d", next.Slot)
	}
}
