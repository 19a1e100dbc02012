package notice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// query asks the database: as the last commit left it, or inside a transaction.
type query func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

// history reads all that was entered about a camera.
func (r *Register) history(ctx context.Context, camera string) (history, error) {
	h, err := load(ctx, r.Diary.Query, camera)
	h.zone = r.Zone
	return h, err
}

func load(ctx context.Context, ask query, camera string) (h history, err error) {
	versions, err := rows(ctx, ask, scanNotice, `SELECT n.id, n.content, n.entered, n.entry, c."from", c."to"
		FROM notice_cameras c JOIN notices n ON n.id = c.notice WHERE c.camera = CAST(? AS TEXT)`, camera)
	if err != nil {
		return history{}, err
	}
	h.versions = settle(versions)
	lists, err := rows(ctx, ask, scanSignOff, `SELECT notice, entry, day, count, "all" FROM notice_informed
		WHERE notice IN (SELECT notice FROM notice_cameras WHERE camera = CAST(? AS TEXT)) ORDER BY entry`, camera)
	if err != nil {
		return history{}, err
	}
	for i := range h.versions {
		for _, l := range lists {
			if n := &h.versions[i]; n.ID == l.notice {
				n.Informed = append(n.Informed, l.SignOff)
			}
		}
	}
	h.decisions, err = rows(ctx, ask, scanDecision, `SELECT number, day, reasons, entry FROM notice_decisions WHERE camera = CAST(? AS TEXT) ORDER BY entry`, camera)
	return h, err
}

// Versions are all that were, are or will be in force for a camera, in order, with those that another has replaced.
func (r *Register) Versions(ctx context.Context, camera string) ([]Notice, error) {
	h, err := r.history(ctx, camera)
	for i := range h.versions {
		h.versions[i].Decision = h.decided(h.versions[i].From)
	}
	return h.versions, err
}

// version is one version, whatever cameras it is for: it begins for all of them together.
func (r *Register) version(ctx context.Context, id string) (Notice, error) {
	list, err := rows(ctx, r.Diary.Query, scanNotice, `SELECT n.id, n.content, n.entered, n.entry, c."from", c."to"
		FROM notice_cameras c JOIN notices n ON n.id = c.notice WHERE n.id = ? LIMIT 1`, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	if err != nil {
		return Notice{}, err
	}
	return list[0], nil
}

// signed is a list with the version that it is about.
type signed struct {
	notice string
	SignOff
}

func scanNotice(found *sql.Rows) (n Notice, err error) {
	var content string
	var entered, from int64
	var to sql.NullInt64
	if err = found.Scan(&n.ID, &content, &entered, &n.Entry, &from, &to); err != nil {
		return n, err
	}
	n.Entered, n.From = time.Unix(0, entered).UTC(), time.Unix(0, from).UTC()
	if to.Valid {
		n.To = time.Unix(0, to.Int64).UTC()
	}
	n.EnteredLater = n.From.Before(n.Entered)
	if n.Content, err = parseContent([]byte(content)); err != nil {
		err = fmt.Errorf("notice %s: %w", n.ID, err)
	}
	return n, err
}

func scanText(found *sql.Rows) (text string, err error) {
	err = found.Scan(&text)
	return text, err
}

func scanContent(found *sql.Rows) (Content, error) {
	text, err := scanText(found)
	if err != nil {
		return Content{}, err
	}
	return parseContent([]byte(text))
}

func scanDecision(found *sql.Rows) (d Decision, err error) {
	var day string
	if err = found.Scan(&d.Number, &day, &d.Reasons, &d.Entry); err != nil {
		return d, err
	}
	d.Date, err = time.Parse(time.DateOnly, day)
	return d, err
}

func scanSignOff(found *sql.Rows) (s signed, err error) {
	var day string
	if err = found.Scan(&s.notice, &s.Entry, &day, &s.Count, &s.All); err != nil {
		return s, err
	}
	s.Date, err = time.Parse(time.DateOnly, day)
	return s, err
}

// rows collects what a query gives.
func rows[T any](ctx context.Context, ask query, scan func(*sql.Rows) (T, error), text string, args ...any) (list []T, err error) {
	found, err := ask(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the notices: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		one, err := scan(found)
		if err != nil {
			return nil, fmt.Errorf("couldn't read the notices: %w", err)
		}
		list = append(list, one)
	}
	return list, found.Err()
}
