package diary

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A copy that is made while entries are written is a diary of one moment: it opens, verifies, and has the size and the
// checkpoint that were told.
func TestCopyTo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	to := filepath.Join(t.TempDir(), "varuh.db")
	must(t, os.WriteFile(to, nil, 0o600))
	stop, writing := make(chan struct{}), sync.WaitGroup{}
	begun := make(chan struct{})
	writing.Go(func() {
		for n := 0; ; n++ {
			if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); err != nil {
				t.Error(err)
				return
			}
			if n == 3 {
				close(begun)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	<-begun
	c, err := d.CopyTo(t.Context(), to)
	must(t, err)
	close(stop)
	writing.Wait()
	if c.Size < 5 || c.Size > d.Head().Size {
		t.Errorf("the copy has %d entries of %d", c.Size, d.Head().Size)
	}
	o := r.options()
	o.Path, o.Keys = to, filepath.Dir(to)
	for _, name := range []string{"diary.key"} {
		b, err := os.ReadFile(filepath.Join(r.dir, "keys", name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(o.Keys, name), b, 0o600))
	}
	must(t, os.WriteFile(filepath.Join(o.Keys, noteFile), c.Checkpoint, 0o600))
	back, err := Open(t.Context(), o)
	must(t, err)
	if back.Head().Size != c.Size || !bytes.Equal(back.LastCheckpoint(), c.Checkpoint) || back.Fault() != nil {
		t.Errorf("the copy opens with %d entries, fault %v", back.Head().Size, back.Fault())
	}
	must(t, back.Close())
	if _, err := d.CopyTo(t.Context(), filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("a copy into a folder that is not there")
	}
}
