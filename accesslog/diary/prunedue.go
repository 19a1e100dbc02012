package diary

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

// personWaits is how long before a prune an approver must have confirmed it, where no outside party gave a time.
const personWaits = 30 * 24 * time.Hour

// Prunable is a closed year whose term is over by the appliance's clock.
type Prunable struct {
	proof.Prune               // what its prune would say; without evidence while Lacks says so
	Since       time.Time     // when its term was over
	Person      *Confirmation // the first confirmation that is for it, nil for none
	Lacks       error         // why nothing shows that its time has come, nil if something does
}

// Confirmation is an approver's word that a date was right.
type Confirmation struct {
	Index  int64     // of the entry prune.confirm
	Time   time.Time // of the entry
	Counts time.Time // from when on it is enough for a prune
}

// Prunable are the years that are due by the appliance's clock, the latest first, and what shows that they
// are in truth. Usually there is none.
func (d *Diary) Prunable(ctx context.Context, p Pruning) ([]Prunable, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	years, err := collect(ctx, d.read, func(rows *sql.Rows) (m proof.Prune, err error) { return m, rows.Scan(&m.Cut, &m.Year) },
		`SELECT i + 1, year FROM diary_years WHERE i >= ? ORDER BY i DESC`, d.Head().Cut)
	if err != nil {
		return nil, explain(err, "couldn't read which years are closed")
	}
	var list []Prunable
	for _, m := range years {
		m.Term = p.Years
		y := Prunable{Prune: m, Since: proof.Due(m.Year, p.Years)}
		if d.o.Now().Before(y.Since) {
			continue
		}
		if err := d.evidence(ctx, p, &y); err != nil {
			return nil, err
		}
		list = append(list, y)
	}
	return list, nil
}

// evidence finds what shows that a year's time has come, beside the appliance's clock.
func (d *Diary) evidence(ctx context.Context, p Pruning, y *Prunable) error {
	found, wrong, err := d.outsideTime(ctx, p, y)
	if err != nil || found {
		return err
	}
	if y.Person, err = d.confirmation(ctx, y.Since); err != nil {
		return err
	}
	switch c := y.Person; {
	case c != nil && !d.o.Now().Before(c.Counts):
		y.Evidence, y.Confirmed = proof.ByPerson, c.Index
	case c != nil:
		y.Lacks = fmt.Errorf("the year %d was confirmed by entry %d, which counts from %s on", y.Year, c.Index, c.Counts.Format(time.DateOnly))
	default:
		y.Lacks = fmt.Errorf("the year %d was due on %s by the appliance's clock, but no outside party that was configured before its entries says so: have it anchored, or have an approver confirm it and wait 30 days",
			y.Year, y.Since.Format(time.DateOnly))
	}
	if y.Lacks != nil && wrong != nil {
		y.Lacks = fmt.Errorf("%w; what outside parties gave does not count: %w", y.Lacks, wrong)
	}
	return nil
}

// outsideTime looks for a verified time, past the year's term, of a party that was configured before the first
// entry that is to go. Of many anchors the latest is looked at first, and one is enough. wrong is about the
// first that claimed to be one and did not verify.
func (d *Diary) outsideTime(ctx context.Context, p Pruning, y *Prunable) (found bool, wrong, err error) {
	parties, err := d.Parties(ctx)
	if err != nil {
		return false, nil, err
	}
	cut := d.Head().Cut
	for _, party := range parties {
		if party.First >= max(cut, 1) {
			continue
		}
		anchors, err := collect(ctx, d.read, scanAnchor, `SELECT i, size, kind, party, time, data FROM diary_anchors
			WHERE party = ? AND kind = ? AND time >= ? ORDER BY time DESC, i DESC LIMIT 100`, party.Name, party.Kind, y.Since.UnixMilli())
		if err != nil {
			return false, nil, explain(err, "couldn't read the anchors")
		}
		for _, a := range anchors {
			at, err := d.anchorTime(ctx, p, party, a)
			if err != nil && wrong == nil {
				wrong = err
			}
			if err == nil && !at.Before(y.Since) {
				y.Evidence = map[string]proof.Evidence{"witness": proof.ByWitness, "tsa": proof.ByTimestamp}[a.Kind]
				y.Size, y.Time, y.Party = a.Size, at, a.Party
				return true, nil, nil
			}
		}
	}
	return false, wrong, nil
}

func scanAnchor(rows *sql.Rows) (a Anchor, err error) {
	var ms int64
	err = rows.Scan(&a.Index, &a.Size, &a.Kind, &a.Party, &ms, &a.Data)
	a.Time = time.UnixMilli(ms).UTC()
	return a, err
}

// anchorTime verifies what a party gave, and returns the time in it: zero where nothing can verify it.
func (d *Diary) anchorTime(ctx context.Context, p Pruning, party Party, a Anchor) (at time.Time, err error) {
	notes, err := collect(ctx, d.read, func(rows *sql.Rows) (note []byte, err error) { return note, rows.Scan(&note) },
		`SELECT checkpoint FROM diary_released WHERE size = ?`, a.Size)
	if err != nil {
		return time.Time{}, explain(err, "couldn't read the checkpoints that left")
	}
	for _, note := range notes { // signed by an old key and a new one, it may be
		switch {
		case a.Kind == "witness":
			at, err = d.cosigned(ctx, party, append(note, a.Data...))
		case a.Kind == "tsa" && p.Timestamp != nil:
			at, err = stamped(p, party, a.Data, note)
		}
		if err == nil && !at.IsZero() {
			return at, nil
		}
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("entry %d: %w", a.Index, err)
	}
	return time.Time{}, nil
}

// stamped returns the time of a timestamp of a checkpoint, once it is verified.
func stamped(p Pruning, party Party, token, note []byte) (time.Time, error) {
	c, err := proof.ReadCheckpoint(note)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: a checkpoint that left: %w", ErrDamaged, err)
	}
	at, err := p.Timestamp(party, token, c.Text())
	if err != nil {
		return time.Time{}, fmt.Errorf("the timestamp of %s: %w", party.Name, err)
	}
	return at, nil
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
	return time.Time{}, fmt.Errorf("the cosignature of %s is not there", party.Name)
}

// confirmation finds the first prune.confirm that was written when a term was over. One that is older
// said nothing of it.
func (d *Diary) confirmation(ctx context.Context, due time.Time) (*Confirmation, error) {
	list, err := d.EntriesOf(ctx, opConfirm)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if !e.Time.Before(due) {
			return &Confirmation{e.Index, e.Time, e.Time.Add(personWaits)}, nil
		}
	}
	return nil, nil
}
