package hold

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"varuh/retention"
)

var _ retention.Holds = (*Register)(nil)

// List gives the holds in force, by their entries.
func (r *Register) List(ctx context.Context) ([]Hold, error) {
	return scanAll(ctx, r.Diary.Query, func(rows *sql.Rows) (h Hold, err error) {
		var from, to, review int64
		err = rows.Scan(&h.ID, &h.Kind, &h.Camera, &from, &to, &h.PastTerm, &review, &h.Entry, &h.Pinned)
		h.From, h.To, h.Review = time.Unix(0, from).UTC(), time.Unix(0, to).UTC(), time.Unix(0, review).UTC()
		return h, err
	}, `SELECT id, kind, camera, "from", "to", past_term, review, entry, id IN (SELECT id FROM hold_pins) FROM holds ORDER BY entry`)
}

// ListRestrictions gives the restrictions in force, by their entries.
func (r *Register) ListRestrictions(ctx context.Context) ([]Restriction, error) {
	return scanAll(ctx, r.Diary.Query, func(rows *sql.Rows) (s Restriction, err error) {
		var from, to, review int64
		err = rows.Scan(&s.ID, &s.Ground, &s.Camera, &from, &to, &review, &s.Entry, &s.Pinned)
		s.From, s.To, s.Review = time.Unix(0, from).UTC(), time.Unix(0, to).UTC(), time.Unix(0, review).UTC()
		return s, err
	}, `SELECT id, ground, camera, "from", "to", review, entry, id IN (SELECT id FROM hold_pins) FROM restrictions ORDER BY entry`)
}

// asked asks a database.
type asked func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// scanAll collects what a query gives.
func scanAll[T any](ctx context.Context, ask asked, scan func(*sql.Rows) (T, error), query string, args ...any) (list []T, err error) {
	found, err := ask(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the holds: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		one, err := scan(found)
		if err != nil {
			return nil, fmt.Errorf("couldn't read a hold: %w", err)
		}
		list = append(list, one)
	}
	return list, found.Err()
}

// Holds implements [retention.Holds]. Each is there a second time where its footage has another time, see [Both].
func (r *Register) Holds(ctx context.Context) ([]retention.Hold, error) {
	list, err := r.holdsAsSet(ctx)
	if err != nil {
		return nil, err
	}
	return Both(r.Twins, list)
}

// Some gives what Holds does of those holds alone that have one of some ids.
func (r *Register) Some(ctx context.Context, ids []string) (out []retention.Hold, err error) {
	list, err := r.inEffect(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		if slices.Contains(ids, one.ID) {
			out = append(out, one.forPurge())
		}
	}
	return Both(r.Twins, out)
}

// Restrictions implements [retention.Holds], as Holds does.
func (r *Register) Restrictions(ctx context.Context) ([]retention.Restriction, error) {
	list, err := r.restrictionsAsSet(ctx)
	if err != nil {
		return nil, err
	}
	return Both(r.Twins, list)
}

// AsSet gives what Holds and Restrictions do, without the other times of the footage.
func (r *Register) AsSet(ctx context.Context) ([]retention.Hold, []retention.Restriction, error) {
	holds, err := r.holdsAsSet(ctx)
	if err != nil {
		return nil, nil, err
	}
	restrictions, err := r.restrictionsAsSet(ctx)
	return holds, restrictions, err
}

// inEffect reads what is being set before the rows: so nothing falls between.
func (r *Register) inEffect(ctx context.Context) (list []Hold, err error) {
	r.effective(func() { list = slices.Collect(maps.Values(r.holds)) })
	entered, err := r.List(ctx)
	return append(list, entered...), err
}

func (r *Register) holdsAsSet(ctx context.Context) (out []retention.Hold, err error) {
	list, err := r.inEffect(ctx)
	for _, one := range list {
		out = append(out, one.forPurge())
	}
	return out, err
}

// restrictionsAsSet reads what is being set before the rows: so nothing falls between.
func (r *Register) restrictionsAsSet(ctx context.Context) (out []retention.Restriction, err error) {
	var list []Restriction
	r.effective(func() { list = slices.Collect(maps.Values(r.restricted)) })
	entered, err := r.ListRestrictions(ctx)
	for _, one := range append(list, entered...) {
		out = append(out, one.forPurge())
	}
	return out, err
}
