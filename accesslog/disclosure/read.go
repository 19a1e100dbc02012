package disclosure

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Request is a request as far as it has come, without what only its entries say.
type Request struct {
	ID string
	Kind
	Way
	State
	Basis        BasisID   // "" while it is missing
	Form                   // "" while it is missing
	Received     time.Time // by the controller
	Completed    time.Time // when it became complete; zero: not yet
	Missing      []Field
	Signed       bool
	PaperPending bool      // it was made orally, and its paper is awaited
	Due          time.Time // day that was agreed, or that another law gives, at midnight UTC; zero for none
	Single       bool      // approved single-handed
	Decided      time.Time // approved or refused the last time; zero: not yet
	Handed       time.Time // zero: not yet
	Package      string    // SHA-256 of the manifest of its package, in hexadecimal; "" for none
	Left         Left      // by what footage may have left first
	Released     bool      // what it held was released
	Token        string    // id of the token by which it came; "" for none
	Entry        int64     // request.receive, to which the others refer
	Content      int64     // the entry that has what it says now: see ContentOf
	Handover     int64     // request.handover or request.shown; 0 for none
	Last         int64     // the entry of its last step
	Wanted       []Wanted
	Departures   []Departure // by what footage may have left, in order
	Delivered    []Wanted    // footage in the package, that left in an earlier one, or that was shown
	Holds        []Held      // that were set for it; they may have ended
	Entrants     []string    // ids of the persons and tokens that entered it

	looked int64 // the last entry that was looked at for what is shown now; 0: nothing is
}

// Held is a hold that was set for a request.
type Held struct {
	Hold string // its id
	Wanted
}

// query asks the database: as the last commit left it, or inside a transaction.
type query func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

const columns = `id, kind, way, state, basis, form, received, completed, missing, signed, paper, due, single, decided, handed, package, released, token, entry, content, handover, last`

// Request is the one of an id.
func (r *Register) Request(ctx context.Context, id string) (Request, error) {
	return one(ctx, r.Diary.Query, id)
}

func one(ctx context.Context, ask query, id string) (Request, error) {
	list, err := listed(ctx, ask, `SELECT `+columns+` FROM requests WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	if err != nil {
		return Request{}, err
	}
	return list[0], nil
}

// OfToken is the request of an id that came by a token; others do not exist for it.
func (r *Register) OfToken(ctx context.Context, token, id string) (Request, error) {
	q, err := r.Request(ctx, id)
	if err == nil && (token == "" || q.Token != token) {
		return Request{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return q, err
}

// Requests are all of them, in the order in which they were entered.
func (r *Register) Requests(ctx context.Context) ([]Request, error) {
	return r.list(ctx, `SELECT `+columns+` FROM requests ORDER BY entry`)
}

// Granted are those whose package is to be built or handed over, in the order in which they were entered.
func (r *Register) Granted(ctx context.Context) ([]Request, error) {
	return r.list(ctx, `SELECT `+columns+` FROM requests WHERE state IN (?, ?) ORDER BY entry`, Approved, Built)
}

// list reads requests with all that belongs to them.
func (r *Register) list(ctx context.Context, text string, args ...any) ([]Request, error) {
	return listed(ctx, r.Diary.Query, text, args...)
}

func listed(ctx context.Context, ask query, text string, args ...any) ([]Request, error) {
	list, err := rows(ctx, ask, scanRequest, text, args...)
	for i := range list {
		if err == nil {
			err = list[i].load(ctx, ask)
		}
	}
	return list, err
}

// load reads what belongs to a request.
func (q *Request) load(ctx context.Context, ask query) (err error) {
	if q.Wanted, err = rows(ctx, ask, scanWanted, `SELECT camera, "from", "to" FROM request_wanted WHERE request = ? ORDER BY camera, "from", "to"`, q.ID); err != nil {
		return err
	}
	if q.Delivered, err = rows(ctx, ask, scanWanted, `SELECT camera, "from", "to" FROM request_delivered WHERE request = ? ORDER BY camera, "from", "to"`, q.ID); err != nil {
		return err
	}
	list, err := departures(ctx, ask, q.ID)
	if err != nil {
		return err
	}
	q.leaves(list)
	if q.Holds, err = rows(ctx, ask, scanHeld, `SELECT hold, camera, "from", "to" FROM request_holds WHERE request = ? ORDER BY rowid`, q.ID); err != nil {
		return err
	}
	q.Entrants, err = rows(ctx, ask, scanText, `SELECT account FROM request_entrants WHERE request = ? ORDER BY rowid`, q.ID)
	return err
}

func scanRequest(found *sql.Rows) (q Request, err error) {
	var received, completed, decided, handed int64
	var missing, due string
	err = found.Scan(&q.ID, &q.Kind, &q.Way, &q.State, &q.Basis, &q.Form, &received, &completed, &missing, &q.Signed, &q.PaperPending, &due, &q.Single,
		&decided, &handed, &q.Package, &q.Released, &q.Token, &q.Entry, &q.Content, &q.Handover, &q.Last)
	if err != nil {
		return q, err
	}
	q.Received, q.Completed, q.Decided, q.Handed = moment(received), moment(completed), moment(decided), moment(handed)
	if missing != "" {
		for _, f := range strings.Split(missing, ",") {
			q.Missing = append(q.Missing, Field(f))
		}
	}
	if due != "" {
		q.Due, err = time.Parse(time.DateOnly, due)
	}
	return q, err
}

func scanWanted(found *sql.Rows) (w Wanted, err error) {
	var from, to int64
	err = found.Scan(&w.Camera, &from, &to)
	w.From, w.To = moment(from), moment(to)
	return w, err
}

func scanHeld(found *sql.Rows) (h Held, err error) {
	var from, to int64
	err = found.Scan(&h.Hold, &h.Camera, &from, &to)
	h.From, h.To = moment(from), moment(to)
	return h, err
}

func scanText(found *sql.Rows) (text string, err error) {
	err = found.Scan(&text)
	return text, err
}

// rows collects what a query gives.
func rows[T any](ctx context.Context, ask query, scan func(*sql.Rows) (T, error), text string, args ...any) (list []T, err error) {
	found, err := ask(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the requests: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		one, err := scan(found)
		if err != nil {
			return nil, fmt.Errorf("couldn't read a request: %w", err)
		}
		list = append(list, one)
	}
	return list, found.Err()
}

// nanos is a time as a column has it; 0 for none.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func joined(list []Field) string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = string(f)
	}
	return strings.Join(texts, ",")
}
