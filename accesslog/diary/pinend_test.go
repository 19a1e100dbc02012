package diary

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
)

// unpin ends a pin with an entry that ends a hold.
func unpin(t *testing.T, d *Diary, name string, until time.Time) {
	t.Helper()
	_, err := d.Append(t.Context(), Entry{Op: "hold.clear", Body: proof.Body{Actor: ana()}},
		func(tx *sql.Tx) error { return EndPin(t.Context(), tx, name, until) })
	must(t, err)
}

// pinned are the entries of a pin.
func pinned(t *testing.T, d *Diary, name string) []int64 {
	t.Helper()
	list, err := indexes(t.Context(), d.read, `SELECT i FROM diary_pinned JOIN diary_pins ON pin = id WHERE name = ? ORDER BY i`, name)
	must(t, err)
	return list
}

// readable are those of entries that open.
func (r *rig) readable(t *testing.T, d *Diary, entries ...int64) (list []int64) {
	t.Helper()
	for _, i := range entries {
		if _, _, err := d.Opener(r.identity()).Open(t.Context(), i); err == nil {
			list = append(list, i)
		} else if !errors.Is(err, ErrPruned) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	return list
}

// A pin grows: by entries before the cut, too, that another one has kept.
func TestPinGrows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 8)
	pin := func(name string, entries ...int64) {
		t.Helper()
		_, err := d.Pin(t.Context(), name, entries, r.identity(), proof.Body{Note: "grows"}, nil)
		must(t, err)
	}
	pin("hold 1", 3, 5)
	pin("hold 1", 5, 6)
	if got := pinned(t, d, "hold 1"); !slices.Equal(got, []int64{3, 5, 6}) {
		t.Errorf("pinned are %v", got)
	}
	r.years(t, d, 9)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	pin("hold 2", 6)
	unpin(t, d, "hold 1", time.Time{})
	must(t, d.FinishPrune(t.Context()))
	if got := r.readable(t, d, 3, 4, 5, 6); !slices.Equal(got, []int64{6}) {
		t.Errorf("readable are %v", got)
	}
	if _, err := d.Pin(t.Context(), "hold 2", []int64{3}, r.identity(), proof.Body{}, nil); !errors.Is(err, ErrPruned) {
		t.Errorf("what is gone was pinned: %v", err)
	}
	shut(t, d)
	d = r.open(t)
	if f := d.Fault(); f != nil || len(d.Complaints()) > 0 {
		t.Error(f, d.Complaints())
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// A change that comes with a pin is made with it, or not at all.
func TestPinWithAChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	_, change := person("p7")
	_, err := d.Pin(t.Context(), "hold 1", []int64{99}, r.identity(), proof.Body{}, change)
	if !errors.Is(err, ErrNoEntry) {
		t.Errorf("an entry that is not there: %v", err)
	}
	_, err = d.Pin(t.Context(), "hold 1", nil, nil, proof.Body{}, change)
	must(t, err)
	var n int
	must(t, d.read.QueryRow(`SELECT count(*) FROM people`).Scan(&n))
	if n != 1 || len(pinned(t, d, "hold 1")) != 0 {
		t.Errorf("%d changes were made", n)
	}
}

// What ends at once goes at once and leaves no byte, in the database or in its WAL; what ends later waits for the
// next prune, whatever the clock says.
func TestEndedPinsGo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 8)
	for name, i := range map[string]int64{"hold 1": 3, "restriction 1": 5} {
		_, err := d.Pin(t.Context(), name, []int64{i}, r.identity(), proof.Body{}, nil)
		must(t, err)
	}
	r.years(t, d, 9)
	r.confirm(t, d)
	_, err := d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
	var body []byte
	must(t, d.read.QueryRow(`SELECT body FROM diary_bodies WHERE i = 3`).Scan(&body))
	unpin(t, d, "hold 1", time.Time{})
	unpin(t, d, "restriction 1", d.o.Now().AddDate(2, 0, 0))
	r.at(2035, time.January, 1)
	at := faults{"emptied", 1}
	d.step = at.step
	if err := d.FinishPrune(t.Context()); !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	d.step = func(string) error { return nil }
	must(t, d.FinishPrune(t.Context()))
	if got := r.readable(t, d, 3, 5); !slices.Equal(got, []int64{5}) {
		t.Errorf("readable are %v", got)
	}
	if find(t, r.options().Path, [][]byte{body}) > 0 {
		t.Error("the body of entry 3 is still in a file")
	}
	size := d.Head().Size
	must(t, d.FinishPrune(t.Context()))
	if d.Head().Size != size {
		t.Error("nothing was left to be done, and it was entered")
	}
	shut(t, d)
	d = r.open(t)
	if f := d.Fault(); f != nil {
		t.Error(f)
	}
}

// What is held keeps a year from being shown as due, and from being pruned when it is set in between.
func TestHeldYears(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.years(t, d, 9)
	r.confirm(t, d)
	held := errors.New("it is held")
	asked := 0
	from := 1
	rule := Pruning{Years: 2, Held: func(ctx context.Context, db Reader, cut int64, at time.Time) error {
		if asked++; asked < from || cut != 11 || at.Year() != 2029 {
			return nil
		}
		return held
	}}
	years, err := d.Prunable(t.Context(), rule)
	must(t, err)
	if len(years) != 1 || !errors.Is(years[0].Lacks, held) {
		t.Fatalf("%+v", years)
	}
	for from = range 3 { // before, while it is looked for, while it is decided
		asked = 0
		if _, err := d.Prune(t.Context(), rule); !errors.Is(err, ErrNotDue) || !errors.Is(err, held) || d.Head().Cut != 0 {
			t.Errorf("held from question %d on: %v, cut at %d", from, err, d.Head().Cut)
		}
	}
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Error(err)
	}
}
