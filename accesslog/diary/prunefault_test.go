package diary

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// decided leaves a prune that is decided and not done.
func (r *rig) decided(t *testing.T) {
	t.Helper()
	d := r.create(t)
	r.years(t, d, 10)
	r.confirm(t, d)
	at := faults{"cut", 1}
	d.step = at.step
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	shut(t, d)
}

// A prune that is decided is not dropped because its entry can't be read just now.
func TestDecidedPruneOutlastsAnError(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.decided(t)
	d := r.open(t)
	r.tamper(t, `ALTER TABLE diary_bodies RENAME TO away`)
	if err := d.FinishPrune(t.Context()); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("while the manifest can't be read: %v", err)
	}
	r.tamper(t, `ALTER TABLE away RENAME TO diary_bodies`)
	must(t, d.FinishPrune(t.Context()))
	if d.Head().Cut != 12 || len(d.Complaints()) > 0 {
		t.Errorf("cut at %d, %q", d.Head().Cut, d.Complaints())
	}
}

// While a fault is open, a prune that was decided destroys nothing.
func TestDecidedPruneWaitsForAFault(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.decided(t)
	r.tamper(t, `INSERT INTO people VALUES ('m', 'Mallory')`)
	d := r.open(t)
	if err := d.FinishPrune(t.Context()); !errors.Is(err, ErrFault) || d.Head().Cut != 0 {
		t.Errorf("cut at %d: %v", d.Head().Cut, err)
	}
	_, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
	must(t, err)
	must(t, d.FinishPrune(t.Context()))
	if d.Head().Cut != 12 {
		t.Errorf("cut at %d", d.Head().Cut)
	}
}

// By which time pins are judged the entry says, not the row of the prune under way.
func TestPruneTimeIsTheEntrys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	_, err := d.Pin(t.Context(), "hold 1", []int64{2}, r.identity(), proof.Body{Actor: ana()}, nil)
	must(t, err)
	r.years(t, d, 10)
	unpin(t, d, "hold 1", d.o.Now().AddDate(2, 0, 0))
	r.confirm(t, d)
	at := faults{"cut", 1}
	d.step = at.step
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	shut(t, d)
	r.tamper(t, `UPDATE diary_prune SET time = time + 4 * 366 * 86400000`)
	d = r.open(t)
	must(t, d.FinishPrune(t.Context()))
	if _, _, err := d.Opener(r.identity()).Open(t.Context(), 2); err != nil || d.Head().Cut == 0 {
		t.Errorf("the held entry, cut at %d: %v", d.Head().Cut, err)
	}
}

// Rows of junk among the stored hashes stop neither the writer nor a prune, and are not taken for those of
// small subtrees, which nobody stored before their leaves went.
func TestJunkHashes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	held, _ := r.years(t, d, 20)
	shut(t, d)
	r.tamper(t,
		`INSERT INTO diary_hashes VALUES (-7, x'00')`,
		fmt.Sprintf(`INSERT INTO diary_hashes VALUES (%d, zeroblob(32))`, int64(1)<<62),
		fmt.Sprintf(`INSERT INTO diary_hashes VALUES (%d, zeroblob(32))`, tlog.StoredHashIndex(4, 0)),
		fmt.Sprintf(`INSERT INTO diary_hashes VALUES (%d, zeroblob(32))`, tlog.StoredHashIndex(1, 10)),
		fmt.Sprintf(`INSERT INTO diary_hashes VALUES (%d, zeroblob(32))`, tlog.StoredHashIndex(3, 2)))
	d = r.open(t)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	shut(t, d)
	d = r.open(t)
	if report := r.verify(t, d, held...); report.Intact.State != proof.Yes || report.Complete.State != proof.Yes || d.Head().Cut != 22 {
		t.Errorf("cut at %d, %+v", d.Head().Cut, report)
	}
}
