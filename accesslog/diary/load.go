package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"varuh/accesslog/diary/proof"
)

// firstYear is the first year that there was a diary: no entry is older, whatever a clock said.
const firstYear = 2026

// record is what the database says of itself, read in one transaction.
type record struct {
	head     Head
	note     []byte
	state    []byte // manifest of the governed state
	lastYear sql.NullInt64
	faults   []entered // not accepted, as the table has them
}

// load reads and verifies the whole diary. It is what a start does.
func (d *Diary) load(ctx context.Context) error {
	if err := checkFile(ctx, d.o.Path, d.w.db); err != nil {
		return err
	}
	rec, err := d.readRecord(ctx, d.w.db)
	if err != nil {
		return err
	}
	signed, err := d.loadSigner(ctx, rec)
	if err != nil {
		return err
	}
	if signed.Origin != rec.head.Origin || signed.Size != rec.head.Size {
		return fmt.Errorf("%w: its last checkpoint is not one over %d entries of %q", ErrDamaged, rec.head.Size, rec.head.Origin)
	}
	rec.head.Root = signed.Root
	v, err := d.verifyLeaves(ctx, rec.head)
	if err != nil {
		return err
	}
	if err := d.addTables(ctx); err != nil {
		return err
	}
	d.w.tree, d.w.origin, d.w.state, d.w.cut = v.tree, rec.head.Origin, rec.state, rec.head.Cut
	d.w.signed, d.w.year = v.state, v.openYear(rec.lastYear)
	d.head, d.note = rec.head, rec.note
	if err := d.findFaults(ctx, v, rec); err != nil {
		return err
	}
	if err := d.findComplaints(ctx, v, rec); err != nil {
		return err
	}
	return explain(d.w.db.QueryRowContext(ctx, "PRAGMA data_version").Scan(&d.w.seen), "couldn't read the diary")
}

// The rows of origins and keys that an entry of the log began: others make nothing theirs. What began below the cut has
// no entry any more: there an origin began with a key, and a key with an origin or with the leaf of its key.rotate.
var (
	begunOrigins = `(SELECT first, origin FROM diary_origins AS o WHERE first >= 0 AND first < (SELECT cut FROM diary_head)
			AND EXISTS (SELECT 1 FROM diary_signers WHERE first = o.first)
		OR EXISTS (SELECT 1 FROM diary_leaves WHERE i = first AND ` + hasOp(opOrigin) + `))`
	begunSigners = `(SELECT first, vkey FROM diary_signers AS s WHERE first >= 0 AND first < (SELECT cut FROM diary_head)
			AND (leaf IS NOT NULL OR EXISTS (SELECT 1 FROM diary_origins WHERE first = s.first))
		OR EXISTS (SELECT 1 FROM diary_leaves WHERE i = first AND (` + hasOp(opOrigin) + ` OR ` + hasOp(opRotate) + `)))`
)

// readRecord reads what the database says of itself.
func (d *Diary) readRecord(ctx context.Context, db *sql.DB) (rec record, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return record{}, explain(err, "couldn't read the diary")
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	err = tx.QueryRowContext(ctx, `
		SELECT size, checkpoint, cut, state,
			coalesce((SELECT origin FROM `+begunOrigins+` ORDER BY first DESC LIMIT 1), ''),
			(SELECT max(year) FROM diary_years)
		FROM diary_head`).Scan(&rec.head.Size, &rec.note, &rec.head.Cut, &rec.state, &rec.head.Origin, &rec.lastYear)
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, fmt.Errorf("%w: it has no head", ErrDamaged)
	}
	if err != nil {
		return record{}, explain(err, "couldn't read the diary")
	}
	if rec.head.VKey, err = keyInForce(ctx, tx, rec); err != nil {
		return record{}, err
	}
	rec.faults, err = collect(ctx, tx, scanEntered, `SELECT i, kind, seen_by, there, here FROM diary_faults WHERE accepted IS NULL ORDER BY i`)
	return rec, explain(err, "couldn't read the diary")
}

// keyInForce is the last key that an entry began. Of those that began below the cut, where no entry is left to say so,
// it is the last one that signed the last checkpoint.
func keyInForce(ctx context.Context, db querier, rec record) (string, error) {
	type begun struct {
		first int64
		vkey  string
	}
	rows, err := collect(ctx, db, func(rows *sql.Rows) (b begun, err error) { return b, rows.Scan(&b.first, &b.vkey) },
		`SELECT first, vkey FROM `+begunSigners+` ORDER BY first DESC`)
	if err != nil || len(rows) == 0 {
		return "", explain(err, "couldn't read the keys of the diary")
	}
	for _, b := range rows {
		if b.first >= rec.head.Cut {
			return b.vkey, nil
		}
		k, err := proof.ParseKey(b.vkey)
		if err != nil {
			continue
		}
		if _, err := proof.OpenCheckpoint(rec.note, k); err == nil {
			return b.vkey, nil
		}
	}
	return rows[0].vkey, nil
}

// verified is what reading all leaves gave.
type verified struct {
	tree    proof.Frontier
	state   *proof.Hash // obj of the last governed entry, nil if none is left
	first   proof.Leaf  // the first entry since the last year.close, zero if there is none
	open    []int64     // incident.rollback that no origin.begin follows
	prunes  []int64     // prune
	anchors []int64     // anchor
	parties []int64     // party.add
}

// openYear is the calendar year that the entries since the last year.close count to. It never goes
// back, whatever the clock was.
func (v verified) openYear(closed sql.NullInt64) int {
	year := max(v.first.Time.UTC().Year(), firstYear)
	if closed.Valid {
		year = max(year, int(closed.Int64)+1)
	}
	return year
}

// verifyLeaves hashes all leaves that are not pruned, and holds the root against the head's. The hashes that
// are stored must be theirs, too: proofs are made of them.
func (d *Diary) verifyLeaves(ctx context.Context, head Head) (v verified, err error) {
	if head.Cut < 0 || head.Cut > head.Size {
		return verified{}, fmt.Errorf("%w: its first %d of %d entries are said to be pruned", ErrDamaged, head.Cut, head.Size)
	}
	v.tree, err = (reader{ctx, d.w.db, head.Cut}).frontier(head.Cut)
	if errors.Is(err, ErrPruned) {
		return verified{}, fmt.Errorf("%w: its first %d entries are said to be pruned, and no hash says what they were: somebody changed that number", ErrDamaged, head.Cut)
	}
	if err != nil {
		return verified{}, err
	}
	if err := d.countLeaves(ctx, head); err != nil {
		return verified{}, err
	}
	stored, err := storedHashes(ctx, d.w.db)
	if err != nil {
		return verified{}, err
	}
	for list, err := range inParallel(leafBatches(ctx, d.w.db, head.Cut, head.Size), hashAll) {
		if err != nil {
			return verified{}, err
		}
		for _, l := range list {
			for _, n := range v.add(l) {
				if stored[n.id] != n.hash {
					return verified{}, wrongHash(n.id)
				}
			}
		}
	}
	if v.tree.Root() != head.Root {
		return verified{}, fmt.Errorf("%w: its %d entries are not those that its last checkpoint was signed for: put back a copy of the state folder; keep this one, for whoever finds out what was changed",
			ErrDamaged, head.Size)
	}
	return v, nil
}

// countLeaves refuses entries that no checkpoint covers.
func (d *Diary) countLeaves(ctx context.Context, head Head) error {
	var last sql.NullInt64
	err := d.w.db.QueryRowContext(ctx, `SELECT max(i) FROM diary_leaves`).Scan(&last)
	if err != nil {
		return explain(err, "couldn't read the diary")
	}
	if last.Valid && last.Int64 >= head.Size {
		return fmt.Errorf("%w: entry %d is beyond the %d of its last checkpoint", ErrDamaged, last.Int64, head.Size)
	}
	return nil
}

// add takes the next leaf, and returns the hashes that are stored with it.
func (v *verified) add(l hashed) []storedNode {
	if l.Obj != nil && Governed(l.Op) {
		v.state = l.Obj
	}
	switch l.Op {
	case opRollback:
		v.open = append(v.open, l.Index)
	case opPrune:
		v.prunes = append(v.prunes, l.Index)
	case opAnchor:
		v.anchors = append(v.anchors, l.Index)
	case opParty:
		v.parties = append(v.parties, l.Index)
	case opOrigin:
		v.open = nil
	}
	switch {
	case l.Op == opYearClose:
		v.first = proof.Leaf{}
	case v.first.Op == "":
		v.first = l.Leaf
	}
	return grow(&v.tree, l.hash)
}

// reread reads the diary after a commit that failed, with a new connection: what was not committed is
// gone. The WAL is emptied, for what is in it may never have reached the disk, and a sync that was told
// of that once is not told again. Frontier and checkpoint must agree; leaves that were verified before
// are not verified again.
func (d *Diary) reread(ctx context.Context) error {
	db, err := connect(d.o.Path, 1, false)
	if err != nil {
		return err
	}
	closed := d.w.db.Close()
	d.w.db = db
	if closed != nil {
		return fmt.Errorf("couldn't open the diary anew: %w", closed)
	}
	if err := truncateWAL(db); err != nil {
		return err
	}
	rec, err := d.readRecord(ctx, db)
	if err != nil {
		return err
	}
	signed, err := d.loadSigner(ctx, rec)
	if err != nil {
		return err
	}
	rec.head.Root = signed.Root
	tree, err := (reader{ctx, db, rec.head.Cut}).frontier(rec.head.Size)
	if err != nil {
		return err
	}
	if signed.Size != tree.Size() || signed.Root != tree.Root() {
		return fmt.Errorf("%w: its %d entries are not those of its last checkpoint", ErrDamaged, tree.Size())
	}
	d.w.tree, d.w.origin, d.w.state, d.w.content, d.w.seen, d.w.stale = tree, rec.head.Origin, rec.state, nil, -1, false
	d.w.cut = rec.head.Cut
	if d.w.signed, err = lastDigest(ctx, db); err != nil {
		return err
	}
	if rec.lastYear.Valid {
		d.w.year = max(d.w.year, int(rec.lastYear.Int64)+1)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.head, d.note = rec.head, rec.note
	return nil
}
