package packing

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence/evidencetest"
)

// fetched is a package of the request on its way out.
func (r *rig) fetched(t *testing.T, way Way) *Out {
	t.Helper()
	a := taking()
	a.Way = way
	ready, err := r.Prepare(t.Context(), clerk(), r.request, a)
	must(t, err)
	out, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID)
	must(t, err)
	return out
}

// whole lets a download leave to its end.
func (r *rig) whole(t *testing.T) {
	t.Helper()
	out := r.fetched(t, Download)
	must(t, out.Zip(t.Context(), io.Discard))
	out.Whole()
	must(t, out.Close())
}

// short is a connection that breaks.
type short struct{ left int }

var errPulled = errors.New("it was pulled out")

func (s *short) Write(b []byte) (int, error) {
	if s.left -= len(b); s.left < 0 {
		return 0, errPulled
	}
	return len(b), nil
}

// cut lets a download leave that breaks.
func (r *rig) cut(t *testing.T) {
	t.Helper()
	out := r.fetched(t, Download)
	if err := out.Zip(t.Context(), &short{3000}); !errors.Is(err, errPulled) {
		t.Errorf("%v", err)
	}
	out.Whole() // which it is not, whatever somebody says
	must(t, out.Close())
}

// results are how the deliveries of the request ended, by its rows, held against the entries.
func (r *rig) results(t *testing.T) (list []Result) {
	t.Helper()
	deliveries, err := r.Deliveries(t.Context(), r.request)
	must(t, err)
	ends := map[int64]diary.Stored{}
	for _, e := range r.ops(t, opEnded) {
		ends[*e.Ref] = e
	}
	for i, d := range deliveries {
		list = append(list, d.How)
		e, ended := ends[d.Entry]
		if ended != (d.How != "") || ended && (e.Index != d.Ended || d.Over.IsZero()) {
			t.Errorf("delivery %d, %+v, has the end %+v", i, d, e)
			continue
		}
		if ended {
			body, err := r.body(t.Context(), d.Ended)
			must(t, err)
			if body.Result != string(d.How) || body.Bytes != d.Bytes || body.Data["files"] != d.Files {
				t.Errorf("delivery %d, %+v, ends with %+v", i, d, body)
			}
		}
	}
	if n := len(r.ops(t, opHandover)); n != len(deliveries) {
		t.Errorf("%d deliveries, and %d entries of them", len(deliveries), n)
	}
	return list
}

// same compares results.
func (r *rig) same(t *testing.T, want ...Result) {
	t.Helper()
	got := r.results(t)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("they ended %q, want %q", got, want)
		}
	}
}

// register is the lines of the request in the register of disclosures, held against the marks on the timeline.
func (r *rig) register(t *testing.T) []disclosure.Disclosed {
	t.Helper()
	list, err := r.requests.Disclosed(t.Context(), noon.AddDate(-1, 0, 0), noon.AddDate(10, 0, 0))
	must(t, err)
	marks, err := r.requests.Marks(t.Context(), "hall", evidencetest.Dawn, evidencetest.Dawn.Add(time.Minute))
	must(t, err)
	if len(marks) != len(list) || len(list) > 0 && (marks[0].Entry != list[0].Entry || !marks[0].At.Equal(list[0].At) || len(list[0].Footage) != 1) {
		t.Errorf("lines %+v, marks %+v", list, marks)
	}
	return list
}

// hasLeft sees that footage has left, from an entry on: the register says so, and nobody refuses the request while its package is there.
func (r *rig) hasLeft(t *testing.T, entry int64) {
	t.Helper()
	list := r.register(t)
	if len(list) != 1 || list[0].Entry != entry || list[0].Manifest == "" || r.state(t).Left.Delivery != entry {
		t.Errorf("from entry %d on: %+v", entry, list)
	}
	if err := justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")); !errors.Is(err, disclosure.ErrLeft) {
		t.Errorf("refused: %v", err)
	}
}

func (r *rig) handsNothing(t *testing.T) {
	t.Helper()
	if err := justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())); !errors.Is(err, ErrNotTaken) {
		t.Errorf("entered as handed over: %v", err)
	}
}

// diesIn lets the package live so long to the second: that many are its seven days, or what is left of them.
func (r *rig) diesIn(t *testing.T, left time.Duration) {
	t.Helper()
	r.pass(left - time.Second)
	must(t, r.tendAll(t.Context()))
	if job := r.job(t); job.Step != Built {
		t.Errorf("it died too early: it is %s, %s", job.Step, job.Why)
	}
	r.pass(time.Second)
	must(t, r.tendAll(t.Context()))
	if job := r.job(t); job.Why != Delivered {
		t.Errorf("it is %s, %s", job.Step, job.Why)
	}
}

// What left by a link is in the register at once, can't be refused any more, and dies in seven days, though nobody enters the handover:
// that can still be done then.
func TestLinkInRegister(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	if len(r.register(t)) > 0 {
		t.Error("a line before anything left")
	}
	l := r.issued(t, 1)
	ready, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true)
	must(t, err)
	r.hasLeft(t, ready.Entry)
	out, err := r.FetchByLink(t.Context(), ready.ID)
	must(t, err)
	must(t, out.Zip(t.Context(), io.Discard))
	out.Whole()
	must(t, out.Close())
	r.same(t, Whole)
	r.diesIn(t, After)
	if state := r.state(t).State; state != disclosure.Built {
		t.Errorf("the request is %s", state)
	}
	r.hasLeft(t, ready.Entry)
	must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
	must(t, r.tendAll(t.Context()))
	if list := r.register(t); len(list) != 1 || list[0].Entry != ready.Entry || list[0].Handover != r.state(t).Handover || r.state(t).State != disclosure.HandedOver {
		t.Errorf("%+v", list)
	}
}

// Nothing is handed over of which nobody has taken the whole; what was prepared and not fetched leaves no trace in the register, and
// the request can be refused again.
func TestHandOverNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	ready, err := r.Prepare(t.Context(), clerk(), r.request, taking())
	must(t, err)
	r.handsNothing(t)
	r.hasLeft(t, ready.Entry) // it may be, by now
	r.pass(fetchWithin)
	must(t, r.tendAll(t.Context()))
	r.same(t, NotFetched)
	r.handsNothing(t)
	if list := r.register(t); len(list) > 0 {
		t.Errorf("%+v", list)
	}
	must(t, r.fetched(t, Download).Close()) // nobody read a byte
	if r.same(t, NotFetched, CutOff); len(r.register(t)) > 0 {
		t.Error("a line, though nothing left")
	}
	must(t, justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")))
}

// Of two deliveries the first is what the register has, and the whole one what may be handed over, and what the seven days run from:
// anew with each, until it is entered that it was handed over.
func TestTwoDeliveries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	r.cut(t)
	r.pass(time.Hour)
	r.whole(t)
	r.same(t, CutOff, Whole)
	list, err := r.Deliveries(t.Context(), r.request)
	must(t, err)
	r.hasLeft(t, list[0].Entry)
	if until := Until(r.job(t).Package, r.state(t)); !until.Equal(r.clock().Add(After)) {
		t.Errorf("until %v", until)
	}
	r.pass(time.Hour)
	must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
	if until := Until(r.job(t).Package, r.state(t)); !until.Equal(r.clock().Add(After - time.Hour)) {
		t.Errorf("once it is entered: until %v", until)
	}
	r.pass(After - 2*time.Hour)
	r.whole(t) // the medium was bad; but that it was handed over is entered, so the days don't begin anew
	if until := Until(r.job(t).Package, r.state(t)); !until.Equal(r.clock().Add(2 * time.Hour)) {
		t.Errorf("after one more: until %v", until)
	}
	r.diesIn(t, 2*time.Hour) // within seven days of the handover
}

// What left in a package stays in the register with that package's manifest, whatever is built for the request later: a line of its own.
func TestBuiltAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.Add(48 * time.Hour)
	r.built(t)
	r.cut(t)
	before := r.register(t)
	must(t, r.o.Shelf.Destroy(t.Context(), r.job(t).Place))
	must(t, r.tendAll(t.Context()))
	if q := r.state(t); q.State != disclosure.Approved || len(q.Delivered) != 1 {
		t.Errorf("%+v", q)
	}
	if list := r.register(t); len(list) != 1 || list[0].Manifest != before[0].Manifest {
		t.Errorf("%+v", list)
	}
	r.built(t)
	if list := r.register(t); len(list) != 1 || list[0].Manifest != before[0].Manifest {
		t.Errorf("before the second package left: %+v", list)
	}
	r.whole(t)
	r.same(t, CutOff, Whole)
	if list := r.register(t); len(list) != 2 || list[0].Entry != before[0].Entry || list[0].Manifest != before[0].Manifest || list[1].Manifest != r.job(t).Manifest {
		t.Errorf("%+v", list)
	}
	must(t, justErr(r.Jobs.HandOver(context.Background(), clerk(), r.request, handing())))
}
