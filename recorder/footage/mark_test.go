package footage

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func wantMark(t *testing.T, ix *Index, want string) {
	t.Helper()
	got, err := ix.Mark()
	if err != nil || string(got) != want || (got == nil) != (want == "") {
		t.Errorf("the mark is %q, %v; want %q", got, err, want)
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	wantMark(t, ix, "")
	ok(t, ix.SetMark(t.Context(), []byte("one")))
	ok(t, ix.SetMark(t.Context(), []byte("two")))
	wantMark(t, ix, "two")
	ok(t, ix.SetMark(t.Context(), bytes.Repeat([]byte("x"), MaxMark)))
	if err := ix.SetMark(t.Context(), make([]byte, MaxMark+1)); err == nil {
		t.Error("a mark that is too large was taken")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ix.SetMark(ended, []byte("three")); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
	wantMark(t, ix, string(bytes.Repeat([]byte("x"), MaxMark)))
}

// A rebuilt index does not claim to remember anything.
func TestRebuildHasNoMark(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "footage.db")
	_, err := Rebuild(t.Context(), nil, path, nil)
	ok(t, err)
	ix, err := Open(path)
	ok(t, err)
	ok(t, ix.SetMark(t.Context(), []byte("one")))
	ok(t, ix.Close())
	_, err = Rebuild(t.Context(), nil, path, nil)
	ok(t, err)
	wantMark(t, open(t, path), "")
}

// The log is cut wherever a loss of power can cut it: the mark is the old one or the new one, and once
// SetMark has returned it is the new one.
func TestCrashInSetMark(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	ok(t, ix.SetMark(t.Context(), []byte("before")))
	durable, err := os.Stat(ix.path + "-wal")
	ok(t, err)
	ok(t, ix.SetMark(t.Context(), []byte("afterwards")))
	index, err := os.ReadFile(ix.path)
	ok(t, err)
	log, err := os.ReadFile(ix.path + "-wal")
	ok(t, err)
	if int64(len(log)) <= durable.Size() {
		t.Fatal("nothing was written")
	}
	for size := int(durable.Size()); size <= len(log); size += 8 {
		path := filepath.Join(t.TempDir(), "footage.db")
		ok(t, os.WriteFile(path, index, 0o600))
		ok(t, os.WriteFile(path+"-wal", log[:size], 0o600))
		after, err := Open(path)
		ok(t, err)
		want := "before"
		if size == len(log) {
			want = "afterwards"
		}
		wantMark(t, after, want)
		ok(t, after.Close())
	}
}
