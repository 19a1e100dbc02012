package evidence_test

import (
	"errors"
	"slices"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// The guide knows the clips and what is enclosed, and is listed itself. Without it there is no package.
func TestGuide(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	p := c.Package()
	var knew evidence.Manifest
	p.Guide = func(m evidence.Manifest) (evidence.Enclosure, error) {
		knew = m
		return evidencetest.Text("0_VODNIK.txt", evidence.KindReading, "posnetki"), nil
	}
	folder := evidencetest.Memory{}
	m, err := evidence.Write(t.Context(), folder, p)
	must(t, err)
	listed := slices.ContainsFunc(m.Files, func(f evidence.File) bool { return f.Path == "0_VODNIK.txt" && f.Kind == evidence.KindReading })
	if len(knew.Clips) != 1 || len(knew.Files) != len(m.Files)-1 || !listed || !verified(t, folder.FS(), c.Knowing()).Good() {
		t.Errorf("it knew %+v; %+v", knew, m.Files)
	}
	broken := errors.New("no guide")
	p.Guide = func(evidence.Manifest) (evidence.Enclosure, error) { return evidence.Enclosure{}, broken }
	if _, err := evidence.Write(t.Context(), evidencetest.Memory{}, p); !errors.Is(err, broken) {
		t.Error(err)
	}
	p.Guide = func(evidence.Manifest) (evidence.Enclosure, error) {
		return evidencetest.Text("manifest.json", evidence.KindReading, "{}"), nil
	}
	if _, err := evidence.Write(t.Context(), evidencetest.Memory{}, p); err == nil {
		t.Error("the guide took the manifest's name")
	}
}
