package disclosure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

// Who entered a request, or could have, does not approve it; with a written reason he does, and that is said for good.
func TestFourEyes(t *testing.T) {
	t.Parallel()
	both := head()
	for _, c := range []struct {
		name   string
		enters people.Session
		makers makers
		single bool
	}{
		{"two persons", clerk(), nil, false},
		{"one person", both, nil, true},
		{"the approver made the account", clerk(), makers{"ana": {"head"}}, true},
		{"and another one did, too", clerk(), makers{"ana": {"someone", "head"}}, true},
		{"another one made it", clerk(), makers{"ana": {"someone"}}, false},
		{"one made both", clerk(), makers{"ana": {"someone"}, "head": {"someone"}}, false},
		{"one made both, through another account", clerk(), makers{"ana": {"puppet"}, "puppet": {"someone"}, "head": {"other", "someone"}}, false},
		{"who entered it made the approver's", clerk(), makers{"head": {"ana"}}, true},
		{"through another account", clerk(), makers{"head": {"puppet"}, "puppet": {"ana"}}, true},
		{"through two, the other way round", clerk(), makers{"ana": {"one", "someone"}, "one": {"two"}, "two": {"one", "head"}}, true},
		{"an account that made itself", clerk(), makers{"ana": {"ana"}, "head": {"head"}}, false},
		{"an approver who entered it", session("other", people.Approver), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.Accounts = c.makers
			got, err := r.Receive(t.Context(), c.enters, complete(Authority))
			must(t, err)
			q := got.Request
			reason := Approval{Content: q.Content, Single: "nihče drug ni pooblaščen", Remark: "preverjeno"}
			if c.single {
				if err := r.do(t, Approve, q); !errors.Is(err, ErrFourEyes) {
					t.Errorf("without a reason: %v", err)
				}
			} else if _, err := r.Approve(t.Context(), both, q.ID, reason); !errors.Is(err, ErrWrong) {
				t.Errorf("with a reason that nobody needs: %v", err)
			}
			if !c.single {
				reason.Single = ""
			}
			_, err = r.Approve(t.Context(), both, q.ID, reason)
			must(t, err)
			q = r.request(t, q.ID)
			body := r.body(t, q.Last)
			if both := strings.HasPrefix(c.name, "one made both"); (body.Data["accounts_by"] == "someone") != both || !both && body.Data["accounts_by"] != nil {
				t.Errorf("who made both accounts: %v", body.Data["accounts_by"])
			}
			if q.State != Approved || q.Single != c.single || body.Data["single_handed"] != yes(c.single) || (body.Data["single_reason"] == nil) == c.single || body.Note != "preverjeno" {
				t.Errorf("request %+v, entry %+v", q, body)
			}
		})
	}
}

// A supplement makes whoever brings it one of those who entered the request.
func TestFourEyesSupplement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.receive(t, complete(Authority))
	got, err := r.Supplement(t.Context(), head(), q.ID, Supplemented{Content: complete(Authority).Content})
	must(t, err)
	if err := r.do(t, Approve, got.Request); !errors.Is(err, ErrFourEyes) {
		t.Errorf("approved by who supplemented it: %v", err)
	}
}

// Nobody approves what he has not read: the clerk puts other footage of another applicant into the request after the approver
// has opened it.
func TestApproveAsRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.receive(t, complete(Authority))
	c := complete(Authority).Content
	c.Applicant.Name, c.Wanted = "Nekdo Drug", []Wanted{{"", noon.AddDate(0, 0, -300), noon.Add(-time.Hour)}}
	_, err := r.Supplement(t.Context(), clerk(), q.ID, Supplemented{Content: c})
	must(t, err)
	now, size := r.request(t, q.ID), r.d.Head().Size
	for content, want := range map[int64]error{q.Content: ErrMeanwhile, now.Content + 1: ErrMeanwhile, 0: ErrWrong, -1: ErrWrong} {
		if _, err := r.Approve(t.Context(), head(), q.ID, Approval{Content: content}); !errors.Is(err, want) {
			t.Errorf("read in entry %d: %v, want %v", content, err, want)
		}
	}
	if r.d.Head().Size != size {
		t.Error("a refused approval was entered")
	}
	_, err = r.Approve(t.Context(), head(), q.ID, Approval{Content: now.Content})
	must(t, err)
	if body := r.body(t, r.request(t, q.ID).Last); body.Data["content_entry"] != now.Content {
		t.Errorf("the entry says %+v", body.Data)
	}
}

// Why one person alone approves is said in words that somebody can read.
func TestSingleSays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got, err := r.Receive(t.Context(), head(), complete(Authority))
	must(t, err)
	q := got.Request
	for _, reason := range []string{".", "x", "\u00a0\u3164", strings.Repeat("\u3164", 20), strings.Repeat("- ", 20), "mudi se"} {
		if _, err := r.Approve(t.Context(), head(), q.ID, Approval{Content: q.Content, Single: reason}); !errors.Is(err, ErrWrong) {
			t.Errorf("for the reason %q: %v", reason, err)
		}
	}
	_, err = r.Approve(t.Context(), head(), q.ID, Approval{Content: q.Content, Single: "zelo se mudi"})
	must(t, err)
}

// An approval that can't be looked into is none.
func TestFourEyesUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.receive(t, complete(Authority))
	broken := errors.New("the disk is sick")
	r.Accounts = failing{broken}
	if _, err := r.Approve(t.Context(), head(), q.ID, Approval{Content: q.Content, Single: "mudi se, ker rok teče"}); !errors.Is(err, broken) {
		t.Errorf("approved though nobody knows who made the accounts: %v", err)
	}
}

type failing struct{ error }

func (f failing) Makers(context.Context, string) ([]people.Maker, error) { return nil, f.error }

// Refusal, silence and withdrawal leave the hold, until the approver releases it.
func TestHoldOutlives(t *testing.T) {
	t.Parallel()
	for _, state := range []State{Refused, Silent, Withdrawn, Confirmed} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			q := r.by(t, Authority, state)
			if r.held(t) != 1 {
				t.Fatal("the hold is gone")
			}
			if _, err := r.Release(t.Context(), clerk(), q.ID, "dovolj"); !errors.Is(err, people.ErrNotAllowed) {
				t.Errorf("released by a caretaker: %v", err)
			}
			r.now = noon.AddDate(0, 0, 60)
			due, err := r.Due(t.Context())
			must(t, err)
			if len(due) != 1 || due[0].What != Holding || !due[0].Late {
				t.Errorf("due: %+v", due)
			}
			must(t, r.do(t, Release, q))
			if r.held(t) != 0 {
				t.Error("the hold is there after its release")
			}
			if due, err = r.Due(t.Context()); err != nil || len(due) != 0 {
				t.Errorf("due after the release: %+v, %v", due, err)
			}
			for _, step := range Steps {
				if err := r.do(t, step, q); err == nil {
					t.Errorf("%s after the release", step)
				}
			}
		})
	}
}

// A release is cut off between its entry and the holds, and goes on when it is called again.
func TestReleaseCutOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Wanted = append(a.Wanted, Wanted{"yard", noon.Add(-time.Hour), noon})
	q := r.receive(t, a)
	must(t, r.do(t, Refuse, q))
	broken := errors.New("the disk is sick")
	for _, c := range []struct {
		good, holds int // of the entries that a release makes: so many are written before one fails
		released    bool
	}{{0, 2, false}, {1, 2, true}, {1, 1, true}} {
		written := 0
		r.d.fails = func(string) (error, error) {
			if written++; written > c.good {
				return broken, nil
			}
			return nil, nil
		}
		if err := r.do(t, Release, q); !errors.Is(err, broken) {
			t.Fatalf("cut off: %v", err)
		}
		r.restart(t)
		if got := r.request(t, q.ID); r.held(t) != c.holds || got.Released != c.released {
			t.Fatalf("after %d entries: %d holds, released %v", c.good, r.held(t), got.Released)
		}
		due, err := r.Due(t.Context())
		must(t, err)
		if len(due) != 1 || due[0].What != Holding {
			t.Errorf("due: %+v", due)
		}
	}
	must(t, r.do(t, Release, q))
	if r.held(t) != 0 {
		t.Error("a hold is left")
	}
	if err := r.do(t, Release, q); !errors.Is(err, ErrReleased) {
		t.Errorf("released twice: %v", err)
	}
}

// Silence is entered on day 16, or on the day after the next working day, and never before; nor where no term runs.
func TestSilence(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	for _, c := range []struct {
		kind Kind
		step Step
		last string // day with which the term ends; "" for none
	}{
		{Authority, "", "2026-12-07"}, {Other, "", "2026-12-07"}, {Subject, "", "2026-12-22"}, {Own, "", ""},
		{Authority, Extend, "2027-01-01"}, {Authority, FollowLaw, ""}, {Authority, Approve, ""}, {Subject, Extend, "2027-01-01"},
	} {
		r := newRig(t)
		q := r.receive(t, complete(c.kind))
		if c.step != "" {
			must(t, r.do(t, c.step, q))
		}
		if c.last == "" {
			if got, err := r.Silence(t.Context(), noon.AddDate(2, 0, 0)); err != nil || len(got) != 0 {
				t.Errorf("%s after %q: %+v, %v", c.kind, c.step, got, err)
			}
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, c.last, zone)
		must(t, err)
		end := day.AddDate(0, 0, 1)
		if got, err := r.Silence(t.Context(), end.Add(-1)); err != nil || len(got) != 0 {
			t.Errorf("%s after %q, before its end: %+v, %v", c.kind, c.step, got, err)
		}
		if got, err := r.Silence(t.Context(), end); err != nil || len(got) != 1 || got[0].ID != q.ID {
			t.Errorf("%s after %q, at its end: %+v, %v", c.kind, c.step, got, err)
		}
		q = r.request(t, q.ID)
		if body := r.body(t, q.Last); q.State != Silent || body.Actor != nil || body.Data["due"] != c.last {
			t.Errorf("%s: %+v, entry %+v", c.kind, q, body)
		}
		if got, err := r.Silence(t.Context(), end.AddDate(0, 1, 0)); err != nil || len(got) != 0 {
			t.Errorf("%s: silence twice: %+v, %v", c.kind, got, err)
		}
	}
}

// An extension is agreed in time, for a day that is later and not too far.
func TestExtend(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.receive(t, complete(Authority)) // until 7 December
	for name, c := range map[string]struct {
		day    time.Time
		agreed string
	}{
		"sooner":    {noon.AddDate(0, 0, 14), "po telefonu"},
		"passed":    {noon.AddDate(0, 0, -1), "po telefonu"},
		"far":       {noon.AddDate(1, 0, 1), "po telefonu"},
		"no words":  {noon.AddDate(0, 0, 20), " "},
		"much text": {noon.AddDate(0, 0, 20), strings.Repeat("a", maxText+1)},
	} {
		if _, err := r.Extend(t.Context(), head(), q.ID, c.day, c.agreed); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, r.do(t, Extend, q))
	if d, ok := r.request(t, q.ID).Deadline(r.Zone); !ok || d.Rule != Agreed || d.Ends.Format(time.DateOnly) != "2027-01-01" || d.Moved() {
		t.Errorf("deadline %+v", d)
	}
	r.now = noon.AddDate(0, 0, 50)
	if err := r.do(t, Extend, q); !errors.Is(err, ErrWrong) {
		t.Errorf("extended after its end: %v", err)
	}
}

// What nobody decided in time can still be decided, late.
func TestLate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Silent)
	must(t, r.do(t, Approve, q))
	must(t, r.do(t, Build, q))
	must(t, r.do(t, Refuse, q)) // taken back
	if q = r.request(t, q.ID); q.Package != "" || len(q.Delivered) != 0 {
		t.Errorf("refused with a package: %+v", q)
	}
}

// Of many who decide at once, one does.
func TestTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.receive(t, complete(Authority))
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wait.Go(func() {
			if i%2 == 0 {
				errs[i] = r.do(t, Approve, q)
			} else {
				errs[i] = r.do(t, Withdraw, q)
			}
		})
	}
	wait.Wait()
	approved := 0
	for i, err := range errs {
		if err == nil && i%2 == 0 {
			approved++
		}
		if err != nil && !errors.Is(err, ErrMeanwhile) && !errors.Is(err, ErrStep) {
			t.Error(err)
		}
	}
	got := r.request(t, q.ID)
	steps := int(r.d.Head().Size - q.Entry - 1)
	if done := count(errs, nil); steps != done || approved > 1 || got.State != Withdrawn && got.State != Approved {
		t.Errorf("%d steps are entered, %d succeeded, %d approvals; it is %s", steps, done, approved, got.State)
	}
}

func count(errs []error, want error) (n int) {
	for _, err := range errs {
		if errors.Is(err, want) {
			n++
		}
	}
	return n
}

// Only what was asked for is delivered, what was built is handed over, and whoever takes it is warned.
func TestDeliver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Approved)
	part := Wanted{"hall", q.Wanted[0].From.Add(time.Minute), q.Wanted[0].To}
	for name, p := range map[string]Packed{
		"nothing":        {Manifest: scan},
		"no hash":        {Manifest: "5c", Delivered: q.Wanted},
		"another camera": {Manifest: scan, Delivered: []Wanted{{"yard", part.From, part.To}}},
		"any camera":     {Manifest: scan, Delivered: []Wanted{{"", part.From, part.To}}},
		"more":           {Manifest: scan, Delivered: []Wanted{{"hall", part.From, part.To.Add(Tail + time.Second)}}},
		"too early":      {Manifest: scan, Delivered: []Wanted{{"hall", q.Wanted[0].From.Add(-Lead - time.Second), part.To}}},
	} {
		if _, err := r.Built(t.Context(), q.ID, p); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := r.Built(t.Context(), q.ID, Packed{Manifest: scan, Entry: 7, Delivered: []Wanted{part}})
	must(t, err)
	good := Handing{Recipient: "Janez Novak", Known: "službena izkaznica", Medium: "USB 7", Manifest: scan, Warned: true}
	for name, change := range map[string]func(*Handing){
		"to nobody":       func(h *Handing) { h.Recipient = "" },
		"to a stranger":   func(h *Handing) { h.Known = "" },
		"on nothing":      func(h *Handing) { h.Medium = "" },
		"another package": func(h *Handing) { h.Manifest = strings.Repeat("00", 32) },
		"without warning": func(h *Handing) { h.Warned = false },
	} {
		h := good
		change(&h)
		if _, err := r.HandOver(t.Context(), clerk(), q.ID, h); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, r.do(t, HandOver, q))
	q = r.request(t, q.ID)
	if body := r.body(t, q.Handover); q.Handover != q.Last || body.Recipient != "Janez Novak" || body.Data["warned"] != "yes" || !slices.Equal(q.Delivered, []Wanted{part}) {
		t.Errorf("handed over %+v, entry %+v", q, body)
	}
}

// A package that dies before anybody takes it can be built again.
func TestExpire(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Built)
	must(t, r.do(t, Expire, q))
	if q = r.request(t, q.ID); q.State != Approved || q.Package != "" || len(q.Delivered) != 0 {
		t.Errorf("expired: %+v", q)
	}
	must(t, r.do(t, Build, q))
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

// The diary fails, or nobody knows whether it did, at every step: the request is as it was, or as it is to be, and the step
// can be done or is refused as done.
func TestCrashAtEveryStep(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is sick")
	r := newRig(t)
	for _, step := range Steps {
		if step == Scan || step == Show {
			continue // they need a request of their own
		}
		q := r.by(t, Authority, course[step].from[0])
		for _, c := range []struct{ before, after error }{{broken, nil}, {nil, diary.ErrUncertain}} {
			r.d.fails = func(op string) (error, error) {
				if op == course[step].op {
					return c.before, c.after
				}
				return nil, nil
			}
			if err := r.do(t, step, q); !errors.Is(err, broken) && !errors.Is(err, diary.ErrUncertain) {
				t.Fatalf("%s: %v", step, err)
			}
			r.restart(t)
			got := r.request(t, q.ID)
			if (got.Last == q.Last) != (c.before != nil) || c.before != nil && got.State != q.State {
				t.Errorf("%s, %v: it is %+v, was %+v", step, errors.Join(c.before, c.after), got, q)
			}
		}
		got := r.request(t, q.ID)
		if to := course[step].to; to != "" && got.State != to || r.leaf(t, got.Last).Op != course[step].op {
			t.Errorf("%s: it is %s", step, got.State)
		}
		r.clear(t, got)
	}
}

// Of a request for all cameras each is delivered by its name, and has its mark.
func TestAllCameras(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Wanted[0].Camera = ""
	q := r.receive(t, a)
	must(t, r.do(t, Approve, q))
	if err := r.do(t, Build, q); !errors.Is(err, ErrWrong) {
		t.Errorf("all cameras are delivered without a name: %v", err)
	}
	yard := Wanted{"yard", q.Wanted[0].From, q.Wanted[0].To}
	_, err := r.Built(t.Context(), q.ID, Packed{Manifest: scan, Entry: 7, Delivered: []Wanted{yard}})
	must(t, err)
	must(t, r.do(t, HandOver, q))
	for camera, want := range map[string]int{"yard": 1, "hall": 0, "": 0} {
		if marks, err := r.Marks(t.Context(), camera, yard.From, yard.To); err != nil || len(marks) != want {
			t.Errorf("marks of %q: %+v, %v", camera, marks, err)
		}
	}
	if body := r.body(t, q.Entry); body.Objects[0].Camera != "*" {
		t.Errorf("the entry is about %+v", body.Objects)
	}
}
