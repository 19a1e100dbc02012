package main

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// A store that is full of footage is freed, the oldest of what nobody holds first, so that recording goes on. The diary
// says what went, that the disk was full, and that all of it is done.
func TestFullStoreIsRelieved(t *testing.T) {
	t.Parallel()
	s, rows := fullStore(t, func(rows []footage.Segment) hold.Range {
		return hold.Range{Camera: "gate", From: rows[0].Start, To: rows[0].End}
	})
	must(t, s.start(t))
	s.segments(t, 2)
	s.log.await(t, "erased ")
	s.until(t, "the disk has no room", func(st status) bool { return st.Streams[0].State == "recording" })
	if free, err := freeOf(s.disk); err != nil || free < 100<<20 {
		t.Errorf("%d MiB are free, %v", free>>20, err)
	}
	now := &still{s.site, s.index}
	now.whole(t, s.site.stores[0], rows[0])
	now.gone(t, s.site.stores[0], rows[1])
	now.whole(t, s.site.stores[0], rows[len(rows)-1])
	s.said(t, map[string]int{"hold.set": 1, "incident.open": 0, "incident.erasure": 0})
	d, err := openDiary(t.Context(), s.dir, s.site.appliance)
	must(t, err)
	named := underPressure(t, d)
	oldest := rows[1 : 1+len(named)] // rows[0] is held
	if len(named) == 0 || slices.ContainsFunc(oldest, func(r footage.Segment) bool { return !named[r.ID] }) {
		t.Errorf("%d segments are entered as erased, and they are not the oldest that nobody holds", len(named))
	}
	must(t, d.Close())
}

// underPressure are the segments that a diary says were erased because a disk was full. It fails if one was erased for
// another reason, twice, or not to the end.
func underPressure(t *testing.T, d *diary.Diary) map[keyring.ID]bool {
	t.Helper()
	named := map[keyring.ID]bool{}
	for s, err := range (journal{d}).Started(t.Context(), 0) {
		must(t, err)
		m, err := retention.ParseManifest(s.Manifest)
		must(t, err)
		for _, l := range m.Segments {
			if l.Reason != retention.ByPressure || named[l.ID] || !s.Ended {
				t.Errorf("entry %d erases %s: %s, before: %v, ended: %v", s.Index, l.ID, l.Reason, named[l.ID], s.Ended)
			}
			named[l.ID] = true
		}
	}
	return named
}

// fullStore is a state folder and a store on one disk that is full of footage of two cameras, oldest first, with an order
// over a part.
func fullStore(t *testing.T, held func([]footage.Segment) hold.Range) (s *smallState, rows []footage.Segment) {
	t.Helper()
	return fullStoreOf(t, 224, held)
}

// fullStoreOf is fullStore on a disk of so many MiB.
func fullStoreOf(t *testing.T, mib int64, held func([]footage.Segment) hold.Range) (s *smallState, rows []footage.Segment) {
	t.Helper()
	disk := durabletest.Image(t, mib)
	s = newStateOn(t, disk, filepath.Join(disk, "store"))
	s.reserve = 64 << 20
	must(t, s.start(t)) // the index gets to know the store
	s.end(t)
	cfg, err := loadConfig(s.dir, terminal{nil, io.Discard, io.Discard})
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(s.dir))
	must(t, err)
	rest := &still{site, ix}
	for i := range 100 {
		if free, err := freeOf(disk); err != nil || free < 70<<20 {
			must(t, err)
			break
		}
		rows = append(rows, rest.recordBig(t, site.stores[0], []string{"gate", "yard"}[i%2], time.Now().Add(-time.Hour+time.Duration(i)*time.Minute), 5<<20))
	}
	d, err := openDiary(t.Context(), s.dir, site.appliance)
	must(t, err)
	e := newEraser(site, ix, openTimekeeper(s.dir, later(t, 7, 0), slog.New(slog.DiscardHandler)), slog.New(slog.DiscardHandler))
	e.begin(d)
	_, err = e.register.Set(t.Context(), hold.Asked{Kind: hold.Order, Basis: "order", By: ana, Review: time.Now().AddDate(0, 1, 0),
		Range: held(rows)})
	must(t, errors.Join(err, d.Close(), ix.Close(), site.Close()))
	return s, rows
}

// A store that is full of held footage is told of at once and entered, recording goes on to the reserve, nothing is
// erased, and the diary goes on.
func TestFullStoreOfHeldFootage(t *testing.T) {
	t.Parallel()
	s, rows := fullStore(t, func(rows []footage.Segment) hold.Range {
		return hold.Range{From: rows[0].Start, To: time.Now().Add(time.Hour)}
	})
	must(t, s.start(t))
	s.log.await(t, "all that is left on it is held")
	s.until(t, "the status does not say so", func(st status) bool {
		return strings.Contains(strings.Join(st.Terms.Troubles, " "), "all that is left on it is held")
	})
	if free, err := freeOf(s.disk); err == nil && free > 60<<20 { // as if cameras had done so
		must(t, os.WriteFile(filepath.Join(s.disk, "more"), make([]byte, free-60<<20), 0o600))
	}
	s.until(t, "footage goes beyond the reserve", func(st status) bool { return st.Streams[0].State == "full" })
	must(t, s.read(t.Context(), "the diary goes on"))
	now := &still{s.site, s.index}
	for _, r := range rows {
		now.whole(t, s.site.stores[0], r)
	}
	s.end(t)
	d, err := openDiary(t.Context(), s.dir, s.site.appliance)
	must(t, err)
	defer d.Close()
	if list := ops(t, d); count1(list, "incident.open") != 1 || count1(list, "erase.start") != 0 || count1(list, "diary.read") != 1 {
		t.Errorf("the entries are %q", list)
	}
}

// recordBig is recordAt with a file of so many bytes.
func (s *still) recordBig(t *testing.T, store footage.Store, camera string, at time.Time, bytes int64) footage.Segment {
	t.Helper()
	row := s.recordAt(t, store, camera, at)
	f, err := os.OpenFile(store.Path(camera, row.ID), os.O_RDWR, 0)
	must(t, err)
	must(t, errors.Join(unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, bytes), f.Close()))
	row.Bytes = bytes
	must(t, s.index.Sealed(row))
	return row
}

// Room is kept by what the cameras write, and leaves a small disk most of its bytes.
func TestRoom(t *testing.T) {
	t.Parallel()
	const gib = 1 << 30
	for _, tt := range []struct {
		total uint64
		load  float64
		want  uint64
	}{
		{200 << 20, 0, 256<<20 + 68<<20},
		{400 << 20, 0, 256<<20 + 100<<20},
		{16 * gib, 0, 256<<20 + 16*gib/100},
		{1000 * gib, 0, 256<<20 + 512<<20},
		{1000 * gib, 8e6, 256<<20 + 4800e6},
	} {
		e := &eraser{reserve: 256 << 20, load: func() float64 { return tt.load }}
		if got := e.room(tt.total); got != tt.want {
			t.Errorf("a disk of %d MiB: %d MiB, want %d", tt.total>>20, got>>20, tt.want>>20)
		}
	}
}

// What goes ahead of need breaks no promise, and is no alarm if there is none.
func TestReliefAheadOfNeed(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	var rows []footage.Segment
	for i := range 4 { // four days apart, with 10 MB each
		rows = append(rows, s.recordBig(t, s.stores[0], "yard", time.Now().Add(-time.Duration(16-4*i)*24*time.Hour), 10e6))
	}
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	for _, tt := range []struct {
		keep       retention.Term
		need, step int64
		goes       int
		broken     int
	}{
		{retention.Term{}, 35e6, 20e6, 4, 0},
		{retention.Term{}, 65e6, 50e6, 2, 0},         // more than there is: what is needed
		{retention.Term{Days: 10}, 35e6, 20e6, 2, 0}, // two are below the promise
		{retention.Term{Days: 10}, 15e6, 10e6, 2, 0}, // two are not
		{retention.Term{Days: 10}, 35e6, 5e6, 3, 1},  // needed all the same
		{retention.Term{Days: 10}, 5e6, 5e6, 1, 0},
	} {
		old, err := readPolicies(t.Context(), d)
		must(t, err)
		_, err = writePolicies(t.Context(), d, opPolicySet, proof.Body{}, old, retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.Law, Keep: tt.keep}}}})
		must(t, err)
		r, err := e.planRelief(t.Context(), e.time.now(), s.stores[0], tt.need, tt.step)
		must(t, err)
		if len(r.Erasures) != tt.goes || len(r.Broken) != tt.broken || r.Short != 0 || r.Erasures[0].Segment.ID != rows[0].ID {
			t.Errorf("%+v: %d go, %d are broken, %d short", tt, len(r.Erasures), len(r.Broken), r.Short)
		}
	}
}
