package disclosure

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

// The register says what was given to whom, when, on what basis and for what; the timeline has a mark of what was
// delivered, and only of that.
func TestDisclosed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, HandedOver)
	r.by(t, Other, Built)
	r.by(t, Other, Refused)
	list, err := r.Disclosed(t.Context(), noon, noon.Add(time.Hour))
	must(t, err)
	if len(list) != 1 || list[0].Request != q.ID || list[0].Basis != "zkp-148" || !list[0].At.Equal(noon) || !slices.Equal(list[0].Footage, q.Wanted) ||
		list[0].Manifest != scan || list[0].Entry != q.Handover || list[0].Kind != Authority {
		t.Fatalf("disclosed: %+v", list)
	}
	for _, outside := range []time.Time{noon.Add(-time.Hour), noon.Add(1)} {
		if other, err := r.Disclosed(t.Context(), outside, outside.Add(time.Hour)); err != nil || len(other) != 0 {
			t.Errorf("disclosed from %s: %+v, %v", outside, other, err)
		}
	}
	told, err := r.Told(t.Context(), r.opener(), list[0])
	must(t, err)
	if told.Recipient != "Janez Novak" || told.Applicant.Name != "Policijska postaja Primer" || told.Case.Number != "2302-55/2026" || told.Purpose == "" || told.Medium != "USB 7" || told.By.Name != "Ana" {
		t.Errorf("told: %+v", told)
	}
	for _, c := range []struct {
		camera   string
		from, to time.Time
		want     int
	}{
		{"hall", q.Wanted[0].From, q.Wanted[0].To, 1}, {"hall", noon.AddDate(-1, 0, 0), noon, 1}, {"hall", q.Wanted[0].To, noon, 0},
		{"hall", noon.AddDate(-1, 0, 0), q.Wanted[0].From, 0}, {"yard", noon.AddDate(-1, 0, 0), noon, 0},
	} {
		marks, err := r.Marks(t.Context(), c.camera, c.from, c.to)
		if must(t, err); len(marks) != c.want || c.want == 1 && (marks[0].Request != q.ID || marks[0].Entry != q.Handover || !marks[0].From.Equal(q.Wanted[0].From)) {
			t.Errorf("marks of %s from %s: %+v", c.camera, c.from, marks)
		}
	}
}

// When entries were destroyed at the end of their term, the register says so.
func TestToldDestroyed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, HandedOver)
	for _, below := range []int64{q.Handover, q.Handover + 1} {
		told, err := r.Told(t.Context(), prunedOpener{r.opener(), below}, Disclosed{Content: q.Content, Entry: q.Handover})
		if err != nil || !told.Destroyed || told.Purpose != "" || (told.Recipient == "") != (below > q.Handover) {
			t.Errorf("told %+v, %v", told, err)
		}
	}
	if _, err := r.Told(t.Context(), r.opener(), Disclosed{Content: 99}); !errors.Is(err, diary.ErrNoEntry) {
		t.Errorf("an entry that is not there: %v", err)
	}
	if _, err := r.Told(t.Context(), r.opener(), Disclosed{Content: 0}); !errors.Is(err, errContent) {
		t.Errorf("an entry that is of no request: %v", err)
	}
}

// prunedOpener has no entry below a number any more.
type prunedOpener struct {
	Opener
	below int64
}

func (p prunedOpener) Open(ctx context.Context, i int64) (body, manifest []byte, err error) {
	if i < p.below {
		return nil, nil, diary.ErrPruned
	}
	return p.Opener.Open(ctx, i)
}

// What is due is told in order, with the days that are left, and in numbers.
func TestDue(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.AddDate(0, 0, 10)
	q := r.receive(t, complete(Authority))
	building, decision := noon.AddDate(0, 0, 7), time.Date(2026, 12, 8, 0, 0, 0, 0, r.Zone)
	for _, c := range []struct {
		now  time.Time
		want []Due
	}{
		{noon, []Due{{q.ID, q.Entry, Building, building, false, false}, {q.ID, q.Entry, Decision, decision, false, false}}},
		{building.AddDate(0, 0, -3), []Due{{q.ID, q.Entry, Building, building, true, false}, {q.ID, q.Entry, Decision, decision, false, false}}},
		{building, []Due{{q.ID, q.Entry, Building, building, false, true}, {q.ID, q.Entry, Decision, decision, false, false}}},
		{decision.Add(-1), []Due{{q.ID, q.Entry, Building, building, false, true}, {q.ID, q.Entry, Decision, decision, true, false}}},
		{decision, []Due{{q.ID, q.Entry, Building, building, false, true}, {q.ID, q.Entry, Decision, decision, false, true}}},
	} {
		r.now = c.now
		got, err := r.Due(t.Context())
		must(t, err)
		for i := range got {
			if !got[i].By.Equal(c.want[i].By) {
				t.Errorf("at %s: by %s, want %s", c.now, got[i].By, c.want[i].By)
			}
			got[i].By = c.want[i].By
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("at %s: %+v, want %+v", c.now, got, c.want)
		}
	}
	if got, err := r.DueOf(t.Context(), r.request(t, q.ID), nil); err != nil || len(got) != 2 || got[0].What != Building || got[1].What != Decision {
		t.Errorf("of one request: %+v, %v", got, err)
	}
	list, err := r.Due(t.Context())
	must(t, err)
	if got := Tallies(list); len(got) != len(Whats) || got[Decision] != (Tally{1, 0, 1}) || got[Papers] != (Tally{}) {
		t.Errorf("in numbers: %+v", got)
	}
	r.now = noon
	subject := r.receive(t, complete(Subject))
	if _, limited, err := r.BuildBy(t.Context(), subject); err != nil || limited {
		t.Errorf("a hold that passes the term leaves a limit: %v", err)
	}
	must(t, r.do(t, Withdraw, subject))
	must(t, r.do(t, Release, subject))
	delete(r.terms, "hall")
	must(t, r.do(t, Approve, q))
	if by, limited, err := r.BuildBy(t.Context(), r.request(t, q.ID)); err != nil || !limited || !by.Equal(decision) {
		t.Errorf("approved: to be built by %s, %v, %v", by, limited, err)
	}
	must(t, r.do(t, Build, q))
	if got, err := r.Due(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("due of what is built: %+v, %v", got, err)
	}
}

// A row that somebody changed, or took out, behind the diary's back is found at the start, whatever table it is of.
func TestRowTakenOut(t *testing.T) {
	t.Parallel()
	for table, change := range map[string]string{
		"requests":          `UPDATE requests SET state = 'approved' WHERE state = 'refused'`,
		"request_wanted":    `DELETE FROM request_wanted WHERE rowid IN (SELECT max(rowid) FROM request_wanted)`,
		"request_holds":     `DELETE FROM request_holds`,
		"request_entrants":  `DELETE FROM request_entrants`,
		"request_delivered": `DELETE FROM request_delivered`,
		"request_steps":     `UPDATE request_steps SET scan = ''`,
		"request_keys":      `INSERT INTO request_keys (hash, content, request) VALUES ('x', 'y', 'z')`,
		"request_left":      `INSERT INTO request_left (request, delivery, at, manifest) VALUES ('x', 1, 2, 'y')`,

		"request_left_footage": `INSERT INTO request_left_footage (delivery, camera, "from", "to") VALUES (1, 'hall', 1, 2)`,
	} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.by(t, Authority, HandedOver)
			r.by(t, Other, Refused)
			r.restart(t)
			must(t, r.d.Close())
			db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
			must(t, err)
			_, err = db.Exec(change)
			must(t, errors.Join(err, db.Close()))
			d, err := diary.Open(t.Context(), r.options())
			must(t, err)
			t.Cleanup(func() { must(t, d.Close()) })
			if f := d.Fault(); f == nil || f.Kind != diary.FaultState || f.By != table {
				t.Errorf("after %q: %v", change, f)
			}
		})
	}
	if len(Tables) != 9 || !slices.IsSorted(Tables) {
		t.Errorf("tables %v", Tables)
	}
}
