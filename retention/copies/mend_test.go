package copies

import (
	"slices"
	"strings"
	"testing"
)

// newList is a register with three copies, the second of which is gone.
func newList(t *testing.T) (*Register, *books, []Copy) {
	t.Helper()
	b := newBooks(t)
	r := &Register{Diary: b}
	for i, name := range []string{"a.age", "b.age", "c.age"} {
		_, err := r.Add(t.Context(), Copy{Dir: stick, Name: name, Made: noon.AddDate(0, 0, i), Until: noon.AddDate(0, 1, i), Bytes: 7, SHA256: "ab", Key: "k", Apart: true, Cut: i == 2}, Entry{Op: OpBackup})
		must(t, err)
	}
	must(t, r.End(t.Context(), 2, Entry{Op: OpDestroyed}))
	list, err := r.List(t.Context())
	must(t, err)
	return r, b, list
}

// Whatever is done to the list beside the diary is found, and put right by the diary, with an entry.
func TestMend(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`DELETE FROM copies WHERE id = 1`:                                                  "the copy 1 was missing",
		`DELETE FROM copies`:                                                               "the copy 3 was missing",
		`UPDATE copies SET until = until - 86400000 WHERE id = 3`:                          "the copy 3 is not in the list as entry 3 has it",
		`UPDATE copies SET cut = 0 WHERE id = 3`:                                           "the copy 3 is not in the list as",
		`UPDATE copies SET dir = '/elsewhere' WHERE id = 1`:                                "the copy 1 is not in the list as",
		`UPDATE copies SET id = 2 WHERE id = 1`:                                            "no entry says that there is a copy 2",
		`INSERT INTO copies SELECT 9, dir, 'x', 0, 0, 0, '', '', 0, 0 FROM copies LIMIT 1`: "no entry says that there is a copy 9",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			r, b, before := newList(t)
			if wrong, err := r.Mend(t.Context()); err != nil || len(wrong) > 0 {
				t.Fatalf("nothing was changed: %q, %v", wrong, err)
			}
			_, err := b.db.Exec(statement)
			must(t, err)
			wrong, err := r.Mend(t.Context())
			must(t, err)
			if !strings.Contains(strings.Join(wrong, "; "), want) {
				t.Errorf("it says %q", wrong)
			}
			after, err := r.List(t.Context())
			must(t, err)
			if !slices.Equal(after, before) || !strings.HasSuffix(b.ops(), "backup.mended mended") {
				t.Errorf("%+v\n%+v\n%s", before, after, b.ops())
			}
			if wrong, err := r.Mend(t.Context()); err != nil || len(wrong) > 0 {
				t.Errorf("once more: %q, %v", wrong, err)
			}
		})
	}
}

// Of a copy from before rows were entered only the time is known: it stays in the list as it is, and comes back as one
// that may be anywhere. What is pruned nobody can tell.
func TestMendOldCopies(t *testing.T) {
	t.Parallel()
	r, b, before := newList(t)
	for i := range b.entries {
		b.entries[i].Row = nil
	}
	if wrong, err := r.Mend(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("%q, %v", wrong, err)
	}
	_, err := b.db.Exec(`DELETE FROM copies WHERE id = 3`)
	must(t, err)
	wrong, err := r.Mend(t.Context())
	must(t, err)
	after, err := r.List(t.Context())
	must(t, err)
	if len(wrong) != 1 || len(after) != 2 || after[1].ID != 1 && after[0].ID != 1 || !slices.Contains(after, before[0]) {
		t.Errorf("%q: %+v", wrong, after)
	}
	for _, c := range after {
		if c.ID == 3 && (c.Name != "unknown" || c.Until.Before(noon.AddDate(0, 11, 0))) {
			t.Errorf("%+v", c)
		}
	}
	b.cut = 4
	if wrong, err := r.Mend(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("behind the cut: %q, %v", wrong, err)
	}
}

// What can't be entered is not put right, and is told.
func TestMendFails(t *testing.T) {
	t.Parallel()
	r, b, before := newList(t)
	_, err := b.db.Exec(`DELETE FROM copies WHERE id = 1`)
	must(t, err)
	b.fail = errPulled
	if wrong, err := r.Mend(t.Context()); err == nil || len(wrong) != 1 {
		t.Errorf("%q, %v", wrong, err)
	}
	b.fail = nil
	_, err = r.Mend(t.Context())
	must(t, err)
	if after, err := r.List(t.Context()); err != nil || !slices.Equal(after, before) {
		t.Errorf("%+v, %v", after, err)
	}
}
