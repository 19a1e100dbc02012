package main

import (
	"errors"
	"log/slog"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// kill -9 of the whole program while it erases what came to its term: at the end all that is not held is gone, what is held
// is whole, and every erasure that the diary has as begun has come to its end, with nothing erased that it does not name.
func TestKilledErasing(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	cfg, err := loadConfig(v.dir, terminal{nil, v.log, v.log})
	must(t, err)
	due, kept := v.old(t, 300)
	for i := range 6 {
		cmd := exec.Command("varuh", "serve", "--dir", v.dir)
		cmd.Stderr = v.log
		must(t, cmd.Start())
		<-time.After(time.Duration(60+35*i) * time.Millisecond) // from before the diary is open to after the purge has begun
		must(t, cmd.Process.Kill())
		if err := cmd.Wait(); err == nil {
			t.Fatal("it ended by itself")
		}
	}
	cmd := v.serve(t)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); ; {
		st, err := v.status(t.Context())
		if err == nil && !st.Terms.At.IsZero() && st.Terms.Due == 0 && st.Terms.Held == len(kept) {
			break
		}
		select {
		case <-limit:
			t.Fatalf("not all came to its end: %+v\n%s", st.Terms, v.log)
		case <-tick.C:
		}
	}
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))

	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(v.dir))
	must(t, err)
	s := &still{site, ix}
	for _, r := range due {
		s.gone(t, site.stores[0], r)
	}
	for _, r := range kept {
		s.whole(t, site.stores[0], r)
	}
	named := map[keyring.ID]bool{}
	s.with(t, func(d *diary.Diary) {
		for e, err := range (journal{d}).Started(t.Context(), 0) {
			must(t, err)
			m, err := retention.ParseManifest(e.Manifest)
			must(t, err)
			if !e.Ended {
				t.Errorf("the erasure of entry %d has not ended", e.Index)
			}
			for _, l := range m.Segments {
				named[l.ID] = true
			}
		}
	})
	if len(named) != len(due) || slices.ContainsFunc(due, func(r footage.Segment) bool { return !named[r.ID] }) {
		t.Errorf("the diary names %d segments, and %d went", len(named), len(due))
	}
	must(t, errors.Join(ix.Close(), site.Close()))
}

// old records so many segments of more than a year ago, every tenth under an order, on a machine whose clock a person has
// confirmed.
func (v *victim) old(t *testing.T, n int) (due, kept []footage.Segment) {
	t.Helper()
	v.recordOnce(t) // the index gets to know the store
	cfg, err := loadConfig(v.dir, terminal{nil, v.log, v.log})
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(v.dir))
	must(t, err)
	s := &still{site, ix}
	log := slog.New(slog.DiscardHandler)
	s.with(t, func(d *diary.Diary) {
		boot := later(t, 0, 0).Boot
		keeper := openTimekeeper(v.dir, boot, log)
		keeper.told("person", boot.Now())
		e := newEraser(site, ix, keeper, log)
		e.begin(d)
		for i := range n {
			r := s.recordAt(t, site.stores[0], "a", time.Now().Add(-400*24*time.Hour+time.Duration(i)*time.Hour))
			if i%10 > 0 {
				due = append(due, r)
				continue
			}
			kept = append(kept, r)
		}
		for _, r := range kept {
			_, err := e.register.Set(t.Context(), hold.Asked{Kind: hold.Order, Basis: "order", By: ana, Review: time.Now().AddDate(0, 1, 0),
				Range: hold.Range{Camera: "a", From: r.Start, To: r.Start.Add(time.Second)}})
			must(t, err)
		}
	})
	must(t, errors.Join(ix.Close(), site.Close()))
	return due, kept
}

// recordOnce lets the program record for a moment.
func (v *victim) recordOnce(t *testing.T) {
	t.Helper()
	cmd := v.serve(t)
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))
}
