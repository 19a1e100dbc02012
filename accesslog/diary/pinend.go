package diary

import (
	"context"
	"database/sql"
	"fmt"

	"varuh/accesslog/diary/proof"
)

// ended is a pin that ended at once, and of which entries are past their term.
type ended struct {
	id      int64
	name    string
	entries int64 // past their term, that nothing else keeps
}

// keptByNothingElse is the condition of SQL that an entry before the cut is in the pin ?1 and in no other one.
const keptByNothingElse = `pin = ?1 AND i < (SELECT cut FROM diary_head)
	AND i NOT IN (SELECT o.i FROM diary_pinned AS o WHERE o.pin <> ?1)`

// dropEnded destroys what only pins kept that ended at once, see [EndPin], with an entry pin.end for each. What has
// a term that runs still goes with its year. Until the WAL is emptied, a prune is under way.
func (d *Diary) dropEnded(ctx context.Context) error {
	if d.Fault() != nil {
		return nil // it is told, and nothing is destroyed before it is accepted
	}
	list, err := collect(ctx, d.read, func(rows *sql.Rows) (e ended, err error) { return e, rows.Scan(&e.id, &e.name) },
		`SELECT id, name FROM diary_pins WHERE until = ? AND EXISTS (SELECT 1 FROM diary_pinned
			WHERE pin = id AND i < (SELECT cut FROM diary_head)) ORDER BY id`, atOnce)
	if err != nil {
		return explain(err, "couldn't read which pins ended")
	}
	for _, e := range list {
		if err := d.read.QueryRowContext(ctx, `SELECT count(*) FROM diary_pinned WHERE `+keptByNothingElse, e.id).Scan(&e.entries); err != nil {
			return explain(err, "couldn't read what was pinned for %s", e.name)
		}
		r, err := d.prepare(Entry{Op: opUnpin, Body: proof.Body{Note: "what it kept past its term is destroyed",
			Data: map[string]any{"name": e.name, "entries": e.entries}}})
		if err != nil {
			return err
		}
		r.guarded = true
		r.apply = func(b *batch, i int64) error { return b.dropPin(e, i) }
		if _, err := d.wait(ctx, r); err != nil {
			return fmt.Errorf("what was pinned for %s is still there: %w", e.name, err)
		}
	}
	return nil
}

// dropPin takes a pin away with what it alone kept past its term. The entry i says so.
func (b *batch) dropPin(e ended, i int64) error {
	for _, statement := range []string{
		`DELETE FROM diary_bodies WHERE i IN (SELECT i FROM diary_pinned WHERE ` + keptByNothingElse + `)`,
		`DELETE FROM diary_leaves WHERE i IN (SELECT i FROM diary_pinned WHERE ` + keptByNothingElse + `)`,
		`UPDATE diary_keys SET pin = NULL WHERE pin = ?1`,
		`DELETE FROM diary_pins WHERE id = ?1`,
	} {
		if err := b.exec(statement, e.id); err != nil {
			return err
		}
	}
	if err := b.exec(`DELETE FROM diary_keys WHERE id NOT IN (SELECT key FROM diary_bodies)`); err != nil {
		return err
	}
	b.content = nil // its row may be among those that went
	return b.exec(`INSERT OR IGNORE INTO diary_prune (one, i, cut, time) VALUES (1, ?, ?, ?)`, i, b.cut, b.now.UnixMilli())
}
