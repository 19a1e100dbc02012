package diary

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// judge enters what the load found, and holds the diary against the note beside the signing key.
func (d *Diary) judge(ctx context.Context) error {
	for _, f := range d.notYetEntered() {
		if err := d.enterFault(ctx, f); err != nil {
			return err
		}
	}
	if !d.keyless() { // else the note is of a newer state of the diary, and is told with the key
		if err := d.holdNote(ctx); err != nil {
			return err
		}
	}
	return d.coverTables(ctx)
}

// notYetEntered are the open faults of which no incident says anything.
func (d *Diary) notYetEntered() (list []Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.faults {
		if !o.entered {
			list = append(list, o.Fault)
		}
	}
	return list
}

// coverTables writes the digest of the state anew where this version of the program governs other tables than the one
// before, or gives one of them an index that it did not have.
func (d *Diary) coverTables(ctx context.Context) error {
	if d.Fault() != nil {
		return nil
	}
	known, err := tablesIn(d.w.state)
	if err != nil {
		return err
	}
	late, err := d.missingStatements(ctx)
	if err != nil || len(late) == 0 && slices.Equal(slices.Sorted(maps.Keys(known)), stateTables(d.o.State)) {
		return err
	}
	_, err = d.Append(ctx, Entry{Op: opDigest, Body: proof.Body{Note: "other tables are governed than before"}},
		func(tx *sql.Tx) error { return d.makeMissing(ctx, tx, late) })
	return err
}

// Saw tells the diary what somebody outside remembers of it: a witness that was asked, an index of
// footage, a person with a printed checkpoint. It returns the fault that this makes, if any.
func (d *Diary) Saw(ctx context.Context, s Seen) (*Fault, error) {
	h := d.Head()
	f := Fault{By: s.By, There: s.Size, Here: h.Size}
	left, err := d.hasLeft(ctx, s.Origin, h.Origin)
	switch {
	case err != nil:
		return nil, err
	case left:
		return nil, nil // what was remembered of an origin that two persons ended
	case s.Size > h.Size || s.Origin != "" && s.Origin != h.Origin:
		f.Kind = FaultRollback
	case s.Root == nil || s.Size < max(h.Cut, 1):
		return nil, nil
	default:
		root, err := tlog.TreeHash(s.Size, reader{ctx, d.read, h.Cut})
		if err != nil {
			return nil, fmt.Errorf("couldn't compare the diary with what %s remembers: %w", s.By, err)
		}
		if root == *s.Root {
			return nil, nil
		}
		f.Kind = FaultRewritten
	}
	if o := d.openRollback(f); o != nil {
		return o, nil
	}
	if s.Origin != h.Origin {
		if accepted, err := d.accepted(ctx, f); err != nil || accepted {
			return nil, err
		}
	}
	return &f, d.enterFault(ctx, f)
}

// openRollback is the open fault that says already what a new one of entries that were rewritten would: whoever
// remembered more entries than there were goes on remembering them once the diary has as many again.
func (d *Diary) openRollback(f Fault) *Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.faults, func(o openFault) bool {
		return f.Kind == FaultRewritten && o.Kind == FaultRollback && o.By == f.By && o.There >= f.There
	})
	if at < 0 || !d.faults[at].entered {
		return nil
	}
	o := d.faults[at].Fault
	return &o
}

// accepted tells whether two persons have accepted just this: whoever remembers what was accepted may go on
// remembering it, also once the diary has as many entries again.
func (d *Diary) accepted(ctx context.Context, f Fault) (yes bool, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM diary_faults
		WHERE accepted IS NOT NULL AND (kind = ?1 OR kind = ?2 AND ?1 = ?3) AND seen_by = ?4 AND there = ?5)`, f.Kind, FaultRollback, FaultRewritten, f.By, f.There).Scan(&yes)
	return yes, explain(err, "couldn't read the faults of the diary")
}

// hasLeft tells whether an origin was the diary's before the one it has now.
func (d *Diary) hasLeft(ctx context.Context, origin, now string) (left bool, err error) {
	if origin == "" || origin == now {
		return false, nil
	}
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+begunOrigins+` WHERE origin = ?)`, origin).Scan(&left)
	return left, explain(err, "couldn't read the origins of the diary")
}
