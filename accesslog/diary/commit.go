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
		if noDisk(err) { // then SQLite has taken back all by itself, as it may
			return err
		}
		return errors.Join(err, explain(failed, "couldn't take back what was not committed"))
	}
	return err
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
