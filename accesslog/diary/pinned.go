package diary

import (
	"context"
	"fmt"
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
	f := Fault{FaultPinned, named(gone), kept[0], rec.head.Size}
	if accepted, err := d.accepted(ctx, f); err != nil || accepted {
		return err
	}
	d.addFault(f)
	return nil
}

// named is a list of entries for a sentence, as long as one can be.
func named(entries []string) string {
	const most = 20
	switch n := len(entries); {
	case n == 1:
		return "entry " + entries[0]
	case n <= most:
		return "each of the entries " + strings.Join(entries, ", ")
	default:
		return fmt.Sprintf("each of the entries %s and %d more", strings.Join(entries[:most], ", "), n-most)
	}
}
