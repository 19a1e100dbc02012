package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// ErrNotDue is returned where nothing may be pruned yet, or nothing shows that it may.
var ErrNotDue = errors.New("nothing may be pruned")

// personWaits is how long before a prune an approver must have confirmed it, where no outside party gave a time.
const personWaits = 30 * 24 * time.Hour

// Pruning says by what rule entries may go.
//
// The steps of a prune:
//
//  1. Find the latest closed year whose term is over by the appliance's clock AND by the time of an
//     outside party that was configured before the first entry that is to go. Without such a time, an entry
//     prune.confirm of at least 30 days before does: setting the clock alone erases nothing.
//  2. Write a digest of the state, since the last one may go, and the entry prune, whose manifest says
//     what goes by which evidence. From here on the prune is decided.
//  3. In one transaction: compute and store the hashes that join every checkpoint that left the
//     appliance, and every entry that is pinned, with all later ones; destroy the content keys; delete bodies,
//     leaves and hashes.
//  4. Empty the WAL into the database, until SQLite answers that nothing is left of it. secure_delete has
//     overwritten in the database what was deleted.
//
// A crash after 2 or 3 leaves a prune under way, which [Diary.FinishPrune] ends; nobody who reads
// meanwhile can make 4 be forgotten. There is no VACUUM: it would need all of the database in memory, or in
// a temporary file.
type Pruning struct {
	Years      int    // of the term past the end of the calendar year: 2, or up to 5 with Assessment
	Assessment string // reference to the risk assessment that a longer term rests on
	By         proof.Body
	Confirmed  *int64 // an entry prune.confirm, where no outside party gave a time

	// Timestamp checks a timestamp token of a checkpoint's text against the party's key, and returns its
	// time; nil lets no timestamp count.
	Timestamp func(p Party, token []byte, text string) (time.Time, error)
}

// ConfirmPrune writes prune.confirm: an approver confirms that the date is right and entries are due.
// That he is an approver is for the caller to see to.
func (d *Diary) ConfirmPrune(ctx context.Context, by proof.Body) (Receipt, error) {
	return d.Append(ctx, Entry{Op: opConfirm, Body: by}, nil)
}

// Prune destroys the entries whose term is over, see [Pruning]. It returns the entry that says so. An
// error after that entry was written leaves a prune under way.
func (d *Diary) Prune(ctx context.Context, p Pruning) (Receipt, error) {
	d.pruning.Lock()
	defer d.pruning.Unlock()
	if err := d.finishPrune(ctx); err != nil {
		return Receipt{}, err
	}
	if f := d.Fault(); f != nil {
		return Receipt{}, fmt.Errorf("%w: %v", ErrFault, f)
	}
	m, err := d.decide(ctx, p)
	if err != nil {
		return Receipt{}, err
	}
	got, err := d.enterPrune(ctx, p, m)
	if err != nil {
		return Receipt{}, err
	}
	return got, d.finishPrune(ctx)
}

// FinishPrune ends a prune that is under way, if there is one. It is to be called at each start, and again
// later while it fails because somebody reads the diary.
func (d *Diary) FinishPrune(ctx context.Context) error {
	d.pruning.Lock()
	defer d.pruning.Unlock()
	return d.finishPrune(ctx)
}

// decide finds what may go, and the evidence for it.
func (d *Diary) decide(ctx context.Context, p Pruning) (proof.Prune, error) {
	if p.Years < 2 || p.Years > 5 || p.Years > 2 && p.Assessment == "" {
		return proof.Prune{}, fmt.Errorf("a term of %d years: it is 2, or up to 5 with the reference of a risk assessment", p.Years)
	}
	type closed struct {
		cut  int64
		year int
	}
	years, err := collect(d.read, func(rows *sql.Rows) (c closed, err error) { return c, rows.Scan(&c.cut, &c.year) },
		`SELECT i + 1, year FROM diary_years WHERE i >= ? ORDER BY i DESC`, d.Head().Cut)
	if err != nil {
		return proof.Prune{}, explain(err, "couldn't read which years are closed")
	}
	var why error
	for _, c := range years {
		due := proof.Due(c.year, p.Years)
		if d.o.Now().Before(due) {
			continue
		}
		m := proof.Prune{Cut: c.cut, Year: c.year, Term: p.Years}
		if why = d.evidence(ctx, p, &m, due); why == nil {
			return m, nil
		}
	}
	return proof.Prune{}, errors.Join(ErrNotDue, why)
}

// evidence finds what shows that a time has come, beside the appliance's clock.
func (d *Diary) evidence(ctx context.Context, p Pruning, m *proof.Prune, due time.Time) error {
	if p.Confirmed != nil {
		_, l, err := d.leaf(ctx, d.read, *p.Confirmed)
		if err != nil {
			return err
		}
		if l.Op != opConfirm || d.o.Now().Before(l.Time.Add(personWaits)) {
			return fmt.Errorf("entry %d is no confirmation of at least 30 days ago", *p.Confirmed)
		}
		m.Evidence, m.Confirmed = proof.ByPerson, *p.Confirmed
		return nil
	}
	parties, err := d.Parties(ctx)
	if err != nil {
		return err
	}
	anchors, err := d.Anchors(ctx, 1)
	if err != nil {
		return err
	}
	for _, a := range anchors {
		for _, party := range parties {
			if party.Name != a.Party || party.Kind != a.Kind || party.First >= max(d.Head().Cut, 1) {
				continue
			}
			at, err := d.anchorTime(ctx, p, party, a)
			if err != nil {
				return err
			}
			if !at.Before(due) {
				m.Evidence = map[string]proof.Evidence{"witness": proof.ByWitness, "tsa": proof.ByTimestamp}[a.Kind]
				m.Size, m.Time, m.Party = a.Size, at, a.Party
				return nil
			}
		}
	}
	return fmt.Errorf("the year %d was due on %s by the appliance's clock, but no outside party that was configured before its entries says so: have it anchored, or have an approver confirm it and wait 30 days",
		m.Year, due.Format(time.DateOnly))
}

// anchorTime verifies what a party gave, and returns the time in it.
func (d *Diary) anchorTime(ctx context.Context, p Pruning, party Party, a Anchor) (time.Time, error) {
	released, err := d.Released(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, r := range released {
		if r.Size != a.Size {
			continue
		}
		if a.Kind == "tsa" && p.Timestamp != nil {
			c, err := proof.ReadCheckpoint(r.Note)
			if err != nil {
				return time.Time{}, fmt.Errorf("%w: the checkpoint of %d entries: %w", ErrDamaged, r.Size, err)
			}
			return p.Timestamp(party, a.Data, c.Text())
		}
		if a.Kind == "witness" {
			return d.cosigned(ctx, party, append(r.Note, a.Data...))
		}
	}
	return time.Time{}, nil
}

// cosigned returns the time of a witness's cosignature, once it is verified.
func (d *Diary) cosigned(ctx context.Context, party Party, note []byte) (time.Time, error) {
	witness, err := proof.ParseKey(party.Key)
	if err != nil {
		return time.Time{}, fmt.Errorf("the key of %s: %w", party.Name, err)
	}
	keys, err := d.Keys(ctx)
	if err != nil {
		return time.Time{}, err
	}
	signed, err := proof.OpenCheckpoint(note, append(keys, witness)...)
	if err != nil {
		return time.Time{}, fmt.Errorf("the cosignature of %s: %w", party.Name, err)
	}
	for _, c := range signed.Cosignatures {
		return c.Time, nil
	}
	return time.Time{}, nil
}

// enterPrune is step 2.
func (d *Diary) enterPrune(ctx context.Context, p Pruning, m proof.Prune) (Receipt, error) {
	manifest, err := m.Encode()
	if err != nil {
		return Receipt{}, err
	}
	if _, err := d.Append(ctx, Entry{Op: opDigest, Body: proof.Body{Note: "before a prune"}}, nil); err != nil {
		return Receipt{}, err
	}
	body := p.By
	if p.Assessment != "" {
		body.Data = map[string]any{"assessment": p.Assessment}
	}
	r, err := d.prepare(Entry{Op: opPrune, Body: body, Manifest: manifest})
	if err != nil {
		return Receipt{}, err
	}
	at := m.Time
	if m.Evidence == proof.ByPerson {
		at = d.o.Now()
	}
	r.guarded = true
	r.apply = func(b *batch, i int64) error {
		return b.exec(`INSERT INTO diary_prune (one, i, cut, time) VALUES (1, ?, ?, ?)`, i, m.Cut, at.UnixMilli())
	}
	return d.wait(ctx, r)
}

// finishPrune is steps 3 and 4, as far as they are not done.
func (d *Diary) finishPrune(ctx context.Context) error {
	var cut, at int64
	err := d.read.QueryRowContext(ctx, `SELECT cut, time FROM diary_prune`).Scan(&cut, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return explain(err, "couldn't read the prune under way")
	}
	if cut > d.Head().Cut {
		if err := d.plain(ctx, func(b *batch) error { return b.cutAt(cut, at) }); err != nil {
			return fmt.Errorf("the prune is decided, but not done: %w", err)
		}
	}
	if err := d.onWriter(ctx, func(db *sql.DB) error { return truncateWAL(db) }); err != nil {
		return fmt.Errorf("what was pruned is still in the WAL: %w", err)
	}
	return d.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM diary_prune`)
		return explain(err, "couldn't end the prune")
	})
}

// cutAt is step 3.
func (b *batch) cutAt(cut, at int64) error {
	keep, err := b.joining(cut, at)
	if err != nil {
		return err
	}
	const pinned = `SELECT i FROM diary_pinned JOIN diary_pins ON pin = id WHERE until IS NULL OR until > ?2`
	for _, statement := range []string{
		`DELETE FROM diary_bodies WHERE i < ?1 AND i NOT IN (` + pinned + `)`,
		`DELETE FROM diary_leaves WHERE i < ?1 AND i NOT IN (` + pinned + `)`,
	} {
		if err := b.exec(statement, cut, at); err != nil {
			return err
		}
	}
	if err := b.exec(`DELETE FROM diary_keys WHERE id NOT IN (SELECT key FROM diary_bodies)`); err != nil {
		return err
	}
	if err := b.keepHashes(cut, keep); err != nil {
		return err
	}
	b.content = nil // its row may be among those that went
	b.cut = cut
	if err := b.exec(`UPDATE diary_head SET cut = ?`, cut); err != nil {
		return err
	}
	return b.d.step("cut")
}

// joining computes the hashes of whole subtrees before the cut that later proofs need: of the frontier, for the
// consistency of each checkpoint that left the appliance, and for the inclusion of each entry that is pinned.
func (b *batch) joining(cut, at int64) (map[int64]tlog.Hash, error) {
	r := recorder{reader{b.ctx, b.tx, b.d.Head().Cut}, cut, map[int64]tlog.Hash{}}
	size := b.tree.Size()
	if _, err := r.ReadHashes(frontierIDs(cut)); err != nil {
		return nil, err
	}
	released, err := releasedOf(b.tx)
	if err != nil {
		return nil, err
	}
	for _, c := range released {
		if c.Size > 0 && c.Size < cut {
			if _, err := tlog.ProveTree(size, c.Size, r); err != nil {
				return nil, fmt.Errorf("couldn't join the checkpoint of %d entries: %w", c.Size, err)
			}
		}
	}
	pinned, err := collect(b.tx, func(rows *sql.Rows) (i int64, err error) { return i, rows.Scan(&i) },
		`SELECT DISTINCT i FROM diary_pinned JOIN diary_pins ON pin = id WHERE i < ? AND (until IS NULL OR until > ?)`, cut, at)
	if err != nil {
		return nil, explain(err, "couldn't read which entries are pinned")
	}
	for _, i := range pinned {
		if _, err := tlog.ProveRecord(size, i, r); err != nil {
			return nil, fmt.Errorf("couldn't prove the pinned entry %d: %w", i, err)
		}
	}
	return r.before, nil
}

// keepHashes leaves of the hashes before the cut only those.
func (b *batch) keepHashes(cut int64, keep map[int64]tlog.Hash) error {
	stored, err := collect(b.tx, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) }, `SELECT id FROM diary_hashes`)
	if err != nil {
		return explain(err, "couldn't read the stored hashes")
	}
	for _, id := range stored {
		if _, kept := keep[id]; !kept && before(id, cut) {
			if err := b.exec(`DELETE FROM diary_hashes WHERE id = ?`, id); err != nil {
				return err
			}
		}
	}
	for id, h := range keep {
		if err := b.exec(`INSERT OR IGNORE INTO diary_hashes (id, hash) VALUES (?, ?)`, id, h[:]); err != nil {
			return err
		}
	}
	return nil
}

// before tells whether all leaves under a node lie before the cut.
func before(id, cut int64) bool {
	level, n := tlog.SplitStoredHashIndex(id)
	return (n+1)<<level <= cut
}

// recorder reads hashes, and remembers those of which all leaves lie before a cut to come.
type recorder struct {
	reader
	next   int64
	before map[int64]tlog.Hash
}

// ReadHashes implements [tlog.HashReader].
func (r recorder) ReadHashes(ids []int64) ([]tlog.Hash, error) {
	hashes, err := r.reader.ReadHashes(ids)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if before(id, r.next) {
			r.before[id] = hashes[i]
		}
	}
	return hashes, nil
}
