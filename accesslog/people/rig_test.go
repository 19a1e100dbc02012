package people

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// office and street are addresses.
var (
	office = netip.MustParseAddr("192.168.1.20")
	street = netip.MustParseAddr("192.168.1.66")
)

// cheap lets a test compute many passwords.
var cheap = Cost{Memory: 8, Passes: 1, Lanes: 1}

const (
	headPassword = "tri lipe ob cesti"
	anaPassword  = "zeleni kljuc brez vrat"
	firstOfAna   = "prvo geslo za eno prijavo"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// watched is a diary that can be made to fail, before or after it has written.
type watched struct {
	*diary.Diary
	mu     sync.Mutex
	fail   error
	after  error
	failOp string // only this operation fails; "": all
	before map[string]func()
	wrote  func(op string)
}

func (w *watched) set(failOp string, fail, after error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failOp, w.fail, w.after = failOp, fail, after
}

func (w *watched) around(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
	w.mu.Lock()
	hit := w.failOp == "" || w.failOp == op
	fail, after, wrote, before := w.fail, w.after, w.wrote, w.before[op]
	delete(w.before, op)
	w.mu.Unlock()
	if before != nil {
		before()
	}
	if hit && fail != nil {
		return diary.Receipt{}, fail
	}
	r, err := write()
	if wrote != nil {
		wrote(op)
	}
	if hit {
		err = errors.Join(err, after)
	}
	return r, err
}

func (w *watched) Append(ctx context.Context, e diary.Entry, c diary.Change) (diary.Receipt, error) {
	return w.around(e.Op, func() (diary.Receipt, error) { return w.Diary.Append(ctx, e, c) })
}

func (w *watched) AppendKeeping(ctx context.Context, e diary.Entry, c diary.Change) (diary.Receipt, error) {
	return w.around(e.Op, func() (diary.Receipt, error) { return w.Diary.AppendKeeping(ctx, e, c) })
}

// chain is keys as a test needs them: a wrap is a hash of what it is for.
type chain struct {
	mu   sync.Mutex
	id   string
	open map[Which]bool
	both string // id that each wrap has beside its own, while keys are replaced; "": none
}

func newChain() *chain {
	return &chain{id: "key1", open: map[Which]bool{FootageKey: true, DiaryKey: true}}
}

func (c *chain) Key(w Which) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id + string(w), c.open[w]
}

func (c *chain) lock() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.open)
}

func (c *chain) isOpen(w Which) bool {
	_, open := c.Key(w)
	return open
}

func (c *chain) box(w Which, key [32]byte, person string) []byte {
	sum := sha256.Sum256(append(key[:], c.id+string(w)+person...))
	return sum[:]
}

var errWrap = errors.New("the wrap does not open")

func (c *chain) Seal(w Which, key [32]byte, person string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open[w] {
		return nil, ErrLocked
	}
	return c.box(w, key, person), nil
}

func (c *chain) Unlock(w Which, key [32]byte, person string, blob []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !bytes.Equal(blob, c.box(w, key, person)) {
		return errWrap
	}
	c.open[w] = true
	return nil
}

func (c *chain) Rewrap(w Which, old, next [32]byte, person string, blob []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !bytes.Equal(blob, c.box(w, old, person)) {
		return nil, errWrap
	}
	return c.box(w, next, person), nil
}

func (c *chain) Holds(blob []byte, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.both != "" && c.both == id && len(blob) > 0
}

type rig struct {
	*Register
	dir   string
	diary *watched
	keys  *chain
	key   keyring.PrivateKey
	o     Options

	mu  sync.Mutex
	now time.Time
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// newRig is a register with an empty diary.
func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), now: noon, keys: newChain()}
	var err error
	r.key, err = keyring.GenerateKey()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	d, err := diary.Create(t.Context(), r.diaryOptions(), "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	r.diary = &watched{Diary: d}
	t.Cleanup(func() {
		if err := r.diary.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	r.o = Options{Diary: r.diary, Keys: r.keys, Now: r.clock, Cost: cheap}
	r.Register, err = New(t.Context(), r.o)
	must(t, err)
	return r
}

func (r *rig) diaryOptions() diary.Options {
	return diary.Options{Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"),
		Public: []keyring.PublicKey{r.key.Public()}, State: Tables, Schema: []string{Schema}, Now: r.clock}
}

// school is a register with a head who is logged in.
func school(t testing.TB) (*rig, Session) {
	t.Helper()
	r := newRig(t)
	_, err := r.First(t.Context(), first())
	must(t, err)
	return r, r.in(t, "vida.head", headPassword)
}

// restart opens diary and register again.
func (r *rig) restart(t testing.TB) {
	t.Helper()
	must(t, r.diary.Close())
	d, err := diary.Open(t.Context(), r.diaryOptions())
	must(t, err)
	if f := d.Fault(); f != nil {
		t.Fatal(f)
	}
	r.diary.Diary = d
	r.Register, err = New(t.Context(), r.o)
	must(t, err)
}

func first() First {
	return First{Person: Person{Login: "vida.head", Name: "Vida Ravnik"}, Password: headPassword,
		Roles: []Role{Administrator, Approver, Caretaker}, Paper: noon.Add(-12 * time.Hour)}
}

// in logs somebody in.
func (r *rig) in(t testing.TB, login, password string) Session {
	t.Helper()
	s, err := r.Login(t.Context(), Attempt{Login: login, Password: password, Address: office})
	must(t, err)
	must(t, s.Closed)
	return s
}

// ana adds Ana in a role, and lets her choose her password.
func (r *rig) ana(t testing.TB, by Session, role Role) (Person, Session) {
	t.Helper()
	p, err := r.Add(t.Context(), by, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna, granted(role))
	must(t, err)
	began := r.in(t, "ana", firstOfAna)
	s, err := r.ChangePassword(t.Context(), began, firstOfAna, anaPassword)
	must(t, err)
	must(t, s.Closed)
	s.Token = began.Token
	return p, s
}

// granted is an authorisation in force.
func granted(role Role) Authorisation {
	a := Authorisation{Role: role, From: noon.Add(-time.Hour), Paper: noon.Add(-time.Hour)}
	if role == Inspector {
		a.To = noon.AddDate(0, 1, 0)
	}
	if role == Guard {
		a.Back = 15 * time.Minute
	}
	return a
}

// entries are the operations in the diary, from an index on.
func (r *rig) entries(t testing.TB, from int64) (ops []string) {
	t.Helper()
	for e, err := range r.diary.Entries(t.Context(), from, r.diary.Head().Size) {
		must(t, err)
		ops = append(ops, e.Op)
	}
	return ops
}

// last is the last entry of an operation, with what it says.
func (r *rig) last(t testing.TB, op string) (diary.Stored, proof.Body) {
	t.Helper()
	list, err := r.diary.EntriesOf(t.Context(), op)
	must(t, err)
	if len(list) == 0 {
		t.Fatalf("there is no entry %s", op)
	}
	e := list[len(list)-1]
	text, _, err := r.diary.Opener(keyring.Identity{r.key}).Open(t.Context(), e.Index)
	must(t, err)
	body, err := proof.ParseBody(text)
	must(t, err)
	return e, body
}

// computations counts argon2id from now on.
func (r *rig) computations() func() int {
	n := 0
	r.hasher.count = func() { n++ }
	return func() int { return n }
}
