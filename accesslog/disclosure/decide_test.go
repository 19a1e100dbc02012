package disclosure

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

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
