package diary

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// AppendKeeping writes an entry durably, as Append does, and in its transaction what keep writes: how far
// the writer of such entries has come, so that after a crash no entry is written twice and none is left
// out. A fault of the diary does not stop it, since no door is opened by what an appliance notes of itself. keep must not
// touch governed tables, unless the entry only ends what lies ready to leave or is on its way out: what goes is not
// kept because somebody changed a row.
func (d *Diary) AppendKeeping(ctx context.Context, e Entry, keep Change) (Receipt, error) {
	if Governed(e.Op) && !slices.Contains(closings, e.Op) || letsOut(e.Op) {
		return Receipt{}, fmt.Errorf("entry %s: an entry of this operation goes through Append", e.Op)
	}
	r, err := d.prepare(e)
	if err != nil {
		return Receipt{}, err
	}
	r.apply = func(b *batch, _ int64) error { return keep(b.tx) }
	return d.wait(ctx, r)
}

// Query reads tables of the database as the last commit left them. The caller closes the rows. The error is
// [ErrClosed] once the diary is.
func (d *Diary) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := d.read.QueryContext(ctx, query, args...)
	return rows, explain(d.orClosed(err), "couldn't read the database of the diary")
}

// orClosed says of an error of reading that the diary is closed, if it is.
func (d *Diary) orClosed(err error) error {
	if err != nil && d.isClosed() {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return err
}

func (d *Diary) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}
