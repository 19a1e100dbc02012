package diary

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

var errInjected = errors.New("injected")

// faults fails the n-th step of a name, once.
type faults struct {
	name string
	n    int
}

func (f *faults) step(name string) error {
	if name != f.name {
		return nil
	}
	f.n--
	if f.n == 0 {
		return errInjected
	}
	return nil
}

// Whatever step of a commit fails, and whether it failed in truth or only said so: what was acknowledged
// is there once, what was refused is not, and the diary goes on.
func TestFailedSteps(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		at        faults
		uncertain bool // the error must leave open whether it was written
	}{
		"while entering":     {faults{"entered", 3}, false},
		"before the commit":  {faults{"commit", 2}, false},
		"commit, but failed": {faults{"committed", 2}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			at := tt.at
			d.step = at.step // the writer sees it by the first request
			written := map[string]bool{}
			for i := range 6 {
				id := fmt.Sprint(i)
				e, change := person(id)
				_, err := d.Append(t.Context(), e, change)
				if err != nil && (!errors.Is(err, errInjected) || errors.Is(err, ErrUncertain) != tt.uncertain) {
					t.Errorf("entry %d: %v", i, err)
				}
				written[id] = err == nil || tt.uncertain
			}
			if at.n > 0 {
				t.Error("nothing failed")
			}
			r.checkPeople(t, d, written)
			shut(t, d)
			r.checkPeople(t, r.open(t), written)
		})
	}
}

// checkPeople compares the entries with the rows that they are about, and has the whole verified.
func (r *rig) checkPeople(t *testing.T, d *Diary, want map[string]bool) {
	t.Helper()
	opener := d.Opener(keyring.Identity{r.reading})
	said := map[string]int{}
	for e, err := range d.Entries(t.Context(), 0, 1<<40) {
		must(t, err)
		if e.Op != "person.add" {
			continue
		}
		raw, _, err := opener.Open(t.Context(), e.Index)
		must(t, err)
		body, err := proof.ParseBody(raw)
		must(t, err)
		id := body.Data["id"].(string)
		said[id]++
		var there bool
		must(t, d.read.QueryRow(`SELECT EXISTS (SELECT 1 FROM people WHERE id = ?)`, id).Scan(&there))
		if !there || said[id] > 1 {
			t.Errorf("person %s has %d entries, and a row: %v", id, said[id], there)
		}
	}
	for id, written := range want {
		if written && said[id] == 0 || !written && said[id] > 0 {
			t.Errorf("person %s was acknowledged: %v, and has %d entries", id, written, said[id])
		}
	}
	var rows int
	must(t, d.read.QueryRow(`SELECT count(*) FROM people`).Scan(&rows))
	if rows != len(said) || d.Fault() != nil {
		t.Errorf("%d persons, %d entries about them, fault %v", rows, len(said), d.Fault())
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// A full disk in the middle of a commit refuses the entry; with room, the diary goes on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	var pages int
	must(t, d.w.db.QueryRow("PRAGMA page_count").Scan(&pages))
	var limit int
	must(t, d.w.db.QueryRow(fmt.Sprintf("PRAGMA max_page_count = %d", pages+2)).Scan(&limit))
	big := Entry{Op: "erase.start", Manifest: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}
	if _, err := d.Append(t.Context(), big, nil); err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("on a full disk: %v", err)
	}
	must(t, d.w.db.QueryRow("PRAGMA max_page_count = 1000000").Scan(&limit))
	got, err := d.Append(t.Context(), big, nil)
	if err != nil || got.Index != 4 {
		t.Errorf("with room again: %+v, %v", got, err)
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// Whoever opened the diary is told how each commit ends, whoever asked for it, and nothing where nothing was
// to be committed.
func TestWrote(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	var said []error
	o := r.options()
	o.Wrote = func(err error) { said = append(said, err) }
	d, err := Open(t.Context(), o)
	must(t, err)
	at := faults{"commit", 2}
	d.step = at.step
	full := func(*sql.Tx) error {
		return fmt.Errorf("couldn't add a person: %w", sqlite3.Error{Code: sqlite3.ErrFull})
	}
	taken := func(*sql.Tx) error { return errors.New("there is such a person") }
	for _, change := range []Change{nil, nil, nil, full, taken} {
		e, _ := person("1")
		_, err := d.Append(t.Context(), e, change)
		said = append(said, err)
	}
	shut(t, d)
	for i, want := range []string{"", "", "injected", "injected", "", "", "the disk is full", "the disk is full", "there is such a person"} {
		if i >= len(said) || (said[i] == nil) != (want == "") || want != "" && !strings.Contains(said[i].Error(), want) {
			t.Fatalf("it said %q, and number %d should be %q", said, i, want)
		}
	}
}

// An entry whose commit failed, or only said so, any number of times in a row and whoever wrote others meanwhile, is
// written once.
func TestUncertainEntryIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"entered", "commit", "committed"} {
		for times := 1; times <= 3; times++ {
			r := newRig(t)
			d := r.create(t)
			var fails atomic.Int64
			fails.Store(int64(times))
			d.step = func(name string) error {
				if name == step && fails.Add(-1) >= 0 {
					return errInjected
				}
				return nil
			}
			w, err := d.Draft(Entry{Op: "collect"})
			must(t, err)
			var got Receipt
			for err = errInjected; err != nil; {
				other, err2 := d.Draft(Entry{Op: "lock"})
				must(t, err2)
				both := []*request{w.r, other.r}
				for _, q := range both {
					q.err, q.done = nil, make(chan struct{})
				}
				d.mu.Lock() // both go into one batch
				d.queue = append(d.queue, both...)
				d.rouse()
				d.mu.Unlock()
				<-w.r.done
				<-other.r.done
				if got, err = w.r.receipt, w.r.err; err != nil && !errors.Is(err, errInjected) {
					t.Fatal(err)
				}
			}
			var all []int64
			for e, err := range d.Entries(t.Context(), 0, 1<<40) {
				must(t, err)
				if e.Op == "collect" {
					all = append(all, e.Index)
				}
			}
			if len(all) != 1 || all[0] != got.Index || got.Size <= got.Index {
				t.Errorf("%s failed %d times: entries %d for one, the receipt says %+v", step, times, all, got)
			}
			if again, err := d.Enter(t.Context(), w); step == "committed" && (err != nil || again.Index != got.Index) {
				t.Errorf("once more: %+v, %v", again, err)
			}
		}
	}
}

// Where a change of the signing key is cut short, the next start ends it, and there is never a diary that
// nobody can sign.
func TestRotationCutShort(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"commit", "committed"} {
		r := newRig(t)
		d := r.create(t)
		at := faults{step, 1}
		d.step = at.step
		if _, err := d.RotateSigningKey(t.Context(), proof.Body{}, "yearly"); !errors.Is(err, errInjected) {
			t.Fatal(err)
		}
		shut(t, d)
		d = r.open(t)
		appendAll(t, d, 1)
		if report := r.verify(t, d); report.Intact.State != proof.Yes {
			t.Errorf("%s: %+v", step, report)
		}
		if _, err := os.Stat(filepath.Join(r.dir, "keys", signingFile+nextSuffix)); step == "committed" && err == nil {
			t.Errorf("%s: the change was not ended", step)
		}
	}
}
