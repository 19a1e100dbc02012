package diary

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// pinned writes the entries before the cut that pins keep, from an index on, each with its proof: the entries around
// them are gone. One that is missing is no matter of the bundle's: a start finds it.
func (x *exporter) pinned(w *proof.BundleWriter, from int64, checkpoint []byte) error {
	kept, err := indexes(x.ctx, x.tx, `SELECT DISTINCT i FROM diary_pinned WHERE i >= ? AND i < ? ORDER BY i`, max(from, 0), min(x.tree.cut, x.e.To))
	if err != nil {
		return explain(err, "couldn't read which entries are pinned")
	}
	head := Head{Origin: x.at.Origin, Size: x.at.Size, Root: x.at.Root, Cut: x.tree.cut}
	for _, i := range kept {
		raw, _, err := readLeaf(x.ctx, x.tx, head, i)
		if errors.Is(err, ErrPruned) || errors.Is(err, ErrDamaged) {
			continue
		}
		if err != nil {
			return err
		}
		hashes, err := tlog.ProveRecord(x.at.Size, i, x.tree)
		if err != nil {
			return fmt.Errorf("couldn't prove entry %d, which a hold keeps: %w", i, err)
		}
		e, err := x.read(raw, i)
		if err != nil {
			return err
		}
		if e.Err != nil {
			x.e.Closed(i, e.Err)
		}
		if err := w.Pin(proof.Entry{Leaf: e.Raw, Body: e.Body, Manifest: e.Manifest}, hashes, checkpoint); err != nil {
			return err
		}
	}
	return nil
}
