package copies

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"varuh/retention"
)

// Schema makes the table of registered copies, beside the diary.
//
//go:embed schema.sql
var Schema string

// The operations of the diary that are about copies.
const (
	OpBackup    = "backup"           // a copy was made, or found, or is what the appliance was restored from
	OpRemoved   = "backup.removed"   // its file was removed here
	OpDestroyed = "backup.destroyed" // a person says that it is destroyed
	OpRestore   = "restore"          // the appliance was made again from a copy
)

// Entry is what is written into the diary.
type Entry struct {
	Op     string
	Ref    *int64
	Actor  string // name of the person; "": nobody, the appliance did it
	Reason string
	Result string
	Note   string
	Data   map[string]any
	Row    map[string]any // of the list that comes with it, each value a string or an int64; nil for none
}

// Diary is what a register needs of the diary.
type Diary interface {
	// Query reads the database as the last commit left it.
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	// Enter writes an entry durably, and in its transaction what keep writes, which is told the number of the entry.
	Enter(ctx context.Context, e Entry, keep func(tx *sql.Tx, index int64) error) error
	// Entered are the entries of operations, in order, from cut on: those before it are pruned.
	Entered(ctx context.Context, ops ...string) (list []Entered, cut int64, err error)
}

// Copy is one registered copy.
type Copy struct {
	ID     int64     `json:"id"`     // number of the entry that registered it
	Dir    string    `json:"dir"`    // where it was made
	Name   string    `json:"name"`   // of the file
	Made   time.Time `json:"made"`   // UTC; it may have the key of all footage that was erased later
	Until  time.Time `json:"until"`  // UTC, by when it is to be gone
	Bytes  int64     `json:"bytes"`  // 0: not known
	SHA256 string    `json:"sha256"` // "": not known
	Key    string    `json:"key"`    // id of the recovery key that opens it; "": not known
	Apart  bool      `json:"apart"`  // on another file system than the state folder
	Cut    bool      `json:"cut"`    // it was cut off, and may be a part
}

// Path is where it was made.
func (c Copy) Path() string { return filepath.Join(c.Dir, c.Name) }

// ahead is how long before its date a copy is removed: until then the next turn comes.
const ahead = time.Hour

// grace is how long after its date a copy that is removed by the appliance may still be there.
const grace = 2 * time.Hour

// Overdue tells whether it should be gone and is not known to be.
func (c Copy) Overdue(now time.Time) bool { return now.After(c.Until.Add(grace)) }

// Sentence says what a person is to do about an overdue copy.
func (c Copy) Sentence() string {
	return fmt.Sprintf("keys of erased footage may still be in the copy of %s: destroy %s and say so: varuh backup destroyed %d",
		c.Made.Format("2006-01-02 15:04"), c.Path(), c.ID)
}

// Register is the list of copies. It may be used by many goroutines.
type Register struct {
	Diary Diary
}

// List lists the copies that nobody knows to be gone, oldest first.
func (r *Register) List(ctx context.Context) (list []Copy, err error) {
	rows, err := r.Diary.Query(ctx, `SELECT id, dir, name, made, until, bytes, sha256, key, apart, cut FROM copies ORDER BY made, id`)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the list of copies: %w", err)
	}
	for err == nil && rows.Next() {
		var c Copy
		var made, until int64
		if err = rows.Scan(&c.ID, &c.Dir, &c.Name, &made, &until, &c.Bytes, &c.SHA256, &c.Key, &c.Apart, &c.Cut); err == nil {
			c.Made, c.Until = time.UnixMilli(made).UTC(), time.UnixMilli(until).UTC()
			list = append(list, c)
		}
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read the list of copies: %w", err)
	}
	return list, nil
}

// Add registers a copy with an entry that says what is in e, and returns it with its number.
func (r *Register) Add(ctx context.Context, c Copy, e Entry) (Copy, error) {
	if e.Data == nil {
		e.Data = map[string]any{}
	}
	for name, v := range map[string]string{"dir": c.Dir, "file": c.Name, "made": stamp(c.Made), "until": stamp(c.Until), "sha256": c.SHA256, "key": c.Key} {
		e.Data[name] = v
	}
	e.Data["file_bytes"] = c.Bytes
	e.Row = c.row()
	err := r.Diary.Enter(ctx, e, func(tx *sql.Tx, index int64) error {
		c.ID = index
		return put(ctx, tx, c)
	})
	if err != nil {
		return c, fmt.Errorf("the copy could not be entered in the diary: %w", err)
	}
	return c, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// End takes a copy from the list: op says whether it was removed here or is said to be destroyed.
func (r *Register) End(ctx context.Context, id int64, e Entry) error {
	list, err := r.List(ctx)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.ID != id {
			continue
		}
		e.Ref = &id
		e.Data = map[string]any{"dir": c.Dir, "file": c.Name, "made": stamp(c.Made)}
		err := r.Diary.Enter(ctx, e, func(tx *sql.Tx, _ int64) error { return drop(ctx, tx, id) })
		if err != nil {
			return fmt.Errorf("that the copy %d is gone could not be entered in the diary: %w", id, err)
		}
		return nil
	}
	return fmt.Errorf("there is no copy %d: varuh backup list shows them", id)
}

// Erase implements [retention.Copies] for copies that lie somewhere and can't be asked: each has answered by its date, which
// is in the list, and whoever reads the list alarms those whose date is past. It fails only where the list can't be read.
func (r *Register) Erase(ctx context.Context, _ []retention.Listed) error {
	_, err := r.List(ctx)
	return err
}

var _ retention.Copies = (*Register)(nil)
