package packing

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/packing/sealed"
)

// ordered is an approved request of a court for the film: what it holds is kept past its term.
func (r *rig) ordered(t *testing.T) disclosure.Request {
	t.Helper()
	got, err := r.requests.Receive(t.Context(), clerk(), disclosure.Asked{Kind: disclosure.Authority, Way: disclosure.Paper, Scan: hex.EncodeToString(make([]byte, 32)), Content: disclosure.Content{
		Applicant: disclosure.Applicant{Name: "Okrožno sodišče", Address: "Cesta 1, 1000 Ljubljana", Register: "1234567000", Signatory: "Janez Novak", Rank: "sodnik"},
		Basis:     "court-order", BasisText: "Kpr 1/2026", Purpose: "preiskava", Case: disclosure.Case{Subject: "tatvina", Number: "2302-55/2026", Body: "OS"},
		Wanted: []disclosure.Wanted{{Camera: "hall", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(2 * time.Second)}},
		Data:   []disclosure.Datum{disclosure.Picture, disclosure.Place, disclosure.Moment}, Form: disclosure.Folder, Manner: "osebno v tajništvu"}})
	must(t, err)
	_, err = r.requests.Approve(t.Context(), head(), got.Request.ID, disclosure.Approval{Content: got.Request.Content})
	must(t, err)
	r.request = got.Request.ID
	return got.Request
}

// No package outlives the footage in it: not when its term is made shorter once the package is there, not when the hold ends
// that kept it past the term, by whatever way, and not when it goes earlier or by another clock.
func TestTermIsAskedAnew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		court bool
		do    func(t *testing.T, r *rig, q disclosure.Request)
		dies  bool
	}{
		"nothing happens": {false, func(_ *testing.T, r *rig, _ disclosure.Request) { r.pass(29 * 24 * time.Hour) }, false},
		"the term comes":  {false, func(_ *testing.T, r *rig, _ disclosure.Request) { r.pass(30 * 24 * time.Hour) }, true},
		"it is made short": {false, func(_ *testing.T, r *rig, _ disclosure.Request) {
			r.terms["hall"] = noon.AddDate(0, 0, 1)
			r.pass(48 * time.Hour)
		}, true},
		"it is held":        {true, func(_ *testing.T, r *rig, _ disclosure.Request) { r.pass(3 * 366 * 24 * time.Hour) }, false},
		"its hold is ended": {true, func(t *testing.T, r *rig, q disclosure.Request) { r.pass(31 * 24 * time.Hour); r.clears(t, q) }, true},
		"its hold is ended before the term": {true, func(t *testing.T, r *rig, q disclosure.Request) {
			r.clears(t, q)
			r.pass(29 * 24 * time.Hour)
			must(t, r.tendAll(t.Context()))
			if r.job(t).Step != Built {
				t.Error("it died before its term")
			}
			r.pass(24 * time.Hour)
		}, true},
		"it is erased for room": {false, func(_ *testing.T, r *rig, _ disclosure.Request) { r.erased = true }, true},
		"it is erased, and the clock is set back": {false, func(_ *testing.T, r *rig, _ disclosure.Request) {
			r.erased = true
			r.pass(-300 * 24 * time.Hour)
		}, true},
		"it is erased though it is held": {true, func(_ *testing.T, r *rig, _ disclosure.Request) { r.erased = true }, true},
		"the clock is set back":          {false, func(_ *testing.T, r *rig, _ disclosure.Request) { r.pass(-24 * time.Hour) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			q := r.state(t)
			if tt.court {
				q = r.ordered(t)
			}
			r.terms["hall"] = noon.AddDate(0, 0, 30)
			if job := r.built(t); job.Due.IsZero() != tt.court {
				t.Errorf("it is shown to be due %v", job.Due)
			}
			tt.do(t, r, q)
			_, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true})
			if errors.Is(err, ErrOver) != tt.dies || !tt.dies && err != nil {
				t.Errorf("before anybody looks it leaves: %v", err)
			}
			must(t, r.tendAll(t.Context()))
			job := r.job(t)
			if (job.Why == Term) != tt.dies || !tt.dies && job.Step != Built {
				t.Errorf("it is %s, %s", job.Step, job.Why)
			}
			if keys, files := r.left(t); tt.dies && keys+files > 0 {
				t.Errorf("%d keys and %d files are left", keys, files)
			}
		})
	}
}

// clears ends all holds of a request by themselves.
func (r *rig) clears(t *testing.T, q disclosure.Request) {
	t.Helper()
	for _, h := range q.Holds {
		_, err := r.requests.Holds.Clear(t.Context(), h.Hold, proof.Actor{ID: "head", Name: "head"}, "over")
		must(t, err)
	}
}

// While nobody can tell whether the footage is still there, nothing of it leaves; what is known of its term counts, and all
// other ends of a package do, too.
func TestTermIsNotKnown(t *testing.T) {
	t.Parallel()
	away := errors.New("the disk does not answer")
	for name, tt := range map[string]struct {
		do  func(t *testing.T, r *rig)
		why Why
	}{
		"nothing happens": {func(*testing.T, *rig) {}, ""},
		"its term comes":  {func(_ *testing.T, r *rig) { r.pass(48 * time.Hour) }, Term},
		"it is refused": {func(t *testing.T, r *rig) {
			_, err := r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")
			must(t, err)
		}, Undone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.terms["hall"] = noon.Add(48 * time.Hour)
			r.built(t)
			r.untold = away
			_, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true})
			if !errors.Is(err, away) {
				t.Errorf("it leaves: %v", err)
			}
			tt.do(t, r)
			if err := r.tendAll(t.Context()); (err == nil) != (tt.why != "") || err != nil && !errors.Is(err, away) {
				t.Error(err)
			}
			r.untold = nil
			if job := r.job(t); job.Why != tt.why {
				t.Errorf("it is %s, %s", job.Step, job.Why)
			}
		})
	}
}

// A clock that jumps ahead costs a package that nobody has yet, and no more: once it is right it is built again.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.AddDate(1, 0, 0)
	r.built(t)
	r.pass(20 * 366 * 24 * time.Hour)
	must(t, r.tendAll(t.Context()))
	if job := r.job(t); job.Why != Term || r.state(t).State != disclosure.Approved {
		t.Errorf("it is %s, %s; the request %s", job.Step, job.Why, r.state(t).State)
	}
	r.pass(-20 * 366 * 24 * time.Hour)
	r.built(t)
	r.check(t)
}

// Footage that is erased while it is packed is no package: the next try finds what is left, or fails.
func TestErasedWhileItIsPacked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	r.source.each = func(int) error { r.erased = true; return nil }
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Why != Failed || !errors.Is(job.Error, ErrFootage) || len(r.ops(t, opDisclose)) != 0 {
		t.Errorf("it is %s, %s: %v", job.Step, job.Why, job.Error)
	}
	r.check(t)
}

// A package that comes to its term while its disk is away can be built again on another one, and is destroyed once the disk is back.
func TestDiesWhileItsDiskIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.Add(48 * time.Hour)
	r.built(t)
	r.away = true
	r.pass(48 * time.Hour)
	if err := r.tendAll(t.Context()); !errors.Is(err, sealed.ErrAway) {
		t.Error(err)
	}
	for range 2 {
		must(t, r.tendAll(t.Context()))
		if job := r.job(t); job.Why != Term || r.state(t).State != disclosure.Approved || len(r.ops(t, opErase)) != 1 {
			t.Errorf("it is %s, %s; the request %s", job.Step, job.Why, r.state(t).State)
		}
	}
	r.away = false
	if keys, files := r.left(t); keys != 1 || files != 1 {
		t.Errorf("%d keys and %d files came back", keys, files)
	}
	must(t, r.tendAll(t.Context()))
	if keys, files := r.left(t); keys+files > 0 {
		t.Errorf("%d keys and %d files are left", keys, files)
	}
}

// While nothing was erased the key slots of the footage are not looked at again, however often it is tended, shown or taken out; an answer
// that nobody could give is asked for again.
func TestSlotsAreNotAskedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	must(t, r.tendAll(t.Context()))
	r.asked = 0
	for range 3 {
		must(t, r.tendAll(t.Context()))
		if job := r.job(t); job.Step != Built || job.Due.IsZero() {
			t.Errorf("it is %s, due %v", job.Step, job.Due)
		}
		r.whole(t)
	}
	if r.asked != 0 {
		t.Errorf("the slots were looked at %d times", r.asked)
	}
	r.untold = errors.New("the disk does not answer")
	for range 2 {
		if err := r.tendAll(t.Context()); !errors.Is(err, r.untold) {
			t.Errorf("tended: %v", err)
		}
	}
	r.untold, r.erased = nil, true
	must(t, r.tendAll(t.Context()))
	if job := r.job(t); job.Why != Term || r.asked != 3 || len(r.made)+len(r.dues) > 0 {
		t.Errorf("it is %s, %s, asked %d times; %d and %d are remembered", job.Step, job.Why, r.asked, len(r.made), len(r.dues))
	}
}

// A package whose term can't be told, and that nobody has tended yet, is shown with the reason, and hides no other.
func TestUntoldIsShown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	r.request = r.approved(t)
	r.built(t)
	r.restart(t, r.disk)
	r.untold = errors.New("the disk does not answer")
	list, err := r.List(t.Context(), false)
	must(t, err)
	if len(list) != 2 || !errors.Is(list[0].Error, r.untold) || list[1].Step != Built {
		t.Errorf("%+v", list)
	}
}
