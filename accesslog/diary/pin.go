package diary

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Pin keeps entries past their term: a hold on footage pins its collect, view and export entries, a
// restriction those about the restricted range. name is that of the hold or restriction. The bodies are sealed
// anew at once, under a content key of the pin, since the keys of their years are destroyed as a whole; so
// it takes an open door. It writes pin.set.
func (d *Diary) Pin(ctx context.Context, name string, entries []int64, id keyring.Identity, by proof.Body) (Receipt, error) {
	by.Data = map[string]any{"name": name, "entries": int64(len(entries))}
	r, err := d.prepare(Entry{Op: opPin, Body: by})
	if err != nil {
		return Receipt{}, err
	}
	opener := d.Opener(id)
	r.guarded = true
	r.apply = func(b *batch, _ int64) error {
		pin, err := freshID(b.ctx, b.tx, "diary_pins")
		if err != nil {
			return err
		}
		if _, err := b.tx.ExecContext(b.ctx, `INSERT INTO diary_pins (id, name) VALUES (?, ?)`, pin, name); err != nil {
			return explain(err, "couldn't pin for %s", name)
		}
		k, err := newContentKey(b.ctx, b.tx, b.public, b.now.UTC().Year(), &pin)
		if err != nil {
			return err
		}
		for _, i := range entries {
			if err := b.pinEntry(opener, k, pin, i); err != nil {
				return err
			}
		}
		return nil
	}
	return d.wait(ctx, r)
}

// pinEntry seals one entry under the key of a pin.
func (b *batch) pinEntry(o *Opener, k *contentKey, pin, i int64) error {
	body, manifest, err := o.open(b.ctx, b.tx, b.d.Head(), i)
	if err != nil {
		return err
	}
	raw, _, err := readLeaf(b.ctx, b.tx, b.d.Head(), i)
	if err != nil {
		return err
	}
	origin, err := o.originOf(b.ctx, b.tx, i)
	if err != nil {
		return err
	}
	hash := proof.HashLeaf(raw)
	sealed := k.seal(bodyPart, origin, i, hash, body)
	var list []byte
	if manifest != nil {
		list = k.seal(manifestPart, origin, i, hash, manifest)
	}
	if err := b.exec(`UPDATE diary_bodies SET key = ?, body = ?, manifest = iif(clear, manifest, ?) WHERE i = ?`, k.id, sealed, list, i); err != nil {
		return err
	}
	return b.exec(`INSERT OR IGNORE INTO diary_pinned (pin, i) VALUES (?, ?)`, pin, i)
}

// Unpin lets entries go to their term again, from the time until on: at once for a hold, two years later for a
// restriction. It writes pin.end.
func (d *Diary) Unpin(ctx context.Context, name string, until time.Time, by proof.Body) (Receipt, error) {
	by.Data = map[string]any{"name": name, "until": until.UTC().Format(time.RFC3339)}
	r, err := d.prepare(Entry{Op: opUnpin, Body: by})
	if err != nil {
		return Receipt{}, err
	}
	r.guarded = true
	r.apply = func(b *batch, _ int64) error {
		done, err := b.tx.ExecContext(b.ctx, `UPDATE diary_pins SET until = ? WHERE name = ? AND until IS NULL`, until.UnixMilli(), name)
		if err != nil {
			return explain(err, "couldn't end the pins of %s", name)
		}
		switch n, err := done.RowsAffected(); {
		case err != nil:
			return explain(err, "couldn't end the pins of %s", name)
		case n == 0:
			return fmt.Errorf("nothing is pinned for %s: %w", name, sql.ErrNoRows)
		}
		return nil
	}
	return d.wait(ctx, r)
}
