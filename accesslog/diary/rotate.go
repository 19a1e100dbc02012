package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// RotateSigningKey puts a new signing key in force, in the steps of the package comment, and destroys the
// old one. The reason, such as yearly or compromise, is in the entry's manifest, so it names nobody.
//
// After a compromise: rotate, anchor at once, tell the witnesses the new key, and hold the diary against
// the last checkpoint that had left before the thief could have had the key.
func (d *Diary) RotateSigningKey(ctx context.Context, by proof.Body, reason string) (Receipt, error) {
	if strings.TrimSpace(reason) == "" {
		return Receipt{}, errors.New("to change the signing key takes a reason, such as yearly or compromise")
	}
	d.changing.Lock()
	defer d.changing.Unlock()
	if err := d.ownKey(ctx); err != nil {
		return Receipt{}, err
	}
	head := d.Head()
	next, err := d.keys.prepare(head.Origin)
	if err != nil {
		return Receipt{}, err
	}
	old, err := proof.ParseKey(head.VKey)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: its signing key: %w", ErrDamaged, err)
	}
	manifest, err := proof.Rotation{Old: old, New: next.key, Reason: reason}.Encode()
	if err != nil {
		return Receipt{}, err
	}
	r, err := d.prepare(Entry{Op: opRotate, Body: by, Manifest: manifest})
	if err != nil {
		return Receipt{}, err
	}
	r.last = true
	r.apply = func(b *batch, i int64) error {
		if b.signer.key != old {
			return errors.New("the signing key was changed by somebody else just now")
		}
		b.signer, b.retired = next, []note.Signer{b.signer}
		return b.exec(`INSERT OR REPLACE INTO diary_signers (first, vkey, manifest, inclusion) VALUES (?, ?, ?, ?)`,
			i, next.key.String(), string(manifest), flatten(lastPath(b.tree)))
	}
	return d.changeKey(ctx, r)
}

// ownKey sees to it that the key in force lies under its own name before another is put beside it: an earlier
// change may have failed at its end, or nobody may know how it ended. Where neither file holds it, nothing can be
// lost any more.
func (d *Diary) ownKey(ctx context.Context) error {
	err := d.onWriter(ctx, func(*sql.DB) error { // which has read the diary again, if a commit failed
		if d.w.signer == nil {
			return nil
		}
		_, err := d.keys.load(d.w.signer.key)
		return err
	})
	if err == nil || errors.Is(err, ErrKey) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("the signing key is not changed, for the last change of it has not come to its end: %w", err)
}

// changeKey writes an entry that puts the prepared key in force, and destroys the one before.
func (d *Diary) changeKey(ctx context.Context, r *request) (Receipt, error) {
	got, err := d.wait(ctx, r)
	if err != nil {
		return Receipt{}, err
	}
	if err := d.keys.settle(); err != nil {
		return got, fmt.Errorf("the new signing key is in force, the old one is to be destroyed at the next start: %w", err)
	}
	return got, d.leaveNote()
}

// lastPath is the way from the leaf that comes next to the root: what was there before it.
func lastPath(before proof.Frontier) []tlog.Hash {
	nodes := before.Nodes()
	slices.Reverse(nodes)
	return nodes
}

// keepRotation stores leaf and checkpoint of a key.rotate with its key, since they outlast its term.
func (b *batch) keepRotation() error {
	if len(b.retired) == 0 {
		return nil
	}
	last := b.tree.Size() - 1
	if err := b.exec(`INSERT INTO diary_released (size, checkpoint) VALUES (?, ?)`, b.tree.Size(), string(b.note)); err != nil {
		return err
	}
	return b.exec(`UPDATE diary_signers SET checkpoint = ?1, leaf = (SELECT leaf FROM diary_leaves WHERE i = ?2) WHERE first = ?2`,
		string(b.note), last)
}

// Keys are the verifier keys that the diary has had, oldest first.
func (d *Diary) Keys(ctx context.Context) ([]proof.Key, error) {
	return keysOf(ctx, d.read)
}

// keysOf leaves out what is no key: a start has named it.
func keysOf(ctx context.Context, db querier) (keys []proof.Key, err error) {
	list, err := collect(ctx, db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		`SELECT vkey FROM `+begunSigners+` ORDER BY first`)
	for _, text := range list {
		if k, err := proof.ParseKey(text); err == nil {
			keys = append(keys, k)
		}
	}
	return keys, explain(err, "couldn't read the keys of the diary")
}

// RotateReading seals all content keys anew, to other public keys, and all that come to them alone: the
// old reading and recovery keys open nothing any more. id opens what there is.
func (d *Diary) RotateReading(ctx context.Context, id keyring.Identity, pubs []keyring.PublicKey, by proof.Body) (Receipt, error) {
	if len(pubs) == 0 {
		return Receipt{}, errors.New("the diary needs a public key to be sealed to")
	}
	r, err := d.prepare(Entry{Op: opReading, Body: by})
	if err != nil {
		return Receipt{}, err
	}
	r.apply = func(b *batch, _ int64) error {
		b.content, b.public = nil, slices.Clone(pubs)
		return b.resealKeys(id, pubs)
	}
	got, err := d.wait(ctx, r)
	if err != nil {
		return got, err
	}
	return got, d.forgetBoxes(ctx)
}

// forgetBoxes empties the WAL, where what was sealed to the old keys would else lie until it is written over. A
// reader may keep it from that for a while.
func (d *Diary) forgetBoxes(ctx context.Context) (err error) {
	for range 20 { // each waits for readers, entries get in between
		if err = d.onWriter(ctx, truncateWAL); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("the content keys are sealed to the new keys, but what was sealed to the old is still in the WAL: do it again when nobody reads the diary: %w", err)
	}
	return nil
}

// resealKeys replaces the boxes of all content keys.
func (b *batch) resealKeys(id keyring.Identity, pubs []keyring.PublicKey) error {
	type row struct {
		id   int64
		name []byte
	}
	rows, err := collect(b.ctx, b.tx, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.name) }, `SELECT id, name FROM diary_keys`)
	if err != nil {
		return explain(err, "couldn't read the content keys")
	}
	for _, r := range rows {
		if err := b.resealKey(id, pubs, r.id, r.name); err != nil {
			return err
		}
	}
	return nil
}

// resealKey replaces the boxes of one.
func (b *batch) resealKey(id keyring.Identity, pubs []keyring.PublicKey, key int64, name []byte) error {
	_, secret, err := openContentKey(b.ctx, b.tx, id, key)
	if err != nil {
		return err
	}
	defer clear(secret)
	if err := b.exec(`DELETE FROM diary_sealed WHERE key = ?`, key); err != nil {
		return err
	}
	return sealContentKey(b.ctx, b.tx, pubs, key, name, secret)
}

// flatten joins hashes, and unflatten takes them apart.
func flatten(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

func unflatten(b []byte) ([]tlog.Hash, error) {
	if len(b)%tlog.HashSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes are no hashes", ErrDamaged, len(b))
	}
	list := []tlog.Hash{}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		list = append(list, tlog.Hash(b[:tlog.HashSize]))
	}
	return list, nil
}
