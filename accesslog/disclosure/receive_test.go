package disclosure

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// Every kind with every field left out: what is required is named, and only that; what is not complete can't be approved.
func TestMissing(t *testing.T) {
	t.Parallel()
	need := map[Kind]string{ // by hand, a letter for each field in the order of Fields
		Authority: "xxxxxxxxxxxxxxx.", Own: "x....xxxx.xxxxx.", Other: "xxx.xxxxxxxxxxx.", Subject: "xx..xx.....x.xxx"}
	for _, k := range Kinds {
		if got := complete(k).Missing(k, true); len(got) > 0 {
			t.Errorf("%s: a complete request lacks %v", k, got)
		}
		for i, f := range Fields {
			a := complete(k).without(f)
			got := a.Missing(k, a.Scan != "")
			want := need[k][i] == 'x'
			if f == NoBasisText && k == Subject { // another basis than its own
				want, got = false, nil
			}
			if want && !slices.Equal(got, []Field{f}) || !want && len(got) > 0 {
				t.Errorf("%s without %s lacks %v", k, f, got)
			}
			if f.In("sl") == "" || f.In("en") == "" {
				t.Errorf("%s has no words", f)
			}
		}
	}
	for _, k := range Kinds {
		for _, f := range required[k] {
			if !slices.Contains(Fields, f) {
				t.Errorf("%s has no place in a letter", f)
			}
		}
		for _, b := range Bases {
			a := complete(k)
			a.Basis, a.BasisText = b.ID, ""
			if got := a.Missing(k, true); (len(got) == 0) != (slices.Contains(b.Kinds, k) && !b.Says) {
				t.Errorf("%s by %s lacks %v", k, b.ID, got)
			}
		}
		for _, f := range Forms {
			a := complete(k)
			a.Form = f
			if got := a.Missing(k, true); (len(got) == 0) != (k == Subject || f == Folder || f == Zip) {
				t.Errorf("%s as %s lacks %v", k, f, got)
			}
		}
	}
}

func TestReceive(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Received = noon.Add(-26 * time.Hour)
	got, err := r.Receive(t.Context(), clerk(), a)
	must(t, err)
	q := got.Request
	if q.State != Complete || !q.Received.Equal(a.Received) || !q.Completed.Equal(a.Received) || q.Entry != got.Receipt.Index || q.Content != q.Entry || q.Last != q.Entry {
		t.Errorf("request %+v", q)
	}
	if !slices.Equal(q.Entrants, []string{"ana"}) || len(q.Holds) != 1 || q.Holds[0].Wanted != a.Wanted[0] || len(got.Held) != 1 || got.Held[0].Segments != 1 {
		t.Errorf("request %+v, held %+v", q, got.Held)
	}
	body := r.body(t, q.Entry)
	if body.Actor.Name != "Ana" || body.Recipient != a.Applicant.Name || body.Case != a.Case.Number || body.Basis != "ZKP, 148. člen" || body.Purpose != a.Purpose {
		t.Errorf("the entry says %+v", body)
	}
	if body.Objects[0].Camera != "hall" || body.Data["scan"] != scan || body.Data["holds"] != q.Holds[0].Hold {
		t.Errorf("the entry says %+v", body)
	}
	c, err := ContentOf(body)
	must(t, err)
	if one, other := mustEncode(t, c), mustEncode(t, a.normal()); one != other {
		t.Errorf("the entry has %s, want %s", one, other)
	}
	held, err := r.holds.List(t.Context())
	must(t, err)
	if len(held) != 1 || held[0].Kind != hold.Disclosure || held[0].PastTerm || held[0].Entry >= q.Entry {
		t.Errorf("held %+v", held)
	}
	if b := r.body(t, held[0].Entry); !strings.Contains(b.Basis, q.ID) || b.Actor.Name != "Ana" {
		t.Errorf("the hold's entry says %+v", b)
	}
}

func mustEncode(t *testing.T, c Content) string {
	t.Helper()
	text, err := c.encode()
	must(t, err)
	return string(text)
}

// TestRowsNameNobody looks for who asks, who signed, the case and the purpose in every file of the database.
func TestRowsNameNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, err := r.Receive(t.Context(), session("marjetica", people.Caretaker), complete(Authority)) // who is called Marjetica
	must(t, err)
	q := got.Request
	must(t, r.do(t, Approve, q))
	must(t, r.do(t, Build, q))
	must(t, r.do(t, HandOver, q))
	for _, secret := range []string{"Policijska", "Novak", "2302-55", "kolesa", "PP Primer", "1234567000", "USB 7", "Cesta 1", "Marjetica"} {
		if r.contains(t, secret) {
			t.Errorf("%q is on the disk", secret)
		}
	}
	if !r.contains(t, q.ID) || !r.contains(t, "zkp-148") {
		t.Error("the test looks at the wrong file: not even the id is there")
	}
}

// Which kind of hold each kind of request sets: only the rights of a person concerned and orders of a court pass the term.
func TestHoldKinds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, k := range Kinds {
		for _, b := range Bases {
			if !slices.Contains(b.Kinds, k) {
				continue
			}
			a := complete(k)
			a.Basis, a.BasisText = b.ID, "I Kpd 123/2026"
			got, err := r.Receive(t.Context(), clerk(), a)
			must(t, err)
			list, err := r.holds.List(t.Context())
			must(t, err)
			last := list[len(list)-1]
			if want := k == Subject || b.ID == "court-order"; last.ID != got.Held[0].ID || last.PastTerm != want {
				t.Errorf("%s by %s: %+v", k, b.ID, last)
			}
		}
	}
}

// What can't be entered leaves neither an entry nor a hold.
func TestRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	long := strings.Repeat("č", maxLine+1)
	for name, c := range map[string]struct {
		change func(*Asked)
		who    people.Session
		want   error
	}{
		"a kind":                {func(a *Asked) { a.Kind = "friend" }, clerk(), ErrWrong},
		"a way":                 {func(a *Asked) { a.Way = "pigeon" }, clerk(), ErrWrong},
		"an urgent insurer":     {func(a *Asked) { a.Kind, a.Way, a.Scan = Other, Oral, "" }, clerk(), ErrWrong},
		"a scan of an oral one": {func(a *Asked) { a.Way = Oral }, clerk(), ErrWrong},
		"a scan's hash":         {func(a *Asked) { a.Scan = "5C" }, clerk(), ErrWrong},
		"no such camera":        {func(a *Asked) { a.Wanted[0].Camera = "cellar" }, clerk(), ErrCamera},
		"the future":            {func(a *Asked) { a.Wanted[0].To = noon.Add(time.Second) }, clerk(), ErrFuture},
		"backwards":             {func(a *Asked) { a.Wanted[0].To = a.Wanted[0].From }, clerk(), ErrWrong},
		"two years":             {func(a *Asked) { a.Wanted[0].From = noon.AddDate(-2, 0, 0) }, clerk(), ErrWrong},
		"1800":                  {func(a *Asked) { a.Wanted[0].From = noon.AddDate(-226, 0, 0) }, clerk(), ErrWrong},
		"twice the same":        {func(a *Asked) { a.Wanted = append(a.Wanted, a.Wanted[0]) }, clerk(), ErrWrong},
		"too many":              {func(a *Asked) { a.Wanted = make([]Wanted, maxWanted+1) }, clerk(), ErrWrong},
		"a long number":         {func(a *Asked) { a.Case.Number = strings.Repeat("7", 10<<10) }, clerk(), ErrWrong},
		"a long name":           {func(a *Asked) { a.Applicant.Name = long }, clerk(), ErrWrong},
		"a long purpose":        {func(a *Asked) { a.Purpose = strings.Repeat("č", maxText+1) }, clerk(), ErrWrong},
		"a line break":          {func(a *Asked) { a.Applicant.Name = "Janez\nNovak" }, clerk(), ErrWrong},
		"another direction":     {func(a *Asked) { a.Purpose = "\u202etxet" }, clerk(), ErrWrong},
		"no text":               {func(a *Asked) { a.Remark = "\xff" }, clerk(), ErrWrong},
		"a kind of data":        {func(a *Asked) { a.Data = []Datum{"smell"} }, clerk(), ErrWrong},
		"a form":                {func(a *Asked) { a.Form = "e-mail" }, clerk(), ErrWrong},
		"tomorrow":              {func(a *Asked) { a.Received = noon.Add(time.Minute) }, clerk(), ErrWrong},
		"two years ago":         {func(a *Asked) { a.Received = noon.AddDate(-2, 0, 0) }, clerk(), ErrWrong},
		"a key without a token": {func(a *Asked) { a.Key = "0123456789abcdef" }, clerk(), ErrWrong},
		"a guard":               {func(*Asked) {}, session("guard", people.Guard), people.ErrNotAllowed},
		"another camera":        {func(*Asked) {}, session("ana", people.Caretaker, "yard"), people.ErrScope},
		"all cameras":           {func(a *Asked) { a.Wanted[0].Camera = "" }, session("ana", people.Caretaker, "hall", "yard", "gate"), people.ErrScope},
		"a person by token":     {func(a *Asked) { a.Way = Token }, clerk(), ErrWrong},
		"a token by paper":      {func(*Asked) {}, police("1"), ErrWrong},
	} {
		a := complete(Authority)
		c.change(&a)
		if _, err := r.Receive(t.Context(), c.who, a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if size := r.d.Head().Size; size != 1 || r.held(t) != 0 {
		t.Errorf("%d entries, %d holds", size, r.held(t))
	}
}

// Footage that is gone, or never was, keeps nobody from asking, and the request has to be answered.
func TestNothingToHold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Wanted = append(a.Wanted, Wanted{"gate", noon.Add(-time.Hour), noon}, Wanted{"hall", noon.AddDate(0, 0, -9), noon.AddDate(0, 0, -8)})
	got, err := r.Receive(t.Context(), clerk(), a)
	must(t, err)
	if len(got.Gone) != 2 || len(got.Request.Holds) != 1 || len(got.Request.Wanted) != 3 || r.body(t, got.Request.Entry).Data["gone"] != int64(2) {
		t.Errorf("gone %v, request %+v", got.Gone, got.Request)
	}
}

// The largest request that is taken fits into an entry, in letters of any width.
func TestLargest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, letter := range []string{"a", "č", "😀", `"`, "<"} {
		line, text := strings.Repeat(letter, maxLine), strings.Repeat(letter, maxText)
		c := Content{Applicant: Applicant{line, line, line, line, line, line}, Basis: "court-order", BasisText: line, Purpose: text, Case: Case{line, line, line},
			Data: Data, Form: Folder, Manner: line, Identity: line, Remark: text}
		for i := range maxWanted {
			c.Wanted = append(c.Wanted, Wanted{"gate", noon.Add(-time.Hour), noon.Add(-time.Duration(i) * time.Millisecond)})
		}
		got, err := r.Receive(t.Context(), clerk(), Asked{Kind: Authority, Way: Paper, Scan: scan, Content: c})
		must(t, err)
		if back, err := ContentOf(r.body(t, got.Request.Content)); err != nil || mustEncode(t, back) != mustEncode(t, c) {
			t.Errorf("what was entered in %q does not come back: %v", letter, err)
		}
	}
}

// An authority's token asks once, however often it sends the same; another token neither sees the request nor uses its key.
func TestToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Way, a.Scan, a.Key = Token, "", "0123456789abcdef"
	first, err := r.Receive(t.Context(), police("1"), a)
	must(t, err)
	size := r.d.Head().Size
	again, err := r.Receive(t.Context(), police("1"), a)
	must(t, err)
	if !again.Again || again.Request.ID != first.Request.ID || r.d.Head().Size != size || r.held(t) != 1 || first.Request.State != Complete || first.Request.Token != "token-1" {
		t.Errorf("first %+v, then %+v", first, again)
	}
	other := a
	other.Purpose = "preiskava tatvine koles"
	if _, err := r.Receive(t.Context(), police("1"), other); !errors.Is(err, ErrKey) {
		t.Errorf("another request under the same key: %v", err)
	}
	for _, key := range []string{"", "short", strings.Repeat("k", maxKey+1), "0123456789 abcdef", "0123456789abcdeč"} {
		other.Key = key
		if _, err := r.Receive(t.Context(), police("1"), other); !errors.Is(err, ErrWrong) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	second, err := r.Receive(t.Context(), police("2"), a)
	must(t, err)
	if second.Again || second.Request.ID == first.Request.ID {
		t.Error("a token uses the key of another one")
	}
	if _, err := r.OfToken(t.Context(), "token-2", first.Request.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("a token looks at the request of another one: %v", err)
	}
	if q, err := r.OfToken(t.Context(), "token-1", first.Request.ID); err != nil || q.ID != first.Request.ID {
		t.Errorf("a token looks at its own request: %v", err)
	}
	paper := r.receive(t, complete(Authority))
	if _, err := r.OfToken(t.Context(), "", paper.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("no token looks at a paper: %v", err)
	}
	if _, err := r.Receive(t.Context(), police("1", "yard"), a); !errors.Is(err, people.ErrScope) {
		t.Errorf("a token asks for a camera out of its scope: %v", err)
	}
	for who, want := range map[string]error{"2": ErrUnknown, "1": nil} {
		if _, err := r.Supplement(t.Context(), police(who), first.Request.ID, Supplemented{Content: other.Content}); !errors.Is(err, want) {
			t.Errorf("token %s supplements: %v", who, err)
		}
	}
	if r.contains(t, a.Key) {
		t.Error("the key is on the disk")
	}
}

// An urgent oral request can be approved; its paper has a deadline of its own.
func TestOral(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Way, a.Scan = Oral, ""
	q := r.receive(t, a)
	if q.State != Complete || !q.PaperPending || q.Signed {
		t.Fatalf("request %+v", q)
	}
	must(t, r.do(t, Approve, q))
	due, err := r.Due(t.Context())
	must(t, err)
	if !slices.ContainsFunc(due, func(d Due) bool { return d.What == Papers && !d.Late }) {
		t.Errorf("due: %+v", due)
	}
	r.now = noon.AddDate(0, 0, 4)
	due, err = r.Due(t.Context())
	must(t, err)
	if !slices.ContainsFunc(due, func(d Due) bool { return d.What == Papers && d.Late }) {
		t.Errorf("due days later: %+v", due)
	}
	if _, err := r.Scanned(t.Context(), clerk(), q.ID, "", ""); !errors.Is(err, ErrWrong) {
		t.Errorf("a paper without its hash: %v", err)
	}
	must(t, r.do(t, Scan, q))
	if q = r.request(t, q.ID); q.PaperPending || !q.Signed || q.State != Approved || r.body(t, q.Last).Data["scan"] != scan {
		t.Errorf("after the paper: %+v", q)
	}
	if err := r.do(t, Scan, q); !errors.Is(err, ErrStep) {
		t.Errorf("a second paper: %v", err)
	}
}

// What is supplemented makes a request complete from then on, holds what is new, and counts who brought it.
func TestSupplement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Purpose, a.Scan = "", ""
	q := r.receive(t, a)
	if q.State != Incomplete || !slices.Equal(q.Missing, []Field{NoSignature, NoPurpose}) || !q.Completed.IsZero() {
		t.Fatalf("request %+v", q)
	}
	if err := r.do(t, Approve, q); !errors.Is(err, ErrStep) {
		t.Errorf("an incomplete request is approved: %v", err)
	}
	r.now = noon.Add(24 * time.Hour)
	full := Supplemented{Content: complete(Authority).Content, Scan: scan}
	full.Wanted = append(full.Wanted, Wanted{"yard", noon.Add(-time.Hour), noon})
	got, err := r.Supplement(t.Context(), session("borut", people.Caretaker), q.ID, full)
	must(t, err)
	now := got.Request
	if now.State != Complete || !now.Completed.Equal(r.now) || len(now.Holds) != 2 || len(now.Wanted) != 2 || len(got.Held) != 1 || !slices.Equal(now.Entrants, []string{"ana", "borut"}) {
		t.Errorf("request %+v", now)
	}
	r.now = noon.Add(48 * time.Hour)
	full.Basis, full.BasisText, full.Scan = "court-order", "I Kpd 1/2026", ""
	got, err = r.Supplement(t.Context(), clerk(), q.ID, full)
	must(t, err)
	if got.Request.Completed.Equal(r.now) || len(got.Held) != 2 || len(got.Request.Holds) != 4 || len(got.Request.Entrants) != 2 {
		t.Errorf("with an order of a court: %+v", got.Request)
	}
	for _, wrongTime := range []time.Time{q.Received.Add(-1), r.now.Add(1)} {
		late := full
		late.Received = wrongTime
		if _, err := r.Supplement(t.Context(), clerk(), q.ID, late); !errors.Is(err, ErrWrong) {
			t.Errorf("supplemented at %s: %v", wrongTime, err)
		}
	}
	before, size := got.Request, r.d.Head().Size
	full.Purpose = ""
	if _, err := r.Supplement(t.Context(), clerk(), q.ID, full); !errors.Is(err, ErrWrong) || !strings.Contains(err.Error(), "the purpose") {
		t.Errorf("what was complete is to lack a purpose: %v", err)
	}
	if now := r.request(t, q.ID); now.State != Complete || !now.Completed.Equal(before.Completed) || now.Last != before.Last || r.d.Head().Size != size {
		t.Errorf("its term begins anew: %+v", now)
	}
	if _, err := r.Supplement(t.Context(), session("ana", people.Caretaker, "hall"), q.ID, Supplemented{Content: complete(Authority).Content}); !errors.Is(err, people.ErrScope) {
		t.Errorf("by who does not see all that it asked for: %v", err)
	}
}

// The diary fails, or the power goes, at each entry of a request that comes in: what is held stays held, there is no request
// that is half there, and it can be entered again.
func TestCrash(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is sick")
	for _, c := range []struct {
		name          string
		op            string
		before, after error
		holds         int  // of two
		there         bool // the request
	}{
		{"before the holds", "hold.set", broken, nil, 0, false},
		{"between hold and entry", opReceive, broken, nil, 2, false},
		{"after the entry", opReceive, nil, diary.ErrUncertain, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			a := complete(Authority)
			a.Way, a.Scan, a.Key = Token, "", "0123456789abcdef"
			a.Wanted = append(a.Wanted, Wanted{"yard", noon.Add(-time.Hour), noon})
			r.d.fails = func(op string) (error, error) {
				if op == c.op {
					return c.before, c.after
				}
				return nil, nil
			}
			_, err := r.Receive(t.Context(), police("1"), a)
			if want := cmp.Or(c.before, c.after); !errors.Is(err, want) {
				t.Fatalf("receiving: %v", err)
			}
			if c.holds > 0 && !strings.Contains(err.Error(), "is held all the same") {
				t.Errorf("nothing is said of the holds: %v", err)
			}
			r.restart(t)
			list, err := r.Requests(t.Context())
			must(t, err)
			if (len(list) == 1) != c.there || r.held(t) != c.holds {
				t.Fatalf("%d requests, %d holds", len(list), r.held(t))
			}
			got, err := r.Receive(t.Context(), police("1"), a)
			must(t, err)
			if got.Again != c.there || len(got.Request.Holds) != 2 {
				t.Errorf("entered again: %+v", got)
			}
		})
	}
}

// The second hold of a request fails: the first stands, and the request is not there.
func TestCrashBetweenHolds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Wanted = append(a.Wanted, Wanted{"yard", noon.Add(-time.Hour), noon})
	set := 0
	r.d.fails = func(op string) (error, error) {
		if set++; set == 2 {
			return diary.ErrClosed, nil
		}
		return nil, nil
	}
	if _, err := r.Receive(t.Context(), clerk(), a); !errors.Is(err, diary.ErrClosed) || !strings.Contains(err.Error(), "yard can't be held") {
		t.Errorf("receiving: %v", err)
	}
	list, err := r.Requests(t.Context())
	must(t, err)
	if len(list) != 0 || r.held(t) != 1 {
		t.Errorf("%d requests, %d holds", len(list), r.held(t))
	}
}
