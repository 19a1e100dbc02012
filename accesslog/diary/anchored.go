package diary

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
)

// AddParty writes party.add: from this entry on the party's word counts. Its key is not changed later; a
// party with a new key is a new party.
func (d *Diary) AddParty(ctx context.Context, p Party, by proof.Body) (Receipt, error) {
	if strings.TrimSpace(p.Name) == "" || strings.TrimSpace(p.Key) == "" || p.Kind != "witness" && p.Kind != "tsa" {
		return Receipt{}, fmt.Errorf("%q can't be an outside party: it takes a name, a key, and the kind witness or tsa", p.Name)
	}
	by.Data = map[string]any{"name": p.Name, "kind": p.Kind, "key": p.Key}
	r, err := d.prepare(Entry{Op: opParty, Body: by})
	if err != nil {
		return Receipt{}, err
	}
	r.guarded = true
	r.apply = func(b *batch, i int64) error {
		return b.exec(`INSERT INTO diary_parties (name, kind, key, first) VALUES (?, ?, ?, ?)`, p.Name, p.Kind, p.Key, i)
	}
	return d.wait(ctx, r)
}

// Parties are the outside parties that count.
func (d *Diary) Parties(ctx context.Context) ([]Party, error) { return partiesOf(ctx, d.read) }

func partiesOf(ctx context.Context, db querier) ([]Party, error) {
	list, err := collect(ctx, db, func(rows *sql.Rows) (p Party, err error) {
		return p, rows.Scan(&p.Name, &p.Kind, &p.Key, &p.First)
	}, `SELECT name, kind, key, first FROM diary_parties ORDER BY first`)
	return list, explain(err, "couldn't read the outside parties")
}

// Anchored writes an anchor entry and keeps what the party gave, which the caller has verified. The
// checkpoint must be one that [Diary.Checkpoint] returned.
func (d *Diary) Anchored(ctx context.Context, a Anchor) (Receipt, error) {
	r, err := d.prepare(Entry{Op: opAnchor, Body: proof.Body{Data: map[string]any{
		"kind": a.Kind, "party": a.Party, "size": a.Size, "time": a.Time.UTC().Format(time.RFC3339Nano)}}})
	if err != nil {
		return Receipt{}, err
	}
	r.apply = func(b *batch, i int64) error {
		var left bool
		if err := b.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM diary_released WHERE size = ?)`, a.Size).Scan(&left); err != nil {
			return explain(err, "couldn't read the checkpoints that left")
		}
		if !left {
			return fmt.Errorf("an anchor over %d entries: %w", a.Size, ErrNotReleased)
		}
		return b.exec(`INSERT OR REPLACE INTO diary_anchors (i, size, kind, party, time, data) VALUES (?, ?, ?, ?, ?, ?)`,
			i, a.Size, a.Kind, a.Party, a.Time.UnixMilli(), a.Data)
	}
	return d.wait(ctx, r)
}

// Anchors are what outside parties gave for checkpoints of at least size, oldest first.
func (d *Diary) Anchors(ctx context.Context, size int64) ([]Anchor, error) {
	list, err := anchorsOf(ctx, d.read, size)
	return list, d.orClosed(err)
}

func anchorsOf(ctx context.Context, db querier, size int64) ([]Anchor, error) {
	list, err := collect(ctx, db, scanAnchor, `SELECT i, size, kind, party, time, data FROM diary_anchors WHERE size >= ? ORDER BY size, i`, size)
	return list, explain(err, "couldn't read the anchors")
}

// Released is a checkpoint that left the appliance.
type Released struct {
	Size int64
	Note []byte
}

// Released are the checkpoints that left, oldest first. Each can be joined with every later one by
// [Diary.Consistency], however much was pruned.
func (d *Diary) Released(ctx context.Context) ([]Released, error) { return releasedOf(ctx, d.read) }

func releasedOf(ctx context.Context, db querier) ([]Released, error) {
	list, err := collect(ctx, db, func(rows *sql.Rows) (r Released, err error) { return r, rows.Scan(&r.Size, &r.Note) },
		`SELECT size, checkpoint FROM diary_released ORDER BY size, checkpoint`)
	return list, explain(err, "couldn't read the checkpoints that left")
}
