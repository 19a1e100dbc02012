package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// query runs a query: in a transaction, or in what the last commit left.
type query func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// load reads the tables.
func load(ctx context.Context, q query, p *present) (*state, error) {
	s := &state{persons: map[string]*account{}, present: p}
	for _, read := range []func(context.Context, query) error{s.loadPersons, s.loadAuthorisations, s.loadWraps, s.loadCodes, s.loadLink, s.loadTokens} {
		if err := read(ctx, q); err != nil {
			return nil, fmt.Errorf("couldn't read who may log in: %w", err)
		}
	}
	for _, p := range s.persons {
		for i := range p.auths {
			p.auths[i].of = s.approvals(p.auths[i].DeputyOf)
		}
	}
	return s, nil
}

// each scans the rows of a query.
func (q query) each(ctx context.Context, scan func(*sql.Rows) error, text string, args ...any) (err error) {
	rows, err := q(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *state) loadPersons(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		a := &account{wraps: map[Which]wrap{}}
		var reset, at sql.NullInt64
		var by sql.NullString
		err := rows.Scan(&a.ID, &a.Login, &a.Name, &a.Language, &a.verifier.salt, &a.verifier.Memory, &a.verifier.Passes,
			&a.verifier.Lanes, &a.verifier.hash, &a.renew, &a.second, &reset, &at, &by)
		if reset.Valid {
			a.reset = &Reset{Entry: reset.Int64, At: moment(at.Int64), By: by.String}
		}
		a.Second = a.second != nil
		s.persons[a.ID] = a
		return err
	}, `SELECT id, login, name, language, salt, memory, passes, lanes, verifier, renew, second, reset, reset_at, reset_by FROM persons`)
}

func (s *state) loadAuthorisations(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		a := Authorisation{present: s.present}
		var cameras sql.NullString
		var from, back int64
		var to, paper sql.NullInt64
		err := rows.Scan(&a.ID, &a.Person, &a.Role, &cameras, &from, &to, &paper, &a.GrantedBy, &a.DeputyOf, &a.Outside, &back, &a.Entry)
		if err != nil {
			return err
		}
		a.Cameras, a.From, a.To, a.Paper, a.Back = scope(cameras), moment(from), momentOf(to), momentOf(paper), time.Duration(back)
		p, err := s.person(a.Person)
		if err == nil {
			p.auths = append(p.auths, a)
		}
		return err
	}, `SELECT id, person, role, cameras, "from", "to", paper, granted_by, deputy_of, outside, back, entry FROM authorisations ORDER BY entry, rowid`)
}

func (s *state) loadWraps(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		var person string
		var which Which
		var w wrap
		if err := rows.Scan(&person, &which, &w.key, &w.blob); err != nil {
			return err
		}
		p, err := s.person(person)
		if err == nil {
			p.wraps[which] = w
		}
		return err
	}, `SELECT person, which, key, blob FROM person_wraps`)
}

func (s *state) loadCodes(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		var person string
		var hash []byte
		if err := rows.Scan(&person, &hash); err != nil {
			return err
		}
		p, err := s.person(person)
		if err != nil {
			return err
		}
		h, err := hashOf(hash)
		p.codes = append(p.codes, h)
		return err
	}, `SELECT person, hash FROM person_codes`)
}

// hashOf is a hash out of a column. The table takes no other lengths; whoever writes to the file does.
func hashOf(b []byte) (h [32]byte, err error) {
	if len(b) != len(h) {
		return h, fmt.Errorf("a hash has %d bytes, want %d", len(b), len(h))
	}
	return [32]byte(b), nil
}
