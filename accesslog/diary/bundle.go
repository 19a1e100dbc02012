package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"varuh/accesslog/diary/proof"
)

// Bundle is what a bundle of no entries holds: the last checkpoint, which counts as one that left the appliance, the keys of
// the diary and of the witnesses, the changes of the signing key, and of the checkpoints that left those of some sizes, with
// what outside parties gave for them and the consistency of each with the last. [Diary.Prove] proves entries in it.
func (d *Diary) Bundle(ctx context.Context, sizes []int64) (o proof.BundleOptions, err error) {
	checkpoint, err := d.Checkpoint(ctx)
	if err != nil {
		return o, err
	}
	at, err := proof.ReadCheckpoint(checkpoint)
	if err != nil {
		return o, fmt.Errorf("%w: its last checkpoint: %w", ErrDamaged, err)
	}
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return o, explain(d.orClosed(err), "couldn't read the diary")
	}
	defer func() { err = errors.Join(err, rollback(tx)) }()
	x := exporter{d: d, ctx: ctx, tx: tx, e: Export{From: at.Size, To: at.Size}, at: at, only: map[int64]bool{}}
	for _, size := range sizes {
		x.only[size] = true
	}
	var cut int64
	if err := tx.QueryRowContext(ctx, `SELECT cut FROM diary_head`).Scan(&cut); err != nil {
		return o, explain(err, "couldn't read the diary")
	}
	x.tree = reader{ctx, tx, cut}
	if o, err = x.options(checkpoint); err != nil {
		return o, err
	}
	witnesses, err := witnessKeys(ctx, tx)
	o.Keys = append(o.Keys, witnesses...)
	return o, err
}

// witnessKeys are those of the witnesses that count.
func witnessKeys(ctx context.Context, db querier) (list []proof.Key, err error) {
	parties, err := partiesOf(ctx, db)
	for _, p := range parties {
		if p.Kind != "witness" {
			continue
		}
		k, err := proof.ParseKey(p.Key)
		if err != nil {
			return nil, fmt.Errorf("%w: the key of the witness %s: %w", ErrDamaged, p.Name, err)
		}
		list = append(list, k)
	}
	return list, err
}
