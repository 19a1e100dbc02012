package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
)

// Fault is something that went back: the diary, or the state that it governs.
type Fault struct {
	Kind  string // rollback, rewritten or state
	By    string // who remembers otherwise; for a fault of the state, the tables that are not as they were
	There int64  // size that is remembered there; for a fault of the state, of the diary
	Here  int64  // size of the diary when it was found
}

// The kinds of fault.
const (
	FaultRollback  = "rollback"  // somebody remembers more entries than there are
	FaultRewritten = "rewritten" // somebody remembers other entries
	FaultState     = "state"     // governed tables are not as the last entry about them says
)

// String says what was found, and what it means.
func (f *Fault) String() string {
	switch f.Kind {
	case FaultRollback:
		return fmt.Sprintf("the diary has %d entries, but %s remembers %d: an older copy was put back, or entries were deleted", f.Here, f.By, f.There)
	case FaultRewritten:
		return fmt.Sprintf("the first %d entries of the diary are not those that %s remembers: they were rewritten", f.There, f.By)
	}
	return fmt.Sprintf("%s changed without an entry in the diary", f.By)
}

func stateFault(tables []string, size int64) *Fault {
	return &Fault{FaultState, strings.Join(tables, ", "), size, size}
}

func scanFault(rows *sql.Rows) (f Fault, err error) {
	return f, rows.Scan(&f.Kind, &f.By, &f.There, &f.Here)
}

// Fault is what was found to have gone back and was not accepted, or nil. What went back a second time
// before the first was accepted is in the diary, too.
func (d *Diary) Fault() *Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fault
}

// noteFile is the last checkpoint, beside the signing key. It is left at Close and whenever a
// checkpoint leaves the appliance, so it may be behind the database; if it is ahead, that went back.
const noteFile = "diary.checkpoint"

// leaveNote writes the note.
func (d *Diary) leaveNote() error {
	d.mu.Lock()
	text := d.note
	d.mu.Unlock()
	if text == nil {
		return nil
	}
	if err := durable.WriteFile(d.keys.fs, filepath.Join(d.keys.dir, noteFile), text, 0o644); err != nil {
		return fmt.Errorf("couldn't note the last checkpoint: %w", err)
	}
	return nil
}

// readNote is what the note remembers. Only a signature of the diary's makes a note worth a fault.
func (d *Diary) readNote(ctx context.Context) (*Seen, error) {
	name := filepath.Join(d.keys.dir, noteFile)
	text, err := durable.ReadFile(d.keys.fs, name, 64<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't read the note of the last checkpoint: %w", err)
	}
	keys, err := d.Keys(ctx)
	if err != nil {
		return nil, err
	}
	c, err := proof.OpenCheckpoint(text, keys...)
	if errors.Is(err, proof.ErrSignature) {
		return nil, nil // of another diary, or of keys that this database does not know: no evidence
	}
	if err != nil {
		return nil, fmt.Errorf("the note of the last checkpoint in %s: %w", name, err)
	}
	return &Seen{By: "the note beside the signing key", Origin: c.Origin, Size: c.Size, Root: &c.Root}, nil
}

// judge holds the diary against what is remembered elsewhere, and enters what the load found.
func (d *Diary) judge(ctx context.Context) error {
	if f := d.Fault(); f != nil && f.Kind == FaultState {
		if err := d.enterFault(ctx, *f); err != nil {
			return err
		}
	}
	seen := d.o.Seen
	own, err := d.readNote(ctx)
	if err != nil {
		return err
	}
	if own != nil {
		seen = append([]Seen{*own}, seen...)
	}
	for _, s := range seen {
		if _, err := d.Saw(ctx, s); err != nil {
			return err
		}
	}
	return d.coverTables(ctx)
}

// coverTables writes the digest of the state anew where other tables are governed than before.
func (d *Diary) coverTables(ctx context.Context) error {
	known, err := tablesIn(d.w.state)
	if err != nil || d.Fault() != nil || slices.Equal(slices.Sorted(maps.Keys(known)), stateTables(d.o.State)) {
		return err
	}
	_, err = d.Append(ctx, Entry{Op: opDigest, Body: proof.Body{Note: "other tables are governed than before"}}, nil)
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
	return &f, d.enterFault(ctx, f)
}

// hasLeft tells whether an origin was the diary's before the one it has now.
func (d *Diary) hasLeft(ctx context.Context, origin, now string) (left bool, err error) {
	if origin == "" || origin == now {
		return false, nil
	}
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM diary_origins WHERE origin = ?)`, origin).Scan(&left)
	return left, explain(err, "couldn't read the origins of the diary")
}

// enterFault makes a fault the diary's, first in memory, so that nothing gets through meanwhile, then
// as an incident. A fault that is entered already is not entered twice.
func (d *Diary) enterFault(ctx context.Context, f Fault) error {
	d.mu.Lock()
	if d.fault == nil {
		d.fault = &f
	}
	d.mu.Unlock()
	var known bool
	err := d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM diary_faults WHERE accepted IS NULL AND kind = ? AND seen_by = ?)`,
		f.Kind, f.By).Scan(&known)
	if err != nil || known {
		return explain(err, "couldn't read the faults of the diary")
	}
	r, err := d.prepare(Entry{Op: opRollback, Body: proof.Body{Note: f.String(),
		Data: map[string]any{"kind": f.Kind, "by": f.By, "there": f.There, "here": f.Here}}})
	if err != nil {
		return err
	}
	r.apply = func(b *batch, i int64) error { return b.insertFault(i, f) }
	_, err = d.wait(ctx, r)
	return err
}

func (b *batch) insertFault(i int64, f Fault) error {
	return b.exec(`INSERT INTO diary_faults (i, kind, seen_by, there, here) VALUES (?, ?, ?, ?, ?)`, i, f.Kind, f.By, f.There, f.Here)
}

// watchState notices that somebody else wrote to the database: then the state must still be the one that
// the diary knows, or no change goes on top of it.
func (b *batch) watchState() error {
	if b.tree.Size() == 0 {
		return nil
	}
	var now int64
	if err := b.tx.QueryRowContext(b.ctx, "PRAGMA data_version").Scan(&now); err != nil {
		return explain(err, "couldn't read the diary")
	}
	if now == b.seen {
		return nil
	}
	differing, err := stateDiffers(b.ctx, b.tx, b.state, proof.HashBody(b.state))
	if err != nil {
		return err
	}
	b.seen = now
	if len(differing) == 0 || b.d.Fault() != nil {
		return nil
	}
	f := stateFault(differing, b.tree.Size())
	b.d.mu.Lock()
	b.d.fault = f
	b.d.mu.Unlock()
	r, err := b.d.prepare(Entry{Op: opRollback, Body: proof.Body{Note: f.String(), Data: map[string]any{"kind": f.Kind, "by": f.By}}})
	if err != nil {
		return err
	}
	r.apply = func(b *batch, i int64) error { return b.insertFault(i, *f) }
	return errors.Join(b.enter(r), r.err)
}

// Accept goes on after a fault: an entry origin.begin in the name of two persons cites the old origin
// and what was found, and from there on the log has a new origin and a new signing key. That one of the
// two is an approver is for the caller to see to.
func (d *Diary) Accept(ctx context.Context, first, second proof.Actor, reason string) (Receipt, error) {
	f := d.Fault()
	switch {
	case f == nil:
		return Receipt{}, errors.New("the diary did not go back: there is nothing to accept")
	case first.ID == "" || second.ID == "" || first.ID == second.ID:
		return Receipt{}, errors.New("two persons must accept that the diary went back")
	case reason == "":
		return Receipt{}, errors.New("to accept that the diary went back takes a reason")
	}
	old := d.Head().Origin
	domain, _, _ := strings.Cut(old, "/varuh/")
	origin, err := newOrigin(domain)
	if err != nil {
		return Receipt{}, err
	}
	body := proof.Body{Actor: &first, Note: reason, Data: map[string]any{
		"second_id": second.ID, "second_name": second.Name, "second_proof": second.Proof,
		"kind": f.Kind, "by": f.By, "there": f.There, "here": f.Here, "old_origin": old}}
	r, err := d.beginOrigin(origin, body, f)
	if err != nil {
		return Receipt{}, err
	}
	return d.changeKey(ctx, r)
}

// beginOrigin prepares an entry that begins an origin with a key of its own. f is the fault that it
// ends, nil for the first origin.
func (d *Diary) beginOrigin(origin string, body proof.Body, f *Fault) (*request, error) {
	r, err := d.prepare(Entry{Op: opOrigin, Body: body})
	if err != nil {
		return nil, err
	}
	s, err := d.keys.prepare(origin)
	if err != nil {
		return nil, err
	}
	r.last = true
	r.apply = func(b *batch, i int64) error {
		b.origin, b.signer = origin, s
		if err := b.exec(`INSERT INTO diary_origins (first, origin) VALUES (?, ?)`, i, origin); err != nil {
			return err
		}
		if err := b.exec(`INSERT INTO diary_signers (first, vkey) VALUES (?, ?)`, i, s.key.String()); err != nil {
			return err
		}
		if f != nil {
			b.ended = true
			return b.exec(`UPDATE diary_faults SET accepted = ? WHERE accepted IS NULL`, i)
		}
		return nil
	}
	return r, nil
}
