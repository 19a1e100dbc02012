package packing

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
)

// Schema makes the tables of this package, which are governed: [Tables].
//
//go:embed schema.sql
var Schema string

// Tables are the governed tables.
var Tables = []string{"package_deliveries", "package_links", "packages"}

// The operations.
const (
	opOrder    = "package.order"
	opStage    = "package.stage"
	opFail     = "package.fail"
	opCancel   = "package.cancel"
	opErase    = "erase.package"
	opDisclose = "disclose"
	opHandover = "handover"
	opEnded    = "handover.end"
	opRead     = "diary.read"
)

// Why says why a package ended.
type Why string

// Why a package ended.
const (
	Cancelled Why = "cancelled"   // by a person, before it was built
	Failed    Why = "failed"      // it could not be built
	Delivered Why = "handed over" // and the days after that are over
	Term      Why = "term"        // the first footage in it came to its term, or was erased
	Undone    Why = "undone"      // its request was refused, withdrawn or released
	Lost      Why = "lost"        // it is not there any more, as after a disk was lost
)

// Package is one that was ordered, as far as it has come.
type Package struct {
	ID        int64  // index of package.order
	Request   string // id
	Person    string // id of who ordered it
	Sound     bool
	Ground    string // on which restricted footage is taken; "": it is left out
	Place     sealed.Place
	Bytes     int64
	Disclose  int64
	Stage     int64
	Manifest  string // SHA-256, in hexadecimal
	Delivered []disclosure.Wanted
	Last      time.Time // when all of it left the last time, or may have: nobody knows how that delivery ended; zero: not yet
	Due       time.Time // when the first footage in it comes to its term, as it was last asked; zero: never, or not known yet
	Ended     int64     // the entry that ended it; 0: it is there, or to be built
	Why       Why
}

// Staged tells whether it is built, and not ended.
func (p Package) Staged() bool { return p.Stage != 0 && p.Ended == 0 }

const columns = `id, request, person, sound, ground, object, bytes, disclose, stage, manifest, delivered, ended, why`

// query asks the database: as the last commit left it, or inside a transaction.
type query func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

// read reads packages by a condition of SQL, in the order in which they were asked for.
func (j *Jobs) read(ctx context.Context, condition string, args ...any) ([]Package, error) {
	return readBy(ctx, j.o.Diary.Query, condition, args...)
}

// last is when all of a package left the last time, or may have. That all its bytes left counts, whatever came of the end of a ZIP
// file: who has them has the package.
const last = `(SELECT coalesce(max(finished), 0) FROM package_deliveries AS d WHERE d.package = packages.id
	AND (d.result IN ('` + string(Whole) + `', '` + string(Unknown) + `') OR d.ended > 0 AND packages.bytes > 0 AND d.bytes >= packages.bytes))`

func readBy(ctx context.Context, ask query, condition string, args ...any) (list []Package, err error) {
	rows, err := ask(ctx, `SELECT `+columns+`, `+last+` FROM packages WHERE `+condition+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("couldn't read what packages there are: %w", err)
	}
	for err == nil && rows.Next() {
		var p Package
		if p, err = scan(rows); err == nil {
			list = append(list, p)
		}
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read what packages there are: %w", err)
	}
	return list, nil
}

func scan(rows *sql.Rows) (p Package, err error) {
	var object, delivered string
	var left int64
	err = rows.Scan(&p.ID, &p.Request, &p.Person, &p.Sound, &p.Ground, &object, &p.Bytes, &p.Disclose, &p.Stage, &p.Manifest, &delivered, &p.Ended, &p.Why, &left)
	if err == nil && object != "" {
		p.Place, err = sealed.ParsePlace(object)
	}
	if err == nil && delivered != "" {
		err = json.Unmarshal([]byte(delivered), &p.Delivered)
	}
	p.Last = moment(left)
	return p, err
}

// one is a package by its id.
func (j *Jobs) one(ctx context.Context, id int64) (Package, error) {
	return oneBy(ctx, j.o.Diary.Query, id)
}

func oneBy(ctx context.Context, ask query, id int64) (Package, error) {
	list, err := readBy(ctx, ask, `id = ?`, id)
	if err == nil && len(list) != 1 {
		err = ErrUnknown
	}
	if err != nil {
		return Package{}, err
	}
	return list[0], nil
}

// open are those that are there or to be built.
func (j *Jobs) open(ctx context.Context) ([]Package, error) { return j.read(ctx, `ended = 0`) }

// insert writes the row of a package that is ordered.
func (p Package) insert(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO packages (`+columns+`, segments) VALUES (?, ?, ?, ?, ?, '', 0, 0, 0, '', '', 0, '', '')`, p.ID, p.Request, p.Person, p.Sound, p.Ground)
	return err
}

// segmentsOf are the segments that a package is made of; none once it has ended.
func segmentsOf(ctx context.Context, ask query, id int64) (list []Segment, err error) {
	rows, err := ask(ctx, `SELECT segments FROM packages WHERE id = ? AND segments <> ''`, id)
	for err == nil && rows.Next() {
		var text string
		if err = rows.Scan(&text); err == nil {
			err = json.Unmarshal([]byte(text), &list)
		}
	}
	if rows != nil {
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't read what a package is made of: %w", err)
	}
	return list, nil
}

// stage writes what a package that is finished has, with the segments that it is made of.
func (p Package) stage(ctx context.Context, tx *sql.Tx, entry int64, made []Segment) error {
	delivered, err := json.Marshal(p.Delivered)
	if err != nil {
		return err
	}
	segments, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return changed(tx.ExecContext(ctx, `UPDATE packages SET object = ?, bytes = ?, disclose = ?, stage = ?, manifest = ?, delivered = ?, segments = ? WHERE id = ? AND ended = 0 AND stage = 0`,
		p.Place.String(), p.Bytes, p.Disclose, entry, p.Manifest, string(delivered), string(segments), p.ID))
}

// end writes that a package ended.
func (p Package) end(ctx context.Context, tx *sql.Tx, entry int64, why Why) error {
	return changed(tx.ExecContext(ctx, `UPDATE packages SET ended = ?, why = ?, segments = '' WHERE id = ? AND ended = 0`, entry, string(why), p.ID))
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
