package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
)

// Copied says what a copy of the database holds.
type Copied struct {
	Size       int64  // entries
	Checkpoint []byte // over them, signed
}

// CopyTo writes the database as it is at one moment, governed state included, into a file that is there and empty. Entries
// are written meanwhile, and are not in it. The copy is not synced: whoever wants to keep it does that.
//
// SQLite reads it in one transaction and writes it anew (VACUUM INTO), so what was deleted is not in it. Bodies are
// encrypted in it as they are here.
func (d *Diary) CopyTo(ctx context.Context, name string) (c Copied, err error) {
	db, err := connect(d.o.Path, 1, false) // VACUUM INTO is refused where only queries are allowed
	if err != nil {
		return c, err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, name)
	if err = errors.Join(explain(err, "couldn't copy the database of the diary"), db.Close()); err != nil {
		return c, err
	}
	return readCopied(ctx, name)
}

// readCopied reads from a copy what it holds, and changes nothing in it.
func readCopied(ctx context.Context, name string) (c Copied, err error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return c, fmt.Errorf("couldn't tell where %s is: %w", name, err)
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return c, err
	}
	var text string
	err = db.QueryRowContext(ctx, `SELECT size, checkpoint FROM diary_head`).Scan(&c.Size, &text)
	c.Checkpoint = []byte(text)
	return c, errors.Join(explain(err, "couldn't read the copy of the diary"), db.Close())
}
