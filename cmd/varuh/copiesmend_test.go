package main

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/retention"
	"varuh/retention/copies"
)

// A copy that root takes out of the list is in it again after the next start, which says so and opens an incident.
func TestCopiesArePutRight(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	usb := filepath.Join(t.TempDir(), "usb")
	must(t, os.Mkdir(usb, 0o700))
	var made copies.Copy
	s.with(t, func(d *diary.Diary) {
		keep, err := retention.ParseTerm("35d")
		must(t, err)
		made, err = s.backupMaker(d, func() []configs.Camera { return nil }).Make(t.Context(), copies.Order{Dir: usb, Keep: keep})
		must(t, err)
		wrong, err := mendCopies(t.Context(), d)
		if must(t, err); len(wrong) > 0 {
			t.Errorf("nobody changed anything: %q", wrong)
		}
	})
	db, err := sql.Open("sqlite3", diaryFile(s.cfg.State))
	must(t, err)
	_, err = db.Exec(`DELETE FROM copies`)
	must(t, err)
	must(t, db.Close())
	log := newTap()
	s.with(t, func(d *diary.Diary) {
		b := newBackups(s.site, func() []configs.Camera { return nil }, slog.New(slog.NewTextHandler(log, nil)))
		b.now = time.Now
		b.begin(d)
		b.mend(t.Context(), d)
		b.look(t.Context())
		st := b.status()
		if len(st.Copies) != 1 || st.Copies[0] != made || !strings.Contains(strings.Join(st.Sentences, "\n"), "somebody changed the list of copies") {
			t.Errorf("%+v", st)
		}
		var ops []string
		for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
			must(t, err)
			ops = append(ops, e.Op)
		}
		if all := strings.Join(ops, " "); !strings.HasSuffix(all, "backup backup.mended incident.open") {
			t.Error(all)
		}
	})
	s.with(t, func(d *diary.Diary) {
		if wrong, err := mendCopies(t.Context(), d); err != nil || len(wrong) > 0 {
			t.Errorf("at the next start: %q, %v", wrong, err)
		}
	})
}
