package disclosure

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"varuh/accesslog/people"
)

// Done is something that was done with a request: its receipt, or a step.
type Done struct {
	Entry   int64 // that says who and why
	Request string
	Op      string // of the entry
	At      time.Time
	Scan    string // SHA-256 of the scan of the paper that came with it, in hexadecimal; "" for none
	Stored
}

// Stored is where a scan was put by.
type Stored struct {
	Place string
	Media string
}

// done writes the row of an entry.
func (r *Register) done(ctx context.Context, tx *sql.Tx, d Done) error {
	return changed(tx.ExecContext(ctx, `INSERT INTO request_steps (entry, request, op, at, scan, place, media) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.Entry, d.Request, d.Op, d.At.UnixNano(), d.Scan, d.Place, d.Media))
}

// Course is what was done with a request, in order.
func (r *Register) Course(ctx context.Context, id string) ([]Done, error) {
	return rows(ctx, r.Diary.Query, scanDone, `SELECT entry, request, op, at, scan, place, media FROM request_steps WHERE request = ? ORDER BY entry`, id)
}

// Scans are the steps of all requests that have the scan of a paper, in order.
func (r *Register) Scans(ctx context.Context) ([]Done, error) {
	return rows(ctx, r.Diary.Query, scanDone, `SELECT entry, request, op, at, scan, place, media FROM request_steps WHERE scan <> '' ORDER BY entry`)
}

// stored is where a scan was put by. One that nobody has is refused.
func (r *Register) stored(ctx context.Context, scan string) (Stored, error) {
	if scan == "" || r.Papers == nil {
		return Stored{}, nil
	}
	if kept, ok := r.Papers(scan); ok {
		return kept, nil
	}
	list, err := rows(ctx, r.Diary.Query, scanDone, `SELECT entry, request, op, at, scan, place, media FROM request_steps WHERE scan = ? ORDER BY entry DESC LIMIT 1`, scan)
	if err == nil && len(list) == 0 {
		err = wrong("there is no scan with the hash %s: upload it first", scan)
	}
	if err != nil {
		return Stored{}, err
	}
	return list[0].Stored, nil
}

func scanDone(found *sql.Rows) (d Done, err error) {
	var at int64
	err = found.Scan(&d.Entry, &d.Request, &d.Op, &at, &d.Scan, &d.Place, &d.Media)
	d.At = moment(at)
	return d, err
}

// By is what a person needs for a step; "" where the program itself does it.
func (s Step) By() people.Action { return course[s].by }

// Able says why a session can't do a step with a request now, or nothing. What the step itself asks for is not looked at.
// [ErrFourEyes] alone says that it takes a written reason why one person does both.
func (r *Register) Able(ctx context.Context, s people.Session, q Request, step Step) error {
	q, err := r.Lately(ctx, q)
	if err != nil {
		return err
	}
	if err := q.May(step); err != nil {
		return err
	}
	if s.Proof == byToken {
		return r.ableToken(s, q, step)
	}
	if action := step.By(); action == "" {
		return fmt.Errorf("%w: the program itself does it", ErrStep)
	} else if _, err := allows(s, action, q.Wanted, r.Now()); err != nil {
		return err
	}
	if step == Approve {
		return r.fourEyes(ctx, q, s.Person.ID)
	}
	return nil
}

// ableToken is Able for a token, which supplements what it filed, and no more.
func (r *Register) ableToken(s people.Session, q Request, step Step) error {
	switch {
	case q.Token != s.Person.ID:
		return ErrUnknown
	case step != Supplement:
		return people.ErrNotAllowed
	}
	_, err := allows(s, people.File, q.Wanted, r.Now())
	return err
}

// Sees says whether a session may see what has become of a request, or why not: who may do something with it, for all of
// its cameras, who reads the diary, and the token that filed it.
func (r *Register) Sees(s people.Session, q Request) error {
	if s.Proof == byToken && q.Token == s.Person.ID {
		_, err := s.May(people.File, "", r.Now())
		return err
	}
	if _, err := s.May(people.ReadDiary, "", r.Now()); err == nil {
		return nil
	}
	_, err := allows(s, people.Extract, q.Wanted, r.Now())
	if err != nil && s.Proof == byToken {
		return fmt.Errorf("%w: %s", ErrUnknown, q.ID)
	}
	return err
}

// Writes says why there is no letter about a request now, or nothing: "missing" while something is, "refusal" once it is
// refused with reasons, "extension" once another day was agreed.
func (q Request) Writes(letter string) error {
	switch {
	case letter == "missing" && len(q.Missing) > 0, letter == "refusal" && q.State == Refused, letter == "extension" && q.State == Extended:
		return nil
	case letter == "missing":
		return fmt.Errorf("%w: nothing is missing in it", ErrStep)
	case letter == "refusal":
		return fmt.Errorf("%w: nobody has refused it with reasons", ErrStep)
	case letter == "extension":
		return fmt.Errorf("%w: no other day was agreed", ErrStep)
	}
	return fmt.Errorf("%w: %q is no letter", ErrStep, letter)
}

// Showing tells whether the footage of a request is to be shown on the premises now.
func (q Request) Showing() bool { return q.State == Approved && q.Form.Shown() }

// Shows tells whether a session may show the footage of a request on the premises now.
func (r *Register) Shows(s people.Session, q Request) bool {
	_, err := allows(s, people.Extract, q.Wanted, r.Now())
	return q.Showing() && err == nil
}

// Previews tells whether a session may look at the footage that a request asks for, to decide on it.
func (r *Register) Previews(s people.Session, q Request) bool {
	if !q.undecided() && q.State != Silent && q.State != Approved {
		return false
	}
	_, err := allows(s, people.Approve, q.Wanted, r.Now())
	return err == nil
}
