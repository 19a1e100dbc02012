package accesslog

import (
	"context"
	"maps"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// leases are those that a viewing has entered.
type leases struct {
	count, last int64
	end         string // operation that ends it
}

// Recover closes the viewings and exports that a crash left open, and tells how many: the diary has a beginning and no end of them.
// It takes no key. It is to be called once, before the first viewing.
func (d *Door) Recover(ctx context.Context) (closed int, err error) {
	open, err := d.left(ctx)
	if err != nil {
		return 0, err
	}
	for _, began := range slices.Sorted(maps.Keys(open)) {
		e := diary.Entry{Op: open[began].end, Ref: &began, Body: proof.Body{Result: string(Interrupted),
			Data: map[string]any{"leases": open[began].count, "last_lease": open[began].last}}}
		if _, err := d.enter(ctx, e); err != nil {
			return closed, err
		}
		closed++
	}
	return closed, nil
}

// left are the viewings that the diary has no end of, by the entry that began each. Of further leases, of which there
// are many more than viewings, only those behind the first of them are read.
func (d *Door) left(ctx context.Context) (map[int64]leases, error) {
	entries, err := d.o.Diary.EntriesOf(ctx, opStart, opAim, opExport, opEnd, opTaken)
	if err != nil {
		return nil, err
	}
	open := map[int64]leases{}
	for _, e := range entries {
		switch {
		case endOf(e.Op) != "":
			open[e.Index] = leases{1, e.Index, endOf(e.Op)}
		case e.Ref != nil:
			delete(open, *e.Ref)
		}
	}
	if len(open) == 0 {
		return nil, nil
	}
	for e, err := range d.o.Diary.Entries(ctx, slices.Min(slices.Collect(maps.Keys(open))), d.o.Diary.Head().Size) {
		if err != nil {
			return nil, err
		}
		if e.Op != opMore || e.Ref == nil {
			continue
		}
		if l, ok := open[*e.Ref]; ok {
			open[*e.Ref] = leases{l.count + 1, e.Index, l.end}
		}
	}
	return open, nil
}
