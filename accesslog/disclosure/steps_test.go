package disclosure

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/people"
)

// What was done with a request is told in order, with where the scans of its papers lie, after a restart, too; a scan that
// nobody has is refused before anything is held.
func TestWhatWasDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lies := map[string]Stored{scan: {"here", "application/pdf"}}
	papers := func(hash string) (Stored, bool) { s, ok := lies[hash]; return s, ok }
	r.Papers = papers
	lost := complete(Authority)
	lost.Scan = strings.Repeat("77", 32)
	if _, err := r.Receive(t.Context(), clerk(), lost); !errors.Is(err, ErrWrong) || r.held(t) != 0 {
		t.Errorf("a scan that nobody has: %v, %d holds", err, r.held(t))
	}
	first := complete(Authority)
	first.Case.Number = ""
	q := r.receive(t, first)
	delete(lies, scan) // it is named now
	if _, err := r.Supplement(t.Context(), clerk(), q.ID, Supplemented{Content: complete(Authority).Content, Scan: scan}); err != nil {
		t.Errorf("the scan that a step names already: %v", err)
	}
	must(t, r.do(t, Approve, r.request(t, q.ID)))
	oral := complete(Authority)
	oral.Way, oral.Scan = Oral, ""
	other := r.receive(t, oral)
	r.restart(t)
	r.Papers = papers
	if _, err := r.Scanned(t.Context(), clerk(), other.ID, "", lost.Scan); !errors.Is(err, ErrWrong) || !r.request(t, other.ID).PaperPending {
		t.Errorf("a paper whose scan nobody has: %v", err)
	}
	lies[lost.Scan] = Stored{"there", "image/png"}
	_, err := r.Scanned(t.Context(), clerk(), other.ID, "prinesel policist", lost.Scan)
	must(t, err)
	list, err := r.Course(t.Context(), q.ID)
	must(t, err)
	var told []string
	for _, d := range list {
		if d.Request != q.ID || !d.At.Equal(noon) || r.leaf(t, d.Entry).Op != d.Op {
			t.Errorf("%+v", d)
		}
		told = append(told, d.Op+" "+d.Place)
	}
	if want := []string{"request.receive here", "request.supplement here", "request.approve "}; !slices.Equal(told, want) {
		t.Errorf("%q, not %q", told, want)
	}
	named, err := r.Scans(t.Context())
	if must(t, err); len(named) != 3 || named[2].Place != "there" || named[2].Media != "image/png" {
		t.Errorf("%+v", named)
	}
}

// Who may see a request, and look at its footage to decide on it: whoever handles all of its cameras, whoever reads the diary,
// and the token that filed it.
func TestSees(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Way, a.Scan, a.Key = Token, "", "0123456789abcdef"
	got, err := r.Receive(t.Context(), police("1"), a)
	must(t, err)
	q := got.Request
	for name, tt := range map[string]struct {
		s        people.Session
		sees     error
		previews bool
	}{
		"the caretaker":        {clerk(), nil, false},
		"the head":             {head(), nil, true},
		"a head of elsewhere":  {session("other", people.Approver, "yard"), nil, false}, // who reads the diary
		"a caretaker there":    {session("other", people.Caretaker, "yard"), people.ErrScope, false},
		"the auditor":          {session("nina", people.Auditor), nil, false},
		"the maintainer":       {session("max", people.Maintainer), people.ErrNotAllowed, false},
		"the token":            {police("1"), nil, false},
		"another token":        {police("2"), ErrUnknown, false},
		"the token of another": {police("3", "yard"), ErrUnknown, false},
	} {
		if err := r.Sees(tt.s, q); !errors.Is(err, tt.sees) || tt.sees == nil && err != nil {
			t.Errorf("%s: %v, not %v", name, err, tt.sees)
		}
		if got := r.Previews(tt.s, q); got != tt.previews {
			t.Errorf("%s looks at it: %v", name, got)
		}
	}
	if err := r.Able(t.Context(), police("1"), q, Withdraw); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("the token withdraws: %v", err)
	}
	if err := r.Able(t.Context(), head(), q, Lapse); !errors.Is(err, ErrStep) {
		t.Errorf("the head makes it lapse: %v", err)
	}
}

// There is a letter in the state that it is about, and in no other.
func TestWrites(t *testing.T) {
	t.Parallel()
	for _, state := range States {
		q := Request{State: state}
		if state == Incomplete {
			q.Missing = []Field{NoNumber}
		}
		for letter, in := range map[string]State{"missing": Incomplete, "refusal": Refused, "extension": Extended, "other": ""} {
			if err := q.Writes(letter); (err == nil) != (state == in) || err != nil && !errors.Is(err, ErrStep) {
				t.Errorf("%s while it is %s: %v", letter, state, err)
			}
		}
	}
}
