package packing

import (
	"errors"
	"io"
	"testing"
)

// A program that stops in the middle knows no more what left, and says so at the next start. By a network it may have been all.
func TestUnknownAfterRestart(t *testing.T) {
	t.Parallel()
	for way, may := range map[Way]bool{Download: true, Folder: false} {
		t.Run(string(way), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.built(t)
			out := r.fetched(t, way)
			if err := out.Zip(t.Context(), &short{3000}); err == nil {
				t.Error("whole")
			}
			entry := r.state(t).Left.Delivery
			r.restart(t, r.disk)
			must(t, r.settled(t.Context()))
			r.same(t, Unknown)
			r.hasLeft(t, entry)
			must(t, r.settled(t.Context()))
			r.same(t, Unknown)
			if err := justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())); may != (err == nil) {
				t.Errorf("handed over: %v", err)
			}
		})
	}
}

// While the diary takes no entry the end of a delivery waits, with what left, and is entered once.
func TestEndWaitsForDiary(t *testing.T) {
	t.Parallel()
	down := errors.New("no entry is taken")
	for name, fails := range map[string]func() (before, after error){
		"not entered":          func() (before, after error) { return down, nil },
		"entered, and unknown": func() (before, after error) { return nil, down },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.built(t)
			out := r.fetched(t, Download)
			must(t, out.Zip(t.Context(), io.Discard))
			out.Whole()
			r.d.fails = func(string) (before, after error) { return fails() }
			must(t, out.Close())
			r.d.fails = nil
			must(t, r.tendAll(t.Context()))
			must(t, r.tendAll(t.Context()))
			r.same(t, Whole)
			if list, err := r.Deliveries(t.Context(), r.request); err != nil || list[0].Bytes != r.job(t).Bytes || len(r.ops(t, opEnded)) != 1 || len(r.pending) > 0 {
				t.Errorf("%+v, %v", list, err)
			}
			must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
		})
	}
}

// A delivery of which nobody knows whether it was entered can't be fetched, and is ended.
func TestUncertainDelivery(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	must(t, r.tendAll(t.Context()))
	down := errors.New("it is not known")
	r.d.fails = func(string) (before, after error) { return nil, down }
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, down) {
		t.Errorf("%v", err)
	}
	r.d.fails = nil
	must(t, r.tendAll(t.Context()))
	r.same(t, NotFetched)
	if len(r.register(t)) > 0 {
		t.Error("a line, though nothing left")
	}
}
