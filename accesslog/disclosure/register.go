package disclosure

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// Schema makes the tables of this package, which are governed: [Tables].
//
//go:embed schema.sql
var Schema string

// Tables are the governed tables.
var Tables = []string{"request_delivered", "request_entrants", "request_holds", "request_keys", "request_left", "request_left_footage", "request_steps", "request_wanted", "requests"}

// What refuses a request or a step.
var (
	ErrWrong      = errors.New("the statement is wrong or incomplete") // something is not said, too long, or contradicts itself
	ErrUnknown    = errors.New("there is no such request")             // or it is not the asking token's
	ErrCamera     = errors.New("there is no such camera")
	ErrFuture     = errors.New("footage that is not recorded yet can't be asked for")
	ErrFourEyes   = errors.New("somebody else has to approve it")
	ErrKey        = errors.New("the idempotency key was used for another request")
	ErrMeanwhile  = errors.New("somebody else has done a step meanwhile: look at the request again")
	ErrNothingDue = errors.New("the term is not over")
)

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrWrong, fmt.Sprintf(format, args...))
}

// Diary is what the entries go into.
type Diary interface {
	Append(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	EntriesOf(ctx context.Context, ops ...string) ([]diary.Stored, error)
	Manifest(ctx context.Context, entry int64) ([]byte, error)

	// Reached is how late it was by when an entry was written, by all entries up to it: see [diary.Diary.Reached].
	Reached(ctx context.Context, entry int64, now time.Time) (at time.Time, known bool, err error)
}

// Holds keeps footage from being erased. Its Set takes effect before its entry.
type Holds interface {
	Set(context.Context, hold.Asked) (hold.Effect, error)
	Clear(ctx context.Context, id string, by proof.Actor, reason string) (diary.Receipt, error)
	List(context.Context) ([]hold.Hold, error)
}

// Accounts tells who could act in the name of an account.
type Accounts interface {
	// Makers are the persons who added a person, or set his password, or issued a token, with the entries of that.
	Makers(ctx context.Context, account string) ([]people.Maker, error)
}

// Footage tells when footage comes to its term.
type Footage interface {
	// Due is when the first footage of a range comes to its term; false if nothing of it is here. Camera "" is every one.
	Due(ctx context.Context, camera string, from, to time.Time) (time.Time, bool, error)
}

// Register enters requests and what is done with them. Its methods may be called from many goroutines.
type Register struct {
	Diary    Diary
	Holds    Holds
	Accounts Accounts
	Footage  Footage
	Known    func(camera string) bool         // whether there is, or was, such a camera
	Papers   func(scan string) (Stored, bool) // scans that were put by and that nothing names yet, by their hashes; nil: any scan is taken, and kept nowhere
	Opener   func() (Opener, error)           // of the diary, for what was shown by a viewing; people.ErrLocked. nil: it is locked
	Twins    hold.Twins                       // the other times of footage of a clock that was set late; nil: there are none
	Zone     *time.Location                   // of the site, in which days are counted
	Now      func() time.Time
	Certain  func() time.Time // a present that has come for certain, zero for none; nil: Now

	makings  making // how long ago accounts were made
	restores restores

	receiving sync.Mutex // one request comes in at a time, so that no idempotency key is used by two at once
}

// takes does a step: it looks whether a session may, writes the entry with what say adds to it, and changes the rows in
// its transaction. A nil session is the program itself.
func (r *Register) takes(ctx context.Context, s *people.Session, id string, step Step, say func(*Request, *proof.Body) error, change func(context.Context, *sql.Tx) error) (diary.Receipt, error) {
	q, err := r.Request(ctx, id)
	if err == nil {
		q, err = r.Lately(ctx, q)
	}
	if err != nil {
		return diary.Receipt{}, err
	}
	rule := course[step]
	body := proof.Body{}
	if body.Actor, err = r.actor(s, rule.by, q); err != nil {
		return diary.Receipt{}, err
	}
	if err := q.May(step); err != nil {
		return diary.Receipt{}, fmt.Errorf("request %s: %w", id, err)
	}
	var restored []Restored
	if step == Refuse || step == Withdraw {
		if restored, err = r.RestoredOver(ctx, q); err != nil {
			return diary.Receipt{}, err
		}
	}
	last, from := q.Last, q.State
	if rule.to != "" {
		q.State = rule.to
	}
	if err := say(&q, &body); err != nil {
		return diary.Receipt{}, err
	}
	body.Objects = objects(q.Wanted)
	scan, _ := body.Data["scan"].(string)
	paper, err := r.stored(ctx, scan)
	if err != nil {
		return diary.Receipt{}, err
	}
	body.Data = q.data(body.Data)
	if len(restored) > 0 {
		body.Data["restored"] = restored[len(restored)-1].Entry
	}
	return r.Diary.Append(ctx, diary.Entry{Op: rule.op, Ref: &q.Entry, Body: body}, func(tx *sql.Tx) error {
		if err := q.stays(ctx, tx, step, from); err != nil {
			return err
		}
		return r.stepped(ctx, tx, q, last, Done{Request: q.ID, Op: rule.op, At: r.Now(), Scan: scan, Stored: paper}, change)
	})
}

// stepped changes the rows of a request inside the transaction of a step's entry: the request as the step leaves it, the step itself,
// and what change adds. last is the entry of the step before; if that is another one by now, nothing is changed.
func (r *Register) stepped(ctx context.Context, tx *sql.Tx, q Request, last int64, done Done, change func(context.Context, *sql.Tx) error) (err error) {
	if done.Entry, err = diary.Next(ctx, tx); err != nil {
		return err
	}
	if q.looked != 0 { // and it is looked no more
		if err := SetLeft(ctx, tx, q.ID, q.Departures); err != nil {
			return err
		}
	}
	if err := q.update(ctx, tx, done.Entry, last); err != nil {
		return err
	}
	if err := r.done(ctx, tx, done); err != nil {
		return err
	}
	if q.Package == "" && q.Handover == 0 { // so nothing is in it any more
		return replace(ctx, tx, "request_delivered", q.ID, nil)
	}
	if change == nil {
		return nil
	}
	return change(ctx, tx)
}

// actor is who does a step with a request, if that is allowed; nil is the program itself.
func (r *Register) actor(s *people.Session, action people.Action, q Request) (*proof.Actor, error) {
	if s == nil && action == "" {
		return nil, nil
	}
	if s == nil || action == "" {
		return nil, people.ErrNotAllowed
	}
	a, err := allows(*s, action, q.Wanted, r.Now())
	if err != nil {
		return nil, err
	}
	by := s.As(a)
	return &by, nil
}

// data is what every entry about a request has.
func (q Request) data(m map[string]any) map[string]any {
	if m == nil {
		m = map[string]any{}
	}
	m["request"], m["kind"], m["state"] = q.ID, string(q.Kind), string(q.State)
	return m
}

// objects is footage as an entry names it.
func objects(list []Wanted) (out []proof.Object) {
	for _, w := range list {
		camera := w.Camera
		if camera == "" {
			camera = "*"
		}
		out = append(out, proof.Object{Camera: camera, From: w.From, To: w.To})
	}
	return out
}

// update writes the row of a request after the step of an entry, if the step before is still the one it was.
func (q Request) update(ctx context.Context, tx *sql.Tx, entry, last int64) error {
	return changed(tx.ExecContext(ctx, `UPDATE requests SET state = ?, basis = ?, form = ?, completed = ?, missing = ?, signed = ?, paper = ?, due = ?,
		single = ?, decided = ?, handed = ?, package = ?, released = ?, content = ?, handover = ?, last = ? WHERE id = ? AND last = ?`,
		q.State, q.Basis, q.Form, nanos(q.Completed), joined(q.Missing), q.Signed, q.PaperPending, dayText(q.Due), q.Single, nanos(q.Decided), nanos(q.Handed),
		q.Package, q.Released, own(q.Content, entry), own(q.Handover, entry), entry, q.ID, last))
}

// thisEntry stands for the number of the entry that is being written.
const thisEntry = -1

func own(i, entry int64) int64 {
	if i == thisEntry {
		return entry
	}
	return i
}

// changed is nil if a statement changed one row.
func changed(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = ErrMeanwhile
	}
	return err
}

// newID makes the id of a request: 8 random hexadecimal digits.
func newID() string {
	b := make([]byte, 4)
	rand.Read(b) // it never fails, by its documentation
	return hex.EncodeToString(b)
}

// some tells whether one of the texts says something.
func some(texts ...string) bool { return strings.TrimSpace(strings.Join(texts, "")) != "" }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
