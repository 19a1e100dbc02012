package copies

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	origin = "sola.example/varuh/0123456789abcdef/dnevnik"
	stick  = "/usb"
	words  = "bobib dobob fobub godab hodib jodob kodub lofab mofib nofob pofub rogab sogib togob vogub zodab pohag"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// books stands for the diary: its table is real, its entries are a list.
type books struct {
	db      *sql.DB
	mu      sync.Mutex
	entries []Entry
	fail    error // of the next Enter
	cut     int64 // entries before it are pruned
}

func newBooks(t testing.TB) *books {
	t.Helper()
	db, err := sql.Open("sqlite3", ":memory:")
	must(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec(Schema)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return &books{db: db, entries: []Entry{{Op: "origin.begin"}}}
}

func (b *books) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return b.db.QueryContext(ctx, query, args...)
}

func (b *books) Enter(ctx context.Context, e Entry, keep func(*sql.Tx, int64) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := keep(tx, int64(len(b.entries))); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	b.entries = append(b.entries, e)
	return tx.Commit()
}

func (b *books) Entered(_ context.Context, ops ...string) (list []Entered, cut int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, e := range b.entries {
		if slices.Contains(ops, e.Op) && int64(i) >= b.cut {
			list = append(list, Entered{Index: int64(i), Op: e.Op, Ref: e.Ref, Time: noon, Row: e.Row})
		}
	}
	return list, b.cut, nil
}

// ops are the entries so far.
func (b *books) ops() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, e := range b.entries[1:] {
		list = append(list, strings.TrimSpace(e.Op+" "+e.Result))
	}
	return strings.Join(list, ", ")
}

// usb is a disk that the stick can be pulled out of.
type usb struct {
	durable.FS
	mu     sync.Mutex
	pulled bool
	after  int // operations on the stick until it is pulled; -1: never
}

var errPulled = syscall.ENODEV

// gone tells whether a name is on the stick and that is pulled.
func (u *usb) gone(name string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if name != stick && !strings.HasPrefix(name, stick+"/") {
		return nil
	}
	if u.after == 0 {
		u.pulled = true
	}
	u.after--
	if u.pulled {
		return &fs.PathError{Op: "use", Path: name, Err: errPulled}
	}
	return nil
}

// put puts the stick in again.
func (u *usb) put() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.pulled, u.after = false, -1
}

func (u *usb) Open(name string) (durable.File, error) {
	if err := u.gone(name); err != nil {
		return nil, err
	}
	f, err := u.FS.Open(name)
	return u.wrap(f, name), err
}

func (u *usb) Create(name string, perm fs.FileMode) (durable.File, error) {
	if err := u.gone(name); err != nil {
		return nil, err
	}
	f, err := u.FS.Create(name, perm)
	return u.wrap(f, name), err
}

func (u *usb) wrap(f durable.File, name string) durable.File {
	if f == nil {
		return nil
	}
	return usbFile{f, u, name}
}

func (u *usb) Rename(a, b string) error {
	return cmpErr(u.gone(a), func() error { return u.FS.Rename(a, b) })
}
func (u *usb) Remove(n string) error {
	return cmpErr(u.gone(n), func() error { return u.FS.Remove(n) })
}
func (u *usb) SyncDir(n string) error {
	return cmpErr(u.gone(n), func() error { return u.FS.SyncDir(n) })
}

// Stat shows another device below the stick; what is there once it is pulled is an empty folder of the first disk.
func (u *usb) Stat(name string) (fs.FileInfo, error) {
	gone := u.gone(name)
	switch {
	case gone != nil && name == stick:
		st, err := u.FS.Stat(name)
		return onDevice{st, 1}, err
	case gone != nil:
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	st, err := u.FS.Stat(name)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(name, stick) {
		return onDevice{st, 2}, nil
	}
	return onDevice{st, 1}, nil
}

type onDevice struct {
	fs.FileInfo
	dev uint64
}

func (o onDevice) Sys() any { return &syscall.Stat_t{Dev: o.dev} }

func cmpErr(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

type usbFile struct {
	durable.File
	usb  *usb
	name string
}

func (f usbFile) Write(b []byte) (int, error) {
	if err := f.usb.gone(f.name); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f usbFile) Sync() error { return cmpErr(f.usb.gone(f.name), f.File.Sync) }

// rig is an appliance with one store, some keys, and a stick.
type rig struct {
	disk  *durabletest.Disk
	usb   *usb
	books *books
	ring  *keyring.Ring
	key   keyring.PrivateKey
	refs  []keyring.Ref
	clock time.Time
	small []File
	// taken runs while the database is copied.
	taken func()
}

func newRig(t testing.TB) *rig {
	t.Helper()
	key, err := keyring.ParseWords(words)
	must(t, err)
	r := &rig{disk: durabletest.New(), books: newBooks(t), key: key, clock: noon, taken: func() {},
		small: []File{{"config/varuh.yml", []byte("store: [a]\n")}, {"config/cameras.d/hall.yml", []byte("id: hall\n")}, {"state/keys/diary.key", []byte("secret\n")},
			{"elsewhere/etc/pw", []byte("pw\n")}}}
	r.usb = &usb{FS: r.disk, after: -1}
	store := keyring.ID{7}
	for _, dir := range []string{r.twin(store), "/store/keys", stick} {
		must(t, durable.MkdirAll(r.disk, dir, 0o700))
	}
	reading, err := keyring.GenerateKey()
	must(t, err)
	r.ring, err = keyring.Open(r.disk, r.twin(store), "/store/keys", store, []keyring.PublicKey{reading.Public(), key.Public()})
	must(t, err)
	for i := range 3 {
		id := keyring.NewID(noon.Add(time.Duration(i) * time.Hour))
		_, n, err := r.ring.Create(t.Context(), id, keyring.KindSegment)
		must(t, err)
		r.refs = append(r.refs, keyring.Ref{ID: id, Slot: n})
	}
	return r
}

func (r *rig) twin(store keyring.ID) string { return filepath.Join("/state/keys", store.String()) }

// maker is one of a fresh start.
func (r *rig) maker() *Maker {
	now := func() time.Time { return r.clock }
	return NewMaker(Maker{
		Source: Source{FS: r.usb, Temp: "/state/backup.db", Appliance: keyring.ID{9}, Origin: origin, Software: "varuh test",
			Recovery: func() (keyring.PublicKey, error) { return r.key.Public(), nil }, Rings: []*keyring.Ring{r.ring},
			Small: func() ([]File, error) { return slices.Clone(r.small), nil },
			Database: func(_ context.Context, name string) (Snapshot, error) {
				r.taken()
				f, err := r.disk.OpenRW(name)
				if err == nil {
					_, err = fmt.Fprintf(f, "database with %s", r.books.ops())
					err = errors.Join(err, f.Close())
				}
				return Snapshot{Size: 5, Checkpoint: []byte("checkpoint\n")}, err
			}},
		Around: Around{State: "/state", Stores: []string{"/store"}}, Register: &Register{Diary: r.books}, Begun: "/state/backup.begun", Now: now, Certain: now,
	})
}

func (r *rig) order() Order { return Order{Dir: stick, Keep: retention.Term{Days: 35}} }

// files are the names on the stick.
func (r *rig) files(t testing.TB) []string {
	t.Helper()
	entries, err := r.disk.ReadDir(stick)
	must(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// content is a file's.
func (r *rig) content(t testing.TB, name string) []byte {
	t.Helper()
	b, err := durable.ReadFile(r.disk, name, 1<<20)
	must(t, err)
	return b
}

func (r *rig) list(t testing.TB) []Copy {
	t.Helper()
	list, err := r.maker().Register.List(t.Context())
	must(t, err)
	return list
}

// reopen opens the ring on the disk that a loss of power left.
func (r *rig) reopen(t testing.TB) {
	t.Helper()
	ring, err := keyring.Open(r.disk, r.twin(r.ring.Store()), "/store/keys", r.ring.Store(), nil)
	must(t, err)
	r.ring = ring
}

// filled are the files on the stick that have something in them.
func (r *rig) filled(t testing.TB) (names []string) {
	t.Helper()
	for _, name := range r.files(t) {
		if len(r.content(t, stick+"/"+name)) > 0 {
			names = append(names, name)
		}
	}
	return names
}
