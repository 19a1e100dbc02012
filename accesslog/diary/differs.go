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
func stateDiffers(ctx context.Context, db querier, manifest []byte, signed *proof.Hash, names []string) ([]string, error) {
	list, err := strangeTriggers(ctx, db)
	if err != nil {
		return nil, err
	}
	if !proven(manifest, signed) {
		return append(list, "what the diary knows of its tables ("+strings.Join(names, ", ")+")"), nil
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

// strangeTriggers names the triggers, which this program never makes: one would change the tables in the middle of an
// entry. Those of the diary's own tables are damage.
func strangeTriggers(ctx context.Context, db querier) ([]string, error) {
	list, err := collect(ctx, db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name NOT GLOB 'diary_*' ORDER BY name`)
	for i, name := range list {
		if !plainText(name) {
			name = strconv.QuoteToASCII(name)
		}
		list[i] = "the trigger " + name
	}
	return list, explain(err, "couldn't read the tables of the diary")
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
