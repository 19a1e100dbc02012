package footage

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

	"github.com/mattn/go-sqlite3"
)

//go:embed schema.sql
var schema string

// What schema.sql writes into the file's head.
const (
	applicationID = 0x76726675 // "vrfu"
	version       = 2
)

// What [Open] says of a file it cannot use. After each of them [Rebuild] makes a good one. A method
// of an open index returns ErrDamaged as well when SQLite meets a page it cannot read.
var (
	ErrMissing = errors.New("there is no index of footage")
	ErrVersion = errors.New("the index of footage is of another version")
	ErrDamaged = errors.New("the index of footage is damaged")
)

// Index is the index of footage. Its methods may be called from many goroutines.
type Index struct {
	path  string
	write *sql.DB // one connection, used by the one that holds turn.committing
	read  *sql.DB // a few that see the last commit and never wait for the writer
	turn  turnstile
}

// readers is how many queries run side by side; each costs up to 1 MiB.
const readers = 2

// Open opens an index. It never makes one: a missing index is rebuilt, not begun empty, for an empty
// one would deny footage that lies in the store.
func Open(path string) (*Index, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s: rebuild it", ErrMissing, path)
	} else if err != nil {
		return nil, fmt.Errorf("couldn't open the index of footage: %w", err)
	}
	ix := &Index{path: path, write: connect(path, 1, live...), read: connect(path, readers, "query_only=ON")}
	if err := ix.verify(); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	return ix, nil
}

// Close closes the index.
func (ix *Index) Close() error {
	if err := errors.Join(ix.read.Close(), ix.write.Close()); err != nil {
		return fmt.Errorf("couldn't close the index of footage: %w", err)
	}
	return nil
}

// verify refuses a file that is not an index of this version, whole as far as its head and its
// tables show. Reading all of a year would take longer than a start may; Check does that.
func (ix *Index) verify() error {
	var app, ver int
	err := errors.Join(
		ix.write.QueryRow("PRAGMA application_id").Scan(&app),
		ix.write.QueryRow("PRAGMA user_version").Scan(&ver))
	switch {
	case err != nil:
		return explain(err, "couldn't open %s", ix.path)
	case app != applicationID:
		return fmt.Errorf("%w: %s is not an index", ErrDamaged, ix.path)
	case ver != version:
		return fmt.Errorf("%w: %s has version %d, this program writes %d: rebuild it", ErrVersion, ix.path, ver, version)
	}
	have, err := tables(ix.write)
	if err != nil {
		return explain(err, "couldn't read the tables of %s", ix.path)
	}
	want, err := schemaTables()
	if err != nil {
		return err
	}
	if !slices.Equal(have, want) {
		return fmt.Errorf("%w: the tables of %s are not those of version %d", ErrDamaged, ix.path, version)
	}
	return nil
}

// schemaTables is what tables returns for a fresh index.
func schemaTables() (_ []string, err error) {
	db := connect(":memory:", 1)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(schema); err != nil {
		return nil, fmt.Errorf("couldn't make the schema: %w", err)
	}
	return tables(db)
}

// tables lists the statements that the file's tables and indexes were made with.
func tables(db *sql.DB) ([]string, error) {
	return collect(db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) },
		"SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
}

// live is how the index is written while cameras record. WAL lets readers go on; FULL makes a
// commit durable, without which a power cut could leave files that have no row.
var live = []string{"journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"}

// connect makes a pool of at most n connections that begin with the pragmas. Nothing is opened yet.
func connect(path string, n int, pragmas ...string) *sql.DB {
	dsn := path
	if path != ":memory:" {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		dsn = "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=rw&_txlock=immediate&_busy_timeout=10000&_stmt_cache_size=32"
	}
	db := sql.OpenDB(connector{dsn, pragmas})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db
}

// connector opens connections of which each is set up alike, which a string of driver options
// cannot say for all pragmas.
type connector struct {
	dsn     string
	pragmas []string
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{ConnectHook: c.setUp} }

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }

// setUp bounds the memory of a connection and keeps sorting out of temporary files.
func (c connector) setUp(conn *sqlite3.SQLiteConn) error {
	for _, p := range append([]string{"temp_store=MEMORY", "cache_size=-1024"}, c.pragmas...) {
		if _, err := conn.Exec("PRAGMA "+p, nil); err != nil {
			return fmt.Errorf("PRAGMA %s: %w", p, err)
		}
	}
	return nil
}

// explain wraps what SQLite said, and names damage as such.
func explain(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB) {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, fmt.Sprintf(format, args...), err)
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// querier is a pool or a transaction.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

// collect runs a query and reads each row with scan.
func collect[T any](db querier, scan func(*sql.Rows) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := db.Query(query, args...)
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
