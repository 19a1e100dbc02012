package packing

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

// Who stops the program leaves nothing that nobody knows: what was prepared and not fetched is entered so, and nothing of it is in the
// register; what is on its way is cut off.
func TestStopEndsDeliveries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	ready, err := r.Prepare(t.Context(), clerk(), r.request, taking())
	must(t, err)
	l := r.issued(t, 1)
	_, err = r.Use(t.Context(), l.Secret, l.Passphrase, office, true)
	must(t, err)
	must(t, r.Jobs.Close(t.Context()))
	r.same(t, NotFetched, NotFetched)
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, diary.ErrClosed) {
		t.Errorf("prepared once it ends: %v", err)
	}
	if _, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID); !errors.Is(err, ErrFetched) {
		t.Errorf("fetched once it ends: %v", err)
	}
	r.restart(t, r.disk)
	must(t, r.settled(t.Context()))
	r.same(t, NotFetched, NotFetched)
	if list := r.register(t); len(list) > 0 || r.state(t).Left.Delivery != 0 {
		t.Errorf("the register says that something left: %+v", list)
	}
	r.handsNothing(t)
	must(t, justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")))
}

// A stop waits for what is on its way to end, which is cut off, as long as it may. What lies on a disk and was not read back nobody knows.
func TestStopCutsOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	stick := r.fetched(t, Folder)
	must(t, stick.Zip(t.Context(), io.Discard))
	stick.Awaits("token")
	must(t, stick.Close())
	out := r.fetched(t, Download)
	first, stopped := true, make(chan error)
	err := out.Each(t.Context(), func(_ string, _ int64, from io.Reader) error {
		_, err := io.Copy(io.Discard, from)
		if first {
			first = false
			gone, stop := context.WithCancel(t.Context())
			stop()
			if err := r.Jobs.Close(gone); !errors.Is(err, context.Canceled) {
				t.Errorf("it did not wait: %v", err)
			}
			go func() { stopped <- r.Jobs.Close(t.Context()) }()
		}
		return err
	})
	if !errors.Is(err, ErrOver) {
		t.Errorf("it goes on: %v", err)
	}
	must(t, out.Close())
	must(t, <-stopped)
	r.same(t, Unknown, CutOff)
}

// Of what nobody knows how it ended the days run, too; a package that is gone so can be handed over by whoever knows that it was taken, or
// be built again.
func TestUnknownEnds(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"it was taken": false, "it was not": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.built(t)
			_, err := r.Prepare(t.Context(), clerk(), r.request, taking())
			must(t, err)
			r.restart(t, r.disk) // by a crash
			must(t, r.settled(t.Context()))
			r.same(t, Unknown)
			r.diesIn(t, After)
			if !again {
				must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
				return
			}
			r.built(t)
			r.check(t)
		})
	}
}

// Once it is entered that a package was handed over nobody keeps it by taking it again and again.
func TestTakenAgainAndAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	r.whole(t)
	must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
	r.pass(After - time.Hour)
	must(t, r.tendAll(t.Context()))
	r.whole(t)
	r.diesIn(t, time.Hour)
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrOver) {
		t.Errorf("it leaves: %v", err)
	}
}

// Who has all of it but the last list of the ZIP file has it: the days run.
func TestAllButTheEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	out := r.fetched(t, Download)
	must(t, out.Zip(t.Context(), io.Discard))
	must(t, out.Close()) // which nobody says is whole
	r.same(t, CutOff)
	r.handsNothing(t)
	if until := Until(r.job(t).Package, r.state(t)); !until.Equal(r.clock().Add(After)) {
		t.Errorf("until %v", until)
	}
}
