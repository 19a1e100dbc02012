package disclosure

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// enters writes an entry as the door does.
func (r *rig) enters(t testing.TB, op string, ref int64, by string, list []Wanted, data map[string]any, result string) int64 {
	t.Helper()
	b := proof.Body{Objects: objects(list), Data: data, Result: result}
	if by != "" {
		b.Actor = &proof.Actor{ID: by, Name: by}
	}
	receipt, err := r.d.Append(t.Context(), diary.Entry{Op: op, Ref: &ref, Body: b}, nil)
	must(t, err)
	return receipt.Index
}

// viewed is a viewing by which somebody showed footage for a request.
func (r *rig) viewed(t testing.TB, q Request, by string, list []Wanted) int64 {
	t.Helper()
	entry := r.enters(t, opViewStart, q.Entry, by, q.Wanted, map[string]any{"request": q.ID, "showing": "yes"}, "")
	r.enters(t, opViewEnd, entry, by, list, map[string]any{"request": q.ID}, "reported")
	return entry
}

// What is entered as shown is what a viewing delivered that the same person opened for this request, and that has ended.
func TestShownByViewing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Subject)
	a.Form = View
	a.Wanted = append(a.Wanted, Wanted{"yard", noon.Add(-3 * time.Hour), noon.Add(-2 * time.Hour)})
	q, other := r.receive(t, a), r.receive(t, a)
	must(t, r.do(t, Approve, q))
	must(t, r.do(t, Approve, other))
	hall, part := q.Wanted[0], Wanted{"hall", q.Wanted[0].From.Add(10 * time.Minute), q.Wanted[0].From.Add(20 * time.Minute)}
	wide := Wanted{"hall", hall.From.Add(-15 * time.Second), hall.From.Add(5 * time.Minute)} // back to a key frame
	started := func(by string, data map[string]any) int64 {
		return r.enters(t, opViewStart, q.Entry, by, []Wanted{part}, data, "")
	}
	showing := map[string]any{"showing": "yes"}
	running := started("ana", showing)
	cut := started("ana", showing)
	r.enters(t, opViewMore, cut, "ana", []Wanted{wide}, nil, "")
	r.enters(t, opViewEnd, cut, "", nil, nil, interrupted)
	deciding := started("ana", nil)
	r.enters(t, opViewEnd, deciding, "ana", []Wanted{part}, nil, "reported")
	tries := map[string]struct {
		viewing int64
		footage []Wanted
		why     string
	}{
		"goes on":           {running, nil, "goes on"},
		"somebody else's":   {r.viewed(t, q, "borut", []Wanted{part}), nil, "no viewing of yours"},
		"another request's": {r.viewed(t, other, "ana", []Wanted{part}), nil, "no viewing of yours"},
		"to decide":         {deciding, nil, "no viewing of yours"},
		"no viewing":        {q.Entry, nil, "no viewing of yours"},
		"yet to come":       {1 << 40, nil, "no viewing of yours"},
		"saw nothing":       {r.viewed(t, q, "ana", nil), nil, "nothing that was asked for"},
		"saw something else": {r.viewed(t, q, "ana", []Wanted{{"hall", noon.Add(-time.Hour), noon}, {"gate", hall.From, hall.To}}),
			nil, "nothing that was asked for"},
		"not that camera":     {r.viewed(t, q, "ana", []Wanted{part}), []Wanted{{"yard", noon.Add(-3 * time.Hour), noon.Add(-2 * time.Hour)}}, "nothing was seen of yard"},
		"not that time":       {r.viewed(t, q, "ana", []Wanted{part}), []Wanted{{"hall", part.To, part.To.Add(time.Minute)}}, "nothing was seen of hall"},
		"more than was asked": {r.viewed(t, q, "ana", []Wanted{part}), []Wanted{{"hall", hall.From.Add(-time.Minute), hall.To}}, "not asked for"},
	}
	said := Showing{Recipient: "Janez Novak", Known: "osebna izkaznica", Warned: true}
	for name, try := range tries {
		said.Viewing, said.Footage = try.viewing, try.footage
		size := r.d.Head().Size
		if _, err := r.Shown(t.Context(), clerk(), q.ID, said); !errors.Is(err, ErrWrong) || !strings.Contains(err.Error(), try.why) {
			t.Errorf("%s: %v", name, err)
		}
		if r.d.Head().Size != size {
			t.Errorf("%s: something was entered", name)
		}
	}
	list, err := r.Viewings(t.Context(), clerk(), q)
	must(t, err)
	for _, v := range list {
		if good := v.Usable() == nil; v.Entry == running && (good || v.Ended) || v.Entry == cut && !good || v.Entry == deciding {
			t.Errorf("listed: %+v", v)
		}
	}
	if len(list) < 4 || !slices.IsSortedFunc(list, func(a, b Viewed) int { return int(b.Entry - a.Entry) }) {
		t.Errorf("listed: %+v", list)
	}
	said.Viewing, said.Footage = cut, nil
	_, err = r.Shown(t.Context(), clerk(), q.ID, said)
	must(t, err)
	// A crash ended it: its leases bound what was seen, as far as it was asked for.
	want := []Wanted{{"hall", hall.From, hall.From.Add(5 * time.Minute)}, part}
	if got := r.request(t, q.ID); !slices.Equal(got.Delivered, want) || got.State != HandedOver {
		t.Errorf("shown: %+v", got.Delivered)
	}
	said.Viewing, said.Footage = r.viewed(t, other, "ana", []Wanted{wide, part}), []Wanted{hall}
	_, err = r.Shown(t.Context(), clerk(), other.ID, said)
	must(t, err)
	if got := r.request(t, other.ID); !slices.Equal(got.Delivered, want) {
		t.Errorf("of all of the hall was seen: %+v", got.Delivered)
	}
	r.restart(t)
}

// While the diary is locked nobody knows what was shown: it can't be entered, and says so.
func TestShownLocked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Subject)
	a.Form = Masked
	q := r.receive(t, a)
	must(t, r.do(t, Approve, q))
	seen := r.viewed(t, q, "ana", q.Wanted)
	r.Opener = func() (Opener, error) { return nil, people.ErrLocked }
	_, err := r.Shown(t.Context(), clerk(), q.ID, Showing{Recipient: "Janez Novak", Known: "osebna izkaznica", Viewing: seen, Warned: true})
	if !errors.Is(err, people.ErrLocked) {
		t.Error(err)
	}
}
