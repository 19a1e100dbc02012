package diary

import (
	"context"
	"database/sql"
	"time"
)

// timeOf is the time of a leaf in SQL, and leafTime its form: leaves are of one form, so that these texts sort as their times do.
const (
	timeOf   = `substr(leaf, instr(leaf, '"t":"') + 5, 24)`
	leafTime = "2006-01-02T15:04:05.000Z"
)

// Reached is how late it was by when an entry was written, whatever the clock showed just then: the largest time of all entries up
// to it, of those that are not after a moment, which is the present as late as it may be. An entry whose own time is after that was
// written by a clock that was ahead; then those up to the next one count whose time is not. It errs on the later side, and
// is false where nothing is known. The order of entries is certain; their times are what the clock showed.
func (d *Diary) Reached(ctx context.Context, i int64, now time.Time) (at time.Time, known bool, err error) {
	until := now.UTC().Format(leafTime)
	ends, err := collect(ctx, d.read, scanOne[int64], `SELECT i FROM diary_leaves WHERE i >= ? AND `+timeOf+` <= ? ORDER BY i LIMIT 1`, i, until)
	if err != nil || len(ends) == 0 {
		return at, false, explain(err, "couldn't read when entry %d was written", i)
	}
	texts, err := collect(ctx, d.read, scanOne[string], `SELECT max(`+timeOf+`) FROM diary_leaves WHERE i <= ? AND `+timeOf+` <= ?`, ends[0], until)
	if err == nil {
		at, err = time.Parse(leafTime, texts[0])
	}
	return at, err == nil, explain(err, "couldn't read how late it was at entry %d", i)
}

// Since is the first entry by which it was as late as a moment: all before it have earlier times. Those behind it may have, too, by
// a clock that went back, as at a start without one. Where there is none it is where the next entry will be.
func (d *Diary) Since(ctx context.Context, t time.Time) (int64, error) {
	next := d.Head().Size
	first, err := collect(ctx, d.read, scanOne[int64], `SELECT i FROM diary_leaves WHERE `+timeOf+` >= ? ORDER BY i LIMIT 1`, t.UTC().Format(leafTime))
	if err == nil && len(first) > 0 {
		next = min(next, first[0])
	}
	return next, explain(err, "couldn't read which entry was the first of %s", t.UTC().Format(leafTime))
}

// scanOne scans a row of one column.
func scanOne[T any](rows *sql.Rows) (v T, err error) {
	err = rows.Scan(&v)
	return v, err
}
