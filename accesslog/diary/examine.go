package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"varuh/accesslog/diary/proof"
)

// Unreadable tells whether an error is about what one entry says, so that others may still be read: it is
// damaged or missing, or no key opens it.
func Unreadable(err error) bool { return errors.Is(err, ErrDamaged) || errors.Is(err, ErrNoKey) }

// Part is what lies encrypted behind a leaf, as far as it can be told without a private key.
type Part struct {
	proof.Leaf
	Bytes int64 // of body and manifest
	Err   error // what is wrong with them, an [ErrDamaged] that names the entry; nil for nothing
}

// Parts looks at what lies behind the leaves from (included) to (not included), in order: whether body,
// manifest and content key are there, in lengths that can be right. Entries before the cut that a pin keeps
// are among them, and are held against the tree. Whether a body is the one that was signed only an [Opener]
// tells.
func (d *Diary) Parts(ctx context.Context, from, to int64) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		h := d.Head()
		sealed, err := sealedKeys(ctx, d.read)
		if err != nil {
			yield(Part{}, d.orClosed(err))
			return
		}
		for at := max(from, 0); at < min(to, h.Size); at += leafBatch {
			list, err := d.parts(ctx, at, min(at+leafBatch, to, h.Size), sealed)
			if now := d.Head().Cut; now > h.Cut {
				list, err = nil, fmt.Errorf("entries before %d, while they were read: %w", now, ErrPruned)
			}
			if err != nil {
				yield(Part{}, d.orClosed(err))
				return
			}
			for _, p := range list {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

// sealedKeys are the content keys that somebody can open.
func sealedKeys(ctx context.Context, db querier) (map[int64]bool, error) {
	list, err := collect(ctx, db, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) }, `SELECT DISTINCT key FROM diary_sealed`)
	if err != nil {
		return nil, explain(err, "couldn't read the content keys")
	}
	sealed := map[int64]bool{}
	for _, id := range list {
		sealed[id] = true
	}
	return sealed, nil
}

// row is a leaf and what there is behind it.
type row struct {
	i              int64
	raw            []byte
	key            sql.NullInt64 // not valid: there is no body
	body, manifest sql.NullInt64 // lengths
}

func (d *Diary) parts(ctx context.Context, from, to int64, sealed map[int64]bool) (list []Part, err error) {
	rows, err := collect(ctx, d.read, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.i, &r.raw, &r.key, &r.body, &r.manifest)
	}, `SELECT l.i, l.leaf, b.key, length(b.body), length(b.manifest)
		FROM diary_leaves l LEFT JOIN diary_bodies b ON b.i = l.i WHERE l.i >= ? AND l.i < ? ORDER BY l.i`, from, to)
	if err != nil {
		return nil, explain(err, "couldn't read entries %d to %d", from, to-1)
	}
	for _, r := range rows {
		p := Part{Bytes: r.body.Int64 + r.manifest.Int64}
		if p.Leaf, err = parseLeaf(r.raw, r.i); err != nil {
			return nil, err
		}
		if wrong := r.wrong(p.Leaf, sealed); wrong != "" {
			p.Err = fmt.Errorf("%w: entry %d %s", ErrDamaged, r.i, wrong)
		} else if err := checkKept(ctx, d.read, d.Head(), r.i, proof.HashLeaf(r.raw)); errors.Is(err, ErrDamaged) {
			p.Err = err
		} else if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// wrong says what cannot be right, "" for nothing.
func (r row) wrong(l proof.Leaf, sealed map[int64]bool) string {
	const extra = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	switch {
	case !r.key.Valid:
		return "has no body"
	case !sealed[r.key.Int64]:
		return fmt.Sprintf("is encrypted under content key %d, which is not there", r.key.Int64)
	case r.body.Int64 <= extra || r.body.Int64 > proof.MaxBody+extra:
		return fmt.Sprintf("has a body of %d bytes, which can't be", r.body.Int64)
	case l.Obj != nil && !r.manifest.Valid:
		return "has no manifest"
	case l.Obj == nil && r.manifest.Valid:
		return "has a manifest that its leaf does not know"
	case r.manifest.Valid && r.manifest.Int64 > proof.MaxManifest+extra:
		return fmt.Sprintf("has a manifest of %d bytes, which can't be", r.manifest.Int64)
	}
	return ""
}

// Strays are bodies that belong to no entry, as an error that names up to ten; nil if there are none. What
// was pruned, or taken away, should be gone with its body.
func (d *Diary) Strays(ctx context.Context) error {
	h := d.Head()
	list, err := collect(ctx, d.read, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }, `
		SELECT i FROM diary_bodies WHERE (i < ? OR i >= (SELECT size FROM diary_head))
		AND NOT EXISTS (SELECT 1 FROM diary_leaves l WHERE l.i = diary_bodies.i) ORDER BY i LIMIT 10`, h.Cut)
	switch {
	case err != nil:
		return explain(err, "couldn't read the diary")
	case len(list) > 0 && d.Head().Cut == h.Cut:
		return fmt.Errorf("%w: there are bodies of entries that are not there: %s", ErrDamaged, strings.Join(list, ", "))
	}
	return ctx.Err()
}
