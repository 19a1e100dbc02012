package notice

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

// row is a version as the model knows it, in hours.
type row struct {
	id       string
	purposes []string
	from, to int // to -1: none
}

// model walks through the hours, one after the other: what begins, goes on until something else begins or it ends.
type model []row

func (m model) at(hour int) *row {
	var current *row
	for h := 0; h <= hour; h++ {
		for _, v := range m { // where one was ended the sign was taken down
			if v.to == h {
				current = nil
			}
		}
		for i := range m { // as they were entered
			if m[i].from == h {
				current = &m[i]
			}
		}
	}
	return current
}

// what the model allows in an hour, without the law.
func (m model) purposes(hour int) []string {
	if r := m.at(hour); r != nil {
		return r.purposes
	}
	return nil
}

const hours = 30

// A random history of notices that begin, end, overlap, are withdrawn and entered later is as the model has it.
func TestRandomHistory(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 5))
			r := newRig(t)
			start := noon.Add(-hours / 2 * time.Hour)
			hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
			var m model
			for range 25 {
				if random.IntN(3) > 0 || len(m) == 0 {
					v := row{from: random.IntN(hours), to: -1}
					for i := range 4 {
						if random.IntN(2) == 0 {
							v.purposes = append(v.purposes, fmt.Sprint("p", i))
						}
					}
					v.id = r.add(t, hall(hour(v.from)).with(v.purposes...)).ID
					m = append(m, v)
					continue
				}
				m = endSome(t, r, m, random.IntN(len(m)), random.IntN(hours+1), hour)
			}
			compare(t, r, m, hour)
			for range 20 {
				from := random.IntN(hours)
				to := from + 1 + random.IntN(hours-from)
				comparePurposes(t, r, m, from, to, hour)
			}
		})
	}
}

// endSome ends a version in register and model, or sees both refuse it.
func endSome(t *testing.T, r *rig, m model, i, at int, hour func(int) time.Time) model {
	t.Helper()
	v := &m[i]
	withdraw := at == v.from && hour(v.from).After(noon)
	before, then := m.at(at-1), m.at(at)
	may := withdraw || at > 0 && before != nil && then != nil && before.id == v.id && then.id == v.id
	_, err := r.End(t.Context(), Ended{Notice: v.id, Cameras: []string{"hall"}, At: hour(at), Reason: "test", By: head()})
	if may != (err == nil) || err != nil && !errors.Is(err, ErrNotInForce) {
		t.Fatalf("ending %+v at %d: %v", *v, at, err)
	}
	switch {
	case withdraw:
		m = slices.Delete(m, i, i+1)
	case may:
		v.to = at
	}
	return m
}

func compare(t *testing.T, r *rig, m model, hour func(int) time.Time) {
	t.Helper()
	for h := range hours {
		want := ""
		if v := m.at(h); v != nil {
			want = v.id
		}
		for _, at := range []time.Time{hour(h), hour(h + 1).Add(-time.Nanosecond)} {
			if got := r.at(t, "hall", at); got != want {
				t.Errorf("hour %d: %q, want %q", h, got, want)
			}
		}
	}
}

func comparePurposes(t *testing.T, r *rig, m model, from, to int, hour func(int) time.Time) {
	t.Helper()
	var want []string
	for _, p := range m.purposes(from) {
		all := true
		for h := from; h < to; h++ {
			all = all && slices.Contains(m.purposes(h), p)
		}
		if all {
			want = append(want, p)
		}
	}
	list, err := r.Purposes(t.Context(), "hall", hour(from), hour(to))
	must(t, err)
	got := ids(slices.DeleteFunc(list, Purpose.Statutory))
	if !slices.Equal(got, want) {
		t.Errorf("%d to %d: %v, want %v", from, to, got, want)
	}
	cut, err := r.Spans(t.Context(), "hall", hour(from), hour(to))
	must(t, err)
	end := hour(from)
	for _, s := range cut {
		if !s.From.Equal(end) || !s.To.After(s.From) {
			t.Errorf("%d to %d: a span %v to %v behind %v", from, to, s.From, s.To, end)
		}
		end = s.To
	}
	if !end.Equal(hour(to)) {
		t.Errorf("%d to %d: the spans end at %v", from, to, end)
	}
}

// TestRestarted opens the diary again: the state is the one it knows, and what was in force is.
func TestRestarted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	added := r.add(t, hall(time.Time{}))
	must(t, r.d.Close())
	var err error
	r.d, err = diary.Open(t.Context(), r.options())
	must(t, err)
	if f := r.d.Fault(); f != nil {
		t.Fatal(f)
	}
	r.Register = r.register(t)
	if r.at(t, "hall", noon) != added.ID {
		t.Error("it is not in force after a restart")
	}
}

// TestBackdated moves a notice back behind the diary's back: the state is not the one it knows.
func TestBackdated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add(t, hall(time.Time{}))
	must(t, r.d.Close())
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	_, err = db.Exec(`UPDATE notice_cameras SET "from" = 1`)
	must(t, errors.Join(err, db.Close()))
	r.d, err = diary.Open(t.Context(), r.options())
	must(t, err)
	if f := r.d.Fault(); f == nil || f.Kind != diary.FaultState || f.By != "notice_cameras" {
		t.Errorf("a notice that was moved back in the database: %v", f)
	}
}

// What the door asks for before each five minutes of footage, of a camera that had ten notices.
func BenchmarkSpans(b *testing.B) {
	r := newRig(b)
	for year := range 10 {
		_, err := r.Add(b.Context(), hall(noon.AddDate(0, -year, -1)))
		must(b, err)
	}
	for b.Loop() {
		if list, err := r.Spans(b.Context(), "hall", noon, noon.Add(5*time.Minute)); err != nil || len(list) != 1 {
			b.Fatal(list, err)
		}
	}
}
