package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// blockLevel is the level of the smallest subtrees whose hashes are stored: those of 256 leaves. What
// is below is computed from the leaves, which takes less time than storing it would.
const blockLevel = 8

// storedNode is a hash for the table diary_hashes.
type storedNode struct {
	id   int64
	hash tlog.Hash
}

// grow adds a leaf to the tree, and returns the hashes that are to be stored with it: those of all
// subtrees of at least 256 leaves that it completes.
func grow(f *proof.Frontier, leaf tlog.Hash) (nodes []storedNode) {
	if (f.Size()+1)%(1<<blockLevel) == 0 {
		left, h := f.Nodes(), leaf
		for level, n := 1, f.Size(); n&1 == 1; level, n = level+1, n>>1 {
			h = tlog.NodeHash(left[len(left)-level], h)
			if level >= blockLevel {
				nodes = append(nodes, storedNode{tlog.StoredHashIndex(level, n>>1), h})
			}
		}
	}
	f.Add(leaf)
	return nodes
}

// reader reads hashes of the tree, as package tlog asks for them.
type reader struct {
	ctx context.Context
	db  querier
	cut int64 // leaves before it are gone
}

// ReadHashes implements [tlog.HashReader].
func (r reader) ReadHashes(ids []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(ids))
	for i, id := range ids {
		level, n := tlog.SplitStoredHashIndex(id)
		h, err := r.node(level, n)
		if err != nil {
			return nil, err
		}
		hashes[i] = h
	}
	return hashes, nil
}

// node is the hash of the n-th subtree of 2^level leaves.
func (r reader) node(level int, n int64) (tlog.Hash, error) {
	first, after := n<<level, (n+1)<<level
	if level < blockLevel && first >= r.cut {
		return r.fold(first, after)
	}
	h, err := r.stored(tlog.StoredHashIndex(level, n))
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return h, err
	}
	switch {
	case after <= r.cut:
		return tlog.Hash{}, fmt.Errorf("entries %d to %d: %w", first, after-1, ErrPruned)
	case level >= blockLevel:
		return tlog.Hash{}, fmt.Errorf("%w: the hash of entries %d to %d is missing", ErrDamaged, first, after-1)
	}
	left, err := r.node(level-1, 2*n)
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := r.node(level-1, 2*n+1)
	return tlog.NodeHash(left, right), err
}

func (r reader) stored(id int64) (h tlog.Hash, err error) {
	var b []byte
	if err := r.db.QueryRowContext(r.ctx, `SELECT hash FROM diary_hashes WHERE id = ?`, id).Scan(&b); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return h, err
		}
		return h, explain(err, "couldn't read a hash of the diary")
	}
	if len(b) != len(h) {
		return h, fmt.Errorf("%w: a hash of %d bytes", ErrDamaged, len(b))
	}
	return tlog.Hash(b), nil
}

// storedHashes are all that are stored.
func storedHashes(ctx context.Context, db querier) (map[int64]tlog.Hash, error) {
	type row struct {
		id   int64
		hash []byte
	}
	rows, err := collect(ctx, db, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.hash) }, `SELECT id, hash FROM diary_hashes`)
	if err != nil {
		return nil, explain(err, "couldn't read the hashes of the diary")
	}
	stored := make(map[int64]tlog.Hash, len(rows))
	for _, r := range rows {
		if len(r.hash) == tlog.HashSize {
			stored[r.id] = tlog.Hash(r.hash)
		}
	}
	return stored, nil
}

// wrongHash names the entries of a stored hash that is missing, or another.
func wrongHash(id int64) error {
	level, n := tlog.SplitStoredHashIndex(id)
	return fmt.Errorf("%w: the stored hash of entries %d to %d is not theirs", ErrDamaged, n<<level, (n+1)<<level-1)
}

// fold hashes leaves from first to before after, a power of two of them.
func (r reader) fold(first, after int64) (tlog.Hash, error) {
	var f proof.Frontier
	for leaf, err := range leaves(r.ctx, r.db, first, after) {
		if err != nil {
			return tlog.Hash{}, err
		}
		f.Add(proof.HashLeaf(leaf))
	}
	return f.Root(), nil
}

// frontier reads the frontier of a tree of that size.
func (r reader) frontier(size int64) (proof.Frontier, error) {
	nodes, err := r.ReadHashes(frontierIDs(size))
	if err != nil {
		return proof.Frontier{}, err
	}
	return proof.NewFrontier(size, nodes)
}

// frontierIDs are the nodes of the frontier of a tree of that size, largest first.
func frontierIDs(size int64) (ids []int64) {
	for level, first := 62, int64(0); level >= 0; level-- {
		if size>>level&1 == 1 {
			ids = append(ids, tlog.StoredHashIndex(level, first>>level))
			first += 1 << level
		}
	}
	return ids
}
