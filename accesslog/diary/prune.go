package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

// ErrNotDue is returned where nothing may be pruned yet, or nothing shows that it may.
var ErrNotDue = errors.New("nothing may be pruned")

// Pruning says by what rule entries may go.
//
// The steps of a prune:
//
//  1. Find the latest closed year whose term is over by the appliance's clock AND by the time of an
//     outside party that was configured before the first entry that is to go. Without such a time, an entry
//     prune.confirm does that was written after the term was over and at least 30 days ago. So setting
//     the clock erases nothing by itself.
//  2. Take away the pins that are over, with a digest of the state, since the last one may go; write the
//     entry prune, whose manifest says what goes by which evidence. From here on the prune is decided.
//  3. In one transaction: compute and store the hashes that join every checkpoint that left the
//     appliance, and every entry that is pinned, with all later ones; destroy the content keys; delete bodies,
//     leaves and hashes.
//  4. Empty the WAL into the database, until SQLite answers that nothing is left of it. secure_delete has
//     overwritten in the database what was deleted.
//
// A crash after 2 or 3 leaves a prune under way, which [Diary.FinishPrune] ends; nobody who reads
// meanwhile can make 4 be forgotten.
//
// What a hold alone kept past its term goes within the hour after the hold ended, with an entry pin.end: that entry
// itself says that its time has come. What a restriction kept waits for the next prune, which has outside time.
//
// Nothing precedes entry 0, so no outside party was configured before it: the first prune always takes the
// confirmation of a person, however many witnesses there are by then.
//
// There is no VACUUM. What it would add to 4 is a shorter file, and the entries of the next years take
// that room anyway. What it costs is a second copy of the database, in memory, for the diary keeps SQLite
// from using temporary files, and a writer that for so long writes nothing. That no byte of what was deleted
// is left in the file, in its WAL or in the WAL's index is shown by TestPrunedIsGone, which looks for them.
type Pruning struct {
	Years      int    // of the term past the end of the calendar year: 2, or up to 5 with Assessment
	Assessment string // reference to the risk assessment that a longer term rests on
	By         proof.Body

	// Timestamp checks a timestamp token of a checkpoint's text against the party's key, and returns its
	// time; nil lets no timestamp count.
	Timestamp func(p Party, token []byte, text string) (time.Time, error)

	// Held says why entries before cut must not go yet at a time, such as a hold whose entries are not pinned. It
	// is asked before a prune is shown as due, and inside the transaction that decides one; nil keeps nothing.
	Held func(ctx context.Context, db Reader, cut int64, at time.Time) error
}

// Reader reads the database: as the last commit left it, or inside a transaction.
type Reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// held is Held of what a prune would say.
func (p Pruning) held(ctx context.Context, db Reader, m proof.Prune, now time.Time) error {
	if p.Held == nil {
		return nil
	}
	if m.Evidence != proof.ByPerson {
		now = m.Time
	}
	return p.Held(ctx, db, m.Cut, now)
}

// check refuses terms that the law does not know.
func (p Pruning) check() error {
	if p.Years < 2 || p.Years > 5 || p.Years > 2 && p.Assessment == "" {
		return fmt.Errorf("a term of %d years: it is 2, or up to 5 with the reference of a risk assessment", p.Years)
	}
	return nil
}

// ConfirmPrune writes prune.confirm: an approver confirms that the date is right and entries are due. It
// counts for years whose term was over by then, after 30 days. That he is an approver is for the caller to
// see to.
func (d *Diary) ConfirmPrune(ctx context.Context, by proof.Body) (Receipt, error) {
	return d.Append(ctx, Entry{Op: opConfirm, Body: by}, nil)
}

// Prune destroys the entries whose term is over, see [Pruning]. It returns the entry that says so. An
// error after that entry was written leaves a prune under way.
func (d *Diary) Prune(ctx context.Context, p Pruning) (Receipt, error) {
	d.pruning.Lock()
	defer d.pruning.Unlock()
	if err := d.settlePrune(ctx); err != nil {
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

// FinishPrune ends a prune that is under way, if there is one, and destroys what pins kept past its term that ended at
// once. It is to be called at each start, and again later, hourly, also because it fails while somebody reads the diary. While there is a fault it destroys nothing: what the
// diary decided may have been put back.
func (d *Diary) FinishPrune(ctx context.Context) error {
	d.pruning.Lock()
	defer d.pruning.Unlock()
	return d.settlePrune(ctx)
}

// settlePrune does what is decided: of prunes, and of pins that ended.
func (d *Diary) settlePrune(ctx context.Context) error {
	if err := d.finishPrune(ctx); err != nil {
		return err
	}
	if err := d.dropEnded(ctx); err != nil {
		return err
	}
	return d.finishPrune(ctx) // it empties the WAL of what pins kept
}

// decide finds what may go, and the evidence for it.
func (d *Diary) decide(ctx context.Context, p Pruning) (proof.Prune, error) {
	years, err := d.Prunable(ctx, p)
	if err != nil {
		return proof.Prune{}, err
	}
	for _, y := range years {
		if y.Lacks == nil {
			return y.Prune, nil
		}
	}
	if len(years) > 0 {
		return proof.Prune{}, fmt.Errorf("%w: %w", ErrNotDue, years[0].Lacks)
	}
	return proof.Prune{}, ErrNotDue
}

// enterPrune is step 2. Pins that are over by then go with it, so that no name of a hold outlasts what it held.
func (d *Diary) enterPrune(ctx context.Context, p Pruning, m proof.Prune) (Receipt, error) {
	manifest, err := m.Encode()
	if err != nil {
		return Receipt{}, err
	}
	at := m.Time
	if m.Evidence == proof.ByPerson {
		at = d.o.Now()
	}
	_, err = d.Append(ctx, Entry{Op: opDigest, Body: proof.Body{Note: "before a prune"}}, func(tx *sql.Tx) error {
		for _, statement := range []string{ // their content keys go with the bodies
			`UPDATE diary_keys SET pin = NULL WHERE pin IN (SELECT id FROM diary_pins WHERE until <= ?)`,
			`DELETE FROM diary_pins WHERE until <= ?`,
		} {
			if _, err := tx.ExecContext(ctx, statement, at.UnixMilli()); err != nil {
				return explain(err, "couldn't take away the pins that are over")
			}
		}
		return nil
	})
	if err != nil {
		return Receipt{}, err
	}
	body := p.By
	if p.Assessment != "" {
		body.Data = map[string]any{"assessment": p.Assessment}
	}
	r, err := d.prepare(Entry{Op: opPrune, Body: body, Manifest: manifest, Clear: true})
	if err != nil {
		return Receipt{}, err
	}
	r.guarded = true
	r.apply = func(b *batch, i int64) error {
		at := m.Time
		if m.Evidence == proof.ByPerson {
			at = b.now
		}
		if err := p.held(b.ctx, b.tx, m, at); err != nil { // it was set just now
			return fmt.Errorf("%w: %w", ErrNotDue, err)
		}
		return b.exec(`INSERT INTO diary_prune (one, i, cut, time) VALUES (1, ?, ?, ?)`, i, m.Cut, at.UnixMilli())
	}
	return d.wait(ctx, r)
}

// finishPrune is steps 3 and 4, as far as they are not done.
func (d *Diary) finishPrune(ctx context.Context) error {
	var i, cut int64
	err := d.read.QueryRowContext(ctx, `SELECT i, cut FROM diary_prune`).Scan(&i, &cut)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return explain(err, "couldn't read the prune under way")
	}
	if cut > d.Head().Cut {
		if f := d.Fault(); f != nil {
			return fmt.Errorf("a prune is decided and not done: %w: %v", ErrFault, f)
		}
		m, at, err := d.prunedBy(ctx, d.read, i)
		if err != nil && !notAPrune(err) {
			return fmt.Errorf("the prune is decided, but not done: %w", err)
		}
		if err != nil || m.Cut != cut {
			d.complain("a row of diary_prune says that the entries before %d are to go, and entry %d does not: somebody put it there, and it is taken away", cut, i)
			return d.endPrune(ctx)
		}
		if err := d.plain(ctx, func(b *batch) error { return b.cutAt(cut, at.UnixMilli()) }); err != nil {
			return fmt.Errorf("the prune is decided, but not done: %w", err)
		}
	}
	if err := d.onWriter(ctx, d.emptyWAL); err != nil {
		return fmt.Errorf("what was pruned is still in the WAL: %w", err)
	}
	return d.endPrune(ctx)
}

// notAPrune tells whether an error says that there is no entry which decided a prune. Any other may go by itself.
func notAPrune(err error) bool {
	for _, e := range []error{ErrDamaged, ErrNoKey, ErrNoEntry, ErrPruned} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (d *Diary) endPrune(ctx context.Context) error {
	return d.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM diary_prune`)
		return explain(err, "couldn't end the prune")
	})
}

// emptyWAL is step 4.
func (d *Diary) emptyWAL(db *sql.DB) error {
	if err := d.step("empty"); err != nil {
		return err
	}
	if err := truncateWAL(db); err != nil {
		return err
	}
	return d.step("emptied")
}
