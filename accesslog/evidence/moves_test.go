package evidence_test

import (
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// Each file of a package that is taken out, called otherwise or exchanged with another, and each that is put into any folder, is
// found, and one of those that were moved is named. Where the sums were made anew to hide it, they are known to be another's.
func TestMoves(t *testing.T) {
	t.Parallel()
	c := evidencetest.Whole(t, "a")
	pkg, _ := c.Written(t)
	if r := verified(t, pkg, c.Knowing()); !r.Good() {
		t.Fatalf("%+v", r)
	}
	moves := evidencetest.Moves(pkg)
	if len(moves) < 200 {
		t.Errorf("only %d moves", len(moves))
	}
	for _, m := range moves {
		r := verified(t, m.Done(pkg), c.Knowing())
		named := slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool {
			return f.Bad && slices.ContainsFunc(m.Named(), func(name string) bool { return f.File == name || strings.Contains(f.EN, name) })
		})
		if !r.Bad() || r.Good() || r.Exported.State != no || !named {
			t.Errorf("%s: %v, %+v", m.What, states(r), r.Findings)
		}
	}
	t.Logf("%d moves of %d files", len(moves), len(pkg))
}
