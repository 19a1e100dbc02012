package disclosure

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// madeBy are who made which account, in the entries of the diary.
type madeBy map[string][]people.Maker

func (m madeBy) Makers(_ context.Context, account string) ([]people.Maker, error) {
	return m[account], nil
}

// Four eyes go by the order of the entries and by what is certain of the present, not by what a clock showed at one moment: the clock
// of an appliance that was switched on without one, was set forward or back makes no account older than it is.
func TestFourEyesClock(t *testing.T) {
	t.Parallel()
	since1970 := noon.Sub(time.Date(1970, 1, 1, 0, 1, 0, 0, time.UTC))
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		before  time.Duration // how long before noon the last entry before was written
		showed  time.Duration // how long before noon the clock showed when the account was made
		after   time.Duration // and the next entry
		now     time.Duration // how long after noon the clock shows now
		certain time.Duration // the same of what is certain; never: none
		lately  bool
	}{
		"yesterday":                           {2 * day, day, day, 0, 0, true},
		"40 days ago":                         {50 * day, 40 * day, 39 * day, 0, 0, false},
		"29 days ago":                         {50 * day, 29 * day, 28 * day, 0, 0, true},
		"booted in 1970":                      {2 * day, since1970, day, 0, 0, true},
		"booted in 1970, long ago":            {50 * day, since1970, 49 * day, 0, 0, false},
		"set back 40 days then":               {2 * day, 42 * day, day, 0, 0, true},
		"set forward since then":              {2 * day, day, day, 400 * day, 0, true},
		"set forward then":                    {50 * day, -3650 * day, 49 * day, 0, 0, false},
		"set forward then, lately":            {2 * day, -3650 * day, day, 0, 0, true},
		"set forward then, and nothing since": {50 * day, -3650 * day, -3650 * day, 0, 0, true},
		"set back 40 days now":                {2 * day, day, day, -40 * day, 0, true},
		"set back now, made 40 days ago":      {50 * day, 40 * day, 39 * day, -10 * day, 0, false},
		"in 1970 now":                         {2 * day, day, day, -since1970, 0, true},
		"in 1970 now, made 40 days ago":       {50 * day, 40 * day, 39 * day, -since1970, 0, false},
		"nobody has confirmed the clock":      {500 * day, 400 * day, 399 * day, 0, never, true},
		"certain lags behind":                 {50 * day, 40 * day, 39 * day, 0, -20 * day, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRigAt(t, noon.Add(-600*day))
			writes := func(before time.Duration) int64 {
				r.now = noon.Add(-before)
				receipt, err := r.d.Append(t.Context(), diary.Entry{Op: "person.add", Body: proof.Body{}}, nil)
				must(t, err)
				return receipt.Index
			}
			writes(c.before)
			made := writes(c.showed)
			writes(c.after)
			r.Accounts = madeBy{"ana": {{ID: "head", Entry: made}}}
			r.now, r.Certain = noon.Add(c.now), func() time.Time { return noon.Add(c.certain) }
			if c.certain == never {
				r.Certain = func() time.Time { return time.Time{} }
			}
			q := Request{Entrants: []string{"ana"}}
			for range 2 { // looked up, and remembered
				err := r.fourEyes(t.Context(), q, "head")
				if errors.Is(err, ErrFourEyes) != c.lately || err != nil && !c.lately {
					t.Error(err)
				}
				if err != nil && strings.Contains(err.Error(), "nobody has confirmed") != (c.certain == never) {
					t.Error(err)
				}
			}
		})
	}
}

// never stands for a present of which nothing is certain.
const never = -1 << 62

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
