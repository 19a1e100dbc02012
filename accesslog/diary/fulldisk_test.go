package diary

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// On a real disk that fills up under 64 writers, wherever in a commit that happens: what was acknowledged stays,
// what was refused is not there, rows and entries agree, and with room again the diary goes on.
func TestRealDiskFull(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.dir = filepath.Join(durabletest.Image(t, 24), "diary")
	must(t, os.MkdirAll(filepath.Join(r.dir, "keys"), 0o700))
	d := r.create(t)
	for round := range 4 {
		empty := durabletest.Fill(t, filepath.Dir(r.dir))
		if round%2 == 1 { // now the disk is full at once, now after some commits
			empty()
			must(t, os.WriteFile(filepath.Join(r.dir, "room"), make([]byte, (100+40*round)<<10), 0o600))
			again := durabletest.Fill(t, filepath.Dir(r.dir))
			must(t, os.Remove(filepath.Join(r.dir, "room")))
			empty = again
		}
		acknowledged, refused := writeUntilFull(t, d)
		empty()
		if _, err := d.Append(t.Context(), viewing(1), nil); err != nil {
			t.Fatalf("round %d, with room again: %v", round, err)
		}
		t.Logf("round %d: %d entries went in, then the disk was full", round, len(acknowledged))
		r.checkFull(t, d, acknowledged, refused)
		if round == 2 { // a start goes on from there, too
			shut(t, d)
			d = r.open(t)
			r.checkFull(t, d, acknowledged, refused)
		}
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// writeUntilFull has 64 writers append until each was refused. refused are the purposes and persons of entries that
// were certainly not written.
func writeUntilFull(t *testing.T, d *Diary) (acknowledged []Receipt, refused map[string]bool) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	refused = map[string]bool{}
	begun := d.Head().Size
	for w := range 64 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e, change := step(w)
				what := fmt.Sprintf("%d %d %d", begun, w, i)
				e.Body.Purpose = what
				got, err := d.Append(t.Context(), e, change)
				mu.Lock()
				if err == nil {
					acknowledged = append(acknowledged, got)
				} else if !errors.Is(err, ErrUncertain) {
					refused[what] = true
				}
				mu.Unlock()
				if err != nil {
					if !noDisk(err) {
						t.Errorf("the disk is full, and the error is %v", err)
					}
					return
				}
			}
		})
	}
	wg.Wait()
	return acknowledged, refused
}

// checkFull looks for what was acknowledged, and for what was refused.
func (r *rig) checkFull(t *testing.T, d *Diary, acknowledged []Receipt, refused map[string]bool) {
	t.Helper()
	for _, a := range acknowledged {
		raw, _, err := readLeaf(t.Context(), d.read, d.Head(), a.Index)
		if err != nil || proof.HashLeaf(raw) != a.Leaf {
			t.Errorf("acknowledged entry %d: %v", a.Index, err)
		}
	}
	opener := d.Opener(keyring.Identity{r.reading})
	for e, err := range d.Entries(t.Context(), 0, 1<<40) {
		must(t, err)
		raw, _, err := opener.Open(t.Context(), e.Index)
		must(t, err)
		body, err := proof.ParseBody(raw)
		must(t, err)
		if refused[body.Purpose] {
			t.Errorf("entry %d was refused, and is there", e.Index)
		}
	}
	r.checkRows(t, d)
}
