package collect

import (
	"database/sql"
	"strings"
	"testing"
	"time"
)

// recorded is an index of six hours of one camera in two streams.
func recordedHours() *index {
	x := &index{}
	for h := range 6 {
		at := day.Add(time.Duration(h) * time.Hour)
		x.add("main", at, at.Add(time.Hour))
		x.add("sub", at, at.Add(time.Hour))
	}
	return x
}

// collecting collects until a time, as a program does that has just started. It returns what was wrong.
func (b *book) collecting(t *testing.T, x *index, until time.Time) (wrong []string) {
	t.Helper()
	c := Collector{Diary: b, Index: x, Cameras: func() []string { return []string{"hall"} }, Now: func() time.Time { return until.Add(settle) }, Started: day,
		Wrong: func(s string) { wrong = append(wrong, s) }}
	_, err := c.Collect(t.Context())
	must(t, err)
	return wrong
}

func (b *book) tamper(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", b.Path)
	must(t, err)
	for _, s := range statements {
		_, err := db.Exec(s)
		must(t, err)
	}
	must(t, db.Close())
	b.again(t)
}

// Whoever forges how far a camera has come, while varuh does not run, has no piece signed that contradicts another one:
// the next start puts it right by the diary, and tells.
func TestForgedProgress(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`DELETE FROM collected`:                                                            "was missing, and entry 3 says it",
		`UPDATE collected SET seq = 9`:                                                     "is not what entry 3 says",
		`UPDATE collected SET until = until - 3600000000000`:                               "is not what entry 3 says",
		`UPDATE collected SET hash = zeroblob(32)`:                                         "is not what entry 3 says",
		`UPDATE collected SET streams = 'main'`:                                            "is not what entry 3 says",
		`UPDATE collected SET camera = 'yard'`:                                             "how far yard has come was what entry 3 says of hall",
		`UPDATE diary_bodies SET manifest = CAST('{"camera":"yard"}' AS BLOB) WHERE i = 3`: "the list of what entry 3 collected: it is not the one that was written",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			b, x := newBook(t), recordedHours()
			if wrong := b.collecting(t, x, day.Add(3*time.Hour)); len(wrong) > 0 {
				t.Fatal(wrong)
			}
			b.again(t)
			if wrong := b.collecting(t, x, day.Add(3*time.Hour)); len(wrong) > 0 {
				t.Fatalf("nothing was changed: %q", wrong)
			}
			b.tamper(t, statement)
			wrong := b.collecting(t, x, day.Add(5*time.Hour))
			if len(wrong) != 1 || !strings.Contains(wrong[0], want) {
				t.Errorf("it says %q", wrong)
			}
			if strings.Contains(statement, "diary_bodies") {
				return // that entry is damaged, and stays so
			}
			list := b.manifests(t)
			tiled(t, list)
			if len(list) != 5 || list[4].To != day.Add(5*time.Hour) {
				t.Errorf("%d pieces", len(list))
			}
			if wrong := b.collecting(t, x, day.Add(6*time.Hour)); len(wrong) > 0 {
				t.Errorf("at the next start: %q", wrong)
			}
		})
	}
}

// A state that an earlier varuh wrote, whose lists are encrypted and refer to nothing, is taken as it is; the first
// piece after that begins the chain of entries.
func TestProgressOfBefore(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), recordedHours()
	b.collecting(t, x, day.Add(3*time.Hour))
	b.tamper(t, `UPDATE diary_bodies SET clear = 0 WHERE clear = 1`) // they can't be read without a key
	if wrong := b.collecting(t, x, day.Add(4*time.Hour)); len(wrong) > 0 {
		t.Errorf("it says %q", wrong)
	}
	b.again(t)
	if wrong := b.collecting(t, x, day.Add(5*time.Hour)); len(wrong) > 0 {
		t.Errorf("it says %q", wrong)
	}
	var refs []int64
	for e, err := range b.Entries(t.Context(), 0, b.Head().Size) {
		if must(t, err); e.Ref != nil {
			refs = append(refs, *e.Ref)
		}
	}
	if len(refs) != 4 || refs[3] != refs[2]+1 {
		t.Errorf("the entries refer to %v", refs)
	}
	b.tamper(t, `UPDATE collected SET hash = zeroblob(32)`)
	if wrong := b.collecting(t, x, day.Add(6*time.Hour)); len(wrong) != 1 {
		t.Errorf("it says %q", wrong)
	}
}
