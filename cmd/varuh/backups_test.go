package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/retention"
	"varuh/retention/copies"
	"varuh/testdata/clips"
)

// otherDisk is a folder on another file system than that of the tests' own.
func otherDisk(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "varuh-test-")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("needs a second file system at /dev/shm:", err)
	}
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

// filesOf are those of the files in a folder.
func filesOf(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// By the schedule a backup is made at once and then each day, old ones go, and whatever keeps one from being made is
// told until it is over, with nothing left behind.
func TestBackupSchedule(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	usb, now := otherDisk(t), time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	to := filepath.Join(t.TempDir(), "mnt")
	must(t, os.Symlink(usb, to)) // where the stick is mounted
	s.cfg.Backup = configs.Backup{To: to, Every: configs.Duration(24 * time.Hour), Keep: retention.Term{Days: 3}}
	b := newBackups(s.site, func() []configs.Camera { return nil }, slog.New(slog.DiscardHandler))
	b.now = func() time.Time { return now }
	b.present = func() retention.Present { return retention.Present{Certain: now} }
	if _, err := b.use(); err == nil {
		t.Error("a backup without a diary")
	}
	turn := func(ahead time.Duration, files int, sentences ...string) {
		t.Helper()
		now = now.Add(ahead)
		b.turn(t.Context())
		if got := filesOf(t, usb); len(got) != files {
			t.Errorf("%v: on the stick is %v, want %d", now, got, files)
		}
		got := b.status().Sentences
		if len(got) != len(sentences) {
			t.Fatalf("%v: said %q, want %q", now, got, sentences)
		}
		for i, want := range sentences {
			if !strings.Contains(got[i], want) {
				t.Errorf("%v: said %q, want %q", now, got[i], want)
			}
		}
	}
	s.with(t, func(d *diary.Diary) {
		b.begin(d)
		turn(0, 1)
		turn(time.Minute, 1)
		turn(23*time.Hour, 1)
		turn(time.Hour, 2)
		must(t, os.Remove(to)) // pulled out
		turn(24*time.Hour, 2, "mount its disk")
		must(t, os.Mkdir(to, 0o700)) // what is below it is the state's disk
		turn(time.Minute, 2, "mount its disk")
		turn(time.Hour, 2, "probably not mounted")
		if left := filesOf(t, to); len(left) != 0 {
			t.Errorf("onto the disk of the state went %v", left)
		}
		must(t, os.Remove(to))
		must(t, os.Symlink(usb, to))
		turn(time.Minute, 2, "the last one is of 2026-11-23")
		turn(time.Hour, 3)
		turn(24*time.Hour, 3) // one more, and the first is over
		stick := filesOf(t, usb)
		must(t, os.Rename(usb, usb+".away")) // another stick is put in
		t.Cleanup(func() { must(t, os.RemoveAll(usb+".away")) })
		must(t, os.Mkdir(usb, 0o700))
		turn(24*time.Hour, 1, "destroy") // that of the 23rd is on the stick that is away
		list := b.status().Copies
		if len(list) != 4 || !slices.Contains(stick, list[0].Name) {
			t.Fatalf("registered: %+v", list)
		}
		o, err := backupOrder{Destroyed: &list[0].ID, who: herself, Reason: "shredded"}.checked()
		must(t, err)
		_, err = o.carryOut(t.Context(), b.maker)
		must(t, err)
		turn(time.Minute, 1)
		if got := b.status().line(); !strings.Contains(got, "backup: the last one is of 2026-11-26") || !strings.Contains(got, "3 copies may hold") {
			t.Errorf("the status says %q", got)
		}
	})
	s.with(t, func(d *diary.Diary) {
		b.begin(d)
		next, err := keyring.GenerateKey()
		must(t, err)
		must(t, keyring.WritePublic(durable.OS, publicFile(s.cfg.State), keyring.NewPublic(next.Public(), next.Public(), now)))
		turn(time.Minute, 2) // what the new envelope opens is wanted at once
		turn(time.Minute, 2)
	})
	s.with(t, func(d *diary.Diary) {
		s.cfg.Backup.To = t.TempDir()
		b := newBackups(s.site, func() []configs.Camera { return nil }, slog.New(slog.DiscardHandler))
		b.now = func() time.Time { return now }
		b.begin(d)
		b.turn(t.Context())
		if got := b.status().Sentences; len(got) != 1 || !strings.Contains(got[0], "on the disk of the state folder") {
			t.Errorf("beside the state: %q", got)
		}
	})
}

// leftOut are files of the state folder that no backup has, and why.
var leftOut = map[string]string{
	"lock":                  "of this machine",
	"reserve":               "holds room, and nothing else",
	"varuh.sock":            "of a running program",
	"footage.db":            "made anew from the stores",
	"footage.db-wal":        "as footage.db",
	"footage.db-shm":        "as footage.db",
	"varuh.db-wal":          "in the copy of varuh.db",
	"varuh.db-shm":          "in the copy of varuh.db",
	"backup.db":             "copy of varuh.db for a backup that is being made",
	"backup.begun":          "where a backup is being made",
	"began.json":            "found anew from the footage that is there",
	"lasting.json":          "what this machine has entered of what lasts",
	"other.json":            "measured anew",
	"walked.json":           "when this machine last compared disk and index",
	"keys/diary.checkpoint": "made anew for the copy of varuh.db",
}

// Every file that a running box has in its state folder, and every file that its configuration names, is in a backup or
// in the list above, and the private keys are in neither.
func TestEverythingIsBackedUp(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{User: "viewer", Pass: "geheim", Digest: true})
	must(t, err)
	defer server.Close()
	outside := filepath.Join(t.TempDir(), "pw")
	must(t, os.WriteFile(outside, []byte("geheim\n"), 0o600))
	b := startBox(t, configs.MetricsOff, map[string]string{
		"pw":                 "geheim\n",
		"cameras.d/hall.yml": camera("hall", server.URL("hall"), "user: viewer\npassword_file: pw\n"),
		"cameras.d/yard.yml": camera("yard", server.URL("hall")+"2", "user: viewer\npassword_file: "+outside+"\n"),
	})
	b.log.await(t, "kind=connected camera=hall")
	b.end(t)
	s, store := b.opened(t)
	defer func() { must(t, errors.Join(s.index.Close(), s.Close())) }()
	must(t, os.WriteFile(filepath.Join(b.dir, "pins"), []byte("x\n"), 0o600)) // no camera here has a key of its own
	small, err := s.smallFiles(s.cfg.Cameras)
	must(t, err)
	have := map[string]bool{"varuh.db": true}
	for _, f := range small {
		have[copies.Place(f.Name)] = true
	}
	for f, err := range store.Ring.SlotFiles(t.Context()) {
		must(t, err)
		have[copies.Place(copies.SlotFile(store.ID.String(), f.Name))] = true
	}
	for _, want := range []string{"varuh.yml", "appliance.json", "keys/public.json", "keys/diary.json", "keys/diary.key", "pw", "cameras.d/hall.yml", "pins", filepath.Join("elsewhere", outside)} {
		if !have[want] {
			t.Errorf("%s is in no backup, of %v", want, have)
		}
	}
	must(t, filepath.WalkDir(b.dir, func(name string, e fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(b.dir, name)
		switch {
		case err != nil || relErr != nil:
			return errors.Join(err, relErr)
		case rel == "store":
			return fs.SkipDir
		case e.IsDir(), have[rel], filepath.Ext(rel) == ".mark": // marks are of this machine: a restore knows less, and the stores have theirs
		case leftOut[rel] == "":
			t.Errorf("%s is in no backup: add it to backedUpState, or say above why not", rel)
		}
		return nil
	}))
}

// A daemon whose folder for backups is away records, and says so; as soon as that is there it makes one.
func TestDaemonBacksUp(t *testing.T) {
	t.Parallel()
	usb := otherDisk(t)
	away := filepath.Join(usb, "stick")
	text := "store: [store]\nmetrics: off\nbackup:\n  to: " + away + "\n"
	b := startBox(t, configs.MetricsOff, map[string]string{configs.File: text})
	b.log.await(t, "no backup is made; it is tried again each hour")
	if st := b.status(); len(st.Backup.Sentences) != 1 || !strings.Contains(st.table(), "! no backup is made, and there is none yet") || !strings.Contains(st.summary(), "the backups in trouble") {
		t.Errorf("the status says:\n%s\n%s", st.summary(), st.table())
	}
	b.end(t)
	must(t, os.Mkdir(away, 0o700))
	b.again(t)
	b.log.await(t, "a backup was made")
	registry := prometheus.NewPedanticRegistry()
	must(t, registry.Register(statusMetrics{b.Daemon}))
	families, err := registry.Gather()
	must(t, err)
	told := map[string]float64{}
	for _, f := range families {
		if f.GetMetric()[0].GetGauge() != nil {
			told[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	if told["varuh_copies"] != 1 || told["varuh_copies_overdue"] != 0 || told["varuh_backup_last_timestamp_seconds"] == 0 {
		t.Errorf("metrics: %v", told)
	}
	if got := filesOf(t, away); len(got) != 1 {
		t.Errorf("on the stick: %v", got)
	}
	b.end(t)
}
