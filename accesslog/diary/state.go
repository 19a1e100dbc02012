package diary

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"varuh/accesslog/diary/proof"
)

// ownState are the tables of the diary that are governed state.
var ownState = []string{"diary_faults", "diary_parties", "diary_pinned", "diary_pins", "diary_years"}

// governed are the first words of the operations whose entries carry the digest of the state, and such operations.
var governed = []string{"authorise", "erase.package", "handover", "hold", "incident", "notice", "origin", "package", "party", "person", "pin", "policy", "request", "restrict", "state", "token", "year"}

// Governed tells whether entries of an operation carry, as their obj, the hash of the state after them.
// Only they can change state.
func Governed(op string) bool {
	first, _, _ := strings.Cut(op, ".")
	return slices.Contains(governed, first) || slices.Contains(governed, op)
}

// closings are the governed operations that only end what lies ready to leave, or is on its way out.
var closings = []string{"erase.package", "handover.end", "package.cancel", "package.fail", "package.link.end"}

// stateTables is the sorted list of all governed tables.
func stateTables(names []string) []string {
	list := slices.Concat(ownState, names)
	slices.Sort(list)
	return slices.Compact(list)
}

// stateManifest is the digest of each governed table and one over all, as canonical JSON. All rows are
// read: a change is rare, tables are small, and a digest that follows the changes would trust what it
// did not see. A table in kept has the digest that is there.
func stateManifest(ctx context.Context, db querier, names []string, kept map[string]string) ([]byte, error) {
	digests := map[string]any{}
	all := sha256.New()
	for _, name := range names {
		d, err := digestOf(ctx, db, name, kept)
		if err != nil {
			return nil, err
		}
		digests[name] = base64.StdEncoding.EncodeToString(d)
		writeValue(all, name)
		writeValue(all, d)
	}
	return proof.Encode(map[string]any{"state": base64.StdEncoding.EncodeToString(all.Sum(nil)), "tables": digests})
}

func digestOf(ctx context.Context, db querier, name string, kept map[string]string) ([]byte, error) {
	if text, ok := kept[name]; ok {
		d, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("%w: the manifest of the state, table %s: %w", ErrDamaged, name, err)
		}
		return d, nil
	}
	d, err := tableDigest(ctx, db, name)
	return d, explain(err, "couldn't read the governed table %s", name)
}

// tableDigest is the hash of a table's definition, with those of its indexes, and of its columns and rows, whatever
// order the rows lie in: a definition can make a table refuse rows, or change them.
func tableDigest(ctx context.Context, db querier, name string) (_ []byte, err error) {
	columns, err := columnsOf(ctx, db, name)
	if err != nil {
		return nil, err
	}
	definition, err := definitionOf(ctx, db, name)
	if err != nil {
		return nil, err
	}
	list := strings.Join(columns, ", ")
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %[1]s`, list, quoted(name)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	h := sha256.New()
	for _, sql := range definition {
		writeValue(h, sql)
	}
	writeValue(h, list)
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for _, v := range values {
			writeValue(h, v)
		}
	}
	return h.Sum(nil), rows.Err()
}

// columnsOf are the quoted names of a table's columns.
func columnsOf(ctx context.Context, db querier, name string) ([]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM pragma_table_info(?1)
		WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)`, name) // a view shows what it likes
	if err != nil {
		return nil, err
	}
	var list []string
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		list = append(list, quoted(column))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("there is no such table")
	}
	return list, nil
}

// writeValue writes a value with its type and its length, so that no two rows of values read alike.
func writeValue(h hash.Hash, v any) {
	var kind byte
	var b []byte
	switch v := v.(type) {
	case nil:
		kind = 'n'
	case int64:
		kind, b = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
	case float64:
		kind, b = 'f', binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
	case string:
		kind, b = 't', []byte(v)
	case []byte:
		kind, b = 'b', v
	default:
		kind, b = '?', fmt.Append(nil, v) // a column that the driver reads as a time or a truth
	}
	h.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(b))))
	h.Write(b)
}

// tablesIn are the tables in a manifest, with their digests.
func tablesIn(manifest []byte) (map[string]any, error) {
	v, err := proof.Parse(manifest)
	if err != nil {
		return nil, fmt.Errorf("%w: the manifest of the state: %w", ErrDamaged, err)
	}
	whole, _ := v.(map[string]any)
	known, ok := whole["tables"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: the manifest of the state names no tables", ErrDamaged)
	}
	return known, nil
}
