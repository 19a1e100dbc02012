package packing

import (
	"context"
	"errors"
	"testing"

	"varuh/accesslog/diary"
)

// Whether or not the entry came to be of which nobody knows that a package is there: the job finds out and goes on, with one
// entry and one package.
func TestDoubtfulStage(t *testing.T) {
	t.Parallel()
	for name, errs := range map[string][][2]error{
		"it is entered":                   {{nil, diary.ErrUncertain}},
		"it is not":                       {{diary.ErrUncertain, nil}},
		"it is not, and then is in doubt": {{diary.ErrUncertain, nil}, {nil, diary.ErrUncertain}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			tries := 0
			r.d.fails = func(op string) (before, after error) {
				if op != opStage || tries == len(errs) {
					return nil, nil
				}
				tries++
				return errs[tries-1][0], errs[tries-1][1]
			}
			r.built(t)
			if n := len(r.ops(t, opStage)); n != 1 || len(r.ops(t, opFail, opErase)) > 0 || len(r.ops(t, opDisclose)) != 1 {
				t.Errorf("%d entries say that it is there", n)
			}
			r.check(t)
		})
	}
}

// The program ends before anybody knows: the next start finds out.
func TestEndsInDoubt(t *testing.T) {
	t.Parallel()
	for name, entered := range map[string]bool{"it is entered": true, "it is not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
			must(t, err)
			ctx, ends := context.WithCancel(t.Context())
			r.d.fails = func(op string) (before, after error) {
				if op != opStage {
					return nil, nil
				}
				r.d.blind = errors.New("it can't be read")
				if ends(); entered {
					return nil, diary.ErrUncertain
				}
				return diary.ErrUncertain, nil
			}
			if err := r.settled(ctx); err == nil {
				t.Error("it is settled")
			}
			if keys, files := r.left(t); keys != 1 || files != 1 {
				t.Errorf("%d keys and %d files are left of what may be there", keys, files)
			}
			r.restart(t, r.disk)
			must(t, r.settled(t.Context()))
			if job := r.job(t); job.Step != Built {
				t.Errorf("it is %s, %s", job.Step, job.Why)
			}
			if n := len(r.ops(t, opDisclose)); (n == 1) != entered || len(r.ops(t, opErase)) > 0 {
				t.Errorf("%d were disclosed", n)
			}
			r.check(t)
		})
	}
}

// Whoever cancels while nobody knows is believed: what was built goes.
func TestCancelledInDoubt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	tries := 0
	r.d.fails = func(op string) (before, after error) {
		if op != opStage {
			return nil, nil
		}
		if tries++; tries == 2 {
			if _, err := r.Cancel(t.Context(), clerk(), r.request); err != nil {
				t.Error(err)
			}
		}
		return diary.ErrUncertain, nil
	}
	p, err := r.one(t.Context(), r.job(t).ID)
	must(t, err)
	must(t, r.carry(t.Context(), p))
	if job := r.job(t); job.Why != Cancelled || tries != 2 {
		t.Errorf("it is %s, %s after %d tries", job.Step, job.Why, tries)
	}
	if keys, files := r.left(t); keys+files > 0 {
		t.Errorf("%d keys and %d files are left", keys, files)
	}
	must(t, r.settled(t.Context()))
	r.check(t)
}
