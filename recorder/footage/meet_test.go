package footage

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// second is another disk of the same appliance. What is recorded on it gets no row.
func (a *archive) second(dir string) *archive {
	a.t.Helper()
	b := &archive{t: a.t, disk: a.disk, ix: emptyIndex(a.t), owner: a.owner, store: Store{ID: keyring.ID{7}, Dir: dir}}
	for _, keys := range []string{"/state/" + filepath.Base(dir), dir + "/keys"} {
		ok(a.t, durable.MkdirAll(a.disk, keys, 0o700))
	}
	var err error
	b.store.Ring, err = keyring.Open(a.disk, "/state/"+filepath.Base(dir), dir+"/keys", b.store.ID, []keyring.PublicKey{a.owner.Public()})
	ok(a.t, err)
	return b
}

// TestDiskComesBack: an index that was made anew while one of two disks was away gets the rows of that
// disk once it is back, those that it would have had; and only then, and only once.
func TestDiskComesBack(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	away := a.second("/away")
	away.record("yard", "main", noon.Add(time.Hour))
	_, w := away.begin(away.header("shed", "main", noon.Add(2*time.Hour)))
	ok(t, w.Sync())
	path := filepath.Join(t.TempDir(), "footage.db")
	for _, step := range []struct {
		name   string
		stores []Store
		rows   int // -1: nothing is read
		anew   bool
	}{
		{"made anew without the disk", []Store{a.store}, 4, true},
		{"still away", []Store{a.store}, -1, false},
		{"back", []Store{a.store, away.store}, 2, false},
		{"a start later", []Store{a.store, away.store}, -1, false},
		{"away again", []Store{a.store}, -1, false},
		{"back again", []Store{away.store, a.store}, -1, false},
	} {
		ix, report, err := OpenOrRebuild(t.Context(), a.disk, path, step.stores)
		ok(t, err)
		if (report == nil) != (step.rows < 0) || report != nil && (report.Segments != step.rows || report.Anew != step.anew) {
			t.Errorf("%s: %+v", step.name, report)
		}
		ok(t, ix.Close())
	}
	whole := filepath.Join(t.TempDir(), "footage.db")
	_, err := Rebuild(t.Context(), a.disk, whole, []Store{a.store, away.store})
	ok(t, err)
	if got, want := dump(t, open(t, path)), dump(t, open(t, whole)); !reflect.DeepEqual(got, want) {
		t.Errorf("rows:\n%v\nwant:\n%v", got, want)
	}
}

// TestNewDiskUnreadable: a disk that is new to the index and can't be listed keeps nobody from recording.
// It is said, and tried again with each start until it works.
func TestNewDiskUnreadable(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	path := a.ix.path
	ok(t, a.ix.Close())
	bad := a.store
	bad.Dir = "/elsewhere"
	for range 2 {
		ix, report, err := OpenOrRebuild(t.Context(), a.disk, path, []Store{bad})
		ok(t, err)
		wants(t, report.Findings, Incident, "tries again")
		ok(t, ix.Close())
	}
	ix, report, err := OpenOrRebuild(t.Context(), a.disk, path, []Store{a.store})
	ok(t, err)
	if report == nil || report.Segments != len(a.list) {
		t.Errorf("readable again: %+v", report)
	}
	ok(t, ix.Close())
}
