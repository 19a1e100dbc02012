package footage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// OpenOrRebuild opens the index, or rebuilds it from the stores where [Open] says that it must be. A store
// that the index does not list, such as a disk that was away while the index was made, is walked as by
// Rebuild and its rows are added: without that its footage would be invisible for ever.
//
// A store that cannot be walked is a finding, so that the others record; the next start tries again.
// The report is nil if nothing had to be read.
func OpenOrRebuild(ctx context.Context, fsys durable.FS, path string, stores []Store) (*Index, *Report, error) {
	ix, err := Open(path)
	if err == nil {
		report, err := ix.meet(ctx, fsys, stores)
		if err != nil {
			return nil, nil, errors.Join(err, ix.Close())
		}
		return ix, report, nil
	}
	if !errors.Is(err, ErrMissing) && !errors.Is(err, ErrVersion) && !errors.Is(err, ErrDamaged) {
		return nil, nil, err
	}
	report, err := Rebuild(ctx, fsys, path, stores)
	if err != nil {
		return nil, nil, err
	}
	ix, err = Open(path)
	return ix, report, err
}

// meet adds the rows of the stores that are not listed yet. Nobody else uses the index meanwhile. After a
// crash the store is still not listed, and the rows entered before are entered again, the same.
func (ix *Index) meet(ctx context.Context, fsys durable.FS, stores []Store) (*Report, error) {
	known, err := ix.stores()
	if err != nil {
		return nil, err
	}
	b := &rebuild{ix: ix, fsys: fsys, report: &Report{}}
	for _, s := range stores {
		if slices.Contains(known, s.ID) {
			continue
		}
		err := b.walk(ctx, s)
		if errors.Is(err, errFolder) && ctx.Err() == nil {
			b.note(Finding{Severity: Incident, Path: s.Dir,
				Sentence: fmt.Sprintf("the footage of this store is not in the index, and it couldn't be read; the next start tries again: %v", err)})
		} else if err != nil {
			return nil, fmt.Errorf("couldn't add the store %s to the index of footage: %w", s.Dir, err)
		}
	}
	if b.report.Segments == 0 && len(b.report.Findings) == 0 {
		return nil, nil
	}
	return b.report, nil
}

// stores are the stores whose files all have rows.
func (ix *Index) stores() ([]keyring.ID, error) {
	list, err := collect(ix.write, func(rows *sql.Rows) (id keyring.ID, err error) {
		var b []byte
		err = rows.Scan(&b)
		copy(id[:], b)
		return id, err
	}, "SELECT id FROM stores")
	return list, explain(err, "couldn't read the stores of %s", ix.path)
}

// walk enters every file of a store, and then lists it.
func (b *rebuild) walk(ctx context.Context, s Store) error {
	if err := errors.Join(s.walk(ctx, b.fsys, b.add, b.note), b.flush()); err != nil {
		return err
	}
	listed := &request{change: func(tx *tx) error { return tx.exec(`INSERT OR IGNORE INTO stores (id) VALUES (?)`, s.ID[:]) }}
	err := errors.Join(b.ix.commit([]*request{listed}), listed.err)
	return explain(err, "couldn't list the store %s in %s", s.Dir, b.ix.path)
}
