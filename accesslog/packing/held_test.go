package packing

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/recorder/keyring"
)

// Footage that is held longer than the diary's term goes into a package that proves it, though all entries around its collect
// are gone; and the record knows the viewing that the hold kept.
func TestHeldForYears(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := proof.Body{Actor: &proof.Actor{ID: "head", Name: "Živa Čop"}}
	seen := r.looks(t, opViewStart, "saw it then", "hall", 0, 0)
	collects, err := r.d.EntriesOf(t.Context(), proof.OpCollect)
	must(t, err)
	keep := []int64{seen}
	for _, e := range collects {
		keep = append(keep, e.Index)
	}
	_, err = r.d.Pin(t.Context(), "hold 1", keep, keyring.Identity{r.reading}, by, nil)
	must(t, err)
	for range 3 {
		r.pass(366 * 24 * time.Hour)
		for range 9 {
			_, err := r.d.Append(t.Context(), diary.Entry{Op: "config.change", Body: by}, nil)
			must(t, err)
		}
		_, err := r.d.Checkpoint(t.Context())
		must(t, err)
	}
	_, err = r.d.ConfirmPrune(t.Context(), by)
	must(t, err)
	r.pass(proof.PersonWaits)
	_, err = r.d.Prune(t.Context(), diary.Pruning{Years: 2, By: by})
	must(t, err)
	if cut := r.d.Head().Cut; cut <= slices.Max(keep) {
		t.Fatalf("the cut is at %d", cut)
	}
	r.terms["hall"] = noon.AddDate(10, 0, 0)
	r.request = r.approved(t)
	job := r.built(t)
	o, err := r.o.Shelf.Open(job.Place)
	must(t, err)
	key, err := r.d.SigningKey(t.Context())
	must(t, err)
	report, err := evidence.Verify(t.Context(), o, evidence.Options{Fingerprints: []string{key.Fingerprint()}})
	if err != nil || report.Bad() || report.Fragments == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	defer func() { must(t, o.Close()) }()
	names, err := fs.Glob(o, "proof/diary/pinned/*")
	if err != nil || !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".manifest.json") }) {
		t.Errorf("%q, %v", names, err)
	}
	told, err := r.seen(t.Context(), evidence.Manifest{Clips: []evidence.Clip{clipOf("hall", r.film.Segments[0][0].Start, 2)}}, 1<<40)
	if err != nil || len(told.seen) != 1 || told.seen[0].By != "saw it then" || told.pruned.IsZero() {
		t.Errorf("%+v, %v", told, err)
	}
}
