package packing

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

func taking() Taking {
	return Taking{Way: Download, Recipient: "Janez Novak, PP Primer", Medium: "USB 7", Warned: true}
}

// What is handed over is the package, plain or under a passphrase, and each time an entry names to whom.
func TestDeliver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, ErrUnknown) {
		t.Errorf("before it was ordered: %v", err)
	}
	r.built(t)
	for n, encrypted := range []bool{false, true} {
		a := taking()
		a.Encrypted = encrypted
		ready, err := r.Prepare(t.Context(), clerk(), r.request, a)
		must(t, err)
		if (ready.Passphrase != "") != encrypted {
			t.Errorf("the passphrase is %q", ready.Passphrase)
		}
		list := r.ops(t, opHandover)
		if len(list) != n+1 || list[n].Index != ready.Entry || *list[n].Ref != r.job(t).Disclose {
			t.Errorf("entries: %+v", list)
		}
		out, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID)
		must(t, err)
		var b bytes.Buffer
		must(t, out.Zip(t.Context(), &b))
		must(t, out.Close())
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		must(t, err)
		if encrypted {
			if strings.Contains(b.String(), "Policijska postaja") || !aeszip.Encrypted(z) {
				t.Error("it is in the clear")
			}
			must(t, aeszip.Unlock(z, ready.Passphrase))
		}
		r.verifies(t, z)
		if _, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID); !errors.Is(err, ErrFetched) {
			t.Errorf("fetched twice: %v", err)
		}
	}
}

// TestNoByteBefore: nothing gives a byte of a package before its entries disclose and handover are durable, nor to whom it was
// not given, nor past its time.
func TestNoByteBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	must(t, justErr(r.Order(t.Context(), clerk(), r.request, Asked{})))
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("before it was built: %v", err)
	}
	must(t, r.settled(t.Context()))
	down := errors.New("no entry is taken")
	r.d.fails = func(op string) (before, after error) { return map[bool]error{true: down}[op == opHandover], nil }
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, down) || len(r.pending) > 0 {
		t.Errorf("without an entry: %v", err)
	}
	r.d.fails = nil
	for name, tt := range map[string]struct {
		set  func(*Taking)
		want error
	}{
		"to nobody":  {func(a *Taking) { a.Recipient = " " }, ErrRecipient},
		"not warned": {func(a *Taking) { a.Warned = false }, ErrWarned},
		"long":       {func(a *Taking) { a.Remark = strings.Repeat("a", mostText+1) }, ErrText},
		"no text":    {func(a *Taking) { a.Medium = "\xff" }, ErrText},
	} {
		a := taking()
		tt.set(&a)
		if _, err := r.Prepare(t.Context(), clerk(), r.request, a); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.Prepare(t.Context(), session("vid", people.Guard), r.request, taking()); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("by a guard: %v", err)
	}
	r.lock(true)
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, people.ErrLocked) || len(r.ops(t, opHandover)) > 0 {
		t.Errorf("while all is locked: %v", err)
	}
	r.lock(false)
	if _, err := r.Jobs.HandOver(t.Context(), clerk(), r.request, handing()); !errors.Is(err, ErrNotTaken) {
		t.Errorf("handed over before anybody took it: %v", err)
	}
	prepare := func() Ready {
		t.Helper()
		ready, err := r.Prepare(t.Context(), clerk(), r.request, taking())
		must(t, err)
		return ready
	}
	ready := prepare()
	if _, err := r.Fetch(t.Context(), head(), r.request, ready.ID); !errors.Is(err, ErrFetched) {
		t.Errorf("fetched by another: %v", err)
	}
	r.pass(fetchWithin)
	if _, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID); !errors.Is(err, ErrFetched) {
		t.Errorf("fetched too late: %v", err)
	}
	ready = prepare()
	out, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID)
	must(t, err)
	late := prepare()
	if err := justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")); !errors.Is(err, disclosure.ErrLeft) {
		t.Errorf("refused while it may leave: %v", err)
	}
	must(t, out.Close())
	r.pass(fetchWithin)
	must(t, r.tendAll(t.Context())) // nobody has fetched the other
	must(t, justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")))
	if _, err := r.Fetch(t.Context(), clerk(), r.request, late.ID); !errors.Is(err, ErrFetched) {
		t.Errorf("fetched once the request was refused: %v", err)
	}
	if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, ErrOver) {
		t.Errorf("taken out once the request was refused: %v", err)
	}
}

// Whoever prepares more than he fetches is refused before anything is entered, keeps nobody else out, and has his places again
// later, or at once where the diary took no entry.
func TestManyDeliveries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	down := errors.New("no entry is taken")
	r.d.fails = func(string) (before, after error) { return down, nil }
	for range mostPending {
		if _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, down) {
			t.Errorf("without an entry: %v", err)
		}
	}
	r.d.fails = nil
	for range mostPending {
		must(t, justErr(r.Prepare(t.Context(), clerk(), r.request, taking())))
	}
	if ready, err := r.Prepare(t.Context(), clerk(), r.request, taking()); !errors.Is(err, ErrMany) || ready != (Ready{}) {
		t.Errorf("one more: %+v, %v", ready, err)
	}
	if n := len(r.ops(t, opHandover)); n != mostPending {
		t.Errorf("%d entries", n)
	}
	other := session("eva", people.Caretaker)
	ready, err := r.Prepare(t.Context(), other, r.request, taking())
	must(t, err)
	out, err := r.Fetch(t.Context(), other, r.request, ready.ID)
	must(t, err)
	must(t, out.Close())
	l := r.issued(t, 1)
	must(t, justErr(r.Use(t.Context(), l.Secret, l.Passphrase, office, true)))
	r.pass(fetchWithin)
	must(t, justErr(r.Prepare(t.Context(), clerk(), r.request, taking())))
}

func handing() disclosure.Handing {
	return disclosure.Handing{Recipient: "Janez Novak", Known: "službena izkaznica", Medium: "USB 7", Warned: true}
}

func justErr[T any](_ T, err error) error { return err }

// Packages are built one after the other, in the order in which they were asked for, and what comes later waits.
func TestQueue(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.request, r.approved(t)
	must(t, justErr(r.Order(t.Context(), clerk(), second, Asked{})))
	must(t, justErr(r.Order(t.Context(), clerk(), first, Asked{})))
	var order []string
	r.source.delay = func(_ context.Context, o Order) {
		order = append(order, o.Request.ID)
		other := first
		if o.Request.ID == first {
			other = second
		}
		if job, err := r.Job(t.Context(), other); err != nil || job.Step == Exporting || job.Step == Writing {
			t.Errorf("the other is %s: %v", job.Step, err)
		}
		if job := r.job(t); o.Request.ID == first && job.Step != Exporting {
			t.Errorf("it is %s", job.Step)
		}
	}
	must(t, r.settled(t.Context()))
	if len(order) != 2 || order[0] != second || order[1] != first {
		t.Errorf("built in the order %v", order)
	}
	list, err := r.List(t.Context(), true)
	must(t, err)
	if len(list) != 2 || list[0].Step != Built || list[1].Step != Built {
		t.Errorf("%+v", list)
	}
}

// TestRun has the loop do it all by itself: what is ordered is built at once, and what is over goes within a minute.
func TestRun(t *testing.T) {
	t.Parallel()
	r := newRig(t) // outside, for its diary has goroutines of its own
	changes := make(chan string, 100)
	r.o.Changed = func(id string) {
		select {
		case changes <- id:
		default:
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	must(t, justErr(r.Order(t.Context(), clerk(), r.request, Asked{})))
	for r.state(t).State != disclosure.Built {
		<-changes
	}
	must(t, justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")))
	r.Rouse()
	for r.job(t).Step != Over {
		<-changes
	}
	cancel()
	<-ended
	r.check(t)
}

// What can't be done is tried again after a pause, and a stop ends that.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := New(Options{Log: quiet()})
		ctx, cancel := context.WithCancel(t.Context())
		var at []time.Duration
		start := time.Now()
		j.loop(ctx, j.wake, func(context.Context) (bool, error) {
			at = append(at, time.Since(start))
			switch len(at) {
			case 1:
				return false, errors.New("it fails")
			case 2:
				return true, nil
			case 4:
				j.Rouse()
			case 5:
				cancel()
			}
			return false, nil
		})
		want := []time.Duration{0, againEach, againEach, lookEach, lookEach}
		if len(at) != len(want) {
			t.Fatalf("at %v", at)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("at %v, want %v", at, want)
			}
		}
	})
}
