package packing

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/recorder/keyring"
)

// ops are the entries of operations that the diary has.
func (r *rig) ops(t testing.TB, ops ...string) []diary.Stored {
	t.Helper()
	list, err := r.d.EntriesOf(t.Context(), ops...)
	must(t, err)
	return list
}

// check holds what there is against the rules: each disclose is answered, only a staged package has a key and a file, and it
// is whole, and what the register says is so.
func (r *rig) check(t testing.TB) {
	t.Helper()
	answered := map[int64]bool{}
	for _, e := range r.ops(t, opStage, opFail) {
		answered[*e.Ref] = true
	}
	for _, e := range r.ops(t, opDisclose) {
		if !answered[e.Index] {
			t.Errorf("disclose %d is not answered", e.Index)
		}
	}
	list, err := r.open(t.Context())
	must(t, err)
	staged := 0
	for _, p := range list {
		if p.Stage != 0 {
			staged++
			r.verify(t, p)
		}
	}
	keys, files := r.left(t)
	if keys != staged || files != staged {
		t.Errorf("%d packages are staged, and there are %d keys and %d files", staged, keys, files)
	}
	if q := r.state(t); (q.State == disclosure.Built) != (staged == 1) && q.State != disclosure.HandedOver {
		t.Errorf("the request is %s, and %d packages are staged", q.State, staged)
	}
}

// left are the keys that still open something, and the files.
func (r *rig) left(t testing.TB) (keys, files int) {
	t.Helper()
	store := r.stores()[0]
	for slot, err := range store.Ring.All(time.Time{}) {
		must(t, err)
		if slot.State < keyring.StateErased || slot.Fault != nil {
			keys++
		}
	}
	list, err := r.disk.ReadDir(filepath.Join(store.Dir, "_sealed", "packages"))
	if !errors.Is(err, fs.ErrNotExist) {
		must(t, err)
	}
	return keys, len(list)
}

// verify verifies a package as somebody does who knows the key.
func (r *rig) verify(t testing.TB, p Package) {
	t.Helper()
	o, err := r.o.Shelf.Open(p.Place)
	must(t, err)
	defer func() { must(t, o.Close()) }()
	r.verifies(t, o)
}

func (r *rig) verifies(t testing.TB, pkg fs.FS) {
	t.Helper()
	key, err := r.d.SigningKey(t.Context())
	must(t, err)
	report, err := evidence.Verify(t.Context(), pkg, evidence.Options{Fingerprints: []string{key.Fingerprint()}})
	must(t, err)
	if report.Bad() || !report.Confirmed || len(report.Clips) != 1 {
		t.Errorf("the package: %+v", report)
	}
}
