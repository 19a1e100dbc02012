package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// AppendKeeping writes an entry durably, as Append does, and in its transaction what keep writes: how far
// the writer of such entries has come, so that after a crash no entry is written twice and none is left
// out. keep must not touch governed tables. That it opens no door, a fault of the diary does not stop it.
func (d *Diary) AppendKeeping(ctx context.Context, e Entry, keep Change) (Receipt, error) {
	if Governed(e.Op) {
		return Receipt{}, fmt.Errorf("entry %s: its changes are governed, and go through Append", e.Op)
	}
	r, err := d.prepare(e)
	if err != nil {
		return Receipt{}, err
	}
	r.guarded = letsOut(e.Op)
	r.apply = func(b *batch, _ int64) error { return keep(b.tx) }
	return d.wait(ctx, r)
}

// View reads tables of the database as the last commit left them.
func (d *Diary) View(ctx context.Context, read func(*sql.Tx) error) (err error) {
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err, "couldn't read the database of the diary")
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	return read(tx)
}
