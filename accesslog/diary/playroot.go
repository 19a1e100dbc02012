package diary

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// PlayRoot does to a closed diary what its administrator can do with the files and keys of the appliance: it
// takes one entry out, numbers those behind it anew, and signs everything again, the note beside the key
// included. The appliance itself cannot tell afterwards. It is for demonstrations; none of it takes more
// than an editor for SQLite. id opens the bodies, which are bound to their numbers.
func PlayRoot(ctx context.Context, o Options, id keyring.Identity, victim int64) (err error) {
	d, err := newDiary(o, o.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.read.Close(), d.w.db.Close()) }()
	if err := d.load(ctx); err != nil {
		return err
	}
	opener, size := d.Opener(id), d.head.Size
	if victim <= 0 || victim >= size {
		return fmt.Errorf("entry %d can't be taken out: %w", victim, ErrNoEntry)
	}
	var f proof.Frontier
	var nodes []storedNode
	for i := range size {
		raw := []byte(nil)
		switch {
		case i == victim:
			continue
		case i < victim:
			raw, _, err = d.leaf(ctx, d.w.db, i)
		default:
			raw, err = d.shift(ctx, opener, i, victim)
		}
		if err != nil {
			return err
		}
		nodes = append(nodes, grow(&f, proof.HashLeaf(raw))...)
	}
	note, err := proof.SignCheckpoint(proof.Checkpoint{Origin: d.w.origin, Size: f.Size(), Root: f.Root()}, []note.Signer{d.w.signer}...)
	if err != nil {
		return err
	}
	for _, change := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM diary_leaves WHERE i = ?`, []any{size - 1}},
		{`DELETE FROM diary_bodies WHERE i = ?`, []any{size - 1}},
		{`DELETE FROM diary_released WHERE size > ?`, []any{victim}},
		{`DELETE FROM diary_hashes`, nil},
		{`UPDATE diary_head SET size = ?, checkpoint = ?`, []any{f.Size(), string(note)}},
	} {
		if _, err := d.w.db.ExecContext(ctx, change.query, change.args...); err != nil {
			return err
		}
	}
	for _, n := range nodes {
		if _, err := d.w.db.ExecContext(ctx, `INSERT INTO diary_hashes (id, hash) VALUES (?, ?)`, n.id, n.hash[:]); err != nil {
			return err
		}
	}
	return durable.WriteFile(d.keys.fs, filepath.Join(d.keys.dir, noteFile), note, 0o644)
}

// shift moves entry i one place towards the one that is taken out.
func (d *Diary) shift(ctx context.Context, opener *Opener, i, victim int64) (raw []byte, err error) {
	_, l, err := d.leaf(ctx, d.w.db, i)
	if err != nil {
		return nil, err
	}
	body, manifest, err := opener.open(ctx, d.w.db, i)
	if err != nil {
		return nil, err
	}
	var key int64
	var clear bool
	if err := d.w.db.QueryRowContext(ctx, `SELECT key, clear FROM diary_bodies WHERE i = ?`, i).Scan(&key, &clear); err != nil {
		return nil, err
	}
	content, origin, err := opener.keyOf(ctx, d.w.db, i, key)
	if err != nil {
		return nil, err
	}
	l.Index--
	switch {
	case l.Ref != nil && *l.Ref == victim:
		l.Ref = nil
	case l.Ref != nil && *l.Ref > victim:
		*l.Ref--
	}
	if raw, err = proof.EncodeLeaf(l); err != nil {
		return nil, err
	}
	hash := proof.HashLeaf(raw)
	sealed := manifest
	if manifest != nil && !clear {
		sealed = content.seal(manifestPart, origin, l.Index, hash, manifest)
	}
	if _, err := d.w.db.ExecContext(ctx, `UPDATE diary_leaves SET leaf = ? WHERE i = ?`, string(raw), l.Index); err != nil {
		return nil, err
	}
	_, err = d.w.db.ExecContext(ctx, `UPDATE diary_bodies SET key = ?, body = ?, manifest = ?, clear = ? WHERE i = ?`,
		key, content.seal(bodyPart, origin, l.Index, hash, body), sealed, clear, l.Index)
	return raw, err
}
