package diary

import (
	"context"
	"database/sql"
	"strings"

	"varuh/accesslog/diary/proof"
)

// hasOp is the condition of SQL that a leaf is of an operation, which is a name of this program's.
func hasOp(op string) string { return `instr(leaf, '"op":"` + op + `"')` }

// EntriesOf reads the leaves of operations, in order. What is pruned is not among them, nor what only a pin keeps.
func (d *Diary) EntriesOf(ctx context.Context, ops ...string) ([]Stored, error) {
	return d.entriesOf(ctx, `i >= (SELECT cut FROM diary_head)`, ops)
}

// KeptOf reads the leaves of operations that are older than all others and that only a pin keeps, in order.
func (d *Diary) KeptOf(ctx context.Context, ops ...string) ([]Stored, error) {
	return d.entriesOf(ctx, `i < (SELECT cut FROM diary_head) AND i IN (SELECT i FROM diary_pinned)`, ops)
}

// Leaf reads one leaf, also of an entry that only a pin keeps. The error is [ErrNoEntry], [ErrPruned] or [ErrDamaged].
func (d *Diary) Leaf(ctx context.Context, i int64) (Stored, error) {
	h := d.Head()
	raw, l, err := readLeaf(ctx, d.read, h, i)
	if err == nil {
		err = checkKept(ctx, d.read, h, i, proof.HashLeaf(raw))
	}
	return Stored{l, raw}, d.orClosed(err)
}

func (d *Diary) entriesOf(ctx context.Context, where string, ops []string) ([]Stored, error) {
	var any []string
	for _, op := range ops {
		any = append(any, hasOp(op))
	}
	type row struct {
		i   int64
		raw []byte
	}
	rows, err := collect(ctx, d.read, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.i, &r.raw) },
		`SELECT i, leaf FROM diary_leaves WHERE `+where+` AND (`+strings.Join(any, " OR ")+`) ORDER BY i`)
	if err != nil {
		return nil, explain(d.orClosed(err), "couldn't look for entries %s", strings.Join(ops, ", "))
	}
	list := make([]Stored, 0, len(rows))
	for _, r := range rows {
		l, err := parseLeaf(r.raw, r.i)
		if err != nil {
			return nil, err
		}
		list = append(list, Stored{l, r.raw})
	}
	return list, nil
}
