package diary

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
)

// leafBatch is how many leaves one row of a query carries. A call into SQLite takes longer than hashing
// what it returns.
const leafBatch = 512

// leaves reads the leaves from first to before after, in order, and ends with an error that names the
// first one that is missing. What it yields is valid until the next.
func leaves(ctx context.Context, db querier, first, after int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for from := first; from < after; from += leafBatch {
			to := min(from+leafBatch, after)
			text, n, err := leafLines(ctx, db, from, to)
			if err == nil && n != to-from {
				err = missingLeaf(ctx, db, from, to)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for line := range bytes.SplitSeq(text, []byte("\n")) {
				if !yield(line, nil) {
					return
				}
				n--
			}
			if n != 0 {
				yield(nil, fmt.Errorf("%w: among entries %d to %d is a leaf of more than one line", ErrDamaged, from, to-1))
				return
			}
		}
	}
}

// leafLines is leaves as lines, and how many rows they are.
func leafLines(ctx context.Context, db querier, from, to int64) (text []byte, n int64, err error) {
	err = db.QueryRowContext(ctx, `
		SELECT coalesce(group_concat(leaf, char(10)), ''), count(*)
		FROM (SELECT leaf FROM diary_leaves WHERE i >= ? AND i < ? ORDER BY i)`, from, to).Scan(&text, &n)
	return text, n, explain(err, "couldn't read entries %d to %d", from, to-1)
}

// missingLeaf names the first entry in a range that is not there.
func missingLeaf(ctx context.Context, db querier, from, to int64) error {
	for i := from; i < to; i++ {
		var there int
		err := db.QueryRowContext(ctx, `SELECT 1 FROM diary_leaves WHERE i = ?`, i).Scan(&there)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: entry %d is missing", ErrDamaged, i)
		}
		if err != nil {
			return explain(err, "couldn't read entry %d", i)
		}
	}
	return fmt.Errorf("%w: entries %d to %d can't be counted", ErrDamaged, from, to-1)
}
