package diary

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// The first entries are deleted as a prune would, but no prune says so.
func TestCutWithoutPrune(t *testing.T) {
	t.Parallel()
	for _, cut := range []int64{1, 7, 256, 300} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			e, change := person("a")
			_, err := d.Append(t.Context(), e, change)
			must(t, err)
			appendAll(t, d, 3)
			_, err = d.Checkpoint(t.Context())
			must(t, err)
			appendAll(t, d, 320)
			r.cutAway(t, d, cut)
			shut(t, d)

			d = r.open(t)
			f := d.Fault()
			if f == nil || f.Kind != FaultCut || f.There != cut || !strings.Contains(f.String(), fmt.Sprintf("the first %d entries", cut)) {
				t.Fatalf("%v", f)
			}
			if more := d.moreFaults(); len(more) > 0 {
				t.Errorf("a wrong alarm: %q", more)
			}
			var b bytes.Buffer
			z := proof.NewZip(&b)
			must(t, d.Export(t.Context(), z, Export{}))
			if cut > 5 && !complains(d, "the checkpoint of 5 entries, which left, can't be joined") {
				t.Errorf("%q", d.Complaints())
			}
			_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "known")
			must(t, err)
			shut(t, d)
			d = r.open(t) // what was accepted is not found again, and nothing more than that
			if d.Fault() != nil {
				t.Errorf("after it was accepted: %v", d.Fault())
			}
			if !tells(r.verify(t, d), "the first entries are gone, and no prune took them") {
				t.Error("an export does not tell it")
			}
			r.cutAway(t, d, cut+1)
			shut(t, d)
			if d = r.open(t); d.Fault() == nil || d.Fault().Kind != FaultCut {
				t.Errorf("one more: %v", d.Fault())
			}
		})
	}
}

// cutAway deletes the entries before the cut, and leaves only the hashes that the rest is computed with.
func (r *rig) cutAway(t *testing.T, d *Diary, cut int64) {
	t.Helper()
	ids := frontierIDs(cut)
	hashes, err := reader{t.Context(), d.read, d.Head().Cut}.ReadHashes(ids)
	must(t, err)
	r.tamper(t, fmt.Sprintf(`DELETE FROM diary_leaves WHERE i < %d`, cut), fmt.Sprintf(`DELETE FROM diary_bodies WHERE i < %d`, cut),
		fmt.Sprintf(`UPDATE diary_head SET cut = %d`, cut))
	for i, id := range ids {
		r.tamper(t, fmt.Sprintf(`INSERT OR REPLACE INTO diary_hashes VALUES (%d, x'%x')`, id, hashes[i][:]))
	}
}

// A cut beyond that of the prune that is entered is found, too.
func TestCutBeyondPrune(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.years(t, d, 20)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	cut := d.Head().Cut
	shut(t, d)
	if d = r.open(t); d.Fault() != nil || len(d.Complaints()) > 0 {
		t.Errorf("what a prune took: %v, %q", d.Fault(), d.Complaints())
	}
	r.cutAway(t, d, cut+3)
	shut(t, d)
	if d = r.open(t); d.Fault() == nil || d.Fault().Kind != FaultCut || d.Fault().There != cut+3 {
		t.Errorf("%v", d.Fault())
	}
}

// A prune that nobody entered is not done, though the table of the one under way says so; and rows of junk
// keep none that is due from being done.
func TestForgedPrune(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.years(t, d, 20)
	shut(t, d)
	for _, i := range []int64{3, 999, -1} {
		r.tamper(t, fmt.Sprintf(`INSERT INTO diary_prune VALUES (1, %d, 10, 0)`, i))
		d = r.open(t)
		must(t, d.FinishPrune(t.Context()))
		if d.Head().Cut != 0 || !complains(d, fmt.Sprintf("entry %d does not: somebody put it there", i)) {
			t.Errorf("cut at %d, %q", d.Head().Cut, d.Complaints())
		}
		shut(t, d)
	}
	d = r.open(t)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	first := d.Head().Cut
	r.tamper(t, `INSERT INTO diary_released VALUES (5, 'junk')`, `INSERT INTO diary_released VALUES (-5, 'junk')`)
	r.at(2030, 3, 1)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	if err != nil || d.Head().Cut <= first {
		t.Errorf("cut at %d, before at %d: %v", d.Head().Cut, first, err)
	}
}
