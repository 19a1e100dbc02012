package packing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog"
	"varuh/accesslog/packing/sealed"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// A package whose footage is not in the diary yet says so and keeps no other from being built; one whose footage never comes
// there fails in the end.
func TestWaitsAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.request, r.approved(t)
	r.source.delay = func(_ context.Context, o Order) {
		if r.source.err = nil; o.Request.ID == first {
			r.source.err = fmt.Errorf("%w: the hall", accesslog.ErrUnsettled)
		}
	}
	for _, request := range []string{first, second} {
		_, err := r.Order(t.Context(), clerk(), request, Asked{})
		must(t, err)
	}
	if err := r.settled(t.Context()); !errors.Is(err, accesslog.ErrUnsettled) {
		t.Errorf("%v", err)
	}
	waits, err := r.Job(t.Context(), first)
	must(t, err)
	other, err := r.Job(t.Context(), second)
	must(t, err)
	if waits.Step != Waiting || !errors.Is(waits.Error, accesslog.ErrUnsettled) || other.Step != Built || other.Error != nil {
		t.Errorf("it is %s (%v), the other %s (%v)", waits.Step, waits.Error, other.Step, other.Error)
	}
	r.pass(mostWait)
	must(t, r.settled(t.Context()))
	if waits, err = r.Job(t.Context(), first); err != nil || waits.Why != Failed || !errors.Is(waits.Error, accesslog.ErrUnsettled) {
		t.Errorf("in the end it is %s, %s: %v, %v", waits.Step, waits.Why, waits.Error, err)
	}
}

// What waited and was built then is told of no more, and waits from anew another time.
func TestWaitsAndIsBuilt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	r.source.err = accesslog.ErrUnsettled
	if err := r.settled(t.Context()); !errors.Is(err, accesslog.ErrUnsettled) {
		t.Errorf("%v", err)
	}
	r.source.err = nil
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Step != Built || job.Error != nil || len(r.waits) != 0 {
		t.Errorf("it is %s (%v), and %v wait", job.Step, job.Error, r.waits)
	}
	r.check(t)
}

// An error of any length and letters can be entered.
func TestFailsWithLongError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a" + strings.Repeat("č", 1500), "č\xc4", strings.Repeat("\xff", 3000)} {
		r := newRig(t)
		_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
		must(t, err)
		r.source.err = errors.New(text)
		must(t, r.settled(t.Context()))
		if job := r.job(t); job.Why != Failed {
			t.Errorf("%.10q: it is %s", text, job.Step)
		}
	}
}

// While nothing is to be done the diary is not looked through.
func TestIdle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	looked := 0
	r.d.looks = func([]string) { looked++ }
	must(t, r.settled(t.Context()))
	looked = 0
	for range 3 {
		must(t, r.settled(t.Context()))
	}
	if looked != 0 {
		t.Errorf("it looked %d times", looked)
	}
}

// A file on a store that a newer varuh wrote stays, is told once, and keeps nothing from being built.
func TestBuildsBesideNewer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var log bytes.Buffer
	r.o.Log = slog.New(slog.NewTextHandler(&log, nil))
	dir := filepath.Join(r.root, "store", "_sealed", "packages")
	must(t, durable.MkdirAll(r.disk, dir, 0o700))
	name := filepath.Join(dir, keyring.NewID(noon).String()+".obj")
	f, err := r.disk.Create(name, 0o600)
	must(t, err)
	_, err = f.Write(append([]byte("varuhobj\x00\x00\x00\x02"), make([]byte, 100)...))
	must(t, errors.Join(err, f.Close()))
	r.built(t)
	must(t, r.settled(t.Context()))
	if n := strings.Count(log.String(), "left as it is"); n != 1 || r.Left() != 1 {
		t.Errorf("%d lines, %d are left: %s", n, r.Left(), &log)
	}
	must(t, r.disk.Remove(name))
	must(t, r.settled(t.Context()))
	if r.Left() != 0 {
		t.Errorf("%d are left", r.Left())
	}
}

// huge is footage of which there is more than any disk takes.
type huge struct {
	*source
	of string // request
}

type hugeExport struct{ Export }

func (hugeExport) Bytes() int64 { return 1 << 50 }

func (h huge) Export(ctx context.Context, o Order) (Export, error) {
	e, err := h.source.Export(ctx, o)
	if o.Request.ID == h.of {
		e = hugeExport{e}
	}
	return e, err
}

// A package that can't fit on a disk is refused before it begins: nothing of it is read or written, no outside party is asked for
// it, and those behind it do not wait.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.request, r.approved(t)
	for _, request := range []string{first, second} {
		_, err := r.Order(t.Context(), clerk(), request, Asked{})
		must(t, err)
	}
	r.o.Source = huge{r.source, first}
	read, asked := 0, 0
	r.source.each = func(int) error { read++; return nil }
	r.o.Witness = func(context.Context) error { asked++; return nil }
	more, err := r.step(t.Context())
	must(t, err)
	job, err := r.Job(t.Context(), first)
	must(t, err)
	if keys, files := r.left(t); job.Why != Failed || !errors.Is(job.Error, sealed.ErrFull) || !strings.Contains(job.Error.Error(), "about 1073741824 MiB are needed") || read+asked+keys+files > 0 || !more {
		t.Errorf("it is %s, %s: %v; %d records were read, %d times outsiders were asked, %d keys and %d files are left", job.Step, job.Why, job.Error, read, asked, keys, files)
	}
	if list := r.ops(t, opFail); len(list) != 1 || *list[0].Ref != job.ID {
		t.Errorf("entries: %+v", list)
	}
	must(t, r.settled(t.Context()))
	if job, err = r.Job(t.Context(), second); err != nil || job.Step != Built {
		t.Errorf("the one behind it is %s: %v", job.Step, errors.Join(err, job.Error))
	}
}
