package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// keyed makes a state folder whose private keys are at hand, and a clerk for its diary that does not run yet.
func keyed(t testing.TB) (*clerk, keyring.Identity) {
	t.Helper()
	keys, err := memoryFolder("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(keys) })
	dir := filepath.Join(t.TempDir(), "box")
	c := initCmd{Store: []string{filepath.Join(dir, "store")}, Key: filepath.Join(keys, "k"), Controller: "sola.example", YesIWroteDown: true}
	if _, err := c.make(dir, terminal{strings.NewReader(""), io.Discard, io.Discard}); err != nil {
		t.Fatal(err)
	}
	a, err := readAppliance(dir)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := footage.Open(indexFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	key, err := keyring.ReadKeyFile(durable.OS, diaryKeyFile(c.Key))
	if err != nil {
		t.Fatal(err)
	}
	return &clerk{state: dir, appliance: a, index: ix, log: slog.New(slog.DiscardHandler), cameras: func() []string { return nil },
		threshold: time.Minute, started: time.Now(), slot: func(footage.Segment) error { return nil }, patience: time.Minute}, keyring.Identity{key}
}

// run lets a clerk work until its diary is open and its queue empty, and ends it.
func (c *clerk) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := c.begin(ctx)
	cancel()
	<-done
}

// entries are all bodies of a diary, opened, by operation.
func entries(t *testing.T, c *clerk, keys keyring.Identity) (ops []string, bodies []proof.Body, manifests [][]byte) {
	t.Helper()
	d, err := openDiary(t.Context(), c.state, c.appliance)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	k := desk{diary: d, keys: keys}
	err = k.lines(t.Context(), d.Opener(keys), 0, d.Head().Size, func(l diaryLine) error {
		leaf, err := proof.ParseLeaf([]byte(l.Leaf))
		if err != nil {
			return err
		}
		b, err := proof.ParseBody([]byte(l.Body))
		ops, bodies, manifests = append(ops, leaf.Op), append(bodies, b), append(manifests, []byte(l.Manifest))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ops, bodies, manifests
}

// What happens is entered, in order, with what it is about.
func TestClerkEnters(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c.slot = func(s footage.Segment) error {
		if s.Records == 3 {
			return errors.New("it was cut")
		}
		return nil
	}
	c.start()
	c.config([]byte("form"), "added hall")
	gap := func(length time.Duration) *footage.Gap {
		return &footage.Gap{Camera: "hall", Stream: "main", Gap: segment.Gap{From: noon, To: noon.Add(length), Cause: "silent"}}
	}
	c.event(recorder.Event{Kind: recorder.EventGap, Gap: gap(59 * time.Second)})
	c.event(recorder.Event{Kind: recorder.EventGap, Gap: gap(time.Minute)})
	c.event(recorder.Event{Kind: recorder.EventClock, Sentence: "the clock was synchronised"})
	c.event(recorder.Event{Kind: recorder.EventDamaged, Camera: "hall", Stream: "main", Sentence: "segment 1 can't be recovered"})
	c.event(recorder.Event{Kind: recorder.EventRecovered, Segment: &footage.Segment{Camera: "hall", Records: 2, Start: noon, End: noon}})
	c.event(recorder.Event{Kind: recorder.EventRecovered, Segment: &footage.Segment{Camera: "yard", Records: 3, Start: noon, End: noon}})
	c.run(t)
	ops, bodies, _ := entries(t, c, keys)
	if want := []string{"origin.begin", "start", "config", "gap", "clock.step", "incident.open", "incident.open", "stop"}; !slices.Equal(ops, want) {
		t.Fatalf("the entries are %q, want %q", ops, want)
	}
	if b := bodies[2]; b.Note != "added hall" || len(b.Data["sha256"].(string)) != 64 {
		t.Errorf("config: %+v", b)
	}
	if b := bodies[3]; b.Data["cause"] != "silent" || b.Objects[0].To.Sub(b.Objects[0].From) != time.Minute {
		t.Errorf("gap: %+v", b)
	}
	if b := bodies[5]; b.Result != "segment damaged" || b.Data["camera"] != "hall" {
		t.Errorf("incident: %+v", b)
	}
	if b := bodies[6]; b.Result != "segment changed" || b.Objects[0].Camera != "yard" || b.Note != "it was cut" {
		t.Errorf("incident: %+v", b)
	}
	for i, b := range bodies {
		if b.Software == "" || b.Clock == "" {
			t.Errorf("entry %d says nothing of software or clock: %+v", i, b)
		}
	}
}

// What does not fit into the queue is counted, shown, and told of once the diary can be written.
func TestClerkQueueOverflows(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	for range maxQueued + 7 {
		c.start()
	}
	if st := c.status(); st.Waiting != maxQueued+7 {
		t.Errorf("%d entries wait", st.Waiting)
	}
	c.run(t)
	ops, bodies, _ := entries(t, c, keys)
	if n := len(ops); n != maxQueued+3 || ops[n-2] != "incident.open" && ops[n-1] != "incident.open" {
		t.Fatalf("%d entries, the last ones %q", n, ops[n-2:])
	}
	if i := slices.Index(ops, "incident.open"); !strings.HasPrefix(bodies[i].Note, "7 events") {
		t.Errorf("the incident says %q", bodies[i].Note)
	}
}

// An event that no entry can hold is counted and told of, and what comes behind it is written; a sentence that is no
// text, or too long, goes in as far as it can.
func TestClerkOddEvents(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	c.note(diary.Entry{Op: "incident.open", Body: proof.Body{Note: "broken \xff here"}})
	c.note(diary.Entry{Op: "incident.open", Body: proof.Body{Note: strings.Repeat("č", 1<<20)}})
	c.note(diary.Entry{Op: "gap", Body: proof.Body{Data: map[string]any{"cause": "broken \xff here"}}})
	c.note(diary.Entry{Op: "incident.open", Body: proof.Body{Note: "behind it"}})
	c.run(t)
	_, bodies, _ := entries(t, c, keys)
	var notes []string
	for _, b := range bodies {
		notes = append(notes, b.Note)
	}
	all := strings.Join(notes, "|")
	for _, want := range []string{"broken \uFFFD here", strings.Repeat("č", maxNote/2), "behind it", "1 event of the recorder did not fit"} {
		if !strings.Contains(all, want) {
			t.Errorf("no entry says %.40q", want)
		}
	}
	if slices.Contains(notes, "") && strings.Contains(all, "\xff") {
		t.Error("what is no text was written")
	}
}

// A diary that is damaged, of another appliance, newer or gone is refused, and stays as it is.
func TestClerkRefuses(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]struct {
		do   func(t *testing.T, c *clerk)
		want string
	}{
		"gone":         {func(t *testing.T, c *clerk) { must(t, os.Remove(diaryFile(c.state))) }, "put it back from a copy"},
		"other origin": {func(t *testing.T, c *clerk) { c.appliance.Diary = "other.example/varuh/0/dnevnik" }, "not the diary of this appliance"},
		"newer":        {func(t *testing.T, c *clerk) { onDatabase(t, c.state, "PRAGMA user_version = 999") }, "newer varuh"},
		"changed": {func(t *testing.T, c *clerk) {
			onDatabase(t, c.state, `UPDATE diary_leaves SET leaf = replace(leaf, '"v":1', '"v":0')`)
		}, "the diary is damaged: entry 0"},
		"newer entry": {func(t *testing.T, c *clerk) {
			onDatabase(t, c.state, `UPDATE diary_leaves SET leaf = replace(leaf, '"v":1', '"v":2')`)
		}, "entry 0: the diary was written by a newer varuh"},
		"no key": {func(t *testing.T, c *clerk) { must(t, os.Remove(filepath.Join(c.state, "keys", "diary.key"))) }, "signing key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := keyed(t)
			spoil.do(t, c)
			c.start()
			c.run(t)
			if st := c.status(); !strings.Contains(st.Sentence, spoil.want) || !strings.HasPrefix(st.Sentence, "there is no access to footage") {
				t.Errorf("the status says %q", st.Sentence)
			}
			if _, err := c.use(); err == nil {
				t.Error("the diary can be used")
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// onDatabase changes the database behind the program's back.
func onDatabase(t *testing.T, state, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", diaryFile(state))
	must(t, err)
	_, err = db.Exec(statement)
	must(t, errors.Join(err, db.Close()))
}

// recording waits until a camera has delivered a fragment that is newer than now.
func (b *box) recording(t *testing.T) {
	t.Helper()
	since, tick := time.Now(), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for limit := time.After(never); ; {
		select {
		case <-limit:
			t.Fatalf("nothing is recorded any more:\n%s", b.status().table())
		case <-tick.C:
		}
		if s := b.status().Streams; len(s) > 0 && s[0].LastFragment.After(since) {
			return
		}
	}
}

// While the diary is locked by somebody else, or its disk takes nothing, recording goes on, the status says
// what is wrong, and everything is entered afterwards.
func TestRecordsWithoutDiary(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	b := startBox(t, configs.MetricsOff, map[string]string{"cameras.d/a.yml": camera("a", server.URL("a"), "")})
	b.log.await(t, "kind=connected camera=a")
	b.recording(t)

	onDatabase(t, b.dir, `CREATE TRIGGER full BEFORE INSERT ON diary_leaves BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
	b.clerk.config(nil, "while the disk is full")
	b.log.await(t, "the diary can't be kept up to date; recording goes on")
	b.recording(t)
	if st := b.status(); !strings.Contains(st.Diary.Sentence, `DROP TRIGGER "full"`) || st.Diary.Waiting != 2 || !strings.Contains(st.summary(), "the diary in trouble") {
		t.Errorf("the status says %+v", st.Diary)
	}
	if _, err := ask(t.Context(), b.dir, "POST", "/diary/read", strings.NewReader(`{"actor":"a","reason":"r"}`)); err == nil || !strings.Contains(err.Error(), "nothing is handed out") {
		t.Errorf("a diary that takes no entry was read: %v", err)
	}
	onDatabase(t, b.dir, `DROP TRIGGER full`)
	b.clerk.rouse()
	b.log.await(t, "the diary is kept up to date again")
	if st := b.status(); st.Diary.Sentence != "" || st.Diary.Waiting != 0 {
		t.Errorf("afterwards the status says %+v", st.Diary)
	}

	db, err := sql.Open("sqlite3", "file:"+diaryFile(b.dir)+"?_txlock=immediate")
	must(t, err)
	defer db.Close()
	tx, err := db.Begin()
	must(t, err)
	for range 100 { // each returns at once
		b.happened(recorder.Event{Kind: recorder.EventGap, Gap: &footage.Gap{Camera: "a", Stream: "main",
			Gap: segment.Gap{From: time.Now().Add(-time.Hour), To: time.Now(), Cause: "silent"}}})
	}
	b.recording(t)
	b.end(t) // though the diary hangs
	if !strings.Contains(b.log.String(), "the diary could not be written to its end") {
		t.Error("the log does not say that the diary was cut off")
	}
	must(t, tx.Rollback())
	<-b.clerk.ended
}

// An entry that a command at the desk asked for and that can't be written is shown everywhere, entered once it can
// be, and tried again though nothing else is to be entered.
func TestDeskCannotEnter(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	b := startBox(t, addr, nil)
	onDatabase(t, b.dir, `CREATE TRIGGER full BEFORE INSERT ON diary_leaves BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
	read := func() error {
		answer, err := ask(t.Context(), b.dir, "POST", "/diary/read", strings.NewReader(`{"actor":"a","reason":"r"}`))
		if err == nil {
			err = answer.Close()
		}
		return err
	}
	metric := func(want string) {
		t.Helper()
		resp, err := http.Get("http://" + addr + "/metrics")
		must(t, err)
		if text := readAll(t, resp.Body); !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("the metrics don't say %s:\n%s", want, text)
		}
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "nothing is handed out") {
		t.Errorf("a diary that takes no entry was read: %v", err)
	}
	b.log.await(t, "the diary can't be kept up to date; recording goes on")
	if st := b.status(); !strings.Contains(st.Diary.Sentence, `DROP TRIGGER "full"`) || !strings.Contains(st.summary(), "the diary in trouble") {
		t.Errorf("the status says %+v", st.Diary)
	}
	metric("varuh_diary_ok 0")
	onDatabase(t, b.dir, `DROP TRIGGER full`)
	b.log.await(t, "the diary is kept up to date again")
	must(t, read())
	if st := b.status(); st.Diary.Sentence != "" || st.Diary.Waiting != 0 || st.Diary.Incidents != 1 || !strings.Contains(st.table(), "1 incident since the start") {
		t.Errorf("afterwards the status says %+v", st.Diary)
	}
	metric("varuh_diary_ok 1")
	metric("varuh_diary_incidents_total 1")
	b.end(t)
}

// The status does not wait for a disk on which the diary can't be read.
func TestStatusOfHungDisk(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	before := b.status().Diary.Standing
	reading := make(chan struct{}) // it never ends
	b.clerk.paged.mu.Lock()
	b.clerk.paged.reading = reading
	b.clerk.paged.mu.Unlock()
	if st := b.status().Diary; before == "" || st.Standing != before {
		t.Errorf("the status says %q, and said %q", st.Standing, before)
	}
	b.end(t)
}

// piece is what the test below needs of a manifest of package collect.
type piece struct {
	Camera   string
	Seq      int64
	From, To time.Time
	Segments []struct {
		ID         string
		Start, End time.Time
	}
	Gaps []struct {
		Cause    string
		From, To time.Time
	}
}

// silent is from when on nothing tells of the camera's one stream; the end of the piece if all of it is told of.
func (p piece) silent() time.Time {
	spans := [][2]time.Time{}
	for _, s := range p.Segments {
		spans = append(spans, [2]time.Time{s.Start, s.End})
	}
	for _, g := range p.Gaps {
		spans = append(spans, [2]time.Time{g.From, g.To})
	}
	slices.SortFunc(spans, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
	at := p.From
	for _, s := range spans {
		if s[0].After(at) {
			break
		}
		if s[1].After(at) {
			at = s[1]
		}
	}
	return at
}

// However often the program is stopped and started, the pieces of a camera follow each other, every segment is
// in one, and the diary verifies.
func TestRestarts(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	c, keys := keyed(t)
	b := &box{dir: c.state, log: newTap()}
	b.write(t, "cameras.d/a.yml", camera("a", server.URL("a"), ""))
	for range 3 {
		cfg, err := loadConfig(b.dir, terminal{nil, b.log, b.log})
		must(t, err)
		cfg.Metrics = configs.MetricsOff
		ready, ctx := make(chan struct{}), context.Context(nil)
		b.Daemon = &Daemon{Log: slog.New(slog.NewTextHandler(b.log, nil)), Ready: func() { close(ready) }}
		b.done = make(chan error, 1)
		ctx, b.stop = context.WithCancel(t.Context())
		go func() { b.done <- b.Run(ctx, cfg) }()
		select {
		case err := <-b.done:
			t.Fatal(err)
		case <-ready:
		}
		b.recording(t)
		b.end(t)
	}
	ops, _, manifests := entries(t, c, keys)
	want := []string{"origin.begin"}
	for range 3 {
		want = append(want, "start", "config", "collect", "stop")
	}
	want = slices.Insert(want, 3, "policy.set") // the term of the new camera
	if !slices.Equal(ops, want) {
		t.Fatalf("the entries are %q, want %q", ops, want)
	}
	tiled(t, c, ops, manifests)
	verifies(t, c)
}

// tiled looks whether the pieces of camera "a" follow each other, each tells of all its time, and every segment of
// the camera is in one.
func tiled(t *testing.T, c *clerk, ops []string, manifests [][]byte) {
	t.Helper()
	var last piece
	seen, n := map[string]bool{}, int64(0)
	for i, raw := range manifests {
		var p piece
		if ops[i] != "collect" {
			continue
		}
		if must(t, json.Unmarshal(raw, &p)); p.Camera != "a" {
			continue
		}
		if n > 0 && !p.From.Equal(last.To) || p.Seq != n {
			t.Errorf("the piece %+v follows %+v", p, last)
		}
		if at := p.silent(); at.Before(p.To) {
			t.Errorf("nothing tells of the time from %v on in %+v", at, p)
		}
		for _, s := range p.Segments {
			seen[s.ID] = true
		}
		last, n = p, n+1
	}
	segments, _, err := c.index.Span("a", "", time.Time{}, time.Now().Add(time.Hour))
	must(t, err)
	for _, s := range segments {
		if !seen[s.ID.String()] {
			t.Errorf("segment %s is in no entry", s.ID)
		}
	}
}

// verifies holds the whole diary to what varuh-verify checks.
func verifies(t *testing.T, c *clerk) {
	t.Helper()
	d, err := openDiary(t.Context(), c.state, c.appliance)
	must(t, err)
	defer d.Close()
	var bundle strings.Builder
	must(t, desk{diary: d}.bundle(t.Context(), &bundle, "", diary.Export{}))
	key, err := proof.ParseKey(d.Head().VKey)
	must(t, err)
	r, err := verifyBundle(t.Context(), []byte(bundle.String()), proof.VerifyOptions{Fingerprints: []string{key.Fingerprint()}})
	if err != nil || r.Bad() || r.Intact.State != proof.Yes {
		t.Errorf("the diary does not verify: %v\n%s", err, fmt.Sprint(r))
	}
}
