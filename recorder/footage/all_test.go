package footage

import (
	"slices"
	"testing"
	"time"

	"varuh/recorder/keyring"
)

// The walk gives every segment once, over the ends of pages, and ends where it is told to.
func TestAll(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	var rows []Segment
	for i := range 2*batch + 1 {
		rows = append(rows, recorded([]string{"yard", "gate"}[i%2], "main", noon.Add(time.Duration(i)*time.Minute)))
	}
	ok(t, ix.Sealed(rows...))
	seen := map[keyring.ID]int{}
	for s, err := range ix.All() {
		ok(t, err)
		seen[s.ID]++
	}
	if len(seen) != len(rows) || slices.ContainsFunc(rows, func(s Segment) bool { return seen[s.ID] != 1 }) {
		t.Errorf("%d of %d segments were met", len(seen), len(rows))
	}
	n := 0
	for range ix.All() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("the walk went on to %d", n)
	}
}

// A walk over an index that cannot be read tells so, and ends.
func TestAllFails(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	ok(t, ix.read.Close())
	var errs int
	for _, err := range ix.All() {
		if err != nil {
			errs++
		}
	}
	if errs != 1 {
		t.Errorf("%d errors, want 1", errs)
	}
}
