package diary

import (
	"testing"

	"varuh/accesslog/diary/proof"
)

// A diary that went back grows, by its own incidents or otherwise, to the size that somebody remembers: that is the
// rollback that was entered, and neither then nor after two persons accepted it a second finding.
func TestRollbackIsOutgrown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 3)
	h := d.Head()
	witness := []Seen{{By: "a witness", Origin: h.Origin, Size: h.Size, Root: &h.Root}, {By: "a paper", Size: h.Size, Root: &h.Root}}
	shut(t, d)
	restore()
	for n := range 4 {
		d = r.open(t)
		for _, s := range witness {
			f, err := d.Saw(t.Context(), s)
			if err != nil || f == nil || f.Kind != FaultRollback || f.There != h.Size {
				t.Errorf("start %d: %v, %v", n, f, err)
			}
		}
		if f, more := d.Fault(), d.moreFaults(); f == nil || f.Kind != FaultRollback || len(more) != 2 {
			t.Errorf("start %d: %v, %q", n, f, more)
		}
		for range 3 { // the diary's own operations get in while a fault is open
			_, err := d.Append(t.Context(), Entry{Op: "collect"}, nil)
			must(t, err)
		}
		shut(t, d)
	}
	d = r.open(t)
	other := Seen{By: "a witness", Origin: h.Origin, Size: h.Size + 2, Root: &proof.Hash{}}
	if f, err := d.Saw(t.Context(), other); err != nil || f == nil || f.Kind != FaultRewritten {
		t.Errorf("of more than it remembered: %v, %v", f, err)
	}
	_, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
	must(t, err)
	for range 2 {
		for _, s := range witness {
			if f, err := d.Saw(t.Context(), s); err != nil || f != nil {
				t.Errorf("after it was accepted: %v, %v", f, err)
			}
		}
		shut(t, d)
		if d = r.open(t); d.Fault() != nil {
			t.Errorf("after it was accepted: %v", d.Fault())
		}
	}
}
