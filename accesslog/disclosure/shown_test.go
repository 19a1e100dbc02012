package disclosure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// toShow is an approved request of a person concerned who wants to look at the hall and the yard.
func (r *rig) toShow(t *testing.T) Request {
	t.Helper()
	a := complete(Subject)
	a.Form, a.Wanted = View, append(a.Wanted, Wanted{"yard", noon.Add(-3 * time.Hour), noon.Add(-2 * time.Hour)})
	q := r.receive(t, a)
	must(t, r.do(t, Approve, q))
	return r.request(t, q.ID)
}

// lines is the register of a year on both sides of noon.
func (r *rig) lines(t *testing.T) []Disclosed {
	t.Helper()
	list, err := r.Disclosed(t.Context(), noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0))
	must(t, err)
	return list
}

// What a viewing showed is disclosed, whether or not anybody enters that: the register and the timeline have it, the request isn't
// refused any more, and where the applicant withdraws it, the line stays and says so.
func TestShownIsDisclosed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.toShow(t)
	r.viewed(t, q, "ana", nil)
	if list := r.lines(t); len(list) > 0 {
		t.Errorf("a viewing that gave nothing: %+v", list)
	}
	seen := r.viewed(t, q, "borut", q.Wanted[:1])
	list := r.lines(t)
	if len(list) != 1 || list[0].Entry != seen || list[0].Handover != 0 || list[0].Manifest != "" || list[0].Withdrawn || !slices.Equal(list[0].Footage, q.Wanted[:1]) {
		t.Fatalf("shown: %+v", list)
	}
	if marks, err := r.Marks(t.Context(), "hall", q.Wanted[0].From, q.Wanted[0].To); err != nil || len(marks) != 1 || marks[0].Entry != seen {
		t.Errorf("marks %+v, %v", marks, err)
	}
	if told, err := r.Told(t.Context(), r.opener(), list[0]); err != nil || told.Applicant.Name == "" || told.By.Name != "borut" {
		t.Errorf("told %+v, %v", told, err)
	}
	for _, err := range []error{r.do(t, Refuse, q), r.Able(t.Context(), head(), q, Refuse)} {
		if !errors.Is(err, ErrLeft) || !strings.Contains(err.Error(), "enter instead that it was shown") {
			t.Errorf("refused: %v", err)
		}
	}
	must(t, r.do(t, Withdraw, q))
	r.restart(t)
	if list := r.lines(t); len(list) != 1 || list[0].Entry != seen || !list[0].Withdrawn || !slices.Equal(list[0].Footage, q.Wanted[:1]) {
		t.Errorf("withdrawn: %+v", list)
	}
}

// While a viewing goes on, what its leases let out counts; while the diary is locked, all that the request asks for, in any viewing
// since it was approved.
func TestShownUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.toShow(t)
	part := []Wanted{{"hall", q.Wanted[0].From, q.Wanted[0].From.Add(time.Minute)}}
	entry := r.enters(t, opViewStart, q.Entry, "ana", part, map[string]any{"showing": "yes"}, "")
	if list := r.lines(t); len(list) != 1 || !slices.Equal(list[0].Footage, part) {
		t.Errorf("it goes on: %+v", list)
	}
	for _, locked := range []func() (Opener, error){nil, func() (Opener, error) { return nil, people.ErrLocked }} {
		r.Opener = locked
		if list := r.lines(t); len(list) != 1 || list[0].Entry != entry || !slices.Equal(list[0].Footage, q.Wanted) {
			t.Errorf("locked: %+v", list)
		}
		if err := r.do(t, Refuse, q); !errors.Is(err, ErrLeft) {
			t.Errorf("refused: %v", err)
		}
		if _, err := r.Viewings(t.Context(), clerk(), q); !errors.Is(err, people.ErrLocked) {
			t.Errorf("listed: %v", err)
		}
	}
	r.Opener = func() (Opener, error) { return nil, context.Canceled }
	if _, err := r.Disclosed(t.Context(), noon, noon.Add(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("whether it is locked is not known: %v", err)
	}
}

// A viewing of which an entry can't be read any more goes on for nobody: it says that what was seen is not known.
func TestShownUnreadable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.toShow(t)
	entry := r.viewed(t, q, "ana", q.Wanted)
	r.Opener = func() (Opener, error) { return damaged{r.opener(), entry + 1}, nil }
	list, err := r.Viewings(t.Context(), clerk(), q)
	must(t, err)
	if len(list) != 1 || !list[0].Ended || !list[0].Lost || !strings.Contains(list[0].Usable().Error(), "can't be read") {
		t.Errorf("%+v", list)
	}
	if list := r.lines(t); len(list) != 1 || !slices.Equal(list[0].Footage, q.Wanted) {
		t.Errorf("its leases let out all: %+v", list)
	}
}

// damaged is an opener to which one entry is damaged.
type damaged struct {
	Opener
	entry int64
}

func (d damaged) Open(ctx context.Context, i int64) (body, manifest []byte, err error) {
	if i == d.entry {
		return nil, nil, diary.ErrDamaged
	}
	return d.Opener.Open(ctx, i)
}

// All viewings by which footage was shown are in the register, though one alone is entered with who looked.
func TestShownTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.toShow(t)
	hall := r.viewed(t, q, "ana", q.Wanted[:1])
	r.viewed(t, q, "borut", q.Wanted[1:])
	_, err := r.Shown(t.Context(), clerk(), q.ID, Showing{Recipient: "Janez Novak", Known: "osebna izkaznica", Warned: true, Viewing: hall})
	must(t, err)
	r.restart(t)
	list := r.lines(t)
	if len(list) != 1 || list[0].Handover == 0 || list[0].Entry != hall || !slices.Equal(list[0].Footage, q.Wanted) {
		t.Errorf("%+v", list)
	}
	if marks, err := r.Marks(t.Context(), "yard", q.Wanted[1].From, q.Wanted[1].To); err != nil || len(marks) != 1 {
		t.Errorf("marks %+v, %v", marks, err)
	}
}

// Whoever refuses while a viewing begins comes too late: it is looked at inside the transaction.
func TestShownMeanwhile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.toShow(t)
	r.d.fails = func(string) (before, after error) {
		r.d.fails = nil
		r.viewed(t, q, "ana", q.Wanted)
		return nil, nil
	}
	if err := r.do(t, Refuse, q); !errors.Is(err, ErrMeanwhile) {
		t.Errorf("%v", err)
	}
	if err := r.do(t, Refuse, q); !errors.Is(err, ErrLeft) {
		t.Errorf("then: %v", err)
	}
}

// The register has a line for each package that left: with its manifest, what was in it, and in each time at which it left. What is
// only in a package that never left is in no line and on no timeline.
func TestRegisterByPackage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Wanted = append(a.Wanted, Wanted{"yard", noon.Add(-3 * time.Hour), noon.Add(-2 * time.Hour)})
	q := r.receive(t, a)
	must(t, r.do(t, Approve, q))
	_, err := r.Built(t.Context(), q.ID, Packed{Manifest: scan, Entry: 1, Delivered: q.Wanted[:1]})
	must(t, err)
	first := r.leaves(t, q.ID, true)
	must(t, r.do(t, Expire, q))
	other := "aa" + scan[2:]
	_, err = r.Built(t.Context(), q.ID, Packed{Manifest: other, Entry: 1, Delivered: q.Wanted})
	must(t, err)
	if list := r.lines(t); len(list) != 1 || list[0].Manifest != scan || !slices.Equal(list[0].Footage, q.Wanted[:1]) {
		t.Errorf("before the second leaves: %+v", list)
	}
	if marks, err := r.Marks(t.Context(), "yard", q.Wanted[1].From, q.Wanted[1].To); err != nil || len(marks) > 0 {
		t.Errorf("the yard never left: %+v, %v", marks, err)
	}
	later := noon.AddDate(0, 0, 3)
	list := []Departure{{Left{first, noon, scan}, q.Wanted[:1]}, {Left{first + 100, later, other}, q.Wanted}, {Left{first + 101, later.AddDate(0, 0, 3), other}, q.Wanted}}
	_, err = r.d.Append(t.Context(), diary.Entry{Op: "handover"}, setsLeft(t, q.ID, list))
	must(t, err)
	for days, want := range map[int][]string{0: {scan}, 1: nil, 3: {other}, 6: {other}, 7: nil} {
		got, err := r.Disclosed(t.Context(), noon.AddDate(0, 0, days), noon.AddDate(0, 0, days+1))
		must(t, err)
		if !slices.EqualFunc(got, want, func(d Disclosed, manifest string) bool { return d.Manifest == manifest }) {
			t.Errorf("on day %d: %+v", days, got)
		}
	}
	must(t, r.do(t, Withdraw, q))
	if got := r.lines(t); len(got) != 2 || !got[0].Withdrawn || !got[1].Withdrawn {
		t.Errorf("withdrawn: %+v", got)
	}
}

// Whoever issued the token by which a request came has its secret, however long ago that was.
func TestTokenIssuer(t *testing.T) {
	t.Parallel()
	r := newRigAt(t, noon.AddDate(0, 0, -90))
	writes := func(days int) int64 {
		r.now = noon.AddDate(0, 0, -days)
		receipt, err := r.d.Append(t.Context(), diary.Entry{Op: "token.issue", Body: proof.Body{}}, nil)
		must(t, err)
		return receipt.Index
	}
	writes(80)
	r.Accounts = madeBy{"token-1": {{ID: "head", Entry: writes(40)}}}
	writes(39)
	r.now = noon
	q := Request{Token: "token-1", Entrants: []string{"token-1"}}
	if err := r.fourEyes(t.Context(), q, "head"); !errors.Is(err, ErrFourEyes) || !strings.Contains(err.Error(), "issued the token") {
		t.Errorf("%v", err)
	}
	must(t, r.fourEyes(t.Context(), q, "another"))
}

// A request that is of no order any more keeps nothing past its term: the holds of the order go once others keep the same footage,
// and where none does, once somebody approves it.
func TestOrderTakenBack(t *testing.T) {
	t.Parallel()
	for name, narrower := range map[string]bool{"the same footage": false, "less": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			a := complete(Authority)
			a.Basis, a.BasisText = "court-order", "Kpr 1/2026"
			q := r.receive(t, a)
			c := a.Content
			c.Wanted = slices.Clone(c.Wanted)
			if c.Basis, c.BasisText = "zkp-148", ""; narrower {
				c.Wanted[0].To = c.Wanted[0].To.Add(-time.Minute)
			}
			got, err := r.Supplement(t.Context(), clerk(), q.ID, Supplemented{Content: c})
			must(t, err)
			if kept := r.pastTerm(t, got.Request); kept > 0 != narrower || r.held(t) == 0 {
				t.Errorf("%d holds keep it past the term, of %d", kept, r.held(t))
			}
			must(t, r.do(t, Approve, got.Request))
			if kept := r.pastTerm(t, r.request(t, q.ID)); kept > 0 || r.held(t) != 1 {
				t.Errorf("approved: %d holds keep it past the term, of %d", kept, r.held(t))
			}
			r.restart(t)
		})
	}
}

// Who asked to look at the footage is shown it, and no package is built for him; nor for who asked for a masked copy, since
// the package would have the other persons in it.
func TestShown(t *testing.T) {
	t.Parallel()
	for _, form := range []Form{View, Masked} {
		t.Run(string(form), func(t *testing.T) { t.Parallel(); isShown(t, form) })
	}
}

func isShown(t *testing.T, form Form) {
	r := newRig(t)
	a := complete(Subject)
	a.Form = form
	q := r.receive(t, a)
	must(t, r.do(t, Approve, q))
	if err := r.do(t, Build, q); !errors.Is(err, ErrStep) {
		t.Errorf("a package is built: %v", err)
	}
	if due, err := r.Due(t.Context()); err != nil || len(due) != 0 {
		t.Errorf("due: %+v, %v", due, err)
	}
	good := Showing{Recipient: "Janez Novak", Known: "osebna izkaznica", Viewing: r.viewed(t, q, "ana", q.Wanted), Footage: q.Wanted, Warned: true}
	for name, change := range map[string]func(*Showing){
		"to nobody":        func(s *Showing) { s.Recipient = "" },
		"to a stranger":    func(s *Showing) { s.Known = "" },
		"by no viewing":    func(s *Showing) { s.Viewing = 0 },
		"another's":        func(s *Showing) { s.Footage = []Wanted{{"yard", noon.Add(-time.Hour), noon}} },
		"without warning":  func(s *Showing) { s.Warned = false },
		"with much remark": func(s *Showing) { s.Remark = strings.Repeat("a", maxText+1) },
	} {
		s := good
		change(&s)
		if _, err := r.Shown(t.Context(), clerk(), q.ID, s); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, r.do(t, Show, q))
	q = r.request(t, q.ID)
	if q.State != HandedOver || q.Handover != q.Last || !slices.Equal(q.Delivered, q.Wanted) || r.body(t, q.Last).Data["viewing"] == int64(0) {
		t.Errorf("shown: %+v", q)
	}
	must(t, r.do(t, Confirm, q))
	list, err := r.Disclosed(t.Context(), noon, noon.Add(time.Hour))
	must(t, err)
	if len(list) != 1 || !slices.Equal(list[0].Footage, q.Wanted) {
		t.Errorf("disclosed: %+v", list)
	}
	must(t, r.do(t, Release, q))
	r.restart(t)
}
