package diary

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Pin keeps entries past their term: a hold on footage pins its collect, view and export entries, a
// restriction those about the restricted range. name is that of the hold or restriction; a pin that is there
// grows. The bodies are sealed anew at once, under a content key of the pin, since the keys of their years are
// destroyed as a whole; so it takes an open door. It writes pin.set, and in its transaction what change writes
// of governed tables, nil for nothing.
func (d *Diary) Pin(ctx context.Context, name string, entries []int64, id keyring.Identity, by proof.Body, change Change) (Receipt, error) {
	by.Data = maps.Clone(by.Data)
	if by.Data == nil {
		by.Data = map[string]any{}
	}
	by.Data["name"], by.Data["entries"] = name, int64(len(entries))
	r, err := d.prepare(Entry{Op: opPin, Body: by})
	if err != nil {
		return Receipt{}, err
	}
	opener := d.Opener(id)
	r.guarded = true
	r.apply = func(b *batch, _ int64) error {
		if err := b.pinAll(opener, name, entries); err != nil || change == nil {
			return err
		}
		return change(b.tx)
	}
	return d.wait(ctx, r)
}

// pinAll seals entries under a key of a pin, which is made if there is none. Those that it has stay as they are.
func (b *batch) pinAll(o *Opener, name string, entries []int64) error {
	pin, err := b.pinNamed(name)
	if err != nil || len(entries) == 0 {
		return err
	}
	k, err := newContentKey(b.ctx, b.tx, b.public, b.now.UTC().Year(), &pin)
	if err != nil {
		return err
	}
	for _, i := range entries {
		var has bool
		if err := b.tx.QueryRowContext(b.ctx, `SELECT EXISTS (SELECT 1 FROM diary_pinned WHERE pin = ? AND i = ?)`, pin, i).Scan(&has); err != nil {
			return explain(err, "couldn't read what is pinned for %s", name)
		}
		if has {
			continue
		}
		if err := b.pinEntry(o, k, pin, i); err != nil {
			return err
		}
	}
	return nil
}

// pinNamed is the id of a pin, which is made if there is none.
func (b *batch) pinNamed(name string) (pin int64, err error) {
	err = b.tx.QueryRowContext(b.ctx, `SELECT id FROM diary_pins WHERE name = ?`, name).Scan(&pin)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return pin, explain(err, "couldn't read what is pinned for %s", name)
	}
	if pin, err = freshID(b.ctx, b.tx, "diary_pins"); err != nil {
		return 0, err
	}
	_, err = b.tx.ExecContext(b.ctx, `INSERT INTO diary_pins (id, name) VALUES (?, ?)`, pin, name)
	return pin, explain(err, "couldn't pin for %s", name)
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

// EndPin lets the entries of a pin, if there is one, go to their term again, inside the change of a governed entry: from
// the time until on, or at once where that is zero.
//
// Those whose term was over before go with [Diary.FinishPrune] where they go at once: it takes no outside time
// to tell that their time has come, for the entry that ended the pin says so. Where they go later, as after a
// restriction, they wait for the next prune, which has such a time: setting the clock must not be enough.
func EndPin(ctx context.Context, tx *sql.Tx, name string, until time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE diary_pins SET until = ? WHERE name = ?`, untilOf(until), name)
	return explain(err, "couldn't end the pin of %s", name)
}

// atOnce is the until of a pin that no time is waited for.
const atOnce = 0

func untilOf(t time.Time) int64 {
	if t.IsZero() {
		return atOnce
	}
	return t.UnixMilli()
}
