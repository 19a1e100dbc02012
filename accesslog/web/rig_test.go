package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog"
	gathering "varuh/accesslog/collect"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/disclosure/scans"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/packing"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// noon is when the tests play.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// cheap lets a test compute many passwords.
var cheap = people.Cost{Memory: 8, Passes: 1, Lanes: 1}

// Addresses on the premises and outside them, and passwords.
const (
	office       = "192.168.1.20:50000"
	street       = "203.0.113.9:50000"
	headPassword = "tri lipe ob cesti"
	firstOne     = "prvo geslo za eno prijavo"
	ownPassword  = "zeleni kljuc brez vrat"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is a site before a real diary with real persons, notices, holds, an index and a door.
type rig struct {
	jobs *packing.Jobs // whose Run nothing runs
	*Site
	dir     string // of the diary
	disk    string // of footage and its index
	diary   *diary.Diary
	people  *people.Register
	keys    *accesslog.Keys
	index   *footage.Index
	store   footage.Store
	reading keyring.PrivateKey
	log     *bytes.Buffer
	decided atomic.Int64 // changes that were told
	o       Options

	mu  sync.Mutex
	now time.Time
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) set(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = now
}

// newRig is a site of a school whose head is the first person.
func newRig(t testing.TB) *rig { return newRigFor(t, 48*time.Hour) }

// newRigFor is one whose sessions are good for a while.
func newRigFor(t testing.TB, session time.Duration) *rig {
	t.Helper()
	return newRigOn(t, session, t.TempDir())
}

// newRigOn is one whose diary is in a folder.
func newRigOn(t testing.TB, session time.Duration, dir string) *rig {
	t.Helper()
	r := newEmptyRigOn(t, session, dir)
	_, err := r.people.First(t.Context(), people.First{Person: people.Person{Login: "vida.head", Name: "Vida Ravnik"}, Password: headPassword,
		Roles: []people.Role{people.Administrator, people.Approver, people.Caretaker}, Paper: noon.AddDate(0, 0, -2)})
	must(t, err)
	return r
}

// newEmptyRig is a site without persons.
func newEmptyRig(t testing.TB) *rig { return newEmptyRigOn(t, 48*time.Hour, t.TempDir()) }

func newEmptyRigOn(t testing.TB, session time.Duration, dir string) *rig {
	t.Helper()
	r := &rig{dir: dir, disk: t.TempDir(), now: noon, log: new(bytes.Buffer)}
	var err error
	r.reading, err = keyring.GenerateKey()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	for _, d := range []string{"store", "state", "twin"} {
		must(t, os.Mkdir(filepath.Join(r.disk, d), 0o700))
	}
	r.diary, err = diary.Create(t.Context(), diary.Options{Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"),
		Public: []keyring.PublicKey{r.reading.Public()}, State: slices.Concat(people.Tables, notice.Tables, hold.Tables, disclosure.Tables, packing.Tables),
		Schema: []string{people.Schema, notice.Schema, hold.Schema, disclosure.Schema, packing.Schema, gathering.Schema}, Now: r.clock}, "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	t.Cleanup(func() {
		if err := r.diary.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	r.newStore(t)
	r.keys = accesslog.NewKeys(accesslog.KeyOptions{FS: durable.OS, Idle: time.Hour, Now: r.clock,
		InUse: func(people.Which) keyring.KeyID { return r.reading.Public().ID() },
		Store: func(id keyring.ID) (footage.Store, bool) { return r.store, id == r.store.ID }})
	r.keys.UnlockAuto(people.FootageKey, keyring.Identity{r.reading})
	r.keys.UnlockAuto(people.DiaryKey, keyring.Identity{r.reading})
	r.people, err = people.New(t.Context(), people.Options{Diary: r.diary, Keys: r.keys, Now: r.clock, Cost: cheap, Idle: session, Absolute: 2 * session})
	must(t, err)
	r.o = r.options(t)
	r.Site, err = New(r.o)
	must(t, err)
	r.Site.pulse.lasts = 0      // whoever asks is told once
	r.Site.quota.most = 1 << 20 // tests ask for much in a moment
	return r
}

func (r *rig) newStore(t testing.TB) {
	t.Helper()
	r.store = footage.Store{ID: keyring.NewID(noon), Dir: filepath.Join(r.disk, "store")}
	var err error
	r.store.Ring, err = keyring.Open(durable.OS, filepath.Join(r.disk, "state"), filepath.Join(r.disk, "twin"), r.store.ID, []keyring.PublicKey{r.reading.Public()})
	must(t, err)
	r.index, _, err = footage.OpenOrRebuild(t.Context(), durable.OS, filepath.Join(r.disk, "footage.db"), []footage.Store{r.store})
	must(t, err)
	t.Cleanup(func() { must(t, r.index.Close()) })
}

func (r *rig) options(t testing.TB) Options {
	t.Helper()
	cameras := []Camera{{"hall", "Avla", []string{"main", "sub"}}, {"yard", "Dvorišče", []string{"main"}}}
	premises := []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}
	notices := &notice.Register{Diary: r.diary, Zone: time.UTC, Now: r.clock,
		Known: func(id string) bool { return slices.ContainsFunc(cameras, func(c Camera) bool { return c.ID == id }) }}
	holds := &hold.Register{Diary: r.diary, Index: r.index, Gate: retention.NewGate(), Now: r.clock, Capacity: func() (int64, error) { return 1 << 40, nil }}
	requests := &disclosure.Register{Diary: r.diary, Holds: holds, Accounts: r.people, Footage: farTerm{}, Known: notices.Known, Zone: time.UTC, Now: r.clock}
	shelf := sealed.NewShelf(sealed.Options{FS: durable.OS, Folder: "scans", Stores: func() []footage.Store { return []footage.Store{r.store} }, Now: r.clock,
		Floor: func(footage.Store) uint64 { return 0 }, Key: func(ring *keyring.Ring, ref keyring.Ref) (key keyring.Key, err error) {
			slot, err := ring.Slot(ref)
			if err == nil {
				key, err = keyring.Identity{r.reading}.Open(ring.Store(), slot)
			}
			return key, err
		}})
	papers := scans.New(scans.Options{Shelf: shelf, Named: requests.Scans, Lives: func(context.Context, int64) (bool, error) { return true, nil }, Now: r.clock})
	requests.Papers = papers.Waits
	requests.Opener = func() (disclosure.Opener, error) {
		keys, err := r.keys.Diary()
		return r.diary.Opener(keys), err
	}
	door := accesslog.NewDoor(accesslog.Options{Diary: r.diary, Keys: r.keys, Index: r.index, Sessions: r.people, Notices: notices, Restrictions: holds, Orders: r.people, Requests: requests, Recording: collecting{r},
		Premises: premises, Now: r.clock})
	r.jobs = r.packer(door, requests, holds)
	return Options{Door: door, Keys: r.keys, People: r.people, Notices: notices, Holds: holds, Requests: requests, Scans: papers, Packages: r.jobs, Published: "kamere.sola.example", Diary: r.diary, Index: r.index,
		Cameras: func() []Camera { return cameras }, Premises: premises, Issuer: "varuh sola.example", Now: r.clock,
		Status: func(context.Context) (Status, error) {
			return Status{Version: "1.0", Started: moment{noon}, Clock: "synchronised"}, nil
		},
		Retention: new(keeper),
		Bundle: func(ctx context.Context, w io.Writer, b Bundle) error {
			archive := proof.NewZip(w)
			return errors.Join(r.diary.Export(ctx, archive, diary.Export{From: b.From, To: b.To, Opener: b.Opener}), archive.Close())
		},
		Decided: func(context.Context) { r.decided.Add(1) },
		Verify: func(_ context.Context, tell func(int64)) (Verified, error) {
			tell(r.diary.Head().Size)
			return Verified{Entries: r.diary.Head().Size, Found: []Line{}}, nil
		},
		Log: slog.New(slog.NewTextHandler(&locked{w: r.log}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
}

// farTerm has footage that comes to its term in a year.
type farTerm struct{}

func (farTerm) Due(_ context.Context, _ string, from, _ time.Time) (time.Time, bool, error) {
	return from.AddDate(1, 0, 0), true, nil
}

// locked lets one goroutine write at a time.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// client is somebody at a device.
type client struct {
	t      testing.TB
	r      *rig
	cookie string
	bearer string
	from   string
	accept string
}

func (r *rig) client(t testing.TB) *client { return &client{t: t, r: r, from: office} }

// do asks for something. body is nil, a text as it is, or what becomes JSON.
func (c *client) do(method, path string, body any) *httptest.ResponseRecorder {
	c.t.Helper()
	var text io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		text = strings.NewReader(b)
	default:
		j, err := json.Marshal(b)
		must(c.t, err)
		text = bytes.NewReader(j)
	}
	q := httptest.NewRequestWithContext(c.t.Context(), method, "https://varuh.local"+path, text)
	q.RemoteAddr = c.from
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if c.accept != "" {
		q.Header.Set("Accept-Language", c.accept)
	}
	if c.cookie != "" {
		q.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	}
	if c.bearer != "" {
		q.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	w := answer(c.r.Handler(), q)
	for _, k := range w.Result().Cookies() {
		if k.Name == cookieName {
			c.cookie = k.Value
		}
	}
	if name := c.r.nameOf(q); name != "" {
		checkAnswer(c.t, name, w.Code, w.Header().Get("Content-Type"), w.Body.Bytes())
	}
	if w.Code >= 500 {
		c.t.Logf("%s %s: %d %s\n%s", method, path, w.Code, w.Body, c.r.log)
	}
	return w
}

// api asks for something in the API that must be answered, into out unless that is nil.
func (c *client) api(method, path string, body, out any) {
	c.t.Helper()
	w := c.do(method, prefix+path, body)
	if w.Code/100 != 2 {
		c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if out != nil {
		must(c.t, json.Unmarshal(w.Body.Bytes(), out))
	}
}

// refused asks for something that must be refused, and returns why.
func (c *client) refused(method, path string, body any) (id string, p Problem) {
	c.t.Helper()
	w := c.do(method, prefix+path, body)
	if w.Code/100 == 2 || w.Header().Get("Content-Type") != problemType {
		c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	must(c.t, json.Unmarshal(w.Body.Bytes(), &p))
	if p.Status != w.Code || p.Title == "" || p.Detail == "" {
		c.t.Errorf("%s %s: %d %+v", method, path, w.Code, p)
	}
	return strings.TrimPrefix(p.Type, prefix+"/problems/"), p
}

// logIn logs somebody in.
func (c *client) logIn(login, password string) *client {
	c.t.Helper()
	c.api("POST", "/session", Credentials{Login: login, Password: password}, nil)
	return c
}

// head is the head, logged in.
func (r *rig) head(t testing.TB) *client { return r.client(t).logIn("vida.head", headPassword) }

// nameOf is the name of the route that a request takes, or "".
func (r *rig) nameOf(q *http.Request) string {
	_, pattern := r.mux.Handler(q)
	for _, one := range routes() {
		if pattern == one.method+" "+prefix+one.pattern {
			return one.name
		}
	}
	return ""
}

// answer is what a handler answers.
func answer(h http.Handler, q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return w
}
