package diary

import (
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// cutAt is step 3.
func (b *batch) cutAt(cut, at int64) error {
	keep, err := b.joining(cut, at)
	if err != nil {
		return err
	}
	const pinned = `SELECT i FROM diary_pinned JOIN diary_pins ON pin = id WHERE until IS NULL OR until > ?2`
	for _, statement := range []string{
		`DELETE FROM diary_bodies WHERE i < ?1 AND i NOT IN (` + pinned + `)`,
		`DELETE FROM diary_leaves WHERE i < ?1 AND i NOT IN (` + pinned + `)`,
	} {
		if err := b.exec(statement, cut, at); err != nil {
			return err
		}
	}
	if err := b.exec(`DELETE FROM diary_keys WHERE id NOT IN (SELECT key FROM diary_bodies)`); err != nil {
		return err
	}
	if err := b.keepHashes(cut, keep); err != nil {
		return err
	}
	b.content = nil // its row may be among those that went
	b.cut = cut
	if err := b.exec(`UPDATE diary_head SET cut = ?`, cut); err != nil {
		return err
	}
	return b.d.step("cut")
}

// joining computes the hashes of whole subtrees before the cut that later proofs need: of the frontier, for the
// consistency of each checkpoint that left the appliance, and for the inclusion of each entry that is pinned.
func (b *batch) joining(cut, at int64) (map[int64]tlog.Hash, error) {
	r := recorder{reader{b.ctx, b.tx, b.d.Head().Cut}, cut, map[int64]tlog.Hash{}}
	size := b.tree.Size()
	if _, err := r.ReadHashes(frontierIDs(cut)); err != nil {
		return nil, err
	}
	released, err := releasedOf(b.ctx, b.tx)
	if err != nil {
		return nil, err
	}
	for _, c := range released {
		if c.Size > 0 && c.Size < cut {
			if _, err := tlog.ProveTree(size, c.Size, r); err != nil && !errors.Is(err, ErrPruned) { // a row of junk
				return nil, fmt.Errorf("couldn't join the checkpoint of %d entries: %w", c.Size, err)
			}
		}
	}
	pinned, err := collect(b.ctx, b.tx, func(rows *sql.Rows) (i int64, err error) { return i, rows.Scan(&i) },
		`SELECT DISTINCT i FROM diary_pinned JOIN diary_pins ON pin = id WHERE i >= 0 AND i < ? AND (until IS NULL OR until > ?)`, cut, at)
	if err != nil {
		return nil, explain(err, "couldn't read which entries are pinned")
	}
	for _, i := range pinned {
		if _, err := tlog.ProveRecord(size, i, r); err != nil && !errors.Is(err, ErrPruned) {
			return nil, fmt.Errorf("couldn't prove the pinned entry %d: %w", i, err)
		}
	}
	return r.before, nil
}

// keepHashes leaves of the hashes before the cut only those, and none that this diary never stored.
func (b *batch) keepHashes(cut int64, keep map[int64]tlog.Hash) error {
	if err := b.exec(`DELETE FROM diary_hashes WHERE id < 0 OR id >= ?`, tlog.StoredHashIndex(0, b.tree.Size())); err != nil { // of no entry
		return err
	}
	stored, err := collect(b.ctx, b.tx, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) }, `SELECT id FROM diary_hashes`)
	if err != nil {
		return explain(err, "couldn't read the stored hashes")
	}
	for _, id := range stored {
		if _, kept := keep[id]; !kept && (before(id, cut) || small(id)) {
			if err := b.exec(`DELETE FROM diary_hashes WHERE id = ?`, id); err != nil {
				return err
			}
		}
	}
	for id, h := range keep {
		if err := b.exec(`INSERT OR REPLACE INTO diary_hashes (id, hash) VALUES (?, ?)`, id, h[:]); err != nil {
			return err
		}
	}
	return nil
}

// before tells whether all leaves under a node lie before the cut.
func before(id, cut int64) bool {
	level, n := tlog.SplitStoredHashIndex(id)
	return (n+1)<<level <= cut
}

// small tells whether a node is stored only where its leaves are gone.
func small(id int64) bool {
	level, _ := tlog.SplitStoredHashIndex(id)
	return level < blockLevel
}

// recorder reads hashes, and remembers those of which all leaves lie before a cut to come.
type recorder struct {
	reader
	next   int64
	before map[int64]tlog.Hash
}

// ReadHashes implements [tlog.HashReader].
func (r recorder) ReadHashes(ids []int64) ([]tlog.Hash, error) {
	hashes, err := r.reader.ReadHashes(ids)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if before(id, r.next) {
			r.before[id] = hashes[i]
		}
	}
	return hashes, nil
}
