package diary

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"varuh/accesslog/diary/proof"
)

// proven tells whether a manifest is the one that the last governed entry has as its obj.
func proven(manifest []byte, signed *proof.Hash) bool {
	return signed != nil && proof.HashBody(manifest) == *signed
}

// stateDiffers names what of the governed state is not as the last governed entry has it. A manifest that is
// not the one of that entry proves nothing of any table, whatever it names. A table that the manifest does not know
// is new, and empty until an entry says otherwise.
func stateDiffers(ctx context.Context, db querier, manifest []byte, signed *proof.Hash, names []string) (list []string, err error) {
	if !proven(manifest, signed) {
		return []string{"what the diary knows of its tables (" + strings.Join(names, ", ") + ")"}, nil
	}
	known, err := tablesIn(manifest)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		digest, err := tableDigest(ctx, db, name)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("couldn't read the governed table %s: %w", name, ctx.Err())
		}
		if err != nil || base64.StdEncoding.EncodeToString(digest) != known[name] {
			list = append(list, name) // a table that can't be read is not as it was
		}
	}
	for _, name := range names {
		if known[name] != nil {
			continue
		}
		var rows bool
		err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+quoted(name)+`)`).Scan(&rows)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("couldn't read the governed table %s: %w", name, ctx.Err())
		}
		if err != nil || rows {
			list = append(list, name)
		}
	}
	return list, nil
}

// refuseTriggers returns ErrDamaged if there is a trigger, whatever case its table is named in. This program makes none,
// and one would change what is written in the middle of an entry, so nothing may be signed while it is there. What a
// row of sqlite_schema makes, its sql says, not its type.
func refuseTriggers(ctx context.Context, db querier, path string) error {
	list, err := collect(ctx, db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		`SELECT name FROM sqlite_schema WHERE lower(type) = 'trigger' OR sql IS NOT NULL AND NOT (sql LIKE 'CREATE TABLE %' OR
			sql LIKE 'CREATE VIRTUAL TABLE %' OR sql LIKE 'CREATE INDEX %' OR sql LIKE 'CREATE UNIQUE INDEX %' OR sql LIKE 'CREATE VIEW %')
		ORDER BY name`)
	if err != nil || len(list) == 0 {
		return explain(err, "couldn't read the tables of %s", path)
	}
	name := quoted(list[0])
	if !plainText(name) {
		name = strconv.QuoteToASCII(list[0])
	}
	more := ""
	if len(list) > 1 {
		more = fmt.Sprintf("; there are %d triggers", len(list))
	}
	return fmt.Errorf("%w: somebody gave %s the trigger %s, which would change what is written, so nothing is written: keep a copy for whoever finds out who it was, and remove it with the SQL command DROP TRIGGER %[3]s%s",
		ErrDamaged, path, name, more)
}

// definitionOf are the statements that a table and its indexes were made with, as the database has them: it keeps
// the text, so another one in a later version of this program changes none.
func definitionOf(ctx context.Context, db querier, name string) ([]string, error) {
	return collect(ctx, db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		`SELECT sql FROM sqlite_schema WHERE lower(tbl_name) = lower(?) AND sql IS NOT NULL ORDER BY name, sql`, name)
}

// lastDigest is the obj of the last governed entry that has one, nil without such an entry. There is one in every year.
func lastDigest(ctx context.Context, db querier) (_ *proof.Hash, err error) {
	rows, err := db.QueryContext(ctx, `SELECT leaf FROM diary_leaves
		WHERE i >= (SELECT cut FROM diary_head) AND instr(leaf, '"obj":') ORDER BY i DESC`)
	if err != nil {
		return nil, explain(err, "couldn't look for the last digest of the state")
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, explain(err, "couldn't look for the last digest of the state")
		}
		l, err := proof.ParseLeaf(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if l.Obj != nil && Governed(l.Op) {
			return l.Obj, nil
		}
	}
	return nil, explain(rows.Err(), "couldn't look for the last digest of the state")
}
