package main

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/configs"
	"varuh/retention"
	"varuh/retention/copies"
)

// A copy is removed and overdue by what is certain of the present: a clock that jumps forward takes none, and one that
// shows 1970 silences nothing. What is overdue is entered once.
func TestBackupsGoByCertain(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	s.cfg.Backup = configs.Backup{To: otherDisk(t), Every: configs.Duration(24 * time.Hour), Keep: retention.Term{Days: 3}}
	b := newBackups(s.site, func() []configs.Camera { return nil }, slog.New(slog.DiscardHandler))
	wall := time.Now()
	present := retention.Present{Certain: wall}
	b.now, b.present, b.once = func() time.Time { return wall }, func() retention.Present { return present }, e.enterOnce
	b.begin(d)
	turn := func(files int, said string) {
		t.Helper()
		b.turn(t.Context())
		if got := filesOf(t, s.cfg.Backup.To); len(got) != files {
			t.Errorf("left are %v, want %d", got, files)
		}
		if got := strings.Join(b.status().Sentences, "\n"); (got == "") != (said == "") || !strings.Contains(got, said) {
			t.Errorf("said %q, want %q", got, said)
		}
	}
	turn(1, "")
	wall = wall.AddDate(10, 0, 0) // it jumps forward, and is not believed
	turn(2, "destroy")
	for _, c := range b.list {
		must(t, os.Remove(c.Path()))
	}
	must(t, os.Mkdir(s.cfg.Backup.To+"/kept", 0o700))
	present.Certain, wall = present.Certain.AddDate(0, 0, 4), time.Unix(60, 0) // and then shows 1970
	first := copies.Copy{}
	for range 3 {
		b.turn(t.Context())
		if list := b.status().Copies; first.ID == 0 {
			first = list[0]
		}
		if got := strings.Join(b.status().Sentences, "\n"); !strings.Contains(got, first.Sentence()) {
			t.Errorf("by a clock of 1970 nobody is told of an overdue copy: %q", got)
		}
		wall = wall.Add(backupEach)
	}
	if n := count1(ops(t, d), "incident.open"); n != 1 {
		t.Errorf("%d incidents for one copy that is overdue: %v", n, ops(t, d))
	}
}
