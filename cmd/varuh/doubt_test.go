package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/retention"
	"varuh/testdata/clips"
)

// longAgo is before the term of anything.
var longAgo = time.Now().Add(-400 * 24 * time.Hour)

// old records segments of more than a year ago, one of yard and one of gate that is put under an order by who would.
func (s *still) old(t *testing.T, e *eraser) (due, kept footage.Segment) {
	t.Helper()
	due, kept = s.recordAt(t, s.stores[0], "yard", longAgo), s.recordAt(t, s.stores[0], "gate", longAgo)
	s.order(t, e, kept)
	return due, kept
}

// order puts a segment under an order, as a command does.
func (s *still) order(t *testing.T, e *eraser, row footage.Segment) {
	t.Helper()
	o := holdOrder{who: herself, ground: ground{Basis: "order", Review: time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}, Kind: "order",
		span: span{row.Camera, row.Start.Format(time.RFC3339Nano), row.End.Format(time.RFC3339Nano)}}
	_, err := askHold.done(t.Context(), e, o)
	must(t, err)
}

// lateLists are the files of lists that wait for the diary.
func lateLists(t *testing.T, state string) (list []string) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(state, "retention.late", "*"))
	must(t, err)
	return list
}

// entered demands that the erasures of segments are entered once each, late, and have ended.
func entered(t *testing.T, d *diary.Diary, rows ...footage.Segment) {
	t.Helper()
	named := map[keyring.ID]int{}
	for s, err := range (journal{d}).Started(t.Context(), 0) {
		must(t, err)
		m, err := retention.ParseManifest(s.Manifest)
		must(t, err)
		if !s.Ended {
			t.Errorf("the erasure of entry %d has not ended", s.Index)
		}
		for _, l := range m.Segments {
			named[l.ID]++
		}
	}
	for _, r := range rows {
		if named[r.ID] != 1 {
			t.Errorf("segment %s of %s is in %d lists", r.ID, r.Camera, named[r.ID])
		}
	}
	if len(named) != len(rows) {
		t.Errorf("%d segments are entered as erased, want %d", len(named), len(rows))
	}
}

// While the diary has a fault footage goes at its term, by lists beside it. What is held stays, by the database or by what
// the key slots remember; what a policy or a full disk asks for waits. When two persons have accepted it the lists are
// entered, and a hold that went back with the diary lasts on.
func TestFaultLetsTermsGo(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	e.config = func() ([]configs.Camera, *time.Location) {
		return []configs.Camera{{ID: "yard"}, {ID: "gate"}, {ID: "hall"}}, time.UTC
	}
	e.cycle(t.Context())
	due, kept := s.old(t, e)
	gone := s.recordAt(t, s.stores[1], "hall", longAgo) // its hold goes back with the diary
	young := s.recordAt(t, s.stores[1], "hall", time.Now().Add(-40*24*time.Hour))
	e.kept.mu.Lock()
	e.kept.newest.Kept = append(e.kept.newest.Kept, keptSpan{Camera: "hall", From: gone.Start, To: gone.End, Past: true})
	e.kept.mu.Unlock()
	if _, err := d.Saw(t.Context(), diary.Seen{By: "a witness", Origin: d.Head().Origin, Size: d.Head().Size + 5}); err != nil {
		t.Fatal(err)
	}
	size := d.Head().Size
	for range 2 {
		e.cycle(t.Context())
		e.relieveAll(t.Context())
	}
	s.gone(t, s.stores[0], due)
	s.whole(t, s.stores[0], kept)
	s.whole(t, s.stores[1], gone)
	s.whole(t, s.stores[1], young)
	if list := lateLists(t, s.cfg.State); len(list) != 1 || d.Head().Size != size {
		t.Errorf("beside the diary are %q, and it has %d entries more", list, d.Head().Size-size)
	}
	said := strings.Join(e.status().Troubles, "\n")
	for _, want := range []string{"until two persons have accepted", "only footage goes whose term is over", "what was held when the diary was last trusted stays", "1 list of footage whose term is over"} {
		if !strings.Contains(said, want) {
			t.Errorf("the status does not say %q: %s", want, said)
		}
	}
	_, err := d.Accept(t.Context(), proof.Actor{ID: "Ana"}, proof.Actor{ID: "Bor"}, "the card failed")
	must(t, err)
	e.kept.trusted = false // as after a start
	must(t, e.replay(t.Context(), d, 0))
	e.cycle(t.Context())
	entered(t, d, due)
	s.whole(t, s.stores[0], kept)
	s.whole(t, s.stores[1], gone)
	if list := lateLists(t, s.cfg.State); len(list) > 0 {
		t.Errorf("still beside the diary: %q", list)
	}
	if said := e.kept.sentence(); !strings.Contains(said, "1 hold or restriction") {
		t.Errorf("said of the hold that was lost: %q", said)
	}
}

// Another process locks the database of the diary while footage falls due: what is due goes, what is held stays, recording
// goes on, and all is entered once the database is free.
func TestLockedDiaryLetsTermsGo(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "door", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	b := startBox(t, configs.MetricsOff, map[string]string{"cameras.d/door.yml": camera("door", server.URL("door"), "")})
	b.recording(t)
	b.end(t)
	first, kept := b.offline(t)
	b.again(t)
	b.log.await(t, "erased 1 segment")
	b.says(t, "")
	db, err := sql.Open("sqlite3", diaryFile(b.dir)+"?_txlock=immediate")
	must(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	s := &still{b.site, b.index}
	due := s.recordAt(t, s.stores[0], "yard", longAgo)
	b.eraser.decided()
	b.recording(t)
	b.log.await(t, "whose term is over to be entered as soon as it can be")
	s.gone(t, s.stores[0], due)
	s.whole(t, s.stores[0], kept)
	must(t, errors.Join(tx.Rollback(), db.Close()))
	b.eraser.decided()
	b.log.await(t, "no longer so: the diary takes no entry")
	s.whole(t, s.stores[0], kept)
	b.end(t)
	s.with(t, func(d *diary.Diary) { entered(t, d, first, due) })
}

// Holds that can't be read in a diary that is trusted are those that are remembered; so are the terms.
func TestUnreadableHolds(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	log := slog.New(slog.DiscardHandler)
	e := newEraser(s.site, s.index, openTimekeeper(s.cfg.State, later(t, 7, 0), log), log)
	e.config = func() ([]configs.Camera, *time.Location) {
		return []configs.Camera{{ID: "gate", Limit: retention.PublicArea}}, time.UTC
	}
	var kept footage.Segment
	s.with(t, func(d *diary.Diary) {
		must(t, e.replay(t.Context(), d, 0))
		e.cycle(t.Context())
		_, kept = s.old(t, e)
	}) // it is closed, as if its disk had failed
	holds, err := ledger{e}.Holds(t.Context())
	must(t, err)
	if len(holds) != 1 || !holds[0].From.Equal(kept.Start) || !holds[0].PastTerm {
		t.Errorf("held is %+v", holds)
	}
	policies, err := ledger{e}.Policies(t.Context())
	must(t, err)
	if got := policies.At("gate", time.Now()).Limit; got != retention.PublicArea {
		t.Errorf("the term is %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (ledger{e}).Holds(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cut off: %v", err)
	}
}

// A key that has neither row nor file is found by the walk, and goes a while later with its entries.
func TestStrayKeyGoes(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	row, young := s.recordAt(t, s.stores[1], "yard", longAgo), s.record(t, s.stores[1])
	for _, r := range []footage.Segment{row, young} {
		must(t, errors.Join(s.index.Remove(r.ID), os.Remove(s.stores[1].Path(r.Camera, r.ID))))
	}
	e.walk(t.Context())
	e.cycle(t.Context())
	if slot, err := s.stores[1].Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot}); err != nil || slot.State != keyring.StateSealed {
		t.Errorf("at once it is %v, %v", slot.State, err)
	}
	e.strays.met -= strayWait
	for range 2 {
		e.cycle(t.Context())
	}
	s.gone(t, s.stores[1], row)
	entered(t, d, row)
	if slot, err := s.stores[1].Ring.Slot(keyring.Ref{ID: young.ID, Slot: young.Slot}); err != nil || slot.State != keyring.StateSealed {
		t.Errorf("a young one is %v, %v", slot.State, err)
	}
}

// Where nothing is remembered either, footage goes by the law's term alone, whatever a policy says, and the status names
// the day.
func TestNothingIsRemembered(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	due, young := s.recordAt(t, s.stores[0], "yard", longAgo), s.recordAt(t, s.stores[0], "yard", time.Now().Add(-90*24*time.Hour))
	boot, log := later(t, 7, 0), slog.New(slog.DiscardHandler)
	e := newEraser(s.site, s.index, openTimekeeper(s.cfg.State, boot, log), log)
	e.time.told("person", boot.Now())
	ctx, cancel := context.WithCancel(t.Context())
	e.look(ctx)
	if said, day := strings.Join(e.status().Troubles, "\n"), retention.Law.End(due.Start, nil).Format(time.DateOnly); !strings.Contains(said, "the next on "+day) {
		t.Errorf("the status does not name %s: %s", day, said)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); e.run(ctx) }()
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		if st := e.status(); len(st.Cameras) > 0 && st.Cameras[0].Segments == 1 {
			break
		}
	}
	cancel()
	<-ended
	s.gone(t, s.stores[0], due)
	s.whole(t, s.stores[0], young)
	if said, day := strings.Join(e.status().Troubles, "\n"), retention.Law.End(young.Start, nil).Format(time.DateOnly); !strings.Contains(said, "while the diary can't be used") || !strings.Contains(said, "the next on "+day) {
		t.Errorf("the status does not name %s: %s", day, said)
	}
}

// A camera records, and footage is due, some of it under an order, when the database of the diary is damaged, missing, or
// put back from before the order. What is due goes, what is held stays, recording goes on; with the database back, or
// accepted, everything is entered, once.
func TestTermsWithoutDiary(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, file string){
		"damaged":   func(t *testing.T, file string) { must(t, os.WriteFile(file, make([]byte, 8192), 0o600)) },
		"missing":   func(t *testing.T, file string) { must(t, os.Remove(file)) },
		"went back": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "door", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
			must(t, err)
			t.Cleanup(func() { server.Close() })
			b := startBox(t, configs.MetricsOff, map[string]string{"cameras.d/door.yml": camera("door", server.URL("door"), "")})
			b.recording(t)
			b.end(t)
			files := []string{diaryFile(b.dir), diaryFile(b.dir) + "-wal", diaryFile(b.dir) + "-shm", filepath.Join(b.dir, "keys", "diary.checkpoint")}
			before := copyOf(t, files...)
			due, kept := b.offline(t)
			back := copyOf(t, files...)
			if spoil != nil {
				spoil(t, files[0])
			} else {
				before()
			}
			for range 2 { // another start finds the list, and nothing to do
				b.again(t)
				b.recording(t)
				b.log.await(t, "erased 1 segment")
				s := &still{b.site, b.index}
				s.gone(t, b.site.stores[0], due)
				s.whole(t, b.site.stores[0], kept)
				b.says(t, "only footage goes whose term is over")
				b.end(t)
			}
			if spoil != nil {
				back()
			} else {
				term := terminal{strings.NewReader(""), b.log, b.log}
				if code := run(t.Context(), []string{"diary", "accept", "--dir", b.dir, "--actor", "Ana", "--second", "Bor", "--reason", "the card failed"}, term); code != 0 {
					t.Fatal(b.log)
				}
			}
			b.again(t)
			b.recording(t)
			b.says(t, "")
			s := &still{b.site, b.index}
			s.whole(t, b.site.stores[0], kept)
			b.end(t)
			s.with(t, func(d *diary.Diary) {
				entered(t, d, due)
				if list := ops(t, d); spoil == nil && !slices.Contains(list, "incident.open") {
					t.Errorf("that a hold was lost is not entered: %q", list)
				}
			})
		})
	}
}

// offline records what is due and what is held on a box that does not run, whose clock a person has confirmed.
func (b *box) offline(t *testing.T) (due, kept footage.Segment) {
	t.Helper()
	cfg, err := loadConfig(b.dir, terminal{nil, b.log, b.log})
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(b.dir))
	must(t, err)
	s := &still{site, ix}
	s.with(t, func(d *diary.Diary) {
		boot, log := later(t, 0, 0).Boot, slog.New(slog.DiscardHandler)
		e := newEraser(site, ix, openTimekeeper(b.dir, boot, log), log)
		e.time.told("person", boot.Now())
		e.begin(d)
		e.remembered(t.Context())
		due, kept = s.old(t, e)
		must(t, newMarks(site.stores, ix, log).write(t.Context(), d))
	})
	must(t, errors.Join(ix.Close(), site.Close()))
	return due, kept
}

// says waits until the status of footage has come to be without an erasure that is due, and says so; "" for no trouble.
func (b *box) says(t *testing.T, text string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(never); ; {
		st := b.status()
		said := strings.Join(st.Terms.Troubles, "\n")
		if !st.Terms.At.IsZero() && st.Terms.Due == 0 && (text != "" && strings.Contains(said, text) || text == "" && !strings.Contains(said, "can't be trusted") && !strings.Contains(said, "only footage goes")) {
			return
		}
		select {
		case <-limit:
			t.Fatalf("the status never said %q: %s", text, said)
		case <-tick.C:
		}
	}
}

// kill -9 of the whole program, while it erases without its diary: at the end, with the diary back, all that is not held is
// gone and entered, each segment once, and what is held is whole.
func TestKilledWithoutDiary(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	_, kept := v.old(t, 1)
	v.recordOnce(t) // it remembers what is held
	due := v.due(t, "b", 180)
	back := copyOf(t, diaryFile(v.dir), diaryFile(v.dir)+"-wal", diaryFile(v.dir)+"-shm")
	must(t, os.WriteFile(diaryFile(v.dir), make([]byte, 8192), 0o600))
	v.killedPurging(t, due)
	cmd := v.begin(t)
	v.until(t, func(st status) bool { return st.Terms.Due == 0 && !st.Terms.At.IsZero() })
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))
	back()
	cmd = v.serve(t)
	v.until(t, func(st status) bool {
		return st.Terms.Due == 0 && st.Terms.Held == len(kept) && len(lateLists(t, v.dir)) == 0
	})
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))
	v.offline(t, func(s *still) {
		for _, r := range due {
			s.gone(t, s.stores[0], r)
		}
		for _, r := range kept {
			s.whole(t, s.stores[0], r)
		}
		s.with(t, func(d *diary.Diary) { entered(t, d, due...) })
	})
}

// until waits for a status.
func (v *victim) until(t *testing.T, is func(status) bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(never); ; {
		st, err := v.status(t.Context())
		if err == nil && is(st) {
			return
		}
		select {
		case <-limit:
			t.Fatalf("it did not come to that: %+v\n%s", st.Terms, v.log)
		case <-tick.C:
		}
	}
}
