package packing

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/evidence/record"
	"varuh/accesslog/hold"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is jobs over a real diary and a real register, on a disk that can fail, with footage in memory.
type rig struct {
	*Jobs
	dir      string // of the diary
	disk     durable.FS
	root     string // of the disk
	store    keyring.ID
	reading  keyring.PrivateKey
	d        *watched
	requests *disclosure.Register
	source   *source
	terms    terms
	lost     keyring.ID // a store that was given up
	away     bool       // the store is not mounted
	erased   bool       // the footage is
	untold   error      // why nobody can tell
	asked    int        // how often
	request  string
	film     *evidencetest.Case
	length   time.Duration // that is asked for of it, from its beginning
	barred   []retention.Restriction
	powers   map[string]people.Role // of who ordered; a caretaker's for who is not here

	mu     sync.Mutex
	now    time.Time // guarded by mu
	locked bool      // guarded by mu
}

// watched is a diary whose writing can be made to fail, before or after the entry is there.
type watched struct {
	*diary.Diary
	fails func(op string) (before, after error)
	looks func(ops []string) // through all of it; may be nil
	blind error              // why nothing of it can be read; nil: it can
}

func (w *watched) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if w.blind != nil {
		return nil, w.blind
	}
	return w.Diary.Query(ctx, query, args...)
}

func (w *watched) EntriesOf(ctx context.Context, ops ...string) ([]diary.Stored, error) {
	if w.looks != nil {
		w.looks(ops)
	}
	return w.Diary.EntriesOf(ctx, ops...)
}

func (w *watched) write(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
	var before, after error
	if w.fails != nil {
		before, after = w.fails(op)
	}
	if before != nil {
		return diary.Receipt{}, before
	}
	r, err := write()
	return r, errors.Join(err, after)
}

func (w *watched) Append(ctx context.Context, e diary.Entry, c diary.Change) (diary.Receipt, error) {
	return w.write(e.Op, func() (diary.Receipt, error) { return w.Diary.Append(ctx, e, c) })
}

func (w *watched) AppendKeeping(ctx context.Context, e diary.Entry, c diary.Change) (diary.Receipt, error) {
	return w.write(e.Op, func() (diary.Receipt, error) { return w.Diary.AppendKeeping(ctx, e, c) })
}

// newRig has an approved request, on a simulated disk.
func newRig(t testing.TB) *rig {
	t.Helper()
	d := durabletest.New()
	return newRigOn(t, d, "/")
}

func newRigOn(t testing.TB, disk durable.FS, root string) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), disk: disk, root: root, store: keyring.NewID(noon), now: noon, terms: terms{}, film: evidencetest.Tiny(t, t.Name()), length: 2 * time.Second}
	var err error
	r.reading, err = keyring.GenerateKey()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	for _, name := range []string{"state", "store/keys"} {
		must(t, durable.MkdirAll(disk, filepath.Join(root, name), 0o700))
	}
	r.source = &source{r: r}
	open, err := diary.Create(t.Context(), r.options(), "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	r.over(t, open)
	r.collect(t)
	r.request = r.approved(t)
	return r
}

func (r *rig) options() diary.Options {
	return diary.Options{Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"), Public: []keyring.PublicKey{r.reading.Public()},
		State: slices.Concat(disclosure.Tables, hold.Tables, Tables), Schema: []string{disclosure.Schema, hold.Schema, Schema}, Now: r.clock}
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

func (r *rig) lock(is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.locked = is
}

func (r *rig) isLocked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.locked
}

// over is the rig over an open diary, as after a start.
func (r *rig) over(t testing.TB, open *diary.Diary) {
	t.Helper()
	t.Cleanup(func() {
		if err := open.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	r.d = &watched{Diary: open}
	holds := &hold.Register{Diary: r.d, Index: index{}, Gate: retention.NewGate(), Capacity: func() (int64, error) { return 1 << 30, nil }, Now: r.clock}
	r.requests = &disclosure.Register{Diary: r.d, Holds: holds, Accounts: makers{}, Footage: r.terms, Zone: time.UTC, Now: r.clock, Known: func(string) bool { return true }}
	r.Jobs = New(Options{Diary: r.d, Register: r.requests, Source: r.source, Footage: segments{r}, Restrictions: r, Orders: r, Shelf: r.shelf(t, r.disk), Locked: r.isLocked, Now: r.clock,
		Opener: func() (Opener, error) {
			if r.isLocked() {
				return nil, people.ErrLocked
			}
			return r.d.Opener(keyring.Identity{r.reading}), nil
		},
		About: func(context.Context) (evidence.About, error) {
			return evidence.About{Software: "v1.0.0", Controller: "Osnovna šola Primer"}, nil
		},
		Guide: func(evidence.Manifest) (evidence.Enclosure, error) {
			return evidencetest.Text("1_PREBERI.html", evidence.KindReading, "<p>Preberi\n"), nil
		},
		Papers: func(_ context.Context, p Papers) ([]evidence.Enclosure, error) {
			sum := sha256.Sum256(p.Manifest)
			return []evidence.Enclosure{evidencetest.Text(record.Name, evidence.KindReading, "%PDF- "+hex.EncodeToString(sum[:])+"\n")}, nil
		},
		Log: quiet()})
}

func (r *rig) shelf(t testing.TB, disk durable.FS) *sealed.Shelf {
	t.Helper()
	ring, err := keyring.Open(disk, filepath.Join(r.root, "state"), filepath.Join(r.root, "store/keys"), r.store, []keyring.PublicKey{r.reading.Public()})
	must(t, err)
	store := footage.Store{ID: r.store, Dir: filepath.Join(r.root, "store"), Ring: ring}
	return sealed.NewShelf(sealed.Options{FS: disk, Folder: "packages", Now: r.clock,
		Stores: func() []footage.Store {
			if r.away {
				return nil
			}
			return []footage.Store{store}
		},
		Lost:  func(id keyring.ID) bool { return id == r.lost },
		Floor: func(footage.Store) uint64 { return 0 }, Key: func(ring *keyring.Ring, ref keyring.Ref) (keyring.Key, error) {
			if r.isLocked() {
				return keyring.Key{}, people.ErrLocked
			}
			slot, err := ring.Slot(ref)
			if err != nil {
				return keyring.Key{}, err
			}
			return keyring.Identity{r.reading}.Open(ring.Store(), slot)
		}})
}

// restart opens all anew, on a disk.
func (r *rig) restart(t testing.TB, disk durable.FS) {
	t.Helper()
	must(t, r.d.Close())
	r.starts(t, disk)
}

// starts opens all, on a disk.
func (r *rig) starts(t testing.TB, disk durable.FS) {
	t.Helper()
	r.disk = disk
	open, err := diary.Open(t.Context(), r.options())
	must(t, err)
	r.over(t, open)
	_, err = r.stores()[0].Ring.Mend(t.Context(), time.Time{})
	must(t, err)
}

func (r *rig) stores() []footage.Store { return r.o.Shelf.Stores() }

// collect enters the film as recorded.
func (r *rig) collect(t testing.TB) {
	t.Helper()
	c := r.film
	got, err := r.d.Append(t.Context(), diary.Entry{Op: proof.OpCollect, Manifest: c.Diary.Disclosed(c.Entries[0]).Entries[0].Manifest, Clear: true}, nil)
	must(t, err)
	for _, s := range c.Segments[0] {
		s.Collect = got.Index
	}
}

// session is that of a person with a role.
func session(id string, role people.Role, cameras ...string) people.Session {
	began := noon.AddDate(-1, 0, 0)
	return people.Session{ID: "s-" + id, Person: people.Person{ID: id, Name: id, Language: "sl"}, Proof: "password",
		Authorisations: []people.Authorisation{{ID: "a-" + id, Person: id, Role: role, Cameras: cameras, From: began, Paper: began}}}
}

func clerk() people.Session { return session("ana", people.Caretaker) }
func head() people.Session  { return session("head", people.Approver) }

// approved is a request for the film that is approved.
func (r *rig) approved(t testing.TB) string {
	t.Helper()
	return r.approvedFor(t, disclosure.Authority, disclosure.Folder)
}

func (r *rig) approvedFor(t testing.TB, kind disclosure.Kind, form disclosure.Form) string {
	t.Helper()
	basis := map[disclosure.Kind]disclosure.BasisID{disclosure.Authority: "zkp-148", disclosure.Subject: "gdpr-15"}[kind]
	got, err := r.requests.Receive(t.Context(), clerk(), disclosure.Asked{Kind: kind, Way: disclosure.Paper, Scan: hex.EncodeToString(make([]byte, 32)), Content: disclosure.Content{
		Applicant: disclosure.Applicant{Name: "Policijska postaja Primer", Address: "Cesta 1, 1000 Ljubljana", Register: "1234567000", Signatory: "Janez Novak", Rank: "višji policist"},
		Basis:     basis, Purpose: "preiskava tatvine kolesa", Case: disclosure.Case{Subject: "tatvina", Number: "2302-55/2026", Body: "PP Primer"},
		Wanted: []disclosure.Wanted{{Camera: "hall", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(r.length)}},
		Data:   []disclosure.Datum{disclosure.Picture, disclosure.Place, disclosure.Moment}, Form: form, Manner: "osebno v tajništvu", Identity: "osebna izkaznica"}})
	must(t, err)
	if len(got.Request.Missing) > 0 {
		t.Fatalf("the request lacks %v", got.Request.Missing)
	}
	_, err = r.requests.Approve(t.Context(), head(), got.Request.ID, disclosure.Approval{Content: got.Request.Content})
	must(t, err)
	return got.Request.ID
}

// settled lets the jobs do what there is to do, as Run does.
func (r *rig) settled(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = r.step(ctx); err != nil {
			return err
		}
	}
	return r.tendAll(ctx)
}

func (r *rig) state(t testing.TB) disclosure.Request {
	t.Helper()
	q, err := r.requests.Request(t.Context(), r.request)
	must(t, err)
	return q
}

func (r *rig) job(t testing.TB) Job {
	t.Helper()
	job, err := r.Job(t.Context(), r.request)
	must(t, err)
	return job
}

// ordered has the package of the request ordered and built.
func (r *rig) built(t testing.TB) Job {
	t.Helper()
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	must(t, r.settled(t.Context()))
	job := r.job(t)
	if job.Step != Built || r.state(t).State != disclosure.Built {
		t.Fatalf("it is %s (%v), the request %s", job.Step, job.Error, r.state(t).State)
	}
	return job
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
