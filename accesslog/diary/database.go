package diary

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

//go:embed schema.sql
var schema string

// What schema.sql writes into the file's head.
const (
	applicationID = 0x76726462 // "vrdb"
	version       = 1
)

// readers is how many queries run side by side; each costs up to 1 MiB.
const readers = 3

// settings are what every connection is asked for before it is used. The driver's defaults differ: in
// WAL mode it would sync only now and then.
var settings = map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "temp_store": "2"}

// dsn is how the database is opened. lock says how transactions begin.
func dsn(path, lock string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("couldn't tell where %s is: %w", path, err)
	}
	return "file:" + (&url.URL{Path: abs}).EscapedPath() + "?mode=rw&_journal_mode=WAL&_synchronous=FULL" +
		"&_secure_delete=on&_foreign_keys=on&_busy_timeout=10000&_stmt_cache_size=32&_txlock=" + lock, nil
}

// connector opens connections of which each is set up, and asked, alike.
type connector struct {
	dsn      string
	readOnly bool
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{ConnectHook: c.setUp} }

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }

func (c connector) setUp(conn *sqlite3.SQLiteConn) error {
	pragmas := []string{"temp_store=MEMORY", "cache_size=-2048"}
	if c.readOnly {
		pragmas = append(pragmas, "query_only=ON")
	}
	for _, p := range pragmas {
		if _, err := conn.Exec("PRAGMA "+p, nil); err != nil {
			return fmt.Errorf("PRAGMA %s: %w", p, err)
		}
	}
	for name, want := range settings {
		got, err := pragma(conn, name)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("PRAGMA %s is %s, and the diary is safe only with %s", name, got, want)
		}
	}
	return nil
}

// pragma asks a connection for a setting.
func pragma(conn *sqlite3.SQLiteConn, name string) (_ string, err error) {
	rows, err := conn.Query("PRAGMA "+name, nil)
	if err != nil {
		return "", fmt.Errorf("PRAGMA %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return "", fmt.Errorf("PRAGMA %s: %w", name, err)
	}
	if text, ok := row[0].([]byte); ok {
		return string(text), nil
	}
	return fmt.Sprint(row[0]), nil
}

// connect makes a pool of at most n connections. Nothing is opened yet.
func connect(path string, n int, readOnly bool) (*sql.DB, error) {
	lock := "immediate" // a writer that first reads must not find later that it can't write
	if readOnly {
		lock = "deferred"
	}
	name, err := dsn(path, lock)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{name, readOnly})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// checkFile refuses a file that is not a diary of this version, whole as far as its head and its tables
// show.
func checkFile(ctx context.Context, path string, db *sql.DB) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w at %s: run varuh init, or put back the state folder", ErrMissing, path)
	}
	var app, ver int
	err := errors.Join(db.QueryRow("PRAGMA application_id").Scan(&app), db.QueryRow("PRAGMA user_version").Scan(&ver))
	switch {
	case err != nil:
		return explain(err, "couldn't open %s", path)
	case app != applicationID:
		return fmt.Errorf("%w: %s is not one", ErrDamaged, path)
	case ver > version:
		return fmt.Errorf("%s: %w", path, ErrVersion)
	case ver < version:
		return fmt.Errorf("%w: %s claims version %d, which never was", ErrDamaged, path, ver)
	}
	if err := refuseTriggers(ctx, db, path); err != nil {
		return err
	}
	have, err := tables(ctx, db)
	if err != nil {
		return explain(err, "couldn't read the tables of %s", path)
	}
	want, err := schemaTables(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(have, want) {
		return fmt.Errorf("%w: the tables of %s are not those of version %d", ErrDamaged, path, version)
	}
	return nil
}

// schemaTables is what tables returns for a fresh diary.
func schemaTables(ctx context.Context) (_ []string, err error) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(schema); err != nil {
		return nil, fmt.Errorf("couldn't make the schema: %w", err)
	}
	return tables(ctx, db)
}

// tables lists the statements that the diary's own tables and indexes were made with.
func tables(ctx context.Context, db querier) ([]string, error) {
	return collect(ctx, db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND lower(tbl_name) GLOB 'diary_*' ORDER BY type, name`)
}

// explain wraps what SQLite said, and names damage and a full disk as such.
func explain(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	what := fmt.Sprintf(format, args...)
	var e sqlite3.Error
	switch {
	case strings.Contains(err.Error(), "sql: Scan error"): // its tables take no other kinds, so somebody changed the file itself
		return fmt.Errorf("%w: %s: a row holds a value of a kind that can't be there: put back a copy, and let varuh diary verify judge it", ErrDamaged, what)
	case !errors.As(err, &e):
	case e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %s: %w: put back a copy, and let varuh diary verify judge it", ErrDamaged, what, err)
	case full(err) && !errors.Is(err, errFull):
		return fmt.Errorf("%s: %w: %w", what, errFull, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// errFull is in what is said of a full disk, once.
var errFull = errors.New("the disk is full")

// full tells whether a disk, or what one may use of it, is full.
func full(err error) bool {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC || e.SystemErrno == syscall.EDQUOT) {
		return true
	}
	return errors.Is(err, errFull) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// remedy says of a full disk which one it is and what to do.
func remedy(err error, path string) error {
	if err == nil || !full(err) {
		return err
	}
	return fmt.Errorf("%w; free space on the disk of %s", err, path)
}

// noDisk tells whether the disk refused what SQLite was to write.
func noDisk(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.Code == sqlite3.ErrIoErr)
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect runs a query and reads each row with scan.
func collect[T any](ctx context.Context, db querier, scan func(*sql.Rows) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// truncateWAL moves all of the WAL into the database and empties it. SQLite reports success also when a
// reader kept it from doing so; only three zeros say that nothing is left.
//
// It waits only shortly for readers: it is the writer's connection, and others wait for that.
func truncateWAL(db *sql.DB) (err error) {
	if _, err := db.Exec("PRAGMA busy_timeout = 100"); err != nil {
		return explain(err, "couldn't empty the WAL")
	}
	defer func() {
		_, failed := db.Exec("PRAGMA busy_timeout = 10000")
		err = errors.Join(err, failed)
	}()
	var busy, log, moved int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved); err != nil {
		return explain(err, "couldn't empty the WAL")
	}
	if busy != 0 || log != 0 || moved != 0 {
		return fmt.Errorf("%w (%d, %d, %d)", errReaders, busy, log, moved)
	}
	return nil
}

// errReaders is returned while somebody who reads keeps the WAL from being emptied.
var errReaders = errors.New("the WAL can't be emptied while somebody reads the diary")

// EmptyWAL moves all of the WAL into the database and empties it, for whoever took away what must not stay readable: the
// database overwrites what is deleted, and the WAL keeps it until somebody writes over it. done is false while somebody reads.
func (d *Diary) EmptyWAL(ctx context.Context) (done bool, err error) {
	err = d.onWriter(ctx, truncateWAL)
	if errors.Is(err, errReaders) {
		return false, nil
	}
	return err == nil, err
}

// quoted is a name for SQL.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
