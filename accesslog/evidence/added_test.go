package evidence_test

import (
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// Whatever is added is named and bad, wherever it lies and however it is spelled, with a line in the sums or without. What a
// system makes in a folder that somebody opened is named, and no harm, unless somebody has put it into the sums.
func TestAdded(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	for name, bad := range map[string]bool{
		"varuh-verify.exe": true, "autorun.inf": true, "desktop.ini": true, "0_ODPRI_NAJPREJ.html": true, "OGLEDNA_KOPIJA_0001.mp4": true, "1_PREBERI.htm": true,
		"posnetki2/0001.mp4": true, "Posnetki/0003.mp4": true, "posnetki/0003.mp4": true, "Proof/clips/0003.jsonl": true, "proof/clipsx/1": true, "zapisnik_o_predaji.pdf": true,
		"x/" + evidence.RecordFile: true, "posnetki/" + evidence.RecordFile: true, "proof/clips/.DS_Store": true, "proof/.DS_Store": true, ".DS_Store": false, "posnetki/.DS_Store": false, "posnetki/Thumbs.db": false, "proof/Thumbs.db": true,
	} {
		for _, summed := range []bool{true, false} {
			f := forge(t, c, pkg)
			f.put(name, []byte("x"))
			if summed {
				f.sum()
			}
			r := verified(t, f.files, c.Knowing())
			named := slices.ContainsFunc(r.Findings, func(x evidence.Finding) bool {
				return x.Code == evidence.CodeExtra && x.File == name && x.Bad == bad && strings.Contains(x.EN, name)
			})
			if !named || r.Bad() != (bad || summed) || r.Good() == (bad || summed) {
				t.Errorf("%s, with its sum %v: good %v, bad %v, %+v", name, summed, r.Good(), r.Bad(), r.Findings)
			}
		}
	}
}

// A file that the manifest does not list is refused as it is written, but for the record, and a package without that.
func TestWriteRecord(t *testing.T) {
	t.Parallel()
	for what, after := range map[string][]evidence.Enclosure{
		"no record": nil,
		"another":   {evidencetest.Text(evidence.RecordFile, evidence.KindReading, "%PDF-"), evidencetest.Text("opombe.txt", evidence.KindReading, "x")},
		"an empty":  {evidencetest.Text(evidence.RecordFile, evidence.KindReading, "")},
	} {
		c := evidencetest.Tiny(t, "a")
		c.After = after
		m := evidencetest.Memory{}
		if _, err := evidence.Write(t.Context(), m, c.Package()); err == nil || m["SHA256SUMS.txt"] != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
