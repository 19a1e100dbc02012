package diary

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// blobs reads one column of bytes.
func blobs(t *testing.T, d *Diary, query string) (list [][]byte) {
	t.Helper()
	rows, err := d.read.Query(query)
	must(t, err)
	for rows.Next() {
		var b []byte
		must(t, rows.Scan(&b))
		list = append(list, bytes.Clone(b))
	}
	must(t, errors.Join(rows.Err(), rows.Close()))
	return list
}

// canaries are bytes of every entry below 41 that must not be left: of its leaf, its body, its manifest,
// and the boxes of its content key.
func (r *rig) canaries(t *testing.T, d *Diary) (list [][]byte) {
	t.Helper()
	for _, b := range blobs(t, d, `SELECT body FROM diary_bodies WHERE i < 41`) {
		list = append(list, b[:48], b[len(b)-32:])
	}
	for _, b := range blobs(t, d, `SELECT manifest FROM diary_bodies WHERE i < 41 AND manifest IS NOT NULL`) {
		list = append(list, b[len(b)-32:])
	}
	list = append(list, blobs(t, d, `SELECT box FROM diary_sealed JOIN diary_keys ON key = id WHERE year = 2026`)...)
	for _, b := range blobs(t, d, `SELECT leaf FROM diary_leaves WHERE i < 41`) {
		list = append(list, b[9:50]) // the body's hash
	}
	return list
}

// find counts the canaries that are in the files of the database.
func find(t *testing.T, path string, canaries [][]byte) (found int) {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal", "-shm"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil && (suffix == "" || !errors.Is(err, os.ErrNotExist)) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	for _, c := range canaries {
		if bytes.Contains(all, c) {
			found++
		}
	}
	return found
}

// Not a byte of what was pruned is left in the database, its WAL or the WAL's index, whoever reads meanwhile.
func TestPrunedIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	path := r.options().Path
	appendAll(t, d, 20)
	_, err := d.Append(t.Context(), Entry{Op: "collect", Manifest: []byte(`{"secret":"` + strings.Repeat("encrypted ", 900) + `"}`)}, nil)
	must(t, err) // as long as some pages
	clear := strings.Repeat("stored as it is ", 600)
	_, err = d.Append(t.Context(), Entry{Op: "collect", Manifest: []byte(`{"what":"` + clear + `"}`), Clear: true}, nil)
	must(t, err)
	r.years(t, d, 40)
	canaries := append(r.canaries(t, d), []byte(clear[:48]))
	if found := find(t, path, canaries); found != len(canaries) {
		t.Fatalf("%d of %d canaries are there before", found, len(canaries))
	}
	r.confirm(t, d)
	slow, err := d.read.BeginTx(t.Context(), nil)
	must(t, err)
	var n int
	must(t, slow.QueryRow(`SELECT count(*) FROM diary_leaves`).Scan(&n))
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); !errors.Is(err, errReaders) {
		t.Fatalf("while somebody reads: %v", err)
	}
	appendAll(t, d, 3) // nobody has to wait for the slow reader
	must(t, slow.Rollback())
	must(t, d.FinishPrune(t.Context()))
	after := d.Head()
	must(t, d.FinishPrune(t.Context())) // nothing is left to do
	if h := d.Head(); h != after {
		t.Errorf("ended once more, the diary went from %+v to %+v", after, h)
	}
	if found := find(t, path, canaries); found > 0 {
		t.Errorf("%d of %d canaries are left", found, len(canaries))
	}
	if names := [][]byte{[]byte("Ana Kov"), []byte("purpose 0")}; find(t, path, names) > 0 {
		t.Error("a name is on disk unencrypted")
	}
}

// endState is what a prune leaves, but for what is random in each.
func (r *rig) endState(t *testing.T, d *Diary) string {
	t.Helper()
	var b strings.Builder
	for _, query := range []string{
		`SELECT cut FROM diary_head`, `SELECT count(*) FROM diary_prune`,
		`SELECT group_concat(i) FROM diary_leaves WHERE i < (SELECT cut FROM diary_head)`,
		`SELECT group_concat(i) FROM diary_bodies WHERE i < (SELECT cut FROM diary_head)`,
		`SELECT count(*) FROM diary_hashes WHERE id < 40`,
		`SELECT count(*) FROM diary_keys WHERE id NOT IN (SELECT key FROM diary_bodies)`,
		`SELECT count(*) FROM diary_sealed WHERE key NOT IN (SELECT id FROM diary_keys)`,
		`SELECT group_concat(size) FROM diary_released WHERE size < (SELECT max(i) FROM diary_years)`, // verifying adds one
	} {
		var value any
		must(t, d.read.QueryRow(query).Scan(&value))
		fmt.Fprintf(&b, "%s: %v\n", query, value)
	}
	return b.String()
}

// image is what lies on the disk, byte for byte, as at a loss of power that keeps all.
func (r *rig) image(t *testing.T) *rig {
	t.Helper()
	to := &rig{dir: t.TempDir(), reading: r.reading, recovery: r.recovery}
	to.clock.Store(r.clock.Load())
	must(t, os.Mkdir(filepath.Join(to.dir, "keys"), 0o700))
	for _, name := range []string{"varuh.db", "varuh.db-wal", filepath.Join("keys", signingFile), filepath.Join("keys", noteFile)} {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to.dir, name), b, 0o600))
	}
	return to
}

// At every step of a prune the disk is put aside as a loss of power would leave it. Each start from it comes to
// the same end: once the prune was decided, by the start alone; before, by the next prune.
func TestPruneCrashes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 8)
	if _, err := d.Pin(t.Context(), "hold 1", []int64{3, 5}, keyring.Identity{r.reading}, proof.Body{Actor: ana()}, nil); err != nil {
		t.Fatal(err)
	}
	held, _ := r.years(t, d, 30)
	canaries := r.canaries(t, d)
	pinned := blobs(t, d, `SELECT leaf FROM diary_leaves WHERE i IN (3, 5)`)
	canaries = slices.DeleteFunc(canaries, func(c []byte) bool { // held entries stay
		return slices.ContainsFunc(pinned, func(leaf []byte) bool { return bytes.Contains(leaf, c) }) || slices.ContainsFunc(
			blobs(t, d, `SELECT body FROM diary_bodies WHERE i IN (3, 5) UNION ALL SELECT box FROM diary_sealed JOIN diary_keys ON key = id WHERE pin IS NOT NULL`),
			func(b []byte) bool { return bytes.Contains(b, c) })
	})
	r.confirm(t, d)
	var mu sync.Mutex
	var steps []string
	var images []*rig
	d.step = func(name string) error { // in the writer's goroutine, which nothing else changes the files beside
		mu.Lock()
		defer mu.Unlock()
		steps, images = append(steps, name), append(images, r.image(t))
		return nil
	}
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	steps, images = append(steps, "the end"), append(images, r.image(t))
	mu.Unlock()
	want := r.endState(t, d)
	cut := d.Head().Cut
	for _, step := range []string{"entered", "commit", "committed", "cut", "empty", "emptied"} {
		if !slices.Contains(steps, step) {
			t.Errorf("no step %s among %v", step, steps)
		}
	}
	for n, at := range images {
		t.Run(fmt.Sprint(n, " ", steps[n]), func(t *testing.T) {
			d := at.open(t)
			if report := at.verify(t, d, held...); report.Intact.State != proof.Yes || report.Complete.State != proof.Yes {
				t.Errorf("at the start: %+v", report)
			}
			must(t, d.FinishPrune(t.Context()))
			if d.Head().Cut == 0 {
				if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
					t.Fatal(err)
				}
			}
			must(t, d.FinishPrune(t.Context()))
			if got := at.endState(t, d); got != want {
				t.Errorf("it came to\n%s, want\n%s", got, want)
			}
			report := at.verify(t, d, held...)
			if report.Intact.State != proof.Yes || report.Complete.State != proof.Yes || hasFinding(report, proof.CodePrunedEarly) || d.Fault() != nil || d.Head().Cut != cut {
				t.Errorf("in the end: %+v, %v", report, d.Fault())
			}
			for _, i := range []int64{3, 5} {
				if _, _, err := d.Opener(keyring.Identity{at.reading}).Open(t.Context(), i); err != nil {
					t.Errorf("held entry %d: %v", i, err)
				}
			}
			if found := find(t, at.options().Path, canaries); found > 0 {
				t.Errorf("%d of %d canaries are left", found, len(canaries))
			}
		})
	}
}

// Whatever step of a prune fails, the error says so, and the prune is ended later.
func TestPruneCutShort(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]faults{
		"the digest":             {"commit", 1},
		"the entry":              {"commit", 2},
		"the entry, but written": {"committed", 2},
		"the cut":                {"cut", 1},
		"the cut's commit":       {"commit", 3},
		"the cut, but done":      {"committed", 3},
		"the WAL":                {"empty", 1},
		"the WAL, but empty":     {"emptied", 1},
		"the end":                {"commit", 4},
		"the end, but done":      {"committed", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			held, _ := r.years(t, d, 10)
			r.confirm(t, d)
			p := Pruning{Years: 2}
			d.step = at.step
			if _, err := d.Prune(t.Context(), p); !errors.Is(err, errInjected) {
				t.Fatal(err)
			}
			if report := r.verify(t, d, held...); report.Intact.State != proof.Yes || report.Complete.State != proof.Yes {
				t.Errorf("before it went on: %+v", report)
			}
			shut(t, d)
			d = r.open(t)
			must(t, d.FinishPrune(t.Context()))
			if d.Head().Cut == 0 {
				if _, err := d.Prune(t.Context(), p); err != nil {
					t.Error(err)
				}
			}
			if report := r.verify(t, d, held...); report.Intact.State != proof.Yes || report.Complete.State != proof.Yes || d.Head().Cut != 12 {
				t.Errorf("in the end: cut at %d, %+v", d.Head().Cut, report)
			}
		})
	}
}
