package diary

import (
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
