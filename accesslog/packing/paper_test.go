package packing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/pdf/pdftest"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// The record to be printed is the one in the package, for whoever may take that out, and as long as it is there.
func TestPaper(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Paper(t.Context(), clerk(), r.request, "sl"); !errors.Is(err, ErrUnknown) {
		t.Errorf("before it was ordered: %v", err)
	}
	r.built(t)
	paper, err := r.Paper(t.Context(), clerk(), r.request, "sl")
	must(t, err)
	if sum := r.job(t).Manifest; sum == "" || string(paper) != "%PDF- "+sum+"\n" {
		t.Errorf("%q, of %s", paper, sum)
	}
	if len(r.ops(t, opHandover)) != 0 {
		t.Error("to print the record counts as handing over")
	}
	if _, err := r.Paper(t.Context(), session("vid", people.Guard), r.request, "sl"); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("by a guard: %v", err)
	}
	r.lock(true)
	if paper, err := r.Paper(t.Context(), clerk(), r.request, "sl"); !errors.Is(err, people.ErrLocked) || paper != nil {
		t.Errorf("while all is locked: %v", err)
	}
}

// The record says what the request says: whoever reads it is entered before it leaves, in his language, and only who gets it.
func TestPaperIsEntered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	want := []string{"zapisnik o predaji paketa zahteve " + r.request, "handover record of the package of request " + r.request}
	for i, language := range []string{"sl", "en"} {
		must(t, justErr(r.Paper(t.Context(), clerk(), r.request, language)))
		list := r.ops(t, opRead)
		if len(list) != i+1 {
			t.Fatalf("after %d readings there are %d entries", i+1, len(list))
		}
		text, _, err := r.d.Opener(keyring.Identity{r.reading}).Open(t.Context(), list[i].Index)
		must(t, err)
		body, err := proof.ParseBody(text)
		must(t, err)
		if body.Purpose != want[i] || body.Actor.ID != clerk().Person.ID || body.Actor.Authorisation == "" || body.Data["request"] != r.request || body.Data["opened"] != "yes" {
			t.Errorf("it was entered as %s", text)
		}
	}
	down := errors.New("the diary is down")
	r.d.fails = func(op string) (before, after error) {
		if op == opRead {
			return down, nil
		}
		return nil, nil
	}
	if paper, err := r.Paper(t.Context(), clerk(), r.request, "sl"); !errors.Is(err, down) || paper != nil {
		t.Errorf("%d bytes left, and it could not be entered: %v", len(paper), err)
	}
	r.d.fails = nil
	r.o.Opener = func() (Opener, error) { return nil, people.ErrLocked } // the diary alone: the package could be opened
	if paper, err := r.Paper(t.Context(), clerk(), r.request, "sl"); !errors.Is(err, people.ErrLocked) || paper != nil {
		t.Errorf("%d bytes left while the diary is locked: %v", len(paper), err)
	}
	if _, err := r.Paper(t.Context(), session("vid", people.Guard), r.request, "sl"); err == nil || len(r.ops(t, opRead)) != len(want) {
		t.Errorf("a guard got none, %v, and there are %d entries", err, len(r.ops(t, opRead)))
	}
}

// Once a package was taken out whole, the record to be signed names that delivery as it was entered, and what the package is, and none that
// waits to be fetched or was cut off; it is still the earlier one that lies in the package.
func TestPaperOfDelivery(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.o.Papers = func(ctx context.Context, p Papers) ([]evidence.Enclosure, error) {
		e, err := r.Enclose(ctx, p, Record{Controller: []string{"Osnovna šola Primer"}, Zone: time.UTC, By: "Ana Črnič"})
		return []evidence.Enclosure{e}, err
	}
	job := r.built(t)
	blank, err := r.Paper(t.Context(), clerk(), r.request, "sl")
	must(t, err)
	if text := pdftest.Text(t, blank); strings.Contains(text, "Izneseno iz naprave") || strings.Contains(text, taking().Recipient) {
		t.Errorf("before it left, the record says\n%s", text)
	}
	ready, err := r.Prepare(t.Context(), clerk(), r.request, taking())
	must(t, err)
	asked := taking()
	asked.Way, asked.Medium, asked.Recipient = Folder, "ključ USB, oznaka A-17", "Špela Šuštar Đurić, PP Primer"
	second, err := r.Prepare(t.Context(), clerk(), r.request, asked)
	must(t, err)
	paper, err := r.Paper(t.Context(), clerk(), r.request, "sl")
	must(t, err)
	if !bytes.Equal(paper, blank) {
		t.Error("before anybody fetched it, the record is of a delivery")
	}
	out, err := r.Fetch(t.Context(), clerk(), r.request, second.ID)
	must(t, err)
	must(t, out.Zip(t.Context(), io.Discard))
	out.Whole()
	must(t, out.Close())
	r.cut(t) // which nobody signs for
	paper, err = r.Paper(t.Context(), clerk(), r.request, "sl")
	must(t, err)
	text := pdftest.Text(t, paper)
	for _, want := range []string{"Izneseno iz naprave mapa na nosilcu, zapisana pri napravi", fmt.Sprintf("št. %d (predaja)", second.Entry), "ključ USB, oznaka A-17", "Špela Šuštar Đurić, PP Primer",
		"a folder on the medium", fmt.Sprintf("št. %d (posredovanje)", job.Disclose)} {
		if !strings.Contains(text, want) {
			t.Errorf("the record does not say %q\n%s", want, text)
		}
	}
	if strings.Contains(text, taking().Recipient) || !strings.Contains(strings.ReplaceAll(text, " ", ""), job.Manifest) || second.Entry == ready.Entry {
		t.Errorf("the record is of another delivery, or package:\n%s", text)
	}
	if list, err := r.Deliveries(t.Context(), r.request); err != nil || len(list) != 3 {
		t.Errorf("to print the record counts as a delivery: %+v, %v", list, err)
	}
}
