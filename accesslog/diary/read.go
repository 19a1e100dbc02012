package diary

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Checkpoint is the last signed checkpoint, durable, and from now on remembered as one that left the
// appliance: whatever is pruned, it can be joined with later ones.
func (d *Diary) Checkpoint(ctx context.Context) ([]byte, error) {
	var note []byte
	err := d.change(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT checkpoint FROM diary_head`).Scan(&note); err != nil {
			return err
		}
		c, err := proof.ReadCheckpoint(note)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		_, err = tx.ExecContext(ctx, `INSERT OR IGNORE INTO diary_released (size, checkpoint) VALUES (?, ?)`, c.Size, string(note))
		return err
	})
	if err != nil {
		return nil, explain(err, "couldn't release a checkpoint")
	}
	return note, d.leaveNote()
}

// Prove proves that entry i is in the tree of size, from 1 to the size of the head.
func (d *Diary) Prove(ctx context.Context, i, size int64) (tlog.RecordProof, error) {
	h := d.Head()
	if i < 0 || i >= size || size > h.Size {
		return nil, fmt.Errorf("entry %d of %d: %w", i, size, ErrNoEntry)
	}
	p, err := tlog.ProveRecord(size, i, reader{ctx, d.read, h.Cut})
	if err != nil {
		return nil, fmt.Errorf("couldn't prove entry %d: %w", i, err)
	}
	return p, nil
}

// Consistency proves that the tree of the first old entries is the beginning of the tree of the first
// size entries (RFC 6962, section 2.1.2). 0 < old < size. Where old lies before the last cut, it must be
// the size of a checkpoint that left the appliance; else the error is [ErrPruned].
func (d *Diary) Consistency(ctx context.Context, old, size int64) (tlog.TreeProof, error) {
	h := d.Head()
	if old <= 0 || old >= size || size > h.Size {
		return nil, fmt.Errorf("from %d to %d of %d entries: %w", old, size, h.Size, ErrNoEntry)
	}
	p, err := tlog.ProveTree(size, old, reader{ctx, d.read, h.Cut})
	if err != nil {
		return nil, fmt.Errorf("couldn't prove that %d entries begin with %d: %w", size, old, err)
	}
	return p, nil
}

// Entries reads the leaves from (included) to (not included), in order. What is pruned is not among them.
func (d *Diary) Entries(ctx context.Context, from, to int64) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		h := d.Head()
		i := max(from, h.Cut)
		for raw, err := range leaves(ctx, d.read, i, min(to, h.Size)) {
			s := Stored{}
			if now := d.Head().Cut; err != nil && now > h.Cut {
				err = fmt.Errorf("entries before %d, while they were read: %w", now, ErrPruned)
			}
			if err == nil {
				s.Raw = bytes.Clone(raw)
				s.Leaf, err = parseLeaf(s.Raw, i)
				i++
			}
			if !yield(s, d.orClosed(err)) || err != nil {
				return
			}
		}
	}
}

// Opener opens bodies with private keys, and keeps the content keys that it opened. Its methods may be
// called from many goroutines.
type Opener struct {
	d    *Diary
	keys keyring.Identity

	mu      sync.Mutex // guards what follows
	content map[int64]*contentKey
	origins []span
	known   int64 // origins are those of the entries before it
}

// span is an origin and the first entry bound to it.
type span struct {
	first int64
	name  string
}

// Opener opens bodies with the private keys.
func (d *Diary) Opener(id keyring.Identity) *Opener {
	return &Opener{d: d, keys: id, content: map[int64]*contentKey{}}
}

// Open returns body and manifest of entry i, byte for byte as they were hashed; manifest is nil if there
// is none. The error is [ErrNoEntry], [ErrPruned], [ErrNoKey] or [ErrDamaged].
func (o *Opener) Open(ctx context.Context, i int64) (body, manifest []byte, err error) {
	body, manifest, err = o.open(ctx, o.d.read, o.d.Head(), i)
	return body, manifest, o.d.orClosed(err)
}

// open reads through db, of which h is the head.
func (o *Opener) open(ctx context.Context, db querier, h Head, i int64) (body, manifest []byte, err error) {
	raw, leaf, err := readLeaf(ctx, db, h, i)
	if err != nil {
		return nil, nil, err
	}
	var key int64
	var clear bool
	var sealedBody, sealedManifest []byte
	err = db.QueryRowContext(ctx, `SELECT key, body, manifest, clear FROM diary_bodies WHERE i = ?`, i).
		Scan(&key, &sealedBody, &sealedManifest, &clear)
	switch {
	case errors.Is(err, sql.ErrNoRows) && i < o.d.Head().Cut:
		return nil, nil, fmt.Errorf("entry %d: %w", i, ErrPruned) // just now, behind the leaf's reading
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil, fmt.Errorf("%w: entry %d has no body", ErrDamaged, i)
	case err != nil:
		return nil, nil, explain(err, "couldn't read entry %d", i)
	}
	k, origin, err := o.keyOf(ctx, db, i, key)
	if err != nil {
		return nil, nil, fmt.Errorf("entry %d: %w", i, err)
	}
	hash := proof.HashLeaf(raw)
	if err := checkKept(ctx, db, h, i, hash); err != nil {
		return nil, nil, err
	}
	if body, err = k.open(bodyPart, origin, i, hash, sealedBody, leaf.Body); err != nil {
		return nil, nil, err
	}
	switch {
	case leaf.Obj == nil && sealedManifest == nil:
	case leaf.Obj == nil || sealedManifest == nil:
		return nil, nil, fmt.Errorf("%w: entry %d and its manifest don't belong together", ErrDamaged, i)
	case clear:
		manifest, err = checkManifest(i, sealedManifest, leaf)
	default:
		manifest, err = k.open(manifestPart, origin, i, hash, sealedManifest, *leaf.Obj)
	}
	return body, manifest, err
}

// Manifest returns the manifest of entry i where it was stored unencrypted, see [Entry]. It takes no key. The
// error is [ErrNoEntry], [ErrPruned], [ErrDamaged], or [ErrNoKey] where it was stored encrypted; an entry
// without a manifest has none, nil.
func (d *Diary) Manifest(ctx context.Context, i int64) ([]byte, error) {
	return d.manifest(ctx, d.read, i)
}

func (d *Diary) manifest(ctx context.Context, db querier, i int64) ([]byte, error) {
	h := d.Head()
	raw, leaf, err := readLeaf(ctx, db, h, i)
	if err != nil {
		return nil, err
	}
	if leaf.Obj == nil {
		return nil, nil
	}
	var clear bool
	var stored []byte
	err = db.QueryRowContext(ctx, `SELECT manifest, clear FROM diary_bodies WHERE i = ?`, i).Scan(&stored, &clear)
	switch {
	case errors.Is(err, sql.ErrNoRows) && i < d.Head().Cut:
		return nil, fmt.Errorf("entry %d: %w", i, ErrPruned) // just now, behind the leaf's reading
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("%w: entry %d has no body", ErrDamaged, i)
	case err != nil:
		return nil, explain(err, "couldn't read entry %d", i)
	case !clear:
		return nil, fmt.Errorf("the manifest of entry %d: %w", i, ErrNoKey)
	}
	if err := checkKept(ctx, db, h, i, proof.HashLeaf(raw)); err != nil {
		return nil, err
	}
	return checkManifest(i, stored, leaf)
}

// checkManifest holds a manifest that was stored unencrypted against its leaf.
func checkManifest(i int64, manifest []byte, leaf proof.Leaf) ([]byte, error) {
	if proof.HashBody(manifest) != *leaf.Obj {
		return nil, fmt.Errorf("%w: the %s of entry %d is not what was written", ErrDamaged, manifestPart, i)
	}
	return manifest, nil
}

// checkKept proves an entry that is pinned before the cut: a start reads only what lies behind it.
func checkKept(ctx context.Context, db querier, h Head, i int64, leaf tlog.Hash) error {
	if i >= h.Cut {
		return nil
	}
	p, err := tlog.ProveRecord(h.Size, i, reader{ctx, db, h.Cut})
	if err != nil {
		return fmt.Errorf("couldn't prove entry %d: %w", i, err)
	}
	if err := tlog.CheckRecord(p, h.Size, h.Root, i, leaf); err != nil {
		return fmt.Errorf("%w: entry %d is not what was written: %w", ErrDamaged, i, err)
	}
	return nil
}

// keyOf finds content key and origin of an entry.
func (o *Opener) keyOf(ctx context.Context, db querier, i, key int64) (_ *contentKey, origin string, err error) {
	if origin, err = o.originOf(ctx, db, i); err != nil {
		return nil, "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	k := o.content[key]
	if k == nil {
		if k, _, err = openContentKey(ctx, db, o.keys, key); err != nil {
			return nil, "", err
		}
		o.content[key] = k
	}
	return k, origin, nil
}

// originOf finds the origin that an entry is bound to.
func (o *Opener) originOf(ctx context.Context, db querier, i int64) (origin string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i >= o.known {
		var known int64 // read first, by the same connection: the origins of so many entries are there
		if err := db.QueryRowContext(ctx, `SELECT size FROM diary_head`).Scan(&known); err != nil {
			return "", explain(err, "couldn't read the diary")
		}
		origins, err := collect(ctx, db, func(rows *sql.Rows) (s span, err error) { return s, rows.Scan(&s.first, &s.name) },
			`SELECT first, origin FROM `+begunOrigins+` ORDER BY first`)
		if err != nil {
			return "", explain(err, "couldn't read the origins of the diary")
		}
		o.origins, o.known = origins, known
	}
	for _, s := range o.origins {
		if s.first <= i {
			origin = s.name
		}
	}
	return origin, nil
}

// readLeaf reads one leaf.
func readLeaf(ctx context.Context, db querier, h Head, i int64) (raw []byte, l proof.Leaf, err error) {
	err = db.QueryRowContext(ctx, `SELECT leaf FROM diary_leaves WHERE i = ?`, i).Scan(&raw)
	switch {
	case errors.Is(err, sql.ErrNoRows) && i >= 0 && i < h.Cut:
		return nil, l, fmt.Errorf("entry %d: %w", i, ErrPruned)
	case errors.Is(err, sql.ErrNoRows) && i >= 0 && i < h.Size:
		return nil, l, fmt.Errorf("%w: entry %d is missing", ErrDamaged, i)
	case errors.Is(err, sql.ErrNoRows):
		return nil, l, fmt.Errorf("entry %d: %w", i, ErrNoEntry)
	case err != nil:
		return nil, l, explain(err, "couldn't read entry %d", i)
	}
	if l, err = parseLeaf(raw, i); err != nil {
		return nil, l, err
	}
	return raw, l, nil
}
