package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
	"varuh/retention"
)

// record makes a sealed segment of an hour ago, with its slot and its row.
func (s *still) record(t *testing.T, store footage.Store) footage.Segment {
	t.Helper()
	return s.recordAt(t, store, "yard", time.Now().Add(-time.Hour))
}

// recordAt makes a sealed segment of a minute.
func (s *still) recordAt(t *testing.T, store footage.Store, camera string, at time.Time) footage.Segment {
	t.Helper()
	at = at.UTC().Truncate(time.Millisecond)
	h := segment.Header{ID: keyring.NewID(at), Store: store.ID, Camera: camera, Stream: "main", Run: keyring.ID{5}, Boot: [16]byte{6},
		Start: at, Clock: segment.Synchronised, Format: "H264 640x360"}
	key, slot, err := store.Ring.Create(t.Context(), h.ID, keyring.KindSegment)
	must(t, err)
	h.Slot = slot
	path := store.Path(h.Camera, h.ID)
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	w, err := segment.Create(durable.OS, path, h, key, segment.AES256GCM)
	must(t, err)
	box := func(name string) []byte { return append(binary.BigEndian.AppendUint32(nil, 8), name...) }
	must(t, w.Append(segment.Record{Kind: segment.Init, Start: at}, box("ftyp")))
	must(t, w.Append(segment.Record{Kind: segment.Video, Start: at, Duration: time.Minute}, slices.Concat(box("moof"), box("mdat"))))
	seal, err := w.Seal(false)
	must(t, err)
	row := footage.NewSegment(h).WithSeal(seal, w.Size())
	must(t, errors.Join(w.Sync(), w.Close()))
	must(t, store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: row.ID, Slot: slot}, Records: row.Records, Root: row.Root}}))
	must(t, errors.Join(s.index.Begin(row), s.index.Sealed(row)))
	return row
}

// listOf is the manifest of an erasure.
func listOf(t *testing.T, segments ...footage.Segment) []byte {
	t.Helper()
	var m retention.Manifest
	for _, s := range segments {
		m.Segments = append(m.Segments, retention.Listed{Bytes: s.Bytes, Camera: s.Camera, From: s.Start, To: s.End.Truncate(time.Millisecond),
			ID: s.ID, Reason: retention.ByTerm, Slot: s.Slot, Store: s.Store})
	}
	b, err := m.Encode()
	must(t, err)
	return b
}

// gone fails if anything of a segment is left.
func (s *still) gone(t *testing.T, store footage.Store, row footage.Segment) {
	t.Helper()
	if slot, err := store.Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot}); err != nil || slot.State != keyring.StateErased || slot.Fault != nil {
		t.Errorf("its slot is %v, %v, %v", slot.State, slot.Fault, err)
	}
	if _, err := os.Stat(store.Path(row.Camera, row.ID)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its file: %v", err)
	}
	if _, err := s.index.Get(row.ID); !errors.Is(err, footage.ErrUnknown) {
		t.Errorf("its row: %v", err)
	}
}

// run lets the clerk of a daemon open the diary once, with all that comes before anything is shown, and end.
func (s *still) run(t *testing.T) *clerk {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	boot, err := recorder.ThisBoot()
	must(t, err)
	e := newEraser(s.site, s.index, openTimekeeper(s.cfg.State, boot, log), log)
	c := &clerk{state: s.cfg.State, appliance: s.appliance, index: s.index, log: log, marks: s.marks(), replay: e.replay, cameras: func() []string { return nil }}
	c.run(t)
	return c
}

// An erasure that was begun and not ended is ended by the next start. When later a whole store is put back from an older
// copy, with both copies of its keys, its file and the index, the next start erases the same again.
func TestErasedAgain(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	store := s.stores[0]
	row, kept := s.record(t, store), s.record(t, s.stores[1])
	s.with(t, func(d *diary.Diary) { must(t, s.marks().write(t.Context(), d)) })
	must(t, s.index.Close())
	slots := filepath.Join("slots", row.ID.Time().Format(time.DateOnly)+".slots")
	names := []string{store.Path(row.Camera, row.ID), indexFile(s.cfg.State), indexFile(s.cfg.State) + "-wal", indexFile(s.cfg.State) + "-shm"}
	for _, dir := range []string{filepath.Join(store.Dir, "keys"), filepath.Join(s.cfg.State, "keys", store.ID.String())} {
		names = append(names, filepath.Join(dir, slots), filepath.Join(dir, "diary.mark"))
	}
	back := copyOf(t, names...)
	var err error
	s.index, err = footage.Open(indexFile(s.cfg.State))
	must(t, err)

	var start int64
	s.with(t, func(d *diary.Diary) {
		start, err = journal{d}.Enter(t.Context(), retention.Entry{Op: retention.OpStart, Manifest: listOf(t, row), Note: "due"})
		must(t, err)
	}) // the power fails
	s.run(t)
	s.gone(t, store, row)
	s.with(t, func(d *diary.Diary) {
		var got []retention.Started
		for e, err := range (journal{d}).Started(t.Context(), 0) {
			must(t, err)
			got = append(got, e)
		}
		if len(got) != 1 || got[0].Index != start || !got[0].Ended || got[0].End != nil || string(got[0].Manifest) != string(listOf(t, row)) {
			t.Errorf("the diary has the erasures %+v", got)
		}
		for e, err := range (journal{d}).Started(t.Context(), start+1) {
			t.Errorf("from the next entry on there is %+v, %v", e, err)
		}
	})

	must(t, s.index.Close())
	back()
	s.index, err = footage.Open(indexFile(s.cfg.State))
	must(t, err)
	if slot, err := store.Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot}); err != nil || slot.State != keyring.StateSealed {
		t.Fatalf("the copy does not bring the key back: %v, %v", slot.State, err)
	}
	c := s.run(t)
	s.gone(t, store, row)
	if said := c.marks.sentence(); said != "" {
		t.Errorf("said: %q", said)
	}
	if _, err := s.index.Get(kept.ID); err != nil {
		t.Errorf("what was not erased: %v", err)
	}
	s.with(t, func(d *diary.Diary) {
		if from, err := s.marks().hold(t.Context(), d); err != nil || from <= start {
			t.Errorf("afterwards all before %d is known to all, %v", from, err)
		}
	})
}

// While something of an erasure can't be done again, no mark says that it is, and the status says so; a store
// that is not here does not count, for it brings its own mark along.
func TestErasedAgainFails(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	path := s.stores[0].Path(row.Camera, row.ID)
	must(t, os.Remove(path))
	must(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o700))
	away := row
	away.ID, away.Store = keyring.NewID(row.Start.Add(time.Minute)), keyring.NewID(row.Start)
	s.with(t, func(d *diary.Diary) {
		j := journal{d}
		for _, list := range [][]byte{listOf(t, row), listOf(t, away)} {
			i, err := j.Enter(t.Context(), retention.Entry{Op: retention.OpStart, Manifest: list})
			must(t, err)
			_, err = j.Enter(t.Context(), retention.Entry{Op: retention.OpEnd, Ref: &i})
			must(t, err)
		}
	})
	c := s.run(t)
	if said := c.marks.sentence(); !strings.Contains(said, "could be erased again") {
		t.Errorf("said: %q", said)
	}
	for _, store := range s.stores {
		if marks, err := store.Ring.Marks(diaryMark); err != nil || len(marks) > 0 {
			t.Errorf("the store remembers %q, %v", marks, err)
		}
	}
	must(t, os.RemoveAll(path))
	if said := s.run(t).marks.sentence(); said != "" {
		t.Errorf("with nothing in the way: %q", said)
	}
	s.gone(t, s.stores[0], row)
	if s.marksOf(t, s.stores[0].Ring) == 0 {
		t.Error("afterwards the store remembers nothing")
	}
}

// While the diary has a fault, nothing is erased that it has as begun.
func TestFaultErasesNothing(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	s.with(t, func(d *diary.Diary) {
		_, err := journal{d}.Enter(t.Context(), retention.Entry{Op: retention.OpStart, Manifest: listOf(t, row)})
		must(t, err)
		if _, err := d.Saw(t.Context(), diary.Seen{By: "a printed checkpoint", Size: 1000}); err != nil {
			t.Fatal(err)
		}
	})
	s.run(t)
	if slot, err := s.stores[0].Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot}); err != nil || slot.State != keyring.StateSealed {
		t.Errorf("its slot is %v, %v", slot.State, err)
	}
}

// A daemon ends what was begun before it says that it is ready.
func TestDaemonReplays(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	b.end(t)
	ix, err := footage.Open(indexFile(b.dir))
	must(t, err)
	s := &still{b.site, ix}
	row := s.record(t, b.site.stores[0])
	must(t, ix.Close())
	s.with(t, func(d *diary.Diary) {
		_, err := journal{d}.Enter(context.Background(), retention.Entry{Op: retention.OpStart, Manifest: listOf(t, row)})
		must(t, err)
	})
	b.again(t)
	s.index = b.index
	s.gone(t, b.site.stores[0], row)
	b.log.await(t, "erasures of earlier starts were brought to their end")
	b.end(t)
}
