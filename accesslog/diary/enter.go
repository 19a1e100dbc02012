package diary

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

// fill writes the entries of a batch. Its error is that of the whole batch.
func (b *batch) fill(list []*request) error {
	if err := b.watchState(); err != nil {
		return err
	}
	if err := b.closeYear(); err != nil {
		return err
	}
	for _, r := range list {
		r.err, r.receipt = nil, Receipt{}
		there, err := b.there(r)
		if err == nil && !there {
			err = b.enter(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// enter writes one entry. What goes wrong in its own change of state is told to its caller alone.
func (b *batch) enter(r *request) error {
	i := b.tree.Size()
	if !b.signs && !r.plain {
		r.err = fmt.Errorf("%w: %v", ErrKey, b.d.Fault())
		return nil
	}
	if r.guarded && b.d.Fault() != nil {
		r.err = fmt.Errorf("%w: %v", ErrFault, b.d.Fault())
		return nil
	}
	if r.ref != nil && *r.ref >= i {
		r.err = fmt.Errorf("it refers to entry %d: %w", *r.ref, ErrNoEntry)
		return nil
	}
	b.touched = b.touched || r.plain
	if r.apply != nil {
		if failed, err := b.change(r, i); failed || err != nil || r.plain {
			return err
		}
	}
	leaf := proof.Leaf{Index: i, Op: r.op, Time: b.now, Body: proof.HashBody(r.body), Ref: r.ref}
	manifest, err := b.obj(r, &leaf)
	if err != nil {
		return err
	}
	return b.insert(r, leaf, manifest)
}

// change runs a change of state, undone alone if it fails.
func (b *batch) change(r *request, i int64) (failed bool, err error) {
	if _, err := b.tx.ExecContext(b.ctx, "SAVEPOINT entry"); err != nil {
		return false, explain(err, "couldn't begin a change of state")
	}
	before := b.writer
	if r.err = r.apply(b, i); r.err != nil {
		if noDisk(r.err) { // then SQLite may have taken back the whole batch
			err, r.err = r.err, nil
			return true, explain(err, "couldn't change the state")
		}
		b.writer = before
		_, err = b.tx.ExecContext(b.ctx, "ROLLBACK TO entry")
	}
	if err == nil {
		_, err = b.tx.ExecContext(b.ctx, "RELEASE entry")
	}
	return r.err != nil, explain(err, "couldn't end a change of state")
}

// obj gives the leaf its obj: the digest of the state for governed operations, else the hash of the
// entry's manifest. While tables are at fault, their digests stay those that they should have; while nobody can tell
// what those are, none is signed, until two persons begin anew.
func (b *batch) obj(r *request, leaf *proof.Leaf) (manifest []byte, err error) {
	manifest = r.manifest
	if Governed(r.op) {
		if !r.signs && !proven(b.state, b.signed) {
			return nil, nil
		}
		if b.state, err = b.stateNow(); err != nil {
			return nil, err
		}
		manifest = b.state
	}
	if manifest != nil {
		h := proof.HashBody(manifest)
		leaf.Obj = &h
	}
	if Governed(r.op) {
		b.signed = leaf.Obj
	}
	return manifest, nil
}

// stateNow is the manifest of the governed state. A table at fault of which no digest was ever signed is not in it.
func (b *batch) stateNow() ([]byte, error) {
	names := stateTables(b.d.o.State)
	kept := map[string]string{}
	if len(b.askew) > 0 {
		known, err := tablesIn(b.state)
		if err != nil {
			return nil, err
		}
		for _, name := range b.askew {
			if digest, ok := known[name].(string); ok {
				kept[name] = digest
			} else {
				names = slices.DeleteFunc(names, func(n string) bool { return n == name })
			}
		}
	}
	return stateManifest(b.ctx, b.tx, names, kept)
}

// insert writes the rows of an entry and grows the tree. Whatever lies at an index that was not given yet,
// there and in all tables by index, is junk and goes.
func (b *batch) insert(r *request, leaf proof.Leaf, manifest []byte) error {
	raw, err := proof.EncodeLeaf(leaf)
	if err != nil {
		return err
	}
	if err := b.contentKeyFor(b.now); err != nil {
		return err
	}
	hash := proof.HashLeaf(raw)
	body := b.content.seal(bodyPart, b.origin, leaf.Index, hash, r.body)
	sealed := manifest
	if manifest != nil && !r.clear {
		sealed = b.content.seal(manifestPart, b.origin, leaf.Index, hash, manifest)
	}
	if err := b.exec(`INSERT INTO diary_leaves (i, leaf) VALUES (?, ?)`, leaf.Index, string(raw)); err != nil {
		return err
	}
	if err := b.exec(`INSERT OR REPLACE INTO diary_bodies (i, key, body, manifest, clear) VALUES (?, ?, ?, ?, ?)`,
		leaf.Index, b.content.id, body, sealed, r.clear); err != nil {
		return err
	}
	for _, n := range grow(&b.tree, hash) {
		if err := b.exec(`INSERT OR REPLACE INTO diary_hashes (id, hash) VALUES (?, ?)`, n.id, n.hash[:]); err != nil {
			return err
		}
	}
	r.receipt = Receipt{Index: leaf.Index, Time: leaf.Time.UTC().Truncate(time.Millisecond), Leaf: hash}
	b.touched = true
	return b.d.step("entered")
}

func (b *batch) exec(query string, args ...any) error {
	_, err := b.tx.ExecContext(b.ctx, query, args...)
	return explain(err, "couldn't write entry %d", b.tree.Size())
}

// contentKeyFor sees to a content key of the calendar year.
func (b *batch) contentKeyFor(t time.Time) (err error) {
	year := t.UTC().Year()
	if b.content == nil || b.content.year != year {
		b.content, err = newContentKey(b.ctx, b.tx, b.public, year, nil)
	}
	return err
}

// closeYear writes year.close where a calendar year is over. A clock that went back reopens none.
func (b *batch) closeYear() error {
	year := b.now.UTC().Year()
	if year <= b.year || b.tree.Size() == 0 || !b.signs {
		return nil
	}
	r, err := b.d.prepare(Entry{Op: opYearClose, Body: proof.Body{Data: map[string]any{"year": int64(b.year)}}})
	if err != nil {
		return err
	}
	closing := b.year
	r.apply = func(b *batch, i int64) error {
		return b.exec(`INSERT OR REPLACE INTO diary_years (i, year) VALUES (?, ?)`, i, closing)
	}
	if err := b.enter(r); err != nil || r.err != nil {
		return errors.Join(err, r.err)
	}
	b.year = year
	return nil
}
