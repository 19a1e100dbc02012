package packing

import (
	"errors"
	"io"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
)

// A delivery that is cut off is entered so, with what had left. It is no handover, and stays in the register whatever comes of it.
func TestCutOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.Add(48 * time.Hour)
	r.built(t)
	r.cut(t)
	r.same(t, CutOff)
	list, err := r.Deliveries(t.Context(), r.request)
	must(t, err)
	if list[0].Bytes == 0 || list[0].Bytes >= r.job(t).Bytes {
		t.Errorf("%+v of %d bytes", list[0], r.job(t).Bytes)
	}
	r.handsNothing(t)
	r.hasLeft(t, list[0].Entry)
	r.pass(48 * time.Hour)
	must(t, r.tendAll(t.Context()))
	if q := r.state(t); q.State != disclosure.Approved {
		t.Errorf("the request is %s", q.State)
	}
	must(t, justErr(r.requests.Refuse(t.Context(), head(), r.request, "posnetkov ni več")))
	if got := r.register(t); len(got) != 1 || got[0].Entry != list[0].Entry {
		t.Errorf("once it is refused: %+v", got)
	}
}

// Whoever ends a link stops what waits, and what is on its way, by it alone.
func TestLinkEnded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	l, other := r.issued(t, 2), r.issued(t, 1)
	ready := func(l Issued) Ready {
		t.Helper()
		ready, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true)
		must(t, err)
		return ready
	}
	out, err := r.FetchByLink(t.Context(), ready(l).ID)
	must(t, err)
	waiting, stays := ready(l), ready(other)
	list, err := r.Links(t.Context(), r.request)
	must(t, err)
	if len(list) != 2 { // used up, and on their way
		t.Errorf("links %+v", list)
	}
	var given int64
	err = out.Each(t.Context(), func(_ string, _ int64, from io.Reader) error {
		n, err := io.Copy(io.Discard, from)
		if given += n; given > 0 && r.state(t).Left.Delivery != 0 {
			if err := r.EndLink(t.Context(), clerk(), r.request, l.ID); err != nil && !errors.Is(err, ErrLink) {
				t.Error(err)
			}
		}
		return err
	})
	if !errors.Is(err, ErrOver) || given == 0 || given >= out.Package.Bytes {
		t.Errorf("%d of %d bytes: %v", given, out.Package.Bytes, err)
	}
	must(t, out.Close())
	if _, err := r.FetchByLink(t.Context(), waiting.ID); !errors.Is(err, ErrFetched) {
		t.Errorf("fetched by a link that was ended: %v", err)
	}
	must(t, r.tendAll(t.Context()))
	r.same(t, CutOff, NotFetched, "")
	out, err = r.FetchByLink(t.Context(), stays.ID)
	must(t, err)
	must(t, out.Zip(t.Context(), io.Discard))
	out.Whole()
	must(t, out.Close())
	r.same(t, CutOff, NotFetched, Whole)
	if list, err := r.Links(t.Context(), r.request); err != nil || len(list) > 0 {
		t.Errorf("links %+v, %v", list, err)
	}
}

// Who ends a link while its package is being fetched comes in time.
func TestLinkEndedMeanwhile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	l := r.issued(t, 1)
	ready, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true)
	must(t, err)
	d, err := r.take(ready.ID, byLink)
	must(t, err)
	out, err := r.Jobs.fetched(t.Context(), d, func() (Package, error) {
		must(t, r.EndLink(t.Context(), clerk(), r.request, l.ID))
		return r.linked(t.Context(), d.pkg)
	})
	if out != nil || !errors.Is(err, ErrOver) {
		t.Errorf("fetched: %v", err)
	}
	r.same(t, NotFetched)
}

// What is on its way stops with its package: at the term of its footage, and once the request is released, whether the diary takes an
// entry or not. The end is entered as soon as it does.
func TestStops(t *testing.T) {
	t.Parallel()
	down := errors.New("no entry is taken")
	for name, end := range map[string]func(t *testing.T, r *rig){
		"at its term": func(_ *testing.T, r *rig) { r.pass(48 * time.Hour) },
		"released": func(t *testing.T, r *rig) {
			must(t, justErr(r.requests.Release(t.Context(), head(), r.request, "konec")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.terms["hall"] = noon.Add(48 * time.Hour)
			r.built(t)
			r.whole(t)
			must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
			out := r.fetched(t, Download)
			first := true
			err := out.Each(t.Context(), func(_ string, _ int64, from io.Reader) error {
				_, err := io.Copy(io.Discard, from)
				if first {
					first = false
					end(t, r)
					r.d.fails = func(string) (before, after error) { return down, nil }
					if err := r.tendAll(t.Context()); !errors.Is(err, down) {
						t.Errorf("tended: %v", err)
					}
				}
				return err
			})
			if !errors.Is(err, ErrOver) {
				t.Errorf("it goes on: %v", err)
			}
			must(t, out.Close())
			r.same(t, Whole, "")
			r.d.fails = nil
			must(t, r.tendAll(t.Context()))
			r.same(t, Whole, CutOff)
			if len(r.pending) > 0 {
				t.Errorf("%d are not forgotten", len(r.pending))
			}
			if job := r.job(t); job.Step != Over {
				t.Errorf("it is %s", job.Step)
			}
		})
	}
}

// A stick that is pulled out, or of which nobody says that it is whole, hands nothing over.
func TestStickPulledOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	onto := func(token string, w io.Writer) error {
		out := r.fetched(t, Folder)
		err := out.Each(t.Context(), func(_ string, _ int64, from io.Reader) error {
			_, err := io.Copy(w, from)
			return err
		})
		out.Awaits(token)
		must(t, out.Close())
		return err
	}
	if err := onto("first", &short{3000}); !errors.Is(err, errPulled) {
		t.Errorf("%v", err)
	}
	r.same(t, CutOff)
	if err := r.Told(t.Context(), "first", true); !errors.Is(err, ErrMeanwhile) {
		t.Errorf("said to be whole: %v", err)
	}
	must(t, r.Told(t.Context(), "first", false))
	must(t, onto("bad", io.Discard))
	r.same(t, CutOff, "")
	must(t, r.Told(t.Context(), "bad", false)) // it gave other bytes than were written
	must(t, onto("silent", io.Discard))
	r.pass(toldWithin)
	must(t, r.tendAll(t.Context()))
	r.same(t, CutOff, CutOff, Unknown)
	if err := r.Told(t.Context(), "silent", true); !errors.Is(err, ErrMeanwhile) {
		t.Errorf("said too late: %v", err)
	}
	r.handsNothing(t)
	must(t, onto("good", io.Discard))
	must(t, r.Told(t.Context(), "good", true))
	r.same(t, CutOff, CutOff, Unknown, Whole)
	must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
}
