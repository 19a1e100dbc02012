package footage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCrash cuts the log at every page of the last commit, as a loss of power can: what Begin had
// returned before is there, and the row that was being written is there whole or not at all.
func TestCrash(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	first, last := begun(recorded("yard", "main", noon)), begun(recorded("gate", "main", noon.Add(time.Minute)))
	ok(t, ix.Begin(first))
	durable, err := os.Stat(ix.path + "-wal")
	ok(t, err)
	ok(t, ix.Begin(last))
	index, err := os.ReadFile(ix.path)
	ok(t, err)
	log, err := os.ReadFile(ix.path + "-wal")
	ok(t, err)

	for size := int(durable.Size()); size <= len(log); size += 512 {
		path := filepath.Join(t.TempDir(), "footage.db")
		ok(t, os.WriteFile(path, index, 0o600))
		ok(t, os.WriteFile(path+"-wal", log[:size], 0o600))
		after := open(t, path)
		wantSegment(t, after, first)
		got, err := after.Get(last.ID)
		if size == len(log) {
			wantSegment(t, after, last)
		} else if !errors.Is(err, ErrUnknown) && (err != nil || got != last) {
			t.Errorf("cut at %d of %d: %+v, %v", size, len(log), got, err)
		}
		if problems, err := after.integrity(); err != nil || len(problems) > 0 {
			t.Errorf("cut at %d of %d: %v, %v", size, len(log), problems, err)
		}
	}
}
