package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// writer is what the writing goroutine knows of the diary as it is durable. Nobody else touches it.
type writer struct {
	db      *sql.DB // one connection
	stale   bool    // a commit failed: the database is to be read again
	seen    int64   // PRAGMA data_version: another value says that somebody else has written
	tree    proof.Frontier
	origin  string
	signer  *signer             // nil while the key in the file is not the diary's: then nothing can be written
	retired []note.Signer       // of the key that this very batch replaces, to sign once more
	ended   bool                // this very batch ends the fault
	public  []keyring.PublicKey // that content keys are sealed to
	content *contentKey         // nil until the first entry of this run
	cut     int64               // entries before it are pruned
	year    int                 // calendar year of the entries since the last year.close
	state   []byte              // manifest of the governed state
	signed  *proof.Hash         // obj of the last governed entry: the manifest's hash, or the manifest proves nothing
	askew   []string            // governed tables that are not as the manifest has them
}

// batch is the diary as it will be once its transaction is committed.
type batch struct {
	writer
	ctx     context.Context
	tx      *sql.Tx
	now     time.Time
	note    []byte  // the signed checkpoint
	touched bool    // there is something to commit
	signs   bool    // there is a key to sign it with, or the batch brings one
	found   *Fault  // what this very batch found
	faults  []Fault // whose incidents are among its entries
	d       *Diary
}

// commitAll commits a batch, and after a failure finds out what became of it.
func (d *Diary) commitAll(list []*request) (err error) {
	defer func() { err = remedy(err, d.o.Path) }()
	ctx := context.Background()
	if d.w.stale {
		if err := d.reread(ctx); err != nil {
			return err
		}
	}
	if list[0].alone != nil {
		return list[0].alone(d.w.db)
	}
	committing, err := d.commit(ctx, list)
	if err == nil || !committing {
		return err
	}
	before := d.w.tree.Size()
	if again := d.reread(ctx); again != nil || d.w.tree.Size() != before {
		for _, r := range list {
			if r.doubt == 0 { // the first time that it may have been written counts
				r.doubt = before
			}
		}
		if err = fmt.Errorf("%w: %w", ErrUncertain, err); again != nil {
			err = fmt.Errorf("%w; %w", err, again)
		}
	}
	return err
}

// there tells whether an entry whose commit was uncertain is in the diary after all, and gives its receipt. Its
// salt makes its body's hash its own.
func (b *batch) there(r *request) (found bool, err error) {
	if r.doubt == 0 {
		return false, nil
	}
	var raw []byte
	err = b.tx.QueryRowContext(b.ctx, `SELECT leaf FROM diary_leaves WHERE i >= ? AND instr(leaf, ?)`,
		r.doubt, proof.HashBody(r.body).String()).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, explain(err, "couldn't look for an entry")
	}
	l, err := proof.ParseLeaf(raw)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r.receipt = Receipt{Index: l.Index, Time: l.Time, Leaf: proof.HashLeaf(raw), Size: b.tree.Size()}
	return true, nil
}

// commit is the sequence of the package comment, "How an entry gets in". committing says whether a
// failure came so late that the batch may be there nevertheless.
func (d *Diary) commit(ctx context.Context, list []*request) (committing bool, err error) {
	b := &batch{writer: d.w, ctx: ctx, now: d.o.Now(), d: d}
	b.signs = d.w.signer != nil || slices.ContainsFunc(list, func(r *request) bool { return r.signs })
	defer func() {
		if err != nil && b.found != nil {
			d.notEntered(*b.found)
		}
	}()
	b.tree = d.w.tree.Clone()
	if b.tx, err = d.w.db.BeginTx(ctx, nil); err != nil {
		return false, explain(err, "couldn't begin to write the diary")
	}
	err = b.fill(list)
	if err == nil && b.tree.Size() > d.w.tree.Size() {
		err = b.sign()
	}
	if err != nil || !b.touched {
		return false, d.undo(b, err)
	}
	if err := d.step("commit"); err != nil {
		return false, d.undo(b, err)
	}
	err = b.tx.Commit()
	if err == nil {
		err = d.step("committed")
	}
	if err != nil {
		d.w.stale = true
		return true, explain(err, "couldn't commit %d entries", len(list))
	}
	d.adopt(b, list)
	return true, nil
}

// undo takes a batch back. If even that fails, the database is to be read again.
func (d *Diary) undo(b *batch, err error) error {
	if failed := b.tx.Rollback(); failed != nil {
		d.w.stale = true
		return errors.Join(err, explain(failed, "couldn't take back what was not committed"))
	}
	return err
}

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

// sign signs the root and puts the checkpoint in the place of the last.
func (b *batch) sign() (err error) {
	if b.signer == nil { // what was to bring one failed
		return fmt.Errorf("%w: %v", ErrKey, b.d.Fault())
	}
	c := proof.Checkpoint{Origin: b.origin, Size: b.tree.Size(), Root: b.tree.Root()}
	b.note, err = proof.SignCheckpoint(c, append(b.retired, b.signer)...)
	if err != nil {
		return err
	}
	if err := b.keepRotation(); err != nil {
		return err
	}
	return b.exec(`UPDATE diary_head SET size = ?, checkpoint = ?, state = ?`, c.Size, string(b.note), string(b.state))
}

// adopt makes what was committed the diary that all see.
func (d *Diary) adopt(b *batch, list []*request) {
	ended := b.ended
	d.w = b.writer
	d.w.retired, d.w.ended = nil, false
	d.mu.Lock()
	defer d.mu.Unlock()
	d.head.Origin = b.origin
	if b.signer != nil {
		d.head.VKey = b.signer.key.String()
	}
	d.head.Cut = b.cut
	d.head.Size, d.head.Root = b.tree.Size(), b.tree.Root()
	if b.note != nil {
		d.note = b.note
	}
	if ended {
		d.faults, d.noted = nil, true
	}
	for _, f := range b.faults { // Accept may have ended what was found while its incident waited
		if !slices.ContainsFunc(d.faults, func(o openFault) bool { return o.Kind == f.Kind && o.By == f.By }) {
			d.faults = append(d.faults, openFault{f, true})
		}
	}
	for _, r := range list {
		r.receipt.Size = d.head.Size
	}
}
