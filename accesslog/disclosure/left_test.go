package disclosure

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

// setsLeft is the change of an entry by which a request knows of deliveries.
func setsLeft(t testing.TB, id string, list []Departure) diary.Change {
	return func(tx *sql.Tx) error { return SetLeft(t.Context(), tx, id, list) }
}

// leaves enters a delivery of a request, as whoever delivers does; one that gave nothing takes it back.
func (r *rig) leaves(t testing.TB, id string, gave bool) (entry int64) {
	t.Helper()
	op := map[bool]string{true: "handover", false: "handover.end"}[gave]
	_, err := r.d.Diary.Append(t.Context(), diary.Entry{Op: op}, func(tx *sql.Tx) (err error) {
		var list []Departure
		if entry, err = diary.Next(t.Context(), tx); err != nil {
			return err
		}
		if gave {
			q, err := Inside(t.Context(), tx, id)
			if err != nil {
				return err
			}
			list = []Departure{{Left{entry, r.now, q.Package}, q.Delivered}}
		}
		return SetLeft(t.Context(), tx, id, list)
	})
	must(t, err)
	return entry
}

// A request of which something has left is refused no more while its package is there, and is in the register from the first
// delivery on; one that gave nothing leaves it as it was.
func TestLeft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Built)
	entry := r.leaves(t, q.ID, true)
	if err := r.do(t, Refuse, q); !errors.Is(err, ErrLeft) {
		t.Errorf("refused: %v", err)
	}
	list, err := r.Disclosed(t.Context(), noon, noon.Add(time.Hour))
	must(t, err)
	if len(list) != 1 || list[0].Entry != entry || list[0].Handover != 0 || list[0].Manifest != r.request(t, q.ID).Package {
		t.Errorf("%+v", list)
	}
	r.restart(t)
	if got := r.request(t, q.ID).Left; got.Delivery != entry || !got.At.Equal(noon) {
		t.Errorf("after a restart: %+v", got)
	}
	r.leaves(t, q.ID, false)
	if list, err := r.Disclosed(t.Context(), noon, noon.Add(time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("it gave nothing: %+v, %v", list, err)
	}
	must(t, r.do(t, Refuse, q))
}

// Whoever refuses while a delivery begins comes too late: it is looked at inside the transaction.
func TestLeftMeanwhile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Built)
	r.d.fails = func(string) (before, after error) {
		r.d.fails = nil
		r.leaves(t, q.ID, true)
		return nil, nil
	}
	if err := r.do(t, Refuse, q); !errors.Is(err, ErrLeft) {
		t.Errorf("%v", err)
	}
	if got := r.request(t, q.ID); got.State != Built {
		t.Errorf("it is %s", got.State)
	}
}

// What left of a package that is gone stays in the register, though the request is refused then.
func TestLeftThenRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Built)
	entry := r.leaves(t, q.ID, true)
	must(t, r.do(t, Expire, q))
	must(t, r.do(t, Refuse, q))
	list, err := r.Disclosed(t.Context(), noon, noon.Add(time.Hour))
	must(t, err)
	if len(list) != 1 || list[0].Entry != entry || list[0].Manifest != scan || len(list[0].Footage) == 0 {
		t.Errorf("%+v", list)
	}
	if marks, err := r.Marks(t.Context(), list[0].Footage[0].Camera, list[0].Footage[0].From, list[0].Footage[0].To); err != nil || len(marks) != 1 || marks[0].Entry != entry {
		t.Errorf("marks %+v, %v", marks, err)
	}
}
