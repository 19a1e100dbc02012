package footage

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// tx is one change of the index, with the rows that it refers to.
type tx struct {
	*sql.Tx
	stream, format, boot int64
}

func (tx *tx) exec(query string, args ...any) error {
	_, err := tx.Exec(query, args...)
	return err
}

// turnstile lets changes that wait for the disk pass together: whoever gets through first commits all
// that wait, with one sync. Thirty-two cameras that begin at once on a disk that takes 200 ms a sync
// wait for two syncs, not for thirty-two.
type turnstile struct {
	committing sync.Mutex // held by the one that commits
	mu         sync.Mutex // guards waiting
	waiting    []*request
}

// request is one change that waits. err is set, by whoever holds committing, before done.
type request struct {
	change func(*tx) error
	done   bool
	err    error
}

// change runs f in a transaction and returns when that is durable. A change that fails leaves no
// trace and does not disturb those that share its transaction.
func (ix *Index) change(f func(*tx) error) error {
	r := &request{change: f}
	ix.turn.mu.Lock()
	ix.turn.waiting = append(ix.turn.waiting, r)
	ix.turn.mu.Unlock()

	ix.turn.committing.Lock()
	defer ix.turn.committing.Unlock()
	if r.done {
		return r.err
	}
	ix.turn.mu.Lock()
	batch := ix.turn.waiting
	ix.turn.waiting = nil
	ix.turn.mu.Unlock()
	err := ix.commit(batch)
	for _, r := range batch {
		r.done = true
		if r.err == nil {
			r.err = err
		}
	}
	return r.err
}

// commit runs the changes of a batch in one transaction. Its error is that of all.
func (ix *Index) commit(batch []*request) error {
	t, err := ix.write.Begin()
	if err != nil {
		return err
	}
	for _, r := range batch {
		if err := apply(t, r); err != nil {
			return errors.Join(err, t.Rollback())
		}
	}
	return t.Commit()
}

// apply runs one change, undone alone if it fails. Its error is that of the transaction.
func apply(t *sql.Tx, r *request) error {
	if _, err := t.Exec("SAVEPOINT request"); err != nil {
		return err
	}
	r.err = r.change(&tx{Tx: t})
	if r.err != nil {
		if _, err := t.Exec("ROLLBACK TO request"); err != nil {
			return fmt.Errorf("%w, which could not be undone: %w", r.err, err)
		}
	}
	_, err := t.Exec("RELEASE request")
	return err
}
