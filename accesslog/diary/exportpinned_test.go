package diary

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/diary/proof"
)

// pinnedBundle is a bundle with two entries that a pin keeps, and keys that verify it.
func pinnedBundle(t *testing.T, r *rig, d *Diary) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range r.bundle(t, d).File {
		b, err := f.Open()
		must(t, err)
		data, err := io.ReadAll(b)
		must(t, err)
		files[f.Name] = &fstest.MapFile{Data: data}
	}
	return files
}

// Entries that a pin keeps are in a bundle with proofs of their own; whatever is changed in them is found.
func TestExportPinned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 6)
	listed, err := d.Append(t.Context(), Entry{Op: "export", Body: proof.Body{Note: "with a list"}, Manifest: []byte(`{"clips":2}`)}, nil)
	must(t, err)
	_, err = d.Pin(t.Context(), "hold 1", []int64{3, listed.Index}, r.identity(), proof.Body{}, nil)
	must(t, err)
	r.years(t, d, 9)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	whole := pinnedBundle(t, r, d)
	keys, err := d.Keys(t.Context())
	must(t, err)
	var seen []int64
	verify := func(files fstest.MapFS) *proof.Report {
		t.Helper()
		seen = nil
		report, err := proof.VerifyBundle(t.Context(), files, proof.VerifyOptions{Keys: keys, Each: func(l proof.Leaf, body *proof.Body, manifest []byte) error {
			if l.Index < d.Head().Cut && body != nil && (l.Obj == nil) == (manifest == nil) {
				seen = append(seen, l.Index)
			}
			return nil
		}})
		must(t, err)
		return report
	}
	report := verify(whole)
	if report.Intact.State != proof.Yes || report.Pinned != 2 || !hasFinding(report, proof.CodePinned) || hasFinding(report, proof.CodeUncovered) || !slices.Equal(seen, []int64{3, listed.Index}) {
		t.Fatalf("%v: %+v", seen, report)
	}
	for name, file := range whole {
		if !strings.HasPrefix(name, "pinned/") {
			continue
		}
		for at := range file.Data {
			changed := maps.Clone(whole)
			data := bytes.Clone(file.Data)
			data[at] ^= 1
			changed[name] = &fstest.MapFile{Data: data}
			if report := verify(changed); report.Intact.State == proof.Yes {
				t.Errorf("byte %d of %s: %+v", at, name, report.Findings)
			}
		}
	}
	moved := maps.Clone(whole)
	moved["pinned/0000000000000004.tlog-proof"] = whole["pinned/0000000000000003.tlog-proof"]
	if report := verify(moved); report.Intact.State == proof.Yes {
		t.Error("an entry in the place of another one")
	}
	later := Export{Opener: d.Opener(r.identity()), From: 5}
	var b bytes.Buffer
	z := proof.NewZip(&b)
	must(t, d.Export(t.Context(), z, later))
	must(t, z.Close())
	part, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	if report, err := proof.VerifyBundle(t.Context(), part, proof.VerifyOptions{Keys: keys}); err != nil || report.Pinned != 1 {
		t.Errorf("from entry 5 on: %+v, %v", report, err)
	}
}
