package disclosure

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Left says since when footage of a request may have left the appliance: from the first delivery on that is not known to have
// given nothing. Whoever delivers enters it in the transactions of its entries.
type Left struct {
	Delivery int64 // its entry handover; 0: nothing has left
	At       time.Time
	Manifest string // SHA-256 of the manifest of what left, in hexadecimal
}

// SetLeft writes since when footage of a request may have left, inside the change of an entry; a zero one that nothing has.
func SetLeft(ctx context.Context, tx *sql.Tx, request string, l Left) error {
	if l.Delivery == 0 {
		_, err := tx.ExecContext(ctx, `DELETE FROM request_left WHERE request = ?`, request)
		return err
	}
	return changed(tx.ExecContext(ctx, `INSERT INTO request_left (request, delivery, at, manifest) VALUES (?, ?, ?, ?)
		ON CONFLICT (request) DO UPDATE SET delivery = excluded.delivery, at = excluded.at, manifest = excluded.manifest`, request, l.Delivery, l.At.UnixNano(), l.Manifest))
}

// Inside is the request of an id as a transaction has it, for changes that must not follow from what was so before.
func Inside(ctx context.Context, tx *sql.Tx, id string) (Request, error) {
	return one(ctx, tx.QueryContext, id)
}

// leftOf reads since when footage of a request may have left.
func leftOf(ctx context.Context, ask query, id string) (Left, error) {
	list, err := rows(ctx, ask, scanLeft, `SELECT delivery, at, manifest FROM request_left WHERE request = ?`, id)
	if err != nil || len(list) == 0 {
		return Left{}, err
	}
	return list[0], nil
}

func scanLeft(found *sql.Rows) (l Left, err error) {
	var at int64
	err = found.Scan(&l.Delivery, &at, &l.Manifest)
	l.At = moment(at)
	return l, err
}

// kept says why a step can't be done once footage has left while the package is there: a letter that refuses, and a register that
// says who got it, would contradict each other.
func (l Left) kept(s Step, state State) error {
	if l.Delivery == 0 || state != Built || s != Refuse && s != Withdraw {
		return nil
	}
	return fmt.Errorf("%w: on %s, by entry %d; enter the handover instead", ErrLeft, l.At.Format("2006-01-02 15:04 UTC"), l.Delivery)
}

// stays looks inside the transaction of a step whether footage has left meanwhile.
func (l Left) stays(ctx context.Context, tx *sql.Tx, id string, s Step, state State) error {
	now, err := leftOf(ctx, tx.QueryContext, id)
	if err != nil {
		return err
	}
	if err := now.kept(s, state); err != nil {
		return err
	}
	if now != l {
		return ErrMeanwhile
	}
	return nil
}
