package diary

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"runtime"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// leafBatch is how many leaves one row of a query carries. A call into SQLite takes longer than hashing
// what it returns.
const leafBatch = 512

// leaves reads the leaves from first to before after, in order, and ends with an error that names the
// first one that is missing. What it yields is valid until the next.
func leaves(ctx context.Context, db querier, first, after int64) iter.Seq2[[]byte, error] {
	return lines(leafBatches(ctx, db, first, after))
}

// batchOfLeaves is a run of leaves, each a line.
type batchOfLeaves struct {
	from, to int64
	text     []byte
}

func leafBatches(ctx context.Context, db querier, first, after int64) iter.Seq2[batchOfLeaves, error] {
	return func(yield func(batchOfLeaves, error) bool) {
		for from := first; from < after; from += leafBatch {
			b := batchOfLeaves{from: from, to: min(from+leafBatch, after)}
			text, n, err := leafLines(ctx, db, b.from, b.to)
			if err == nil && n != b.to-b.from {
				err = missingLeaf(ctx, db, b.from, b.to)
			}
			b.text = text
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// lines takes batches apart.
func lines(batches iter.Seq2[batchOfLeaves, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for b, err := range batches {
			if err != nil {
				yield(nil, err)
				return
			}
			n := b.to - b.from
			for line := range bytes.SplitSeq(b.text, []byte("\n")) {
				if !yield(line, nil) {
					return
				}
				n--
			}
			if n != 0 {
				yield(nil, fmt.Errorf("%w: among entries %d to %d is a leaf of more than one line", ErrDamaged, b.from, b.to-1))
				return
			}
		}
	}
}

// parseLeaf reads the leaf in the place of entry i. The error is [ErrDamaged], or [ErrVersion] where a newer varuh
// wrote it.
func parseLeaf(raw []byte, i int64) (proof.Leaf, error) {
	l, err := proof.ParseLeaf(raw)
	switch {
	case errors.Is(err, proof.ErrVersion):
		return l, fmt.Errorf("entry %d: %w", i, ErrVersion)
	case err != nil:
		return l, fmt.Errorf("%w: entry %d: %w", ErrDamaged, i, err)
	case l.Index != i:
		return l, fmt.Errorf("%w: in the place of entry %d is entry %d", ErrDamaged, i, l.Index)
	}
	return l, nil
}

// hashed is a leaf with its hash in the tree.
type hashed struct {
	proof.Leaf
	hash tlog.Hash
}

// hashAll parses and hashes the leaves of a batch, and checks that each is in its place.
func hashAll(b batchOfLeaves) (list []hashed, err error) {
	list = make([]hashed, 0, b.to-b.from)
	for raw, err := range lines(func(yield func(batchOfLeaves, error) bool) { yield(b, nil) }) {
		if err != nil {
			return nil, err
		}
		i := b.from + int64(len(list))
		l, err := parseLeaf(raw, i)
		if err != nil {
			return nil, err
		}
		list = append(list, hashed{l, proof.HashLeaf(raw)})
	}
	return list, nil
}

// inParallel runs f on the items of a sequence, as many at a time as there are processors, and yields
// what it returns in the order of the items. All goroutines have ended when the sequence has.
func inParallel[A, B any](seq iter.Seq2[A, error], f func(A) (B, error)) iter.Seq2[B, error] {
	type result struct {
		value B
		err   error
	}
	return func(yield func(B, error) bool) {
		results, stop := make(chan chan result, runtime.GOMAXPROCS(0)), make(chan struct{})
		go func() {
			defer close(results)
			for item, err := range seq {
				r := make(chan result, 1)
				select {
				case results <- r:
				case <-stop:
					return
				}
				if err != nil {
					r <- result{err: err}
					return
				}
				go func() {
					v, err := f(item)
					r <- result{v, err}
				}()
			}
		}()
		defer func() {
			close(stop)
			for r := range results {
				<-r
			}
		}()
		for r := range results {
			if got := <-r; !yield(got.value, got.err) {
				return
			}
		}
	}
}

// leafLines is leaves as lines, and how many rows they are.
func leafLines(ctx context.Context, db querier, from, to int64) (text []byte, n int64, err error) {
	err = db.QueryRowContext(ctx, `
		SELECT coalesce(group_concat(leaf, char(10)), ''), count(*)
		FROM (SELECT leaf FROM diary_leaves WHERE i >= ? AND i < ? ORDER BY i)`, from, to).Scan(&text, &n)
	return text, n, explain(err, "couldn't read entries %d to %d", from, to-1)
}

// missingLeaf names the first entry in a range that is not there.
func missingLeaf(ctx context.Context, db querier, from, to int64) error {
	for i := from; i < to; i++ {
		var there int
		err := db.QueryRowContext(ctx, `SELECT 1 FROM diary_leaves WHERE i = ?`, i).Scan(&there)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: entry %d is missing", ErrDamaged, i)
		}
		if err != nil {
			return explain(err, "couldn't read entry %d", i)
		}
	}
	return fmt.Errorf("%w: entries %d to %d can't be counted", ErrDamaged, from, to-1)
}
