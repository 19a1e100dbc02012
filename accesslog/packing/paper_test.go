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

	"varuh/accesslog/evidence"
	"varuh/accesslog/pdf/pdftest"
	"varuh/accesslog/people"
)

// The record to be printed is the one in the package, for whoever may take that out, and as long as it is there.
func TestPaper(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Paper(t.Context(), clerk(), r.request); !errors.Is(err, ErrUnknown) {
		t.Errorf("before it was ordered: %v", err)
	}
	r.built(t)
	paper, err := r.Paper(t.Context(), clerk(), r.request)
	must(t, err)
	if sum := r.job(t).Manifest; sum == "" || string(paper) != "%PDF- "+sum+"\n" {
		t.Errorf("%q, of %s", paper, sum)
	}
	if len(r.ops(t, opHandover)) != 0 {
		t.Error("to print the record counts as handing over")
	}
	if _, err := r.Paper(t.Context(), session("vid", people.Guard), r.request); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("by a guard: %v", err)
	}
	r.lock(true)
	if paper, err := r.Paper(t.Context(), clerk(), r.request); !errors.Is(err, people.ErrLocked) || paper != nil {
		t.Errorf("while all is locked: %v", err)
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
	blank, err := r.Paper(t.Context(), clerk(), r.request)
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
	paper, err := r.Paper(t.Context(), clerk(), r.request)
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
	paper, err = r.Paper(t.Context(), clerk(), r.request)
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
