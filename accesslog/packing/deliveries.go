package packing

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
)

// Result is how a delivery ended.
type Result string

// The results.
const (
	Whole      Result = "whole"       // to its last byte; on a disk once it was read back from it
	CutOff     Result = "cut off"     // in the middle
	NotFetched Result = "not fetched" // it was prepared, and nobody came for it
	Unknown    Result = "unknown"     // the program stopped meanwhile, or whoever wrote it onto a disk said nothing
)

// Delivery is a package that left, or may leave, once.
type Delivery struct {
	Entry   int64 // handover, which says for whom it is
	Package int64
	Way     Way
	Link    int64 // its entry package.link; 0: by none
	At      time.Time
	Ended   int64     // handover.end; 0: it is under way, or nobody has fetched it yet
	Over    time.Time // when it ended; zero: not yet
	End
}

// End is how a delivery ended, and what had left by then.
type End struct {
	How   Result // "": it has not
	Bytes int64  // of its files
	Files int64  // that left whole
}

// Taken tells whether all of a package left by it, so that a request can be handed over: whole, or by a network, where the program
// stopped before it knew.
func (d Delivery) Taken() bool { return d.How == Whole || d.How == Unknown && d.Way != Folder }

// failed are the results of deliveries by which nobody has a package, as SQL has them.
const failed = `'` + string(CutOff) + `', '` + string(NotFetched) + `'`

// Deliveries are those of all packages of a request, in order.
func (j *Jobs) Deliveries(ctx context.Context, request string) ([]Delivery, error) {
	return j.readDeliveries(ctx, `package IN (SELECT id FROM packages WHERE request = ?)`, request)
}

// readDeliveries reads deliveries by a condition of SQL, in order.
func (j *Jobs) readDeliveries(ctx context.Context, condition string, args ...any) (list []Delivery, err error) {
	rows, err := j.o.Diary.Query(ctx, `SELECT id, package, way, link, at, ended, finished, result, bytes, files FROM package_deliveries WHERE `+condition+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("couldn't read what was delivered: %w", err)
	}
	for err == nil && rows.Next() {
		var d Delivery
		var at, over int64
		if err = rows.Scan(&d.Entry, &d.Package, &d.Way, &d.Link, &at, &d.Ended, &over, &d.How, &d.Bytes, &d.Files); err == nil {
			d.At, d.Over = moment(at), moment(over)
			list = append(list, d)
		}
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read what was delivered: %w", err)
	}
	return list, nil
}

// moment is a time as a column has it.
func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

// Taken tells whether a package left so that its request can be handed over: see [Delivery.Taken].
func (j *Jobs) Taken(ctx context.Context, p Package) (bool, error) {
	list, err := j.readDeliveries(ctx, `package = ?`, p.ID)
	return slices.ContainsFunc(list, Delivery.Taken), err
}

// begins is the change of the entry of a delivery: its row, if the package may leave yet.
func (j *Jobs) begins(ctx context.Context, p Package, d *delivery) diary.Change {
	return func(tx *sql.Tx) error {
		if err := j.leavesInside(ctx, tx, p); err != nil {
			return err
		}
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		j.mu.Lock()
		d.entry = i // before anybody sees the row
		j.mu.Unlock()
		if _, err := tx.ExecContext(ctx, `INSERT INTO package_deliveries (id, package, way, link, at, ended, finished, result, bytes, files) VALUES (?, ?, ?, ?, ?, 0, 0, '', 0, 0)`,
			i, p.ID, string(d.way), d.link, j.o.Now().UnixNano()); err != nil {
			return err
		}
		return setLeft(ctx, tx, p.Request)
	}
}

// enterEnd makes it durable how the delivery of an entry ended. One that is ended already stays as it is.
func (j *Jobs) enterEnd(ctx context.Context, entry int64, request string, e End) error {
	_, err := j.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opEnded, Ref: &entry, Body: proof.Body{Result: string(e.How), Bytes: e.Bytes,
		Data: map[string]any{"request": request, "files": e.Files}}}, func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		if err := changed(tx.ExecContext(ctx, `UPDATE package_deliveries SET ended = ?, finished = ?, result = ?, bytes = ?, files = ? WHERE id = ? AND ended = 0`,
			i, j.o.Now().UnixNano(), string(e.How), e.Bytes, e.Files, entry)); err != nil {
			return err
		}
		return setLeft(ctx, tx, request)
	})
	if errors.Is(err, ErrMeanwhile) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't enter how the delivery %d ended; it is tried again: %w", entry, err)
	}
	return nil
}

// setLeft has the request know of the deliveries that are not known to have given nothing, with what was in the packages that they took.
func setLeft(ctx context.Context, tx *sql.Tx, request string) (err error) {
	rows, err := tx.QueryContext(ctx, `SELECT d.id, d.at, p.manifest, p.delivered FROM package_deliveries AS d JOIN packages AS p ON p.id = d.package
		WHERE p.request = ? AND NOT (d.ended > 0 AND d.bytes = 0 AND d.result <> '`+string(Unknown)+`') ORDER BY d.id`, request)
	if err != nil {
		return err
	}
	var list []disclosure.Departure
	for err == nil && rows.Next() {
		var l disclosure.Departure
		var at int64
		var delivered string
		if err = rows.Scan(&l.Delivery, &at, &l.Manifest, &delivered); err == nil {
			l.At = moment(at)
			err = json.Unmarshal([]byte(delivered), &l.Footage)
			list = append(list, l)
		}
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return err
	}
	return disclosure.SetLeft(ctx, tx, request, list)
}
