package diary

import (
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// Whoever kept checkpoints of the name that the diary had before it went back is told which of them it still goes on
// from, and what was lost: the bundle has the keys of that name, and the tree goes on.
func TestCheckpointsOfEarlierOrigin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 5)
	kept, err := d.Checkpoint(t.Context())
	must(t, err)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 10)
	lost, err := d.Checkpoint(t.Context())
	must(t, err)
	shut(t, d)

	restore()
	d = r.open(t)
	defer func() { shut(t, d) }()
	report := r.verify(t, d)
	if !hasFinding(report, proof.CodeUnaccepted) || !report.Unsettled() || report.Bad() {
		t.Errorf("before anybody accepted: %+v", report)
	}
	_, err = d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2", Name: "Bor"}, "an old disk")
	must(t, err)
	appendAll(t, d, 3)
	report = r.verify(t, d, kept)
	if report.Complete.State != proof.Yes || report.Intact.State != proof.Yes || report.Unsettled() || report.Bad() {
		t.Errorf("against one from before: %+v", report)
	}
	for _, f := range report.Findings {
		if f.Code == proof.CodeNewOrigin && (!strings.Contains(f.EN, ana().Name) || !strings.Contains(f.EN, "Bor") || !strings.Contains(f.EN, "an old disk")) {
			t.Errorf("who accepted: %s", f.EN)
		}
	}
	if report = r.verify(t, d, lost); report.Complete.State != proof.No || !hasFinding(report, proof.CodeRollback) {
		t.Errorf("against one that was lost: %+v", report)
	}
	keys, err := d.Keys(t.Context())
	must(t, err)
	paper := proof.VerifyOptions{Fingerprints: []string{keys[0].Fingerprint()}}
	if report, err = proof.VerifyBundle(t.Context(), r.bundle(t, d), paper); err != nil || report.Confirmed || report.Bad() || !hasFinding(report, proof.CodeKeyUnknown) {
		t.Errorf("with the old paper: %+v, %v", report, err)
	}
}
