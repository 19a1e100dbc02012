package diary

import (
	"errors"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// A page is entered, and is no word of an outside party: the bundle shows no anchor for it.
func TestPrinted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	if p, err := d.Printed(t.Context()); err != nil || p.Count != 0 {
		t.Error(p, err)
	}
	if _, err := d.Print(t.Context(), 4); !errors.Is(err, ErrNotReleased) {
		t.Errorf("a page of a checkpoint that did not leave: %v", err)
	}
	note, err := d.Checkpoint(t.Context())
	must(t, err)
	got, err := d.Print(t.Context(), 4)
	must(t, err)
	if p, err := d.Printed(t.Context()); err != nil || p.Count != 1 || p.Size != 4 || !p.Time.Equal(noon) {
		t.Error(p, err)
	}
	raw, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), got.Index)
	must(t, err)
	if b, err := proof.ParseBody(raw); err != nil || b.Actor != nil || b.Data["kind"] != "print" || b.Data["size"] != int64(4) {
		t.Errorf("%+v, %v", b, err)
	}
	if report := r.verify(t, d, note); report.Complete.State != proof.Yes || len(report.Anchors) > 1 || report.Anchored.State == proof.Yes {
		t.Errorf("%+v", report)
	}
	shut(t, d)
	d = r.open(t)
	if p, err := d.Printed(t.Context()); err != nil || p.Count != 1 {
		t.Error(p, err)
	}
	if list := d.Complaints(); len(list) != 0 {
		t.Error(list)
	}
}
