package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"varuh/accesslog/diary/proof"
)

// entered is a row of diary_faults.
type entered struct {
	Fault
	index int64 // of its incident
}

func scanEntered(rows *sql.Rows) (e entered, err error) {
	err = rows.Scan(&e.index, &e.Kind, &e.By, &e.There, &e.Here)
	if !plainText(e.By) {
		e.By = strconv.QuoteToASCII(e.By) // it comes to terminals, and not from this program
	}
	return e, err
}

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// findFaults derives from the log what nobody has accepted, and finds what changed since the last entry.
// The table only has the words for it, since bodies are encrypted: whoever empties it hides nothing. It runs
// before anybody else has the diary.
func (d *Diary) findFaults(ctx context.Context, v verified, rec record) error {
	var untold []int64
	for _, i := range v.open {
		at := slices.IndexFunc(rec.faults, func(e entered) bool { return e.index == i })
		if at < 0 {
			untold = append(untold, i)
			continue
		}
		d.faults = append(d.faults, openFault{rec.faults[at].Fault, true})
	}
	if len(untold) > 0 {
		f := Fault{FaultUntold, fmt.Sprintf("entry %d", untold[0]), untold[0], rec.head.Size}
		d.faults = append(d.faults, openFault{f, true})
	}
	if err := d.findCut(ctx, v, rec); err != nil {
		return err
	}
	if err := d.findPinned(ctx, rec); err != nil {
		return err
	}
	if v.state == nil { // what was cut away took it along: that is the fault, and no entry tells of the tables
		d.complain("no entry that is left says what the governed tables were: look through them")
		return nil
	}
	differing, err := stateDiffers(ctx, d.w.db, rec.state, v.state, stateTables(d.o.State))
	if err != nil {
		return err
	}
	if d.w.askew = differing; len(differing) > 0 {
		d.addFault(stateFault(differing, rec.head.Size))
	}
	return nil
}

// addFault adds what the load found, unless an incident of it is open.
func (d *Diary) addFault(f Fault) {
	if !slices.ContainsFunc(d.faults, func(o openFault) bool { return o.Kind == f.Kind && o.By == f.By }) {
		d.faults = append(d.faults, openFault{Fault: f})
	}
}

// findCut looks whether an entry prune took what is missing at the beginning, or two persons accepted that it
// is.
func (d *Diary) findCut(ctx context.Context, v verified, rec record) error {
	if rec.head.Cut == 0 {
		return nil
	}
	for _, i := range v.prunes {
		m, _, err := d.prunedBy(ctx, d.w.db, i)
		if err != nil && !notAPrune(err) {
			return err
		}
		if err == nil && m.Cut == rec.head.Cut {
			return nil
		}
	}
	var accepted bool
	err := d.w.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM diary_faults WHERE kind = ? AND there = ? AND accepted IS NOT NULL)`,
		FaultCut, rec.head.Cut).Scan(&accepted)
	if err == nil && !accepted {
		d.addFault(Fault{FaultCut, "no entry of the log", rec.head.Cut, rec.head.Size})
	}
	return explain(err, "couldn't read the faults of the diary")
}

// prunedBy is what an entry prune took, or is to take, and the time by which it judges pins.
func (d *Diary) prunedBy(ctx context.Context, db querier, i int64) (m proof.Prune, at time.Time, err error) {
	_, l, err := readLeaf(ctx, db, d.Head(), i)
	if err != nil {
		return m, at, err
	}
	if l.Op != opPrune {
		return m, at, fmt.Errorf("%w: entry %d is no prune", ErrDamaged, i)
	}
	b, err := d.manifest(ctx, db, i)
	if err != nil {
		return m, at, err
	}
	if m, err = proof.ParsePrune(b); err != nil {
		return m, at, fmt.Errorf("%w: entry %d: %w", ErrDamaged, i, err)
	}
	if m.Evidence == proof.ByPerson {
		return m, l.Time, nil
	}
	return m, m.Time, nil
}

// loadSigner finds the key that signs, and opens the last checkpoint. A key file that holds another key is a
// fault, and the diary is left without a key to sign with.
func (d *Diary) loadSigner(ctx context.Context, rec record) (signed proof.Signed, err error) {
	want, err := proof.ParseKey(rec.head.VKey)
	if err != nil {
		return signed, fmt.Errorf("%w: its signing key: %w", ErrDamaged, err)
	}
	d.w.signer, err = d.keys.load(want)
	var other *otherKey
	switch {
	case errors.As(err, &other):
		f, err := d.keyFault(ctx, other.key, rec)
		if err != nil {
			return signed, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.faults) == 0 || d.faults[0].Kind != FaultKey {
			d.faults = slices.Insert(d.faults, 0, openFault{f, true}) // no incident can be entered; Accept tells it
		}
	case err != nil:
		return signed, err
	}
	if signed, err = proof.OpenCheckpoint(rec.note, want); err != nil {
		return signed, fmt.Errorf("%w: its last checkpoint: %w", ErrDamaged, err)
	}
	return signed, nil
}

// keyFault says what a key is that is not the diary's.
func (d *Diary) keyFault(ctx context.Context, key proof.Key, rec record) (Fault, error) {
	f := Fault{Kind: FaultKey, There: rec.head.Size, Here: rec.head.Size}
	had, err := keysOf(ctx, d.w.db)
	if err != nil {
		return f, err
	}
	switch {
	case slices.Contains(had, key):
		f.By = "an older state of it: an old folder of keys was put back"
	case key.Name() == rec.head.Origin:
		f.By = "a newer state of it: an older varuh.db was put back"
	default:
		f.By = fmt.Sprintf("the diary %s: an older varuh.db was put back, or the keys of another appliance", key.Name())
	}
	if c, err := d.keys.readNote(key); err == nil {
		f.There = c.Size
	}
	return f, nil
}
