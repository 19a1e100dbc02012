package diary

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

// Prunable is a closed year whose term is over by the appliance's clock.
type Prunable struct {
	proof.Prune               // what its prune would say; without evidence while Lacks says so
	Since       time.Time     // when its term was over
	Person      *Confirmation // the confirmation that counts first, nil for none
	Lacks       error         // why it stays: nothing shows that its time has come, or it is held; nil if it may go
}

// Confirmation is an approver's word that a date was right.
type Confirmation struct {
	Index  int64     // of the entry prune.confirm
	Time   time.Time // of the entry
	Counts time.Time // from when on it is enough for a prune
	Ahead  bool      // it is dated later than now: one that is entered now counts earlier
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
		if y.Lacks == nil {
			y.Lacks = p.held(ctx, d.read, y.Prune, d.o.Now())
		}
		list = append(list, y)
	}
	return list, nil
}

// evidence finds what shows that a year's time has come, beside the appliance's clock. It looks for none while the last
// that an outside party said contradicts the clock.
func (d *Diary) evidence(ctx context.Context, p Pruning, y *Prunable) error {
	entries, err := d.EntriesOf(ctx, opAnchor) // before the rows, which then have at least these
	if err != nil {
		return err
	}
	o, err := outsideOf(ctx, d.read, d.Head().Size, d.Head().Cut)
	if err != nil {
		return err
	}
	o.checkReleased()
	right, lacks, err := d.contradicted(ctx, p, &o, entries, y)
	if y.Lacks = lacks; err != nil || lacks != nil {
		return err
	}
	found, wrong, err := d.outsideTime(ctx, p, &o, right, y)
	if err != nil || found {
		return err
	}
	if y.Person, err = d.confirmation(ctx, right, y.Since); err != nil {
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
// entry that is to go: none was before entry 0. Of many anchors that are entered behind an entry the latest is looked at
// first, and one is enough. wrong is about the first that claimed to be one and did not verify.
func (d *Diary) outsideTime(ctx context.Context, p Pruning, o *outside, behind int64, y *Prunable) (found bool, wrong, err error) {
	parties, err := d.Parties(ctx)
	if err != nil {
		return false, nil, err
	}
	for _, party := range parties {
		if party.First < 1 || party.First >= o.cut {
			continue
		}
		anchors, err := collect(ctx, d.read, scanAnchor, `SELECT i, size, kind, party, time, data FROM diary_anchors
			WHERE i > ? AND party = ? AND kind = ? AND time >= ? ORDER BY time DESC, i DESC`, behind, party.Name, party.Kind, y.Since.UnixMilli())
		if err != nil {
			return false, nil, explain(err, "couldn't read the anchors")
		}
		for _, a := range anchors {
			at, err := d.anchorTime(ctx, p, o, party, a)
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

// anchorTime verifies what a party gave, and returns the time in it: zero where nothing can verify it. What a start
// leaves out, see [Diary.Complaints], says no time, and neither does what no entry of the log says was given.
func (d *Diary) anchorTime(ctx context.Context, p Pruning, o *outside, party Party, a Anchor) (at time.Time, err error) {
	if err := o.fits(a); err != nil {
		return time.Time{}, err
	}
	if a.Index < o.cut {
		return time.Time{}, fmt.Errorf("entry %d, which said so, is gone", a.Index)
	}
	for _, r := range o.notes[a.Size] { // signed by an old key and a new one, it may be
		switch {
		case a.Kind == "witness":
			at, err = cosigned(o, party, slices.Concat(r.Note, a.Data))
		case a.Kind == "tsa" && p.Timestamp != nil:
			at, err = stamped(p, party, a.Data, r.Note)
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
func cosigned(o *outside, party Party, note []byte) (time.Time, error) {
	witness, err := proof.ParseKey(party.Key)
	if err != nil {
		return time.Time{}, fmt.Errorf("the key of %s: %w", party.Name, err)
	}
	signed, err := proof.OpenCheckpoint(note, append(slices.Clone(o.keys), witness)...)
	if err != nil {
		return time.Time{}, fmt.Errorf("the cosignature of %s: %w", party.Name, err)
	}
	for _, c := range signed.Cosignatures {
		return c.Time, nil
	}
	return time.Time{}, fmt.Errorf("the cosignature of %s is not there", party.Name)
}

// confirmation finds, of the prune.confirm that were written when a term was over, the one that counts first: one that
// a wrong clock dated far ahead keeps no other from counting. One that is older than the term said nothing of it, and
// neither did one that is not behind an entry by which a clock was set right that had contradicted a party.
func (d *Diary) confirmation(ctx context.Context, behind int64, due time.Time) (*Confirmation, error) {
	list, err := d.EntriesOf(ctx, opConfirm)
	if err != nil {
		return nil, err
	}
	var found *Confirmation
	for _, e := range list {
		if e.Index > behind && !e.Time.Before(due) && (found == nil || e.Time.Before(found.Time)) {
			found = &Confirmation{e.Index, e.Time, e.Time.Add(proof.PersonWaits), e.Time.After(d.o.Now())}
		}
	}
	return found, nil
}
