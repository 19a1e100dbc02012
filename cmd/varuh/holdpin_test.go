package main

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// The years of an appliance that is locked when a hold is set and opened later: nothing that the hold is about is
// destroyed before, and what is kept verifies in a bundle, until the hold ends.
func TestHoldOutlastsPrune(t *testing.T) {
	t.Parallel()
	k := newKeyedSite(t)
	ix, err := footage.Open(indexFile(k.cfg.State))
	must(t, err)
	t.Cleanup(func() { must(t, ix.Close()) })
	y := yearsOf(t, &still{k.site, ix})
	keys, err := y.diaryIdentity()
	must(t, err)
	now := y.now().UTC()
	register := &hold.Register{Diary: y.Diary, Index: y.index, Gate: retention.NewGate(), Capacity: func() (int64, error) { return 1 << 30, nil }, Now: y.now}
	y.p.held = func(*diary.Diary) *hold.Register { return register }
	y.p.keys = func() (keyring.Identity, error) { return nil, errLocked }
	span := hold.Range{Camera: "hall", From: now.Add(-time.Hour), To: now.Add(time.Hour)}
	viewing, err := y.Append(t.Context(), diary.Entry{Op: "view.start", Body: proof.Body{Purpose: "theft", Objects: []proof.Object{{Camera: "hall", From: span.From, To: span.From.Add(time.Minute)}}}}, nil)
	must(t, err)
	h, err := register.Set(t.Context(), hold.Asked{Kind: hold.Order, Range: span, Basis: "order of the court", Review: now.AddDate(0, 6, 0), By: proof.Actor{Name: "Ana"}})
	must(t, err)
	y.pass(t)
	if _, err := y.desk.prune(t.Context(), y.cfg.Diary, pruneOrder{Confirm: true, who: played("Ana"), Reason: "the wall"}); err != nil {
		t.Fatal(err)
	}
	y.at(y.now().AddDate(0, 0, 31))
	must(t, y.p.prune(t.Context(), y.Diary))
	if text := y.p.sentence(); y.Head().Cut != 0 || !strings.Contains(text, h.ID) || !strings.Contains(text, "varuh hold pin") {
		t.Fatalf("cut at %d while nobody could look: %q", y.Head().Cut, text)
	}
	if a, err := y.desk.prune(t.Context(), y.cfg.Diary, pruneOrder{}); err != nil || !strings.Contains(a.text(), "They stay: hall of") {
		t.Errorf("%s, %v", a.text(), err)
	}

	y.p.keys = func() (keyring.Identity, error) { return keys, nil }
	must(t, y.p.prune(t.Context(), y.Diary))
	if y.Head().Cut <= h.Receipt.Index || y.p.sentence() != "" {
		t.Fatalf("cut at %d: %q", y.Head().Cut, y.p.sentence())
	}
	y.readable(t, keys, true, viewing.Index, h.Receipt.Index)
	y.verified(t, keys, 2)

	_, err = register.Clear(t.Context(), h.ID, proof.Actor{Name: "Ana"}, "the court has decided")
	must(t, err)
	must(t, y.p.prune(t.Context(), y.Diary))
	y.readable(t, keys, false, viewing.Index, h.Receipt.Index)
	y.verified(t, keys, 0)
}

// readable holds that entries open, or that none does.
func (y *years) readable(t *testing.T, keys keyring.Identity, want bool, entries ...int64) {
	t.Helper()
	for _, i := range entries {
		if _, _, err := y.Opener(keys).Open(t.Context(), i); (err == nil) != want {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

// verified exports the diary as it is handed out, and verifies the bundle: so many entries are kept past their term.
func (y *years) verified(t *testing.T, keys keyring.Identity, kept int64) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bundle.zip")
	f, err := os.Create(name)
	must(t, err)
	k := desk{diary: y.Diary, keys: keys}
	_, err = k.export(context.Background(), diaryOrder{who: played("Ana"), Reason: "inspection"}, f)
	must(t, err)
	must(t, f.Close())
	files, err := zip.OpenReader(name)
	must(t, err)
	signers, err := y.Keys(t.Context())
	must(t, err)
	report, err := proof.VerifyBundle(t.Context(), files, proof.VerifyOptions{Keys: signers})
	must(t, err)
	must(t, files.Close())
	if report.Intact.State != proof.Yes || report.Pinned != kept {
		t.Errorf("%d entries are kept: %+v", report.Pinned, report)
	}
}
