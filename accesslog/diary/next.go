package diary

import (
	"context"
	"database/sql"
)

// Next is the number that the entry gets inside whose change it is asked.
func Next(ctx context.Context, tx *sql.Tx) (i int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(i), -1) + 1 FROM diary_leaves`).Scan(&i)
	return i, explain(err, "couldn't look up the number of an entry")
}
