package accesslog

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"varuh/accesslog/collect"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
	"varuh/retention"
)

// noon is when the tests play; footage lies before it.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is a box with a store, an index and a diary, all real, and a door before them.
type rig struct {
	t       testing.TB
	dir     string
	store   footage.Store
	index   *footage.Index
	reading keyring.PrivateKey
	diary   *watched
	keys    *Keys
	door    *Door
	fs      *tapped
	law     *law
	gap     *segment.Gap // that the next segment tells of
	writing *writing     // the tape that is being recorded
	known   map[int64]entry
}

// watched is a diary whose entries can be looked at, held up and refused.
type watched struct {
	*diary.Diary
	mu   sync.Mutex
	ops  map[*diary.Draft]string
	done map[*diary.Draft]diary.Receipt                                              // what was written, and is not written again
	hook func(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) // nil: write
}

func (w *watched) Draft(e diary.Entry) (*diary.Draft, error) {
	d, err := w.Diary.Draft(e)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ops[d] = e.Op
	return d, err
}

func (w *watched) Enter(ctx context.Context, d *diary.Draft) (diary.Receipt, error) {
	w.mu.Lock()
	hook, op := w.hook, w.ops[d]
	w.mu.Unlock()
	write := func() (diary.Receipt, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if receipt, ok := w.done[d]; ok {
			return receipt, nil
		}
		receipt, err := w.Diary.Enter(ctx, d)
		if err == nil {
			w.done[d] = receipt
		}
		return receipt, err
	}
	if hook == nil {
		return write()
	}
	return hook(op, write)
}

func (w *watched) hooked(hook func(op string, write func() (diary.Receipt, error)) (diary.Receipt, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hook = hook
}

// tapped is a file system that tells of every read.
type tapped struct {
	durable.FS
	mu   sync.Mutex
	read func(name string, bytes int, off int64)
	bad  int64 // offset of a sector that can't be read; 0: none
}

func (f *tapped) Open(name string) (durable.File, error) {
	file, err := f.FS.Open(name)
	return tappedFile{file, name, f}, err
}

type tappedFile struct {
	durable.File
	name string
	fs   *tapped
}

func (f tappedFile) ReadAt(b []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	read, bad := f.fs.read, f.fs.bad
	f.fs.mu.Unlock()
	if bad >= off && bad < off+int64(len(b)) && bad > 0 {
		return 0, &os.PathError{Op: "read", Path: f.name, Err: syscall.EIO}
	}
	if read != nil {
		read(f.name, len(b), off)
	}
	return f.File.ReadAt(b, off)
}

// law stands for persons, notices, restrictions and the clock.
type law struct {
	mu         sync.Mutex
	now        time.Time
	gone       map[string]bool                   // sessions that are over
	grants     map[string][]people.Authorisation // by person
	spans      []notice.Span                     // by time; the times between have no notice
	asked      int                               // how often for notices
	restricted []retention.Restriction
	requests   map[string]disclosure.Request
}

func (l *law) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *law) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

func (l *law) Still(_ context.Context, s people.Session) (people.Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone[s.ID] {
		return people.Session{}, people.ErrNoSession
	}
	s.Authorisations = l.grants[s.Person.ID]
	return s, nil
}

func (l *law) Restrictions(context.Context) ([]retention.Restriction, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.restricted), nil
}

// Spans gives what lies in the span, and what lies between with a law's purposes alone.
func (l *law) Spans(_ context.Context, _ string, from, to time.Time) (list []notice.Span, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	for _, s := range l.spans {
		part := span{s.From, s.To}.within(span{from, to})
		if part.empty() {
			continue
		}
		if part.from.After(from) {
			list = append(list, notice.Span{From: from, To: part.from, Purposes: notice.Statutory(from, false)})
		}
		s.From, s.To = part.from, part.to
		list, from = append(list, s), part.to
	}
	if from.Before(to) {
		list = append(list, notice.Span{From: from, To: to, Purposes: notice.Statutory(from, false)})
	}
	return list, nil
}

// property is what most viewings of the tests are for.
var property = notice.Purpose{ID: "property", Sl: "varovanje premoženja", En: "protection of property", Basis: "ZVOP-2, 77. člen"}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := newStore(t, t.TempDir())
	r.begin(t.TempDir())
	return r
}

// bare is a rig of which nothing is open.
func bare(t testing.TB, dir string) *rig {
	return &rig{t: t, dir: dir, known: map[int64]entry{}, fs: &tapped{FS: durable.OS}, law: &law{now: noon, gone: map[string]bool{}}}
}

// newStore makes a store and its index.
func newStore(t testing.TB, dir string) *rig {
	t.Helper()
	r := bare(t, dir)
	r.store = footage.Store{ID: keyring.NewID(noon), Dir: filepath.Join(dir, "store")}
	for _, d := range []string{"store", "state", "twin"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o700))
	}
	key, err := keyring.GenerateKey()
	must(t, err)
	must(t, keyring.WriteKeyFile(durable.OS, filepath.Join(dir, "reading"), key))
	must(t, os.WriteFile(filepath.Join(dir, "id"), []byte(r.store.ID.String()), 0o600))
	return r.load()
}

// load opens the store that lies in the rig's folder, and its index.
func (r *rig) load() *rig {
	t, dir := r.t, r.dir
	t.Helper()
	id, err := os.ReadFile(filepath.Join(dir, "id"))
	must(t, err)
	r.store.Dir = filepath.Join(dir, "store")
	r.store.ID, err = keyring.ParseID(string(id))
	must(t, err)
	r.reading, err = keyring.ReadKeyFile(durable.OS, filepath.Join(dir, "reading"))
	must(t, err)
	r.store.Ring, err = keyring.Open(durable.OS, filepath.Join(dir, "state"), filepath.Join(dir, "twin"), r.store.ID, []keyring.PublicKey{r.reading.Public()})
	must(t, err)
	r.index, _, err = footage.OpenOrRebuild(t.Context(), durable.OS, filepath.Join(dir, "footage.db"), []footage.Store{r.store})
	must(t, err)
	t.Cleanup(func() { must(t, r.index.Close()) })
	r.law.grants = map[string][]people.Authorisation{
		"ana": {authorise(people.Caretaker, "hall", "yard")}, "boris": {authorise(people.Approver)}, "mojca": {authorise(people.Maintainer)},
		"gorazd": {{ID: "guard", Role: people.Guard, From: noon.AddDate(-1, 0, 0), Paper: noon.AddDate(-1, 0, 0), Back: 10 * time.Minute}},
	}
	sign := &notice.Notice{ID: "n1"}
	r.law.spans = []notice.Span{{From: noon.AddDate(-1, 0, 0), To: noon.AddDate(1, 0, 0), Notice: sign, Purposes: append(notice.Statutory(noon, true), property)}}
	return r
}

// begin makes the diary and opens the door.
func (r *rig) begin(dir string) {
	t := r.t
	must(t, os.Mkdir(filepath.Join(dir, "keys"), 0o700))
	d, err := diary.Create(t.Context(), r.options(dir), "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	r.take(d)
}

// options are those of the diary in a folder.
func (r *rig) options(dir string) diary.Options {
	return diary.Options{Path: filepath.Join(dir, "varuh.db"), Keys: filepath.Join(dir, "keys"), Public: []keyring.PublicKey{r.reading.Public()},
		Now: r.law.clock, State: slices.Concat(hold.Tables, notice.Tables, people.Tables), Schema: []string{hold.Schema, notice.Schema, people.Schema, collect.Schema}}
}

// take lets the door enter into a diary.
func (r *rig) take(d *diary.Diary) {
	t := r.t
	t.Cleanup(func() {
		if err := d.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	r.diary = &watched{Diary: d, ops: map[*diary.Draft]string{}, done: map[*diary.Draft]diary.Receipt{}}
	r.reopen()
}

// reopen is a new start: keys, door and what they hold are new.
func (r *rig) reopen() {
	r.keys = r.newKeys()
	r.keys.UnlockAuto(people.FootageKey, keyring.Identity{r.reading})
	r.door = NewDoor(Options{Diary: r.diary, Keys: r.keys, Index: r.index, Sessions: r.law, Notices: r.law, Restrictions: r.law,
		Orders: r.law, Requests: r.law, Recording: settling{r}, Premises: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}, Now: r.law.clock})
}

// newKeys are keys that are locked, and lock after an idle hour.
func (r *rig) newKeys() *Keys {
	return NewKeys(KeyOptions{FS: r.fs, Idle: time.Hour, Now: r.law.clock, InUse: func(people.Which) keyring.KeyID { return r.reading.Public().ID() },
		Store: func(id keyring.ID) (footage.Store, bool) { return r.store, id == r.store.ID }})
}

func authorise(role people.Role, cameras ...string) people.Authorisation {
	return people.Authorisation{ID: string(role), Role: role, Cameras: cameras, From: noon.AddDate(-1, 0, 0), Paper: noon.AddDate(-1, 0, 0)}
}

// session is one of a person.
func session(person, id string) people.Session {
	return people.Session{ID: id, Person: people.Person{ID: person, Name: "Person " + person}, Proof: "password"}
}

// inHouse is an address on the premises.
var inHouse = netip.MustParseAddr("192.168.1.20")

// asks is what Ana usually asks for.
func asks(from time.Time, length time.Duration) Ask {
	return Ask{Session: session("ana", "s1"), Address: inHouse, Purpose: property.ID, Remark: "a window is broken",
		Camera: "hall", Stream: "main", From: from, To: from.Add(length)}
}

// open opens a viewing.
func (r *rig) open(a Ask) *Viewing {
	r.t.Helper()
	v, err := r.door.Open(r.t.Context(), a)
	must(r.t, err)
	return v
}

// pieces are those that a viewing may see.
func (r *rig) pieces(v *Viewing, camera, stream string, from time.Time, length time.Duration) []Piece {
	r.t.Helper()
	t, err := v.Pieces(r.t.Context(), camera, stream, from, from.Add(length))
	must(r.t, err)
	return t.Pieces
}

// all delivers and lets everything leave.
func all(p Piece, plain []byte) (bool, error) { return true, nil }

// entry is one of the diary, as somebody with the key reads it.
type entry struct {
	proof.Leaf
	proof.Body
	manifest []byte
}

// entries are those of some operations.
func (r *rig) entries(ops ...string) (list []entry) {
	r.t.Helper()
	stored, err := r.diary.EntriesOf(r.t.Context(), ops...)
	must(r.t, err)
	opener := r.diary.Opener(keyring.Identity{r.reading})
	for _, s := range stored {
		e, ok := r.known[s.Index]
		if !ok {
			text, manifest, err := opener.Open(r.t.Context(), s.Index)
			must(r.t, err)
			body, err := proof.ParseBody(text)
			must(r.t, err)
			e = entry{s.Leaf, body, manifest}
			r.known[s.Index] = e
		}
		list = append(list, e)
	}
	return list
}

// last is the last entry of an operation.
func (r *rig) last(op string) entry {
	r.t.Helper()
	list := r.entries(op)
	if len(list) == 0 {
		r.t.Fatalf("there is no entry %s", op)
	}
	return list[len(list)-1]
}

// spansOf is the footage of objects.
func spansOf(list []proof.Object) (s set) {
	for _, o := range list {
		s = s.add(span{o.From, o.To}, 0)
	}
	return s
}

// brokenDiary takes nothing.
type brokenDiary struct{ Diary }

func (brokenDiary) Enter(context.Context, *diary.Draft) (diary.Receipt, error) {
	return diary.Receipt{}, errors.New("the disk is gone")
}

func head() *proof.Actor { return &proof.Actor{Name: "Head Teacher", Proof: "password"} }

// wrapKey is what Ana's password gives.
var wrapKey = [32]byte{1, 2, 3}

// unlock unlocks the footage by Ana's wrap.
func (r *rig) unlock() error {
	k := r.newKeys()
	k.UnlockAuto(people.FootageKey, keyring.Identity{r.reading})
	blob, err := k.Seal(people.FootageKey, wrapKey, "ana")
	if err != nil {
		return err
	}
	return r.keys.Unlock(people.FootageKey, wrapKey, "ana", blob)
}
