package hold

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// noon is when the tests play.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// index is footage of one camera, an hour a segment, from two days ago until now.
type index struct{ bytes int64 }

func (x index) Span(camera, _ string, from, to time.Time) (list []footage.Segment, _ []footage.Gap, _ error) {
	if camera != "hall" {
		return nil, nil, nil
	}
	for at := noon.Add(-48 * time.Hour); at.Before(noon); at = at.Add(time.Hour) {
		if end := at.Add(time.Hour); at.Before(to) && end.After(from) {
			list = append(list, footage.Segment{ID: keyring.ID{byte(noon.Sub(at) / time.Hour)}, Camera: camera, Start: at, End: end, Bytes: x.bytes, Sealed: true})
		}
	}
	return list, nil, nil
}

func (x index) Bytes() (map[string]int64, error) { return map[string]int64{"hall": 48 * x.bytes}, nil }

// watched is a diary whose Append can be looked into and made to fail.
type watched struct {
	*diary.Diary
	during func()
	fail   error
	after  error // the entry is written, and then this is said
}

func (w *watched) Append(ctx context.Context, e diary.Entry, c diary.Change) (diary.Receipt, error) {
	if w.during != nil {
		w.during()
	}
	if w.fail != nil {
		return diary.Receipt{}, w.fail
	}
	r, err := w.Diary.Append(ctx, e, c)
	return r, errors.Join(err, w.after)
}

type rig struct {
	dir      string
	diary    *watched
	register *Register
	key      keyring.PrivateKey
	now      time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), now: noon}
	var err error
	r.key, err = keyring.GenerateKey()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	d, err := diary.Create(t.Context(), r.options(), "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	t.Cleanup(func() {
		if err := d.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	r.diary = &watched{Diary: d}
	r.register = &Register{Diary: r.diary, Index: index{1 << 20}, Gate: retention.NewGate(),
		Capacity: func() (int64, error) { return 1 << 30, nil }, Now: func() time.Time { return r.now }}
	return r
}

func (r *rig) options() diary.Options {
	return diary.Options{Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"),
		Public: []keyring.PublicKey{r.key.Public()}, State: Tables, Schema: []string{Schema},
		Now: func() time.Time { return r.now }}
}

// held is what a purge would ask.
func (r *rig) held(t *testing.T) []retention.Hold {
	t.Helper()
	list, err := r.register.Holds(t.Context())
	must(t, err)
	return list
}

func head() proof.Actor { return proof.Actor{Name: "Head Teacher", Proof: "claimed on the console"} }

// order is a complete hold.
func order() Asked {
	return Asked{Kind: Order, Range: Range{"hall", noon.Add(-3 * time.Hour), noon.Add(-90 * time.Minute)},
		Basis: "order of the district court", Case: "K 123/2026", Review: noon.AddDate(0, 3, 0), By: head()}
}

func TestSet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e, err := r.register.Set(t.Context(), order())
	must(t, err)
	if e.Segments != 2 || e.Bytes != 2<<20 || e.Large() {
		t.Errorf("it keeps %d segments of %d bytes, large: %v", e.Segments, e.Bytes, e.Large())
	}
	list, err := r.register.List(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Entry != e.Receipt.Index || list[0].ID != e.ID || !list[0].PastTerm || !list[0].From.Equal(order().From) {
		t.Fatalf("holds: %+v", list)
	}
	want := retention.Hold{Camera: "hall", From: order().From, To: order().To, PastTerm: true}
	if got := r.held(t); len(got) != 1 || got[0] != want {
		t.Errorf("a purge is told %+v, want %+v", got, want)
	}
	body := r.body(t, e)
	if body.Actor.Name != "Head Teacher" || body.Case != "K 123/2026" || body.Objects[0].Camera != "hall" || body.Data["hold"] != e.ID {
		t.Errorf("the entry says %+v", body)
	}
}

// TestRowsNameNobody looks for the person, the basis and the case in every file of the database.
func TestRowsNameNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.register.Set(t.Context(), order())
	must(t, err)
	_, err = r.register.Restrict(t.Context(), AskedRestriction{Ground: Claims, Range: order().Range, Basis: "letter of the parent", Review: noon.AddDate(0, 1, 0), By: head()})
	must(t, err)
	files, err := filepath.Glob(filepath.Join(r.dir, "varuh.db*"))
	must(t, err)
	for _, name := range files {
		content, err := os.ReadFile(name)
		must(t, err)
		for _, word := range []string{"Head Teacher", "district court", "K 123/2026", "letter of the parent"} {
			if bytes.Contains(content, []byte(word)) {
				t.Errorf("%q stands readable in %s", word, filepath.Base(name))
			}
		}
	}
}

func TestIncomplete(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, change := range map[string]func(*Asked){
		"no kind of hold":       func(a *Asked) { a.Kind = "forever" },
		"on what basis":         func(a *Asked) { a.Basis = " \t" },
		"who asks":              func(a *Asked) { a.By.Name = "" },
		"from when to when":     func(a *Asked) { a.To = a.From },
		"to be reviewed":        func(a *Asked) { a.Review = time.Time{} },
		"has passed":            func(a *Asked) { a.Review = noon },
		"more than a year away": func(a *Asked) { a.Review = noon.AddDate(2, 0, 0) },
		"at most 14 days":       func(a *Asked) { a.Kind, a.Review = Provisional, noon.AddDate(0, 0, 15) },
		"alone":                 func(a *Asked) { a.TermBasis = "ZKP 149b" },
		"after 2199":            func(a *Asked) { a.To = time.Date(2611, 12, 31, 0, 0, 0, 0, time.UTC) },
		"a day in some years":   func(a *Asked) { a.To = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) },
		"before 1970":           func(a *Asked) { a.From = time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		a := order()
		change(&a)
		_, err := r.register.Set(t.Context(), a)
		if !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
	if n := len(r.held(t)); n != 0 || r.diary.Head().Size != 1 {
		t.Errorf("after nothing but refusals there are %d holds and %d entries", n, r.diary.Head().Size)
	}
}

func TestNothingToHold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, change := range map[string]func(*Asked){
		"before the oldest": func(a *Asked) { a.From, a.To = noon.AddDate(0, 0, -9), noon.AddDate(0, 0, -8) },
		"another camera":    func(a *Asked) { a.Camera = "yard" },
	} {
		a := order()
		change(&a)
		if _, err := r.register.Set(t.Context(), a); !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := order()
	a.Camera, a.From, a.To = "yard", noon, noon.Add(24*time.Hour)
	_, err := r.register.Set(t.Context(), a)
	must(t, err)
	if len(r.held(t)) != 1 {
		t.Error("what will be recorded is not held")
	}
}

func TestPastTerm(t *testing.T) {
	t.Parallel()
	for kind, want := range map[Kind]bool{Rights: true, Order: true, Disclosure: false, Incident: false, Provisional: false} {
		if got := (Asked{Kind: kind}).passesTerm(); got != want {
			t.Errorf("%s passes the term: %v", kind, got)
		}
	}
	if !(Asked{Kind: Incident, TermBasis: "ZVOP-2 76(10)"}).passesTerm() {
		t.Error("a stated legal basis does not let a hold for an incident pass the term")
	}
	for ground, want := range map[Ground]bool{Accuracy: false, Unlawful: true, Claims: true, Objection: false} {
		if got := (Restriction{Ground: ground}).forPurge().PastTerm; got != want {
			t.Errorf("%s passes the term: %v", ground, got)
		}
	}
}

// TestEffectBeforeEntry looks at what a purge is told while the entry is being written.
func TestEffectBeforeEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	seen := 0
	r.diary.during = func() { seen = len(r.held(t)) }
	r.diary.fail = errors.New("the disk is full")
	if _, err := r.register.Set(t.Context(), order()); !errors.Is(err, r.diary.fail) || seen != 1 || len(r.held(t)) != 0 {
		t.Errorf("error %v; held %d while it was entered, %d after", err, seen, len(r.held(t)))
	}
	r.diary.fail = diary.ErrUncertain
	if _, err := r.register.Set(t.Context(), order()); !errors.Is(err, diary.ErrUncertain) || len(r.held(t)) != 1 {
		t.Errorf("error %v; a hold whose entry may be there: %d in effect", err, len(r.held(t)))
	}
	r.diary.fail = nil
	_, err := r.register.Set(t.Context(), order())
	must(t, err)
	if seen != 2 || len(r.held(t)) != 2 {
		t.Errorf("held %d while it was entered, %d after", seen, len(r.held(t)))
	}
}

// TestEndAfterEntry is the same for the end of a hold.
func TestEndAfterEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e, err := r.register.Set(t.Context(), order())
	must(t, err)
	seen := 0
	r.diary.during = func() { seen = len(r.held(t)) }
	r.diary.fail = errors.New("the disk is full")
	if _, err := r.register.Clear(t.Context(), e.ID, head(), "the court is done"); err == nil || len(r.held(t)) != 1 {
		t.Errorf("error %v; %d held after an end that was not entered", err, len(r.held(t)))
	}
	r.diary.fail = nil
	if _, err := r.register.Clear(t.Context(), e.ID, head(), " "); !errors.Is(err, ErrIncomplete) {
		t.Errorf("an end without a reason: %v", err)
	}
	receipt, err := r.register.Clear(t.Context(), e.ID, head(), "the court is done")
	must(t, err)
	if seen != 1 || len(r.held(t)) != 0 {
		t.Errorf("held %d while its end was entered, %d after", seen, len(r.held(t)))
	}
	for entry, err := range r.diary.Entries(t.Context(), receipt.Index, receipt.Index+1) {
		must(t, err)
		if entry.Ref == nil || *entry.Ref != e.Receipt.Index {
			t.Errorf("hold.clear refers to %v, want %d", entry.Ref, e.Receipt.Index)
		}
	}
	if _, err := r.register.Clear(t.Context(), e.ID, head(), "again"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a hold that is not there: %v", err)
	}
}

func TestProvisional(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := order()
	a.Kind, a.Review = Provisional, time.Time{}
	first, err := r.register.Set(t.Context(), a)
	must(t, err)
	second, err := r.register.Set(t.Context(), a)
	must(t, err)
	_, err = r.register.Set(t.Context(), order())
	must(t, err)
	if got := r.held(t)[0].Until; !got.Equal(noon.AddDate(0, 0, ProvisionalDays)) {
		t.Errorf("a provisional hold lasts until %v", got)
	}
	if _, err := r.register.Confirm(t.Context(), second.ID, a); !errors.Is(err, ErrIncomplete) {
		t.Errorf("confirmed as provisional: %v", err)
	}
	_, err = r.register.Confirm(t.Context(), second.ID, order())
	must(t, err)
	if _, err := r.register.Confirm(t.Context(), second.ID, order()); err == nil {
		t.Error("confirmed twice")
	}
	lapsed, err := r.register.Lapse(t.Context(), noon.AddDate(0, 0, ProvisionalDays).Add(-time.Second))
	must(t, err)
	if len(lapsed) != 0 {
		t.Errorf("lapsed before its day: %+v", lapsed)
	}
	lapsed, err = r.register.Lapse(t.Context(), noon.AddDate(50, 0, 0))
	must(t, err)
	if len(lapsed) != 1 || lapsed[0].ID != first.ID {
		t.Errorf("lapsed: %+v, want the one that nobody confirmed", lapsed)
	}
	if got := r.held(t); len(got) != 2 || !got[0].Until.IsZero() || !got[1].PastTerm {
		t.Errorf("left: %+v", got)
	}
}

// TestClockOf1970 sets holds on a machine whose clock was never set.
func TestClockOf1970(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.now = time.Unix(100, 0)
	_, err := r.register.Set(t.Context(), order())
	must(t, err)
	a := order()
	a.Kind, a.Review = Provisional, time.Time{}
	_, err = r.register.Set(t.Context(), a)
	must(t, err)
	if got, want := r.held(t)[1].Until, a.From.AddDate(0, 0, ProvisionalDays); !got.Equal(want) {
		t.Errorf("it lasts until %v, want %v", got, want)
	}
}

func TestLargeHold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.register.Index = index{28 << 20}
	e, err := r.register.Set(t.Context(), order())
	must(t, err)
	if !e.Large() {
		t.Errorf("%d of %d bytes held are no alarm", e.Bytes, e.Capacity)
	}
	a := order()
	a.Camera = ""
	e, err = r.register.Set(t.Context(), a)
	must(t, err)
	if e.Segments != 2 {
		t.Errorf("a hold over every camera keeps %d segments, want those of hall", e.Segments)
	}
}

// TestSickDisk sets a hold and a restriction while a store does not tell its size: that is no reason to refuse them.
func TestSickDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.register.Capacity = func() (int64, error) { return 0, errors.New("statfs failed") }
	h, err := r.register.Set(t.Context(), order())
	must(t, err)
	s, err := r.register.Restrict(t.Context(), AskedRestriction{Ground: Claims, Range: order().Range, Basis: "letter", Review: noon.AddDate(0, 1, 0), By: head()})
	must(t, err)
	for _, e := range []Effect{h, s} {
		if e.Large() || e.Unsized != "statfs failed" || e.Segments != 2 {
			t.Errorf("it came to %+v", e)
		}
		if data := r.body(t, e).Data; data["store_bytes"] != nil || data["segments"] != int64(2) {
			t.Errorf("the entry says %v", data)
		}
	}
	if len(r.held(t)) != 1 {
		t.Error("it is not held")
	}
}

// body is that of the entry by which something took effect.
func (r *rig) body(t *testing.T, e Effect) proof.Body {
	t.Helper()
	text, _, err := r.diary.Opener(keyring.Identity{r.key}).Open(t.Context(), e.Receipt.Index)
	must(t, err)
	body, err := proof.ParseBody(text)
	must(t, err)
	return body
}

// TestRestarted opens the diary again: the state is the one it knows, and what was entered is in force.
func TestRestarted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.register.Set(t.Context(), order())
	must(t, err)
	s, err := r.register.Restrict(t.Context(), AskedRestriction{Ground: Accuracy, Range: order().Range, Basis: "letter of the parent", Review: noon.AddDate(0, 1, 0), By: head()})
	must(t, err)
	must(t, r.diary.Close())
	d, err := diary.Open(t.Context(), r.options())
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	if f := d.Fault(); f != nil {
		t.Fatal(f)
	}
	again := &Register{Diary: d, Index: index{}, Gate: retention.NewGate(), Capacity: r.register.Capacity, Now: r.register.Now}
	restricted, err := again.Restrictions(t.Context())
	must(t, err)
	held, err := again.Holds(t.Context())
	must(t, err)
	if len(held) != 1 || len(restricted) != 1 || restricted[0].PastTerm {
		t.Errorf("held %+v, restricted %+v", held, restricted)
	}
	_, err = again.Unrestrict(t.Context(), s.ID, head(), "it was accurate; the parent was told on 3 December")
	must(t, err)
	if restricted, err = again.Restrictions(t.Context()); err != nil || len(restricted) != 0 {
		t.Errorf("restricted after its end: %+v, %v", restricted, err)
	}
}

// TestRowTakenOut deletes a hold behind the diary's back: the state is not the one it knows.
func TestRowTakenOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.register.Set(t.Context(), order())
	must(t, err)
	must(t, r.diary.Close())
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	_, err = db.Exec(`DELETE FROM holds`)
	must(t, errors.Join(err, db.Close()))
	d, err := diary.Open(t.Context(), r.options())
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	if f := d.Fault(); f == nil || f.Kind != diary.FaultState || f.By != "holds" {
		t.Errorf("a hold that was taken out of the database: %v", f)
	}
}
