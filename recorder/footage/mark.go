package footage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// MaxMark is how many bytes a mark may have.
const MaxMark = 4 << 10

// Mark is what [Index.SetMark] last kept, nil if nothing since the index was made.
func (ix *Index) Mark() ([]byte, error) {
	var mark []byte
	err := ix.read.QueryRow(`SELECT mark FROM marks`).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return mark, explain(err, "couldn't read the mark of the index of footage")
}

// SetMark keeps, durably, what somebody wants to find again beside the rows; it is opaque to the index. ctx
// is asked before it begins.
func (ix *Index) SetMark(ctx context.Context, mark []byte) error {
	if len(mark) > MaxMark {
		return fmt.Errorf("a mark of %d bytes, at most %d are allowed", len(mark), MaxMark)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the mark of the index of footage was not set: %w", err)
	}
	if mark == nil {
		mark = []byte{} // NULL is no mark
	}
	err := ix.change(func(tx *tx) error {
		return tx.exec(`INSERT INTO marks (one, mark) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET mark = excluded.mark`, mark)
	})
	return explain(err, "couldn't set the mark of the index of footage")
}
