package main

import (
	"context"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder/durable/durabletest"
	"varuh/retention"
	"varuh/retention/copies"
)

// On a real stick that is full, and then pulled out while a backup is written to it: each time there is a plain
// sentence and nothing that is half done, and once it is there again the next run makes a backup and takes away the part.
func TestStickFullAndPulled(t *testing.T) {
	t.Parallel()
	s, stick := newStill(t), durabletest.Image(t, 48)
	keep, err := retention.ParseTerm("35d")
	must(t, err)
	s.cfg.Backup = configs.Backup{To: stick, Every: configs.Duration(24 * time.Hour), Keep: keep}
	now, log := time.Now(), newTap()
	files := func() []string {
		t.Helper()
		list, err := filepath.Glob(filepath.Join(stick, "varuh-*"))
		must(t, err)
		return list
	}
	s.with(t, func(d *diary.Diary) {
		b := newBackups(s.site, func() []configs.Camera { return nil }, slog.New(slog.NewTextHandler(log, nil)))
		b.now = func() time.Time { return now }
		b.begin(d)
		turn := func() string {
			t.Helper()
			now = now.Add(backupEach)
			b.turn(t.Context())
			return strings.Join(b.status().Sentences, "\n")
		}
		empty := durabletest.Fill(t, stick)
		if said := turn(); !strings.Contains(said, "no backup is made") || !strings.Contains(said, "is full: make room on it, or take another") || len(files()) > 0 {
			t.Errorf("full: %q, %q", said, files())
		}
		empty()
		if said := turn(); said != "" || len(files()) != 1 {
			t.Fatalf("with room again: %q, %q", said, files())
		}

		image := backing(t, stick)
		database := b.maker.Database
		b.maker.Database = func(ctx context.Context, name string) (copies.Snapshot, error) {
			durabletest.AsRoot(t, "umount", "-l", stick)
			return database(ctx, name)
		}
		now = now.AddDate(0, 0, 1)
		if said := turn(); !strings.Contains(said, "no backup is made") || !strings.Contains(said, "the last one is of") || len(files()) > 0 {
			t.Errorf("pulled: %q, %q", said, files())
		}
		b.maker.Database = database
		if said := turn(); !strings.Contains(said, "its disk is probably not mounted; mount it") {
			t.Errorf("away: %q", said)
		}
		durabletest.AsRoot(t, "mount", "-o", "loop", image, stick)
		if said := turn(); said != "" {
			t.Errorf("there again: %q", said)
		}
		left, list := files(), b.status().Copies
		if len(left) != 2 || len(list) != 2 || list[0].Cut || list[1].Cut {
			t.Errorf("on the stick are %q, in the list %+v", left, list)
		}
	})
}

// backing is the file that a mounted image lies in.
func backing(t *testing.T, dir string) string {
	t.Helper()
	device, err := exec.Command("findmnt", "-no", "SOURCE", dir).Output()
	must(t, err)
	file, err := exec.Command("losetup", "-nO", "BACK-FILE", strings.TrimSpace(string(device))).Output()
	must(t, err)
	return strings.TrimSpace(string(file))
}
