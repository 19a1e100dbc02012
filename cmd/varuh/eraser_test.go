package main

import (
	"context"
	"errors"
	"fmt"
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
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/recorder/segment"
	"varuh/retention"
	"varuh/testdata/clips"
)

// laterBoot is a boot of the machine some time later.
type laterBoot struct {
	recorder.Boot
	id    byte
	ahead time.Duration
	clock segment.ClockState
}

func (b *laterBoot) Now() time.Time            { return b.Boot.Now().Add(b.ahead) }
func (b *laterBoot) ID() [16]byte              { return [16]byte{b.id} }
func (b *laterBoot) Clock() segment.ClockState { return b.clock }

// later is a boot so much later, whose clock is set.
func later(t *testing.T, id byte, ahead time.Duration) *laterBoot {
	t.Helper()
	boot, err := recorder.ThisBoot()
	must(t, err)
	return &laterBoot{Boot: boot, id: id, ahead: ahead, clock: segment.Synchronised}
}

// eraser is that of an appliance that does not run, with its diary open until the test ends. What it enters of itself
// is in noted.
func (s *still) eraser(t *testing.T, boot recorder.Boot) (e *eraser, d *diary.Diary, noted *[]diary.Entry) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	e, noted = newEraser(s.site, s.index, openTimekeeper(s.cfg.State, boot, log), log), new([]diary.Entry)
	e.note = func(x diary.Entry) { *noted = append(*noted, x) }
	must(t, e.replay(t.Context(), d, 0))
	return e, d, noted
}

// ops are the operations in a diary.
func ops(t *testing.T, d *diary.Diary) (list []string) {
	t.Helper()
	for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
		must(t, err)
		list = append(list, e.Op)
	}
	return list
}

func count1(list []string, op string) (n int) {
	for _, o := range list {
		if o == op {
			n++
		}
	}
	return n
}

func (s *still) whole(t *testing.T, store footage.Store, row footage.Segment) {
	t.Helper()
	slot, err := store.Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot})
	_, statErr := os.Stat(store.Path(row.Camera, row.ID))
	_, rowErr := s.index.Get(row.ID)
	if err := errors.Join(err, statErr, rowErr); err != nil || slot.State != keyring.StateSealed {
		t.Errorf("the segment of %s at %s is not whole: %v, %v", row.Camera, row.Start, slot.State, err)
	}
}

// ana is who sets holds.
var ana = proof.Actor{Name: "Ana", Proof: "claimed on the console"}

// herself is Ana as she asks for something, once it is known that it is she.
var herself = who{by: ana}

// claims is somebody of whom a name is known alone.
func claims(name string) who { return who{Actor: name} }

// playedSecond is the other of two persons.
func playedSecond(name string) second {
	if name == "" {
		return second{}
	}
	return second{other: played(name).by}
}

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

func (b *box) whole(t *testing.T, row footage.Segment, store footage.Store) {
	t.Helper()
	(&still{b.site, b.index}).whole(t, store, row)
}

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
