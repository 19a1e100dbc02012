package diary

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
)

// That kept entries are gone is accepted entry by entry: whatever is no longer kept, and whatever else goes later, none
// of them is found again.
func TestAcceptedPinnedEntries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 8)
	for name, i := range map[string]int64{"hold 1": 3, "hold 2": 5, "hold 3": 7} {
		_, err := d.Pin(t.Context(), name, []int64{i}, r.identity(), proof.Body{Actor: ana()}, nil)
		must(t, err)
	}
	r.years(t, d, 9)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	shut(t, d)
	r.tamper(t, `DELETE FROM diary_leaves WHERE i IN (3, 5)`)
	d = r.open(t)
	if f := d.Fault(); f == nil || f.By != "each of the entries 3, 5" {
		t.Fatal(f)
	}
	_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
	must(t, err)
	unpin(t, d, "hold 1", d.o.Now())
	r.at(2030, time.February, 1)
	appendAll(t, d, 1)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	shut(t, d)
	d = r.open(t)
	if f := d.Fault(); f != nil {
		t.Errorf("after one is no longer kept: %v", f)
	}
	shut(t, d)
	r.tamper(t, `DELETE FROM diary_leaves WHERE i = 7`)
	for range 2 {
		d = r.open(t)
		if f := d.Fault(); f == nil || f.By != "entry 7" || len(d.moreFaults()) > 0 {
			t.Errorf("after one more is gone: %v, %q", f, d.moreFaults())
		}
		shut(t, d)
	}
}

// A sentence names only the first of many entries, and is taken for no more than that.
func TestNamesOfEntries(t *testing.T) {
	t.Parallel()
	var list []string
	for i := range mostNamed + 2 {
		list = append(list, fmt.Sprint(100+i))
		by := named(list)
		for at, entry := range list {
			if names(by, entry) != (at < mostNamed) {
				t.Errorf("%s: entry %s", by, entry)
			}
		}
		for _, other := range []string{"1", "10", "2", "00", "", "more"} {
			if names(by, other) {
				t.Errorf("%s: entry %q", by, other)
			}
		}
	}
	if by := named(list); !strings.HasSuffix(by, "119 and 2 more") {
		t.Error(by)
	}
}

// What a pin keeps after a prune is found by its operation and read as a leaf, and is proven as the others are.
func TestKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 4)
	seen, err := d.Append(t.Context(), Entry{Op: "view.start", Body: proof.Body{Actor: ana()}}, nil)
	must(t, err)
	gone, err := d.Append(t.Context(), Entry{Op: "view.start", Body: proof.Body{Actor: ana()}}, nil)
	must(t, err)
	_, err = d.Pin(t.Context(), "hold 1", []int64{seen.Index}, r.identity(), proof.Body{Actor: ana()}, nil)
	must(t, err)
	if list, err := d.KeptOf(t.Context(), "view.start"); err != nil || len(list) != 0 {
		t.Errorf("before a prune: %+v, %v", list, err)
	}
	r.years(t, d, 9)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	list, err := d.KeptOf(t.Context(), "view.start", "view.more")
	if err != nil || len(list) != 1 || list[0].Index != seen.Index {
		t.Fatalf("%+v, %v", list, err)
	}
	l, err := d.Leaf(t.Context(), seen.Index)
	must(t, err)
	h := d.Head()
	hashes, err := d.Prove(t.Context(), seen.Index, h.Size)
	must(t, err)
	if err := proof.CheckInclusion(hashes, proof.Checkpoint{Origin: h.Origin, Size: h.Size, Root: h.Root}, seen.Index, proof.HashLeaf(l.Raw)); err != nil {
		t.Error(err)
	}
	if _, err := d.Leaf(t.Context(), gone.Index); !errors.Is(err, ErrPruned) {
		t.Errorf("one that is pruned: %v", err)
	}
	if _, err := d.Leaf(t.Context(), h.Size); !errors.Is(err, ErrNoEntry) {
		t.Errorf("one that is not there: %v", err)
	}
	if others, err := d.EntriesOf(t.Context(), "view.start"); err != nil || len(others) == 0 || others[0].Index < h.Cut {
		t.Errorf("of those that are there: %d, %v", len(others), err)
	}
	shut(t, d)
}
