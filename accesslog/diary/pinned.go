package diary

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// findPinned looks whether the entries before the cut that a pin keeps are there: a prune took the others, and these
// no leaf behind the cut counts. The table that names them is governed.
func (d *Diary) findPinned(ctx context.Context, rec record) error {
	kept, err := indexes(ctx, d.w.db, `SELECT DISTINCT i FROM diary_pinned WHERE i >= 0 AND i < (SELECT cut FROM diary_head) ORDER BY i`)
	if err != nil || len(kept) == 0 {
		return err
	}
	sealed, err := sealedKeys(ctx, d.w.db)
	if err != nil {
		return err
	}
	var gone []string
	for _, i := range kept {
		list, err := d.parts(ctx, i, i+1, sealed)
		if err != nil && !Unreadable(err) {
			return err
		}
		if err != nil || len(list) == 0 || list[0].Err != nil {
			gone = append(gone, fmt.Sprint(i))
		}
	}
	if len(gone) == 0 {
		return nil
	}
	told, err := d.toldPinned(ctx)
	if err != nil || slices.Contains(told, named(gone)) {
		return err
	}
	gone = slices.DeleteFunc(gone, func(i string) bool {
		return slices.ContainsFunc(told, func(by string) bool { return names(by, i) })
	})
	if len(gone) > 0 {
		d.addFault(Fault{FaultPinned, named(gone), kept[0], rec.head.Size})
	}
	return nil
}

// toldPinned is what faults say of entries that a pin keeps, those that two persons have accepted and those that are
// open: an entry that is in one of them is not found again, whatever else is gone by then or no longer kept.
func (d *Diary) toldPinned(ctx context.Context) ([]string, error) {
	list, err := collect(ctx, d.w.db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		`SELECT seen_by FROM diary_faults WHERE accepted IS NOT NULL AND kind = ?`, FaultPinned)
	if err != nil {
		return nil, explain(err, "couldn't read the faults of the diary")
	}
	for _, o := range d.faults {
		if o.Kind == FaultPinned {
			list = append(list, o.By)
		}
	}
	return list, nil
}

// names tells whether a list that named made has an entry in it. Of more than mostNamed it has only the first.
func names(by, entry string) bool {
	by, _, _ = strings.Cut(by, " and ")
	by = strings.TrimPrefix(strings.TrimPrefix(by, "entry "), "each of the entries ")
	return slices.Contains(strings.Split(by, ", "), entry)
}

// mostNamed is how many entries a sentence names.
const mostNamed = 20

// named is a list of entries for a sentence, as long as one can be.
func named(entries []string) string {
	switch n := len(entries); {
	case n == 1:
		return "entry " + entries[0]
	case n <= mostNamed:
		return "each of the entries " + strings.Join(entries, ", ")
	default:
		return fmt.Sprintf("each of the entries %s and %d more", strings.Join(entries[:mostNamed], ", "), n-mostNamed)
	}
}
