package evidence_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// verified is the report of a package that can be read.
func verified(t testing.TB, pkg fstest.MapFS, o evidence.Options) *evidence.Report {
	t.Helper()
	r, err := evidence.Verify(t.Context(), pkg, o)
	must(t, err)
	return r
}

func states(r *evidence.Report) [3]proof.State {
	return [3]proof.State{r.Unchanged.State, r.Exported.State, r.Disclosed.State}
}

// A package as it was written is good in all three, but not before somebody compared the fingerprint.
func TestGood(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, m := c.Written(t)
	r := verified(t, pkg, c.Knowing())
	if !r.Good() || r.Fragments != 16 || r.Since != "2026-11-21T07:30:03Z" || len(m.Clips) != 2 || len(r.Clips) != 2 {
		t.Errorf("%+v", r)
	}
	r = verified(t, pkg, evidence.Options{})
	if want := [3]proof.State{proof.Unknown, proof.Unknown, proof.Unknown}; states(r) != want || r.Good() || r.Bad() || r.Confirmed {
		t.Errorf("nobody compared the fingerprint, and it is %v: %+v", states(r), r)
	}
}

// with is the package with one file in another way; nil: without it.
func with(pkg fstest.MapFS, name string, b []byte) fstest.MapFS {
	other := maps.Clone(pkg)
	if other[name] = (&fstest.MapFile{Data: b, Mode: 0o600}); b == nil {
		delete(other, name)
	}
	return other
}

// about tells whether a finding that is bad names a file, or the folder of the diary for one of its files. Where the sums
// were changed, it may name the file that they are of.
func about(r *evidence.Report, name string) bool {
	return slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool {
		return f.Bad && (f.File == name || f.File != "" && strings.HasPrefix(name, f.File+"/") || name == "SHA256SUMS.txt" && f.File != "")
	})
}

// Any byte that is changed, in any file, is found, and the file is named. Each seventh is tried, with VARUH_LONG each bit
// of each.
func TestEachByte(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	if r := verified(t, pkg, c.Knowing()); !r.Good() {
		t.Fatalf("%+v", r)
	}
	type change struct {
		name    string
		at, bit int
	}
	changes := make(chan change)
	var tried, failed atomic.Int64
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for x := range changes {
				b := slices.Clone(pkg[x.name].Data)
				b[x.at] ^= 1 << x.bit
				r, err := evidence.Verify(t.Context(), with(pkg, x.name, b), c.Knowing())
				if tried.Add(1); (err != nil || !r.Bad() || r.Good() || !about(r, x.name)) && failed.Add(1) < 20 {
					t.Errorf("%s, bit %d of byte %d: %v, %+v", x.name, x.bit, x.at, err, r)
				}
			}
		})
	}
	long := os.Getenv("VARUH_LONG") != ""
	for name, f := range pkg {
		for n := range 8 * len(f.Data) {
			if at, bit := n/8, n%8; long || n%57 == 0 {
				changes <- change{name, at, bit}
			}
		}
	}
	close(changes)
	running.Wait()
	if tried.Load() < 200 {
		t.Errorf("only %d changes in %d files were tried", tried.Load(), len(pkg))
	}
}
