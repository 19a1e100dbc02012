package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// smallState is a state folder on a small disk of its own, and a store elsewhere, with one camera that changes its
// segment every 2 s.
type smallState struct {
	*box
	disk    string
	keys    keyring.Identity
	reserve configs.Size  // 0: as configured
	turn    time.Duration // of a segment
	fs      durable.FS    // with faults; nil: none
}

func newSmallState(t *testing.T) *smallState {
	t.Helper()
	disk := durabletest.Image(t, 96)
	return newStateOn(t, disk, filepath.Join(t.TempDir(), "store"))
}

// newStateOn makes a state folder on a disk, and a store anywhere.
func newStateOn(t *testing.T, disk, store string) *smallState {
	t.Helper()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	s := bareState(t, disk, store)
	s.write(t, "cameras.d/a.yml", camera("a", server.URL("a"), ""))
	return s
}

// bareState is a state folder without a camera, with one store or several.
func bareState(t testing.TB, disk string, store ...string) *smallState {
	t.Helper()
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(keys) })
	s := &smallState{disk: disk, turn: 2 * time.Second}
	s.box = &box{dir: filepath.Join(s.disk, "box"), log: newTap()}
	c := initCmd{Store: store, Key: filepath.Join(keys, "k"), Controller: "sola.example", YesIWroteDown: true}
	_, err = c.make(s.dir, terminal{strings.NewReader(""), io.Discard, s.log})
	must(t, err)
	s.write(t, configs.File, configs.New(configs.Choice{Store: c.Store, Metrics: configs.MetricsOff}))
	key, err := keyring.ReadKeyFile(durable.OS, diaryKeyFile(c.Key))
	must(t, err)
	s.keys = keyring.Identity{key}
	return s
}

// start runs the daemon until it records, or returns why it does not.
func (s *smallState) start(t testing.TB) error {
	t.Helper()
	cfg, err := loadConfig(s.dir, terminal{nil, s.log, s.log})
	must(t, err)
	cfg.SegmentDuration = configs.Duration(s.turn)
	if s.reserve > 0 {
		cfg.Reserve = s.reserve
	}
	ready, ctx := make(chan struct{}), context.Context(nil)
	s.Daemon = &Daemon{Log: slog.New(slog.NewTextHandler(s.log, nil)), Ready: func() { close(ready) }, FS: s.fs}
	s.done = make(chan error, 1)
	ctx, s.stop = context.WithCancel(t.Context())
	ended, done, run := make(chan struct{}), s.done, s.Run
	go func() {
		defer close(ended)
		done <- run(ctx, cfg)
	}()
	t.Cleanup(func() { <-ended }) // or the disk could not be unmounted
	select {
	case err := <-s.done:
		return err
	case <-ready:
		return nil
	}
}

// until waits until the status is as wanted.
func (s *smallState) until(t testing.TB, what string, is func(status) bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(never); !is(s.status()); {
		select {
		case <-limit:
			t.Fatalf("%s:\n%s\n%s", what, s.status().table(), s.log)
		case <-tick.C:
		}
	}
}

// segments waits until so many more segments were begun.
func (s *smallState) segments(t testing.TB, more uint64) {
	t.Helper()
	begun := func(st status) (n uint64) {
		for _, stream := range st.Streams {
			n += stream.Segments
		}
		return n
	}
	want := begun(s.status()) + more
	s.until(t, "no segment is begun any more", func(st status) bool { return begun(st) >= want })
}

// read has the desk write an entry that says why.
func (s *smallState) read(ctx context.Context, why string) error {
	answer, err := ask(ctx, s.dir, "POST", "/diary/read", strings.NewReader(fmt.Sprintf(`{"actor":"a","reason":%q,"last":1,"redact":true}`, why)))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer)
	return errors.Join(err, answer.Close())
}

// What is held on the disk of the state folder lets segments go on when others fill it. When that is used up, too,
// the status says so, what happens waits, and nothing that was acknowledged, recorded or collected is lost.
func TestFullState(t *testing.T) {
	t.Parallel()
	s := newSmallState(t)
	must(t, s.start(t))
	s.segments(t, 1)
	if _, err := os.Stat(heldFile(s.dir)); err != nil {
		t.Fatalf("no space is held: %v", err)
	}

	empty := durabletest.Fill(t, s.disk)
	s.log.await(t, "were held for this are given up now")
	if free, err := freeOf(s.dir); err == nil && free < roomHeld { // the filling went on a little
		filler, err := os.Stat(filepath.Join(s.disk, "filler"))
		must(t, errors.Join(err, os.Truncate(filepath.Join(s.disk, "filler"), filler.Size()-int64(roomHeld-free))))
	}
	s.room.look()
	if st := s.status(); !strings.Contains(st.State.Sentence, "make room on it before it is full") || !strings.Contains(st.summary(), "little room for the state") {
		t.Errorf("the status says %+v", st.State)
	}
	s.segments(t, 2)
	must(t, s.read(t.Context(), "held"))

	must(t, os.Rename(filepath.Join(s.disk, "filler"), filepath.Join(s.disk, "filled")))
	emptyRest := durabletest.Fill(t, s.disk)
	acknowledged := map[string]bool{"held": true}
	for i, refused := 0, 0; refused < 5; i++ {
		why := fmt.Sprint(i)
		err := s.read(t.Context(), why)
		switch {
		case err == nil:
			acknowledged[why] = true
		case !strings.Contains(err.Error(), "disk is full"):
			t.Fatalf("on a full disk the desk says: %v", err)
		default: // what SQLite gave back for the moment may do for the next entry
			refused++
			durabletest.Fill(t, s.disk)
		}
	}
	s.log.await(t, "the diary can't be kept up to date; recording goes on")
	s.clerk.config(nil, "while the disk is full")
	s.room.look()
	text := s.status().table()
	for _, want := range []string{"! the disk of the state folder " + s.dir + " is full (", "B free): delete", "! the diary can't be kept up to date", "more wait for it"} {
		if !strings.Contains(text, want) {
			t.Errorf("the status does not say %q:\n%s", want, text)
		}
	}

	emptyRest()
	must(t, os.Rename(filepath.Join(s.disk, "filled"), filepath.Join(s.disk, "filler")))
	empty()
	s.log.await(t, "the diary is kept up to date again")
	s.until(t, "the diary goes on being in trouble", func(st status) bool { return st.Diary.Sentence == "" && st.Diary.Waiting == 0 })
	s.segments(t, 1)
	must(t, s.read(t.Context(), "afterwards"))
	acknowledged["afterwards"] = true
	st := s.status()
	if st.Diary.Sentence != "" || st.State.Sentence != "" || st.Diary.Incidents == 0 || st.Streams[0].Dropped != 0 || st.Streams[0].Gaps != 0 {
		t.Errorf("afterwards the status says %+v and\n%s", st.Diary, st.table())
	}
	s.end(t)
	s.checkAll(t, acknowledged, "while the disk is full")
}

// checkAll looks for what must be in the diary of a daemon that has ended: what was acknowledged at the desk, each once;
// every segment, in pieces that tile; the notes or results of further entries.
func (s *smallState) checkAll(t *testing.T, acknowledged map[string]bool, also ...string) {
	t.Helper()
	a, err := readAppliance(s.dir)
	must(t, err)
	ix, err := footage.Open(indexFile(s.dir))
	must(t, err)
	defer func() { must(t, ix.Close()) }()
	c := &clerk{state: s.dir, appliance: a, index: ix}
	ops, bodies, manifests := entries(t, c, s.keys)
	said := map[string]int{}
	for i, b := range bodies {
		if ops[i] == "diary.read" {
			said["read "+b.Purpose]++
		}
		said[b.Note]++
		said[b.Result]++
	}
	for why := range acknowledged {
		if n := said["read "+why]; n != 1 {
			t.Errorf("the entry %q was acknowledged and is there %d times", why, n)
		}
	}
	for _, text := range also {
		if said[text] != 1 {
			t.Errorf("%q is entered %d times", text, said[text])
		}
	}
	tiled(t, c, ops, manifests)
	verifies(t, c)
}

// On a full disk a start gives up what is held for that, and records. With nothing held it says what is full, how much
// is left and what to do, and begins once there is room.
func TestServeOnFullState(t *testing.T) {
	t.Parallel()
	s := newSmallState(t)
	must(t, s.start(t))
	s.segments(t, 1)
	s.end(t)

	empty := durabletest.Fill(t, s.disk)
	if err := s.start(t); err != nil {
		t.Fatalf("with space that is held: %v", err)
	}
	s.log.await(t, "were held for this are given up now")
	s.segments(t, 2)
	s.end(t)
	if _, err := os.Stat(heldFile(s.dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was held is still held: %v", err)
	}

	must(t, os.Rename(filepath.Join(s.disk, "filler"), filepath.Join(s.disk, "filled")))
	emptyRest := durabletest.Fill(t, s.disk)
	err := s.start(t)
	if err == nil {
		s.end(t)
		t.Fatal("it started with nothing left")
	}
	for _, want := range []string{"the disk of the state folder " + s.dir + " is full (", "delete what is not varuh's", "start varuh again (systemd does that by itself)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	emptyRest()
	must(t, os.Rename(filepath.Join(s.disk, "filled"), filepath.Join(s.disk, "filler")))
	empty()
	must(t, s.start(t))
	s.segments(t, 1)
	s.end(t)
	s.checkAll(t, nil)
}

// Where state and store share a disk, footage stops at the reserve: diary, index and keys go on.
func TestSharedDiskFull(t *testing.T) {
	t.Parallel()
	disk := durabletest.Image(t, 224)
	s := newStateOn(t, disk, filepath.Join(disk, "store"))
	s.reserve = 64 << 20
	must(t, s.start(t))
	s.segments(t, 1)
	free, err := freeOf(disk)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(disk, "footage"), make([]byte, free-60<<20), 0o600)) // as if cameras had done so
	s.until(t, "footage goes beyond the reserve", func(st status) bool { return st.Streams[0].State == "full" })
	for i := range 200 {
		must(t, s.read(t.Context(), fmt.Sprint(i)))
	}
	if st := s.status(); st.State.Sentence != "" || st.Diary.Sentence != "" || st.State.Free < 50<<20 {
		t.Errorf("the status says %+v and %+v", st.State, st.Diary)
	}
	must(t, os.Remove(filepath.Join(disk, "footage")))
	s.segments(t, 1)
	s.end(t)
	s.checkAll(t, map[string]bool{"0": true, "199": true})
}
