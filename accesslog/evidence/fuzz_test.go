package evidence_test

import (
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// Whatever a sidecar and its clip are, looking at them ends without harm, and never says that more was recorded than was.
func FuzzClip(f *testing.F) {
	c := evidencetest.Tiny(f, "a")
	pkg, _ := c.Written(f)
	for name := range pkg { // without the diary nothing is to be signed, which is quicker
		if name != "manifest.json" && name != film1 && name != side1 {
			delete(pkg, name)
		}
	}
	f.Add(pkg[side1].Data, pkg[film1].Data)
	f.Add(pkg[side1].Data[:2000], pkg[film1].Data)
	f.Add(pkg[side1].Data, pkg[film1].Data[:690])
	f.Fuzz(func(t *testing.T, side, film []byte) {
		r, err := evidence.Verify(t.Context(), with(with(pkg, side1, side), film1, film), c.Knowing())
		if err != nil || !r.Bad() || r.Exported.State != proof.No || r.Fragments > 2 {
			t.Errorf("%v %+v", err, r)
		}
	})
}
