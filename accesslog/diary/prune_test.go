package diary

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// at sets the appliance's clock.
func (r *rig) at(year int, month time.Month, day int) {
	r.clock.Store(int64(time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Sub(noon)))
}

// cosigner is a witness whose clock is right, or wrong, by itself.
func cosigner(t *testing.T, now func() time.Time) *proof.Cosigner {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	c, err := proof.NewCosigner("witness.example/w", private, now)
	must(t, err)
	return c
}

// anchor has a witness cosign the last checkpoint.
func anchor(t *testing.T, d *Diary, w *proof.Cosigner, now time.Time) {
	t.Helper()
	checkpoint, err := d.Checkpoint(t.Context())
	must(t, err)
	c, err := proof.ReadCheckpoint(checkpoint)
	must(t, err)
	signed, err := note.Sign(&note.Note{Text: c.Text()}, w)
	must(t, err)
	_, line, _ := strings.Cut(string(signed), "\n\n")
	_, err = d.Anchored(t.Context(), Anchor{Kind: "witness", Party: w.Name(), Size: c.Size, Time: now, Data: []byte(line)})
	must(t, err)
}

// confirm has an approver confirm, and the 30 days pass.
func (r *rig) confirm(t *testing.T, d *Diary) {
	t.Helper()
	_, err := d.ConfirmPrune(t.Context(), proof.Body{Actor: ana()})
	must(t, err)
	r.clock.Add(int64(proof.PersonWaits))
}

// years fills a diary from 2026 to the beginning of 2029, releases checkpoints on the way, and returns them
// with all leaves that there were.
func (r *rig) years(t *testing.T, d *Diary, each int) (held [][]byte, raw [][]byte) {
	t.Helper()
	for year := 2026; year <= 2029; year++ {
		if year > 2026 {
			r.at(year, time.January, 10)
		}
		for range each {
			appendAll(t, d, 1)
			if d.Head().Size%7 == 0 {
				c, err := d.Checkpoint(t.Context())
				must(t, err)
				held = append(held, c)
			}
		}
	}
	for e, err := range d.Entries(t.Context(), 0, 1<<40) {
		must(t, err)
		raw = append(raw, e.Raw)
	}
	return held, raw
}

func TestPrune(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	held, raw := r.years(t, d, 150)
	var f proof.Frontier
	roots := []tlog.Hash{f.Root()}
	for _, leaf := range raw {
		f.Add(proof.HashLeaf(leaf))
		roots = append(roots, f.Root())
	}
	r.confirm(t, d)
	got, err := d.Prune(t.Context(), Pruning{Years: 2, By: proof.Body{Actor: ana()}})
	must(t, err)
	cut := d.Head().Cut
	if cut != 152 { // origin.begin, 150 viewings, year.close
		t.Fatalf("cut at %d", cut)
	}
	shut(t, d)
	d = r.open(t)
	size := d.Head().Size
	if size != got.Size {
		t.Errorf("%d entries, the receipt says %d", size, got.Size)
	}
	for n := cut; n <= int64(len(raw)); n += 13 {
		for i := cut; i < n; i += 5 {
			p, err := d.Prove(t.Context(), i, n)
			if err != nil || tlog.CheckRecord(p, n, roots[n], i, proof.HashLeaf(raw[i])) != nil {
				t.Fatalf("entry %d of %d: %v", i, n, err)
			}
		}
		for old := cut; old < n; old += 11 {
			p, err := d.Consistency(t.Context(), old, n)
			if err != nil || tlog.CheckTree(p, n, roots[n], old, roots[old]) != nil {
				t.Fatalf("from %d to %d: %v", old, n, err)
			}
		}
	}
	for _, c := range held { // as many as left, before and after the cut
		old, err := proof.ReadCheckpoint(c)
		must(t, err)
		p, err := d.Consistency(t.Context(), old.Size, size)
		if err != nil || tlog.CheckTree(p, size, d.Head().Root, old.Size, old.Root) != nil {
			t.Errorf("from %d, which left, to %d: %v", old.Size, size, err)
		}
	}
	if _, err := d.Consistency(t.Context(), 33, size); !errors.Is(err, ErrPruned) {
		t.Errorf("from a size that never left: %v", err)
	}
	if _, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), 3); !errors.Is(err, ErrPruned) {
		t.Errorf("an entry that was pruned: %v", err)
	}
	report := r.verify(t, d, held[len(held)-1])
	if report.Intact.State != proof.Yes || report.Complete.State != proof.Yes || hasFinding(report, proof.CodePrunedEarly) || !hasFinding(report, proof.CodePruned) {
		t.Errorf("%+v", report)
	}
	if d.Fault() != nil {
		t.Error(d.Fault())
	}
}

func hasFinding(r *proof.Report, code proof.Code) bool {
	return slices.ContainsFunc(r.Findings, func(f proof.Finding) bool { return f.Code == code })
}

// From the second prune on, a witness that was configured before is enough.
func TestPruneByWitness(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	w := cosigner(t, func() time.Time { return d.o.Now() })
	if _, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()}); err != nil {
		t.Fatal(err)
	}
	r.years(t, d, 10)
	r.confirm(t, d)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	r.at(2030, time.January, 5)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); !errors.Is(err, ErrNotDue) {
		t.Errorf("before the witness spoke: %v", err)
	}
	anchor(t, d, w, d.o.Now())
	first := d.Head().Cut
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil || d.Head().Cut <= first {
		t.Errorf("cut at %d after %d: %v", d.Head().Cut, first, err)
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes || hasFinding(report, proof.CodePrunedEarly) {
		t.Errorf("%+v", report)
	}
}

// A held entry outlasts its year, with its proof; when the hold ends, it goes.
func TestPinnedEntriesStay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 8)
	id := keyring.Identity{r.reading}
	if _, err := d.Pin(t.Context(), "hold 1", []int64{3, 5}, id, proof.Body{Actor: ana()}, nil); err != nil {
		t.Fatal(err)
	}
	_, raw := r.years(t, d, 9)
	r.confirm(t, d)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	shut(t, d)
	d = r.open(t)
	for _, i := range []int64{3, 5} {
		if _, _, err := d.Opener(id).Open(t.Context(), i); err != nil {
			t.Errorf("held entry %d: %v", i, err)
		}
		h := d.Head()
		p, err := d.Prove(t.Context(), i, h.Size)
		if err != nil || tlog.CheckRecord(p, h.Size, h.Root, i, proof.HashLeaf(raw[i])) != nil {
			t.Errorf("proof of held entry %d: %v", i, err)
		}
	}
	if _, _, err := d.Opener(id).Open(t.Context(), 4); !errors.Is(err, ErrPruned) {
		t.Errorf("entry 4: %v", err)
	}
	r.tamper(t, `UPDATE diary_leaves SET leaf = replace(leaf, '2026', '2025') WHERE i = 5`)
	if _, _, err := d.Opener(id).Open(t.Context(), 5); !errors.Is(err, ErrDamaged) {
		t.Errorf("a held entry that was changed: %v", err)
	}
	unpin(t, d, "hold 1", d.o.Now())
	unpin(t, d, "hold 2", d.o.Now()) // which pinned nothing
	r.at(2030, time.February, 1)
	appendAll(t, d, 1)
	r.confirm(t, d)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Opener(id).Open(t.Context(), 3); !errors.Is(err, ErrPruned) {
		t.Errorf("after its hold ended: %v", err)
	}
	var left int
	must(t, d.read.QueryRow(`SELECT (SELECT count(*) FROM diary_pins) + (SELECT count(*) FROM diary_pinned) + (SELECT count(*) FROM diary_keys WHERE pin IS NOT NULL)`).Scan(&left))
	if left != 0 || find(t, r.options().Path, [][]byte{[]byte("hold 1")}) > 0 {
		t.Errorf("of the hold %d rows are left", left)
	}
	shut(t, d)
	d = r.open(t)
	if d.Fault() != nil {
		t.Error(d.Fault())
	}
}
