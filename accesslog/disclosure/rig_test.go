package disclosure

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// noon is when the tests play: a Sunday.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ljubljana(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	return zone
}

// index is footage of the hall and the yard, an hour a segment, of the last two days.
type index struct{}

func (index) Span(camera, _ string, from, to time.Time) (list []footage.Segment, _ []footage.Gap, _ error) {
	if camera != "hall" && camera != "yard" {
		return nil, nil, nil
	}
	for at := noon.Add(-48 * time.Hour); at.Before(noon); at = at.Add(time.Hour) {
		if end := at.Add(time.Hour); at.Before(to) && end.After(from) {
			list = append(list, footage.Segment{Camera: camera, Start: at, End: end, Bytes: 1 << 20, Sealed: true})
		}
	}
	return list, nil, nil
}

func (index) Bytes() (map[string]int64, error) {
	return map[string]int64{"hall": 48 << 20, "yard": 48 << 20}, nil
}

// watched is a diary whose Append can be made to fail, before or after the entry is written.
type watched struct {
	*diary.Diary
	fails func(op string) (before, after error)
}

func (w *watched) Append(ctx context.Context, e diary.Entry, c diary.Change) (diary.Receipt, error) {
	var before, after error
	if w.fails != nil {
		before, after = w.fails(e.Op)
	}
	if before != nil {
		return diary.Receipt{}, before
	}
	r, err := w.Diary.Append(ctx, e, c)
	return r, errors.Join(err, after)
}

// makers are who made which account, in the first entry.
type makers map[string][]string

func (m makers) Makers(_ context.Context, account string) (list []people.Maker, _ error) {
	for _, id := range m[account] {
		list = append(list, people.Maker{ID: id})
	}
	return list, nil
}

// terms is when the footage of each camera comes to its term.
type terms map[string]time.Time

func (m terms) Due(_ context.Context, camera string, _, _ time.Time) (time.Time, bool, error) {
	at, ok := m[camera]
	return at, ok, nil
}

// rig is a register over a real diary and real holds.
type rig struct {
	*Register
	dir    string
	d      *watched
	holds  *hold.Register
	makers makers
	terms  terms
	key    keyring.PrivateKey
	now    time.Time
}

func newRig(t testing.TB) *rig { return newRigAt(t, noon) }

// newRigAt is a rig that begins at another time.
func newRigAt(t testing.TB, now time.Time) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), now: now, makers: makers{}, terms: terms{}}
	var err error
	r.key, err = keyring.GenerateKey()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	d, err := diary.Create(t.Context(), r.options(), "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	r.over(t, d)
	return r
}

// over is the rig over an open diary.
func (r *rig) over(t testing.TB, d *diary.Diary) {
	t.Cleanup(func() {
		if err := d.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	clock := func() time.Time { return r.now }
	r.d = &watched{Diary: d}
	r.holds = &hold.Register{Diary: r.d, Index: index{}, Gate: retention.NewGate(), Capacity: func() (int64, error) { return 1 << 30, nil }, Now: clock}
	r.Register = &Register{Diary: r.d, Holds: r.holds, Accounts: r.makers, Footage: r.terms, Zone: ljubljana(t), Now: clock,
		Opener: func() (Opener, error) { return r.opener(), nil },
		Known:  func(camera string) bool { return slices.Contains([]string{"hall", "yard", "gate"}, camera) }}
}

func (r *rig) options() diary.Options {
	return diary.Options{Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"), Public: []keyring.PublicKey{r.key.Public()},
		State: slices.Concat(Tables, hold.Tables), Schema: []string{Schema, hold.Schema}, Now: func() time.Time { return r.now }}
}

// restart closes the diary and opens it again, which verifies the state.
func (r *rig) restart(t testing.TB) {
	t.Helper()
	must(t, r.d.Close())
	d, err := diary.Open(t.Context(), r.options())
	must(t, err)
	r.over(t, d)
	if f := d.Fault(); f != nil {
		t.Fatal(f)
	}
}

// body is what an entry says.
func (r *rig) body(t testing.TB, i int64) proof.Body {
	t.Helper()
	text, _, err := r.opener().Open(t.Context(), i)
	must(t, err)
	b, err := proof.ParseBody(text)
	must(t, err)
	return b
}

func (r *rig) opener() *diary.Opener { return r.d.Opener(keyring.Identity{r.key}) }

// held is how many holds are in force.
func (r *rig) held(t testing.TB) int {
	t.Helper()
	list, err := r.holds.List(t.Context())
	must(t, err)
	return len(list)
}

// pastTerm is how many holds of a request are in force and may pass the term.
func (r *rig) pastTerm(t testing.TB, q Request) (n int) {
	t.Helper()
	list, err := r.holds.List(t.Context())
	must(t, err)
	for _, h := range list {
		if h.PastTerm && slices.ContainsFunc(q.Holds, func(own Held) bool { return own.Hold == h.ID }) {
			n++
		}
	}
	return n
}

// request is one as it is now.
func (r *rig) request(t testing.TB, id string) Request {
	t.Helper()
	q, err := r.Request(t.Context(), id)
	must(t, err)
	return q
}

// receive enters a request that must be taken.
func (r *rig) receive(t testing.TB, a Asked) Request {
	t.Helper()
	got, err := r.Receive(t.Context(), clerk(), a)
	must(t, err)
	return got.Request
}

// session is that of a person with a role for some cameras, or all.
func session(id string, role people.Role, cameras ...string) people.Session {
	began := noon.AddDate(-1, 0, 0)
	return people.Session{ID: "s-" + id, Person: people.Person{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Language: "sl"}, Proof: "password",
		Authorisations: []people.Authorisation{{ID: "a-" + id, Person: id, Role: role, Cameras: cameras, From: began, Paper: began}}}
}

func clerk() people.Session { return session("ana", people.Caretaker) }

func head() people.Session { return session("head", people.Approver) }

// police is the session of an authority's token, for some cameras, or all.
func police(id string, cameras ...string) people.Session {
	s := session("token-"+id, people.Applicant, cameras...)
	s.Proof = byToken
	s.Authorisations[0].To = noon.AddDate(1, 0, 0)
	return s
}

var scan = strings.Repeat("5c", 32)

// complete is a complete request of a kind.
func complete(k Kind) Asked {
	a := Asked{Kind: k, Way: Paper, Scan: scan, Content: Content{
		Applicant: Applicant{Name: "Policijska postaja Primer", Address: "Cesta 1, 1000 Ljubljana", Register: "1234567000", Signatory: "Janez Novak", Rank: "višji policist"},
		Basis:     "zkp-148", Purpose: "preiskava tatvine kolesa", Case: Case{"tatvina", "2302-55/2026", "PP Primer"},
		Wanted: []Wanted{{"hall", noon.Add(-5 * time.Hour), noon.Add(-4 * time.Hour)}},
		Data:   []Datum{Picture, Place, Moment}, Form: Folder, Manner: "osebno v tajništvu"}}
	switch k {
	case Own, Other:
		a.Basis, a.BasisText = "zvop2-41", "76. člen ZVOP-2 v zvezi z zavarovalno pogodbo"
	case Subject:
		a.Basis, a.Identity = "gdpr-15", "osebna izkaznica"
	}
	return a
}

// without is a request that says a field no more.
func (a Asked) without(f Field) Asked {
	switch f {
	case NoApplicant:
		a.Applicant.Name = " "
	case NoAddress:
		a.Applicant.Address, a.Applicant.Register = "", ""
	case NoSignatory:
		a.Applicant.Signatory = ""
	case NoRank:
		a.Applicant.Rank = ""
	case NoSignature:
		a.Scan = ""
	case NoBasis:
		a.Basis = ""
	case NoBasisText:
		a.Basis, a.BasisText = "zvop2-41", ""
	case NoPurpose:
		a.Purpose = "\n"
	case NoSubject:
		a.Case.Subject = ""
	case NoNumber:
		a.Case.Number = ""
	case NoBody:
		a.Case.Body = ""
	case NoWanted:
		a.Wanted = nil
	case NoData:
		a.Data = nil
	case NoForm:
		a.Form = ""
	case NoManner:
		a.Manner = ""
	case NoIdentity:
		a.Identity = ""
	}
	return a
}

// contains looks for a text in every file of the database.
func (r *rig) contains(t *testing.T, text string) bool {
	t.Helper()
	for _, name := range []string{"varuh.db", "varuh.db-wal"} {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		if !errors.Is(err, os.ErrNotExist) {
			must(t, err)
		}
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}

// leaf is the clear part of an entry.
func (r *rig) leaf(t testing.TB, i int64) proof.Leaf {
	t.Helper()
	list, err := rows(t.Context(), r.d.Query, func(found *sql.Rows) (l proof.Leaf, err error) {
		var text []byte
		if err = found.Scan(&text); err != nil {
			return l, err
		}
		return proof.ParseLeaf(text)
	}, `SELECT leaf FROM diary_leaves WHERE i = ?`, i)
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d entries have the number %d", len(list), i)
	}
	return list[0]
}
