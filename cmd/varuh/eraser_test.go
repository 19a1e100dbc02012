package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/retention"
	"varuh/testdata/clips"
)

// Two cameras record; one is put under a hold. Thirteen months later the machine starts anew and a person says that its
// clock is right: what is not held goes, with its key, its file and its entries, and what is held stays. The diary verifies.
func TestErasedAtItsTerm(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "gate", FS: clips.Files, Clip: clips.YardSub.File},
		{Path: "yard", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	c, _ := keyed(t)
	b := &box{dir: c.state, log: newTap(), done: make(chan error, 1), reload: make(chan struct{})}
	for _, id := range []string{"gate", "yard"} {
		b.write(t, "cameras.d/"+id+".yml", camera(id, server.URL(id), ""))
	}
	defer func() {
		if t.Failed() {
			t.Log(b.log)
		}
	}()
	b.again(t)
	b.recording(t)
	command := func(args ...string) string {
		t.Helper()
		var out strings.Builder
		if code := run(t.Context(), append(args, "--dir", b.dir), terminal{strings.NewReader(""), &out, &out}); code != 0 {
			t.Fatalf("%s: %s", args, &out)
		}
		return out.String()
	}
	command("hold", "set", "--kind", "rights", "--camera", "gate", "--from", "2026-01-01", "--to", "2100-01-01", "--basis", "request of 3 May",
		"--review", time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "--actor", "Ana")
	b.end(t)

	ix, err := footage.Open(indexFile(b.dir))
	must(t, err)
	rows := map[string][]footage.Segment{}
	for s, err := range ix.All() {
		must(t, err)
		rows[s.Camera] = append(rows[s.Camera], s)
	}
	must(t, ix.Close())
	if len(rows["gate"]) == 0 || len(rows["yard"]) == 0 {
		t.Fatalf("recorded were %d and %d segments", len(rows["gate"]), len(rows["yard"]))
	}
	server.Close()

	b.boot = later(t, 7, 396*24*time.Hour)
	b.again(t)
	if st := b.status(); !strings.Contains(st.table(), "varuh clock confirm") {
		t.Errorf("nothing asks for a person to confirm the clock:\n%s", st.table())
	}
	store := b.site.stores[0]
	b.whole(t, rows["yard"][0], store)
	command("clock", "confirm", "--actor", "Ana", "--reason", "by my watch", "--time", b.boot.Now().UTC().Format(time.RFC3339))
	b.log.await(t, "erased "+count(len(rows["yard"]), "segment", "segments"))
	s := &still{b.site, b.index}
	for _, r := range rows["yard"] {
		s.gone(t, store, r)
	}
	for _, r := range rows["gate"] {
		s.whole(t, store, r)
	}
	listing := command("erasures", "--actor", "Ana", "--reason", "to see")
	record := filepath.Join(t.TempDir(), "record.html")
	command("erasures", "--actor", "Ana", "--reason", "to sign", "--record", record)
	page, err := os.ReadFile(record)
	must(t, err)
	for _, want := range []string{rows["yard"][0].ID.String(), "Zapisnik o izbrisu", "Record of the erasure", "sola.example", "rok hrambe je potekel"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the record lacks %q", want)
		}
	}
	if !strings.Contains(listing, "yard") || strings.Contains(listing, "gate") || !strings.Contains(listing, "term") {
		t.Errorf("the list of erasures:\n%s", listing)
	}
	b.end(t)
	s.with(t, func(d *diary.Diary) {
		if list := ops(t, d); count1(list, "erase.start") != 1 || count1(list, "erase.end") != 1 || count1(list, "hold.set") != 1 || count1(list, "clock.confirm") != 1 {
			t.Errorf("the entries are %q", list)
		}
	})
	verifies(t, c)
}

// A provisional hold lapses on its day by the present that is certain, and what it kept goes. A pending change of the
// term goes with its confirmation and the notice, not before.
func TestHoldsLapseAndPoliciesWait(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	now := time.Now()
	young, old := s.recordAt(t, s.stores[0], "yard", now.Add(-2*time.Hour)), s.recordAt(t, s.stores[0], "yard", now.Add(-40*24*time.Hour))
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	cameras := []configs.Camera{{ID: "yard"}}
	e.config = func() ([]configs.Camera, *time.Location) { return cameras, time.UTC }
	e.cycle(t.Context())
	_, err := e.setHold(t.Context(), holdOrder{who: herself, span: span{"yard", old.Start.Add(-time.Hour).Format(time.RFC3339), now.Format(time.RFC3339)},
		ground: ground{Basis: "a caretaker saw it"}, Kind: "provisional"})
	must(t, err)

	cameras = []configs.Camera{{ID: "yard", Limit: retention.Term{Days: 30}}}
	e.cycle(t.Context())
	a, err := e.policies(t.Context(), struct{}{})
	must(t, err)
	if len(a.Pending) != 1 || !a.Pending[0].Confirm || a.Pending[0].Segments != 0 {
		t.Fatalf("under the hold: %+v", a.Pending)
	}
	got, err := e.confirmPolicy(t.Context(), policyOrder{herself, "yard", "new rule"})
	must(t, err)
	if wait := got.Begins.Sub(boot.Now()); wait < 71*time.Hour || wait > 73*time.Hour {
		t.Errorf("it begins in %v", wait)
	}
	e.cycle(t.Context())
	s.whole(t, s.stores[0], old)

	pass := func(days int) {
		boot.ahead += time.Duration(days) * 24 * time.Hour
		e.time.told("person", boot.Now())
		e.cycle(t.Context())
	}
	pass(4) // the notice is over, the hold is not
	s.whole(t, s.stores[0], old)
	pass(11) // the hold lapses in this run, which leaves what it kept to the next
	pass(0)
	s.gone(t, s.stores[0], old)
	s.whole(t, s.stores[0], young)
	list := ops(t, d)
	for op, n := range map[string]int{"policy.set": 1, "policy.confirm": 1, "hold.set": 1, "hold.lapse": 1, "erase.start": 1, "erase.end": 1} {
		if count1(list, op) != n {
			t.Errorf("%d entries %s, want %d, in %q", count1(list, op), op, n, list)
		}
	}
}

// What fails is told and entered once, for as long as it lasts, and again when it comes back a day later.
func TestAlarmsAreEnteredOnce(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.recordAt(t, s.stores[0], "yard", time.Now().Add(-400*24*time.Hour))
	boot := later(t, 7, 0)
	e, d, noted := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	path := s.stores[0].Path(row.Camera, row.ID)
	must(t, os.Remove(path))
	must(t, os.MkdirAll(filepath.Join(path, "x"), 0o700)) // nobody can unlink that
	for range 3 {
		e.cycle(t.Context())
	}
	if len(*noted) != 1 || (*noted)[0].Op != "incident.open" || (*noted)[0].Body.Result != "erasure failed" {
		t.Errorf("entered were %+v", *noted)
	}
	if list := e.alarms(); len(list) != 1 || !strings.Contains(list[0], "still there") {
		t.Errorf("the alarms are %q", list)
	}
	if list := ops(t, d); count1(list, "incident.erasure") != 1 {
		t.Errorf("the entries are %q", list)
	}
	must(t, os.RemoveAll(path))
	e.cycle(t.Context())
	if list := e.alarms(); len(list) != 0 {
		t.Errorf("the alarms last: %q", list)
	}
	s.gone(t, s.stores[0], row)
}

// A present that was certain outlives the program; a damaged file costs certainty, and nothing else.
func TestTimekeeperRemembers(t *testing.T) {
	t.Parallel()
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	boot := later(t, 1, 0)
	k := openTimekeeper(dir, boot, log)
	if p := k.now(); !p.Held || !p.Certain.IsZero() {
		t.Errorf("at first: %+v", p)
	}
	k.told("witness w", boot.Now())
	certain := k.now().Certain
	if certain.IsZero() || k.now().Held {
		t.Errorf("told: %+v", k.now())
	}
	again := openTimekeeper(dir, boot, log)
	if p := again.now(); p.Held || p.Certain.Before(certain) {
		t.Errorf("after a restart: %+v", p)
	}
	jumped := later(t, 2, 400*24*time.Hour) // another boot, whose clock is far ahead
	if p := openTimekeeper(dir, jumped, log).now(); !p.Held || p.Certain.Sub(certain) > 30*24*time.Hour {
		t.Errorf("after a jump: %+v", p)
	}
	must(t, os.WriteFile(timeFile(dir), []byte("{"), 0o600))
	if p := openTimekeeper(dir, boot, log).now(); !p.Held {
		t.Errorf("after damage: %+v", p)
	}
}

// What anchors bring back counts as told by the party that signed it.
func TestAnchorsTellTheTime(t *testing.T) {
	t.Parallel()
	var told []string
	a := &anchors{told: func(by string, at time.Time) { told = append(told, fmt.Sprint(by, " ", at.Unix())) }}
	a.tell("witness w", time.Unix(5, 0))
	(&anchors{}).tell("witness w", time.Unix(5, 0))
	if !slices.Equal(told, []string{"witness w 5"}) {
		t.Errorf("told: %q", told)
	}
}

// The disks are walked at night, or whenever that was missed.
func TestWalkDue(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	night := time.Date(2026, 11, 22, 3, 10, 0, 0, zone)
	for _, tt := range []struct {
		now, last time.Time
		want      bool
	}{
		{night, night.Add(-24 * time.Hour), true},
		{night, night.Add(-5 * time.Minute), false},
		{night.Add(10 * time.Hour), night, false},
		{night.Add(10 * time.Hour), time.Time{}, true},
		{night.Add(27 * time.Hour), night, true},
		{night, night.Add(48 * time.Hour), true},
	} {
		if got := walkDue(tt.now, tt.last, zone); got != tt.want {
			t.Errorf("at %s after %s: %v", tt.now, tt.last, got)
		}
	}
}

// A hold that a diary with a fault does not take is refused for that.
func TestFaultRefusesHolds(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	s.with(t, func(d *diary.Diary) {
		_, err := d.Saw(t.Context(), diary.Seen{By: "a witness", Origin: d.Head().Origin, Size: d.Head().Size + 5})
		must(t, err)
		log := slog.New(slog.DiscardHandler)
		e := newEraser(s.site, s.index, openTimekeeper(s.cfg.State, later(t, 7, 0), log), log)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		e.begin(d)
		go func() { defer close(ended); e.run(ctx) }()
		o := holdOrder{who: herself, ground: ground{Basis: "seen"}, Kind: "provisional",
			span: span{"yard", row.Start.Format(time.RFC3339), row.End.Add(time.Second).Format(time.RFC3339)}}
		if _, err := e.setHold(ctx, o); !errors.Is(err, diary.ErrFault) {
			t.Error(err)
		}
		s.whole(t, s.stores[0], row)
		cancel()
		<-ended
	})
}

// A file that the index does not know is taken in by the walk.
func TestWalkAdopts(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	must(t, s.index.Remove(row.ID))
	e, _, _ := s.eraser(t, later(t, 7, 0))
	e.walk(t.Context())
	if _, err := s.index.Get(row.ID); err != nil {
		t.Errorf("the file was not taken in: %v", err)
	}
	var last time.Time
	must(t, readJSON(walkFile(s.cfg.State), &last))
}
