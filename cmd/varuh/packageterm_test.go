package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/packing"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// erasesPacked has the eraser erase what a package is made of, and sees that the package goes with it: nobody gets it from that
// moment on, and nothing of it is left, though the seven days after its hand-over are not over.
func (b *box) erasesPacked(t *testing.T, v *visitor, request string, m evidence.Manifest) {
	t.Helper()
	e := b.entrance.d.eraser
	var list []retention.Erasure
	for _, s := range m.Segments {
		row, err := e.index.Get(s.ID)
		must(t, err)
		list = append(list, retention.Erasure{Segment: row, Reason: retention.ByTerm, Due: row.Start, Term: row.Start})
	}
	sealed := func() []string {
		names, err := filepath.Glob(filepath.Join(b.dir, "store", "_sealed", "packages", "*"))
		must(t, err)
		return names
	}
	if len(sealed()) != 1 || len(list) == 0 {
		t.Fatalf("%d packages lie sealed, of %d segments", len(sealed()), len(list))
	}
	report, err := e.purging().Run(t.Context(), e.time.now(), func() ([]retention.Erasure, error) { return list, nil })
	if err != nil || report.Erased != len(list) {
		t.Fatalf("%d of %d segments are erased: %v", report.Erased, len(list), err)
	}
	r := v.do(t.Context(), "POST", "/requests/"+request+"/package/downloads", map[string]any{"recipient": "Janez Novak, PP Primer", "encrypted": true, "warned": true}, nil)
	if must(t, r.Body.Close()); r.StatusCode != http.StatusGone {
		t.Errorf("once its footage is erased, the package is taken out: %s", r.Status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), never)
	defer cancel()
	b.entrance.packages.Load().Rouse()
	var info struct{ Step, Why string }
	for len(sealed()) > 0 || info.Step != string(packing.Over) {
		if ctx.Err() != nil {
			t.Fatalf("the package is %+v, and %q is left", info, sealed())
		}
		v.do(ctx, "GET", "/requests/"+request+"/package", nil, &info)
	}
	if info.Why != string(packing.Term) {
		t.Errorf("it ended for: %s", info.Why)
	}
}

// A package counts on the room that footage could give up, without taking it: none that is held.
func TestYields(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	store := s.stores[0]
	row := s.recordAt(t, store, "yard", time.Now().Add(-2*time.Hour))
	e, _, _ := s.eraser(t, later(t, 1, 0))
	for _, want := range []int64{row.Bytes, 0} {
		got, err := e.yields(t.Context(), store, 1<<40)
		if err != nil || got != want {
			t.Errorf("%d bytes could be given up, not %d: %v", got, want, err)
		}
		s.whole(t, store, row)
		s.order(t, e, row)
	}
}

// What packages are made of is known by its rows and keys: when the first of it is due, and whether some of it was erased. What is
// away, or was lost, was not.
func TestPackedFootage(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	store := s.stores[0]
	early, late := s.recordAt(t, store, "yard", time.Now().Add(-48*time.Hour)), s.recordAt(t, store, "yard", time.Now().Add(-2*time.Hour))
	e, _, _ := s.eraser(t, later(t, 1, 0))
	f := packedFootage{e}
	list, err := f.Find(t.Context(), []keyring.ID{late.ID, early.ID})
	must(t, err)
	due, err := f.Due(t.Context(), disclosure.Request{}, list)
	if want := early.Start.AddDate(1, 0, 0); err != nil || due.Sub(want).Abs() > 48*time.Hour {
		t.Errorf("due %v, not about %v: %v", due, want, err)
	}
	if _, err := f.Find(t.Context(), []keyring.ID{keyring.NewID(time.Now())}); err == nil {
		t.Error("a segment is found that nobody recorded")
	}
	strange := list[0]
	strange.Slot += 1000
	away := list[0]
	away.Store = keyring.NewID(time.Now())
	erased := func(want bool, list ...packing.Segment) {
		t.Helper()
		if got, err := f.Erased(t.Context(), list); got != want || err != nil {
			t.Errorf("erased: %v, %v", got, err)
		}
	}
	erased(false, append(list, strange, away)...)
	mark := f.Mark()
	if _, _, err := store.Ring.Create(t.Context(), keyring.NewID(time.Now()), keyring.KindSegment); err != nil || mark == "" || f.Mark() != mark {
		t.Errorf("new footage has it asked again: %q, %q, %v", mark, f.Mark(), err)
	}
	must(t, store.Ring.Erase(t.Context(), []keyring.Ref{{ID: early.ID, Slot: early.Slot}}))
	if f.Mark() == mark {
		t.Error("footage is erased, and the mark is the same")
	}
	mark = f.Mark()
	erased(true, list...)
	erased(false, list[0])
	e.present = func(footage.Store) error { return os.ErrNotExist }
	if f.Mark() == mark {
		t.Error("the store is away, and the mark is the same")
	}
	erased(false, list...)
}
