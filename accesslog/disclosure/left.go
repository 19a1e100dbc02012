package disclosure

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

// Left says by what and since when footage of a request may have left the appliance: a delivery that is not known to have given
// nothing, or a viewing by which it was shown.
type Left struct {
	Delivery int64 // its entry: handover, or view.start; 0: nothing has left
	At       time.Time
	Manifest string // SHA-256 of the manifest of the package, in hexadecimal; "" where it was shown
}

// Departure is a delivery, or a viewing, with the footage that may have left by it.
type Departure struct {
	Left
	Footage []Wanted
}

// SetLeft replaces what the register knows of the deliveries by which footage of a request may have left: list has all of them, in
// order, and is empty if nothing has left. Whoever delivers calls it in the transactions of its own entries.
func SetLeft(ctx context.Context, tx *sql.Tx, request string, list []Departure) error {
	for _, text := range []string{`DELETE FROM request_left_footage WHERE delivery IN (SELECT delivery FROM request_left WHERE request = ?)`, `DELETE FROM request_left WHERE request = ?`} {
		if _, err := tx.ExecContext(ctx, text, request); err != nil {
			return err
		}
	}
	for _, d := range list {
		if err := changed(tx.ExecContext(ctx, `INSERT INTO request_left (delivery, request, at, manifest) VALUES (?, ?, ?, ?)`, d.Delivery, request, d.At.UnixNano(), d.Manifest)); err != nil {
			return err
		}
		for _, w := range d.Footage {
			if err := changed(tx.ExecContext(ctx, `INSERT OR IGNORE INTO request_left_footage (delivery, camera, "from", "to") VALUES (?, ?, ?, ?)`,
				d.Delivery, w.Camera, w.From.UnixNano(), w.To.UnixNano())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Inside is the request of an id as a transaction has it, for changes that must not follow from what was so before.
func Inside(ctx context.Context, tx *sql.Tx, id string) (Request, error) {
	return one(ctx, tx.QueryContext, id)
}

// departures reads by what footage of a request may have left.
func departures(ctx context.Context, ask query, id string) ([]Departure, error) {
	list, err := rows(ctx, ask, scanDeparture, `SELECT delivery, at, manifest FROM request_left WHERE request = ? ORDER BY delivery`, id)
	for i := range list {
		if err == nil {
			list[i].Footage, err = rows(ctx, ask, scanWanted, `SELECT camera, "from", "to" FROM request_left_footage WHERE delivery = ? ORDER BY camera, "from", "to"`, list[i].Delivery)
		}
	}
	return list, err
}

func scanDeparture(found *sql.Rows) (d Departure, err error) {
	var at int64
	err = found.Scan(&d.Delivery, &at, &d.Manifest)
	d.At = moment(at)
	return d, err
}

// leaves has a request know by what its footage may have left.
func (q *Request) leaves(list []Departure) {
	q.Departures, q.Left = list, Left{}
	if len(list) > 0 {
		q.Left = list[0].Left
	}
	for _, d := range list {
		q.Delivered = union(q.Delivered, d.Footage)
	}
}

// union is all footage of two lists, by camera and time.
func union(a, b []Wanted) []Wanted { return merged(slices.Concat(a, b)) }

// refused says why a request isn't refused once footage has left while its package is there, or once it was shown: a letter that
// refuses, and a register that says who got it, would contradict each other. To withdraw it is the applicant's own act.
func (q Request) refused(s Step, state State) error {
	l := q.Left
	shown := state == Approved && l.Manifest == ""
	if l.Delivery == 0 || s != Refuse || state != Built && !shown {
		return nil
	}
	next := "enter the handover instead, once it has left whole"
	if shown {
		next = "enter instead that it was shown"
	}
	return fmt.Errorf("%w, by entry %d: %s", ErrLeft, l.Delivery, next)
}

// stays looks inside the transaction of a step whether footage has left meanwhile.
func (q Request) stays(ctx context.Context, tx *sql.Tx, s Step, state State) error {
	if q.looked == 0 {
		now, err := Inside(ctx, tx, q.ID)
		if err != nil {
			return err
		}
		if err := now.refused(s, state); err != nil {
			return err
		}
		if now.Left != q.Left {
			return ErrMeanwhile
		}
		return nil
	}
	began, err := rows(ctx, tx.QueryContext, scanText, `SELECT leaf FROM diary_leaves WHERE i > ? AND instr(leaf, '"op":"`+opViewStart+`"')`, q.looked)
	for _, text := range began {
		leaf, err := proof.ParseLeaf([]byte(text))
		if err != nil {
			return err
		}
		if leaf.Ref != nil && *leaf.Ref == q.Entry {
			return ErrMeanwhile
		}
	}
	return err
}
