package diary

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// statement makes one table or index of governed state.
type statement struct{ name, table, sql string }

// addTables makes the governed tables that an older varuh did not know, with their indexes, all or none. One that is
// missing though the last governed entry knows it is made as well, empty: if it was not, it differs then, which is a
// fault that two persons can accept. An index of a table that is there changes what is signed of it, so coverTables
// makes it, with an entry.
func (d *Diary) addTables(ctx context.Context) (err error) {
	want, err := d.missingStatements(ctx)
	if err != nil {
		return err
	}
	want = slices.DeleteFunc(want, func(s statement) bool {
		return !slices.ContainsFunc(want, func(t statement) bool { return t.name == s.table })
	})
	if len(want) == 0 {
		return nil
	}
	tx, err := d.w.db.BeginTx(ctx, nil)
	if err != nil {
		return explain(err, "couldn't make tables that %s does not have yet", d.o.Path)
	}
	if err := d.makeMissing(ctx, tx, want); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return explain(tx.Commit(), "couldn't make tables that %s does not have yet", d.o.Path)
}

func (d *Diary) makeMissing(ctx context.Context, tx *sql.Tx, list []statement) error {
	for _, s := range list {
		if _, err := tx.ExecContext(ctx, s.sql); err != nil {
			return explain(err, "couldn't make %s in %s", s.name, d.o.Path)
		}
	}
	return nil
}

// missingStatements are those of the schema whose tables or indexes are not there.
func (d *Diary) missingStatements(ctx context.Context) ([]statement, error) {
	want, err := statementsOf(ctx, d.o.Schema)
	if err != nil {
		return nil, err
	}
	have, err := collect(ctx, d.w.db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }, `SELECT name FROM sqlite_schema`)
	if err != nil {
		return nil, explain(err, "couldn't read the tables of %s", d.o.Path)
	}
	return slices.DeleteFunc(want, func(s statement) bool { return slices.Contains(have, s.name) }), nil
}

// statementsOf takes a schema apart, tables before their indexes.
func statementsOf(ctx context.Context, schema []string) (_ []statement, err error) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(strings.Join(schema, ";\n")); err != nil {
		return nil, explain(err, "couldn't make the schema")
	}
	return collect(ctx, db, func(rows *sql.Rows) (s statement, err error) { return s, rows.Scan(&s.name, &s.table, &s.sql) },
		`SELECT name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type = 'index', name`)
}
