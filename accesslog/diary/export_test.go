package diary

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// stalled is an export whose reader takes nothing any more, until go on is closed.
type stalled struct {
	reached chan struct{} // closed once the entries are written
	goOn    chan struct{}
	seen    []int64 // entries that it read for people's files
	done    chan error
}

func (r *rig) stall(ctx context.Context, d *Diary) *stalled {
	s := &stalled{reached: make(chan struct{}), goOn: make(chan struct{}), done: make(chan error, 1)}
	e := Export{Opener: d.Opener(keyring.Identity{r.reading}), Finish: func(_ *proof.BundleWriter, in *Snapshot) error {
		close(s.reached)
		<-s.goOn
		for e, err := range in.Entries() {
			if err != nil || e.Err != nil || len(e.Body) == 0 {
				return errors.Join(errors.New("an entry could not be read"), err, e.Err)
			}
			s.seen = append(s.seen, e.Index)
		}
		if from, to := in.Span(); from != 0 || to != in.Checkpoint().Size {
			return errors.New("another span than the checkpoint's")
		}
		return nil
	}}
	go func() { s.done <- d.Export(ctx, dropped{}, e) }()
	return s
}

// However many exports nobody takes from, everybody else reads and writes the diary; an export that waits goes
// when its caller does; and what an export reads for its files for people is what is in it.
func TestStalledExports(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	first := r.stall(t.Context(), d)
	<-first.reached
	leaving, leave := context.WithCancel(t.Context())
	var waiting []*stalled
	for range 2 * readers {
		waiting = append(waiting, r.stall(leaving, d))
	}
	last := r.stall(t.Context(), d)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it would wait for ever
	defer cancel()
	appendAll(t, d, 2)
	_, err := d.Checkpoint(ctx)
	must(t, err)
	for range 2 * readers { // some wait, or are still to begin to
		_, err = d.Parties(ctx)
		must(t, err)
		_, err = d.Anchors(ctx, 0)
		must(t, err)
		for _, err := range d.Entries(ctx, 0, 1<<40) {
			must(t, err)
		}
	}
	leave()
	for _, s := range waiting {
		if err := <-s.done; !errors.Is(err, context.Canceled) {
			t.Errorf("an export that was not waited for ended with %v", err)
		}
	}
	close(first.goOn)
	must(t, <-first.done)
	if !slices.Equal(first.seen, []int64{0, 1, 2, 3}) {
		t.Errorf("it read %d", first.seen)
	}
	close(last.goOn)
	must(t, <-last.done)
	if len(last.seen) != 6 {
		t.Errorf("the next one read %d", last.seen)
	}
}

// Whoever reads and goes away is not kept.
func TestReadingEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, read := range map[string]func() error{
		"Parties":  func() error { _, err := d.Parties(ctx); return err },
		"Anchors":  func() error { _, err := d.Anchors(ctx, 0); return err },
		"Released": func() error { _, err := d.Released(ctx); return err },
		"Keys":     func() error { _, err := d.Keys(ctx); return err },
		"Prunable": func() error { _, err := d.Prunable(ctx, Pruning{Years: 2}); return err },
		"Strays":   func() error { return d.Strays(ctx) },
		"Export":   func() error { return d.Export(ctx, dropped{}, Export{}) },
		"Parts": func() error {
			for _, err := range d.Parts(ctx, 0, 1) {
				return err
			}
			return nil
		},
	} {
		if err := read(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An origin that could not be read is read again: nothing is called damaged for it.
func TestOpenerReadsOriginsAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	o := d.Opener(keyring.Identity{r.reading})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.originOf(gone, d.read, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("without a connection: %v", err)
	}
	if _, _, err := o.Open(t.Context(), 0); err != nil {
		t.Error(err)
	}
	var b bytes.Buffer
	must(t, d.Export(t.Context(), proof.NewZip(&b), Export{Opener: o}))
}
