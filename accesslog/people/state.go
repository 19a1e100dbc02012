package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// state is what the tables say, at one moment. Nobody changes it once it is read.
type state struct {
	persons map[string]*account // by id
	tokens  []AuthorityToken
	link    *link
}

// account is a person with all that belongs to it.
type account struct {
	Person
	verifier verifier
	renew    bool
	second   []byte // sealed; nil: none
	reset    *Reset
	auths    []Authorisation // by their entries
	wraps    map[Which]wrap
	codes    [][32]byte
}

// wrap is a private key, encrypted for a person.
type wrap struct {
	key  string
	blob []byte
}

// link is the way in for the first person.
type link struct {
	hash    [32]byte
	expires time.Time
	entry   int64
}

// query runs a query: in a transaction, or in what the last commit left.
type query func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// load reads the tables.
func load(ctx context.Context, q query) (*state, error) {
	s := &state{persons: map[string]*account{}}
	for _, read := range []func(context.Context, query) error{s.loadPersons, s.loadAuthorisations, s.loadWraps, s.loadCodes, s.loadLink, s.loadTokens} {
		if err := read(ctx, q); err != nil {
			return nil, fmt.Errorf("couldn't read who may log in: %w", err)
		}
	}
	return s, nil
}

// each scans the rows of a query.
func (q query) each(ctx context.Context, scan func(*sql.Rows) error, text string) (err error) {
	rows, err := q(ctx, text)
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
		var a Authorisation
		var cameras sql.NullString
		var from, back int64
		var to, paper sql.NullInt64
		err := rows.Scan(&a.ID, &a.Person, &a.Role, &cameras, &from, &to, &paper, &a.GrantedBy, &a.DeputyOf, &a.Outside, &back, &a.Entry)
		if err != nil {
			return err
		}
		a.Cameras, a.From, a.To, a.Paper, a.Back = scope(cameras), moment(from), momentOf(to), momentOf(paper), time.Duration(back)
		p := s.persons[a.Person]
		if p == nil {
			return fmt.Errorf("authorisation %s is of nobody", a.ID)
		}
		p.auths = append(p.auths, a)
		return nil
	}, `SELECT id, person, role, cameras, "from", "to", paper, granted_by, deputy_of, outside, back, entry FROM authorisations ORDER BY entry, rowid`)
}

func (s *state) loadWraps(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		var person string
		var which Which
		var w wrap
		err := rows.Scan(&person, &which, &w.key, &w.blob)
		if p := s.persons[person]; p != nil {
			p.wraps[which] = w
		}
		return err
	}, `SELECT person, which, key, blob FROM person_wraps`)
}

func (s *state) loadCodes(ctx context.Context, q query) error {
	return q.each(ctx, func(rows *sql.Rows) error {
		var person string
		var hash []byte
		err := rows.Scan(&person, &hash)
		if p := s.persons[person]; p != nil && len(hash) == 32 {
			p.codes = append(p.codes, [32]byte(hash))
		}
		return err
	}, `SELECT person, hash FROM person_codes`)
}

// byLogin finds a person by the name to log in with, or nobody.
func (s *state) byLogin(login string) *account {
	for _, a := range s.persons {
		if a.Login == login {
			return a
		}
	}
	return nil
}

// authorisation finds one by its id.
func (s *state) authorisation(id string) (Authorisation, *account, error) {
	for _, p := range s.persons {
		if i := slices.IndexFunc(p.auths, func(a Authorisation) bool { return a.ID == id }); i >= 0 {
			return p.auths[i], p, nil
		}
	}
	return Authorisation{}, nil, fmt.Errorf("%w: authorisation %s", ErrUnknown, id)
}

// person finds one by its id.
func (s *state) person(id string) (*account, error) {
	if p := s.persons[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%w: person %s", ErrUnknown, id)
}

func moment(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func momentOf(ns sql.NullInt64) time.Time {
	if !ns.Valid {
		return time.Time{}
	}
	return moment(ns.Int64)
}

// nanos is a time for a column, NULL for none.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

func scope(cameras sql.NullString) []string {
	if !cameras.Valid {
		return nil
	}
	return strings.Split(cameras.String, ",")
}

// column is a scope for a column, NULL for all cameras.
func column(cameras []string) any {
	if cameras == nil {
		return nil
	}
	return strings.Join(cameras, ",")
}
