package diary

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
)

// The operations that the diary writes by itself, or knows.
const (
	opOrigin    = proof.OpBegin
	opRotate    = proof.OpRotate
	opYearClose = "year.close"
	opParty     = "party.add"
	opAnchor    = "anchor"
	opRollback  = proof.OpRollback
	opPrune     = proof.OpPrune
	opConfirm   = proof.OpConfirm
	opPin       = "pin.set"
	opUnpin     = "pin.end"
	opDigest    = "state.digest"
	opReading   = "key.reading"
)

// Diary is an open diary. Its methods may be called from many goroutines.
type Diary struct {
	o        Options
	keys     keyFiles
	read     *sql.DB // a few connections that see the last commit and never wait for the writer
	export   *sql.DB // one more, which an export keeps as long as it runs
	w        writer  // the writing goroutine's
	wake     chan struct{}
	finished chan struct{}           // closed when the writing goroutine has ended
	step     func(name string) error // fails in tests
	pruning  sync.Mutex              // held by whoever prunes
	changing sync.Mutex              // held by whoever changes the signing key, from the drawing of a new one to the end of the old
	noting   sync.Mutex              // held by whoever writes the note

	mu     sync.Mutex // guards what follows
	queue  []*request
	closed bool
	head   Head
	note   []byte // the last signed checkpoint
	noted  bool   // the note beside the signing key agrees with the diary, and may be replaced
	faults []openFault
	wrong  []string // what does not fit, and stops nothing
}

// filled puts in what was left out.
func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Clock == nil {
		o.Clock = func() string { return "" }
	}
	if o.FS == nil {
		o.FS = durable.OS
	}
	if o.Wrote == nil {
		o.Wrote = func(error) {}
	}
	return o
}

// newDiary connects to a database that is there.
func newDiary(o Options, path string) (_ *Diary, err error) {
	o = o.filled()
	if len(o.Public) == 0 {
		return nil, errors.New("the diary has no public keys to be sealed to: nobody could ever read it")
	}
	d := &Diary{o: o, keys: keyFiles{o.FS, o.Keys}, wake: make(chan struct{}, 1), finished: make(chan struct{}),
		step: func(string) error { return nil }}
	d.w.public = o.Public
	if d.w.db, err = connect(path, 1, false); err != nil {
		return nil, err
	}
	if d.read, err = connect(path, readers, true); err != nil {
		return nil, errors.Join(err, d.w.db.Close())
	}
	if d.export, err = connect(path, 1, true); err != nil {
		return nil, errors.Join(err, d.read.Close(), d.w.db.Close())
	}
	return d, nil
}

// disconnect closes the database.
func (d *Diary) disconnect() error {
	return errors.Join(d.export.Close(), d.read.Close(), d.w.db.Close())
}

// Create makes a diary that has one entry, origin.begin, said by e, and opens it. The origin is
// domain/varuh/<random>/dnevnik; domain is the controller's. A diary that is there is not replaced.
//
// Signing key and database get their names last, the database at the very end. A crash before leaves
// files that the next Create replaces.
func Create(ctx context.Context, o Options, domain string, e Entry) (*Diary, error) {
	if _, err := os.Stat(o.Path); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("%s is not replaced: %w", o.Path, fs.ErrExist), err)
	}
	origin, err := newOrigin(domain)
	if err != nil {
		return nil, err
	}
	fresh := o.Path + ".new"
	if err := begin(ctx, o, fresh, origin, e); err != nil {
		return nil, fmt.Errorf("couldn't make the diary %s: %w", o.Path, remedy(err, o.Path))
	}
	if err := durable.OS.Rename(fresh, o.Path); err != nil {
		return nil, fmt.Errorf("couldn't make the diary: %w", err)
	}
	if err := durable.OS.SyncDir(filepath.Dir(o.Path)); err != nil {
		return nil, fmt.Errorf("couldn't make the diary: %w", err)
	}
	return Open(ctx, o)
}

// newOrigin names a log.
func newOrigin(domain string) (string, error) {
	id := make([]byte, 8)
	rand.Read(id)
	origin := domain + "/varuh/" + hex.EncodeToString(id) + "/dnevnik"
	_, k, err := proof.NewSigningKey(origin)
	if err == nil {
		_, err = proof.ParseKey(k.String())
	}
	if domain == "" || err != nil {
		return "", errors.Join(fmt.Errorf("%q can't stand in the name of a diary: give the controller's domain, such as sola.example", domain), err)
	}
	return origin, nil
}

// begin makes a diary in a file that nobody opens by this name.
func begin(ctx context.Context, o Options, path, origin string, e Entry) (err error) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := makeTables(path, o.Schema); err != nil {
		return err
	}
	d, err := newDiary(o, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.disconnect()) }()
	r, err := d.beginOrigin(origin, e.Body, nil)
	if err != nil {
		return err
	}
	d.w.year = max(d.o.Now().UTC().Year(), firstYear)
	if err := errors.Join(d.commitAll([]*request{r}), r.err); err != nil {
		return err
	}
	if err := truncateWAL(d.w.db); err != nil {
		return err
	}
	if err := d.keys.settle(); err != nil {
		return err
	}
	d.noted = true // one that is there is of another diary
	return d.leaveNote()
}

// makeTables makes the file with its tables and without an entry.
func makeTables(path string, governed []string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db, err := connect(path, 1, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, statements := range append([]string{schema}, governed...) {
		if _, err := db.Exec(statements); err != nil {
			return explain(err, "couldn't make the tables")
		}
	}
	_, err = db.Exec(`INSERT INTO diary_head (one, size, checkpoint, cut, state) VALUES (1, 0, '', 0, '')`)
	return explain(err, "couldn't make the tables")
}

// Open opens a diary and verifies it, as the package comment says under "What a start checks". The
// caller holds the appliance's lock: one process has the diary open.
func Open(ctx context.Context, o Options) (_ *Diary, err error) {
	defer func() { err = remedy(err, o.Path) }()
	d, err := newDiary(o, o.Path)
	if err != nil {
		return nil, err
	}
	if err := d.load(ctx); err != nil {
		return nil, errors.Join(err, d.disconnect())
	}
	go d.write()
	if err := d.judge(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close waits for what others wish to have written, and closes. Nothing is taken any more.
func (d *Diary) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return ErrClosed
	}
	d.closed = true
	d.rouse()
	d.mu.Unlock()
	<-d.finished
	if err := errors.Join(d.leaveNote(), d.disconnect()); err != nil {
		return fmt.Errorf("closing the diary: %w", remedy(err, d.o.Path))
	}
	return nil
}

// Head is the last durable state of the log.
func (d *Diary) Head() Head {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.head
}
